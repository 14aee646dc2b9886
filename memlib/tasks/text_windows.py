"""Windows of random length along a text without end, as AWD-LSTM cuts them: so no word always stands at a border.

Source: merity2018, Sec. 5
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from memlib.tasks.checks import whole_number

# A window in twenty is half as long; lengths vary by this; none is shorter or longer than so much.
HALF, DEVIATION, SHORTEST, LONGER = 0.05, 5, 5, 10


class Window(NamedTuple):
    """A piece of every row.

    Attributes:
        tokens: [rows, time].
        targets: the tokens one later, [rows, time].
        fresh: whether an epoch begins here: the rows start anew, so no state is to be carried in.
    """

    tokens: Tensor
    targets: Tensor
    fresh: bool


class Windows:
    """An endless stream of windows that goes on where it was left: one piece of all rows after the other.

    Args:
        rows: the text, [rows, length] (`memlib.tasks.language.batchify`).
        bptt: the usual length.
        seed: of the lengths.
        vary: whether lengths are random; else all are ``bptt``.

    Raises:
        ValueError: rows has no two axes or no two columns, or bptt is below 1.
    """

    def __init__(self, rows: Int[Tensor, "rows length"], bptt: int, seed: int, vary: bool = True) -> None:
        if rows.ndim != 2 or rows.shape[1] < 2:
            raise ValueError(f"expected rows [rows, length] of at least two columns, got {tuple(rows.shape)}.")
        self.rows, self.bptt, self.vary = rows, whole_number("bptt", bptt, 1), vary
        self.generator = torch.Generator().manual_seed(whole_number("seed", seed))
        self.epoch, self.position = 0, 0
        self.upcoming = self._length()

    def _length(self) -> int:
        """Draw the length of the next window; the last of an epoch is as long as there is text."""
        left = self.rows.shape[1] - 1 - self.position
        if not self.vary:
            return min(self.bptt, left)
        usual = self.bptt / 2 if torch.rand((), generator=self.generator) < HALF else float(self.bptt)
        drawn = int(usual + DEVIATION * torch.randn((), generator=self.generator).item())
        return min(max(SHORTEST, drawn), self.bptt + LONGER, left)

    def __next__(self) -> Window:
        start, stop = self.position, self.position + self.upcoming
        window = Window(self.rows[:, start:stop], self.rows[:, start + 1 : stop + 1], start == 0)
        self.position = stop
        if stop >= self.rows.shape[1] - 1:
            self.epoch, self.position = self.epoch + 1, 0
        self.upcoming = self._length()
        return window

    def state_dict(self) -> dict[str, Any]:
        """The place, the next length and the generator."""
        return {
            "epoch": self.epoch,
            "position": self.position,
            "upcoming": self.upcoming,
            "generator": self.generator.get_state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a place."""
        self.epoch, self.position, self.upcoming = state["epoch"], state["position"], state["upcoming"]
        self.generator.set_state(state["generator"])
