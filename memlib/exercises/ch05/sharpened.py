"""Exercise: sharpen weights, with any power."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw


def _case(name: str, seed: int, *, slots: int, power: float, empty: int = 0) -> Case:
    weights = Draw(seed).real(slots)
    weights[:empty] = float("-inf")
    return Case(name, (weights.softmax(-1), power))


def _cases() -> list[Case]:
    return [
        _case("six slots", 531, slots=6, power=2.0),
        _case("a power that is no whole number", 532, slots=5, power=3.5),
        _case("two slots of weight 0", 533, slots=7, power=1.5, empty=2),
        _case("128 slots and a power of 400", 534, slots=128, power=400.0),
    ]


def _sharp(weights: Tensor, power: float) -> Tensor:
    raised = (weights / weights.max()) ** power
    return raised / raised.sum()


_MISTAKES = (
    Mistake(
        "underflow",
        lambda w, p: w**p / (w**p).sum(),
        "Right for small powers. With a large one all weights become 0, and 0/0 is NaN: 0.1 to the power 400 is "
        "smaller than any number that fits.",
        "The weights may be divided by a common number before they are raised. Which one keeps the largest alive?",
    ),
    Mistake(
        "small-number-below",
        lambda w, p: w**p / ((w**p).sum() + 1e-12),
        "NaN is kept away, by a small number below or by hand; but with a large power every weight is 0: the head "
        "looks nowhere, and the weights do not add up to 1.",
        "Divide the weights by the largest of them first. It cancels, and the largest stays 1.",
    ),
    Mistake(
        "not-normalised",
        lambda w, p: w**p,
        "Raised, but not divided by the sum: the weights no longer add up to 1.",
        "Divide by the sum of the raised weights.",
    ),
    Mistake(
        "largest-is-one",
        lambda w, p: (w / w.max()) ** p,
        "Your largest weight is 1, and the sum is more. You divided by the largest, and not yet by the sum.",
        "One more division, after raising.",
    ),
    Mistake(
        "softmax",
        lambda w, p: torch.softmax(p * w, -1),
        "You took a softmax of the weights. It would make exp(γ w) of them, and w^γ is exp(γ log w).",
        "A softmax is right for the logarithms of the weights. What is that of a weight of 0?",
    ),
    Mistake(
        "multiplied",
        lambda w, p: p * w / (p * w).sum(),
        "You multiplied by the power, and the division takes that out again. Nothing is sharper.",
        "`**` raises.",
    ),
    Mistake(
        "root",
        lambda w, p: (w / w.max()) ** (1 / p) / ((w / w.max()) ** (1 / p)).sum(),
        "You took a root: that makes the weights flatter.",
        "The power itself is the exponent.",
    ),
    Mistake(
        "hard",
        lambda w, p: torch.nn.functional.one_hot(w.argmax(), len(w)).to(w.dtype),
        "You kept only the largest. That is what an infinite power does, and it has no slope.",
        "Raise to the power, then divide by the sum.",
    ),
)

SHARPENED = Exercise(
    name="sharpened",
    arguments=("weights", "power"),
    reference=_sharp,
    cases=_cases,
    example=Case("by hand", (torch.tensor([0.2, 0.2, 0.6]).double(), 2.0)),
    mistakes=_MISTAKES,
    lesson="What cancels may be chosen freely; choose it so that the largest number is 1.",
    advice="Divide by the largest weight, raise, divide by the sum.",
)


def check_sharpened(function: Callable[..., Any]) -> Card:
    """Check `sharpened(weights [slots], power: float) -> [slots]`, for any power.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(SHARPENED, function)
