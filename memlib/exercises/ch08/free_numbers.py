"""Exercise: how many free numbers one outer-product attention holds."""

from collections.abc import Callable
from typing import Any

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake


def _case(name: str, *given: int) -> Case:
    return Case(name, given)


def _cases() -> list[Case]:
    return [
        _case("three pairs", 3, 10, 10),
        _case("eight pairs of width 96", 8, 96, 96),
        _case("values narrower than keys", 4, 12, 7),
        _case("one pair", 1, 5, 8),
        _case("more pairs than entries", 20, 6, 9),
        _case("more pairs than the values have entries", 7, 9, 4),
    ]


def _free(pairs: int, width: int, depth: int) -> int:
    rank = min(pairs, width, depth)
    return rank * (width + depth - rank)


_MISTAKES = (
    Mistake(
        "entries",
        lambda n, d, v: d * v,
        "Those are the entries. With few pairs most of them follow from the others: all rows are mixtures of n values.",
        "How many numbers does x ⊗ v take, with one pair?",
    ),
    Mistake(
        "both-vectors",
        lambda n, d, v: min(n, d, v) * (d + v),
        "You counted the entries of x and v. Twice the one and half the other give the same product: some of these "
        "numbers do not show.",
        "One pair: x may be scaled, and v the other way. With r pairs, r times r numbers do not show.",
    ),
    Mistake(
        "scale-only",
        lambda n, d, v: min(n, d, v) * (d + v - 1),
        "You took away one number for each pair. With several pairs they can be mixed as well: X Aᵀ and A⁻¹ V give the "
        "same sum for any invertible A.",
        "A has r times r numbers.",
    ),
    Mistake(
        "no-limit",
        lambda n, d, v: n * (d + v - n),
        "You let n grow beyond the rank that a matrix of this size can have.",
        "The rank is at most the smallest of n, d and dv.",
    ),
    Mistake(
        "rank",
        lambda n, d, v: min(n, d, v),
        "That is the rank.",
        "How many numbers does a matrix of that rank have to give?",
    ),
    Mistake(
        "share",
        lambda n, d, v: d * v // n,
        "You divided the entries among the pairs. The question is how many of them are free.",
        "Start with one pair.",
    ),
    Mistake(
        "both-vectors-of-all",
        lambda n, d, v: n * (d + v),
        "You counted the entries of every x and v. Twice the one and half the other give the same product: some of "
        "these numbers do not show. And they may be more than the matrix has entries.",
        "One pair: x may be scaled, and v the other way. With r pairs, r times r numbers do not show.",
    ),
    Mistake(
        "scale-only-of-all",
        lambda n, d, v: n * (d + v - 1),
        "You took away one number for each pair. With several pairs they can be mixed as well, and the rank ends at "
        "the smallest of n, d and dv.",
        "X Aᵀ and A⁻¹ V give the same sum for any invertible A, which has r times r numbers.",
    ),
    Mistake(
        "scale-only-capped",
        lambda n, d, v: min(n * (d + v - 1), d * v),
        "You took away one number for each pair. With several pairs they can be mixed as well: X Aᵀ and A⁻¹ V give the "
        "same sum for any invertible A.",
        "A has r times r numbers. Below, no cap on the entries is needed then.",
    ),
    Mistake(
        "rank-of-keys",
        lambda n, d, v: min(n, d) * (d + v - min(n, d)),
        "You let the rank be as large as n and d allow. The values have only dv entries.",
        "The rank is at most the smallest of n, d and dv.",
    ),
)

FREE_NUMBERS = Exercise(
    name="free_numbers",
    arguments=("pairs", "width", "depth"),
    reference=_free,
    cases=_cases,
    example=Case("by hand", (1, 2, 2)),
    mistakes=_MISTAKES,
    lesson="A relationship between two vectors is worth as many numbers as the vectors have, less one.",
    advice="A matrix of rank r: choose r of its columns freely, and say how each other column is mixed of them.",
)


def check_free_numbers(function: Callable[..., Any]) -> Card:
    """Check `free_numbers(pairs, width, depth) -> int`, the free numbers of Σ x_j ⊗ v_j.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(FREE_NUMBERS, function)
