"""The Fast Weight Memory of a whole window at once: attention over its own writes.

The memory is a tensor of d³ numbers, and a step-by-step loop moves all of them at every step. But each write has rank
one, k_t u_tᵀ, so a window of T steps is known by T keys and T changes, beside the memory at its start:

    k_i·k_t = (k1_i·k1_t)(k2_i·k2_t)               the Gram matrix of product keys, [T, T]
    F_t = F_0/P_t + Σ_{i≤t} (P_{i-1}/P_t) k_i u_iᵀ  the memory, P the product of the rescalings (Eq. 4)
    read(q, e) at t = Σ_{i≤t} (P_{i-1}/P_t)(q·k1_i)(e·k2_i) u_i + F_0ᵀ(q ⊗ e)/P_t

Changes come from a scan (`scan`); all reads then go in parallel: causal attention with a product of two scores.

Source: schlag2021, Eq. 3; schlag2021, Eq. 4; schlag2021, Eq. 7
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from memlib.kernels.fast_weights.attention import attend
from memlib.kernels.fast_weights.scan import write_scan
from memlib.kernels.fast_weights.trilinear import read_memory, sum_writes
from memlib.mechanisms.fast_weights import concatenated, layer_norm


class Writes(NamedTuple):
    """The writes of a window: all that there is to know about its memories F_0 to F_T.

    Attributes:
        memory: F_0, [batch, d1, d2, dv].
        key1: [batch, time, d1].
        key2: [batch, time, d2].
        changes: u, [batch, time, dv]; 0 on padding.
        logs: log P before the first step and after each, [batch, time + 1].
        left: how much of F_0 and of each write is left after each step, [batch, time, 1 + time] (see `Scan`).
    """

    memory: Tensor
    key1: Tensor
    key2: Tensor
    changes: Tensor
    logs: Tensor
    left: Tensor


def write(
    memory: Float[Tensor, "batch d1 d2 dv"],
    key1: Float[Tensor, "batch time d1"],
    key2: Float[Tensor, "batch time d2"],
    value: Float[Tensor, "batch time dv"],
    strength: Float[Tensor, "batch time 1"],
    mask: Bool[Tensor, "batch time"] | None = None,
) -> Writes:
    """Write a window: `tensor_write` and `bound_norm` at each step, without the memories between.

    Args:
        memory: F_0, before the first step.
        key1: k1.
        key2: k2.
        value: v.
        strength: β, with any scale of the write in it.
        mask: False where nothing is written and nothing bounded; None for nowhere.
    """
    live = torch.ones_like(strength[..., 0], dtype=torch.bool) if mask is None else mask
    gram = (key1 @ key1.mT) * (key2 @ key2.mT)
    start = read_memory(memory, key1, key2)
    square_norm = memory.square().sum((1, 2, 3))
    changes, logs, left = write_scan(gram, start, value, strength[..., 0] * live, square_norm, live)
    return Writes(memory, key1, key2, changes, torch.nn.functional.pad(logs, (1, 0)), left)


def read(
    writes: Writes,
    query: Float[Tensor, "batch queries d1"],
    entity: Float[Tensor, "batch queries d2"],
    steps: Int[Tensor, "batch queries"] | None = None,
) -> Float[Tensor, "batch queries dv"]:
    """Read the memory of one step for each pair: `tensor_read`, without the memories.

    Args:
        writes: of the window.
        query: n.
        entity: e.
        steps: t of each pair, 0 for the memory after the first write; None for pair t at step t.
    """
    before, now, left = writes.logs[:, :-1], writes.logs[:, 1:], writes.left
    if steps is not None:
        now, left = now.gather(1, steps), left.gather(1, steps.unsqueeze(-1).expand(-1, -1, left.shape[-1]))
    return attend(query, entity, writes.key1, writes.key2, writes.changes, writes.memory, before, now, left)


def chained_reads(
    writes: Writes,
    query: Float[Tensor, "batch queries d1"],
    entities: Float[Tensor, "batch queries rounds d2"],
    steps: Int[Tensor, "batch queries"] | None = None,
    concatenate: bool = False,
) -> Float[Tensor, "batch queries d1"]:
    """The mechanisms' `chained_read` at every step at once, or at some steps of each row.

    Args:
        writes: of the window.
        query: the first n.
        entities: e_1 to e_N.
        steps: as for `read`.
        concatenate: the keys are side by side (`concatenated`) in place of their product.
    """
    for entity in entities.unbind(-2):
        pair = concatenated(query, entity) if concatenate else (query, entity)
        query = layer_norm(read(writes, *pair, steps))
    return query


def last_memory(writes: Writes) -> Float[Tensor, "batch d1 d2 dv"]:
    """F_T, the memory after the window."""
    exponents = torch.nn.functional.pad(writes.logs[:, :-1], (1, 0)) - writes.logs[:, -1:]
    # The value of `left`, the derivative of the logs.
    left = writes.left[:, -1] * (exponents - exponents.detach()).exp()
    added = sum_writes(writes.key1, writes.key2, left[:, 1:].unsqueeze(-1) * writes.changes)
    return left[:, :1].unsqueeze(-1).unsqueeze(-1) * writes.memory + added


def fast_weights(
    memory: Float[Tensor, "batch d1 d2 d1"],
    key1: Float[Tensor, "batch time d1"],
    key2: Float[Tensor, "batch time d2"],
    value: Float[Tensor, "batch time d1"],
    strength: Float[Tensor, "batch time 1"],
    query: Float[Tensor, "batch time d1"],
    entities: Float[Tensor, "batch time rounds d2"],
    mask: Bool[Tensor, "batch time"] | None = None,
) -> tuple[Float[Tensor, "batch time d1"], Float[Tensor, "batch d1 d2 d1"]]:
    """Write, bound and read a window: the same as the three mechanisms at each step, outputs, state and gradients.

    Args:
        memory: F_0, before the first step.
        key1: k1.
        key2: k2.
        value: v.
        strength: β, with any scale of the write in it.
        query: the first n of each step.
        entities: e_1 to e_N of each step.
        mask: False on padding: the memory stays as it is.

    Returns:
        n after the last round at each step, and the memory after the last step.
    """
    writes = write(memory, key1, key2, value, strength, mask)
    return chained_reads(writes, query, entities), last_memory(writes)
