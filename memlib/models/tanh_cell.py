"""The plain recurrent cell: one layer and a tanh. What adaptive computation time was first put around.

Source: graves2016act, Sec. 3.1
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn


class TanhState(NamedTuple):
    """A plain recurrent cell keeps one vector.

    Attributes:
        memory: [batch, hidden].
    """

    memory: Tensor


class TanhCell(nn.Module):
    """s' = tanh(W [x; s] + b), with weights drawn evenly from ±1/√hidden, as torch draws those of its own.

    Args:
        input_size: of x.
        hidden_size: of s.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        self.layer = nn.Linear(input_size + hidden_size, hidden_size)
        for weight in self.layer.parameters():
            nn.init.uniform_(weight, -(hidden_size**-0.5), hidden_size**-0.5)

    def initial_state(self, batch_size: int) -> TanhState:
        """Zeros."""
        return TanhState(self.layer.weight.new_zeros(batch_size, self.hidden_size))

    def forward(
        self, x: Float[Tensor, "batch input"], state: TanhState
    ) -> tuple[Float[Tensor, "batch hidden"], TanhState]:
        """One step; the output is the new state's vector."""
        after = self.layer(torch.cat([x, state.memory], -1)).tanh()
        return after, TanhState(after)
