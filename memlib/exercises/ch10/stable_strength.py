"""Exercise: the largest strength for which writing again and again does no harm."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw


def _cases() -> list[Case]:
    draw = Draw(1041)
    return [
        Case("a short key", (0.3 * draw.real(3),)),
        Case("a long key", (2.5 * draw.real(5),)),
        Case("a key with one entry", (torch.tensor([-1.5]).double(),)),
        Case("a wide key", (draw.real(64),)),
    ]


def _by_spectrum(key: Tensor) -> float:
    """A write multiplies the error by I - β k kᵀ; its only eigenvalue that β moves must not fall below -1."""
    return 2 / float(torch.linalg.eigvalsh(torch.outer(key, key)).amax())


def _length(key: Tensor) -> float:
    return float(torch.linalg.vector_norm(key))


_MISTAKES = (
    Mistake(
        "replaces",
        lambda k: 1 / _length(k) ** 2,
        "That strength replaces in one write. A larger one goes past the goal, and the error may still fall.",
        "A write multiplies the error by 1 - β|k|². How large may its modulus be?",
    ),
    Mistake(
        "not-squared",
        lambda k: 2 / _length(k),
        "The length is not squared. The key stands in a write twice: once to read, once to write.",
        "What does the write of a key of length 1/2 do, with your strength?",
    ),
    Mistake(
        "unit-key",
        lambda k: 2.0,
        "2 is right for keys of length 1 only.",
        "Read k after a write, with a key of any length.",
    ),
    Mistake(
        "inverse",
        lambda k: _length(k) ** 2 / 2,
        "The quotient stands upside down: longer keys need smaller strengths.",
        "Solve β|k|² = 2 for β.",
    ),
    Mistake(
        "multiplied",
        lambda k: 2 * _length(k) ** 2,
        "You multiplied by the squared length: longer keys need smaller strengths.",
        "Solve β|k|² = 2 for β.",
    ),
    Mistake(
        "mean-square",
        lambda k: 2 * len(k) / _length(k) ** 2,
        "You took the mean of the squares, not their sum.",
        "|k|² is k · k, a sum over all entries.",
    ),
    Mistake(
        "capped",
        lambda k: min(1.0, 2 / _length(k) ** 2),
        "You stop at 1. A short key is stable under strengths far above 1.",
        "Only β|k|² counts. How large may β be for a key of length 1/2?",
    ),
    Mistake(
        "too-careful",
        lambda k: 1 / (2 * _length(k) ** 2),
        "The 2 stands in the denominator: that strength goes half of the way in one write.",
        "Solve β|k|² = 2 for β.",
    ),
    Mistake(
        "other-norm",
        lambda k: 2 / float(k.abs().sum()) ** 2,
        "You took the sum of the sizes for the length.",
        "|k|² is k · k: square the entries first, then add.",
    ),
    Mistake(
        "other-norm",
        lambda k: 2 / float(k.abs().max()) ** 2,
        "You took the largest entry for the length.",
        "|k|² is k · k, a sum over all entries.",
    ),
)

STABLE_STRENGTH = Exercise(
    name="stable_strength",
    arguments=("key",),
    reference=_by_spectrum,
    cases=_cases,
    example=Case("by hand", (torch.tensor([0.0, 2.0]).double(),)),
    mistakes=_MISTAKES,
    lesson="Long keys make a strength of 1 unstable; that is why fast-weight networks keep their keys short.",
    advice="Read the key after one write, and see by what its error was multiplied.",
)


def check_stable_strength(function: Callable[..., Any]) -> Card:
    """Check `stable_strength(key [dk]) -> float`, the largest β with which repeated writes do not grow the error.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(STABLE_STRENGTH, function)
