"""Sorting numbers: they come one by one; then say, for each place in the order, which of them stands there.

One drawn sequence of `SortingNumbers(items=(3, 3))`, a row for each step::

    number  last    target   scored
     0.31    0        .       no
    -1.20    0        .       no
     0.74    1        .       no
     0       0        1       yes    the second is the smallest
     0       0        0       yes
     0       0        2       yes
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from memlib.tasks.bits import between, bounds
from memlib.tasks.graded import Graded, GradedChoices


@dataclass(frozen=True)
class SortingNumbers(GradedChoices):
    """Give the places of numbers in rising order.

    Difficulty is the number of items, at steps where an answer is asked.

    Attributes:
        items: fewest and most numbers; the paper has 2 to 15. All sequences of a batch have as many.

    Source: graves2016act, Sec. 3.4
    """

    items: tuple[int, int] = (2, 15)

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", bounds("items", self.items))

    @property
    def width_in(self) -> int:
        """A number, and whether it is the last."""
        return 2

    @property
    def choices(self) -> int:
        """Which of the numbers."""
        return self.items[1]

    @property
    def width_out(self) -> int:
        """One choice."""
        return self.choices

    def draw(self, batch: int, generator: torch.Generator) -> Graded:
        """A batch of sequences.

        Args:
            batch: how many.
            generator: of the numbers, from a standard normal distribution, and their count.
        """
        count = between(self.items, generator)
        return self.graded(torch.randn(batch, count, generator=generator))

    def graded(self, numbers: Tensor) -> Graded:
        """The batch of given numbers [batch, count]."""
        batch, count = numbers.shape
        inputs = torch.zeros(batch, 2 * count, 2)
        inputs[:, :count, 0] = numbers
        inputs[:, count - 1, 1] = 1
        targets = torch.zeros(batch, 2 * count, self.choices)
        targets[:, count:] = functional.one_hot(numbers.argsort(stable=True, dim=1), self.choices).float()
        mask = (torch.arange(2 * count) >= count).expand(batch, -1)
        return Graded(inputs, targets, mask, count * mask.long())
