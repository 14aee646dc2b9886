"""An agent that looks at a screen: convolutions, a memory of what it saw, and two linear layers that read it out.

The memory is an LSTM alone, or an LSTM with two memories behind it, both of which are read. A game may begin anew in
the middle of a sequence; what was seen before is then forgotten.

Source: le2020, Sec. 3.4, App. I
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from memlib.models.navigation_agent import LSTMCore, NavigationAgent
from memlib.models.recurrent import LSTMState, select
from memlib.models.stm import STM, STMState


class GameCore(Protocol):
    """The memory of an agent; its state is a named tuple of tensors or of such tuples, the batch first.

    Attributes:
        width: of an output.
    """

    width: int

    def __call__(self, x: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step: [batch, input] -> [batch, width], and the next state."""
        ...

    def sequence(self, xs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Many steps: [batch, time, input] -> [batch, time, width], and the last state."""
        ...

    def initial_state(self, batch_size: int) -> Any:
        """The state before anything was seen."""
        ...


class TwoMemoriesState(NamedTuple):
    """What an LSTM and the two memories behind it carry along.

    Attributes:
        lstm: of the LSTM.
        stm: of the two memories.
    """

    lstm: LSTMState
    stm: STMState


class TwoMemoriesCore(nn.Module):
    """An LSTM whose output goes into two memories; the outputs of both are read, as in the authors' code.

    The paper speaks of agents with an LSTM that its memory augments, and does not say how they are joined.

    Args:
        lstm: in front.
        stm: of inputs as wide as the LSTM.

    Source: le2020, Sec. 3.4
    """

    def __init__(self, lstm: LSTMCore, stm: STM) -> None:
        super().__init__()
        if stm.config.width_in != lstm.width:
            raise ValueError(
                f"expected two memories with inputs as wide as the LSTM, {lstm.width}; got {stm.config.width_in}."
            )
        self.lstm, self.stm, self.width = lstm, stm, stm.config.width_out + lstm.width

    def initial_state(self, batch_size: int) -> TwoMemoriesState:
        """Each part's own."""
        return TwoMemoriesState(self.lstm.initial_state(batch_size), self.stm.initial_state(batch_size))

    def forward(
        self, x: Float[Tensor, "batch input"], state: TwoMemoriesState
    ) -> tuple[Float[Tensor, "batch width"], TwoMemoriesState]:
        """One step."""
        ys, state = self.sequence(x.unsqueeze(1), state)
        return ys.squeeze(1), state

    def sequence(
        self, xs: Float[Tensor, "batch time input"], state: TwoMemoriesState
    ) -> tuple[Float[Tensor, "batch time width"], TwoMemoriesState]:
        """Many steps."""
        hidden, lstm = self.lstm.sequence(xs, state.lstm)
        related, stm = self.stm(hidden, state.stm)
        return torch.cat([related, hidden], -1), TwoMemoriesState(lstm, stm)


@dataclass(frozen=True)
class ScreenConfig:
    """Layers of convolution, each with 2 x 2 max-pooling and a ReLU.

    The text has four layers of 32 kernels of 5 x 5 and says that 1,024 numbers come out. Of 80 x 80 points such layers
    make 800, if their edges are padded, else 32. The authors' code has other layers, and 1,024 numbers.

    Attributes:
        kernels: of each layer.
        sizes: of their kernels.
        paddings: points added at each edge.
        side: of the screen, in points.
    """

    kernels: tuple[int, ...] = (32, 32, 32, 32)
    sizes: tuple[int, ...] = (5, 5, 5, 5)
    paddings: tuple[int, ...] = (2, 2, 2, 2)
    side: int = 80

    def __post_init__(self) -> None:
        if not len(self.kernels) == len(self.sizes) == len(self.paddings):
            raise ValueError(f"expected as many kernels as sizes and paddings; got {self}.")
        if self.width < 1:
            raise ValueError(f"expected layers that leave something of {self.side} x {self.side} points; got {self}.")

    @property
    def width(self) -> int:
        """How many numbers come out."""
        side = self.side
        for size, padding in zip(self.sizes, self.paddings, strict=True):
            side = max(0, side + 2 * padding - size + 1) // 2
        return self.kernels[-1] * side**2

    @classmethod
    def paper(cls, **options: Any) -> "ScreenConfig":
        """As the text has it."""
        return replace(cls(), **options)

    @classmethod
    def official(cls, **options: Any) -> "ScreenConfig":
        """As the authors' code has it."""
        return replace(cls((32, 32, 64, 64), (5, 5, 4, 3), (2, 1, 1, 1)), **options)


class Screen(nn.Module):
    """From grey pictures to features.

    Args:
        config: see `ScreenConfig`.

    Source: le2020, App. I
    """

    def __init__(self, config: ScreenConfig) -> None:
        super().__init__()
        self.config = config
        channels = (1, *config.kernels)
        layers = [
            nn.Conv2d(a, b, size, padding=padding)
            for (a, b), size, padding in zip(pairwise(channels), config.sizes, config.paddings, strict=True)
        ]
        for layer in layers:
            nn.init.xavier_uniform_(layer.weight, nn.init.calculate_gain("relu"))
            nn.init.zeros_(layer.get_parameter("bias"))
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Float[Tensor, "batch one height width"]) -> Float[Tensor, "batch features"]:
        """The features of some pictures."""
        for layer in self.layers:
            x = functional.max_pool2d(layer(x), 2).relu()
        return x.flatten(1)


