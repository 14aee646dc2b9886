"""A memory network's hop as a recurrent cell, so that adaptive computation time can decide how many hops to make.

The memory is no part of the state: it is the cell's input, the same at every hop. With attention over a few slots only,
`touched`, a hop's cost does not grow with the memory but for the search.

Source: sukhbaatar2015, Sec. 2; olah2016
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from memlib.mechanisms.lerp import lerp
from memlib.mechanisms.memory_network import match, next_question, respond


class HopState(NamedTuple):
    """What a hop hands on.

    Attributes:
        memory: the next question, [batch, width].
    """

    memory: Tensor


class HopCell(nn.Module):
    """One look at all facts with a question: what was asked, what was found, and the next question.

    The input holds the facts, then the question, then a flag that is 1 at the first hop: `memlib.tasks.chains.Chains`
    makes the first two, `memlib.models.act.ACT` the flag. A fact is a pair of one-hot symbols, the second with one more
    place. At the first hop the question is asked, at later ones what the hop before handed on.

    Args:
        symbols: how many there are, and how many facts.
        width: of question and memories.
        touched: how many slots a hop looks at, those with the highest scores; all when None.

    Raises:
        ValueError: a number below 1.
    """

    def __init__(self, symbols: int, width: int, touched: int | None = None) -> None:
        super().__init__()
        if min(symbols, width, 1 if touched is None else touched) < 1:
            raise ValueError(f"HopCell: expected numbers of at least 1, got {symbols}, {width} and {touched}.")
        self.symbols, self.width, self.touched = symbols, width, touched
        self.asked = nn.Linear(symbols, width, bias=False)
        self.keys = nn.Linear(symbols, width, bias=False)
        self.values = nn.Linear(symbols + 1, width, bias=False)
        self.onward = nn.Linear(width, width, bias=False)
        for layer in (self.asked, self.keys, self.values):
            nn.init.normal_(layer.weight, std=0.3)
        nn.init.normal_(self.onward.weight, std=0.1 * width**-0.5)

    @property
    def features(self) -> int:
        """Width of the output."""
        return 2 * self.width

    def initial_state(self, batch_size: int) -> HopState:
        """Zeros: nothing was asked."""
        return HopState(self.asked.weight.new_zeros(batch_size, self.width))

    def forward(
        self, x: Float[Tensor, "batch input"], state: HopState
    ) -> tuple[Float[Tensor, "batch features"], HopState]:
        """One hop; the output is what was asked and what was found, side by side."""
        n = self.symbols
        facts, start, flag = x.split([n * (2 * n + 1), n, 1], -1)
        first, second = facts.view(len(x), n, 2 * n + 1).split([n, n + 1], -1)
        question = lerp(state.memory, self.asked(start), flag)
        memories = self.keys(first)
        found = respond(match(question, memories, self._looked_at(question, memories)), self.values(second))
        return torch.cat([question, found], -1), HopState(next_question(question, found, self.onward.weight))

    def _looked_at(self, question: Tensor, memories: Tensor) -> Tensor | None:
        if self.touched is None or self.touched >= self.symbols:
            return None
        scores = match(question, memories, softmax=False).detach()
        return scores >= scores.topk(self.touched, -1).values[:, -1:]
