"""Exercise: a softmax that leaves places out."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import attention


def _case(name: str, seed: int, keep: list[bool] | list[list[bool]]) -> Case:
    mask = torch.tensor(keep)
    return Case(name, (Draw(seed).real(*mask.shape), mask), batch=mask.ndim > 1)


def _given(name: str, scores: list[float], keep: list[bool]) -> Case:
    return Case(name, (torch.tensor(scores, dtype=torch.float64), torch.tensor(keep)))


def _cases() -> list[Case]:
    return [
        _case("four places, one left out", 411, [True, True, False, True]),
        _case("one place left", 412, [False, True, False]),
        _case("nothing left out", 413, [True, True, True]),
        _given("large scores", [800.0, 798.0, 801.5, -700.0], [True, True, True, True]),
        _given("a large score at a masked place", [0.5, 2600.0, -1.5], [True, False, True]),
        _given("scores far below zero", [-20000.0, 0.5, -20001.5], [True, False, True]),
        _case("a batch of two", 415, [[True, True, False], [False, True, True]]),
    ]


def _summed(raised: Tensor) -> Tensor:
    return raised / raised.sum(-1, keepdim=True)


_MISTAKES = (
    Mistake(
        "no-mask",
        lambda e, m: e.softmax(-1),
        "The mask is not used: places that are not there get weight.",
        "What must stand in the place of a score so that its exponential is 0?",
    ),
    Mistake(
        "not-renormalised",
        lambda e, m: e.softmax(-1) * m,
        "The weights at masked places are 0, but the others no longer add up to 1: their share was given away first.",
        "Leave the places out before the sum, not after it.",
    ),
    Mistake(
        "zero-scores",
        lambda e, m: (e * m).softmax(-1),
        "You set the masked scores to 0. The exponential of 0 is 1: such a place still gets weight.",
        "Which score has the exponential 0?",
    ),
    Mistake(
        "inverted",
        lambda e, m: e.masked_fill(m, -torch.inf).softmax(-1),
        "The mask is turned round: you left out what may be read. True means that a place may be read.",
        "`~mask` is the opposite of `mask`.",
    ),
    Mistake(
        "wrong-axis",
        lambda e, m: e.masked_fill(~m, -torch.inf).softmax(0),
        "The weights add up to 1 over the first axis, not over the places.",
        "The places are the last axis: -1.",
    ),
    Mistake(
        "whole-batch",
        lambda e, m: e.masked_fill(~m, -torch.inf).flatten().softmax(0).view_as(e),
        "The weights of the whole batch add up to 1. Each row needs a sum of its own.",
        "`sum(-1, keepdim=True)`.",
    ),
    Mistake(
        "overflow",
        lambda e, m: _summed(e.exp() * m),
        "That overflows: the exponential of a large score is infinite, and infinite by infinite is no number.",
        "Take the largest score away from all before the exponential. The quotient stays the same.",
    ),
    Mistake(
        "overflow",
        lambda e, m: _summed(e.masked_fill(~m, -torch.inf).exp()),
        "That overflows: the exponential of a large score is infinite, and infinite by infinite is no number.",
        "Take the largest score away from all before the exponential. The quotient stays the same.",
    ),
    Mistake(
        "masked-maximum",
        lambda e, m: _summed((e - e.amax(-1, keepdim=True)).exp() * m),
        "The largest of all scores was taken away, the masked ones too; a softmax does that by itself. If that one is "
        "far above the rest, all exponentials vanish, and the sum is 0.",
        "Mask first, then look for the largest.",
    ),
    Mistake(
        "finite-number",
        lambda e, m: e.masked_fill(~m, -1e4).softmax(-1),
        "You put a large negative number in the place of masked scores. Where the scores that count are lower still, "
        "the masked place wins.",
        "Below every number is only `-torch.inf`.",
    ),
    Mistake(
        "finite-difference",
        lambda e, m: (e - 1e3 * ~m).softmax(-1),
        "You took a number away from masked scores. A masked score may be larger than the others by more than that.",
        "Do not move the masked score, replace it: by `-torch.inf`.",
    ),
    Mistake(
        "zero-times-infinity",
        lambda e, m: (e - torch.inf * ~m).softmax(-1),
        "You multiplied the mask by infinity. Where it is 0 that is 0 times infinity, which is no number, and the "
        "softmax hands it to all places.",
        "Choose between two numbers, with `torch.where` or `masked_fill`; do not multiply.",
    ),
    Mistake(
        "log",
        lambda e, m: e.masked_fill(~m, -torch.inf).log_softmax(-1),
        "Those are the logarithms of the weights.",
        "`softmax`, not `log_softmax`.",
    ),
    Mistake(
        "shares",
        lambda e, m: _summed(e * m),
        "You divided the scores by their sum. Scores may be negative, and weights may not.",
        "The exponential comes first.",
    ),
)

MASKED_SOFTMAX = Exercise(
    name="masked_softmax",
    arguments=("scores", "mask"),
    reference=attention.attention_weights,
    cases=_cases,
    example=Case("by hand", (torch.tensor([0.0, 5.0, 0.0]).double(), torch.tensor([True, False, True]))),
    mistakes=_MISTAKES,
    lesson="A place is left out by a score of minus infinity: before the sum, so that the rest still adds up to 1.",
    advice="Masked places get weight 0, the others add up to 1, and twice the weight stays twice the weight.",
)


def check_masked_softmax(function: Callable[..., Any]) -> Card:
    """Check `masked_softmax(scores [..., n], mask [..., n]) -> [..., n]`, True where a place may be read.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(MASKED_SOFTMAX, function)
