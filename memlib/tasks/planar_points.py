"""Problems on points in the unit square whose answer is a row of points: what hulls and tours share.

Every point is told with a label, a one-hot vector, and the answer is given in labels. Labels are drawn anew for each
sequence, so that what a label stands for can only be known from the sequence. `memlib.tasks.convex_hull` draws an
example.

Paper and code differ in how labels are drawn, how the end of the points is marked and how the answer ends. Each is an
option of `PointTask`.

Source: le2020, Sec. 3.3, App. H
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from memlib.tasks.checks import whole_number
from memlib.tasks.choices import ChoiceTask
from memlib.tasks.episode import Episode

LABELS = ("any", "first", "index")
# How the authors' code has it: 22 classes, labels of the first n, both marks of an end.
OFFICIAL: dict[str, Any] = {"labels": "first", "end_row": True, "end_label": True}


class Problems(NamedTuple):
    """Points with their answers, all of one size.

    Attributes:
        points: in the unit square, [count, points, 2].
        answers: places of points, from 0, in the order of the answer, then -1, [count, points].
    """

    points: Float[Tensor, "count points two"]
    answers: Int[Tensor, "count points"]

    def rows(self, at: Sequence[int] | Tensor) -> "Problems":
        """Some of them, by their numbers."""
        rows = torch.as_tensor(at)
        return Problems(self.points[rows], self.answers[rows])


def padded(answers: Sequence[Sequence[int]], width: int) -> Int[Tensor, "count width"]:
    """Answers as rows of one width, -1 behind each."""
    return torch.tensor([[*answer, *[-1] * (width - len(answer))] for answer in answers])


@dataclass(frozen=True)
class PointTask(ChoiceTask):
    """Points and labels in, labels out. Of the scores ``steps`` is the paper's accuracy.

    All sequences of a batch have one number of points.

    Attributes:
        sizes: numbers of points, equally likely.
        most: labels that there are, N_max; the paper has 20.
        labels: how points get them: "any" (different ones out of all, the paper's reading), "first" (a permutation of
            the first n, as the code trains) or "index" (the point's own place, as the code tests).
        end_row: whether the last point has a flag and a row of zeros follows, as in the code.
        end_label: whether the answer ends with a label of its own, as in the code, and not with its first point again.
    """

    sizes: tuple[int, ...] = (5,)
    most: int = 20
    labels: str = "any"
    end_row: bool = False
    end_label: bool = False

    def __post_init__(self) -> None:
        name = type(self).__name__
        whole_number("most", self.most, 3)
        try:
            sizes = tuple(whole_number("each of sizes", size, 3) for size in self.sizes)
        except TypeError:
            raise TypeError(f"{name}: expected sizes as whole numbers, such as (5, 10); got {self.sizes!r}.") from None
        if not sizes or max(sizes) > self.most:
            raise ValueError(f"{name}: expected sizes from 3 to most = {self.most}, got {sizes}.")
        if self.labels not in LABELS:
            raise ValueError(f"{name}: expected labels in {', '.join(LABELS)}; got {self.labels!r}.")
        object.__setattr__(self, "sizes", sizes)

    @property
    def width_out(self) -> int:
        """The labels; in front of them the flag of the end, behind them the end's own label, where there are any."""
        return self.end_row + self.most + self.end_label

    @property
    def choices(self) -> int:
        """As many as an output has numbers."""
        return self.width_out

    @property
    def width_in(self) -> int:
        """Two coordinates and as many numbers as an output has."""
        return 2 + self.width_out

    def solve(self, points: Float[Tensor, "count points two"]) -> Int[Tensor, "count points"]:
        """The answers, as in `Problems`."""
        raise NotImplementedError

    def problems(self, size: int, count: int, generator: torch.Generator) -> Problems:
        """New problems with their answers, to be kept as a data set.

        Args:
            size: points in each.
            count: how many.
            generator: of the points, uniform in the unit square.
        """
        points = torch.rand(whole_number("count", count, 1), size, 2, generator=generator, dtype=torch.float64)
        return Problems(points, self.solve(points))

    def draw(self, batch: int, generator: torch.Generator) -> Episode:
        """A batch of new problems of one size, which is drawn for the batch.

        Args:
            batch: how many.
            generator: of the size, the points and the labels.
        """
        size = self.sizes[int(torch.randint(len(self.sizes), (), generator=generator))]
        return self.encode(self.problems(size, batch, generator), generator)

    def encode(self, problems: Problems, generator: torch.Generator) -> Episode:
        """A batch of given problems.

        Args:
            problems: with their answers.
            generator: of the labels.

        Raises:
            ValueError: there are more points than labels.
        """
        points, answers = problems
        batch, size, _ = points.shape
        if size > self.most:
            raise ValueError(f"{type(self).__name__}: expected at most {self.most} points, got {size}.")
        lengths = (answers >= 0).sum(1)
        told, time = size + self.end_row, size + self.end_row + int(lengths.max()) + 1
        labels = self._labels(batch, size, generator)
        inputs = torch.zeros(batch, time, self.width_in)
        inputs[:, :size, :2] = points.to(inputs.dtype)
        inputs[:, :size, 2:] = functional.one_hot(labels, self.width_out)
        if self.end_row:
            inputs[:, size - 1, 2] = 1
        wanted = labels.gather(1, answers.clamp(min=0))
        wanted = torch.cat([wanted, wanted.new_zeros(batch, 1)], 1)
        last = torch.full_like(lengths, self.width_out - 1) if self.end_label else wanted[:, 0]
        wanted = wanted.scatter(1, lengths.unsqueeze(1), last.unsqueeze(1))[:, : time - told]
        scored = torch.arange(time - told) <= lengths.unsqueeze(1)
        targets = torch.zeros(batch, time, self.width_out)
        targets[:, told:] = functional.one_hot(wanted, self.width_out) * scored.unsqueeze(2)
        mask = torch.zeros(batch, time, dtype=torch.bool)
        mask[:, told:] = scored
        return Episode(inputs, targets, mask)

    def _labels(self, batch: int, size: int, generator: torch.Generator) -> Tensor:
        if self.labels == "index":
            return torch.arange(size).expand(batch, -1) + self.end_row
        among = self.most if self.labels == "any" else size
        return torch.rand(batch, among, generator=generator).argsort(1)[:, :size] + self.end_row

    def decode(self, outputs: Tensor, episode: Episode) -> tuple[Tensor, Tensor]:
        """What was told, and what was answered, in places of points.

        Args:
            outputs: as the targets.
            episode: with the inputs.

        Returns:
            The points [batch, points, 2], and at each step of the answer the place of the point that was named, -1 for
            a label that no point has and -2 for the label of the end, [batch, steps].
        """
        named = episode.inputs[..., 2 + self.end_row : 2 + self.end_row + self.most]
        size = int(named[0].any(-1).sum())
        labels = named[:, :size].argmax(2) + self.end_row
        chosen = outputs[:, size + self.end_row :].argmax(2)
        match = chosen.unsqueeze(2) == labels.unsqueeze(1)
        places = match.int().argmax(2).masked_fill(~match.any(2), -1)
        if self.end_label:
            places = places.masked_fill(chosen == self.width_out - 1, -2)
        return episode.inputs[:, :size, :2], places
