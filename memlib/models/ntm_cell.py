"""One step of the Neural Turing Machine, all heads at once.

Source: graves2014, Sec. 3
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from memlib.mechanisms import addressing
from memlib.models.ntm_config import CONSTANT, NTMConfig
from memlib.models.recurrent import LSTMCell, LSTMState


class NTMState(NamedTuple):
    """What a Neural Turing Machine carries from step to step.

    Attributes:
        memory: [batch, slots, width].
        weights: where the heads look, those that read first, [batch, heads, slots].
        reads: what was read, [batch, read heads · width].
        controller: of an LSTM; None for a feed-forward controller.
    """

    memory: Tensor
    weights: Tensor
    reads: Tensor
    controller: LSTMState | None


class Signals(NamedTuple):
    """What the controller tells the heads.

    Attributes:
        key: k, [batch, heads, width].
        strength: β, at least 0, [batch, heads, 1].
        gate: g in [0, 1], [batch, heads, 1].
        kernel: s, a distribution over shifts, [batch, heads, 2h + 1].
        power: γ, at least 1, [batch, heads, 1].
        erase: e in [0, 1], [batch, write heads, width].
        add: a, [batch, write heads, width].
    """

    key: Tensor
    strength: Tensor
    gate: Tensor
    kernel: Tensor
    power: Tensor
    erase: Tensor
    add: Tensor


class NTMCell(nn.Module):
    """One step: the controller, the addressing of all heads, the write and the read.

    Args:
        config: of the machine.
    """

    def __init__(self, config: NTMConfig) -> None:
        super().__init__()
        self.config = config
        read_width = config.read_heads * config.width
        if config.controller == "lstm":
            self.controller: nn.Module = LSTMCell(config.width_in + read_width, config.hidden_size)
        else:
            self.controller = nn.Linear(config.width_in + read_width, config.hidden_size)
        self.sizes = [
            config.heads * config.width,
            config.heads,
            config.heads,
            config.heads * config.kernel,
            config.heads,
            config.write_heads * config.width,
            config.write_heads * config.width,
        ]
        self.to_heads = nn.Linear(config.hidden_size, sum(self.sizes))
        nn.init.xavier_uniform_(self.to_heads.weight, gain=1.4)
        nn.init.normal_(self.to_heads.bias, std=0.01)
        self.start_memory: Tensor
        bound = (config.slots + config.width) ** -0.5
        drawn = torch.empty(config.slots, config.width).uniform_(-bound, bound)
        if config.memory_start == "learned":
            self.start_memory = nn.Parameter(drawn)
        else:
            kept = drawn if config.memory_start == "random" else torch.full_like(drawn, CONSTANT)
            self.register_buffer("start_memory", kept, persistent=config.memory_start == "random")
        self.start_reads = nn.Parameter(torch.zeros(read_width))
        if config.head_start == "learned":
            self.start_weights = nn.Parameter(torch.randn(config.heads, config.slots))

    def initial_state(self, batch_size: int) -> NTMState:
        """The state before the first step, alike for every row."""
        config = self.config
        memory = self.start_memory
        if config.head_start == "learned":
            weights = self.start_weights.softmax(-1)
        elif config.head_start == "uniform":
            weights = memory.new_full((config.heads, config.slots), 1 / config.slots)
        else:
            weights = functional.one_hot(
                torch.zeros(config.heads, dtype=torch.long, device=memory.device), config.slots
            )
            weights = weights.to(memory.dtype)
        controller = self.controller.initial_state(batch_size) if isinstance(self.controller, LSTMCell) else None

        def rows(start: Tensor) -> Tensor:
            return start.repeat(batch_size, *[1] * start.ndim)

        return NTMState(rows(memory), rows(weights), rows(self.start_reads.tanh()), controller)

    def signals(self, hidden: Tensor) -> Signals:
        """What the controller's output [batch, hidden] tells the heads: one projection for all of them."""
        config, batch = self.config, hidden.shape[0]
        raw = self.to_heads(hidden)
        if config.clip is not None:
            raw = raw.clamp(-config.clip, config.clip)
        key, strength, gate, kernel, power, erase, add = raw.split(self.sizes, -1)
        if config.squash:
            key, add = key.tanh(), add.tanh()
        return Signals(
            key.view(batch, config.heads, config.width),
            functional.softplus(strength).unsqueeze(-1),
            gate.sigmoid().unsqueeze(-1),
            kernel.view(batch, config.heads, config.kernel).softmax(-1),
            1 + functional.softplus(power).unsqueeze(-1),
            erase.sigmoid().view(batch, config.write_heads, config.width),
            add.view(batch, config.write_heads, config.width),
        )

    def control(self, x: Tensor, state: NTMState) -> tuple[Tensor, LSTMState | None]:
        """The controller: from the input and what was read to [batch, hidden] and its next state."""
        seen = torch.cat([x, state.reads], -1)
        if state.controller is None:
            hidden, after = self.controller(seen).tanh(), None
        else:
            hidden, after = self.controller(seen, state.controller)
        if self.config.clip is not None and self.config.controller == "lstm":
            hidden = hidden.clamp(-self.config.clip, self.config.clip)
        return hidden, after

    def address(self, signals: Signals, state: NTMState) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """All heads' weights after each of the four stages; each [batch, heads, slots], the last is what is used."""
        found = addressing.content(state.memory.unsqueeze(1), signals.key, signals.strength, self.config.epsilon)
        kept = addressing.interpolate(found, state.weights, signals.gate)
        moved = addressing.shift(kept, signals.kernel)
        return found, kept, moved, addressing.sharpen(moved, signals.power)

    def access(self, signals: Signals, weights: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Write and read: the next memory, and what was read [batch, read heads · width]."""
        readers = self.config.read_heads
        after = addressing.erase_add_heads(memory, weights[:, readers:], signals.erase, signals.add)
        shown = after if self.config.write_first else memory
        return after, (weights[:, :readers] @ shown).flatten(1)

    def forward(self, x: Tensor, state: NTMState) -> tuple[Tensor, NTMState]:
        """One step.

        Args:
            x: [batch, width_in].
            state: before it.

        Returns:
            The controller's output and what was read, side by side [batch, hidden + read heads · width]; and the state.
        """
        hidden, controller = self.control(x, state)
        signals = self.signals(hidden)
        weights = self.address(signals, state)[-1]
        memory, reads = self.access(signals, weights, state.memory)
        return torch.cat([hidden, reads], -1), NTMState(memory, weights, reads, controller)
