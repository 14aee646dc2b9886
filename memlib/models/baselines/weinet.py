"""Fast weights that learn how to fade and how to be written: one decay and one rate for each entry of the matrix.

Fast weights of Ba et al. fade by one number λ and are written with one rate η, both fixed. Here both are matrices D and
R that are trained with the other weights: A ← D ⊙ A + R ⊙ h hᵀ. Some entries may keep what they hold, others turn it
over; the network can put long and short memory side by side. The rest is as in `ba_fast_weights`: the new state settles
under A for some steps with a layer norm.

The paper's text is not at hand here. Its idea is; the start of the matrices and the option that bounds them are ours.

Source: zhang2017; ba2016, Eq. 2
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from memlib.kernels.recent_past import ACTIVATIONS
from memlib.mechanisms.fast_weights import inner_loop
from memlib.models.recurrent import unroll
from memlib.models.steps import check_steps


@dataclass(frozen=True)
class WeiNetConfig:
    """How a WeiNet is built.

    Attributes:
        width_in: of the inputs.
        width_out: of the outputs; they are logits.
        embedding_size: the inputs go through a matrix of this width first; 0 for none.
        hidden_size: of h.
        decay: every entry of D at the start; below 1 where D is bounded.
        rate: every entry of R at the start.
        bounded: D is a sigmoid of what is trained, so that nothing grows by itself.
        steps: of the inner loop.
        activation: "relu" or "tanh".
        recurrent_start: W starts as this times the identity.
    """

    width_in: int
    width_out: int
    embedding_size: int = 100
    hidden_size: int = 100
    decay: float = 0.95
    rate: float = 0.5
    bounded: bool = False
    steps: int = 1
    activation: str = "relu"
    recurrent_start: float = 0.05

    def __post_init__(self) -> None:
        sizes = (self.width_in, self.width_out, self.hidden_size)
        if min(sizes) < 1 or min(self.embedding_size, self.steps) < 0:
            raise ValueError(
                "WeiNetConfig: expected width_in, width_out and hidden_size above 0, embedding_size and steps of at "
                f"least 0; got {sizes}, {self.embedding_size} and {self.steps}."
            )
        if not self.decay > 0 or (self.bounded and not self.decay < 1):
            raise ValueError(
                f"WeiNetConfig: expected a decay above 0, and below 1 where it is bounded; got {self.decay}."
            )
        if self.activation not in ACTIVATIONS:
            raise ValueError(
                f"WeiNetConfig: expected an activation of {', '.join(ACTIVATIONS)}; got {self.activation!r}."
            )


class WeiState(NamedTuple):
    """What a WeiNet carries along.

    Attributes:
        memory: A as it was before the last step, [batch, hidden, hidden].
        output: h after that step, [batch, hidden].
    """

    memory: Tensor
    output: Tensor


class WeiCell(nn.Module):
    """One step.

    Args:
        config: see `WeiNetConfig`.
    """

    def __init__(self, config: WeiNetConfig) -> None:
        super().__init__()
        self.config, size = config, config.hidden_size
        self.slow = nn.Linear(size, size)
        nn.init.eye_(self.slow.weight)
        with torch.no_grad():
            self.slow.weight.mul_(config.recurrent_start)
        nn.init.zeros_(self.slow.bias)
        start = torch.full((size, size), config.decay)
        self.keep = nn.Parameter(start.logit() if config.bounded else start)
        self.rate = nn.Parameter(torch.full((size, size), config.rate))

    def decay(self) -> Float[Tensor, "hidden hidden"]:
        """D."""
        return self.keep.sigmoid() if self.config.bounded else self.keep

    def initial_state(self, batch_size: int) -> WeiState:
        """Zeros."""
        zeros = self.slow.weight.new_zeros(batch_size, self.config.hidden_size)
        return WeiState(zeros.new_zeros(*zeros.shape, self.config.hidden_size), zeros)

    def forward(self, x: Float[Tensor, "batch hidden"], state: WeiState) -> tuple[Tensor, WeiState]:
        """One step: what the input drives, [batch, hidden], to h, [batch, hidden], and the next state."""
        h = state.output
        memory = self.decay() * state.memory + self.rate * h.unsqueeze(-1) * h.unsqueeze(-2)
        h = inner_loop(memory, self.slow(h) + x, self.config.steps, ACTIVATIONS[self.config.activation])
        return h, WeiState(memory, h)


class WeiNet(nn.Module):
    """The network on whole sequences; see the module's text.

    Args:
        config: see `WeiNetConfig`.
    """

    def __init__(self, config: WeiNetConfig) -> None:
        super().__init__()
        self.config = config
        width = config.embedding_size or config.width_in
        self.embedding = nn.Linear(config.width_in, width, bias=False) if config.embedding_size else nn.Identity()
        self.drive = nn.Linear(width, config.hidden_size)
        self.cell = WeiCell(config)
        self.output = nn.Linear(config.hidden_size, config.width_out)

    def initial_state(self, batch_size: int) -> WeiState:
        """Zeros."""
        return self.cell.initial_state(batch_size)

    def forward(
        self, inputs: Float[Tensor, "batch time width_in"], state: WeiState | None = None
    ) -> tuple[Float[Tensor, "batch time width_out"], WeiState]:
        """Run along a sequence.

        Args:
            inputs: [batch, time, width_in].
            state: before the first step; zeros when None.

        Returns:
            Logits [batch, time, width_out] and the last state.

        Raises:
            ValueError: the inputs have not three axes, no step, or another width; or the state is of another batch.
            TypeError: the inputs are not of the weights' kind of number.
        """
        check_steps(self, inputs, self.config.width_in, state)
        # A checkpoint hands named tuples back as plain ones.
        state = self.initial_state(len(inputs)) if state is None else WeiState(*state)
        hs, state = unroll(self.cell, self.drive(self.embedding(inputs)), state)
        return self.output(hs), state

    def size(self) -> int:
        """How many weights are trained."""
        return sum(weight.numel() for weight in self.parameters())
