"""Exercise: how many copies bring the noise of a holographic memory under a bound."""

import math
from collections.abc import Callable
from itertools import count
from typing import Any

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import ANYTHING, Case, Exercise, Mistake
from memlib.mechanisms import holographic

# (items, dim, noise). Where the bound or its limit is met exactly, all numbers are exact in binary.
_SETTINGS = (
    (10, 64, 1.0),
    (9, 16, 2.375),  # 4 copies meet the bound exactly
    (100, 1000, 0.25),
    (10, 64, 0.1),  # below the floor
    (9, 16, 0.5),  # at the floor
    (1, 32, 0.5),  # nothing disturbs a single pair
    (5, 16, 4.0),  # one copy meets the bound exactly
    (5, 16, 10.0),
    (4, 1, 5.0),  # with a single entry, copies do not help: one is enough, ...
    (4, 1, 3.0),
    (4, 1, 2.0),  # ... or none is
)


def _cases() -> list[Case]:
    return [Case(f"items = {n}, dim = {d} and noise = {noise}", (n, d, noise)) for n, d, noise in _SETTINGS]


def _smallest(items: int, dim: int, noise: float) -> int | None:
    """By trial, from the library's law of the noise; None where even the law's limit for many copies is too much."""
    if holographic.retrieval_noise_variance(items, 1, dim) <= noise:
        return 1
    if noise <= (items - 1) / dim:
        return None
    return next(c for c in count(2) if holographic.retrieval_noise_variance(items, c, dim) <= noise)


def _ordinary(answer: Callable[[int, int, float], Any]) -> Callable[[int, int, float], Any]:
    """A mistake that shows where more than one copy is needed and enough, and says nothing about the other cases."""

    def only_there(items: int, dim: int, noise: float) -> Any:
        return ANYTHING if _smallest(items, dim, noise) in (None, 1) else answer(items, dim, noise)

    return only_there


def _impossible(answer: Callable[[int, int, float], Any]) -> Callable[[int, int, float], Any]:
    """A mistake that shows where no number of copies is enough; right where more than one is needed."""

    def only_there(items: int, dim: int, noise: float) -> Any:
        truth = _smallest(items, dim, noise)
        return ANYTHING if truth == 1 else truth if truth else answer(items, dim, noise)

    return only_there


def _solved(others: int, dim: int, noise: float) -> float:
    """The number of copies, not yet whole, at which `others` pairs make exactly this noise."""
    return (1 - 1 / dim) / (noise / others - 1 / dim)


def _unguarded(items: int, dim: int, noise: float) -> Any:
    """What the solved condition gives below the floor: a number below 0; it says nothing where it divides by 0."""
    return ANYTHING if dim == 1 or noise == (items - 1) / dim else math.ceil(_solved(items - 1, dim, noise))


_NEVER_NONE = (
    "You give a number of copies also where none is enough: the noise never falls below (n - 1)/d, however many "
    "copies there are. With items = 10, dim = 64 and noise = 0.1, for one, nothing helps.",
    "Solving for N_c divides by noise/(n - 1) - 1/d. What does it mean if that is 0, or below?",
)

_MISTAKES = (
    Mistake(
        "forgets-floor",
        _ordinary(lambda items, dim, noise: math.ceil((items - 1) / noise)),
        "You let the noise fall as 1/N_c all the way. Two permutations send an entry to the same place once in d "
        "times, so that a part 1/d of it never averages away.",
        "Solve with the whole of κ = 1/N_c + (1 - 1/N_c)/d.",
    ),
    Mistake(
        "uses-n",
        _ordinary(lambda items, dim, noise: math.ceil(_solved(items, dim, noise))),
        "You counted n disturbing pairs. A pair does not disturb itself, so there are n - 1.",
        "What is the noise with a single pair in the memory?",
    ),
    Mistake(
        "rounded-down",
        _ordinary(lambda items, dim, noise: math.floor(_solved(items - 1, dim, noise))),
        "You rounded down: with that many copies the noise is still above the bound.",
        "The smallest number that is enough: round up.",
    ),
    Mistake(
        "rounded",
        _ordinary(lambda items, dim, noise: round(_solved(items - 1, dim, noise))),
        "You rounded to the nearest: sometimes that is down, and then the noise is above the bound.",
        "The smallest number that is enough: round up.",
    ),
    Mistake(
        "one-too-many",
        _ordinary(lambda items, dim, noise: math.floor(_solved(items - 1, dim, noise)) + 1),
        "Nearly: where a number of copies meets the bound exactly, it is enough. You give one more.",
        "Try items = 9, dim = 16 and noise = 2.375 by hand.",
    ),
    Mistake(
        "float",
        _ordinary(lambda items, dim, noise: _solved(items - 1, dim, noise)),
        "The formula is right, but copies come whole; you returned a float, and did not round it.",
        "The smallest whole number that is not below it: `math.ceil`.",
    ),
    Mistake(
        "float-rounded",
        _ordinary(lambda items, dim, noise: float(math.ceil(_solved(items - 1, dim, noise)))),
        "The right number, as a float.",
        "Make it an int: `int(...)`, or `math.ceil` instead of NumPy's or torch's.",
    ),
    Mistake("never-none", _impossible(_unguarded), *_NEVER_NONE),
    Mistake(
        "never-none",
        _impossible(lambda *inputs: n if (n := _unguarded(*inputs)) is ANYTHING else max(1, n)),
        *_NEVER_NONE,
    ),
    Mistake(
        "infinity",
        _impossible(lambda items, dim, noise: math.inf),
        "Where no number of copies is enough you return infinity. Even infinitely many would not do below the floor, "
        "and the exercise asks for None.",
        "`return None`: whoever asked can test for it.",
    ),
)

COPIES = Exercise(
    name="copies_needed",
    check="copies",
    arguments=("items", "dim", "noise"),
    reference=_smallest,
    cases=_cases,
    example=Case("by hand", (10, 64, 1.0)),
    mistakes=_MISTAKES,
    lesson="Copies lower the noise to (n - 1)/d and no further; below that, only width or fewer pairs help.",
)


def check_copies(function: Callable[..., Any]) -> Card:
    """Check `copies_needed(items: int, dim: int, noise: float) -> int | None`.

    Wanted is the smallest N_c with (items - 1) (1/N_c + (1 - 1/N_c)/dim) <= noise, or None where there is none.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(COPIES, function)
