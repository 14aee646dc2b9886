"""Fast weights of Ba et al. on vectors: the baseline of associative retrieval, with the interface of the step tasks.

Source: ba2016, Eq. 1; ba2016, Eq. 2
"""

from dataclasses import dataclass, replace

from jaxtyping import Float
from torch import Tensor, nn

from memlib.kernels.recent_past import recent_past
from memlib.models.baselines.ba_fast_weights import BaCell, BaFastWeightsConfig, BaState
from memlib.models.steps import check_steps


@dataclass(frozen=True)
class StepFastWeightsConfig:
    """How fast weights on vectors are built; the defaults are those of the retrieval of letters and digits.

    Attributes:
        width_in: of the inputs.
        width_out: of the outputs; they are logits.
        embedding_size: the inputs go through a matrix of this width first.
        hidden_size: of h.
        decay: λ, from 0 to 1.
        rate: η.
        steps: of the inner loop.
        activation: "relu" or "tanh".
    """

    width_in: int
    width_out: int
    embedding_size: int = 100
    hidden_size: int = 100
    decay: float = 0.95
    rate: float = 0.5
    steps: int = 1
    activation: str = "relu"

    def __post_init__(self) -> None:
        if self.width_out < 1:
            raise ValueError(f"StepFastWeightsConfig: expected width_out >= 1, got {self.width_out}.")
        self.core()

    def core(self) -> BaFastWeightsConfig:
        """The same for `BaCell`; it checks the rest."""
        return replace(
            BaFastWeightsConfig(self.width_in, self.embedding_size, self.hidden_size),
            decay=self.decay,
            rate=self.rate,
            steps=self.steps,
            activation=self.activation,
        )


class StepFastWeights(nn.Module):
    """The network on whole sequences of vectors.

    Args:
        config: see `StepFastWeightsConfig`.
    """

    def __init__(self, config: StepFastWeightsConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Linear(config.width_in, config.embedding_size, bias=False)
        self.drive = nn.Linear(config.embedding_size, config.hidden_size)
        self.cell = BaCell(config.core())
        self.output = nn.Linear(config.hidden_size, config.width_out)

    def initial_state(self, batch_size: int) -> BaState:
        """Zeros."""
        return self.cell.initial_state(batch_size)

    def forward(
        self, inputs: Float[Tensor, "batch time width_in"], state: BaState | None = None
    ) -> tuple[Float[Tensor, "batch time width_out"], BaState]:
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
        config = self.config
        check_steps(self, inputs, config.width_in, state)
        memory, output = self.initial_state(len(inputs)) if state is None else state
        slow = self.cell.slow
        driven = self.drive(self.embedding(inputs)) + slow.bias
        hs, memory = recent_past(
            driven, slow.weight, memory, output, config.decay, config.rate, config.steps, config.activation
        )
        return self.output(hs), BaState(memory, hs[:, -1])

    def size(self) -> int:
        """How many weights are trained."""
        return sum(weight.numel() for weight in self.parameters())
