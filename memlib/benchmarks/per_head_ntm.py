"""A Neural Turing Machine written head by head: what the benchmark compares the library's with.

Every head is a module with a linear layer for each of its parameters; the heads take turns; a shift is worked out row
by row. It computes the same thing as `memlib.models.ntm.NTM` with an LSTM controller and takes its weights over.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from memlib.models.ntm import NTM


class Head(nn.Module):
    """One head: a linear layer for each of its parameters, and its addressing.

    Args:
        hidden: size of the controller.
        width: of a slot.
        kernel: how many shifts.
        writes: whether it writes; then it has two more layers.
    """

    def __init__(self, hidden: int, width: int, kernel: int, writes: bool) -> None:
        super().__init__()
        self.key, self.strength, self.gate = nn.Linear(hidden, width), nn.Linear(hidden, 1), nn.Linear(hidden, 1)
        self.kernel, self.power = nn.Linear(hidden, kernel), nn.Linear(hidden, 1)
        if writes:
            self.erase, self.add = nn.Linear(hidden, width), nn.Linear(hidden, width)

    def forward(self, hidden: Tensor, memory: Tensor, previous: Tensor, clip: float) -> Tensor:
        """The head's weights [batch, slots]."""
        key = bounded(self.key(hidden), clip).tanh()
        strength = functional.softplus(bounded(self.strength(hidden), clip))
        gate = torch.sigmoid(bounded(self.gate(hidden), clip))
        kernel = torch.softmax(bounded(self.kernel(hidden), clip), -1)
        power = 1 + functional.softplus(bounded(self.power(hidden), clip))
        lengths = memory.square().sum(-1) + 1e-8
        cosine = (memory * key.unsqueeze(1)).sum(-1) / (lengths * (key.square().sum(-1, keepdim=True) + 1e-8)).sqrt()
        found = torch.softmax(strength * cosine, -1)
        kept = gate * found + (1 - gate) * previous
        moved = torch.stack([self.convolve(kept[row], kernel[row]) for row in range(len(kept))])
        raised = moved**power
        return raised / (raised.sum(-1, keepdim=True) + 1e-16)

    @staticmethod
    def convolve(weights: Tensor, kernel: Tensor) -> Tensor:
        """One row around the ring."""
        half = len(kernel) // 2
        ring = torch.cat([weights[-half:], weights, weights[:half]])
        return functional.conv1d(ring.view(1, 1, -1), kernel.flip(0).view(1, 1, -1)).view(-1)


class PerHeadNTM(nn.Module):
    """The whole machine.

    Args:
        other: whose weights and sizes are taken over; an LSTM controller, tanh and clipping.
    """

    def __init__(self, other: NTM) -> None:
        super().__init__()
        self.machine = other
        config = other.config
        kinds = [False] * config.read_heads + [True] * config.write_heads
        self.each = [Head(config.hidden_size, config.width, config.kernel, kind) for kind in kinds]
        self.heads = nn.ModuleList(self.each)
        self.writes = kinds
        self.take_over()

    @torch.no_grad()
    def take_over(self) -> None:
        """Copy the slices of the one projection into the heads' layers."""
        layer, config = self.machine.cell.to_heads, self.machine.config
        weights, biases = layer.weight.split(self.machine.cell.sizes), layer.bias.split(self.machine.cell.sizes)
        for at, name in enumerate(("key", "strength", "gate", "kernel", "power", "erase", "add")):
            owners = self.each[config.read_heads if at > 4 else 0 :]
            rows = weights[at].chunk(len(owners)), biases[at].chunk(len(owners))
            for head, weight, bias in zip(owners, *rows, strict=True):
                own = getattr(head, name)
                own.weight.copy_(weight)
                own.bias.copy_(bias)

    def trained(self) -> list[nn.Parameter]:
        """Its own weights: those of the one projection are out of use."""
        unused = {id(weight) for weight in self.machine.cell.to_heads.parameters()}
        return [weight for weight in self.parameters() if id(weight) not in unused]

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits [batch, time, width_out]."""
        cell, config = self.machine.cell, self.machine.config
        clip = config.clip or float("inf")
        state = cell.initial_state(len(inputs))
        memory, controller, read = state.memory, state.controller, state.reads
        places = [state.weights[:, at] for at in range(config.heads)]
        outputs = []
        for t in range(inputs.shape[1]):
            hidden, controller = cell.controller(torch.cat([inputs[:, t], read], -1), controller)
            hidden = bounded(hidden, clip)
            before, reads, adds = memory, [], []
            for at, (head, writes) in enumerate(zip(self.each, self.writes, strict=True)):
                places[at] = head(hidden, before, places[at], clip)
                if writes:
                    where = places[at].unsqueeze(-1)
                    erase = torch.sigmoid(bounded(head.erase(hidden), clip)).unsqueeze(1)
                    add = bounded(head.add(hidden), clip).tanh().unsqueeze(1)
                    memory = memory * (1 - where * erase)
                    adds.append(where * add)
                else:
                    reads.append((before * places[at].unsqueeze(-1)).sum(1))
            for added in adds:
                memory = memory + added
            read = torch.cat(reads, -1)
            outputs.append(self.machine.output(torch.cat([hidden, read], -1)))
        return torch.stack(outputs, 1)


def bounded(signal: Tensor, clip: float) -> Tensor:
    """Cut to ± the clip."""
    return signal.clamp(-clip, clip)
