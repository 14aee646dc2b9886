"""Exercise: the length of the shortest tour, by trying all."""

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw

Points = Sequence[Sequence[float]]


def _case(name: str, seed: int, count: int) -> Case:
    return Case(name, (Draw(seed).fraction(count, 2),))


def _cases() -> list[Case]:
    return [
        _case("four points", 941, 4),
        _case("five points", 942, 5),
        _case("six points", 943, 6),
        # Neither the nearest point, from any start, nor a walk round the middle finds this one.
        _case("six other points", 1394, 6),
        _case("three points", 944, 3),
    ]


def _along(points: Points, order: Sequence[int], closed: bool = True, leg: Callable[..., float] = math.dist) -> float:
    ends = (*order[1:], order[0]) if closed else order[1:]
    return sum(leg(points[a], points[b]) for a, b in zip(order, ends, strict=False))


def _orders(count: int) -> Iterable[tuple[int, ...]]:
    return ((0, *rest) for rest in itertools.permutations(range(1, count)))


def _shortest(points: Tensor) -> float:
    listed = points.tolist()
    return min(_along(listed, order) for order in _orders(len(listed)))


def _by_nearest(listed: Points, start: int = 0) -> list[int]:
    order, left = [start], [other for other in range(len(listed)) if other != start]
    while left:
        order.append(min(left, key=lambda other: math.dist(listed[order[-1]], listed[other])))
        left.remove(order[-1])
    return order


def _nearest(points: Tensor, closed: bool = True) -> float:
    return _along(points.tolist(), _by_nearest(points.tolist()), closed)


def _best_nearest(points: Tensor) -> float:
    listed = points.tolist()
    return min(_along(listed, _by_nearest(listed, start)) for start in range(len(listed)))


def _round_the_middle(points: Tensor) -> float:
    x, y = (points - points.mean(0)).unbind(1)
    return _along(points.tolist(), y.atan2(x).argsort().tolist())


def _root(points: Tensor) -> float:
    listed = points.tolist()
    return math.sqrt(min(_along(listed, order, leg=_squares) for order in _orders(len(listed))))


def _open(points: Tensor) -> float:
    listed = points.tolist()
    return min(_along(listed, order, closed=False) for order in itertools.permutations(range(len(listed))))


def _open_from_the_first(points: Tensor) -> float:
    listed = points.tolist()
    return min(_along(listed, order, closed=False) for order in _orders(len(listed)))


def _squares(a: Sequence[float], b: Sequence[float]) -> float:
    return math.dist(a, b) ** 2


def _blocks(a: Sequence[float], b: Sequence[float]) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _measured(leg: Callable[..., float]) -> Callable[[Tensor], float]:
    def shortest(points: Tensor) -> float:
        listed = points.tolist()
        return min(_along(listed, order, leg=leg) for order in _orders(len(listed)))

    return shortest


_MISTAKES = (
    Mistake(
        "nearest-first",
        _nearest,
        "You always went to the nearest point that was left. It is quick, and the last leg home may be long: another "
        "tour is shorter.",
        "Try all orders: `itertools.permutations`.",
    ),
    Mistake(
        "best-nearest",
        _best_nearest,
        "You always went to the nearest point that was left, from the best start. No start makes that the shortest for "
        "sure.",
        "Try all orders: `itertools.permutations`.",
    ),
    Mistake(
        "round-the-middle",
        _round_the_middle,
        "You walked round the middle, by the angle. Points at different distances from it make that a detour.",
        "Try all orders: `itertools.permutations`.",
    ),
    Mistake(
        "one-left-out",
        lambda p: _shortest(p[:-1]),
        "Your tour leaves out the last point.",
        "All points but the first stand in the permutations: `range(1, n)`.",
    ),
    Mistake(
        "as-told",
        lambda p: _along(p.tolist(), range(len(p))),
        "That is the tour in the order in which the points are given.",
        "Try all orders: `itertools.permutations`.",
    ),
    Mistake(
        "not-closed",
        _open,
        "You left out the way home: that is the shortest path through all points.",
        "The last point is followed by the first.",
    ),
    Mistake(
        "not-closed",
        _open_from_the_first,
        "You left out the way home: that is the shortest path from the first point through all others.",
        "The last point is followed by the first.",
    ),
    Mistake(
        "not-closed",
        lambda p: _nearest(p, closed=False),
        "You always went to the nearest point that was left, and left out the way home.",
        "Try all orders: `itertools.permutations`. The last point is followed by the first.",
    ),
    Mistake(
        "longest",
        lambda p: max(_along(p.tolist(), order) for order in _orders(len(p))),
        "That is the longest tour.",
        "`min` over all orders.",
    ),
    Mistake(
        "mean",
        lambda p: sum(_along(p.tolist(), order) for order in _orders(len(p))) / math.factorial(len(p) - 1),
        "That is the mean over all tours: what somebody walks who goes as the dice say.",
        "`min` over all orders.",
    ),
    Mistake(
        "squares",
        _measured(_squares),
        "You added up squared distances.",
        "The root of each leg's square, before they are added.",
    ),
    Mistake(
        "root-of-the-sum",
        _root,
        "You took one root of all squares together. Each leg has a root of its own.",
        "The root of each leg's square, before they are added.",
    ),
    Mistake(
        "blocks",
        _measured(_blocks),
        "You walked along the axes: |x| + |y| of each leg.",
        "`math.dist`, or the norm of the difference.",
    ),
)

TOUR_LENGTH = Exercise(
    name="tour_length",
    arguments=("points",),
    reference=_shortest,
    cases=_cases,
    example=_case("by hand", 940, 3),
    mistakes=_MISTAKES,
    lesson="Five points have 12 tours, ten have 181,440, twenty more than 10¹⁶: nobody checks those this way.",
    advice="Keep the first point first, try every order of the others, close the tour, and take the smallest length.",
)


def check_tour_length(function: Callable[..., Any]) -> Card:
    """Check `tour_length(points [n, 2]) -> float`, the length of the shortest closed tour through all points.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(TOUR_LENGTH, function)
