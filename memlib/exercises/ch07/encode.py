"""Exercise: a sentence as one vector that knows the order of its words."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms.memory_network import position_encoding, position_weights


def _case(name: str, seed: int, words: int, width: int) -> Case:
    return Case(name, (Draw(seed).real(words, width),))


def _cases() -> list[Case]:
    return [
        _case("four words of width 6", 711, 4, 6),
        _case("seven words of width 3", 712, 7, 3),
        _case("one word", 713, 1, 5),
        _case("two words of width 2", 714, 2, 2),
    ]


def _encoded(words: Tensor) -> Tensor:
    return position_encoding(words, position_weights(words.shape[0], words.shape[1], words.dtype))


def _places(words: Tensor, first: int = 1) -> tuple[Tensor, Tensor]:
    j = torch.arange(first, first + words.shape[0], dtype=words.dtype)
    return j[:, None], torch.arange(first, first + words.shape[1], dtype=words.dtype)


def _counted_from_zero(words: Tensor) -> Tensor:
    j, k = _places(words, 0)
    rows, width = words.shape
    return (((1 - j / rows) - (k / width) * (1 - 2 * j / rows)) * words).sum(0)


def _one_factor(words: Tensor) -> Tensor:
    j, _ = _places(words)
    return ((1 - j / words.shape[0]) * words).sum(0)


def _sign(words: Tensor) -> Tensor:
    j, k = _places(words)
    rows, width = words.shape
    return (((1 - j / rows) + (k / width) * (1 - 2 * j / rows)) * words).sum(0)


def _two_left_out(words: Tensor) -> Tensor:
    j, k = _places(words)
    return ((1 - j / words.shape[0]) * (1 - k / words.shape[1]) * words).sum(0)


def _entries_from_zero(words: Tensor) -> Tensor:
    j, k = _places(words)
    rows, width = words.shape
    return (((1 - j / rows) - ((k - 1) / width) * (1 - 2 * j / rows)) * words).sum(0)


_MISTAKES = (
    Mistake(
        "bag",
        lambda w: w.sum(0),
        "You added the words as they are. That is a bag of words: every order of them gives the same sum.",
        "Multiply word j by its weights l_j before you add.",
    ),
    Mistake(
        "counted-from-zero",
        _counted_from_zero,
        "You counted j and k from 0. The weights are written for places that are counted from 1.",
        "`torch.arange(1, J + 1)`.",
    ),
    Mistake(
        "mean",
        lambda w: _encoded(w) / len(w),
        "You took the mean over the words. The sentence is their sum.",
        "`sum`, not `mean`.",
    ),
    Mistake(
        "one-factor",
        _one_factor,
        "Only the first part of the weight is there: all entries then fall alike, and none rises.",
        "The second part, (k/d)(1 - 2j/J), is what turns the line from entry to entry.",
    ),
    Mistake(
        "sign",
        _sign,
        "The second part of the weight was added. It is taken away.",
        "Check the last entry, k = d: its weight must be j/J.",
    ),
    Mistake(
        "two-left-out",
        _two_left_out,
        "The 2 is missing: (1 - j/J) - (k/d)(1 - j/J) falls over the words for every entry, and none rises.",
        "The second part is (k/d)(1 - 2j/J). Check the last entry, k = d: its weight must be j/J.",
    ),
    Mistake(
        "entries-from-zero",
        _entries_from_zero,
        "You counted the words from 1 and the entries from 0.",
        "Both j and k begin at 1.",
    ),
    Mistake(
        "backwards",
        lambda w: _encoded(w.flip(0)),
        "You counted the words from the end.",
        "Word 1 is the first row.",
    ),
    Mistake(
        "not-added",
        lambda w: position_weights(w.shape[0], w.shape[1], w.dtype) * w,
        "Each word is weighed, but they were not added: a sentence is one vector.",
        "Sum over the words, axis 0.",
    ),
)

ENCODE = Exercise(
    name="encode",
    arguments=("words",),
    reference=_encoded,
    cases=_cases,
    example=Case("by hand", (torch.tensor([[1.0, 1.0], [0.0, 4.0]]).double(),)),
    mistakes=_MISTAKES,
    lesson="The sum now tells the beginning of a sentence from its end.",
    advice="Make the table of weights first, [J, d]. In the last column it is j/J.",
)


def check_encode(function: Callable[..., Any]) -> Card:
    """Check `encode(words [J, d]) -> [d]`, a sentence by position encoding.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(ENCODE, function)
