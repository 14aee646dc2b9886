"""An agent that acts step by step and learns from whole episodes: a memory, and two linear layers that read it out.

Source: schlag2021, Sec. 4.2
"""

from typing import Any, Protocol

import torch
from jaxtyping import Float
from torch import Tensor, nn

from memlib.models.recurrent import LSTMState


class Core(Protocol):
    """The memory of an agent.

    Attributes:
        width: of an output.
    """

    width: int

    def __call__(self, x: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step: [batch, input] -> [batch, width], and the next state; None at first."""
        ...

    def sequence(self, xs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Many steps: [batch, time, input] -> [batch, time, width], and the last state."""
        ...


class LSTMCore(nn.Module):
    """One layer of torch's LSTM, as the paper's comparison has it.

    Args:
        input_size: of an input.
        hidden_size: of the state and of an output.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.width = hidden_size
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)

    def initial_state(self, batch_size: int) -> LSTMState:
        """Zeros."""
        zeros = torch.zeros(batch_size, self.width).to(next(self.parameters()))
        return LSTMState(zeros, zeros)

    def forward(
        self, x: Float[Tensor, "batch input"], state: LSTMState | None = None
    ) -> tuple[Float[Tensor, "batch hidden"], LSTMState]:
        """One step; the empty state when None."""
        ys, new = self.sequence(x.unsqueeze(1), state)
        return ys.squeeze(1), new

    def sequence(
        self, xs: Float[Tensor, "batch time input"], state: LSTMState | None = None
    ) -> tuple[Float[Tensor, "batch time hidden"], LSTMState]:
        """A whole sequence."""
        start = None if state is None else (state.output.unsqueeze(0), state.memory.unsqueeze(0))
        ys, (output, memory) = self.lstm(xs, start)
        return ys, LSTMState(memory.squeeze(0), output.squeeze(0))


class NavigationAgent(nn.Module):
    """A memory, from whose output one linear layer gives the actions' logits and another the value.

    Args:
        core: the memory, a module.
        actions: how many.

    Source: schlag2021, Sec. 4.2
    """

    def __init__(self, core: Core, actions: int) -> None:
        super().__init__()
        self.core = core
        self.policy = nn.Linear(core.width, actions)
        self.value = nn.Linear(core.width, 1)

    def forward(
        self, x: Float[Tensor, "batch input"], state: Any = None
    ) -> tuple[Float[Tensor, "batch actions"], Float[Tensor, " batch"], Any]:
        """One step.

        Args:
            x: what is seen.
            state: the memory; empty when None.

        Returns:
            The logits of the actions, the value, and the next state.
        """
        y, state = self.core(x, state)
        return self.policy(y), self.value(y).squeeze(-1), state

    def sequence(
        self, xs: Float[Tensor, "batch time input"], state: Any = None
    ) -> tuple[Float[Tensor, "batch time actions"], Float[Tensor, "batch time"], Any]:
        """A whole episode, in parallel as far as the memory allows; the same numbers as step by step."""
        ys, state = self.core.sequence(xs, state)
        return self.policy(ys), self.value(ys).squeeze(-1), state
