"""The operations of a neural programmer, each on soft row selections: one number in [0, 1] for each row.

With selections that are 0 or 1 they do what their names say. Those on numbers, conditions and cells stand in
`memlib.mechanisms.programs`; here are those that ask for an order of rows, and the list of all of them by name.

Source: neelakantan2015, Sec. 2.3
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from memlib.mechanisms.programs import both, either, greater, lesser

PAPER = ("sum", "count", "difference", "greater", "lesser", "and", "or", "assign", "reset")
OFFICIAL = (
    "count", "previous", "next", "first", "last", "most frequent", "greater", "lesser", "at least", "at most", "max",
    "min", "select", "reset", "assign",
)  # fmt: skip
COMPARISONS = ("greater", "lesser", "at least", "at most")


class Ranking(NamedTuple):
    """The order of the rows by each column, the highest number first; cells without a number stand at the end.

    Attributes:
        order: which row stands at a place, [batch, rows, columns].
        above: of each row, how many rows are strictly higher, [batch, rows, columns].
        numeric: whether a cell holds a number, [batch, rows, columns].
    """

    order: Int[Tensor, "batch rows columns"]
    above: Int[Tensor, "batch rows columns"]
    numeric: Bool[Tensor, "batch rows columns"]


def ranking(values: Float[Tensor, "batch rows columns"], numeric: Bool[Tensor, "batch rows columns"]) -> Ranking:
    """Sort the rows by each column.

    Args:
        values: of the cells; their negatives give the order from the lowest on.
        numeric: where a cell holds a number.
    """
    falling = torch.where(numeric, -values, torch.inf)
    found = falling.sort(1)
    places = torch.searchsorted(found.values.mT.contiguous(), falling.mT.contiguous()).mT
    return Ranking(found.indices, places.clamp(max=values.shape[1] - 1), numeric)


def foremost(selection: Float[Tensor, "batch rows"], ranks: Ranking) -> Float[Tensor, "batch rows columns"]:
    """Of the selected rows the highest of each column: r_i max(0, 1 - Σ r_k), the sum over rows that are higher.

    A row counts as far as nothing above it is selected. Rows that are equally high are all selected.

    Args:
        selection: r in [0, 1].
        ranks: of the table.

    Source: neelakantan2017
    """
    r = selection.unsqueeze(-1) * ranks.numeric
    before = r.gather(1, ranks.order).cumsum(1).roll(1, 1)
    before = torch.cat([torch.zeros_like(before[:, :1]), before[:, 1:]], 1)
    return r * (1 - before.gather(1, ranks.above)).clamp(min=0)


def first(selection: Float[Tensor, "batch rows"]) -> Float[Tensor, "batch rows"]:
    """The first of the selected rows: r_i max(0, 1 - Σ_{k<i} r_k).

    Source: neelakantan2017
    """
    return selection * (1 - (selection.cumsum(1) - selection)).clamp(min=0)


def last(selection: Float[Tensor, "batch rows"]) -> Float[Tensor, "batch rows"]:
    """The last of the selected rows: `first` from the other end.

    Source: neelakantan2017
    """
    return first(selection.flip(1)).flip(1)


def shifted(selection: Float[Tensor, "batch rows"], by: int) -> Float[Tensor, "batch rows"]:
    """The row before (-1) or after (1) each selected one; what leaves the table is lost.

    Source: neelakantan2017
    """
    gone = torch.zeros_like(selection[:, :1])
    return torch.cat([selection[:, 1:], gone] if by < 0 else [gone, selection[:, :-1]], 1)


def most_frequent(
    selection: Float[Tensor, "batch rows"], texts: Int[Tensor, "batch rows columns"]
) -> Float[Tensor, "batch rows columns"]:
    """Of the selected rows those whose text in a column is the most frequent among them.

    How often a text comes is the sum of the selection over its rows. The choice of the highest sum has no gradient.

    Args:
        selection: r in [0, 1].
        texts: numbers of texts, equal where the texts are, below the number of rows.

    Source: neelakantan2017
    """
    r = selection.unsqueeze(-1).expand(texts.shape)
    times = torch.zeros_like(r).scatter_add(1, texts, r).gather(1, texts).detach()
    highest = torch.where(r > 0, times, -torch.inf).amax(1, keepdim=True)
    return r * (times >= highest)


@dataclass(frozen=True)
class Context:
    """What operations on rows see at a step.

    Attributes:
        rows: the selection of the step before, [batch, rows].
        before: of the step before that, [batch, rows].
        there: 1 where the table has a row, [batch, rows].
        values: of the cells, [batch, rows, columns].
        compared: 1 where a cell holds a number and the question has one to compare with, [batch, rows, columns].
        texts: numbers of the cells' texts, [batch, rows, columns].
        matches: 1 where the question names what stands in a cell, [batch, rows, columns].
        falling: order of the rows from the highest on; None where no operation asks.
        rising: from the lowest on.
        pivots: for each comparison the number to compare with, [batch, 1].
    """

    rows: Tensor
    before: Tensor
    there: Tensor
    values: Tensor
    compared: Tensor
    texts: Tensor
    matches: Tensor
    falling: Ranking | None
    rising: Ranking | None
    pivots: dict[str, Tensor]

    def ranks(self, best: str) -> Ranking:
        """The order for `max` or `min`.

        Raises:
            ValueError: the context was made without it.
        """
        found = self.falling if best == "max" else self.rising
        if found is None:
            raise ValueError(f"{best}: the context holds no order of the rows; make it with `ranking`.")
        return found


# From the context to new selections: of rows, [batch, rows], or by each column, [batch, rows, columns].
ROWS: dict[str, Callable[[Context], Tensor]] = {
    "and": lambda seen: both(seen.rows, seen.before),
    "or": lambda seen: either(seen.rows, seen.before),
    "reset": lambda seen: seen.there,
    "first": lambda seen: first(seen.rows),
    "last": lambda seen: last(seen.rows),
    "previous": lambda seen: shifted(seen.rows, -1),
    "next": lambda seen: shifted(seen.rows, 1),
}
BY_COLUMN: dict[str, Callable[[Context], Tensor]] = {
    "greater": lambda seen: greater(seen.values, seen.pivots["greater"]) * seen.compared,
    "lesser": lambda seen: lesser(seen.values, seen.pivots["lesser"]) * seen.compared,
    "at least": lambda seen: (1 - lesser(seen.values, seen.pivots["at least"])) * seen.compared,
    "at most": lambda seen: (1 - greater(seen.values, seen.pivots["at most"])) * seen.compared,
    "select": lambda seen: seen.matches,
    "max": lambda seen: foremost(seen.rows, seen.ranks("max")),
    "min": lambda seen: foremost(seen.rows, seen.ranks("min")),
    "most frequent": lambda seen: most_frequent(seen.rows, seen.texts),
}
SCALARS = ("sum", "count", "difference")
KNOWN = (*SCALARS, *ROWS, *BY_COLUMN, "assign")
# These work on a column, whose choice matters then.
OF_A_COLUMN = frozenset((*BY_COLUMN, "sum", "assign"))
