"""Rows of a state: what lets some rows of a batch go on while others have finished.

A state is a tensor whose first axis is the batch, None, or a tuple of states, named or not.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor


def each(function: Callable[..., Tensor], *states: Any) -> Any:
    """The same function of every tensor of a state, or of the tensors in the same place of several states."""
    first = states[0]
    if first is None:
        return None
    if isinstance(first, Tensor):
        return function(*states)
    parts = [each(function, *together) for together in zip(*states, strict=True)]
    return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)


def take(state: Any, rows: Tensor) -> Any:
    """These rows of a state, in this order.

    Args:
        state: of the whole batch.
        rows: their numbers, [count].
    """
    return each(lambda tensor: tensor.index_select(0, rows), state)


def weighted_sum(states: Sequence[Any], rows: Tensor, weights: Tensor, batch: int) -> Any:
    """Add up weighted rows of several states, each row into the row of the batch that it belongs to.

    A tensor that stands in several places of the states, such as an output that is the state too, is added up once.

    Args:
        states: at least one; the first axes may differ.
        rows: which row of the batch each of their rows is, those of the first state first, [all rows].
        weights: of the rows, [all rows].
        batch: how many rows the sum has.
    """
    known: dict[tuple[int, ...], Tensor] = {}

    def total(*parts: Tensor) -> Tensor:
        key = tuple(map(id, parts))
        if key not in known:
            joined = parts[0] if len(parts) == 1 else torch.cat(parts)
            joined = weights.view(-1, *[1] * (joined.ndim - 1)) * joined
            known[key] = joined.new_zeros(batch, *joined.shape[1:]).index_add(0, rows, joined)
        return known[key]

    return each(total, *states)
