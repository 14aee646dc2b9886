"""Exercise: the decay that recalls pairs of one age best."""

import math
from collections.abc import Callable
from typing import Any

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import ANYTHING, Case, Exercise, Mistake

_AGES = (20, 1, 3, 100, 0)


def _cases() -> list[Case]:
    return [Case(f"age = {age}", (age,)) for age in _AGES]


def _by_bisection(age: int) -> float:
    """Where the slope of x^a (1 - x) in x = λ² changes its sign."""
    low, high = 0.0, 1.0
    for _ in range(80):
        x = (low + high) / 2
        rises = age * (1 - x) > x
        low, high = (x, high) if rises else (low, x)
    return math.sqrt(low) if age else 0.0


def _from_one(formula: Callable[[int], float]) -> Callable[[int], Any]:
    """A formula that says nothing about age 0."""
    return lambda age: formula(age) if age else ANYTHING


_MISTAKES = (
    Mistake(
        "squared",
        lambda age: _by_bisection(age) ** 2,
        "That is λ². The error holds λ only squared, so it is easy to forget that λ itself is asked for.",
        "Take the root.",
    ),
    Mistake(
        "one-younger",
        _from_one(lambda age: math.sqrt((age - 1) / age)),
        "That is the best decay for a pair one step younger. The pair just written has age 0.",
        "Which decay is best at age 0? And at age 1: must it then be 0?",
    ),
    Mistake(
        "approximation",
        _from_one(lambda age: 1 - 1 / (2 * age)),
        "That is close where the age is large, but it is not the exact minimum.",
        "Set the derivative of x^a (1 - x) to 0, with x = λ².",
    ),
    Mistake(
        "exponential",
        _from_one(lambda age: math.exp(-1 / (2 * age))),
        "That is close where the age is large: it is the decay after which 1/e is left of λ^(2a). The exact minimum is "
        "a quotient under a root.",
        "Set the derivative of x^a (1 - x) to 0, with x = λ².",
    ),
    Mistake(
        "time-constant",
        _from_one(lambda age: 1 - 1 / age),
        "You set the time constant 1/(1 - λ) to the age. The best memory reaches about twice as far.",
        "Write the error down as a function of x = λ², and look for its minimum.",
    ),
    Mistake(
        "complement",
        lambda age: math.sqrt(1 / (age + 1)),
        "That is the root of 1 - λ²: the older the pair, the faster your memory would fade.",
        "x^a (1 - x): which of the two factors wants x near 1?",
    ),
    Mistake(
        "not-doubled",
        lambda age: math.sqrt(age / (age + 2)),
        "You took the derivative of λ^a (1 - λ²), or lost the factor 2 of the exponent: the error holds λ^(-2a).",
        "Write x for λ² everywhere: then it is x^(-a) / (1 - x).",
    ),
    Mistake(
        "not-squared",
        lambda age: 2 * age / (2 * age + 1),
        "You took the minimum of λ^(-2a) / (1 - λ). The denominator holds λ², not λ.",
        "Write x for λ² everywhere: then it is x^(-a) / (1 - x).",
    ),
    Mistake(
        "doubled-twice",
        lambda age: math.sqrt(2 * age / (2 * age + 1)),
        "With x = λ² the power is x^a, not x^(2a): the 2 of the exponent is in x already.",
        "Make x^a (1 - x) as large as possible.",
    ),
    Mistake(
        "reciprocal",
        _from_one(lambda age: math.sqrt((age + 1) / age)),
        "The quotient stands upside down: your memory would grow with each step.",
        "A decay lies between 0 and 1. Solve for x once more.",
    ),
    Mistake(
        "reciprocal",
        _from_one(lambda age: (age + 1) / age),
        "The quotient stands upside down, and it is λ², not λ: your memory would grow with each step.",
        "A decay lies between 0 and 1. Solve for x = λ² once more, then take the root.",
    ),
)

BEST_DECAY = Exercise(
    name="best_decay",
    arguments=("age",),
    reference=_by_bisection,
    cases=_cases,
    example=Case("by hand", (1,)),
    mistakes=_MISTAKES,
    lesson="A memory reaches as far back as its decay lets it; for twice the reach each step must lose half as much.",
    advice="With x = λ² the error is smallest where x^a (1 - x) is largest. Take the derivative.",
)


def check_best_decay(function: Callable[..., Any]) -> Card:
    """Check `best_decay(age: int) -> float`, the decay with the smallest error of recall at that age.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(BEST_DECAY, function)
