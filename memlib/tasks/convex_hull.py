"""Convex hull: which points lie on the border of all of them?

One drawn sequence of `ConvexHull(sizes=(4,), most=5)`, a row for each step. The triangle of the labels 2, 0 and 4
holds the point of label 1::

    point          label        target
    0.10   0.20    0 0 1 0 0    .
    0.90   0.10    1 0 0 0 0    .
    0.40   0.30    0 1 0 0 0    .
    0.50   0.80    0 0 0 0 1    .
    0      0       0            2         counter-clockwise from the point that was told first
    0      0       0            0
    0      0       0            4
    0      0       0            2         the first one again

The order is that of the files of Vinyals et al.: counter-clockwise, beginning with the point of the hull that was told
first. The paper's phrase "sorted by coordinates" is not explained; it uses those files.

Source: le2020, Sec. 3.3, App. H
"""

from dataclasses import dataclass

from jaxtyping import Float, Int
from torch import Tensor

from memlib.tasks.planar_points import OFFICIAL, PointTask, padded


@dataclass(frozen=True)
class ConvexHull(PointTask):
    """Name the points of the hull, and close it.

    Options as of `PointTask`.
    """

    @classmethod
    def paper(cls) -> "ConvexHull":
        """5 to 20 points, 20 labels; tested on 5 and on 10 points."""
        return cls(sizes=tuple(range(5, 21)))

    @classmethod
    def official(cls) -> "ConvexHull":
        """The same as in the authors' code, which tests with ``labels="index"``."""
        return cls(sizes=tuple(range(5, 21)), **OFFICIAL)

    def solve(self, points: Float[Tensor, "count points two"]) -> Int[Tensor, "count points"]:
        """As `hull`, -1 behind each."""
        return padded([hull([(x, y) for x, y in one]) for one in points.tolist()], points.shape[1])


def hull(points: list[tuple[float, float]]) -> list[int]:
    """The corners of the convex hull, as places in the list: counter-clockwise, the lowest place first.

    Points are taken from left to right along the lower border, then from right to left along the upper one; a corner
    stays only while the border turns left there.

    Args:
        points: (x, y), at least three.

    Raises:
        ValueError: there are fewer, or all lie on a line.
    """
    if len(points) < 3:
        raise ValueError(f"hull: expected at least 3 points, got {len(points)}.")
    order = sorted(range(len(points)), key=points.__getitem__)
    lower, upper = _border(points, order), _border(points, order[::-1])
    corners = lower[:-1] + upper[:-1]
    if len(corners) < 3:
        raise ValueError("hull: expected points that do not all lie on a line.")
    first = corners.index(min(corners))
    return corners[first:] + corners[:first]


def _border(points: list[tuple[float, float]], order: list[int]) -> list[int]:
    kept: list[int] = []
    for place in order:
        while len(kept) > 1 and not _left(points[kept[-2]], points[kept[-1]], points[place]):
            kept.pop()
        kept.append(place)
    return kept


def _left(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    """Whether the way from a over b to c turns left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0
