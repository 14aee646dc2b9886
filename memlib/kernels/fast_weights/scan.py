"""The write scan: what each write of a Fast Weight Memory adds, and how far the norm bound has shrunk it since.

The memory at step t is F_t = F_0 / P_t + Σ_{i≤t} (P_{i-1} / P_t) k_i u_iᵀ, with k_i = k1_i ⊗ k2_i and P_t = c_1 ... c_t
the product of the rescalings so far. So F need not exist. A step needs u_1 .. u_{t-1}, L = log P, g_ti = k_t·k_i and
the squared norm n of F:

    a_t = exp(-L_{t-1}),   w_ti = g_ti exp(L_{i-1} - L_{t-1})          (i < t; every exponent is at most 0)
    r_t = F_{t-1}ᵀ k_t = a_t F_0ᵀk_t + Σ_{i<t} w_ti u_i                what the key recalls
    u_t = β_t (v_t - r_t)                                              the change
    m_t = n_{t-1} + 2 r_t·u_t + g_tt |u_t|²                            the squared norm after the write
    L_t = L_{t-1} + ½ log max(1, m_t),   n_t = min(1, m_t)             the bound

Backward, with x̄ for the derivative of the loss by x, from the last step to the first (λ_t is all of L̄_t):

    p_t = Σ_{j>t} w_jt r̄_j                                            later steps pull at u_t
    m̄_t = λ_t / (2 m_t) where m_t > 1, else n̄_t
    ū_t = (from outside) + p_t + 2 m̄_t (r_t + g_tt u_t)
    r̄_t = 2 m̄_t u_t - β_t ū_t
    λ_{t-1} = (from outside) + λ_t + p_t·u_t - r̄_t·r_t,   n̄_{t-1} = m̄_t

The exponents meet L twice: as L_{i-1}, which gives Σ_j w_jt r̄_j·u_t = p_t·u_t, and as L_{t-1}, which gives -r̄_t·r_t.
So one sum over steps is enough, as in the forward pass. What is left goes in parallel: ḡ_ti = exp(L_{i-1} - L_{t-1})
r̄_t·u_i, ḡ_tt = m̄_t |u_t|², v̄ = β ū, β̄ = ū·(v - r), and a r̄ for the F_0 term. A padded step has β = 0 and no bound.

Source: schlag2021, Eq. 3; schlag2021, Eq. 4
"""

from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from memlib.kernels.fast_weights.attention import decays


def write_scan(
    gram: Float[Tensor, "batch time time"],
    start: Float[Tensor, "batch time dv"],
    value: Float[Tensor, "batch time dv"],
    strength: Float[Tensor, "batch time"],
    square_norm: Float[Tensor, " batch"],
    live: Bool[Tensor, "batch time"],
) -> tuple[Float[Tensor, "batch time dv"], Float[Tensor, "batch time"]]:
    """Find every write of a window.

    Args:
        gram: g, products of the keys; only its lower triangle is used.
        start: F_0ᵀ k_t, what the first memory holds under each key.
        value: v.
        strength: β; 0 on padding.
        square_norm: ‖F_0‖².
        live: False on padding, where the norm is not bounded either.

    Returns:
        The changes u [batch, time, dv], and L = log P after each step [batch, time].
    """
    changes, logs = _WriteScan.apply(gram, start, value, strength, square_norm, live)
    return changes, logs


class _WriteScan(torch.autograd.Function):
    """The scan above and its derivative."""

    @staticmethod
    def forward(
        ctx: Any, gram: Tensor, start: Tensor, value: Tensor, strength: Tensor, square_norm: Tensor, live: Tensor
    ) -> tuple[Tensor, Tensor]:
        batch, steps, _ = value.shape
        changes, recalled = torch.zeros_like(value), torch.empty_like(value)
        logs, squares = value.new_zeros(batch, steps + 1), value.new_empty(batch, steps)
        norm = square_norm
        own = gram.diagonal(dim1=1, dim2=2)
        for t in range(steps):
            fade = (logs[:, :t] - logs[:, t : t + 1]).exp_() * gram[:, t, :t]
            found = torch.exp(-logs[:, t : t + 1]) * start[:, t]
            if t:
                found = torch.baddbmm(found.unsqueeze(1), fade.unsqueeze(1), changes[:, :t]).squeeze(1)
            change = strength[:, t : t + 1] * (value[:, t] - found)
            square = norm + ((2 * found + own[:, t : t + 1] * change) * change).sum(1)
            bound = torch.where(live[:, t], square.clamp(min=1), 1.0)
            norm = square / bound
            logs[:, t + 1] = logs[:, t] + 0.5 * bound.log()
            recalled[:, t], changes[:, t], squares[:, t] = found, change, square
        ctx.save_for_backward(gram, value, strength, live, changes, recalled, logs, squares)
        return changes, logs[:, 1:]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        gram, value, strength, live, changes, recalled, logs, squares = ctx.saved_tensors
        from_changes, from_logs = grads
        past = torch.ones_like(gram[0], dtype=torch.bool).tril(-1)
        fade = decays(logs[:, :-1], logs[:, :-1], past)
        pull = (gram * fade).mT.contiguous()
        bounded = live & (squares > 1)
        half = 0.5 / squares
        own = gram.diagonal(dim1=1, dim2=2)
        slope = recalled + own.unsqueeze(-1) * changes
        on_recalled, on_change = torch.zeros_like(value), torch.empty_like(value)
        on_square = torch.empty_like(squares)
        on_log, on_norm = torch.zeros_like(squares[:, 0]), torch.zeros_like(squares[:, 0])
        for t in reversed(range(value.shape[1])):
            on_log = on_log + from_logs[:, t]
            on_norm = torch.where(bounded[:, t], on_log * half[:, t], on_norm)
            twice = 2 * on_norm.unsqueeze(1)
            later = torch.bmm(pull[:, t : t + 1, t + 1 :], on_recalled[:, t + 1 :]).squeeze(1)
            du = from_changes[:, t] + later + twice * slope[:, t]
            dr = twice * changes[:, t] - strength[:, t : t + 1] * du
            on_log = on_log + (later * changes[:, t] - dr * recalled[:, t]).sum(1)
            on_recalled[:, t], on_change[:, t], on_square[:, t] = dr, du, on_norm
        on_gram = fade * (on_recalled @ changes.mT)
        on_gram.diagonal(dim1=1, dim2=2).copy_(on_square * changes.square().sum(-1))
        on_start = torch.exp(-logs[:, :-1]).unsqueeze(-1) * on_recalled
        on_strength = (on_change * (value - recalled)).sum(-1)
        return on_gram, on_start, strength.unsqueeze(-1) * on_change, on_strength, on_norm, None
