"""Chapter 1, the exercise on capacity: right and wrong answers."""

import math

import numpy as np
import torch

from memlib.exercises import ch01
from tests.exercises.answers import Answers


def capacity(dim, error):
    n = 1
    while math.sqrt(n / dim) <= error:
        n += 1
    return n


CAPACITY = Answers(
    ch01.check_capacity,
    capacity,
    (
        ("not-squared", lambda dim, error: int(dim * error) + 1),
        ("off-by-one", lambda dim, error: int(dim * error**2)),
        ("rounded-up", lambda dim, error: math.ceil(dim * error**2 + 1)),
        ("rounded", lambda dim, error: round(dim * error**2 + 1)),
        ("float", lambda dim, error: dim * error**2 + 1),
        ("float-floored", lambda dim, error: np.floor(dim * error**2 + 1)),
        ("strict", lambda dim, error: math.ceil(dim * error**2 + 1) - 1),
        ("root-of-dim", lambda dim, error: int(error * dim**0.5 + 1)),
        ("squared-both", lambda dim, error: int((error * dim) ** 2) + 1),
        ("one-too-many", lambda dim, error: int(dim * error**2) + 2),
        ("type", lambda dim, error: torch.tensor(dim * error**2 + 1).floor()),
        ("type", lambda dim, error: math.sqrt((dim - 1) / error)),
        ("wrong-value", lambda dim, error: 7),
    ),
)
