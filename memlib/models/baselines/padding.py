"""Padding: run only what is no padding, with a function that knows of none.

Rows are shifted to the left, so that what is left of each is a row of some length. Between one length and the next
the same rows are alive, and those are run together, at full speed.
"""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from memlib.models.baselines.token_model import mapped

Advance = Callable[[Tensor, Any], tuple[Tensor, Any]]


def left_aligned(mask: Bool[Tensor, "batch time"]) -> tuple[Int[Tensor, "batch time"], Int[Tensor, " batch"]]:
    """Where each row's steps stand once its padding is moved to the end.

    Args:
        mask: [batch, time], False at padding, anywhere in a row.

    Returns:
        For each place of the shifted rows, the step that comes there, [batch, time]; and the rows' lengths [batch].
    """
    order = torch.sort((~mask).to(torch.uint8), dim=1, stable=True).indices
    return order, mask.sum(1)


def take(xs: Float[Tensor, "batch time width"], order: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time width"]:
    """The steps of each row in the given order."""
    return xs.gather(1, order.unsqueeze(-1).expand_as(xs))


def put_back(
    ys: Float[Tensor, "batch time width"], order: Int[Tensor, "batch time"]
) -> Float[Tensor, "batch time width"]:
    """The inverse of `take`."""
    return torch.zeros_like(ys).scatter(1, order.unsqueeze(-1).expand_as(ys), ys)


def run_padded(
    advance: Advance, xs: Float[Tensor, "batch time width"], state: Any, mask: Bool[Tensor, "batch time"] | None
) -> tuple[Float[Tensor, "batch time output"], Any]:
    """Run along the time axis and hold a row's state at its padding.

    Args:
        advance: from (inputs [rows, steps, width], state) to (outputs [rows, steps, output], state); knows no padding.
        xs: [batch, time, width].
        state: of the whole batch, every tensor with the batch first.
        mask: [batch, time], False at padding; None where there is none.

    Returns:
        The outputs, 0 at padding, and the state after each row's last step.
    """
    if mask is None:
        return advance(xs, state)
    order, lengths = left_aligned(mask)
    xs, pieces, start = take(xs, order), [], 0
    for end in sorted(set(lengths.tolist()) - {0}):
        alive = (lengths > start).nonzero().squeeze(1)
        part = mapped(lambda t, rows=alive: t.index_select(0, rows), state)
        ys, part = advance(xs[alive, start:end], part)
        state = mapped(lambda t, new, rows=alive: t.index_copy(0, rows, new), state, part)
        pieces.append(ys.new_zeros(len(xs), *ys.shape[1:]).index_copy(0, alive, ys))
        start = end
    if not pieces:
        return torch.zeros_like(advance(xs[:, :1], state)[0]).expand(-1, mask.shape[1], -1), state
    ys = torch.cat(pieces, 1)
    rest = ys.new_zeros(len(xs), mask.shape[1] - start, ys.shape[-1])
    return put_back(torch.cat([ys, rest], 1), order), state
