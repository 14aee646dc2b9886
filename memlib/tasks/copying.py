"""Copy a sequence of random bits, once or as many times as asked.

One drawn sequence of `Copy(width=3, lengths=(2, 2))`, a row for each step, nothing fed in while the copy is made::

    bits   end   target   scored
    1 0 1   0    . . .     no
    0 0 1   0    . . .     no
    0 0 0   1    . . .     no
    0 0 0   0    1 0 1     yes
    0 0 0   0    0 0 1     yes

`RepeatCopy` has one more input, the number of copies on the row of the flag, and one more output, 1 on the last row:
where it is after the last copy.
"""

from dataclasses import dataclass

import torch

from memlib.tasks.bits import BitTask, between, bounds, coins
from memlib.tasks.checks import whole_number
from memlib.tasks.episode import Episode


@dataclass(frozen=True)
class Copy(BitTask):
    """Repeat what was read, once, after a flag.

    All sequences of a batch are of one length, drawn anew for each batch.

    Attributes:
        width: bits in a vector; the paper has 8.
        lengths: the shortest and the longest; the paper trains on 1 to 20.
        start_flag: whether a row with a flag of its own comes first.

    Source: graves2014, Sec. 4.1
    """

    width: int = 8
    lengths: tuple[int, int] = (1, 20)
    start_flag: bool = False

    def __post_init__(self) -> None:
        whole_number("width", self.width, 1)
        object.__setattr__(self, "lengths", bounds("lengths", self.lengths))

    @classmethod
    def le2020(cls) -> "Copy":
        """With the sizes of the experiments of Le et al.: 32 bits, and a flag at the start too."""
        return cls(width=32, start_flag=True)

    @property
    def width_in(self) -> int:
        """The bits and a flag or two; the start's comes first."""
        return self.width + 1 + self.start_flag

    @property
    def width_out(self) -> int:
        """The bits."""
        return self.width

    def draw(self, batch: int, generator: torch.Generator) -> Episode:
        """A batch of sequences.

        Args:
            batch: how many.
            generator: of the length and the bits.
        """
        length = between(self.lengths, generator)
        bits = coins((batch, length, self.width), generator)
        first = int(self.start_flag)
        time = first + 2 * length + 1
        inputs = torch.zeros(batch, time, self.width_in)
        targets = torch.zeros(batch, time, self.width)
        mask = torch.zeros(batch, time, dtype=torch.bool)
        if self.start_flag:
            inputs[:, 0, self.width] = 1
        inputs[:, first : first + length, : self.width] = bits
        inputs[:, first + length, -1] = 1
        targets[:, -length:] = bits
        mask[:, -length:] = True
        return Episode(inputs, targets, mask)


@dataclass(frozen=True)
class RepeatCopy(BitTask):
    """Repeat what was read as many times as asked, then say that it is over.

    Attributes:
        width: bits in a vector; the paper has 8.
        lengths: the shortest and the longest; the paper trains on 1 to 10.
        repeats: the fewest and the most copies; the paper trains on 1 to 10.
        count_mean: taken from the number of copies before it is fed in; of 1 to 10 it is 5.5.
        count_scale: then it is divided by this; the standard deviation of 1 to 10 is 2.87.

    Source: graves2014, Sec. 4.2
    """

    width: int = 8
    lengths: tuple[int, int] = (1, 10)
    repeats: tuple[int, int] = (1, 10)
    count_mean: float = 5.5
    count_scale: float = 8.25**0.5

    def __post_init__(self) -> None:
        whole_number("width", self.width, 1)
        object.__setattr__(self, "lengths", bounds("lengths", self.lengths))
        object.__setattr__(self, "repeats", bounds("repeats", self.repeats))
        if not self.count_scale > 0:
            raise ValueError(f"RepeatCopy: expected count_scale above 0, got {self.count_scale}.")

    @property
    def width_in(self) -> int:
        """The bits, the flag, the number of copies."""
        return self.width + 2

    @property
    def width_out(self) -> int:
        """The bits, and the mark of the end."""
        return self.width + 1

    def draw(self, batch: int, generator: torch.Generator) -> Episode:
        """A batch of sequences of one length and one number of copies.

        Args:
            batch: how many.
            generator: of the length, the number of copies and the bits.
        """
        length, repeats = between(self.lengths, generator), between(self.repeats, generator)
        bits = coins((batch, length, self.width), generator)
        time = length + 1 + length * repeats + 1
        inputs = torch.zeros(batch, time, self.width_in)
        targets = torch.zeros(batch, time, self.width_out)
        mask = torch.zeros(batch, time, dtype=torch.bool)
        inputs[:, :length, : self.width] = bits
        inputs[:, length, self.width] = 1
        inputs[:, length, self.width + 1] = (repeats - self.count_mean) / self.count_scale
        targets[:, length + 1 : -1, : self.width] = bits.repeat(1, repeats, 1)
        targets[:, -1, self.width] = 1
        mask[:, length + 1 :] = True
        return Episode(inputs, targets, mask)
