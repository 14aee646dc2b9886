"""The baseline of the step tasks: a stack of LSTMs with one output layer.

Source: graves2014, Sec. 4.6
"""

from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from memlib.models.steps import check_steps

State = tuple[Tensor, Tensor]


class StepLSTM(nn.Module):
    """Three LSTMs of 256 units on top of each other, the paper's size, and a linear output.

    Args:
        width_in: of the inputs.
        width_out: of the outputs; they are logits.
        hidden_size: of each layer.
        layers: how many.
    """

    def __init__(self, width_in: int, width_out: int, hidden_size: int = 256, layers: int = 3) -> None:
        super().__init__()
        self.lstm = nn.LSTM(width_in, hidden_size, layers, batch_first=True)
        self.output = nn.Linear(hidden_size, width_out)

    def forward(
        self, inputs: Float[Tensor, "batch time width_in"], state: State | None = None
    ) -> tuple[Float[Tensor, "batch time width_out"], State]:
        """Run along a sequence.

        Args:
            inputs: [batch, time, width_in].
            state: the layers' outputs and contents, each [layers, batch, hidden]; zeros when None.

        Returns:
            Logits [batch, time, width_out] and the last state.

        Raises:
            ValueError: the inputs have not three axes, no step, or another width; or the state is of another batch.
            TypeError: the inputs are not of the weights' kind of number.
        """
        check_steps(self, inputs, self.lstm.input_size, state, axis=1)
        hidden: Any
        hidden, state = self.lstm(inputs, state)
        return self.output(hidden), state

    def size(self) -> int:
        """How many weights are trained."""
        return sum(weight.numel() for weight in self.parameters())
