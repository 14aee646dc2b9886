"""Outer-product associative memory, and the Hopfield networks that grew out of it.

A memory is a matrix M with a row for each entry of the key and a column for each entry of the value. Writing adds an
outer product, recalling multiplies by a key. Keys are meant to have length 1 (see `unit`): then what is recalled is the
stored value plus crosstalk from the other pairs, k_i·k_j of each.

Papers: Willshaw et al. 1969, Kohonen 1972, Anderson 1972 (the matrix memory), Widrow and Hoff 1960 (the delta rule),
Hopfield 1982 (recall as descent of an energy), Ramsauer et al. 2021 (the same with a softmax).
Deviations: states of Hopfield's network are ±1 where his paper has 0/1; weights are divided by the width d.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.mechanisms.shapes import checked


@checked
def unit(vector: Float[Tensor, "*batch d"]) -> Float[Tensor, "*batch d"]:
    """Scale each vector [..., d] to length 1. A vector of zeros stays zero.

    Source: kohonen1972
    """
    return torch.nn.functional.normalize(vector, dim=-1)


@checked
def hebbian_write(
    memory: Float[Tensor, "*#batch dk dv"],
    key: Float[Tensor, "*#batch dk"],
    value: Float[Tensor, "*#batch dv"],
) -> Float[Tensor, "*#batch dk dv"]:
    """Add the pair to the memory: M + k vᵀ (the Hebbian rule).

    Args:
        memory: M, [..., dk, dv]; it is left as it was.
        key: k, [..., dk].
        value: v, [..., dv].

    Source: kohonen1972
    """
    return memory + key.unsqueeze(-1) * value.unsqueeze(-2)


@checked
def recall(memory: Float[Tensor, "*#batch dk dv"], key: Float[Tensor, "*#batch dk"]) -> Float[Tensor, "*#batch dv"]:
    """Read the memory at a key: Mᵀ k.

    Returns the recalled value [..., dv]: the stored value times |k|², plus crosstalk.

    Args:
        memory: M, [..., dk, dv].
        key: k, [..., dk].

    Source: kohonen1972
    """
    return (key.unsqueeze(-2) @ memory).squeeze(-2)


@checked
def delta_write(
    memory: Float[Tensor, "*#batch dk dv"],
    key: Float[Tensor, "*#batch dk"],
    value: Float[Tensor, "*#batch dv"],
    strength: Float[Tensor, "*#batch 1"] | float = 1.0,
) -> Float[Tensor, "*#batch dk dv"]:
    """Replace what the key recalls: M + β k (v - Mᵀk)ᵀ (the delta rule).

    Reading the key again gives v̂ + β|k|²(v - v̂), where v̂ is what it recalled before: v itself for a unit key and β = 1.

    Args:
        memory: M, [..., dk, dv].
        key: k, [..., dk].
        value: v, [..., dv].
        strength: β, a number or [..., 1]; 0 leaves the memory alone, 1 replaces. The error grows when β|k|² passes 2.

    Source: widrow1960; le2020, App. C
    """
    return hebbian_write(memory, key, strength * (value - recall(memory, key)))


@checked
def store(keys: Float[Tensor, "*#batch n dk"], values: Float[Tensor, "*#batch n dv"]) -> Float[Tensor, "*#batch dk dv"]:
    """Write n pairs into an empty memory at once: Σ_i k_i v_iᵀ, [..., dk, dv].

    Args:
        keys: [..., n, dk].
        values: [..., n, dv].

    Source: kohonen1972
    """
    return keys.mT @ values


@checked
def crosstalk(
    keys: Float[Tensor, "*#batch n dk"], values: Float[Tensor, "*#batch n dv"]
) -> Float[Tensor, "*#batch n dv"]:
    """What the other pairs add when each stored key is read: Σ_{j≠i} (k_i·k_j) v_j, for each i.

    Args:
        keys: [..., n, dk]; where they are orthogonal there is no crosstalk.
        values: [..., n, dv].

    Source: kohonen1972
    """
    similarity = keys @ keys.mT
    others = similarity - torch.diag_embed(similarity.diagonal(dim1=-2, dim2=-1))
    return others @ values


def crosstalk_variance(items: int, dim: int, value_variance: float = 1.0) -> float:
    """Variance of one entry of the crosstalk, for independent random unit keys: (n - 1) σ² / dk.

    The squared overlap of two independent unit vectors, one of them uniform on the sphere, is 1/dk on average.

    Args:
        items: n, the number of stored pairs, at least 1.
        dim: dk, the width of the keys, at least 1.
        value_variance: σ², the mean square of an entry of a value.

    Returns:
        The expected square of an entry of the crosstalk. Its root, over σ, is the relative error of recall.

    Raises:
        ValueError: items or dim is below 1, or value_variance below 0.

    Source: hertz1991, Sec. 2.2
    """
    if items < 1 or dim < 1 or value_variance < 0:
        raise ValueError(
            "crosstalk_variance: expected items >= 1, dim >= 1 and value_variance >= 0; "
            f"got items={items}, dim={dim}, value_variance={value_variance}."
        )
    return (items - 1) * value_variance / dim


@checked
def hopfield_weights(patterns: Float[Tensor, "*batch n d"]) -> Float[Tensor, "*batch d d"]:
    """Hebbian weights W of a Hopfield network: (1/d) Σ_μ x_μ x_μᵀ with a zero diagonal, [..., d, d].

    Args:
        patterns: n patterns of entries ±1, [..., n, d].

    Source: hopfield1982, Eq. 2
    """
    weights = store(patterns, patterns) / patterns.shape[-1]
    return weights - torch.diag_embed(weights.diagonal(dim1=-2, dim2=-1))


@checked
def hopfield_energy(
    state: Float[Tensor, "*#batch d"], weights: Float[Tensor, "*#batch d d"]
) -> Float[Tensor, "*#batch"]:
    """Energy of a state: -½ sᵀ W s. No update of a single unit raises it.

    Args:
        state: s, entries ±1, [..., d].
        weights: W, symmetric with a zero diagonal, [..., d, d].

    Returns:
        One number for each state, [...].

    Source: hopfield1982, Eq. 7
    """
    return -0.5 * (recall(weights, state) * state).sum(-1)


@checked
def hopfield_update(
    state: Float[Tensor, "*#batch d"], weights: Float[Tensor, "*#batch d d"], unit_index: int | None = None
) -> Float[Tensor, "*#batch d"]:
    """Set units to the sign of their input W s; a unit whose input is 0 keeps its state.

    Args:
        state: s, entries ±1, [..., d].
        weights: W, [..., d, d].
        unit_index: update this unit alone, so that the energy cannot rise; None updates all at once.

    Returns:
        The new state [..., d].

    Raises:
        TypeError, ValueError: kinds of number or shapes do not fit.
        IndexError: there is no such unit.

    Source: hopfield1982, Eq. 1
    """
    field = recall(weights, state)
    updated = torch.where(field == 0, state.expand_as(field), field.sign())
    if unit_index is None:
        return updated
    changed = state.expand_as(field).clone()
    changed[..., unit_index] = updated[..., unit_index]
    return changed


@checked
def modern_hopfield_energy(
    state: Float[Tensor, "*#batch d"], patterns: Float[Tensor, "*#batch n d"], beta: float
) -> Float[Tensor, "*#batch"]:
    """Energy of the modern network: -(1/β) log Σ_μ exp(β x_μ·s) + ½|s|² + (1/β) log n + ½ max_μ |x_μ|².

    Args:
        state: s, [..., d].
        patterns: stored patterns x_μ, [..., n, d].
        beta: β > 0, how sharply patterns compete.

    Returns:
        One number for each state, [...]; never below 0.

    Raises:
        TypeError, ValueError: kinds of number or shapes do not fit, or beta is not above 0.

    Source: ramsauer2021, Eq. 2
    """
    scores = _positive(beta, "modern_hopfield_energy") * recall(patterns.mT, state)
    offset = math.log(patterns.shape[-2]) / beta + 0.5 * patterns.square().sum(-1).amax(-1)
    return 0.5 * state.square().sum(-1) - scores.logsumexp(-1) / beta + offset


@checked
def modern_hopfield_update(
    state: Float[Tensor, "*#batch d"], patterns: Float[Tensor, "*#batch n d"], beta: float
) -> Float[Tensor, "*#batch d"]:
    """One step of the modern network: Σ_μ softmax_μ(β x_μ·s) x_μ. This is attention with one query.

    Args:
        state: s, [..., d].
        patterns: stored patterns x_μ, [..., n, d].
        beta: β > 0; large β recalls one pattern, small β their mean.

    Returns:
        The new state [..., d]; its energy is not above the old one's.

    Raises:
        TypeError, ValueError: kinds of number or shapes do not fit, or beta is not above 0.

    Source: ramsauer2021, Eq. 3
    """
    return recall(patterns, (_positive(beta, "modern_hopfield_update") * recall(patterns.mT, state)).softmax(-1))


def _positive(beta: float, function: str) -> float:
    if not beta > 0:
        raise ValueError(f"{function}: expected beta > 0, got {beta}.")
    return beta
