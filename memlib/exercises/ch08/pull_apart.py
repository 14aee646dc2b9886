"""Exercise: how far one entry of the query pulls the scores apart, which is all that a softmax can notice."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw


def _case(name: str, seed: int, pairs: int, width: int, alike: dict[int, float]) -> Case:
    """Random keys, alike at some entries."""
    keys = Draw(seed).real(pairs, width)
    for entry, number in alike.items():
        keys[:, entry] = number
    return Case(name, (keys,))


def _cases() -> list[Case]:
    signs = Draw(824).real(3, 6).sign()
    signs[:, 1], signs[:, 4] = -1.0, 1.0
    return [
        _case("four keys that agree at two entries", 821, 4, 5, {1: 0.7, 3: -2.0}),
        _case("keys that are all 0 at one entry", 822, 3, 4, {0: 0.0, 2: 1.5}),
        Case("keys of signs", (signs,)),
        _case("one key", 825, 1, 3, {}),
    ]


def _range(numbers: Tensor, axis: int = 0) -> Tensor:
    return numbers.amax(axis) - numbers.amin(axis)


_MISTAKES = (
    Mistake(
        "largest-move",
        lambda k: k.abs().amax(0),
        "That is how far a score moves. A softmax does not change when all scores move alike.",
        "Two scores, and how far they move away from each other.",
    ),
    Mistake(
        "signs",
        lambda k: _range(k.sign()),
        "You compared the signs. Scores that move in the same direction may still move apart.",
        "Compare the numbers themselves.",
    ),
    Mistake(
        "sum",
        lambda k: k.sum(0).abs(),
        "You added up how far the scores move. Keys that all agree move every score, and nobody notices.",
        "A softmax sees the differences of the scores, and only these.",
    ),
    Mistake(
        "from-the-mean",
        lambda k: (k - k.mean(0)).abs().amax(0),
        "You measured from the mean of the scores. The question is about two of them.",
        "The largest less the smallest.",
    ),
    Mistake(
        "from-the-first",
        lambda k: (k - k[0]).abs().amax(0),
        "You compared every key with the first. The two that part most may be others.",
        "The largest less the smallest.",
    ),
    Mistake(
        "deviation",
        lambda k: k.std(0, correction=0),
        "You took the standard deviation. It is 0 at the right entries, but it is no distance between two scores.",
        "The largest less the smallest.",
    ),
    Mistake(
        "of-keys",
        lambda k: _range(k, 1),
        "You compared the entries of each key with each other. The question is about one entry of all keys.",
        "One number for each column of `keys`.",
    ),
    Mistake(
        "sample-deviation",
        lambda k: ((k - k.mean(0)).square().sum(0) / (len(k) - 1)).sqrt(),
        "You took the standard deviation. It is no distance between two scores, and of one key it is no number at all.",
        "The largest less the smallest.",
    ),
    Mistake(
        "neighbours",
        lambda k: (k[1:] - k[:-1]).abs().amax(0),
        "You compared each key with the next one. The two that part most need not be neighbours.",
        "The largest less the smallest, of all keys.",
    ),
    Mistake(
        "of-sizes",
        lambda k: _range(k.abs()),
        "You left the signs out. A score that rises and one that falls move apart by both.",
        "The numbers with their signs: the largest less the smallest.",
    ),
    Mistake(
        "upside-down",
        lambda k: -_range(k),
        "The sign is turned: how far two scores part is never below 0.",
        "The largest less the smallest.",
    ),
)

PULL_APART = Exercise(
    name="pull_apart",
    arguments=("keys",),
    reference=_range,
    cases=_cases,
    example=Case("by hand", (torch.tensor([[1.0, 2.0, 0.0], [1.0, -2.0, 0.5], [1.0, 2.0, 0.0]]).double(),)),
    mistakes=_MISTAKES,
    lesson="Where all keys agree it is 0: there no answer of dot-product attention depends on the query.",
    advice="By how much does score j move? Then take the two scores that part most.",
)


def check_pull_apart(function: Callable[..., Any]) -> Card:
    """Check `pull_apart(keys [n, d]) -> [d]`, how far a step of 1 at each entry of the query parts two scores.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(PULL_APART, function)
