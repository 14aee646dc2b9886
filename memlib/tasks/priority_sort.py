"""Priority sort: vectors with priorities; give back the most urgent, in order.

One drawn sequence of `PrioritySort(width=2, items=3, kept=2)`, a row for each step::

    bits   priority   target   scored
    1 0     -0.31      . .      no
    1 1      0.84      . .      no
    0 1      0.05      . .      no
    0 0      0         1 1      yes     priority  0.84
    0 0      0         0 1      yes     priority  0.05
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from memlib.tasks.bits import BitTask, coins
from memlib.tasks.checks import whole_number
from memlib.tasks.episode import Episode

PRIORITIES = ("uniform", "cubed", "narrow")


@dataclass(frozen=True)
class PrioritySort(BitTask):
    """Return the vectors with the highest priorities, the highest first.

    The order is all that matters, so a machine that sorts does not care how priorities are spread over [-1, 1). One
    that puts a vector where its priority says, as in a row of pigeonholes, does care: "narrow" puts all vectors into
    a few holes.

    Attributes:
        width: bits in a vector; the paper has 8.
        items: how many vectors; the paper has 20.
        kept: how many are asked for; the paper has 16.
        priorities: "uniform" in [-1, 1) as in the paper; "cubed" (the cubes of these, most near 0); "narrow" (a tenth
            of these).
        spare: inputs that are always 0.

    Source: graves2014, Sec. 4.5
    """

    width: int = 8
    items: int = 20
    kept: int = 16
    priorities: str = "uniform"
    spare: int = 0

    def __post_init__(self) -> None:
        for name, least in (("width", 1), ("items", 1), ("kept", 1), ("spare", 0)):
            whole_number(name, getattr(self, name), least)
        if self.kept > self.items:
            raise ValueError(f"PrioritySort: expected kept <= items = {self.items}, got {self.kept}.")
        if self.priorities not in PRIORITIES:
            raise ValueError(f"PrioritySort: expected priorities in {', '.join(PRIORITIES)}; got {self.priorities!r}.")

    @classmethod
    def le2020(cls) -> "PrioritySort":
        """With the sizes of the experiments of Le et al.: 32 bits, and an input that is always 0."""
        return cls(width=32, spare=1)

    @property
    def width_in(self) -> int:
        """The bits and the priority."""
        return self.width + 1 + self.spare

    @property
    def width_out(self) -> int:
        """The bits."""
        return self.width

    def draw(self, batch: int, generator: torch.Generator) -> Episode:
        """A batch of sequences.

        Args:
            batch: how many.
            generator: of the bits and the priorities.
        """
        bits = coins((batch, self.items, self.width), generator)
        return self.episode(bits, self.spread(2 * torch.rand(batch, self.items, generator=generator) - 1))

    def spread(self, uniform: Tensor) -> Tensor:
        """Priorities of this task's distribution from uniform ones in [-1, 1)."""
        if self.priorities == "cubed":
            return uniform**3
        return uniform / 10 if self.priorities == "narrow" else uniform

    def episode(self, bits: Tensor, priorities: Tensor) -> Episode:
        """The batch of given vectors [batch, items, width] and priorities [batch, items]."""
        batch = len(bits)
        inputs = torch.zeros(batch, self.items + self.kept, self.width_in)
        inputs[:, : self.items, : self.width] = bits
        inputs[:, : self.items, self.width] = priorities
        order = priorities.argsort(stable=True, dim=1, descending=True)[:, : self.kept]
        targets = torch.zeros(batch, self.items + self.kept, self.width)
        targets[:, self.items :] = bits.gather(1, order.unsqueeze(-1).expand(-1, -1, self.width))
        mask = torch.zeros(batch, self.items + self.kept, dtype=torch.bool)
        mask[:, self.items :] = True
        return Episode(inputs, targets, mask)
