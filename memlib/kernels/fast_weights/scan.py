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

import importlib.util
from types import ModuleType
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from memlib.kernels.precision import single_under_autocast

# A write of which this little is left is nothing beside a memory of norm 1; smaller numbers make processors slow.
FORGOTTEN = 1e-26


class Scan(NamedTuple):
    """What the scan finds.

    Attributes:
        changes: u, [batch, time, dv].
        logs: L after each step, [batch, time]; it carries the derivatives of ``left``.
        left: how much is left after each step, [batch, time, 1 + time]: of the first memory, 1 / P_t; then of each
            write, P_{i-1} / P_t, and 0 for writes to come. As products, not from logs: these lose digits where L is
            large.
    """

    changes: Tensor
    logs: Tensor
    left: Tensor


@single_under_autocast
def write_scan(
    gram: Float[Tensor, "batch time time"],
    start: Float[Tensor, "batch time dv"],
    value: Float[Tensor, "batch time dv"],
    strength: Float[Tensor, "batch time"],
    square_norm: Float[Tensor, " batch"],
    live: Bool[Tensor, "batch time"],
) -> Scan:
    """Find every write of a window.

    Args:
        gram: g, products of the keys; only its lower triangle is used.
        start: F_0ᵀ k_t, what the first memory holds under each key.
        value: v.
        strength: β; 0 on padding.
        square_norm: ‖F_0‖².
        live: False on padding, where the norm is not bounded either.
    """
    return Scan(*_WriteScan.apply(gram, start, value, strength, square_norm, live))


class _WriteScan(torch.autograd.Function):
    """The scan above and its derivative."""

    @staticmethod
    def forward(ctx: Any, *inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        gram, _, value, strength, _, live = inputs
        faster = _triton(value)
        changes, recalled, squares, left = (faster.forward_loop if faster else forward_loop)(*inputs)
        logs = (0.5 * squares.clamp(min=1).log() * live).cumsum(1)
        ctx.save_for_backward(gram, value, strength, live, changes, recalled, squares, left)
        ctx.mark_non_differentiable(left)
        return changes, logs, left

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, from_changes: Tensor, from_logs: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        gram, value, strength, live, changes, recalled, squares, left = ctx.saved_tensors
        # What is left before each step is what was left after the one before.
        before = torch.cat([torch.zeros_like(left[:, :1]), left[:, :-1]], 1)
        before[:, 0, 0] = 1
        pull = (gram * before[..., 1:]).mT.contiguous()
        halves = torch.where(live & (squares > 1), 0.5 / squares, 0.0)
        slope = recalled + gram.diagonal(dim1=1, dim2=2).unsqueeze(-1) * changes
        given = (pull, from_changes, from_logs, changes, recalled, slope, strength, halves)
        faster = _triton(value)
        on_recalled, on_change, on_square = (faster.backward_loop if faster else backward_loop)(*given)
        on_gram = before[..., 1:] * (on_recalled @ changes.mT)
        on_gram.diagonal(dim1=1, dim2=2).copy_(on_square * changes.square().sum(-1))
        on_strength = (on_change * (value - recalled)).sum(-1)
        on_value = strength.unsqueeze(-1) * on_change
        return on_gram, before[..., :1] * on_recalled, on_value, on_strength, on_square[:, 0], None


def _triton(value: Tensor) -> ModuleType | None:
    """The same loops as kernels, where a GPU holds the tensors and Triton is there."""
    if not value.is_cuda or importlib.util.find_spec("triton") is None:
        return None
    from memlib.kernels.fast_weights import triton_scan

    return triton_scan if triton_scan.fits(value) else None


def forward_loop(
    gram: Tensor,
    start: Tensor,
    value: Tensor,
    strength: Tensor,
    square_norm: Tensor,
    live: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """From the first step to the last: u, r, m and what is left, as `Scan` has it."""
    batch, steps, _ = value.shape
    changes, recalled = torch.zeros_like(value), torch.empty_like(value)
    squares, left = value.new_empty(batch, steps), value.new_zeros(batch, steps, steps + 1)
    now, norm, padded = value.new_ones(batch, steps + 1), square_norm, not bool(live.all())
    halves = 0.5 * gram.diagonal(dim1=1, dim2=2)
    for t in range(steps):
        weights = (gram[:, t, :t] * now[:, 1 : t + 1]).unsqueeze(1)
        found = (now[:, :1] * start[:, t]).unsqueeze(1)
        found = (torch.baddbmm(found, weights, changes[:, :t]) if t else found).squeeze(1)
        change = strength[:, t : t + 1] * (value[:, t] - found)
        grown = torch.addcmul(found, halves[:, t : t + 1], change).mul_(change).sum(1)
        square = torch.add(norm, grown, alpha=2)
        bound = square.clamp(min=1)
        if padded:
            bound = torch.where(live[:, t], bound, 1.0)
        norm = square / bound
        kept = now[:, : t + 2]
        torch.threshold_(kept.mul_(bound.rsqrt().unsqueeze(1)), FORGOTTEN, 0.0)
        left[:, t, : t + 2], squares[:, t], recalled[:, t], changes[:, t] = kept, square, found, change
    return changes, recalled, squares, left


def backward_loop(
    pull: Tensor,
    from_changes: Tensor,
    from_logs: Tensor,
    changes: Tensor,
    recalled: Tensor,
    slope: Tensor,
    strength: Tensor,
    halves: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """From the last step to the first: r̄, ū and m̄.

    Args:
        pull: w_jt in row t, column j.
        from_changes: the derivative by u from outside.
        from_logs: the derivative by L from outside.
        changes: u.
        recalled: r.
        slope: r_t + g_tt u_t.
        strength: β.
        halves: 1 / (2 m_t) where the norm was bounded, else 0.
    """
    on_recalled, on_change = torch.zeros_like(changes), torch.empty_like(changes)
    on_square, bounded = torch.empty_like(halves), halves > 0
    on_log = on_norm = torch.zeros_like(halves[:, 0])
    for t in reversed(range(changes.shape[1])):
        on_log = on_log + from_logs[:, t]
        on_norm = torch.where(bounded[:, t], on_log * halves[:, t], on_norm)
        twice = (2 * on_norm).unsqueeze(1)
        later = torch.bmm(pull[:, t : t + 1, t + 1 :], on_recalled[:, t + 1 :]).squeeze(1)
        du = torch.addcmul(from_changes[:, t] + later, twice, slope[:, t])
        dr = twice * changes[:, t] - strength[:, t : t + 1] * du
        on_log = on_log + (later * changes[:, t]).addcmul_(dr, recalled[:, t], value=-1).sum(1)
        on_recalled[:, t], on_change[:, t], on_square[:, t] = dr, du, on_norm
    return on_recalled, on_change, on_square
