"""Conditional encoding with LSTMs, plain and with word-by-word attention: the baselines of Weissenborn 2016, Table 1.

The second sequence is read by an LSTM that starts from the cell content which the first one left. The numbers of
parameters in Table 1 (252k without embeddings) come out with one bias a gate and a projection of the word vectors to H:
tests/models/test_pair_classifier.py.

Source: weissenborn2016, Tab. 1
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from memlib.models.recurrent import LSTMCell, LSTMState, unroll


class ConditionalLSTM(nn.Module):
    """Two LSTMs in a row, each over one sequence; the last output is what the pair is judged by.

    Args:
        input_size: of the word vectors.
        hidden_size: H.
        shared: one LSTM reads both sequences.
    """

    def __init__(self, input_size: int, hidden_size: int, shared: bool = False) -> None:
        super().__init__()
        self.project = nn.Linear(input_size, hidden_size)
        self.first = LSTMCell(hidden_size, hidden_size)
        self.second = self.first if shared else LSTMCell(hidden_size, hidden_size)
        self.output_size = hidden_size

    def forward(
        self,
        first: Float[Tensor, "batch time input"],
        first_mask: Bool[Tensor, "batch time"],
        second: Float[Tensor, "batch time2 input"],
        second_mask: Bool[Tensor, "batch time2"],
    ) -> Float[Tensor, "batch hidden"]:
        """Read both sequences.

        Args:
            first: [batch, time, input].
            first_mask: [batch, time], True at words.
            second: [batch, time2, input]; its length may differ.
            second_mask: [batch, time2].

        Returns:
            The second LSTM's output at its last word, [batch, H].
        """
        _, _, state = self.read(first, first_mask, second, second_mask)
        return state.output

    def read(
        self, first: Tensor, first_mask: Tensor, second: Tensor, second_mask: Tensor
    ) -> tuple[Tensor, Tensor, LSTMState]:
        """The outputs of both LSTMs, [batch, time, H] each, and the last state."""
        ys, state = unroll(self.first, self.project(first), mask=first_mask)
        start = LSTMState(state.memory, torch.zeros_like(state.output))
        zs, state = unroll(self.second, self.project(second), start, second_mask)
        return ys, zs, state


class AttentiveLSTM(ConditionalLSTM):
    """The same, and at every word of the second sequence an attention over the outputs of the first.

    m = tanh(W_y Y + W_h h_t + W_r r_{t-1}), α = softmax(w·m), r_t = Y α + tanh(W_t r_{t-1}); in the end
    h* = tanh(W_p r + W_x h).

    Args:
        input_size: of the word vectors.
        hidden_size: H.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        size = hidden_size
        self.of_first, self.of_second, self.of_summary = (nn.Linear(size, size, bias=False) for _ in range(3))
        self.score = nn.Linear(size, 1, bias=False)
        self.carry = nn.Linear(size, size, bias=False)
        self.from_summary, self.from_output = (nn.Linear(size, size, bias=False) for _ in range(2))

    def forward(
        self,
        first: Float[Tensor, "batch time input"],
        first_mask: Bool[Tensor, "batch time"],
        second: Float[Tensor, "batch time2 input"],
        second_mask: Bool[Tensor, "batch time2"],
    ) -> Float[Tensor, "batch hidden"]:
        """Read both sequences with attention; arguments and result as in `ConditionalLSTM`."""
        ys, zs, state = self.read(first, first_mask, second, second_mask)
        keys, queries = self.of_first(ys), self.of_second(zs)
        summary = torch.zeros_like(state.output)
        for t in range(zs.shape[1]):
            match = (keys + (queries[:, t] + self.of_summary(summary)).unsqueeze(1)).tanh()
            scores = self.score(match).squeeze(-1).masked_fill(~first_mask, -torch.inf)
            found = (scores.softmax(-1).unsqueeze(1) @ ys).squeeze(1) + self.carry(summary).tanh()
            summary = torch.where(second_mask[:, t : t + 1], found, summary)
        return (self.from_summary(summary) + self.from_output(state.output)).tanh()
