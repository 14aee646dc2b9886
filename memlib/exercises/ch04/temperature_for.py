"""Exercise: the temperature at which the best of n places gets a given share of the weight."""

import math
from collections.abc import Callable
from typing import Any

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import ANYTHING, Case, Exercise, Mistake

_GIVEN = ((2.0, 10, 0.9), (1.0, 2, 0.8), (0.5, 1000, 0.5), (3.0, 40, 0.99))


def _cases() -> list[Case]:
    return [Case(f"gap = {gap}, n = {n}, share = {share}", (gap, n, share)) for gap, n, share in _GIVEN]


def _by_bisection(gap: float, n: int, share: float) -> float:
    """The share falls as the temperature rises; it is looked for in the exponent gap / T."""
    low, high = 0.0, 60.0
    for _ in range(200):
        middle = (low + high) / 2
        got = 1 / (1 + (n - 1) * math.exp(-middle))
        low, high = (middle, high) if got < share else (low, middle)
    return gap / low


def _odds(share: float) -> float:
    return share / (1 - share)


def _quotient(gap: float, exponent: float) -> Any:
    return gap / exponent if exponent else ANYTHING


_MISTAKES = (
    Mistake(
        "reciprocal",
        lambda gap, n, share: math.log((n - 1) * _odds(share)) / gap,
        "That is 1/T: the number by which the scores are multiplied, not divided.",
        "The larger the gap, the higher the temperature may be.",
    ),
    Mistake(
        "two-places",
        lambda gap, n, share: _quotient(gap, math.log(_odds(share))),
        "That is right for two places. With n there are n - 1 others, and each takes a little.",
        "Write the sum under the fraction out: how often does the weaker score stand in it?",
    ),
    Mistake(
        "n-others",
        lambda gap, n, share: _quotient(gap, math.log(n * _odds(share))),
        "You counted n others. The best place is one of the n.",
        "There are n - 1 others.",
    ),
    Mistake(
        "divided-by-others",
        lambda gap, n, share: _quotient(gap, math.log(_odds(share) / (n - 1))),
        "The n - 1 stands on the wrong side: more places need a lower temperature, not a higher one.",
        "1 / share = 1 + (n - 1) exp(-gap / T). Solve once more.",
    ),
    Mistake(
        "odds-turned",
        lambda gap, n, share: _quotient(gap, math.log((n - 1) / _odds(share))),
        "The odds are turned: you took (1 - share) / share.",
        "A larger share needs a lower temperature.",
    ),
    Mistake(
        "no-odds",
        lambda gap, n, share: _quotient(gap, math.log((n - 1) * share)),
        "You divided by nothing: the best place has share, the others together have 1 - share.",
        "share / (1 - share) stands in the logarithm.",
    ),
    Mistake(
        "binary-logarithm",
        lambda gap, n, share: gap / math.log2((n - 1) * _odds(share)),
        "That is the logarithm to base 2. The softmax uses e.",
        "`math.log`.",
    ),
    Mistake(
        "multiplied",
        lambda gap, n, share: gap * math.log((n - 1) * _odds(share)),
        "You multiplied by the logarithm. It is gap / T that must equal it.",
        "Solve gap / T = log(...) for T.",
    ),
    Mistake(
        "no-logarithm",
        lambda gap, n, share: gap / ((n - 1) * _odds(share)),
        "The logarithm is missing: the gap stands in an exponent.",
        "exp(gap / T) = (n - 1) share / (1 - share). Now take the logarithm.",
    ),
    Mistake(
        "negative",
        lambda gap, n, share: -gap / math.log((n - 1) * _odds(share)),
        "The sign is turned: a temperature is positive.",
        "exp(-gap / T) = (1 - share) / ((n - 1) share).",
    ),
)

TEMPERATURE_FOR = Exercise(
    name="temperature_for",
    arguments=("gap", "n", "share"),
    reference=_by_bisection,
    cases=_cases,
    example=Case("by hand", (1.0, 2, 0.75)),
    mistakes=_MISTAKES,
    lesson="A longer source needs sharper scores, but only by the logarithm of its length.",
    advice="Divide numerator and denominator of the best weight by its own exponential, then solve for T.",
)


def check_temperature_for(function: Callable[..., Any]) -> Card:
    """Check `temperature_for(gap: float, n: int, share: float) -> float`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(TEMPERATURE_FOR, function)
