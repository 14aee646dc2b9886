"""A whole sequence through two memories, without laying out the relational one at each step.

What the inputs say is worked out at once. In the loop only the items move, and with them queries, keys and values. The
relational memory is a sum of pairs, faded; so what each later step will read of it is kept in its place, as a list of
answers that every step adds to. The transfer takes the pairs by their factors. Afterwards the scored steps are
distilled: what is new between two of them goes through G2, which is linear, and is added to what was distilled before.

Tested equal to `unroll` over `STMCell`: outputs, states, gradients.

Source: le2020, Eqs. 9-14
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from memlib.kernels import two_memories as kernel
from memlib.models.stm_cell import Signals, STMCell, STMState


class Fading(NamedTuple):
    """What is left of a pair: ``gain`` times ``decay`` to the number of steps since; None where it is 1."""

    gain: Tensor | None
    decay: Tensor | None

    def after(self, tensor: Tensor, steps: Sequence[int]) -> Tensor:
        """[batch, time, ...], each step's as it is so many steps later."""
        if self.decay is not None:
            powers = self.decay ** torch.tensor(steps, dtype=tensor.dtype, device=tensor.device)
            return tensor * powers.view(1, -1, *[1] * (tensor.ndim - 2))
        return tensor if self.gain is None else tensor * self.gain

    def fade(self, tensor: Tensor, steps: int = 1) -> Tensor:
        """What was there, so many steps later."""
        return tensor if self.decay is None or steps == 0 else tensor * self.decay**steps

    def scaled(self, tensor: Tensor) -> Tensor:
        """What comes new."""
        return tensor if self.gain is None else tensor * self.gain


def run_sequence(
    cell: STMCell, xs: Float[Tensor, "batch time width_in"], state: STMState | None, steps: Sequence[int]
) -> tuple[Float[Tensor, "batch scored read_size"], STMState]:
    """The cell along a sequence.

    Args:
        cell: whose parameters and options these are.
        xs: inputs.
        state: before the first step; the cell's own when None.
        steps: where outputs are wanted, rising.

    Returns:
        The outputs at these steps, and the last state.
    """
    config, time = cell.config, xs.shape[1]
    said = cell.signals(xs)
    # One row stands for all where the start is learned.
    begin = cell.initial_state(1) if state is None else state
    empty = state is None and cell.first_relations is None
    blend = cell.relational_blend
    fading = Fading(blend, None) if config.relational_blend == "gain" else Fading(None, blend)
    choice = said.choice.softmax(-1)
    waiting = torch.zeros_like(said.key) if empty else _asked(begin.relations, said.key, choice, config.read_contract)
    to_memory = config.transfer == "memory"
    handed = None if empty or not to_memory else cell.transfer.weight @ begin.relations.flatten(1, 2)
    handed = handed if handed is None else handed.mT.expand(len(xs), -1, -1)
    mapping = cell.transfer.weight[: 0 if config.transfer == "none" else None]
    items = begin.items.expand(len(xs), -1, -1)
    items = items if config.mixed_axis == "columns" else items.mT.contiguous()
    kept: list[tuple[Tensor, Tensor, Tensor]] = []
    for t, now in enumerate(zip(*(signal.unbind(1) for signal in said), strict=True)):
        step = Signals(*now)
        items, mixtures = _written(cell, items, step)
        q, k, v = _extracted(cell, mixtures, waiting[:, 0], step.key)
        kept.append((q, k, v))
        found, mapped = kernel.consult(q, k, v, said.key[:, t + 1 :], choice[:, t + 1 :], mapping, config.read_contract)
        waiting = fading.fade(waiting[:, 1:]) + fading.scaled(found)
        if config.transfer == "none":
            continue
        if to_memory:
            start = torch.zeros_like(items) if handed is None else fading.fade(handed)
            handed = torch.baddbmm(start, v.mT, fading.scaled(mapped))
            items = items + cell.transfer_blend * (handed + cell.transfer.bias)
        else:
            # The bias as one more pair, under ones: no pass over the items of its own.
            values = torch.cat([v, torch.ones_like(v[:, :1])], 1)
            mapped = torch.cat([mapped, cell.transfer.bias.expand(len(xs), 1, -1)], 1)
            items = torch.baddbmm(items, values.mT, cell.transfer_blend * mapped)
    q, k, v = (torch.stack(one, 1) for one in zip(*kept, strict=True))
    relations = kernel.stored_pairs(q, k, fading.after(v, range(time - 1, -1, -1)))
    relations = relations if empty else relations + fading.fade(begin.relations, time)
    ys = _distilled(cell, q, k, v, None if empty else begin.relations, fading, steps)
    return ys, STMState(items if config.mixed_axis == "columns" else items.mT, relations)


