"""Exercise: how many pairs fit under a given error of recall."""

import math
from collections.abc import Callable
from itertools import count
from typing import Any

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.mechanisms import associative

# (dim, error): in some the bound is met exactly, by fractions that are exact in binary.
_SETTINGS = ((100, 0.33), (16, 0.5), (64, 0.2), (512, 0.1), (256, 0.25), (1000, 0.07), (50, 0.05), (30, 1.3))


def _cases() -> list[Case]:
    return [Case(f"dim = {dim} and error = {error}", (dim, error)) for dim, error in _SETTINGS]


def _largest(dim: int, error: float) -> int:
    """By trial, from the library's law of the noise."""
    return next(n for n in count(1) if associative.crosstalk_variance(n + 1, dim) > error**2)


_MISTAKES = (
    Mistake(
        "float",
        lambda dim, error: dim * error**2 + 1,
        "The formula is right, but the number of pairs is a whole number; you returned a float, and did not round it.",
        "The largest whole number that does not exceed it: `math.floor`.",
    ),
    Mistake(
        "float-floored",
        lambda dim, error: float(_largest(dim, error)),
        "The right number, as a float.",
        "Make it an int: `int(...)`, or `math.floor` instead of NumPy's floor.",
    ),
    Mistake(
        "off-by-one",
        lambda dim, error: _largest(dim, error) - 1,
        "One too few: a pair does not disturb itself, so n pairs bring only n - 1 disturbances.",
        "What is the error with a single pair in the memory?",
    ),
    Mistake(
        "not-squared",
        lambda dim, error: math.floor(dim * error) + 1,
        "You solved (n - 1)/dim <= error. The error is the root of that quotient: halving the error costs four times "
        "the width.",
        "Square both sides before you solve for n.",
    ),
    Mistake(
        "root-of-dim",
        lambda dim, error: math.floor(error * math.sqrt(dim)) + 1,
        "You took the root of dim, but not of n - 1: both stand under it.",
        "Square both sides before you solve for n.",
    ),
    Mistake(
        "squared-both",
        lambda dim, error: math.floor((dim * error) ** 2) + 1,
        "You squared the width as well. Capacity grows in proportion to the width, not to its square.",
        "Only the error stands alone on its side when you square.",
    ),
    Mistake(
        "rounded-up",
        lambda dim, error: math.ceil(dim * error**2) + 1,
        "You rounded up: with that many pairs the error is already above the limit.",
        "The largest n that still fits: round down.",
    ),
    Mistake(
        "rounded",
        lambda dim, error: round(dim * error**2) + 1,
        "You rounded to the nearest: sometimes that is up, and then the error is above the limit.",
        "The largest n that still fits: round down.",
    ),
    Mistake(
        "strict",
        lambda dim, error: math.ceil(dim * error**2),
        "Nearly: where the error meets the limit exactly, the pair still fits. The law says at most, not below.",
        "Try dim = 16 and error = 0.5 by hand.",
    ),
    Mistake(
        "one-too-many",
        lambda dim, error: _largest(dim, error) + 1,
        "One too many: with that many pairs the error is above the limit.",
        "Put your answer back into the law and see.",
    ),
)

CAPACITY = Exercise(
    name="capacity",
    arguments=("dim", "error"),
    reference=_largest,
    cases=_cases,
    example=Case("by hand", (100, 0.33)),
    mistakes=_MISTAKES,
    lesson="Capacity is proportional to the width, and to the square of the error that you bear.",
)


def check_capacity(function: Callable[..., Any]) -> Card:
    """Check `capacity(dim: int, error: float) -> int`, the largest n with sqrt((n - 1)/dim) <= error.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(CAPACITY, function)
