"""Dynamic n-grams: predict the bits of a source whose table is new in each sequence.

The source is a table of 2^(n-1) probabilities: given the last n - 1 bits, that of a 1. One drawn sequence of
`NGrams(n=2, length=5)`, whose table has a 1 after 0 with 0.9 and after 1 with 0.2::

    input   target   scored
      0       1       yes
      1       0       yes
      0       1       yes
      1       1       yes

The best that anyone can do who does not know the table is to count: `optimal`.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.tasks import bits
from memlib.tasks.checks import whole_number
from memlib.tasks.episode import Episode


@dataclass(frozen=True)
class NGrams:
    """Predict the next bit, sequence by sequence from a new table.

    Attributes:
        n: the next bit depends on the n - 1 before it; the paper has 6.
        length: of a sequence in bits; the paper has 200.

    Source: graves2014, Sec. 4.4
    """

    n: int = 6
    length: int = 200

    def __post_init__(self) -> None:
        whole_number("n", self.n, 1)
        whole_number("length", self.length, self.n + 1)

    @property
    def width_in(self) -> int:
        """A bit."""
        return 1

    @property
    def width_out(self) -> int:
        """The next one."""
        return 1

    def draw(self, batch: int, generator: torch.Generator) -> Episode:
        """A batch of sequences; what is scored are the bits that have n - 1 bits before them.

        Args:
            batch: how many.
            generator: of the tables and the bits.
        """
        return self.episode(self.sequences(self.tables(batch, generator), generator))

    def tables(self, batch: int, generator: torch.Generator) -> Float[Tensor, "batch contexts"]:
        """Probabilities of a 1 from Beta(1/2, 1/2): most are near 0 or 1."""
        uniform = torch.rand(batch, 2 ** (self.n - 1), generator=generator)
        return torch.sin(0.5 * math.pi * uniform).square()

    def sequences(
        self, tables: Float[Tensor, "batch contexts"], generator: torch.Generator
    ) -> Float[Tensor, "batch length"]:
        """Bits from the tables; the first n - 1 are tossed."""
        batch, order = len(tables), self.n - 1
        chance = torch.rand(batch, self.length, generator=generator)
        drawn = (chance < 0.5).long()
        context = torch.zeros(batch, dtype=torch.long)
        for t in range(self.length):
            if t >= order:
                drawn[:, t] = chance[:, t] < tables.gather(1, context.unsqueeze(1)).squeeze(1)
            context = (2 * context + drawn[:, t]) % 2**order
        return drawn.float()

    def episode(self, sequences: Float[Tensor, "batch length"]) -> Episode:
        """The batch that asks for each next bit."""
        inputs, targets = sequences[:, :-1].unsqueeze(-1), sequences[:, 1:].unsqueeze(-1)
        mask = torch.arange(1, sequences.shape[1]) >= self.n - 1
        return Episode(inputs, targets, mask.expand(len(sequences), -1))

    def loss(self, outputs: Tensor, episode: Episode) -> Tensor:
        """The mean cross-entropy of a bit."""
        return bits.mean_loss(outputs, episode)

    def score(self, outputs: Tensor, episode: Episode) -> dict[str, float]:
        """``cost`` in bits a sequence, ``optimal`` (the same for whoever counts) and ``excess``, the difference."""
        cost = bits.cost(outputs, episode).mean().item()
        best = bits.cost(self.optimal(episode).logit().to(outputs), episode).mean().item()
        return {"cost": cost, "optimal": best, "excess": cost - best}

    def optimal(self, episode: Episode) -> Float[Tensor, "batch time 1"]:
        """The chance of a 1 for whoever counts: (N1 + 1/2) / (N0 + N1 + 1), N the bits seen in this context so far.

        Steps that are not scored hold 1/2.

        Source: graves2014, Eq. 10
        """
        seen, order = episode.inputs.squeeze(-1).long(), self.n - 1
        upcoming = episode.targets.squeeze(-1).long()
        batch, time = seen.shape
        counts = torch.zeros(batch, 2**order, 2, dtype=torch.float64)
        rows, context = torch.arange(batch), torch.zeros(batch, dtype=torch.long)
        chances = torch.full((batch, time), 0.5, dtype=torch.float64)
        for t in range(time):
            context = (2 * context + seen[:, t]) % 2**order
            if t + 1 >= order:
                here = counts[rows, context]
                chances[:, t] = (here[:, 1] + 0.5) / (here.sum(-1) + 1)
                counts[rows, context, upcoming[:, t]] += 1
        return chances.unsqueeze(-1)
