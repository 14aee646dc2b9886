"""Chapter 10, the exercises with pencil and paper: right and wrong answers."""

import math

import torch

from memlib.exercises import ch10
from tests.exercises.answers import Answers


def best_decay(age):
    return (1 - 1 / (1 + age)) ** 0.5


def by_search(age):
    tried = torch.linspace(0, 1, 100_001, dtype=torch.float64)
    return tried[(tried**age * (1 - tried)).argmax()].sqrt().item()


BEST_DECAY = Answers(
    ch10.check_best_decay,
    best_decay,
    (
        ("squared", lambda age: age / (age + 1)),
        ("one-younger", lambda age: math.sqrt(1 - 1 / age)),
        ("approximation", lambda age: (2 * age - 1) / (2 * age)),
        ("exponential", lambda age: math.e ** (-0.5 / age)),
        ("time-constant", lambda age: (age - 1) / age),
        ("complement", lambda age: (age + 1) ** -0.5),
        ("not-doubled", lambda age: math.sqrt(1 - 2 / (age + 2))),
        ("not-squared", lambda age: age / (age + 0.5)),
        ("doubled-twice", lambda age: math.sqrt(age / (age + 0.5))),
        ("reciprocal", lambda age: math.sqrt(1 + 1 / age)),
        ("reciprocal", lambda age: 1 + 1 / age),
        ("precision", by_search),
        ("type", lambda age: round(age / (age + 1))),
        ("type", lambda age: torch.tensor(age / (age + 1)).sqrt()),
        ("wrong-value", lambda age: 0.9),
    ),
)


def stable_strength(key):
    return 2 / sum(x.item() ** 2 for x in key)


STABLE_STRENGTH = Answers(
    ch10.check_stable_strength,
    stable_strength,
    (
        ("replaces", lambda key: 1 / (key @ key).item()),
        ("not-squared", lambda key: 2 / key.norm().item()),
        ("unit-key", lambda key: 2.0),
        ("inverse", lambda key: 0.5 * (key @ key).item()),
        ("multiplied", lambda key: 2 * key.square().sum().item()),
        ("mean-square", lambda key: 2 / key.square().mean().item()),
        ("capped", lambda key: min(1.0, 2 / (key @ key).item())),
        ("too-careful", lambda key: 0.5 / (key @ key).item()),
        ("other-norm", lambda key: 2 / key.norm(p=1).item() ** 2),
        ("other-norm", lambda key: 2 / max(abs(x.item()) for x in key) ** 2),
        ("type", lambda key: 2 / (key @ key)),
        ("wrong-value", lambda key: 3 / (key @ key).item()),
    ),
)
