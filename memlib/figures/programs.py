"""One step of a soft program on a small table: four operations, how likely each is, what comes of all (programs.js)."""

from typing import Any

import torch
import traitlets

from memlib.figures.base import Interactive, module, seeded

_ROWS, _COLUMNS, _TOP = 6, 2, 9


class ProgramsWidget(Interactive):
    """A table of six rows and two columns, an earlier selection of rows, and the next step of a soft program.

    The step compares a column with a pivot (greater, lesser), or joins that with the earlier selection (and, or, both
    with `greater`). The table and the earlier selection come from one seeded generator and travel with the widget.

    Args:
        greater: the score of an operation, a whole number from 0 to 8; the weights are the softmax of the scores.
        lesser: the same.
        both: the same, of `and`.
        either: the same, of `or`.
        column: how much the second column is meant, 0 to 10 tenths.
        pivot: what the column is compared with, a whole number from 0 to 9.
        seed: of the generator.

    Raises:
        ValueError: an argument is out of its range.
    """

    _esm = module("programs")
    _words = "Move the scores of four operations, a column and a pivot, and see which rows a soft program selects."
    greater = traitlets.Int(4).tag(sync=True)
    lesser = traitlets.Int(0).tag(sync=True)
    both = traitlets.Int(0).tag(sync=True)
    either = traitlets.Int(0).tag(sync=True)
    column = traitlets.Int(0).tag(sync=True)
    pivot = traitlets.Int(4).tag(sync=True)

    def __init__(
        self,
        *,
        greater: int = 4,
        lesser: int = 0,
        both: int = 0,
        either: int = 0,
        column: int = 0,
        pivot: int = 4,
        seed: int = 15,
    ) -> None:
        own = type(self).__name__
        for what, number, high in (
            ("greater", greater, 8),
            ("lesser", lesser, 8),
            ("both", both, 8),
            ("either", either, 8),
            ("column", column, 10),
            ("pivot", pivot, _TOP),
        ):
            if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= high:
                raise ValueError(f"{own}: expected {what} to be a whole number from 0 to {high}, got {number!r}.")
        generator = seeded(own, seed)
        table = torch.randint(1, _TOP, (_ROWS, _COLUMNS), generator=generator)
        earlier = torch.randperm(_ROWS, generator=generator) < _ROWS // 2
        data: dict[str, Any] = {"table": table.tolist(), "earlier": earlier.int().tolist()}
        super().__init__(
            data=data, greater=greater, lesser=lesser, both=both, either=either, column=column, pivot=pivot
        )
