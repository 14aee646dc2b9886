"""Chapter 2, the exercise on the number of copies: right and wrong answers."""

import math
from fractions import Fraction

import numpy as np
import torch

from memlib.exercises import ch02
from tests.exercises.answers import Answers


def copies_needed(items, dim, noise):
    """Exactly: a float is a fraction."""
    others, bound = Fraction(items - 1), Fraction(noise)
    if others <= bound:
        return 1
    share = bound / others - Fraction(1, dim)
    return math.ceil((1 - Fraction(1, dim)) / share) if share > 0 else None


def condition_solved(items, dim, noise):
    """One copy, no copy, or the number of copies before it is rounded."""
    others = items - 1
    if others <= noise:
        return 1, None
    return (None, None) if noise <= others / dim else (None, (dim - 1) / (noise / others * dim - 1))


def rounded_by(function):
    def needed(items, dim, noise):
        simple, copies = condition_solved(items, dim, noise)
        return simple if copies is None else function(copies)

    return needed


def without_floor(items, dim, noise):
    return max(1, math.ceil((items - 1) / noise))


def with_n(items, dim, noise):
    if noise <= items / dim:
        return None
    return math.ceil((1 - 1 / dim) / (noise / items - 1 / dim))


def never_none(items, dim, noise):
    if items == 1 or dim == 1:
        return 1
    return math.ceil((1 - 1 / dim) / (noise / (items - 1) - 1 / dim))


def strictly_below(items, dim, noise):
    return None if noise < (items - 1) / dim else math.ceil((1 - 1 / dim) / (noise / (items - 1) - 1 / dim))


def infinite(items, dim, noise):
    answer = copies_needed(items, dim, noise)
    return torch.inf if answer is None else answer


COPIES = Answers(
    ch02.check_copies,
    copies_needed,
    (
        ("forgets-floor", without_floor),
        ("forgets-floor", lambda items, dim, noise: math.ceil((items - 1) / noise)),
        ("uses-n", with_n),
        ("uses-n", lambda items, dim, noise: copies_needed(items + 1, dim, noise)),
        ("rounded-down", rounded_by(int)),
        ("rounded", rounded_by(round)),
        ("one-too-many", rounded_by(lambda copies: int(copies) + 1)),
        ("float", rounded_by(float)),
        ("float-rounded", rounded_by(np.ceil)),
        ("never-none", never_none),
        ("never-none", lambda items, dim, noise: max(1, never_none(items, dim, noise))),
        ("infinity", infinite),
        ("wrong-value", lambda items, dim, noise: copies_needed(items, dim, noise) or 0),
        ("wrong-value", lambda items, dim, noise: None if items == 9 else copies_needed(items, dim, noise)),
        ("type", lambda items, dim, noise: 2.5),
        ("never-none", lambda items, dim, noise: math.ceil((1 - 1 / dim) / (noise / (items - 1) - 1 / dim))),
        ("exception", strictly_below),
    ),
)
