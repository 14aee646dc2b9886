"""Two memories written step by step, every outer product laid out: what the benchmark compares the library's with.

Queries and keys are repeated for one another, each of the nq · nkv outer products is a matrix of its own, and they are
summed; the relational memory is kept, read, handed on and distilled at every step. It computes the same thing as
`memlib.models.stm.STM` with the options of the authors' code, and works with that model's weights.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from memlib.models.stm import STM


class LaidOutSTM(nn.Module):
    """The whole model.

    Args:
        other: whose weights it works with; the options of `STMConfig.official`, with or without gates.
    """

    def __init__(self, other: STM) -> None:
        super().__init__()
        self.model = other

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits [batch, time, width_out]."""
        items, relations = self.model.initial_state(len(inputs))
        outputs = []
        for x in inputs.unbind(1):
            items, relations = self.step(x, items, relations)
            outputs.append(self.said(relations))
        return torch.stack(outputs, 1)

    def step(self, x: Tensor, items: Tensor, relations: Tensor) -> tuple[Tensor, Tensor]:
        """The two memories after an input."""
        cell = self.model.cell
        x = x if cell.embed is None else cell.embed(x)
        left, key, choice = cell.to_left(x), cell.to_key(x), torch.softmax(cell.to_choice(x), -1)
        pair = torch.matmul(left.unsqueeze(2), left.unsqueeze(1))
        read = torch.einsum("bs,bd,bsdv->bv", choice, key, relations)
        if cell.config.gates:
            take, forget = self.gates(left, items)
            items = take * torch.tanh(pair) + forget * items
        else:
            items = items + pair
        joined = items + cell.read_blend * torch.einsum("bv,bd->bvd", read, key)
        mixtures = cell.to_items(joined).transpose(1, 2)
        mixtures = functional.layer_norm(mixtures, mixtures.shape[1:], cell.norm_gain, cell.norm_shift)
        found = related(*mixtures.split(cell.config.queries, 1))
        items = items + cell.transfer_blend * cell.transfer(found.flatten(1, 2).transpose(1, 2))
        return items, cell.relational_blend * relations + found

    def gates(self, left: Tensor, items: Tensor) -> tuple[Tensor, Tensor]:
        """What to take and what to keep, [batch, d, d] each."""
        cell = self.model.cell
        both = cell.gate_memory(torch.tanh(items)) + cell.gate_drive(left).unsqueeze(1)
        take, forget = both.chunk(2, -1)
        return torch.sigmoid(take + cell.take_bias), torch.sigmoid(forget + cell.forget_bias)

    def said(self, relations: Tensor) -> Tensor:
        """The output of a step."""
        cell = self.model.cell
        logits: Tensor = self.model.output(cell.features(cell.distil(relations.flatten(2)).flatten(1)))
        return logits


def related(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Each query with each key, each result beside the key's value, all laid out, then summed over the keys."""
    queries = q.unsqueeze(2).repeat(1, 1, k.shape[1], 1)
    keys = k.unsqueeze(1).repeat(1, q.shape[1], 1, 1)
    values = v.unsqueeze(1).repeat(1, q.shape[1], 1, 1)
    return torch.matmul(torch.tanh(queries * keys).unsqueeze(4), values.unsqueeze(3)).sum(2)
