"""Associative retrieval: letters with a digit each, then one of the letters; which digit was with it?

One drawn sequence of `NumberRecall(pairs=4)`, the length of Ba et al., a token for each step::

    told    e  9  v  0  b  1  x  2  ?  ?  e
    number 14  9 31  0 11  1 33  2 36 36 14
    answer                                9     scored at the last step alone

Letters of a sequence are different, digits may repeat. Digits are the tokens 0 to 9, letters 10 to 35, ``?`` is 36. An
input is a one-hot vector, so that a linear layer without bias on it is a table of token vectors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor
from torch.nn import functional

from memlib.tasks.checks import whole_number
from memlib.tasks.choices import ChoiceTask
from memlib.tasks.episode import Episode

DIGITS, LETTERS = 10, 26
MARK = DIGITS + LETTERS
TOKENS = MARK + 1
NAMES = "0123456789abcdefghijklmnopqrstuvwxyz?"
# What Le et al. call length 30 and length 50: the number of pairs.
PAIRS = {30: 13, 50: 24}


class Sequences(NamedTuple):
    """Drawn sequences, as tokens.

    Attributes:
        tokens: from 0 to 36, [count, time].
        answers: digits, [count].
    """

    tokens: Int[Tensor, "count time"]
    answers: Int[Tensor, " count"]

    def batch(self, rows: Sequence[int] | Tensor) -> Episode:
        """Some of them, by their numbers, as one-hot vectors."""
        at = torch.as_tensor(rows)
        return encode(self.tokens[at], self.answers[at])

    def words(self, row: int) -> str:
        """One of them as text, such as ``c9k8??c 9``."""
        told = "".join(NAMES[token] for token in self.tokens[row].tolist())
        return f"{told} {int(self.answers[row])}"


class Parts(NamedTuple):
    """A fixed data set."""

    train: Sequences
    valid: Sequences
    test: Sequences


@dataclass(frozen=True)
class NumberRecall(ChoiceTask):
    """Give back the digit that followed a letter.

    Attributes:
        pairs: how many letters with a digit are told, K; a sequence has 2 K + 3 steps.

    Source: ba2016, Sec. 4.1; le2020, Sec. 3.1
    """

    pairs: int = 4

    choices = DIGITS
    width_in = TOKENS
    width_out = DIGITS

    def __post_init__(self) -> None:
        if whole_number("pairs", self.pairs, 1) > LETTERS:
            raise ValueError(f"NumberRecall: expected at most {LETTERS} pairs, one for a letter; got {self.pairs}.")

    @classmethod
    def le2020(cls, length: int = 30) -> "NumberRecall":
        """At the lengths that Le et al. name: 30 stands for 13 pairs (29 steps), 50 for 24 pairs (51 steps).

        Args:
            length: 30 or 50.

        Raises:
            ValueError: another length.
        """
        if length not in PAIRS:
            raise ValueError(f"expected a length of {', '.join(map(str, PAIRS))}; got {length!r}.")
        return cls(PAIRS[length])

    @property
    def time(self) -> int:
        """Steps of a sequence."""
        return 2 * self.pairs + 3

    def sequences(self, count: int, generator: torch.Generator) -> Sequences:
        """New sequences, as tokens.

        Args:
            count: how many.
            generator: of the letters, the digits, and which letter is asked for.
        """
        count = whole_number("count", count, 1)
        letters = torch.rand(count, LETTERS, generator=generator).argsort(1)[:, : self.pairs] + DIGITS
        digits = torch.randint(DIGITS, (count, self.pairs), generator=generator)
        asked = torch.randint(self.pairs, (count, 1), generator=generator)
        told = torch.stack([letters, digits], 2).flatten(1)
        marks = torch.full((count, 2), MARK)
        return Sequences(torch.cat([told, marks, letters.gather(1, asked)], 1), digits.gather(1, asked).squeeze(1))

    def draw(self, batch: int, generator: torch.Generator) -> Episode:
        """A batch of new sequences; arguments as of `sequences`."""
        return encode(*self.sequences(batch, generator))

    def parts(self, seed: int, train: int = 100_000, valid: int = 10_000, test: int = 20_000) -> Parts:
        """A data set that is drawn once; its sizes are those of Ba et al. and Le et al.

        Args:
            seed: of all three parts.
            train: sequences.
            valid: sequences.
            test: sequences.
        """
        generator = torch.Generator().manual_seed(whole_number("seed", seed))
        return Parts(*(self.sequences(size, generator) for size in (train, valid, test)))


def encode(tokens: Int[Tensor, "batch time"], answers: Int[Tensor, " batch"]) -> Episode:
    """Tokens as one-hot vectors; only the last step is scored.

    Args:
        tokens: from 0 to 36.
        answers: digits.
    """
    targets = torch.zeros(*tokens.shape, DIGITS)
    targets[:, -1] = functional.one_hot(answers, DIGITS).float()
    mask = torch.zeros(tokens.shape, dtype=torch.bool)
    mask[:, -1] = True
    return Episode(functional.one_hot(tokens, TOKENS).float(), targets, mask)
