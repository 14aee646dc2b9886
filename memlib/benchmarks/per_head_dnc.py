"""A Differentiable Neural Computer written part by part and head by head: what the benchmark compares ours with.

Every part of the interface has a linear layer of its own; the heads take turns; free slots are found by sorting and
scattering; the links of each head are followed by an einsum. Nothing is done for all steps at once. It computes the
same thing as `memlib.models.dnc.DNC` with an LSTM of one layer, and takes its weights over.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from memlib.models.dnc import DNC


class ReadHead(nn.Module):
    """One read head: a linear layer for each of its parameters.

    Args:
        hidden: size of the controller.
        width: of a slot.
    """

    def __init__(self, hidden: int, width: int) -> None:
        super().__init__()
        self.key, self.strength = nn.Linear(hidden, width), nn.Linear(hidden, 1)
        self.free, self.modes = nn.Linear(hidden, 1), nn.Linear(hidden, 3)

    def forward(self, hidden: Tensor, memory: Tensor, link: Tensor, previous: Tensor) -> Tensor:
        """The head's weights [batch, slots]."""
        found = content(memory, self.key(hidden), 1 + functional.softplus(self.strength(hidden)))
        forward = torch.einsum("bij,bj->bi", link, previous)
        backward = torch.einsum("bji,bj->bi", link, previous)
        modes = torch.softmax(self.modes(hidden), -1)
        return modes[:, 0:1] * backward + modes[:, 1:2] * found + modes[:, 2:3] * forward


def content(memory: Tensor, key: Tensor, strength: Tensor) -> Tensor:
    """Softmax of the cosines, one head."""
    lengths = memory.square().sum(-1) + 1e-8
    cosine = (memory * key.unsqueeze(1)).sum(-1) / (lengths * (key.square().sum(-1, keepdim=True) + 1e-8)).sqrt()
    return torch.softmax(strength * cosine, -1)


def allocate(used: Tensor) -> Tensor:
    """Free slots: sort, multiply, scatter back."""
    ordered, order = torch.sort(used, dim=-1, stable=True)
    before = torch.cat([torch.ones_like(ordered[:, :1]), ordered[:, :-1]], -1).cumprod(-1)
    return torch.zeros_like(used).scatter(-1, order, (1 - ordered) * before)


class PerHeadDNC(nn.Module):
    """The whole machine.

    Args:
        other: whose weights and sizes are taken over; an LSTM controller of one layer, allocation and links.
    """

    def __init__(self, other: DNC) -> None:
        super().__init__()
        self.config = config = other.config
        hidden, width, heads = config.hidden_size, config.width, config.heads
        self.controller = nn.LSTMCell(config.input_size + heads * width, hidden)
        self.heads = nn.ModuleList(ReadHead(hidden, width) for _ in range(heads))
        self.write_key, self.write_strength = nn.Linear(hidden, width), nn.Linear(hidden, 1)
        self.erase, self.write = nn.Linear(hidden, width), nn.Linear(hidden, width)
        self.write_gate, self.allocation_gate = nn.Linear(hidden, 1), nn.Linear(hidden, 1)
        self.output = nn.Linear(hidden + heads * width, config.output_size)
        self._take(other)

    @torch.no_grad()
    def _take(self, other: DNC) -> None:
        config, hidden = other.config, other.config.hidden_size
        read = config.heads * config.width
        (below,) = other.layers[0].parameters()
        self.controller.weight_ih.copy_(torch.cat([other.inputs.weight, below[:, :read]], -1))
        self.controller.weight_hh.copy_(below[:, read:])
        self.controller.bias_ih.copy_(other.inputs.bias)
        self.controller.bias_hh.zero_().requires_grad_(False)
        # The interface's rows in the library's order.
        heads = self._read_heads()
        parts = [*(head.key for head in heads), self.write_key, self.write]
        parts += [*(head.strength for head in heads), self.write_strength, self.erase, self.write_gate]
        parts += [*(head.free for head in heads), self.allocation_gate, *(head.modes for head in heads)]
        first = 0
        for part in parts:
            rows = slice(first, first + part.out_features)
            part.weight.copy_(other.interface.weight[rows])
            part.bias.copy_(other.interface.bias[rows])
            first = rows.stop
        self.output.load_state_dict(other.output.state_dict())
        assert first == len(other.interface.weight)
        assert self.controller.hidden_size == hidden

    def _read_heads(self) -> list[ReadHead]:
        return [head for head in self.heads if isinstance(head, ReadHead)]

    def forward(self, inputs: Tensor) -> Tensor:
        """Outputs [batch, time, output_size]."""
        config, batch = self.config, len(inputs)
        slots, width = config.slots, config.width
        memory = inputs.new_zeros(batch, slots, width)
        link = inputs.new_zeros(batch, slots, slots)
        used, written, precedence = (inputs.new_zeros(batch, slots) for _ in range(3))
        weights = [inputs.new_zeros(batch, slots) for _ in self.heads]
        reads = [inputs.new_zeros(batch, width) for _ in self.heads]
        state = (inputs.new_zeros(batch, config.hidden_size),) * 2
        outputs = []
        for t in range(inputs.shape[1]):
            state = self.controller(torch.cat([inputs[:, t], *reads], -1), state)
            hidden = state[0]
            kept = torch.ones_like(used)
            for head, last in zip(self._read_heads(), weights, strict=True):
                kept = kept * (1 - torch.sigmoid(head.free(hidden)) * last)
            used = (used + written - used * written) * kept
            found = content(memory, self.write_key(hidden), 1 + functional.softplus(self.write_strength(hidden)))
            to_free, whether = torch.sigmoid(self.allocation_gate(hidden)), torch.sigmoid(self.write_gate(hidden))
            written = whether * (to_free * allocate(used) + (1 - to_free) * found)
            erased = 1 - torch.einsum("bn,bw->bnw", written, torch.sigmoid(self.erase(hidden)))
            memory = memory * erased + torch.einsum("bn,bw->bnw", written, self.write(hidden))
            scale = 1 - written.unsqueeze(2) - written.unsqueeze(1)
            link = scale * link + torch.einsum("bi,bj->bij", written, precedence)
            link = link * (1 - torch.eye(slots, dtype=link.dtype))
            precedence = (1 - written.sum(-1, keepdim=True)) * precedence + written
            weights = [head(hidden, memory, link, last) for head, last in zip(self.heads, weights, strict=True)]
            reads = [torch.einsum("bn,bnw->bw", one, memory) for one in weights]
            outputs.append(self.output(torch.cat([hidden, *reads], -1)))
        return torch.stack(outputs, 1)
