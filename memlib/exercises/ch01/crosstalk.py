"""Exercise: what the other pairs add when each stored key is read."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import associative


def _case(name: str, seed: int, items: int, width_key: int, width_value: int) -> Case:
    draw = Draw(seed)
    return Case(name, (associative.unit(draw.real(items, width_key)), draw.real(items, width_value)))


def _cases() -> list[Case]:
    return [
        _case("4 pairs", 111, 4, 6, 3),
        _case("more pairs than the keys are wide", 112, 5, 3, 2),
        _case("as many pairs as the keys and values are wide", 113, 4, 4, 4),
    ]


def _recalled(keys: Tensor, values: Tensor) -> Tensor:
    return associative.recall(associative.store(keys, values), keys)


def _earlier(keys: Tensor, values: Tensor, sign: int) -> Tensor:
    """The part of the crosstalk from pairs on one side: those written before (1) or after (-1)."""
    position = torch.arange(len(keys))
    seen = (position[:, None] - position) * sign > 0
    return ((keys @ keys.mT) * seen) @ values


_MISTAKES = (
    Mistake(
        "recall-itself",
        _recalled,
        "That is all of what is recalled, the pair's own value included. Crosstalk is only what the other pairs add.",
        "In the matrix of key products, what stands on the diagonal, and which pair does it belong to?",
    ),
    Mistake(
        "sign",
        lambda keys, values: -associative.crosstalk(keys, values),
        "The right size, with the sign turned: you subtracted what is recalled from the value.",
        "Crosstalk is what comes on top: recalled = value + crosstalk. Solve for it.",
    ),
    Mistake(
        "earlier-pairs-only",
        lambda keys, values: _earlier(keys, values, 1),
        "You counted only the pairs written before each one. The pairs written after it disturb it just as much.",
        "The order of writing does not matter to a sum: take every j except i.",
    ),
    Mistake(
        "later-pairs-only",
        lambda keys, values: _earlier(keys, values, -1),
        "You counted only the pairs written after each one. Those written before it disturb it just as much.",
        "The order of writing does not matter to a sum: take every j except i.",
    ),
    Mistake(
        "mean",
        lambda keys, values: associative.crosstalk(keys, values) / (len(keys) - 1),
        "You averaged over the other pairs. A memory adds them up: with more pairs the crosstalk grows.",
        "Sum, do not divide.",
    ),
    Mistake(
        "mean-over-all",
        lambda keys, values: associative.crosstalk(keys, values) / len(keys),
        "You divided by the number of pairs. A memory adds them up: with more pairs the crosstalk grows.",
        "Sum, do not divide.",
    ),
    Mistake(
        "recall-of-mean",
        lambda keys, values: _recalled(keys, values) / len(keys) - values,
        "You divided the memory by the number of pairs, then took the values away.",
        "The memory is the sum of the outer products, not their mean.",
    ),
    Mistake(
        "absolute",
        lambda keys, values: associative.crosstalk(keys, values).abs(),
        "You took the absolute value. Crosstalk has a sign: contributions of two pairs may cancel.",
        "Return the signed difference.",
    ),
    Mistake(
        "length-only",
        lambda keys, values: associative.crosstalk(keys, values).norm(dim=-1),
        "You returned the length of each pair's crosstalk. The exercise asks for the vector itself.",
        "One row of width dv for each pair: stop before the norm.",
    ),
    Mistake(
        "values-back",
        lambda keys, values: values,
        "That is each pair's own value: what would be recalled without any crosstalk. The exercise asks for the rest.",
        "Recall gives value plus crosstalk; which of the two is left when the other is taken away?",
    ),
)

CROSSTALK = Exercise(
    name="crosstalk",
    arguments=("keys", "values"),
    reference=associative.crosstalk,
    cases=_cases,
    example=Case(
        "by hand",
        (torch.tensor([[1.0, 0.0], [0.6, 0.8]]).double(), torch.tensor([[10.0, 0.0, 0.0], [0.0, 5.0, 0.0]]).double()),
    ),
    mistakes=_MISTAKES,
    lesson="Each other pair leaks in by the overlap of its key with the one that is read.",
)


def check_crosstalk(function: Callable[..., Any]) -> Card:
    """Check `crosstalk(keys [n, dk], values [n, dv]) -> [n, dv]`; the keys have length 1.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(CROSSTALK, function)
