"""Nth farthest: vectors with labels; which of them is the n-th farthest from a given one?

One drawn sequence of `NthFarthest(vectors=3, width=2)`, a row for each step; n counts from 0, the farthest, and stands
as a one-hot vector, as do the labels. n and the label asked from are told at every step::

    vector         label   n       from    answer
    -0.9   0.4     0 1 0   0 1 0   1 0 0
     0.8   0.1     1 0 0   0 1 0   1 0 0
     0.5  -0.6     0 0 1   0 1 0   1 0 0   0 0 1    scored at the last step alone

Label 0 stands at (0.8, 0.1): label 1 is 1.73 away from it, label 2 is 0.76 away, and label 0 itself is 0 away. The
farthest but one (n = 1) is label 2.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from memlib.tasks.checks import whole_number
from memlib.tasks.choices import ChoiceTask
from memlib.tasks.episode import Episode


@dataclass(frozen=True)
class NthFarthest(ChoiceTask):
    """Name the vector at a rank of distance.

    Who guesses is right once in ``vectors`` times.

    Attributes:
        vectors: how many, and so how many labels; the paper has 8.
        width: of a vector; the paper has 16.

    Source: le2020, Sec. 3.1
    """

    vectors: int = 8
    width: int = 16

    def __post_init__(self) -> None:
        whole_number("vectors", self.vectors, 2)
        whole_number("width", self.width, 1)

    @classmethod
    def small(cls) -> "NthFarthest":
        """The smaller form on which the paper's TPR baseline succeeds: 4 vectors of 8 numbers.

        Source: le2020, App. E
        """
        return cls(vectors=4, width=8)

    @property
    def choices(self) -> int:
        """The labels."""
        return self.vectors

    @property
    def width_in(self) -> int:
        """The vector, its label, n, and the label asked from."""
        return self.width + 3 * self.vectors

    @property
    def width_out(self) -> int:
        """The labels."""
        return self.vectors

    def draw(self, batch: int, generator: torch.Generator) -> Episode:
        """A batch of sequences.

        Args:
            batch: how many.
            generator: of the vectors in [-1, 1), the labels, n and the label asked from.
        """
        count = self.vectors
        vectors = 2 * torch.rand(batch, count, self.width, generator=generator) - 1
        labels = torch.rand(batch, count, generator=generator).argsort(1)
        n = torch.randint(count, (batch,), generator=generator)
        asked = torch.randint(count, (batch,), generator=generator)
        return self.episode(vectors, labels, n, asked)

    def episode(
        self,
        vectors: Float[Tensor, "batch vectors width"],
        labels: Int[Tensor, "batch vectors"],
        n: Int[Tensor, " batch"],
        asked: Int[Tensor, " batch"],
    ) -> Episode:
        """The batch of given sequences.

        Args:
            vectors: in the order in which they are told.
            labels: of each vector, every row a permutation.
            n: the rank asked for, 0 for the farthest.
            asked: the label asked from.
        """
        count = self.vectors
        told = [functional.one_hot(labels, count)]
        told += [functional.one_hot(one, count).unsqueeze(1).expand(-1, count, -1) for one in (n, asked)]
        inputs = torch.cat([vectors, *(part.to(vectors.dtype) for part in told)], 2)
        targets = torch.zeros(len(vectors), count, count, dtype=vectors.dtype)
        answers = nth_farthest(vectors, labels, n, asked)
        targets[:, -1] = functional.one_hot(answers, count).to(vectors.dtype)
        mask = torch.zeros(len(vectors), count, dtype=torch.bool)
        mask[:, -1] = True
        return Episode(inputs, targets, mask)


def nth_farthest(
    vectors: Float[Tensor, "batch vectors width"],
    labels: Int[Tensor, "batch vectors"],
    n: Int[Tensor, " batch"],
    asked: Int[Tensor, " batch"],
) -> Int[Tensor, " batch"]:
    """The label of the vector that is n-th farthest from the one asked from, which is itself at the last rank.

    Arguments as of `NthFarthest.episode`.
    """
    rows = torch.arange(len(vectors), device=vectors.device)
    place = (labels == asked.unsqueeze(1)).int().argmax(1)
    distances = (vectors - vectors[rows, place].unsqueeze(1)).square().sum(2)
    order = distances.argsort(1, descending=True)
    return labels[rows, order[rows, n]]
