"""Addition: numbers come one after another, digit by digit side by side; after each, say the sum so far.

One drawn sequence of `Addition(digits=3, lengths=(3, 3))`::

    input (one of ten for each digit)   target (one of eleven for each place)   difficulty
    4 1 7                               . 4 1 7                                  3
    9 6                                 . 5 1 3                                  2
    5 8 8                               1 1 0 1                                  3
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from memlib.tasks.bits import between, bounds
from memlib.tasks.checks import whole_number
from memlib.tasks.graded import Graded, GradedChoices, evenly

# Of a digit in the answer: ten digits, and nothing.
BLANK = 10


@dataclass(frozen=True)
class Addition(GradedChoices):
    """Say the sum of all numbers so far, after each of them.

    A number has 1 to `digits` digits, the first not 0. The places of the answer are choices of their own: a digit, or
    nothing before the first digit. Difficulty is the number of digits of the number that is added.

    Attributes:
        digits: the most of a number; the paper has 5, and so 6 in a sum of five numbers.
        lengths: fewest and most numbers; the paper has 1 to 5. All sequences of a batch are equally long.

    Source: graves2016act, Sec. 3.3
    """

    digits: int = 5
    lengths: tuple[int, int] = (1, 5)

    def __post_init__(self) -> None:
        whole_number("digits", self.digits, 1)
        object.__setattr__(self, "lengths", bounds("lengths", self.lengths))
        if self.lengths[1] > 10:
            raise ValueError(
                f"Addition: expected at most 10 numbers, so that one more digit is room; got {self.lengths}."
            )

    @property
    def width_in(self) -> int:
        """One of ten for each digit."""
        return 10 * self.digits

    @property
    def places(self) -> int:
        """Digits of the answer."""
        return self.digits + 1

    @property
    def choices(self) -> int:
        """A digit, or nothing."""
        return BLANK + 1

    @property
    def width_out(self) -> int:
        """A choice for each place."""
        return self.places * self.choices

    def draw(self, batch: int, generator: torch.Generator) -> Graded:
        """A batch of sequences.

        Args:
            batch: how many.
            generator: of the numbers and their count.
        """
        shape = (batch, between(self.lengths, generator))
        count = evenly(1, self.digits, shape, generator)
        low = torch.where(count > 1, 10 ** (count - 1), 0)
        share = torch.rand(shape, generator=generator, dtype=torch.float64)
        return self.graded(low + (share * (10**count - low)).long())

    def graded(self, numbers: Tensor) -> Graded:
        """The batch of given numbers [batch, time]."""
        inputs = functional.one_hot(spelled(numbers, self.digits), BLANK + 1)[..., :BLANK]
        targets = functional.one_hot(spelled(numbers.cumsum(1), self.places), self.choices)
        lengths = (spelled(numbers, self.digits) != BLANK).sum(-1)
        mask = torch.ones(numbers.shape, dtype=torch.bool)
        return Graded(inputs.flatten(2).float(), targets.flatten(2).float(), mask, lengths)


def spelled(numbers: Tensor, places: int) -> Tensor:
    """The digits of numbers, [..., places], the last place for the ones; 10 where there is none. 0 is one digit.

    Args:
        numbers: whole, not negative, below 10 to the number of places, [...].
        places: how many.
    """
    powers = 10 ** torch.arange(places - 1, -1, -1)
    digits = numbers.unsqueeze(-1) // powers % 10
    nothing = (numbers.unsqueeze(-1) < powers) & (powers > 1)
    return torch.where(nothing, BLANK, digits)


def carries(numbers: Tensor) -> Tensor:
    """How many places carry where each number is added to the sum before it, [batch, time]; none at the first.

    Args:
        numbers: [batch, time].
    """
    before = numbers.cumsum(1) - numbers
    count = torch.zeros_like(numbers)
    for place in range(1, len(str(int(numbers.sum(1).max())))):
        power = 10**place
        count += (before % power + numbers % power >= power).long()
    return count
