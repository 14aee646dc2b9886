"""A unigram model and a cache over it: what a language model gains by only remembering which words it has just read.

The honest floor under any memory in a language model. The unigram model knows how often each word comes; the cache
gives a share of the probability to the words that were met lately, each by how often.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def unigram(tokens: Int[Tensor, " tokens"], vocabulary: int, extra: float = 1.0) -> Float[Tensor, " vocabulary"]:
    """How often each word comes in a text, as probabilities (float64).

    Args:
        tokens: word numbers below `vocabulary`.
        vocabulary: number of different words.
        extra: added to each count, so that no word has probability 0.

    Raises:
        ValueError: extra is not above 0, or a word number is not below `vocabulary`.
    """
    if not extra > 0:
        raise ValueError(f"expected extra to be above 0, got {extra}.")
    counts = torch.bincount(tokens, minlength=vocabulary).double()
    if len(counts) > vocabulary:
        raise ValueError(f"expected word numbers below {vocabulary}, got {int(tokens.max())}.")
    return (counts + extra) / (counts + extra).sum()


def cached(
    unigram: Float[Tensor, " vocabulary"], recent: Int[Tensor, " recent"], share: float
) -> Float[Tensor, " vocabulary"]:
    """The probabilities of the next word: ``1 - share`` of the unigram model, ``share`` of the recent words.

    Args:
        unigram: probabilities.
        recent: words that were just read; with none, the answer is the unigram model.
        share: from 0 to 1.

    Raises:
        ValueError: share is not between 0 and 1.
    """
    _checked(share)
    if not len(recent):
        return unigram.clone()
    counts = torch.bincount(recent, minlength=len(unigram)).to(unigram.dtype)
    return (1 - share) * unigram + share * counts / len(recent)


def cache_losses(
    unigram: Float[Tensor, " vocabulary"], tokens: Int[Tensor, " tokens"], share: float, window: int
) -> Float[Tensor, " tokens"]:
    """The loss of every word of a text under unigram and cache, in nats (float64).

    Args:
        unigram: probabilities.
        tokens: a text; the cache is empty before it.
        share: of the cache, from 0 to 1; 0 for the unigram model alone.
        window: how many of the last words the cache holds.

    Raises:
        ValueError: share is not between 0 and 1, or window is below 1.
    """
    _checked(share)
    if window < 1:
        raise ValueError(f"expected a window of at least 1, got {window}.")
    base, words = unigram[tokens].tolist(), tokens.tolist()
    counts, found = dict[int, int](), []
    for here, word in enumerate(words):
        held = min(here, window)
        met = counts.get(word, 0) / held if held else base[here]
        found.append((1 - share) * base[here] + share * met)
        counts[word] = counts.get(word, 0) + 1
        if held == window:
            counts[words[here - window]] -= 1
    return -torch.tensor(found, dtype=torch.float64).log()


def _checked(share: float) -> None:
    if not 0 <= share <= 1:
        raise ValueError(f"expected a share from 0 to 1, got {share}.")
