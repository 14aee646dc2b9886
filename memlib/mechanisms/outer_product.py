"""Outer-product attention: what a query finds in a key is kept entry by entry, and bound to the value as a matrix.

Dot-product attention makes one number of a query and a key, and takes so much of the value. Outer-product attention
keeps the products of their entries, and writes each beside each entry of the value: an associative memory of the pairs.
Self-attention of this kind over the rows of a memory is the operator SAM. What is done with its result stands in
`relational_memory`.

Paper: Le, Tran and Venkatesh 2020, Eq. 1-8, App. C.
Deviations: the attentions take many queries at once; the paper writes them for one. Layer normalisation has no learned
gain here; another can be handed over.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.mechanisms.fast_weights import layer_norm
from memlib.mechanisms.shapes import checked

__all__ = [
    "contractions",
    "dot_product_attention",
    "extracted_items",
    "matched_entries",
    "outer_product_attention",
    "self_attentive_memory",
]

Function = Callable[[Tensor], Tensor]


@checked
def dot_product_attention(
    q: Float[Tensor, "*#batch nq d"], k: Float[Tensor, "*#batch nkv d"], v: Float[Tensor, "*#batch nkv dv"]
) -> Float[Tensor, "*#batch nq dv"]:
    """Take each value as far as its key fits the query: Σ_j softmax_j(q·k_j) v_j, not divided by √d.

    Args:
        q: queries, [..., nq, d].
        k: keys, [..., nkv, d].
        v: values, [..., nkv, dv].

    Returns:
        One item for each query, [..., nq, dv].

    Source: le2020, Eq. 1
    """
    return torch.softmax(q @ k.mT, -1) @ v


@checked
def matched_entries(
    q: Float[Tensor, "*#batch nq d"], k: Float[Tensor, "*#batch nkv d"], f: Function = torch.tanh
) -> Float[Tensor, "*#batch nq nkv d"]:
    """Compare a query with a key entry by entry: x_j = f(q ⊙ k_j). Under x_j the value v_j is stored.

    Args:
        q: queries, [..., nq, d].
        k: keys, [..., nkv, d].
        f: maps a tensor to one of the same shape, entry by entry.

    Returns:
        A vector for each query and key, [..., nq, nkv, d].

    Source: le2020, Eq. 2; le2020, App. C
    """
    return f(q.unsqueeze(-2) * k.unsqueeze(-3))


@checked
def outer_product_attention(
    q: Float[Tensor, "*#batch nq d"],
    k: Float[Tensor, "*#batch nkv d"],
    v: Float[Tensor, "*#batch nkv dv"],
    f: Function = torch.tanh,
) -> Float[Tensor, "*#batch nq d dv"]:
    """Store each value under its matched entries: Σ_j f(q ⊙ k_j) ⊗ v_j, one matrix for each query.

    One batched product, [nq·d, nkv] times [nkv, dv]: no outer product is ever laid out alone.

    Args:
        q: queries, [..., nq, d].
        k: keys, [..., nkv, d].
        v: values, [..., nkv, dv].
        f: works entry by entry: it sees tensors [..., nq, d, nkv].

    Returns:
        [..., nq, d, dv].

    Source: le2020, Eq. 2
    """
    matched = f(q.unsqueeze(-1) * k.mT.unsqueeze(-3))
    return (matched.flatten(-3, -2) @ v).unflatten(-2, matched.shape[-3:-1])


@checked
def extracted_items(
    memory: Float[Tensor, "*#batch n d"],
    weights: Float[Tensor, "*#batch items n"],
    normalise: Function | None = layer_norm,
) -> Float[Tensor, "*#batch items d"]:
    """Take items out of a memory: LN(W M). Each is a mixture of the memory's rows, brought to mean 0 and variance 1.

    Args:
        memory: M, [..., n, d].
        weights: W, [..., items, n].
        normalise: LN, over the last axis; None leaves the mixtures as they are.

    Source: le2020, Eqs. 4, 5, 6
    """
    mixtures = weights @ memory
    return mixtures if normalise is None else normalise(mixtures)


@checked
def self_attentive_memory(
    memory: Float[Tensor, "*#batch n d"],
    query_weights: Float[Tensor, "*#batch nq n"],
    key_weights: Float[Tensor, "*#batch nkv n"],
    value_weights: Float[Tensor, "*#batch nkv n"],
    f: Function = torch.tanh,
    normalise: Function | None = layer_norm,
) -> Float[Tensor, "*#batch nq d d"]:
    """Relate the items of a memory: take queries, keys and values out of it, and let them meet by outer products.

    Args:
        memory: the item memory M, [..., n, d].
        query_weights: W_q, [..., nq, n].
        key_weights: W_k, [..., nkv, n].
        value_weights: W_v, [..., nkv, n].
        f: as in `outer_product_attention`.
        normalise: as in `extracted_items`.

    Returns:
        The relational memory, one matrix for each query, [..., nq, d, d].

    Source: le2020, Eq. 7; le2020, Eq. 8
    """
    q, k, v = (extracted_items(memory, w, normalise) for w in (query_weights, key_weights, value_weights))
    return outer_product_attention(q, k, v, f)


@checked
def contractions(matched: Float[Tensor, "*batch nkv d"]) -> Float[Tensor, "*batch nkv d"]:
    """Find for each value the row a_j that brings it back: a_j Σ_i x_i ⊗ v_i = v_j, the rows of a pseudo-inverse.

    They work where the x_j are linearly independent, so for nkv <= d at most. For orthogonal x_j, a_j = x_j / |x_j|².

    Args:
        matched: x, as `matched_entries` gives them, [..., nkv, d].

    Returns:
        a, [..., nkv, d].

    Source: le2020, App. C
    """
    return torch.linalg.pinv(matched).mT
