"""Relational associative recall (RAR): items, then one of them; give back the one farthest from it, or closest to it.

One drawn sequence of `RelationalRecall(width=3, items=(3, 3), lengths=(2, 2))`, a row for each step; an item is two
vectors of three bits::

    bits    item   query   target   scored
    0 0 0     1      0      . . .     no
    0 1 1     0      0      . . .     no      first item: differs from the query in 2 bits
    1 0 0     0      0      . . .     no
    0 0 0     1      0      . . .     no
    1 1 1     0      0      . . .     no      second item, which is asked about
    0 0 0     0      0      . . .     no      its last bit is 0: the closest is wanted; were it 1, the farthest
    0 0 0     1      0      . . .     no
    0 0 0     0      0      . . .     no      third item: differs from the query in 4 bits
    0 1 0     0      0      . . .     no
    0 0 0     0      1      . . .     no
    1 1 1     0      0      . . .     no      the second item again
    0 0 0     0      0      . . .     no
    0 0 0     0      1      . . .     no
    0 0 0     0      0      0 1 1     yes     the first item
    0 0 0     0      0      1 0 0     yes

The item asked about is never the answer. Of items that are equally far, the one told first is.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from memlib.tasks.bits import BitTask, between, bounds, coins
from memlib.tasks.checks import whole_number
from memlib.tasks.episode import Episode


@dataclass(frozen=True)
class RelationalRecall(BitTask):
    """Find the item at the largest or the smallest distance from the one asked about, and give back its bits.

    The number of items and their length are drawn for each batch.

    Attributes:
        width: bits in a vector; the paper has 32.
        items: the fewest and the most. The paper prints no number; the authors' settings say 2 to 5.
        lengths: the fewest and the most vectors in an item; the authors' settings say 3.
        ask_last: whether the last item may be asked about, too.
        one_place: whether all sequences of a batch ask about the item at the same place.

    Source: le2020, Sec. 3.2
    """

    width: int = 32
    items: tuple[int, int] = (2, 5)
    lengths: tuple[int, int] = (3, 3)
    ask_last: bool = True
    one_place: bool = False

    def __post_init__(self) -> None:
        whole_number("width", self.width, 1)
        object.__setattr__(self, "items", bounds("items", self.items))
        object.__setattr__(self, "lengths", bounds("lengths", self.lengths))
        if self.items[0] < 2:
            raise ValueError(f"RelationalRecall: expected at least 2 items, so that another is left; got {self.items}.")

    @classmethod
    def paper(cls) -> "RelationalRecall":
        """2 to 5 items of 3 vectors of 32 bits, any of them asked about."""
        return cls()

    @classmethod
    def official(cls) -> "RelationalRecall":
        """As the authors' code trains: 3 items of 2 to 5 vectors (two numbers are swapped), never the last asked about.

        One place is drawn for all sequences of a batch.
        """
        return cls(items=(3, 3), lengths=(2, 5), ask_last=False, one_place=True)

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
            generator: of the number and the length of items, the bits, and which item is asked about.
        """
        count, length = between(self.items, generator), between(self.lengths, generator)
        items = coins((batch, count, length, self.width), generator)
        choice = count if self.ask_last else count - 1
        asked = torch.randint(choice, (1 if self.one_place else batch,), generator=generator)
        return self.episode(items, asked.expand(batch))

    def episode(self, items: Float[Tensor, "batch items length width"], asked: Int[Tensor, " batch"]) -> Episode:
        """The batch of given sequences.

        Args:
            items: their bits.
            asked: the place of the item asked about.
        """
        batch, count, length, width = items.shape
        rows = torch.arange(batch)
        listed = torch.zeros(batch, count, length + 1, self.width_in)
        listed[:, :, 0, width] = 1
        listed[:, :, 1:, :width] = items
        query = torch.zeros(batch, length + 2, self.width_in)
        query[:, [0, -1], width + 1] = 1
        query[:, 1:-1, :width] = items[rows, asked]
        inputs = torch.cat([listed.flatten(1, 2), query, torch.zeros(batch, length, self.width_in)], 1)
        targets = torch.zeros(batch, inputs.shape[1], width)
        targets[:, -length:] = items[rows, answer(items, asked)]
        mask = torch.zeros(batch, inputs.shape[1], dtype=torch.bool)
        mask[:, -length:] = True
        return Episode(inputs, targets, mask)


def answer(items: Float[Tensor, "batch items length width"], asked: Int[Tensor, " batch"]) -> Int[Tensor, " batch"]:
    """The place of the item wanted: the farthest where the last bit of the item asked about is 1, else the closest.

    Args:
        items: their bits; an item's distances are between its vectors in a row.
        asked: the place of the item asked about.
    """
    flat = items.flatten(2)
    rows = torch.arange(len(flat))
    query = flat[rows, asked]
    distances = (flat - query.unsqueeze(1)).square().sum(2)
    # Never the item itself: farther than all for the closest, closer than all for the farthest.
    farthest, closest = distances.clone(), distances.clone()
    farthest[rows, asked], closest[rows, asked] = -math.inf, math.inf
    return torch.where(query[:, -1] > 0.5, farthest.argmax(1), closest.argmin(1))
