"""Exercise: two models on the same words, compared word by word where a memory should help."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw


def _case(name: str, seed: int, words: int, share: float) -> Case:
    draw = Draw(seed)
    hard = draw.real(words).square() * 3 + 0.5
    kind = torch.rand(words, generator=torch.Generator().manual_seed(seed))
    kind[:8] = torch.tensor([0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.5])
    first, later = kind < share / 2, kind > 1 - share
    memory = (hard + 0.5 * draw.real(words)).abs() - 0.4 * later
    return Case(name, (hard, memory.abs(), first, later))


def _cases() -> list[Case]:
    return [
        _case("twelve words", 1341, 12, 0.4),
        _case("sixty words", 1342, 60, 0.3),
        _case("a thousand words, few of them names", 1343, 1000, 0.1),
    ]


_BIT = math.log(2)


def _variance(numbers: Tensor) -> float:
    mean = sum(numbers.tolist()) / len(numbers)
    return sum((one - mean) ** 2 for one in numbers.tolist()) / (len(numbers) - 1)


def _contrast(gain: Tensor, first: Tensor, later: Tensor) -> tuple[float, float]:
    """Mean over later minus mean over first mentions, and the standard error."""
    after, before = gain[later], gain[first]
    error = math.sqrt(_variance(after) / len(after) + _variance(before) / len(before))
    return after.mean().item() - before.mean().item(), error


def _right(plain: Tensor, memory: Tensor, first: Tensor, later: Tensor) -> tuple[float, float]:
    return _contrast((plain - memory) / _BIT, first, later)


def _with_error(change: Callable[..., float]) -> Callable[..., tuple[float, float]]:
    """The right gain with another error."""
    return lambda plain, memory, first, later: (
        _right(plain, memory, first, later)[0],
        change(plain / _BIT, memory / _BIT, first, later),
    )


def _over(gain: Tensor, first: Tensor, later: Tensor, counts: tuple[int, int] | None = None, less: int = 0) -> float:
    """The error from variances that are divided by other numbers."""
    parts = []
    for mark, count in zip((first, later), counts or (int(first.sum()), int(later.sum())), strict=True):
        own = int(mark.sum())
        parts.append(_variance(gain[mark]) * (own - less) / own / count)
    return math.sqrt(sum(parts))


def _unpaired(plain: Tensor, memory: Tensor, first: Tensor, later: Tensor) -> float:
    parts = [one[mark] for one in (plain, memory) for mark in (first, later)]
    return math.sqrt(sum(_variance(part) / len(part) for part in parts))


def _deviation(plain: Tensor, memory: Tensor, first: Tensor, later: Tensor) -> float:
    gain = plain - memory
    return math.sqrt(_variance(gain[first]) + _variance(gain[later]))


def _added(plain: Tensor, memory: Tensor, first: Tensor, later: Tensor) -> float:
    gain = plain - memory
    return sum(math.sqrt(_variance(gain[mark]) / int(mark.sum())) for mark in (first, later))


def _later_only(plain: Tensor, memory: Tensor, first: Tensor, later: Tensor) -> tuple[float, float]:
    gain = ((plain - memory) / _BIT)[later]
    return gain.mean().item(), math.sqrt(_variance(gain) / len(gain))


_MISTAKES = (
    Mistake(
        "nats",
        lambda p, m, first, later: _contrast(p - m, first, later),
        "Those are nats. Bits were asked for.",
        "Divide by log 2.",
    ),
    Mistake(
        "bits-turned",
        lambda p, m, first, later: _contrast((p - m) * _BIT, first, later),
        "You multiplied by log 2. A bit is smaller than a nat, so there are more of them.",
        "Divide by log 2.",
    ),
    Mistake(
        "sign",
        lambda p, m, first, later: _contrast((m - p) / _BIT, first, later),
        "The sign is turned. Where the memory helps on later mentions, the gain should be above 0.",
        "The plain model's loss minus the memory's; later mentions minus first ones.",
    ),
    Mistake(
        "later-only",
        _later_only,
        "That is the gain on later mentions alone. A model that is simply better at names has it too.",
        "Take away the gain on first mentions, where a memory cannot know more.",
    ),
    Mistake(
        "against-all-others",
        lambda p, m, first, later: _contrast((p - m) / _BIT, ~later, later),
        "You compared later mentions with all other words. Most of them are no names.",
        "The other side is `first`.",
    ),
    Mistake(
        "error-in-nats",
        _with_error(lambda p, m, first, later: _BIT * _contrast(p - m, first, later)[1]),
        "The gain is right, and in bits. The error is still in nats.",
        "Divide the gains of all words by log 2 first, then take means and variances.",
    ),
    Mistake(
        "length-of-the-mask",
        _with_error(lambda p, m, first, later: _over(p - m, first, later, (len(first), len(later)))),
        "The gain is right. You divided the variances by the length of the masks, which is the number of all words.",
        "The number of marked words: `later.sum()`, or `len(gain[later])`.",
    ),
    Mistake(
        "no-root",
        _with_error(lambda p, m, first, later: _over(p - m, first, later) ** 2),
        "The gain is right. The second number is the square of the error.",
        "The root is missing: `.sqrt()`.",
    ),
    Mistake(
        "n-not-n-minus-1",
        _with_error(lambda p, m, first, later: _over(p - m, first, later, less=1)),
        "The gain is right. Your variances are divided by n. From so few words the mean itself is estimated, too, so "
        "n - 1 is asked for.",
        "`torch.var` as it is, without `correction=0`.",
    ),
    Mistake(
        "error-of-later-only",
        _with_error(lambda p, m, first, later: math.sqrt(_variance((p - m)[later]) / int(later.sum()))),
        "The gain is right. The error is that of later mentions alone, but the mean over first mentions is uncertain, "
        "too.",
        "Add both variances of the means, then take the root.",
    ),
    Mistake(
        "pooled",
        _with_error(
            lambda p, m, first, later: math.sqrt(_variance((p - m)[first | later]) / int((first | later).sum()))
        ),
        "The gain is right. You took the spread of all names together; but first and later mentions are two groups, "
        "each with a mean of its own.",
        "Two variances, each divided by its number of words.",
    ),
    Mistake(
        "sums",
        lambda p, m, first, later: (
            float(((p - m)[later].sum() - (p - m)[first].sum()) / _BIT),
            _right(p, m, first, later)[1],
        ),
        "You summed the gains. There are more words of one kind than of the other.",
        "Take the mean of each kind.",
    ),
    Mistake(
        "unpaired",
        _with_error(_unpaired),
        "The gain is right. The error is that of four means of separate texts; but both models read the same words, "
        "and a hard word is hard for both.",
        "Subtract first, word by word, and take the spread of the differences.",
    ),
    Mistake(
        "deviation",
        _with_error(_deviation),
        "The gain is right. The second number is how far single words scatter, not how well their mean is known.",
        "Divide each variance by its number of words.",
    ),
    Mistake(
        "errors-added",
        _with_error(_added),
        "The gain is right. You added the two standard errors; for independent parts their squares add up.",
        "The root of the sum of squares.",
    ),
)

PAIRED_GAIN = Exercise(
    name="paired_gain",
    arguments=("plain", "memory", "first", "later"),
    reference=_right,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([4.0, 5.0, 6.0, 4.0]).double(),
            torch.tensor([4.0, 4.0, 2.0, 2.0]).double(),
            torch.tensor([True, True, False, False]),
            torch.tensor([False, False, True, True]),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="Pairing removes what both models find hard, and first mentions remove what is not memory.",
    results=("gain", "error"),
    advice="One tensor of gains in bits. The gain: its mean over later minus its mean over first mentions. The error: "
    "the root of var / n over later plus var / n over first mentions.",
)


def check_paired_gain(function: Callable[..., Any]) -> Card:
    """Check `paired_gain(plain [n], memory [n], first [n], later [n]) -> (float, float)`, in bits a word.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(PAIRED_GAIN, function)
