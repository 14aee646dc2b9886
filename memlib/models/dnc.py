"""The Differentiable Neural Computer: a controller beside a memory with allocation and links (Graves et al. 2016).

At each step the controller sees the input and what was read last. One projection of what it says is cut into all that
the memory is told; the output is made of what it says and of what was then read. Projections of the inputs and of the
outputs do not wait for the memory: they are done for all steps at once.
"""

import warnings
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from memlib.models.dnc_config import DNCConfig
from memlib.models.dnc_memory import MemoryState, Signals, initial_memory, interface_sizes, memory_step, signals
from memlib.models.steps import check_steps

__all__ = ["DNC", "DNCConfig", "DNCState", "DNCTrace"]


class DNCState(NamedTuple):
    """What a DNC carries from step to step.

    Attributes:
        memory: see `MemoryState`.
        reads: what was read last, [batch, heads * width].
        cells: of the controller's LSTM, [batch, layers, hidden]; a feed-forward one has [batch, layers, 0].
        hidden: what the controller's layers said, likewise.
    """

    memory: MemoryState
    reads: Tensor
    cells: Tensor
    hidden: Tensor


class DNCTrace(NamedTuple):
    """What the heads did at each step, for figures; every part has the time after the batch.

    Attributes:
        memory: the memory's state after each step, its parts [batch, time, ...].
        signals: what the controller told the memory, its parts [batch, time, ...].
    """

    memory: MemoryState
    signals: Signals


