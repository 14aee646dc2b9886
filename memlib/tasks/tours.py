"""The shortest tour through all points, the travelling salesman's problem.

One drawn sequence of `Tours(sizes=(4,), most=5)`, a row for each step; labels stand for their one-hot vectors::

    point          label    target
    0.10   0.20    2        .
    0.90   0.10    0        .
    0.80   0.90    1        .
    0.20   0.70    4        .
    0      0                2         from the point that was told first
    0      0                0         counter-clockwise
    0      0                1
    0      0                4
    0      0                2         the first one again

A tour can be walked both ways. Here it is counter-clockwise; in the files of Vinyals et al. it is as their solver left
it. So steps are right or wrong by a convention, and the length of the tour is the fairer figure.

Source: le2020, Sec. 3.3, App. H
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from memlib.tasks.episode import Episode
from memlib.tasks.planar_points import OFFICIAL, PointTask

# The search keeps a number for every set of points and every last one of them.
LARGEST = 12


@dataclass(frozen=True)
class Tours(PointTask):
    """Name the points of the shortest tour, and close it.

    Options as of `PointTask`.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if max(self.sizes) > LARGEST:
            raise ValueError(f"Tours: expected at most {LARGEST} points, for an exact search; got {max(self.sizes)}.")

    @classmethod
    def paper(cls) -> "Tours":
        """5 to 10 points, 20 labels; tested on 5 and on 10 points."""
        return cls(sizes=tuple(range(5, 11)))

    @classmethod
    def official(cls) -> "Tours":
        """As in the authors' code: 5 or 10 points, from two files; it tests with ``labels="index"``."""
        return cls(sizes=(5, 10), **OFFICIAL)

    def solve(self, points: Float[Tensor, "count points two"]) -> Int[Tensor, "count points"]:
        """As `shortest`."""
        return shortest(points)

    def score(self, outputs: Tensor, episode: Episode) -> dict[str, float]:
        """As `memlib.tasks.choices.figures`, and lengths.

        Returns:
            Besides those: ``optimal`` (mean length of the right tours), ``length`` (as the authors' code measures, see
            `walked`), ``legal`` (answers that are tours, per cent) and ``legal_length`` (mean over these alone; 0 where
            there is none).
        """
        points, answered = self.decode(outputs, episode)
        _, right = self.decode(episode.targets, episode)
        size = points.shape[1]
        legal = is_tour(answered, size)
        tours = length(points[legal], answered[legal][:, :size])
        return {
            **super().score(outputs, episode),
            "optimal": length(points, right[:, :size]).mean().item(),
            "length": walked(points, answered).mean().item(),
            "legal": 100 * legal.double().mean().item(),
            "legal_length": tours.mean().item() if legal.any() else 0.0,
        }


def length(points: Float[Tensor, "count points two"], tours: Int[Tensor, "count points"]) -> Float[Tensor, " count"]:
    """Of closed tours, given as places of points."""
    along = points.gather(1, tours.unsqueeze(2).expand(-1, -1, 2))
    return (along - along.roll(-1, 1)).norm(dim=2).sum(1)


def is_tour(answered: Int[Tensor, "count steps"], size: int) -> Bool[Tensor, " count"]:
    """Whether every point is named once, and then the first one or the label of the end.

    Args:
        answered: from `PointTask.decode`.
        size: points of a problem; only the first size + 1 steps count.
    """
    all_once = answered[:, :size].sort(1).values == torch.arange(size, device=answered.device)
    closed = (answered[:, size] == answered[:, 0]) | (answered[:, size] == -2)
    return all_once.all(1) & closed


def walked(points: Float[Tensor, "count points two"], answered: Int[Tensor, "count steps"]) -> Float[Tensor, " count"]:
    """How long the way is that was answered, be it a tour or not, as the authors' code measures it.

    A leg leads from each of the first n answers to the next. Where no point is meant (no point's label, or the end's),
    a leg leads to the first point, and starts from the last one. So a short way that leaves points out counts, too.

    Args:
        points: of the problems.
        answered: from `PointTask.decode`, at least n + 1 steps.
    """
    size = points.shape[1]
    start, end = answered[:, :size], answered[:, 1 : size + 1]
    start, end = start.masked_fill(start < 0, size - 1), end.clamp(min=0)
    legs = [points.gather(1, places.unsqueeze(2).expand(-1, -1, 2)) for places in (start, end)]
    return (legs[0] - legs[1]).norm(dim=2).sum(1)


def shortest(points: Float[Tensor, "count points two"]) -> Int[Tensor, "count points"]:
    """The shortest tours, exactly, by Held and Karp: from the first point, counter-clockwise.

    The best way from the first point through a set of others to one of them prolongs the best way through the set
    without that one. Sets grow by one point at a time; time and memory grow as n² 2ⁿ.

    Args:
        points: 3 to 12 in each problem.

    Raises:
        ValueError: there are fewer or more.
    """
    count, size, _ = points.shape
    if not 3 <= size <= LARGEST:
        raise ValueError(f"shortest: expected 3 to {LARGEST} points, got {size}.")
    # In double precision: ways of nearly one length must not be taken for each other. Problems stand in the last axis.
    distances = torch.cdist(points.double(), points.double(), compute_mode="donot_use_mm_for_euclid_dist")
    distances = distances.permute(1, 2, 0).contiguous()
    others = size - 1
    cost = distances.new_full((1 << others, others, count), math.inf)
    before = torch.zeros_like(cost, dtype=torch.long)
    for last in range(others):
        cost[1 << last, last] = distances[0, last + 1]
    for members in range(2, others + 1):
        sets = [one for one in range(1 << others) if one.bit_count() == members]
        for last in range(others):
            these = [one for one in sets if one >> last & 1]
            without = [one ^ 1 << last for one in these]
            cost[these, last], before[these, last] = (cost[without] + distances[1:, last + 1]).min(1)
    rows, left = torch.arange(count), torch.full((count,), (1 << others) - 1)
    place = (cost[-1] + distances[1:, 0]).argmin(0)
    found = [place]
    for _ in range(others - 1):
        place, left = before[left, place, rows], left ^ (1 << place)
        found.append(place)
    ways = torch.stack(found, 1) + 1
    first = torch.zeros_like(ways[:, :1])
    return torch.cat([first, torch.where(_left(points, ways).unsqueeze(1), ways, ways.flip(1))], 1)


def _left(points: Tensor, ways: Tensor) -> Tensor:
    """Whether a tour from the first point is counter-clockwise: whether its area has a positive sign."""
    corners = torch.cat([points[:, :1], points.gather(1, ways.unsqueeze(2).expand(-1, -1, 2))], 1)
    x, y = corners.unbind(2)
    return (x * y.roll(-1, 1) - x.roll(-1, 1) * y).sum(1) > 0
