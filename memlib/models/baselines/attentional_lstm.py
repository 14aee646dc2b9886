"""An LSTM that can look back at every step it has made: the attentional baseline of the step tasks.

Before each step its output asks all earlier steps, with additive attention; a step is kept as its input and the output
that followed. What is found goes into the cell beside the input, and into the output layer. Nothing is ever written or
overwritten: the past grows by one row a step, and so does the cost of a step.

Source: le2020, Sec. 4.2; bahdanau2015, App. A
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from memlib.models.recurrent import LSTMCell, LSTMState
from memlib.models.steps import check_steps


class AttentionalState(NamedTuple):
    """What an attentional LSTM carries along.

    Attributes:
        memory: the cell's content, [batch, hidden].
        output: h, [batch, hidden].
        past: input and output of each step so far, [batch, steps, width_in + hidden].
    """

    memory: Tensor
    output: Tensor
    past: Tensor


class AttentionalLSTM(nn.Module):
    """See the module's text. The defaults are the paper's size.

    Args:
        width_in: of the inputs.
        width_out: of the outputs; they are logits.
        hidden_size: of the cell.
        score_size: width of the hidden layer of the scores.
    """

    def __init__(self, width_in: int, width_out: int, hidden_size: int = 512, score_size: int = 64) -> None:
        super().__init__()
        self.width_in, self.hidden_size, row = width_in, hidden_size, width_in + hidden_size
        self.cell = LSTMCell(width_in + row, hidden_size)
        self.of_query = nn.Linear(hidden_size, score_size)
        self.of_past = nn.Linear(row, score_size, bias=False)
        self.score = nn.Parameter(torch.randn(score_size) / score_size**0.5)
        self.output = nn.Linear(hidden_size + row, width_out)

    def initial_state(self, batch_size: int) -> AttentionalState:
        """Zeros, and no past."""
        zeros = self.score.new_zeros(batch_size, self.hidden_size)
        return AttentionalState(zeros, zeros, zeros.new_zeros(batch_size, 0, self.width_in + self.hidden_size))

    def forward(
        self, inputs: Float[Tensor, "batch time width_in"], state: AttentionalState | None = None
    ) -> tuple[Float[Tensor, "batch time width_out"], AttentionalState]:
        """Run along a sequence.

        Args:
            inputs: [batch, time, width_in].
            state: after an earlier part of it; at the start None.

        Returns:
            Logits [batch, time, width_out] and the last state.

        Raises:
            ValueError: the inputs have not three axes, no step, or another width; or the state is of another batch.
        """
        logits, state, _ = self._run(inputs, state)
        return logits, state

    def trace(
        self, inputs: Float[Tensor, "batch time width_in"], state: AttentionalState | None = None
    ) -> tuple[Tensor, AttentionalState, Tensor]:
        """The same, and where each step looked: weights [batch, time, steps before and now], 0 at what was to come."""
        logits, state, weights = self._run(inputs, state)
        longest = state.past.shape[1]
        padded = [nn.functional.pad(one, (0, longest - one.shape[1])) for one in weights]
        return logits, state, torch.stack(padded, 1)

    def size(self) -> int:
        """How many weights are trained."""
        return sum(weight.numel() for weight in self.parameters())

    def _run(self, inputs: Tensor, state: AttentionalState | None) -> tuple[Tensor, AttentionalState, list[Tensor]]:
        check_steps(self, inputs, self.width_in, state)
        state = self.initial_state(len(inputs)) if state is None else AttentionalState(*state)
        memory, output, past = state
        keys = self.of_past(past)
        shown, weights = [], []
        for x in inputs.unbind(1):
            match = torch.tanh(self.of_query(output).unsqueeze(1) + keys)
            # With no past there are no weights, and what is found is 0.
            where = (match @ self.score).softmax(-1)
            found = (where.unsqueeze(1) @ past).squeeze(1)
            output, (memory, _) = self.cell(torch.cat([x, found], -1), LSTMState(memory, output))
            shown.append(torch.cat([output, found], -1))
            weights.append(where)
            row = torch.cat([x, output], -1).unsqueeze(1)
            past, keys = torch.cat([past, row], 1), torch.cat([keys, self.of_past(row)], 1)
        return self.output(torch.stack(shown, 1)), AttentionalState(memory, output, past), weights
