"""Pairs of sentences with a label, and batches of them: what SNLI and the generated pairs have in common.

Source: bowman2015
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

import torch
from jaxtyping import Int
from torch import Tensor

# A label is a place in this tuple, everywhere in memlib.
LABELS = ("entailment", "neutral", "contradiction")
ENTAILMENT, NEUTRAL, CONTRADICTION = range(3)
# The id that fills a batch up to its longest sentence.
PADDING = 0


Item = TypeVar("Item")


class Pair(NamedTuple):
    """Two sentences, and what the first says of the second.

    Attributes:
        premise: its tokens.
        hypothesis: its tokens.
        label: 0 entailment, 1 neutral, 2 contradiction.
    """

    premise: tuple[str, ...]
    hypothesis: tuple[str, ...]
    label: int

    def __str__(self) -> str:
        return f"{' '.join(self.premise)} | {' '.join(self.hypothesis)} | {LABELS[self.label]}"


class EncodedPair(NamedTuple):
    """A pair whose tokens are ids of a vocabulary."""

    premise: tuple[int, ...]
    hypothesis: tuple[int, ...]
    label: int


class PairBatch(NamedTuple):
    """Pairs side by side, each sentence filled up on the right with id 0.

    Attributes:
        premise: ids [batch, time].
        premise_length: tokens of each premise, at least 1 [batch].
        hypothesis: ids [batch, time]; the time of another length than the premises'.
        hypothesis_length: tokens of each hypothesis, at least 1 [batch].
        label: 0 entailment, 1 neutral, 2 contradiction [batch].
    """

    premise: Int[Tensor, "batch premise_time"]
    premise_length: Int[Tensor, "batch"]
    hypothesis: Int[Tensor, "batch hypothesis_time"]
    hypothesis_length: Int[Tensor, "batch"]
    label: Int[Tensor, "batch"]

    def to(self, device: torch.device | str) -> "PairBatch":
        """The same batch on a device."""
        return PairBatch(*(part.to(device) for part in self))


class Words(Protocol):
    """What `encode` asks of a vocabulary: `WordList`, or `memlib.tasks.text.Vocabulary`."""

    def __len__(self) -> int:
        """How many ids there are, the padding's included."""
        ...

    def ids(self, tokens: Sequence[str]) -> list[int]:
        """The ids of a sentence's tokens."""
        ...


class WordList:
    """A closed vocabulary: id 0 is the padding, then the words in the given order; an unknown word is an error.

    Args:
        words: all different.
    """

    def __init__(self, words: Sequence[str]) -> None:
        if twice := [word for word, times in Counter(words).items() if times > 1]:
            raise ValueError(f"expected words that are all different; these come twice: {', '.join(twice)}.")
        self.words = ("<pad>", *words)
        self._ids = {word: place for place, word in enumerate(self.words)}

    def __len__(self) -> int:
        """How many ids there are, the padding's included."""
        return len(self.words)

    def ids(self, tokens: Sequence[str]) -> list[int]:
        """The ids of a sentence's tokens.

        Raises:
            KeyError: a token is not in the list.
        """
        return [self._ids[token] for token in tokens]


def _short(thing: Any) -> str:
    return repr(thing) if len(repr(thing)) <= 80 else f"{repr(thing)[:77]}..."


def all_of(kind: type[Item], items: Iterable[Item], where: str, expected: str) -> list[Item]:
    """The items as a list, each of the kind; else a TypeError that says what was expected where."""
    if not isinstance(items, Iterable) or isinstance(items, str | kind):
        raise TypeError(f"{where}: expected {expected}, got {_short(items)}.")
    found = list(items)
    for place, one in enumerate(found):
        if not isinstance(one, kind):
            raise TypeError(f"{where}: expected {expected}, got {_short(one)} at place {place}.")
    return found


def encode(pairs: Iterable[Pair], words: Words) -> list[EncodedPair]:
    """Turn the tokens of pairs into ids.

    Raises:
        TypeError: there is something else than pairs, or than a vocabulary.
        KeyError: a token is unknown, and the vocabulary has no id for unknown ones.
    """
    if not callable(getattr(words, "ids", None)):
        raise TypeError(
            f"encode: expected a vocabulary, such as a WordList or a memlib.tasks.text.Vocabulary; got {_short(words)}."
        )
    told = all_of(Pair, pairs, "encode", "a list of Pair")
    return [EncodedPair(tuple(words.ids(one.premise)), tuple(words.ids(one.hypothesis)), one.label) for one in told]


def pair_length(pair: Pair | EncodedPair) -> int:
    """By what pairs are put together with others of their size: the tokens of both sentences."""
    return len(pair.premise) + len(pair.hypothesis)


def _padded(sentences: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    lengths = [len(sentence) for sentence in sentences]
    if not lengths or not all(lengths):
        raise ValueError("collate: expected at least one pair, and at least one token in each sentence.")
    rows = [[*sentence, *[PADDING] * (max(lengths) - len(sentence))] for sentence in sentences]
    return torch.tensor(rows, dtype=torch.long), torch.tensor(lengths, dtype=torch.long)


def collate(pairs: Sequence[EncodedPair]) -> PairBatch:
    """Put pairs side by side. With `memlib.training.Epochs`: ``Epochs(pairs, 50, collate, seed, pair_length)``.

    Raises:
        TypeError: there is something else than encoded pairs, as `encode` gives them.
        ValueError: there is no pair, or one of the sentences is empty.
    """
    pairs = all_of(EncodedPair, pairs, "collate", "encoded pairs, as encode gives them")
    premise, premise_length = _padded([pair.premise for pair in pairs])
    hypothesis, hypothesis_length = _padded([pair.hypothesis for pair in pairs])
    label = torch.tensor([pair.label for pair in pairs], dtype=torch.long)
    return PairBatch(premise, premise_length, hypothesis, hypothesis_length, label)


def counts(pairs: Iterable[Pair | EncodedPair]) -> dict[str, int]:
    """How many pairs there are of each label, in the order of `LABELS`."""
    found = Counter(pair.label for pair in pairs)
    return {name: found[label] for label, name in enumerate(LABELS)}
