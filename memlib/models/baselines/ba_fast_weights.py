"""Fast weights that attend to the recent past: a plain recurrent network whose matrix is changed at every step.

Before each step the network adds the last hidden state, times itself, to a matrix that fades: A ← λ A + η h hᵀ. Then
the new state settles under that matrix for S steps with a layer norm. Decay λ and rate η are fixed, no part of the
network decides what is written; Schlag et al. (2021) found no settings with which it learns catbAbI.

Source: ba2016, Eq. 1; ba2016, Eq. 2; schlag2021, App. F.5
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from memlib.kernels.recent_past import ACTIVATIONS, recent_past
from memlib.mechanisms import fast_weights
from memlib.models.baselines.padding import run_padded
from memlib.models.baselines.token_model import Reading, TokenModel


@dataclass(frozen=True)
class BaFastWeightsConfig:
    """How a network with fast weights is built.

    Attributes:
        vocabulary_size: number of tokens.
        embedding_size: of the word vectors.
        hidden_size: of h.
        decay: λ, from 0 to 1.
        rate: η.
        steps: S, of the inner loop.
        activation: f, "relu" or "tanh".
        recurrent_start: W starts as this times the identity.
    """

    vocabulary_size: int
    embedding_size: int = 256
    hidden_size: int = 512
    decay: float = 0.95
    rate: float = 0.5
    steps: int = 1
    activation: str = "relu"
    recurrent_start: float = 0.05

    def __post_init__(self) -> None:
        sizes = (self.vocabulary_size, self.embedding_size, self.hidden_size)
        if min(sizes) < 1 or self.steps < 0:
            raise ValueError(
                "BaFastWeightsConfig: expected steps of at least 0 and sizes above 0 (vocabulary_size, "
                f"embedding_size, hidden_size); got {self.steps} and {sizes}."
            )
        if not 0 <= self.decay <= 1:
            raise ValueError(f"BaFastWeightsConfig: expected a decay from 0 to 1, got {self.decay}.")
        if self.activation not in ACTIVATIONS:
            raise ValueError(
                f"BaFastWeightsConfig: expected an activation of {', '.join(ACTIVATIONS)}; got {self.activation!r}."
            )

    @classmethod
    def paper(cls, vocabulary_size: int = 180, **options: Any) -> "BaFastWeightsConfig":
        """As on catbAbI: 512 units, decay and rate out of those searched (schlag2021, Fig. 16); S = 1 is ours.

        Tab. 1 prints 548k weights and 263k activations. The activations are 262,656 here, too. The weights are 547,840
        with a vocabulary of 200 rows, as the authors' script makes it by counting the task numbers in; with the 180
        numbers that are used they are 532,480.
        """
        return replace(cls(vocabulary_size), **options)


class BaState(NamedTuple):
    """What a network with fast weights carries along.

    Attributes:
        memory: A as it was before the last step, [batch, hidden, hidden].
        output: h after that step, [batch, hidden].
    """

    memory: Tensor
    output: Tensor


class BaCell(nn.Module):
    """One step, as the equations have it.

    Args:
        config: see `BaFastWeightsConfig`.
    """

    def __init__(self, config: BaFastWeightsConfig) -> None:
        super().__init__()
        self.config, size = config, config.hidden_size
        self.slow = nn.Linear(size, size)
        nn.init.eye_(self.slow.weight)
        with torch.no_grad():
            self.slow.weight.mul_(config.recurrent_start)
        nn.init.zeros_(self.slow.bias)

    def initial_state(self, batch_size: int) -> BaState:
        """Zeros."""
        zeros = self.slow.weight.new_zeros(batch_size, self.config.hidden_size)
        return BaState(zeros.new_zeros(*zeros.shape, self.config.hidden_size), zeros)

    def forward(self, x: Tensor, state: BaState) -> tuple[Tensor, BaState]:
        """One step: what the token drives, [batch, hidden], to h, [batch, hidden], and the next state."""
        h, config = state.output, self.config
        memory = fast_weights.hebbian_write(state.memory, h, h, decay=config.decay, rate=config.rate)
        h = fast_weights.inner_loop(memory, self.slow(h) + x, config.steps, ACTIVATIONS[config.activation])
        return h, BaState(memory, h)


class BaFastWeights(TokenModel):
    """The whole model; see the module's text. Its windows go through `memlib.kernels.recent_past`.

    Args:
        config: see `BaFastWeightsConfig`.
    """

    def __init__(self, config: BaFastWeightsConfig) -> None:
        super().__init__(config.vocabulary_size)
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary_size, config.embedding_size)
        self.drive = nn.Linear(config.embedding_size, config.hidden_size)
        self.cell = BaCell(config)
        self.output = nn.Linear(config.hidden_size, config.vocabulary_size, bias=False)
        nn.init.xavier_normal_(self.output.weight)

    def initial_state(self, batch_size: int) -> BaState:
        """Zeros."""
        return self.cell.initial_state(batch_size)

    def read(self, tokens: Tensor, state: BaState, mask: Tensor | None) -> Reading:
        """Read a window."""
        hs, state = run_padded(self._advance, self.drive(self.embedding(tokens)), state, mask)
        return Reading(self.output(hs), state, hs.new_zeros(()))

    def _advance(self, xs: Tensor, state: BaState) -> tuple[Tensor, BaState]:
        config, slow = self.config, self.cell.slow
        hs, memory = recent_past(
            xs + slow.bias, slow.weight, *state, config.decay, config.rate, config.steps, config.activation
        )
        return hs, BaState(memory, hs[:, -1])
