"""The Neural Turing Machine: a controller with heads that read and write a memory of slots.

Source: graves2014, Sec. 3
"""

import warnings
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from memlib.models.ntm_cell import NTMCell, NTMState, Signals
from memlib.models.ntm_config import NTMConfig
from memlib.models.recurrent import unroll
from memlib.models.steps import as_kind, check_steps

__all__ = ["NTM", "NTMConfig", "NTMState", "Trace"]


class Trace(NamedTuple):
    """Everything that the heads did, step by step.

    Attributes:
        signals: what the controller told them; each [batch, time, heads, ...].
        content: weights found by content, [batch, time, heads, slots].
        interpolated: after the gate.
        shifted: after the move.
        weights: after sharpening: what was used. Heads that read come first.
        memory: after each step, [batch, time, slots, width].
        reads: [batch, time, read heads, width].
    """

    signals: Signals
    content: Tensor
    interpolated: Tensor
    shifted: Tensor
    weights: Tensor
    memory: Tensor
    reads: Tensor


class NTM(nn.Module):
    """The machine on whole sequences.

    Args:
        config: its sizes and options.
    """

    def __init__(self, config: NTMConfig) -> None:
        super().__init__()
        self.config = config
        self.cell = NTMCell(config)
        self.output = nn.Linear(config.hidden_size + config.read_heads * config.width, config.width_out)
        # Of a training step; no module of its own, so that saved weights do not depend on it.
        self._step: list[Any] = []

    def initial_state(self, batch_size: int) -> NTMState:
        """The state before the first step."""
        return self.cell.initial_state(batch_size)

    def forward(
        self, inputs: Float[Tensor, "batch time width_in"], state: NTMState | None = None
    ) -> tuple[Float[Tensor, "batch time width_out"], NTMState]:
        """Run along a sequence.

        Args:
            inputs: [batch, time, width_in].
            state: before the first step; the machine's own start when None.

        Returns:
            Logits [batch, time, width_out] and the last state.

        Raises:
            ValueError: the inputs have not three axes, no step, or another width; or the state is of another batch.
            TypeError: the inputs are not of the weights' kind of number.
        """
        state = self._checked(inputs, state)
        step = self._step[0] if self._step and torch.is_grad_enabled() else self.cell
        features, after = unroll(step, inputs, state)
        return self.output(features), after

    def compile_step(self) -> bool:
        """Compile the step for training; where no compiler is, say so and go on without.

        Returns:
            Whether a compiled step is in use. The first call of each batch size then takes some seconds.
        """
        try:
            probe = torch.compile(lambda x: x.sin() + x.exp())
            probe(torch.ones(3, device=self.output.weight.device))
        except Exception as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            warnings.warn(f"NTM: the step runs uncompiled, for torch.compile failed here: {reason}", stacklevel=2)
            return False
        self._step = [torch.compile(self.cell)]
        return True

    def trace(
        self, inputs: Float[Tensor, "batch time width_in"], state: NTMState | None = None
    ) -> tuple[Float[Tensor, "batch time width_out"], NTMState, Trace]:
        """As `forward`, and all that the heads did: what figures are drawn from."""
        state = self._checked(inputs, state)
        cell, readers = self.cell, self.config.read_heads
        features, rows = [], []
        for x in inputs.unbind(1):
            hidden, controller = cell.control(x, state)
            signals = cell.signals(hidden)
            stages = cell.address(signals, state)
            memory, reads = cell.access(signals, stages[-1], state.memory)
            features.append(torch.cat([hidden, reads], -1))
            rows.append((*signals, *stages, memory, reads.unflatten(-1, (readers, -1))))
            state = NTMState(memory, stages[-1], reads, controller)
        columns = [torch.stack(column, 1) for column in zip(*rows, strict=True)]
        told = len(Signals._fields)
        return self.output(torch.stack(features, 1)), state, Trace(Signals(*columns[:told]), *columns[told:])

    def size(self) -> int:
        """How many weights are trained."""
        return sum(weight.numel() for weight in self.parameters())

    def _checked(self, inputs: Tensor, state: NTMState | None) -> NTMState:
        check_steps(self, inputs, self.config.width_in, state)
        if isinstance(state, NTMState):
            return state
        start = self.initial_state(len(inputs))
        # A checkpoint hands named tuples back as plain ones.
        restored: NTMState = start if state is None else as_kind(start, state)
        return restored
