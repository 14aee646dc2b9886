"""Reading the memory of every step at once: causal attention whose score is a product of two scores.

    y_t = Σ_{i≤t} w_ti u_i + exp(-L_t) F_0ᵀ(q_t ⊗ e_t),   w_ti = (q_t·k1_i)(e_t·k2_i) exp(L_{i-1} - L_t)

Backward, with x̄ for the derivative of the loss by x: ū_i = Σ_t w_ti ȳ_t, and the scores as in any attention. The logs
need no work of their own: L_{i-1} stands in the weights of write i alone, so its share is ū_i·u_i, and L_t in all of
y_t with a minus, so its share is -ȳ_t·y_t.

Source: schlag2021, Eq. 7
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.kernels.fast_weights.trilinear import read_raw, sides_raw, write_raw
from memlib.kernels.precision import single_under_autocast


@single_under_autocast
def attend(
    query: Float[Tensor, "batch queries d1"],
    entity: Float[Tensor, "batch queries d2"],
    key1: Float[Tensor, "batch time d1"],
    key2: Float[Tensor, "batch time d2"],
    changes: Float[Tensor, "batch time dv"],
    memory: Float[Tensor, "batch d1 d2 dv"],
    before: Float[Tensor, "batch time"],
    now: Float[Tensor, "batch queries"],
    left: Float[Tensor, "batch queries more"],
) -> Float[Tensor, "batch queries dv"]:
    """Read y for each query.

    Args:
        query: q.
        entity: e.
        key1: k1.
        key2: k2.
        changes: u.
        memory: F_0.
        before: L_{i-1} of each write.
        now: L_t of each query.
        left: exp(-L_t), then exp(L_{i-1} - L_t) of each write, 0 where i > t; [batch, queries, 1 + time]. Its
            derivative goes to the logs.
    """
    return _Attend.apply(query, entity, key1, key2, changes, memory, before, now, left)


class _Attend(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Tensor) -> Tensor:
        query, entity, key1, key2, changes, memory, _, _, left = inputs
        first, second = query @ key1.mT, entity @ key2.mT
        found = (first * second).mul_(left[..., 1:]) @ changes
        found.addcmul_(left[..., :1], read_raw(memory, query, entity))
        ctx.save_for_backward(*inputs, first, second, found)
        return found

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        query, entity, key1, key2, changes, memory, _, _, left, first, second, found = ctx.saved_tensors
        on_changes = (first * second).mul_(left[..., 1:]).mT @ grad
        on_weights = (grad @ changes.mT).mul_(left[..., 1:])
        on_first, on_second = second.mul(on_weights), on_weights.mul_(first)
        faded = left[..., :1] * grad
        on_query, on_entity = sides_raw(memory, query, entity, faded)
        on_query += on_first @ key1
        on_entity += on_second @ key2
        on_memory = write_raw(query, entity, faded) if ctx.needs_input_grad[5] else None
        on_before, on_now = (on_changes * changes).sum(-1), -(grad * found).sum(-1)
        on_keys = on_first.mT @ query, on_second.mT @ entity
        return on_query, on_entity, *on_keys, on_changes, on_memory, on_before, on_now, None