class DNC(nn.Module):
    """A Differentiable Neural Computer.

    Args:
        config: see `DNCConfig`.

    Source: graves2016dnc
    """

    def __init__(self, config: DNCConfig) -> None:
        super().__init__()
        self.config = config
        hidden, read = config.hidden_size, config.heads * config.width
        self.recurrent = config.controller == "lstm"
        self.gates = 4 * hidden if self.recurrent else hidden
        # Each layer sees the input, what was read, the layer below and, if recurrent, itself one step before.
        self.inputs = nn.Linear(config.input_size, config.layers * self.gates)
        below = [read + (hidden if layer else 0) for layer in range(config.layers)]
        seen = [size + (hidden if self.recurrent else 0) for size in below]
        self.layers = nn.ModuleList(nn.Linear(size, self.gates, bias=False) for size in seen)
        self.interface = nn.Linear(config.layers * hidden, sum(interface_sizes(config)))
        self.output = nn.Linear(config.layers * hidden + read, config.output_size)
        if config.allocation:
            self.register_buffer("first_memory", torch.zeros(config.slots, config.width), persistent=False)
        else:
            self.first_memory = nn.Parameter(0.1 * torch.randn(config.slots, config.width))
        self._start()
        # Of a training step; a list, so that saved weights do not depend on it.
        self._compiled: list[Any] = []

    @torch.no_grad()
    def _start(self) -> None:
        """Biases and scales as the configuration has them."""
        config = self.config
        self.inputs.weight *= config.input_scale
        if self.recurrent:
            self.inputs.bias.zero_().view(config.layers, 4, -1)[:, 1] = 1.0
        _, _, strengths, gates, modes = self.interface.bias.split(interface_sizes(config))
        strengths += config.strength_bias
        gates[config.width] += config.gate_bias
        if config.allocation:
            gates[config.width + 1 : -1] -= config.gate_bias
            gates[-1] += config.gate_bias
        if config.links:
            modes.view(config.heads, 3)[:, 1] += config.mode_bias

    def initial_state(self, batch_size: int) -> DNCState:
        """Nothing read, nothing said, an empty memory."""
        config = self.config
        new = self.interface.weight.new_zeros
        said = (batch_size, config.layers, config.hidden_size if self.recurrent else 0)
        memory = initial_memory(config, batch_size, self.first_memory)
        return DNCState(memory, new(batch_size, config.heads * config.width), new(said), new(said))

    def size(self) -> int:
        """Number of weights that are learned."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)

    def compile_step(self) -> bool:
        """Compile the step; where no compiler is, say so and go on without.

        Returns:
            Whether a compiled step is in use. The first call of each batch size then takes half a minute.
        """
        try:
            torch.compile(lambda x: x.sin() + x.exp())(self.interface.weight.detach()[:1])
        except Exception as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            warnings.warn(f"DNC: the step runs uncompiled, for torch.compile failed here: {reason}", stacklevel=2)
            return False
        self._compiled = [torch.compile(self.step)]
        return True

    def forward(
        self, inputs: Float[Tensor, "batch time width"], state: DNCState | None = None
    ) -> tuple[Float[Tensor, "batch time width_out"], DNCState]:
        """Outputs at each step, without any squashing, and the state after the last one.

        Args:
            inputs: [batch, time, input_size].
            state: before the first step; empty when None.

        Raises:
            ValueError: inputs are not [batch, time, input_size] with at least one step, or the state has another number
                of rows.
        """
        said, state, _ = self._run(inputs, state, False)
        return self.output(torch.stack(said, 1)), state

    @torch.no_grad()
    def trace(
        self, inputs: Float[Tensor, "batch time width"], state: DNCState | None = None
    ) -> tuple[Float[Tensor, "batch time width_out"], DNCState, DNCTrace]:
        """As `forward`, without gradients, and with what the heads did at each step."""
        said, state, kept = self._run(inputs, state, True)
        memories, told = zip(*kept, strict=True)
        stacked = DNCTrace(_stacked(MemoryState, memories), _stacked(Signals, told))
        return self.output(torch.stack(said, 1)), state, stacked

    def _run(
        self, inputs: Tensor, state: DNCState | None, keep: bool
    ) -> tuple[list[Tensor], DNCState, list[tuple[MemoryState, Signals]]]:
        """Step by step: what goes to the output at each, the last state, and what is kept for a trace."""
        state = self._checked(inputs, state)
        step = self._compiled[0] if self._compiled and not keep else self.step
        said, kept = [], []
        for drive in self.inputs(inputs).unbind(1):
            wanted, state, told = step(drive, state)
            said.append(wanted)
            if keep:
                kept.append((state.memory, told))
        return said, state, kept

    def step(
        self, drive: Float[Tensor, "batch gates"], state: DNCState
    ) -> tuple[Float[Tensor, "batch said"], DNCState, Signals]:
        """One step, from the input's projection to what the output is made of.

        Args:
            drive: of the input, for all layers of the controller, [batch, layers * gates].
            state: before the step.
        """
        layers = drive.chunk(self.config.layers, -1)
        cells: list[Tensor] = []
        hidden: list[Tensor] = []
        for number, layer in enumerate(self.layers):
            seen = [state.reads, *hidden[-1:]]
            if self.recurrent:
                write, keep, content, show = torch.chunk(
                    layers[number] + layer(torch.cat([*seen, state.hidden[:, number]], -1)), 4, -1
                )
                cells.append(keep.sigmoid() * state.cells[:, number] + write.sigmoid() * content.tanh())
                hidden.append(show.sigmoid() * cells[-1].tanh())
            else:
                hidden.append((layers[number] + layer(torch.cat(seen, -1))).tanh())
        said = torch.cat(hidden, -1)
        told = signals(self.config, self.interface(said))
        reads, memory = memory_step(self.config, state.memory, told)
        flat = reads.flatten(1)
        if self.recurrent:
            after = DNCState(memory, flat, torch.stack(cells, 1), torch.stack(hidden, 1))
        else:
            after = DNCState(memory, flat, state.cells, state.hidden)
        return torch.cat([said, flat], -1), after, told

    def _checked(self, inputs: Tensor, state: DNCState | None) -> DNCState:
        check_steps(self, inputs, self.config.input_size, state)
        if state is None:
            return self.initial_state(len(inputs))
        # A checkpoint hands named tuples back as plain ones.
        return DNCState(MemoryState(*state[0]), *state[1:])


def _stacked(kind: Any, parts: tuple[Any, ...]) -> Any:
    return kind(*(torch.stack(part, 1) for part in zip(*parts, strict=True)))
