"""Exercise: one step of the modern Hopfield network."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import associative


def _case(name: str, seed: int, *lead: int, items: int, width: int, beta: float) -> Case:
    draw = Draw(seed)
    return Case(name, (draw.real(*lead, width), draw.real(items, width), beta), batch=bool(lead))


def _cases() -> list[Case]:
    return [
        _case("one state", 131, items=4, width=3, beta=0.7),
        _case("as many patterns as entries", 132, items=3, width=3, beta=1.6),
        _case("a batch of 5 states", 133, 5, items=4, width=3, beta=0.5),
        _case("two batch dimensions", 134, 2, 4, items=3, width=6, beta=0.3),
        _large_beta(171),
        _case("a batch and a large beta", 255, 3, items=4, width=6, beta=2000.0),
    ]


def _large_beta(seed: int) -> Case:
    """Two scores far above what an exponential can bear and 1 apart, so that both patterns take part; the rest far
    below 0."""
    case = _case("a large beta", seed, items=4, width=3, beta=2000.0)
    state, patterns, beta = case.inputs
    apart = (patterns[0] - patterns[1]) @ state - 1 / beta
    patterns[1] += apart * state / (state @ state)
    return case


def _scores(state: Tensor, patterns: Tensor) -> Tensor:
    return state @ patterns.mT


def _naive(state: Tensor, patterns: Tensor, beta: float) -> Tensor:
    return _share((beta * _scores(state, patterns)).exp()) @ patterns


def _share(positive: Tensor) -> Tensor:
    return positive / positive.sum(-1, keepdim=True)


_MISTAKES = (
    Mistake(
        "no-beta",
        lambda s, p, b: associative.modern_hopfield_update(s, p, 1.0),
        "Beta is not used: the patterns always compete as if it were 1.",
        "Beta multiplies the scores before the softmax.",
    ),
    Mistake(
        "beta-outside",
        lambda s, p, b: b * associative.modern_hopfield_update(s, p, 1.0),
        "Beta stands outside the softmax: it stretches the result instead of sharpening the choice.",
        "The weights must sum to 1 for every beta. Move it inside.",
    ),
    Mistake(
        "divided-by-beta",
        lambda s, p, b: associative.modern_hopfield_update(s, p, 1 / b),
        "You divided by beta: that is a temperature. Here a large beta makes the choice sharper.",
        "Multiply the scores by beta.",
    ),
    Mistake(
        "argmax",
        lambda s, p, b: p[_scores(s, p).argmax(-1)],
        "You took the one best pattern. That is the limit of a large beta; for a finite one all patterns take part.",
        "Replace the choice by weights: a softmax over the patterns.",
    ),
    Mistake(
        "no-softmax",
        lambda s, p, b: b * _scores(s, p) @ p,
        "The scores are used as weights directly: that is the linear memory of this chapter, with all its crosstalk.",
        "Put a softmax between the scores and the sum of patterns.",
    ),
    Mistake(
        "softmax-axis",
        lambda s, p, b: (b * _scores(s, p)).softmax(0) @ p,
        "Right for one state, but with a batch the softmax runs over the states: they compete with each other.",
        "The patterns compete. They are the last axis of the scores: `softmax(-1)`.",
    ),
    Mistake(
        "weights-only",
        lambda s, p, b: (b * _scores(s, p)).softmax(-1),
        "Those are the weights, one for each pattern. The new state is the weighted sum of the patterns.",
        "One more product, with `patterns`.",
    ),
    Mistake(
        "scaled-by-root",
        lambda s, p, b: associative.modern_hopfield_update(s, p, b / s.shape[-1] ** 0.5),
        "You divided the scores by the root of the width, as attention in a Transformer does. Here beta alone sets the "
        "scale.",
        "Leave the root out: beta may hold it.",
    ),
    Mistake(
        "cosine",
        lambda s, p, b: (b * _scores(associative.unit(s), associative.unit(p))).softmax(-1) @ p,
        "You compared directions (cosines). The energy of this network uses plain dot products.",
        "Leave state and patterns as long as they come.",
    ),
    Mistake(
        "overflow",
        _naive,
        "Right while beta is small. With beta = 2000 the exponential overflows, and infinity over infinity is NaN.",
        "Use `torch.softmax`, or take the largest score away before the exponential: the weights stay the same.",
    ),
    Mistake(
        "clamped",
        lambda s, p, b: _share((b * _scores(s, p)).clamp(max=700).exp()) @ p,
        "You cut the scores off before the exponential. That keeps it finite, but all the scores above the cut become "
        "equal, and their patterns get equal weights.",
        "Take the largest score away instead: differences stay what they are, and no exponential overflows.",
    ),
    Mistake(
        "shared-largest",
        lambda s, p, b: _share((b * _scores(s, p) - (b * _scores(s, p)).max()).exp()) @ p,
        "You took away the largest score of the whole batch. A state whose own scores are all far below it gets "
        "exponentials of 0 only, and 0 over 0 is NaN.",
        "Each state takes away its own largest score: `amax(-1, keepdim=True)`.",
    ),
)

MODERN_HOPFIELD = Exercise(
    name="hopfield_step",
    check="modern_hopfield",
    arguments=("state", "patterns", "beta"),
    reference=associative.modern_hopfield_update,
    cases=_cases,
    example=Case(
        "by hand",
        (torch.tensor([1.0, 0.0]).double(), torch.tensor([[1.0, 1.0], [0.0, 1.0], [1.0, -2.0]]).double(), 0.5),
    ),
    mistakes=_MISTAKES,
    lesson="A softmax between score and sum turns the linear memory into attention.",
)


def check_modern_hopfield(function: Callable[..., Any]) -> Card:
    """Check `hopfield_step(state [..., d], patterns [n, d], beta: float) -> [..., d]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(MODERN_HOPFIELD, function)
