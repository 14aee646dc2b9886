"""Exercise: addressing by content that does not break at a slot of zeros."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import ANYTHING, Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw


def _case(name: str, seed: int, *, slots: int, width: int, strength: float, empty: int = 0) -> Case:
    draw = Draw(seed)
    memory, key = 5 * draw.real(slots, width), 3 * draw.real(width)
    memory[:empty] = 0
    return Case(name, (memory, key, strength))


def _no_key() -> Case:
    memory, _, strength = _case("", 514, slots=5, width=4, strength=6.0).inputs
    return Case("a key of zeros", (memory, torch.zeros(4, dtype=torch.float64), strength))


def _cases() -> list[Case]:
    return [
        _case("five slots", 511, slots=5, width=4, strength=2.5),
        _case("nine slots with a large strength", 512, slots=9, width=3, strength=12.0),
        _case("six slots, two of them empty", 513, slots=6, width=5, strength=4.0, empty=2),
        _no_key(),
    ]


def _dots(memory: Tensor, key: Tensor) -> Tensor:
    return memory @ key


def _norms(memory: Tensor) -> Tensor:
    return memory.square().sum(-1).sqrt()


def _or_one(number: Tensor) -> Tensor:
    return torch.where(number > 0, number, 1.0)


def _cosines(memory: Tensor, key: Tensor) -> Tensor:
    return _dots(memory, key) / (_or_one(_norms(memory)) * _or_one(_norms(key)))


def _found(memory: Tensor, key: Tensor, strength: float) -> Tensor:
    return torch.softmax(strength * _cosines(memory, key), -1)


def _plain(memory: Tensor, key: Tensor) -> Tensor:
    return _dots(memory, key) / (_norms(memory) * _norms(key))


def _zeros_left_out(memory: Tensor, key: Tensor, strength: float) -> Any:
    if not bool(key.any()):
        return ANYTHING
    return (strength * _cosines(memory, key)).masked_fill(_norms(memory) == 0, -torch.inf).softmax(-1)


_MISTAKES = (
    Mistake(
        "zero-by-zero",
        lambda m, k, b: torch.softmax(b * _plain(m, k), -1),
        "Right as long as no vector is zero. A slot of zeros gives 0/0, which is NaN, and the softmax hands it to all "
        "slots. A memory that starts at zero does this at the first step.",
        "Where a length is 0, divide by something else: the product above it is 0 anyway.",
    ),
    Mistake(
        "no-cosine",
        lambda m, k, b: torch.softmax(b * _dots(m, k), -1),
        "You compared by the dot product. Then a long slot wins, whatever its direction.",
        "Divide by the lengths of slot and key.",
    ),
    Mistake(
        "key-not-scaled",
        lambda m, k, b: torch.softmax(b * _dots(m, k) / _or_one(_norms(m)), -1),
        "You divided by the lengths of the slots, not by that of the key: a longer key acts like a larger strength.",
        "The cosine has both lengths below.",
    ),
    Mistake(
        "slots-not-scaled",
        lambda m, k, b: torch.softmax(b * _dots(m, k) / _or_one(_norms(k)), -1),
        "You divided by the length of the key, not by those of the slots: a long slot wins, whatever its direction.",
        "The cosine has both lengths below; the slots' are one number for each row.",
    ),
    Mistake(
        "squared-lengths",
        lambda m, k, b: torch.softmax(
            b * _dots(m, k) / (_or_one(_norms(m).square()) * _or_one(_norms(k).square())), -1
        ),
        "You divided by the squared lengths.",
        "A vector and itself must have cosine 1. Take the roots.",
    ),
    Mistake(
        "strength-left-out",
        lambda m, k, b: torch.softmax(_cosines(m, k), -1),
        "The strength is not used. Cosines are never above 1, so without it no slot can stand out.",
        "Multiply the cosines by it, before the softmax.",
    ),
    Mistake(
        "strength-afterwards",
        lambda m, k, b: b * torch.softmax(_cosines(m, k), -1),
        "You multiplied by the strength after the softmax: the weights no longer add up to 1.",
        "The strength belongs inside.",
    ),
    Mistake(
        "divided-by-strength",
        lambda m, k, b: torch.softmax(_cosines(m, k) / b, -1),
        "You divided by the strength. It is no temperature: a larger one must point more sharply.",
        "Multiply.",
    ),
    Mistake(
        "no-softmax",
        lambda m, k, b: b * _cosines(m, k),
        "Those are the scores. Weights are positive and add up to 1.",
        "One softmax is missing.",
    ),
    Mistake(
        "share-of-cosines",
        lambda m, k, b: _cosines(m, k) / _cosines(m, k).sum(),
        "You divided the cosines by their sum. Some are negative, and weights must not be.",
        "A softmax makes positive weights of any numbers.",
    ),
    Mistake(
        "zeros-left-out",
        _zeros_left_out,
        "You gave a slot of zeros the weight 0. Its cosine should be 0: that is less like the key than some slots, and "
        "more than those that point away from it.",
        "Only the quotient 0/0 is to be mended, before the softmax: let it be 0.",
    ),
    Mistake(
        "mended-afterwards",
        lambda m, k, b: torch.softmax(b * _plain(m, k), -1).nan_to_num(),
        "You replaced NaN after the softmax. One NaN among the cosines makes all weights NaN, so all of them become 0.",
        "Mend the cosine of the slot of zeros, before the softmax.",
    ),
    Mistake(
        "one-length",
        lambda m, k, b: torch.softmax(b * _dots(m, k) / (m.square().sum().sqrt() * _or_one(_norms(k))), -1),
        "You divided by the length of the whole memory. Each slot has a length of its own.",
        "Take the norm along the last axis.",
    ),
)

FIND = Exercise(
    name="find",
    arguments=("memory", "key", "strength"),
    reference=_found,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[3.0, 0.0], [0.0, 0.0], [0.0, 2.0]]).double(),
            torch.tensor([5.0, 0.0]).double(),
            1.0,
        ),
    ),
    mistakes=_MISTAKES,
    lesson="An empty slot is similar to nothing, and does not spoil the others.",
    advice="Take the dot products, divide by both lengths, multiply by the strength, and let a softmax decide.",
)


def check_find(function: Callable[..., Any]) -> Card:
    """Check `find(memory [slots, width], key [width], strength: float) -> [slots]`, safe for vectors of zeros.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(FIND, function)
