"""Associative recall: a list of items, then one of them; what followed it?

One drawn sequence of `AssociativeRecall(width=2, item_length=2, items=(2, 2))`, a row for each step::

    bits   item   query   target   scored
    0 0     1       0      . .      no
    1 0     0       0      . .      no
    1 1     0       0      . .      no
    0 0     1       0      . .      no
    0 1     0       0      . .      no
    1 0     0       0      . .      no
    0 0     0       1      . .      no
    1 0     0       0      . .      no      the first item again
    1 1     0       0      . .      no
    0 0     0       1      . .      no
    0 0     0       0      0 1      yes     what followed it
    0 0     0       0      1 0      yes
"""

from dataclasses import dataclass

import torch

from memlib.tasks.bits import BitTask, between, bounds, coins
from memlib.tasks.checks import whole_number
from memlib.tasks.episode import Episode


@dataclass(frozen=True)
class AssociativeRecall(BitTask):
    """Find the item that followed the one asked for.

    All sequences of a batch have the same number of items; each asks for an item of its own, never the last.

    Attributes:
        width: bits in a vector; the paper has 6.
        item_length: vectors in an item; the paper has 3.
        items: the fewest and the most; the paper trains on 2 to 6.

    Source: graves2014, Sec. 4.3
    """

    width: int = 6
    item_length: int = 3
    items: tuple[int, int] = (2, 6)

    def __post_init__(self) -> None:
        whole_number("width", self.width, 1)
        whole_number("item_length", self.item_length, 1)
        object.__setattr__(self, "items", bounds("items", self.items))
        if self.items[0] < 2:
            raise ValueError(f"AssociativeRecall: expected at least 2 items, so that one follows; got {self.items}.")

    @property
    def width_in(self) -> int:
        """The bits and two flags: before an item, and around the query."""
        return self.width + 2

    @property
    def width_out(self) -> int:
        """The bits."""
        return self.width

    def draw(self, batch: int, generator: torch.Generator) -> Episode:
        """A batch of sequences.

        Args:
            batch: how many.
            generator: of the number of items, the bits and the queries.
        """
        count, length, width = between(self.items, generator), self.item_length, self.width
        bits = coins((batch, count, length, width), generator)
        asked = torch.randint(count - 1, (batch,), generator=generator)
        rows = torch.arange(batch)
        listed = torch.zeros(batch, count, length + 1, self.width_in)
        listed[:, :, 0, width] = 1
        listed[:, :, 1:, :width] = bits
        query = torch.zeros(batch, length + 2, self.width_in)
        query[:, [0, -1], width + 1] = 1
        query[:, 1:-1, :width] = bits[rows, asked]
        inputs = torch.cat([listed.flatten(1, 2), query, torch.zeros(batch, length, self.width_in)], 1)
        targets = torch.zeros(batch, inputs.shape[1], width)
        targets[:, -length:] = bits[rows, asked + 1]
        mask = torch.zeros(batch, inputs.shape[1], dtype=torch.bool)
        mask[:, -length:] = True
        return Episode(inputs, targets, mask)
