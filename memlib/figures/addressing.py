"""The address of a head, stage by stage, with everything that the controller gives under the thumb (addressing.js)."""

from typing import Any

import torch
import traitlets

from memlib.figures.base import Interactive, at_least, module, seeded

_SLOTS, _WIDTH = 9, 6
_START = 2  # where the head was


class AddressingWidget(Interactive):
    """A memory of nine slots, and a head whose weights are made in four stages: content, gate, shift, sharpening.

    The memory, the direction that blurs the key, and the vector that is written come from one seeded generator and
    travel with the widget. The head was at slot 3 before.

    Args:
        slot: the slot that the key is like, from 0.
        likeness: how much of the key is that slot, 0 to 1 in steps of 0.1.
        strength: β, 0 to 20 in steps of 0.5.
        gate: g, 0 to 1 in steps of 0.05.
        move: the shift, -1 to 1 in steps of 0.1; between whole numbers it is shared.
        power: γ, 1 to 10 in steps of 0.5.
        seed: of the generator.

    Raises:
        ValueError: an argument is out of its range.
    """

    _esm = module("addressing")
    _words = "Move key, strength, gate, shift and power of a head, and see its weights after every stage."
    slot = traitlets.Int(6).tag(sync=True)
    likeness = traitlets.Float(0.8).tag(sync=True)
    strength = traitlets.Float(5.0).tag(sync=True)
    gate = traitlets.Float(0.0).tag(sync=True)
    move = traitlets.Float(0.0).tag(sync=True)
    power = traitlets.Float(1.0).tag(sync=True)
    before: Any = traitlets.List().tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        *,
        slot: int = 6,
        likeness: float = 0.8,
        strength: float = 5.0,
        gate: float = 0.0,
        move: float = 0.8,
        power: float = 1.0,
        seed: int = 5,
    ) -> None:
        own = type(self).__name__
        at_least(own, slot=(slot, 0))
        if slot >= _SLOTS:
            raise ValueError(f"{own}: expected slot < {_SLOTS}, got {slot}.")
        for what, number, low, high in (
            ("likeness", likeness, 0.0, 1.0),
            ("strength", strength, 0.0, 20.0),
            ("gate", gate, 0.0, 1.0),
            ("move", move, -1.0, 1.0),
            ("power", power, 1.0, 10.0),
        ):
            if isinstance(number, bool) or not isinstance(number, int | float) or not low <= number <= high:
                raise ValueError(f"{own}: expected {what} to be a number from {low:g} to {high:g}, got {number!r}.")
        generator = seeded(own, seed)
        drawn = torch.randn(_SLOTS + 2, _WIDTH, generator=generator, dtype=torch.float64).round(decimals=2)
        start = torch.eye(_SLOTS)[_START].tolist()
        super().__init__(
            data={
                "memory": drawn[:_SLOTS].tolist(),
                "noise": drawn[-2].tolist(),
                "add": drawn[-1].tolist(),
                "start": start,
            },
            slot=slot,
            likeness=float(likeness),
            strength=float(strength),
            gate=float(gate),
            move=float(move),
            power=float(power),
            before=start,
        )
