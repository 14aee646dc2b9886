"""A memory that fills, frees its slots and remembers the order of writing (allocation.js draws it)."""

from collections.abc import Sequence
from typing import Any

import traitlets

from memlib.figures.base import Interactive, at_least, module

KINDS = ("write", "look", "free", "forward", "backward")
_LETTERS = 26
_SLOTS = 8


class AllocationWidget(Interactive):
    """Eight slots under the thumb: write, look, free, and walk along the links. No data: the page computes everything.

    Args:
        actions: done at the start, each a kind of `KINDS` with a number: ``("write", gate)``, ``("look", slot)``,
            ``("free", 0)``, ``("forward", share)``, ``("backward", share)``. Gate and share are from 0 to 1, the share
            is that of content; slots count from 0.
        gate: the write gate at the start, 0 to 1 in steps of 0.1.
        slot: the one to look at, from 0.
        share: of content while walking, 0 to 1 in steps of 0.1.

    Raises:
        ValueError: an argument is out of its range.
    """

    _esm = module("allocation")
    _words = "Write into a memory of eight slots, free some of them, and walk along the order of writing."
    actions: Any = traitlets.List().tag(sync=True)
    gate = traitlets.Float(1.0).tag(sync=True)
    slot = traitlets.Int(0).tag(sync=True)
    share = traitlets.Float(0.0).tag(sync=True)

    def __init__(
        self,
        *,
        actions: Sequence[tuple[str, float]] = (),
        gate: float = 1.0,
        slot: int = 0,
        share: float = 0.0,
    ) -> None:
        own = type(self).__name__
        at_least(own, slot=(slot, 0))
        if slot >= _SLOTS:
            raise ValueError(f"{own}: expected slot < {_SLOTS}, got {slot}.")
        for what, number in (("gate", gate), ("share", share)):
            if not _fraction(number):
                raise ValueError(f"{own}: expected {what} to be a number from 0 to 1, got {number!r}.")
        for action in actions:
            if not _possible(action):
                raise ValueError(
                    f"{own}: expected actions (kind, number), the kind one of {', '.join(KINDS)}; got {action!r}."
                )
        if sum(kind == "write" for kind, _ in actions) > _LETTERS:
            raise ValueError(f"{own}: expected at most {_LETTERS} writes, one for each letter.")
        super().__init__(
            data={"slots": _SLOTS},
            actions=[list(action) for action in actions],
            gate=float(gate),
            slot=slot,
            share=float(share),
        )


def _fraction(number: Any) -> bool:
    return not isinstance(number, bool) and isinstance(number, int | float) and 0 <= number <= 1


def _possible(action: Any) -> bool:
    if not isinstance(action, tuple | list) or len(action) != 2 or action[0] not in KINDS:
        return False
    kind, number = action
    if kind == "look":
        return not isinstance(number, bool) and isinstance(number, int) and 0 <= number < _SLOTS
    return _fraction(number)
