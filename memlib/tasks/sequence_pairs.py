"""Pairs of sequences, one to be written from the other: their batches, and how well they were written and aligned.

A sequence of numbers: `PAD` fills a row up, `START` is what a writer is fed first, `END` closes every target; words
begin at `FIRST`.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

PAD, START, END, FIRST = 0, 1, 2, 3
# The alignment of a target token that comes from nowhere in the source.
NOWHERE = -1


class SequencePairs(NamedTuple):
    """A batch of pairs.

    Attributes:
        source: tokens [batch, n], `PAD` at the end of short rows.
        target: tokens [batch, m], each row closed by `END`, then `PAD`.
        alignment: the source position that each target token comes from, `NOWHERE` where there is none, [batch, m].
    """

    source: Tensor
    target: Tensor
    alignment: Tensor

    @property
    def source_mask(self) -> Bool[Tensor, "batch n"]:
        """True at tokens of the source."""
        return self.source != PAD

    @property
    def target_mask(self) -> Bool[Tensor, "batch m"]:
        """True at tokens of the target, its end among them."""
        return self.target != PAD

    def to(self, device: torch.device) -> "SequencePairs":
        """The same batch on a device."""
        return SequencePairs(*(part.to(device) for part in self))


def padded(rows: list[list[int]], fill: int = PAD) -> Int[Tensor, "rows longest"]:
    """Rows of different lengths as one tensor."""
    longest = max(map(len, rows))
    return torch.tensor([row + [fill] * (longest - len(row)) for row in rows])


def accuracy(written: Int[Tensor, "batch m"], pairs: SequencePairs) -> dict[str, float]:
    """How much of the targets was written, in per cent.

    Args:
        written: tokens, [batch, m], as long as the targets.
        pairs: the batch.

    Returns:
        ``accuracy`` of the tokens without `END`, and ``whole``, the share of rows without a mistake, `END` counted.

    Raises:
        ValueError: the shapes differ.
    """
    if written.shape != pairs.target.shape:
        raise ValueError(f"expected tokens {tuple(pairs.target.shape)} as the targets, got {tuple(written.shape)}.")
    right, real = written == pairs.target, pairs.target_mask
    words = real & (pairs.target != END)
    return {
        "accuracy": 100 * (right & words).sum().item() / max(1, int(words.sum())),
        "whole": 100 * (right | ~real).all(1).double().mean().item(),
    }


def alignment_agreement(weights: Float[Tensor, "batch m n"], pairs: SequencePairs) -> float:
    """The share of target tokens whose largest weight lies at the source position they come from, in per cent.

    Args:
        weights: of the attention at each target token, [batch, m, n].
        pairs: the batch; tokens that come from nowhere are not counted.

    Raises:
        ValueError: the shapes do not fit.
    """
    if weights.shape != (*pairs.target.shape, pairs.source.shape[1]):
        raise ValueError(
            f"expected weights {(*pairs.target.shape, pairs.source.shape[1])}, one for each target token and source "
            f"position; got {tuple(weights.shape)}."
        )
    counted = pairs.alignment != NOWHERE
    agrees = (weights.argmax(-1) == pairs.alignment) & counted
    return 100 * agrees.sum().item() / max(1, int(counted.sum()))
