"""The one sum that touches the third-order memory, Σ F_abv x_a y_b z_v, seen from each of its sides.

The pair x ⊗ y of every step would be T d² numbers a row. Here it is made for a few rows of the batch, used while it is
in the processor's cache, and made again in the backward pass.
"""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.kernels.precision import single_under_autocast

# Numbers in a block of pairs; on a GPU all rows go at once.
BLOCK = 1_000_000


@single_under_autocast
def read_memory(
    memory: Float[Tensor, "batch d1 d2 dv"],
    first: Float[Tensor, "batch time d1"],
    second: Float[Tensor, "batch time d2"],
) -> Float[Tensor, "batch time dv"]:
    """What one memory holds under many pairs: Fᵀ vec(x_t ⊗ y_t)."""
    return _Read.apply(memory, first, second)


@single_under_autocast
def sum_writes(
    first: Float[Tensor, "batch time d1"],
    second: Float[Tensor, "batch time d2"],
    value: Float[Tensor, "batch time dv"],
) -> Float[Tensor, "batch d1 d2 dv"]:
    """All writes of a window in one memory: Σ_t x_t ⊗ y_t ⊗ z_t."""
    return _Write.apply(first, second, value)


def read_raw(memory: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """`read_memory` without a derivative."""
    found = first.new_empty(*first.shape[:2], memory.shape[-1])
    for rows in _blocks(first, second):
        found[rows] = outer(first[rows], second[rows]) @ memory[rows].flatten(1, 2)
    return found


def write_raw(first: Tensor, second: Tensor, value: Tensor) -> Tensor:
    """`sum_writes` without a derivative."""
    memory = first.new_empty(first.shape[0], first.shape[-1], second.shape[-1], value.shape[-1])
    for rows in _blocks(first, second):
        memory[rows] = (outer(first[rows], second[rows]).mT @ value[rows]).view_as(memory[rows])
    return memory


def sides_raw(memory: Tensor, first: Tensor, second: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """The sum's derivatives by x and y: Σ F_abv y_b z_v and Σ F_abv x_a z_v at each step."""
    on_first, on_second = torch.empty_like(first), torch.empty_like(second)
    for rows in _blocks(first, second):
        pairs = (value[rows] @ memory[rows].flatten(1, 2).mT).unflatten(-1, memory.shape[1:3])
        on_second[rows] = (first[rows].unsqueeze(-2) @ pairs).squeeze(-2)
        on_first[rows] = (pairs * second[rows].unsqueeze(-2)).sum(-1)
    return on_first, on_second


def outer(first: Tensor, second: Tensor) -> Tensor:
    """x ⊗ y as a vector, [batch, time, d1 d2]."""
    return (first.unsqueeze(-1) * second.unsqueeze(-2)).flatten(-2)


def _blocks(first: Tensor, second: Tensor) -> Iterator[slice]:
    batch, steps, width = first.shape
    rows = max(1, BLOCK // max(1, steps * width * second.shape[-1])) if first.device.type == "cpu" else batch
    return (slice(start, start + rows) for start in range(0, batch, max(1, rows)))


class _Read(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, memory: Tensor, first: Tensor, second: Tensor) -> Tensor:
        ctx.save_for_backward(memory, first, second)
        return read_raw(memory, first, second)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        memory, first, second = ctx.saved_tensors
        on_memory = write_raw(first, second, grad) if ctx.needs_input_grad[0] else None
        return on_memory, *sides_raw(memory, first, second, grad)


class _Write(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, first: Tensor, second: Tensor, value: Tensor) -> Tensor:
        ctx.save_for_backward(first, second, value)
        return write_raw(first, second, value)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        first, second, value = ctx.saved_tensors
        return *sides_raw(grad, first, second, value), read_raw(grad, first, second)
