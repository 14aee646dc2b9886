"""Dropout as recurrent language models have it: of word types, of the same entries at every step, of weights.

Source: merity2018, Sec. 4
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional


def check_rates(owner: str, **rates: float) -> None:
    """Raise ValueError where a rate of dropout lies outside [0, 1)."""
    for name, rate in rates.items():
        if not 0 <= rate < 1:
            raise ValueError(f"{owner}: expected {name} to be at least 0 and below 1, got {rate}.")


def locked(xs: Float[Tensor, "batch time width"], rate: float, training: bool) -> Float[Tensor, "batch time width"]:
    """Drop the same entries at every step of a window, other ones in every row."""
    if not training or not rate:
        return xs
    keep = torch.empty_like(xs[:, :1]).bernoulli_(1 - rate)
    return xs * (keep / (1 - rate))


def embed(
    table: nn.Embedding, tokens: Int[Tensor, "batch time"], rate: float, training: bool
) -> Float[Tensor, "batch time width"]:
    """Look tokens up, with some words dropped: every occurrence of such a word in the window is a zero vector."""
    xs = table(tokens)
    if not training or not rate:
        return xs
    keep = torch.empty_like(table.weight[:, :1]).bernoulli_(1 - rate) / (1 - rate)
    return xs * functional.embedding(tokens, keep)
