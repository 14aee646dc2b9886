"""The gated write of the item memory, and the product that looks at the result, with a backward pass of its own.

With R the items, the mixed axis last, and c ⊗ u the pair to write:

    h = tanh(R),   [a, b] = h Uᵀ + drive,   i = σ(a),   f = σ(b),   X = c ⊗ u or its tanh
    R' = i ⊙ X + f ⊙ R,   z = R' Wᵀ

Of what has the memory's shape R alone is kept. The rest is worked out again on the way back: the gates take one product
more, and would be two thirds of what is kept. With Ḡ the derivative by R':

    Ḡ = R̄' + z̄ W,   ā = Ḡ ⊙ X ⊙ i (1 - i),   b̄ = Ḡ ⊙ R ⊙ f (1 - f),   X̄ = Ḡ ⊙ i (and ⊙ (1 - X²) behind a tanh)
    R̄ = Ḡ ⊙ f + ([ā, b̄] U) ⊙ (1 - h²),   c̄ = X̄ u,   ū = X̄ᵀ c

Source: le2020, Eq. 10; le2020, App. D
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from memlib.kernels.precision import single_under_autocast


@single_under_autocast
def write_items(
    items: Float[Tensor, "batch n d"],
    content: Float[Tensor, "batch n"],
    place: Float[Tensor, "batch d"],
    drive: Float[Tensor, "batch gates"],
    gate_weights: Float[Tensor, "gates d"],
    item_weights: Float[Tensor, "found d"],
    squash_pair: bool = False,
    squash_gates: bool = True,
) -> tuple[Float[Tensor, "batch n d"], Float[Tensor, "batch n found"]]:
    """Write through gates, and look.

    Args:
        items: R, [batch, n, d], the mixed axis last.
        content: c, [batch, n].
        place: u, [batch, d].
        drive: of the gates, biases included, what to take first, [batch, 2d].
        gate_weights: U, [2d, d].
        item_weights: W, [found, d].
        squash_pair: tanh on the pair.
        squash_gates: the sigmoid.

    Returns:
        R' [batch, n, d] and z [batch, n, found].

    Source: le2020, Eq. 10
    """
    found: tuple[Tensor, Tensor] = _WriteItems.apply(
        items, content, place, drive, gate_weights, item_weights, squash_pair, squash_gates
    )
    return found


def _pair(content: Tensor, place: Tensor, squash: bool) -> Tensor:
    pair = content.unsqueeze(-1) * place.unsqueeze(-2)
    return pair.tanh_() if squash else pair


def _gates(seen: Tensor, drive: Tensor, weights: Tensor, squash: bool) -> Tensor:
    gates = functional.linear(seen, weights).add_(drive.unsqueeze(1))
    return gates.sigmoid_() if squash else gates


class _WriteItems(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        items: Tensor,
        content: Tensor,
        place: Tensor,
        drive: Tensor,
        gate_weights: Tensor,
        item_weights: Tensor,
        squash_pair: bool,
        squash_gates: bool,
    ) -> tuple[Tensor, Tensor]:
        take, forget = _gates(items.tanh(), drive, gate_weights, squash_gates).chunk(2, -1)
        written = _pair(content, place, squash_pair).mul_(take).addcmul_(forget, items)
        ctx.save_for_backward(items, content, place, drive, gate_weights, item_weights)
        ctx.squash = squash_pair, squash_gates
        return written, functional.linear(written, item_weights)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, by_written: Tensor, by_found: Tensor) -> tuple[Tensor | None, ...]:
        items, content, place, drive, gate_weights, item_weights = ctx.saved_tensors
        squash_pair, squash_gates = ctx.squash
        seen = items.tanh()
        gates = _gates(seen, drive, gate_weights, squash_gates)
        take, forget = gates.chunk(2, -1)
        d = items.shape[-1]
        pair = _pair(content, place, squash_pair)
        written = (pair * take).addcmul_(forget, items)
        flat = by_found.reshape(-1, by_found.shape[-1])
        by_items = flat.T @ written.view(-1, d)
        grad = torch.addmm(by_written.reshape(-1, d), flat, item_weights).view_as(items)
        by_gates = torch.empty_like(gates)
        torch.mul(grad, pair, out=by_gates[..., :d])
        torch.mul(grad, items, out=by_gates[..., d:])
        by_pair = grad * take
        if squash_gates:
            by_gates = torch.ops.aten.sigmoid_backward(by_gates, gates)
        if squash_pair:
            by_pair = torch.ops.aten.tanh_backward(by_pair, pair)
        wide, flat = by_gates.view(-1, 2 * d), seen.view(-1, d)
        back = torch.ops.aten.tanh_backward(wide @ gate_weights, flat).view_as(items)
        return (
            back.addcmul_(grad, forget),
            torch.bmm(by_pair, place.unsqueeze(-1)).squeeze(-1),
            torch.bmm(by_pair.mT, content.unsqueeze(-1)).squeeze(-1),
            by_gates.sum(1),
            wide.T @ flat,
            by_items,
            None,
            None,
        )
