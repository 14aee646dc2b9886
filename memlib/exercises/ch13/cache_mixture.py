"""Exercise: a unigram model that also remembers what it has just read."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import ANYTHING, Case, Exercise, Mistake


def _case(name: str, seed: int, *, vocabulary: int, recent: int, share: float) -> Case:
    source = torch.Generator().manual_seed(seed)
    unigram = torch.rand(vocabulary, generator=source, dtype=torch.float64) + 0.05
    words = (torch.rand(recent, generator=source).square() * vocabulary).long()
    return Case(name, (unigram / unigram.sum(), words, share))


def _cases() -> list[Case]:
    # Shares and lengths that float32 holds exactly: a count of whole numbers times a share is float32 in torch, and
    # that is no mistake worth stopping at.
    return [
        _case("six words in a cache of four", 1311, vocabulary=6, recent=4, share=0.25),
        _case("many words, a long cache", 1312, vocabulary=30, recent=64, share=0.375),
        _case("an empty cache", 1313, vocabulary=5, recent=0, share=0.3),
        _case("a cache that is never asked", 1314, vocabulary=4, recent=3, share=0.0),
    ]


def _counts(unigram: Tensor, recent: Tensor) -> Tensor:
    counts = torch.zeros_like(unigram)
    for word in recent.tolist():
        counts[word] += 1
    return counts


def _mixture(unigram: Tensor, recent: Tensor, share: float) -> Tensor:
    if not len(recent):
        return unigram.clone()
    return torch.lerp(unigram, _counts(unigram, recent) / len(recent), share)


def _filled(formula: Callable[[Tensor, Tensor, float], Tensor]) -> Callable[[Tensor, Tensor, float], Any]:
    """A formula that says nothing of an empty cache."""
    return lambda unigram, recent, share: formula(unigram, recent, share) if len(recent) else ANYTHING


def _cache(unigram: Tensor, recent: Tensor) -> Tensor:
    return _counts(unigram, recent) / max(1, len(recent))


def _once(unigram: Tensor, recent: Tensor) -> Tensor:
    met = (_counts(unigram, recent) > 0).double()
    return met / met.sum()


def _by_index(unigram: Tensor, recent: Tensor, share: float) -> Tensor:
    mixed = (1 - share) * unigram
    mixed[recent] += share / len(recent)
    return mixed


def _geometric(unigram: Tensor, recent: Tensor, share: float) -> Tensor:
    raised = unigram ** (1 - share) * (_cache(unigram, recent) + (0.0 if share else 1.0)) ** share
    return raised / raised.sum()


_MISTAKES = (
    Mistake(
        "counts",
        _filled(lambda p, recent, share: (1 - share) * p + share * _counts(p, recent)),
        "You mixed in the counts themselves. They add up to the length of the cache, not to 1.",
        "Divide the counts by the number of recent words.",
    ),
    Mistake(
        "share-swapped",
        _filled(lambda p, recent, share: share * p + (1 - share) * _cache(p, recent)),
        "The two shares are swapped: with a share of 0 your model would know only what it has just read.",
        "`share` stands before the cache, `1 - share` before the unigram model.",
    ),
    Mistake(
        "unigram-in-full",
        _filled(lambda p, recent, share: p + share * _cache(p, recent)),
        "The unigram model kept its full share, so your probabilities add up to more than 1.",
        "What the cache gets, the unigram model must give: `1 - share`.",
    ),
    Mistake(
        "renormalised",
        _filled(lambda p, recent, share: (p + share * _cache(p, recent)) / (1 + share)),
        "You added the cache on top and divided by the new sum. It adds up to 1, but the cache's share is then "
        "share / (1 + share).",
        "(1 - share) of the one, share of the other: nothing needs to be divided.",
    ),
    Mistake(
        "each-word-once",
        _filled(lambda p, recent, share: (1 - share) * p + share * _once(p, recent)),
        "Each recent word counts once, however often it was met.",
        "Count them: `torch.bincount`.",
    ),
    Mistake(
        "divided-by-vocabulary",
        _filled(lambda p, recent, share: (1 - share) * p + share * _counts(p, recent) / len(p)),
        "You divided the counts by the number of different words. The cache holds `len(recent)` words.",
        "Divide by how many words were counted.",
    ),
    Mistake(
        "counted-by-index",
        _filled(_by_index),
        "You added to the entries of an indexed tensor. Where a word stands in the cache twice, such an addition is "
        "done once.",
        "Count first, `torch.bincount`, then add.",
    ),
    Mistake(
        "either-or",
        _filled(
            lambda p, recent, share: torch.where(_counts(p, recent) > 0, share * _cache(p, recent), (1 - share) * p)
        ),
        "A word gets its probability from the cache or from the unigram model, but not from both. A word of the cache "
        "has its unigram probability, too.",
        "Add the two for every word.",
    ),
    Mistake(
        "geometric",
        _filled(_geometric),
        "You mixed the logarithms, that is, multiplied powers. Then every word that is not in the cache gets 0.",
        "A mixture adds probabilities.",
    ),
    Mistake(
        "cache-only",
        _filled(lambda p, recent, share: _cache(p, recent)),
        "That is the cache alone. It says 0 of every new word, and one new word makes the loss infinite.",
        "Mix it with the unigram model.",
    ),
    Mistake(
        "empty-cache",
        lambda p, recent, share: (1 - share) * p + share * _counts(p, recent) / len(recent),
        "Right while the cache holds something. An empty one gives 0 / 0, which is NaN.",
        "With nothing read yet, the answer is the unigram model.",
    ),
    Mistake(
        "lost-share",
        lambda p, recent, share: (1 - share) * p + share * _cache(p, recent),
        "Right while the cache holds something. With an empty one your probabilities add up to 1 - share.",
        "With nothing read yet, the answer is the unigram model.",
    ),
)

CACHE_MIXTURE = Exercise(
    name="cache_mixture",
    arguments=("unigram", "recent", "share"),
    reference=_mixture,
    cases=_cases,
    example=Case("by hand", (torch.tensor([0.5, 0.25, 0.25]).double(), torch.tensor([2, 2, 1, 2]), 0.5)),
    mistakes=_MISTAKES,
    lesson="This is the smallest memory that a language model can have: it knows which words, and no more of them.",
    advice="(1 - share) times the unigram model, plus share times the shares of the words among the recent ones.",
)


def check_cache_mixture(function: Callable[..., Any]) -> Card:
    """Check `cache_mixture(unigram [V], recent [n], share) -> [V]`, the probabilities of the next word.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(CACHE_MIXTURE, function)