def _asked(relations: Tensor, key: Tensor, choice: Tensor, contract: str) -> Tensor:
    """What all steps read of the memory as it is before the first: [batch, time, d]. One row may stand for all."""
    relations = relations[0] if len(relations) == 1 else relations
    asked = (choice.unsqueeze(-1) * key.unsqueeze(-2)).flatten(-2)
    relations = relations if contract == "rows" else relations.mT
    return asked @ relations.flatten(-3, -2)


def _written(cell: STMCell, items: Tensor, said: Signals) -> tuple[Tensor, Tensor]:
    """The items with this step's pair, the mixed axis last, and their products with the maps to q, k, v."""
    pair = said.left, said.right
    content, place = pair if cell.config.mixed_axis == "columns" else pair[::-1]
    if not cell.config.gates:
        items = torch.baddbmm(items, content.unsqueeze(-1), place.unsqueeze(-2))
        return items, functional.linear(items, cell.to_items.weight)
    weights = cell.gate_memory.weight, cell.to_items.weight
    return kernel.write_items(
        items, content, place, said.drive, *weights, cell.config.squash_pair, cell.config.squash_gates
    )


def _extracted(cell: STMCell, mixtures: Tensor, read: Tensor, key: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys, values of the items with v ⊗ f2 beside them, whose product with W is an outer product too."""
    content, place = (read, key) if cell.config.mixed_axis == "columns" else (key, read)
    seen = cell.read_blend * functional.linear(place, cell.to_items.weight)
    mixtures = torch.baddbmm(mixtures, content.unsqueeze(-1), seen.unsqueeze(-2))
    if cell.to_items.bias is not None:
        mixtures = mixtures + cell.to_items.bias
    q, k, v = cell.normalise(mixtures.mT.contiguous()).chunk(3, -2)
    return q, k, v


def _distilled(
    cell: STMCell,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    relations: Tensor | None,
    fading: Fading,
    steps: Sequence[int],
) -> Tensor:
    """The cell's outputs at the scored steps, [batch, scored, read_size]."""
    ends = list(steps)
    if not ends:
        return q.new_zeros(len(q), 0, cell.config.read_size)
    bounds = [-1, *ends]
    until = [end - t for first, end in zip(bounds, ends, strict=False) for t in range(first + 1, end + 1)]
    values = fading.after(v[:, : ends[-1] + 1], until)
    # G2 and the first layer of G3 are linear: one matrix in their place, if that is less work for so many outputs.
    n, wide, narrow = cell.config.queries, cell.config.relation_size, cell.config.read_size
    composed = len(q) * len(ends) * (wide - narrow) > wide * narrow
    weights, layer = cell.distil.weight, cell.features
    if composed:
        weights = (layer.weight.view(narrow * n, wide) @ weights).view(narrow, -1)
    parts = kernel.distil_pairs(q, k, values, weights, ends)
    total = None
    if relations is not None:
        groups = relations.flatten(1).unflatten(1, (parts.shape[2], -1))
        total = groups @ weights.T
    found = []
    for part, (first, end) in zip(parts.unbind(1), zip(bounds, ends, strict=False), strict=True):
        total = part if total is None else fading.fade(total, end - first) + part
        found.append(total)
    out = torch.stack(found, 1)
    if composed:
        bias = layer.weight.view(narrow, n, wide).sum(1) @ cell.distil.bias + layer.bias
        return out.squeeze(2) + bias
    return layer((out + cell.distil.bias).flatten(2))