class GameAgent(nn.Module):
    """A screen, a memory, and the logits of the actions and a value read out of it.

    Args:
        screen: makes features of pictures.
        core: remembers them, a module.
        actions: how many.

    Source: le2020, Sec. 3.4
    """

    def __init__(self, screen: Screen, core: GameCore, actions: int) -> None:
        super().__init__()
        self.screen, self.reader = screen, NavigationAgent(core, actions)
        self.core = core
        # At first every action is about as likely as any other.
        for layer, norm in ((self.reader.policy, 0.01), (self.reader.value, 1.0)):
            with torch.no_grad():
                layer.weight.normal_()
                layer.weight.mul_(norm / layer.weight.norm(dim=1, keepdim=True))
                layer.bias.zero_()

    def begun(self, state: Any, fresh: Bool[Tensor, " batch"]) -> Any:
        """The state with the rows forgotten whose game begins; None is nothing seen yet."""
        first = self.core.initial_state(len(fresh))
        return first if state is None else select(fresh, first, state)

    def forward(
        self, x: Float[Tensor, "batch one height width"], state: Any
    ) -> tuple[Float[Tensor, "batch actions"], Float[Tensor, " batch"], Any]:
        """One step: logits, values, and the next state."""
        logits, values, state = self.reader(self.screen(x), state)
        return logits, values, state

    def sequence(
        self, xs: Float[Tensor, "batch time one height width"], fresh: Bool[Tensor, "batch time"], state: Any
    ) -> tuple[Float[Tensor, "batch time actions"], Float[Tensor, "batch time"], Any]:
        """Many steps; the same numbers as step by step.

        Args:
            xs: what is seen.
            fresh: whether it is the first of a game, so that nothing before it is remembered.
            state: before the first step; nothing seen yet when None.

        Returns:
            The logits [batch, time, actions], the values [batch, time], and the last state.
        """
        seen = self.screen(xs.flatten(0, 1)).unflatten(0, xs.shape[:2])
        # In one go between two steps at which some game begins.
        inside = (fresh[:, 1:].any(0).nonzero().flatten() + 1).tolist()
        parts = []
        for start, end in pairwise([0, *inside, xs.shape[1]]):
            logits, values, state = self.reader.sequence(seen[:, start:end], self.begun(state, fresh[:, start]))
            parts.append((logits, values))
        return torch.cat([logits for logits, _ in parts], 1), torch.cat([values for _, values in parts], 1), state
