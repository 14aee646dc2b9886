"""Attention: a query is compared with every key, and the values are read in proportion.

Scores first, by a dot product or by a small network; then weights, a softmax over the positions; then a mean of the
values under those weights. This is soft attention: it takes every branch, each to some degree. `hard_attention` takes
one. Its functions can be imported from here too.

Papers: Bahdanau et al. 2015 (additive scores, between two recurrent networks), Luong et al. 2015 (dot products),
Vaswani et al. 2017 (dot products divided by the root of the width).
Deviations: additive scores take the maps of query and key as matrices [width, hidden], so that they stand on the right.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from memlib.mechanisms.hard_attention import (
    baseline_loss,
    entropy,
    expected_reward,
    hard_read,
    hard_sample,
    marginal_gradient,
    marginal_log_likelihood,
    posterior,
    reinforce_loss,
    straight_through,
)
from memlib.mechanisms.shapes import checked

__all__ = [
    "additive",
    "additive_scores",
    "attention_weights",
    "baseline_loss",
    "dot_product",
    "dot_scores",
    "entropy",
    "expected_reward",
    "hard_read",
    "hard_sample",
    "marginal_gradient",
    "marginal_log_likelihood",
    "posterior",
    "reinforce_loss",
    "soft_read",
    "straight_through",
]


@checked
def dot_scores(
    query: Float[Tensor, "*#batch q d"],
    key: Float[Tensor, "*#batch n d"],
    scaled: bool = False,
) -> Float[Tensor, "*#batch q n"]:
    """Score each key by its product with each query: q·k, or q·k / √d.

    Args:
        query: [..., q, d].
        key: [..., n, d].
        scaled: divide by √d, so that the scores of random vectors keep variance 1 as d grows.

    Returns:
        [..., q, n].

    Source: luong2015, Eq. 8; vaswani2017, Eq. 1; le2020, Eq. 1
    """
    scores = query @ key.mT
    return scores / math.sqrt(key.shape[-1]) if scaled else scores


@checked
def additive_scores(
    query: Float[Tensor, "*#batch q dq"],
    key: Float[Tensor, "*#batch n dk"],
    w_query: Float[Tensor, "dq h"],
    w_key: Float[Tensor, "dk h"],
    v: Float[Tensor, " h"],
) -> Float[Tensor, "*#batch q n"]:
    """Score each key by a small network of one hidden layer: v·tanh(q W_q + k W_k).

    Args:
        query: [..., q, dq].
        key: [..., n, dk]; its width may differ from the query's.
        w_query: W_q, [dq, h].
        w_key: W_k, [dk, h].
        v: [h].

    Returns:
        [..., q, n].

    Source: bahdanau2015, App. A
    """
    return torch.tanh((query @ w_query).unsqueeze(-2) + (key @ w_key).unsqueeze(-3)) @ v


@checked
def attention_weights(
    scores: Float[Tensor, "*#batch n"],
    mask: Bool[Tensor, "*#batch n"] | None = None,
) -> Float[Tensor, "*#batch n"]:
    """Make scores into weights that are positive and sum to 1: exp(e_i) / Σ_j exp(e_j).

    Args:
        scores: e, [..., n].
        mask: [..., n], False where nothing may be read; those positions get weight 0.

    Returns:
        α, [..., n].

    Raises:
        TypeError, ValueError: kinds of number or shapes do not fit, there is no position, or a mask leaves none.

    Source: bahdanau2015, Eq. 6
    """
    if scores.shape[-1] == 0:
        raise ValueError("attention_weights: expected scores of at least one position, got none.")
    if mask is None:
        return scores.softmax(-1)
    if not torch.compiler.is_compiling() and (empty := _rows_without(mask)):
        raise ValueError(
            f"attention_weights: the mask leaves no position to read in {empty} of {mask[..., 0].numel()} rows; "
            "expected at least one True in each row. Leave such rows out, or let them read a position of zeros."
        )
    return scores.masked_fill(~mask, -torch.inf).softmax(-1)


def _rows_without(mask: Tensor) -> int:
    """How many rows have no True; 0 where nobody can look: under `vmap`, or without data on the device "meta"."""
    try:
        return int((~mask.any(-1)).sum())
    except RuntimeError:
        return 0


@checked
def soft_read(
    weights: Float[Tensor, "*#batch q n"],
    value: Float[Tensor, "*#batch n dv"],
) -> Float[Tensor, "*#batch q dv"]:
    """Read everywhere at once: Σ_i α_i v_i.

    Args:
        weights: α, [..., q, n].
        value: v, [..., n, dv].

    Returns:
        [..., q, dv].

    Source: bahdanau2015, Eq. 5; olah2016
    """
    return weights @ value


@checked
def dot_product(
    query: Float[Tensor, "*#batch q d"],
    key: Float[Tensor, "*#batch n d"],
    value: Float[Tensor, "*#batch n dv"],
    mask: Bool[Tensor, "*#batch n"] | None = None,
    scaled: bool = False,
) -> tuple[Float[Tensor, "*#batch q dv"], Float[Tensor, "*#batch q n"]]:
    """Soft attention by dot products: `dot_scores`, `attention_weights`, `soft_read`.

    Args:
        query: [..., q, d].
        key: [..., n, d].
        value: [..., n, dv].
        mask: [..., n], False where nothing may be read.
        scaled: divide the scores by √d.

    Returns:
        What is read, [..., q, dv], and the weights, [..., q, n].

    Source: luong2015, Eq. 8; vaswani2017, Eq. 1
    """
    weights = attention_weights(dot_scores(query, key, scaled), None if mask is None else mask.unsqueeze(-2))
    return soft_read(weights, value), weights


@checked
def additive(
    query: Float[Tensor, "*#batch q dq"],
    key: Float[Tensor, "*#batch n dk"],
    value: Float[Tensor, "*#batch n dv"],
    w_query: Float[Tensor, "dq h"],
    w_key: Float[Tensor, "dk h"],
    v: Float[Tensor, " h"],
    mask: Bool[Tensor, "*#batch n"] | None = None,
) -> tuple[Float[Tensor, "*#batch q dv"], Float[Tensor, "*#batch q n"]]:
    """Soft attention by a small network: `additive_scores`, `attention_weights`, `soft_read`.

    Args:
        query: [..., q, dq].
        key: [..., n, dk].
        value: [..., n, dv]; in the paper the keys themselves.
        w_query: W_q, [dq, h].
        w_key: W_k, [dk, h].
        v: [h].
        mask: [..., n], False where nothing may be read.

    Returns:
        What is read, [..., q, dv], and the weights, [..., q, n].

    Source: bahdanau2015, Eq. 5; bahdanau2015, Eq. 6
    """
    scores = additive_scores(query, key, w_query, w_key, v)
    weights = attention_weights(scores, None if mask is None else mask.unsqueeze(-2))
    return soft_read(weights, value), weights
