"""Addressing of the Neural Turing Machine: from what a head asks for to the slots that it looks at.

A head's weights say how much it looks at each slot of a memory; they are not negative and sum to 1. They are made in
four stages: `content` finds slots that look like a key, `interpolate` may keep the weights of the step before, `shift`
moves them along the memory, `sharpen` undoes the blur of the move. `read` and `erase_add` use them.

Heads are a leading axis like any other: keys [batch, heads, width] go with a memory [batch, 1, slots, width].

Paper: Graves, Wayne and Danihelka 2014, Eq. 2-9.
Deviations: lengths of vectors are taken as sqrt(|v|² + ε), so that a zero vector is similar to nothing and has a
finite gradient. Several heads that write erase first, all of them, and then add.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.mechanisms.lerp import lerp
from memlib.mechanisms.shapes import checked

__all__ = ["blend", "content", "erase_add", "erase_add_heads", "interpolate", "read", "sharpen", "shift", "similarity"]


@checked
def similarity(
    memory: Float[Tensor, "*#batch slots width"], key: Float[Tensor, "*#batch width"], epsilon: float = 1e-8
) -> Float[Tensor, "*#batch slots"]:
    """Compare a key with each slot: the cosine of their angle, m·k / (|m| |k|).

    Args:
        memory: M, [..., slots, width].
        key: k, [..., width].
        epsilon: ε, added to the squared lengths; a zero vector has cosine 0 with everything.

    Returns:
        In [-1, 1], [..., slots].

    Source: graves2014, Eq. 6
    """
    squares = memory.square().sum(-1) + epsilon
    own = key.square().sum(-1, keepdim=True) + epsilon
    return torch.einsum("...nw,...w->...n", memory, key) * (squares * own).rsqrt()


@checked
def content(
    memory: Float[Tensor, "*#batch slots width"],
    key: Float[Tensor, "*#batch width"],
    strength: Float[Tensor, "*#batch 1"],
    epsilon: float = 1e-8,
) -> Float[Tensor, "*#batch slots"]:
    """Look where the memory is like a key: softmax(β cos(m_i, k)).

    Args:
        memory: M, [..., slots, width].
        key: k, [..., width].
        strength: β, at least 0, [..., 1]; 0 looks everywhere alike.
        epsilon: as in `similarity`.

    Source: graves2014, Eq. 5
    """
    return torch.softmax(strength * similarity(memory, key, epsilon), -1)


@checked
def interpolate(
    weights: Float[Tensor, "*#batch slots"],
    previous: Float[Tensor, "*#batch slots"],
    gate: Float[Tensor, "*#batch 1"],
) -> Float[Tensor, "*#batch slots"]:
    """Choose between what was found and where the head was: g w + (1 - g) w'.

    Args:
        weights: w, found by content, [..., slots].
        previous: w', of the step before, [..., slots].
        gate: g in [0, 1], [..., 1]; 0 leaves the head where it was.

    Source: graves2014, Eq. 7
    """
    return lerp(previous, weights, gate)


@checked
def shift(
    weights: Float[Tensor, "*#batch slots"], kernel: Float[Tensor, "*#batch offsets"]
) -> Float[Tensor, "*#batch slots"]:
    """Move weights along the memory, which is a ring: out[i] = Σ_o w[(i - o) mod slots] s[o], o from -h to h.

    Args:
        weights: w, [..., slots].
        kernel: s, how much to move by each offset from -h to h, [..., 2h + 1]; not negative, its sum is 1.

    Raises:
        TypeError, ValueError: kinds of number or shapes do not fit, the kernel's width is even, or it is longer than
            the memory.

    Source: graves2014, Eq. 8
    """
    slots, width = weights.shape[-1], kernel.shape[-1]
    if width % 2 == 0 or width > slots:
        raise ValueError(
            f"shift: expected a kernel of odd width, at most as long as the memory of {slots} "
            f"slot{'s' * (slots > 1)}; got width {width}. Give it the offsets -h to h."
        )
    half = width // 2
    if half == 0:
        return weights * kernel
    ring = torch.cat([weights[..., slots - half :], weights, weights[..., :half]], -1)
    moved = ring[..., :slots] * kernel[..., width - 1 :]
    for at in range(1, width):
        moved = torch.addcmul(moved, ring[..., at : at + slots], kernel[..., width - 1 - at : width - at])
    return moved


@checked
def sharpen(
    weights: Float[Tensor, "*#batch slots"], power: Float[Tensor, "*#batch 1"]
) -> Float[Tensor, "*#batch slots"]:
    """Make high weights higher: w_i^γ / Σ_j w_j^γ.

    The weights are divided by the highest of them first, which changes nothing but that no power makes all of them 0.
    Weights that are all 0 stay so.

    Args:
        weights: w, not negative, [..., slots].
        power: γ, at least 1, [..., 1].

    Source: graves2014, Eq. 9
    """
    highest = weights.detach().amax(-1, keepdim=True)
    raised = (weights / torch.where(highest > 0, highest, 1.0)) ** power
    # The highest is 1, so the sum is at least 1 wherever there is a weight.
    return raised / raised.sum(-1, keepdim=True).clamp(min=1)


@checked
def read(
    memory: Float[Tensor, "*#batch slots width"], weights: Float[Tensor, "*#batch slots"]
) -> Float[Tensor, "*#batch width"]:
    """Read everywhere, to different extents: Σ_i w_i m_i.

    Args:
        memory: M, [..., slots, width].
        weights: w, [..., slots].

    Source: graves2014, Eq. 2
    """
    return torch.einsum("...nw,...n->...w", memory, weights)


@checked
def erase_add(
    memory: Float[Tensor, "*#batch slots width"],
    weights: Float[Tensor, "*#batch slots"],
    erase: Float[Tensor, "*#batch width"],
    add: Float[Tensor, "*#batch width"],
) -> Float[Tensor, "*#batch slots width"]:
    """Write everywhere, to different extents: m_i ⊙ (1 - w_i e) + w_i a.

    Args:
        memory: M, [..., slots, width]; it is left as it was.
        weights: w, [..., slots].
        erase: e, each entry in [0, 1], [..., width].
        add: a, [..., width].

    Source: graves2014, Eq. 3; graves2014, Eq. 4
    """
    where = weights.unsqueeze(-1)
    return memory * (1 - where * erase.unsqueeze(-2)) + where * add.unsqueeze(-2)


@checked
def erase_add_heads(
    memory: Float[Tensor, "*#batch slots width"],
    weights: Float[Tensor, "*#batch heads slots"],
    erase: Float[Tensor, "*#batch heads width"],
    add: Float[Tensor, "*#batch heads width"],
) -> Float[Tensor, "*#batch slots width"]:
    """Let several heads write at once: m_i ⊙ Π_h (1 - w_hi e_h) + Σ_h w_hi a_h. Their order does not matter.

    Args:
        memory: M, [..., slots, width]; it is left as it was.
        weights: w, [..., heads, slots].
        erase: e, each entry in [0, 1], [..., heads, width].
        add: a, [..., heads, width].

    Source: graves2014, Eq. 3; graves2014, Eq. 4
    """
    if weights.shape[-2] == 1:
        return erase_add(memory, weights.squeeze(-2), erase.squeeze(-2), add.squeeze(-2))
    kept = 1 - weights.unsqueeze(-1) * erase.unsqueeze(-2)
    return memory * kept.prod(-3) + weights.mT @ add


@checked
def blend(
    memory: Float[Tensor, "*#batch slots width"],
    weights: Float[Tensor, "*#batch slots"],
    value: Float[Tensor, "*#batch width"],
) -> Float[Tensor, "*#batch slots width"]:
    """Replace what is looked at by a value: (1 - w_i) m_i + w_i v. This is `erase_add` with e = 1 and a = v.

    Args:
        memory: M, [..., slots, width]; it is left as it was.
        weights: w, [..., slots].
        value: v, [..., width].

    Source: olah2016
    """
    return erase_add(memory, weights, torch.ones_like(value), value)
