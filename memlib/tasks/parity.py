"""Parity: is the number of ones in a vector odd? One look at the vector, one answer.

One drawn vector of `Parity(width=6)`; of the six entries four are 1 or -1, and one of these is 1::

    input     0  -1   1   0  -1  -1
    target    1                         difficulty 4
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from memlib.tasks.checks import whole_number
from memlib.tasks.graded import Graded, GradedBits, evenly

PLACES = ("anywhere", "first")


@dataclass(frozen=True)
class Parity(GradedBits):
    """Tell whether the number of ones is odd.

    A number of entries between `least` and `most` is drawn; so many entries are 1 or -1 with equal chances, the others
    0. That number is the difficulty. The paper does not say where the entries stand: here either anywhere, or first,
    so that easy vectors are about few entries, the same ones each time.

    Attributes:
        width: entries of a vector; the paper has 64. With 16, a plain network learns it as well.
        least: the fewest entries that are not 0.
        most: the most; the width when None.
        places: where they stand: "anywhere", drawn anew for each vector, or "first".

    Source: graves2016act, Sec. 3.1
    """

    width: int = 64
    least: int = 1
    most: int | None = None
    places: str = "anywhere"

    def __post_init__(self) -> None:
        whole_number("width", self.width, 1)
        whole_number("least", self.least, 1)
        if self.places not in PLACES:
            raise ValueError(f"Parity: expected places of {', '.join(PLACES)}; got {self.places!r}.")
        if not self.least <= self.highest <= self.width:
            raise ValueError(f"Parity: expected least <= most <= {self.width}, got {self.least} and {self.highest}.")

    @property
    def highest(self) -> int:
        """The most entries that are not 0."""
        return self.width if self.most is None else whole_number("most", self.most, 1)

    @property
    def width_in(self) -> int:
        """The vector."""
        return self.width

    @property
    def width_out(self) -> int:
        """One bit."""
        return 1

    def draw(self, batch: int, generator: torch.Generator) -> Graded:
        """A batch of vectors, each a sequence of one step.

        Args:
            batch: how many.
            generator: of the entries.
        """
        count = evenly(self.least, self.highest, (batch, 1), generator)
        if self.places == "first":
            rank = torch.arange(self.width).expand(batch, -1)
        else:
            # The places of the smallest of random numbers are places drawn without replacement.
            rank = torch.rand(batch, self.width, generator=generator).argsort(-1).argsort(-1)
        signs = 2 * evenly(0, 1, (batch, self.width), generator) - 1
        return self.graded(torch.where(rank < count, signs, 0).float())

    def graded(self, vectors: Tensor) -> Graded:
        """The batch of given vectors [batch, width] of 1, 0 and -1."""
        odd = (vectors == 1).sum(-1) % 2
        mask = torch.ones(len(vectors), 1, dtype=torch.bool)
        return Graded(vectors.unsqueeze(1), odd.float().view(-1, 1, 1), mask, (vectors != 0).sum(-1, keepdim=True))
