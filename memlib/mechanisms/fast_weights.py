"""Fast weights: a matrix that a network writes as it reads, and the tensor of the Fast Weight Memory.

Three faces of one sum: a Hebbian matrix with decay, the delta rule on it, and attention without a softmax over all that
was written. Then the Fast Weight Memory: a key of two parts, k1 ⊗ k2, so that the memory is a tensor [d1, d2, dv].

Papers: Schmidhuber 1992 (one network writes the weights of another), Ba et al. 2016 (decay, an inner loop),
Katharopoulos et al. 2020 (linear attention), Schlag et al. 2021 (the Fast Weight Memory: Eq. 3-8).
Deviations: memories are [key, value], so a write is k vᵀ; the strength of a tensor write is any number, so that the
authors' division of the write can be put into it.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.mechanisms.associative import delta_write
from memlib.mechanisms.shapes import checked

__all__ = [
    "bound_norm",
    "causal_attention",
    "chained_read",
    "concatenated",
    "delta_write",
    "hebbian_write",
    "inner_loop",
    "layer_norm",
    "linear_attention",
    "positive_features",
    "tensor_read",
    "tensor_write",
]


@checked
def hebbian_write(
    memory: Float[Tensor, "*#batch dk dv"],
    key: Float[Tensor, "*#batch dk"],
    value: Float[Tensor, "*#batch dv"],
    decay: float = 0.95,
    rate: float = 0.5,
) -> Float[Tensor, "*#batch dk dv"]:
    """Let the memory fade and add a pair: λ A + η k vᵀ.

    Args:
        memory: A, [..., dk, dv]; it is left as it was.
        key: k, [..., dk].
        value: v, [..., dv]; Ba et al. write the hidden state under itself, k = v = h.
        decay: λ, 0 forgets all, 1 nothing.
        rate: η.

    Source: ba2016, Eq. 1; schmidhuber1992
    """
    return decay * memory + rate * key.unsqueeze(-1) * value.unsqueeze(-2)


@checked
def inner_loop(
    memory: Float[Tensor, "*#batch d d"],
    drive: Float[Tensor, "*#batch d"],
    steps: int = 1,
    activation: Callable[[Tensor], Tensor] = torch.relu,
) -> Float[Tensor, "*#batch d"]:
    """Let a hidden state settle under the fast weights: h ← f(LN(drive + h A)), from h = f(drive).

    Args:
        memory: A, [..., d, d].
        drive: what stays the same in the loop, W h(t) + C x(t), [..., d].
        steps: S, at least 0; 0 gives f(drive).
        activation: f.

    Returns:
        h after S steps, [..., d].

    Raises:
        TypeError, ValueError: kinds of number or shapes do not fit, or steps is below 0.

    Source: ba2016, Eq. 2; ba2016, Eq. 5
    """
    if steps < 0:
        raise ValueError(f"inner_loop: expected steps >= 0, got {steps}.")
    hidden = activation(drive)
    for _ in range(steps):
        hidden = activation(layer_norm(drive + (hidden.unsqueeze(-2) @ memory).squeeze(-2)))
    return hidden


@checked
def causal_attention(
    query: Float[Tensor, "*#batch n dk"],
    key: Float[Tensor, "*#batch n dk"],
    value: Float[Tensor, "*#batch n dv"],
    decay: float = 1.0,
    rate: float = 1.0,
) -> Float[Tensor, "*#batch n dv"]:
    """Read a Hebbian memory at each step without ever building it: η Σ_{i≤t} λ^(t-i) (q_t·k_i) v_i.

    This is attention with the softmax left out; it equals n times `hebbian_write` and a product with q_t.

    Args:
        query: q, [..., n, dk].
        key: k, [..., n, dk].
        value: v, [..., n, dv].
        decay: λ.
        rate: η.

    Returns:
        What is read after each write, [..., n, dv].

    Source: ba2016, Eq. 4; katharopoulos2020
    """
    steps = torch.arange(query.shape[-2], device=query.device)
    age = steps.unsqueeze(-1) - steps
    weights = torch.where(age >= 0, decay ** age.clamp(min=0).to(query.dtype), 0.0)
    return (rate * weights * (query @ key.mT)) @ value


@checked
def positive_features(vector: Float[Tensor, "*batch d"]) -> Float[Tensor, "*batch d"]:
    """Make the entries positive, so that sums of products can serve as weights: elu(x) + 1.

    Source: katharopoulos2020, Eq. 7
    """
    return torch.nn.functional.elu(vector) + 1


@checked
def linear_attention(
    query: Float[Tensor, "*#batch n dk"],
    key: Float[Tensor, "*#batch n dk"],
    value: Float[Tensor, "*#batch n dv"],
) -> Float[Tensor, "*#batch n dv"]:
    """Causal attention with φ(q)·φ(k) in place of exp(q·k): a Hebbian memory, divided by the sum of its weights.

    Args:
        query: q, [..., n, dk].
        key: k, [..., n, dk].
        value: v, [..., n, dv].

    Returns:
        A weighted mean of the values so far, at each step, [..., n, dv].

    Source: katharopoulos2020, Eq. 9
    """
    query, key = positive_features(query), positive_features(key)
    read = causal_attention(query, key, value)
    return read / (query * key.cumsum(-2)).sum(-1, keepdim=True)


@checked
def tensor_read(
    memory: Float[Tensor, "*#batch d1 d2 dv"],
    query: Float[Tensor, "*#batch d1"],
    entity: Float[Tensor, "*#batch d2"],
) -> Float[Tensor, "*#batch dv"]:
    """Read the memory under a pair: F vec(n ⊗ e), without the layer norm.

    Args:
        memory: F, [..., d1, d2, dv].
        query: n, [..., d1].
        entity: e, [..., d2].

    Source: schlag2021, Eq. 7
    """
    return torch.einsum("...abv,...a,...b->...v", memory, query, entity)


@checked
def tensor_write(
    memory: Float[Tensor, "*#batch d1 d2 dv"],
    key1: Float[Tensor, "*#batch d1"],
    key2: Float[Tensor, "*#batch d2"],
    value: Float[Tensor, "*#batch dv"],
    strength: Float[Tensor, "*#batch 1"] | float = 1.0,
) -> Float[Tensor, "*#batch d1 d2 dv"]:
    """Replace what a pair of keys recalls: F + β vec(k1 ⊗ k2) (v - v̂)ᵀ, v̂ the value it recalls now.

    Reading the pair again gives v̂ + β|k1|²|k2|²(v - v̂): β of the way to v for unit keys. Where β|k1|²|k2|² passes 2 the
    error grows with each write.

    Args:
        memory: F, [..., d1, d2, dv]; it is left as it was.
        key1: k1, [..., d1].
        key2: k2, [..., d2].
        value: v, [..., dv].
        strength: β, a number or [..., 1].

    Source: schlag2021, Eq. 3
    """
    change = strength * (value - tensor_read(memory, key1, key2))
    return memory + torch.einsum("...a,...b,...v->...abv", key1, key2, change)


@checked
def bound_norm(memory: Float[Tensor, "*batch d1 d2 dv"]) -> Float[Tensor, "*batch d1 d2 dv"]:
    """Shrink a memory [..., d1, d2, dv] whose Frobenius norm exceeds 1 to norm 1: F / max(1, ‖F‖).

    Source: schlag2021, Eq. 4
    """
    return memory / torch.linalg.vector_norm(memory, dim=(-3, -2, -1), keepdim=True).clamp(min=1)


@checked
def layer_norm(vector: Float[Tensor, "*batch d"]) -> Float[Tensor, "*batch d"]:
    """Shift and scale each vector [..., d] to mean 0 and variance 1, with nothing learned.

    Source: ba2016, Eq. 5; schlag2021, Eq. 7
    """
    return torch.nn.functional.layer_norm(vector, vector.shape[-1:])


@checked
def chained_read(
    memory: Float[Tensor, "*#batch d1 d2 d1"],
    query: Float[Tensor, "*#batch d1"],
    entities: Float[Tensor, "*#batch rounds d2"],
) -> Float[Tensor, "*#batch d1"]:
    """Read again with what was read: n ← LN(F vec(n ⊗ e_i)) for each entity e_i in turn.

    Args:
        memory: F, [..., d1, d2, d1]: a value is a query of the next round.
        query: the first n, [..., d1].
        entities: e_1 to e_N, [..., rounds, d2].

    Returns:
        n after the last round, [..., d1].

    Source: schlag2021, Eq. 7
    """
    for entity in entities.unbind(-2):
        query = layer_norm(tensor_read(memory, query, entity))
    return query


@checked
def concatenated(
    key1: Float[Tensor, "*#batch d1"], key2: Float[Tensor, "*#batch d2"]
) -> tuple[Float[Tensor, "*#batch d"], Float[Tensor, "*#batch 1"]]:
    """Two keys side by side in place of their product: [k1; k2] with a second key of 1, for the same tensor functions.

    Returns:
        [..., d1 + d2] and ones [..., 1].

    Source: schlag2021, App. A
    """
    leading = torch.broadcast_shapes(key1.shape[:-1], key2.shape[:-1])
    key = torch.cat([key1.expand(*leading, -1), key2.expand(*leading, -1)], -1)
    return key, torch.ones_like(key[..., :1])
