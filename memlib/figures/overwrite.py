"""Overwrite a binding in a fast-weight matrix, with the strength under the reader's thumb (overwrite.js draws it)."""

from typing import Any

import torch
import traitlets

from memlib.figures.base import Interactive, at_least, module, seeded

RULES = ("delta", "hebb")
NAMES = ("Mary", "John", "Sandra")
PLACES = ("kitchen", "office", "hallway", "garden")

_KEY, _VALUE = 8, 6  # widths
_MOST = 20  # writes in a round


class OverwriteWidget(Interactive):
    """Three names bound to three places in one matrix. Move one of them, and see what it and the others read.

    The keys of the names and the vectors of the places come from one seeded generator and travel with the widget. The
    page makes the directions orthonormal; a direction that all keys share lets it set how alike they are. At the start
    Mary reads the kitchen, John the office and Sandra the hallway, exactly, whatever the keys.

    Args:
        name: who is written, one of `NAMES`.
        place: the new place, one of `PLACES`.
        strength: β, 0 to 2.5 in steps of 0.05.
        length: of every key, 0.5 to 2 in steps of 0.1.
        alike: the cosine of every two keys, 0 to 0.9 in steps of 0.1.
        rule: ``delta`` (replace) or ``hebb`` (add).
        times: writes done at the start, 0 to 20.
        seed: of the generator.

    Raises:
        ValueError: an argument is out of its range.
    """

    _esm = module("overwrite")
    _words = "Move a name to a new place in a matrix of fast weights, with any strength, and see what all names read."
    name = traitlets.Unicode("Mary").tag(sync=True)
    place = traitlets.Unicode("garden").tag(sync=True)
    strength = traitlets.Float(0.5).tag(sync=True)
    length = traitlets.Float(1.0).tag(sync=True)
    alike = traitlets.Float(0.0).tag(sync=True)
    rule = traitlets.Enum(RULES, "delta").tag(sync=True)
    times = traitlets.Int(0).tag(sync=True)
    history: Any = traitlets.List().tag(sync=True)

    def __init__(
        self,
        *,
        name: str = "Mary",
        place: str = "garden",
        strength: float = 0.5,
        length: float = 1.0,
        alike: float = 0.0,
        rule: str = "delta",
        times: int = 0,
        seed: int = 10,
    ) -> None:
        own = type(self).__name__
        at_least(own, times=(times, 0))
        if name not in NAMES or place not in PLACES or rule not in RULES or times > _MOST:
            raise ValueError(
                f"{own}: expected name in {NAMES}, place in {PLACES}, rule in {RULES} and times <= {_MOST}; "
                f"got name={name!r}, place={place!r}, rule={rule!r}, times={times}."
            )
        for what, number, low, high in (
            ("strength", strength, 0.0, 2.5),
            ("length", length, 0.5, 2.0),
            ("alike", alike, 0.0, 0.9),
        ):
            if isinstance(number, bool) or not isinstance(number, int | float) or not low <= number <= high:
                raise ValueError(f"{own}: expected {what} to be a number from {low:g} to {high:g}, got {number!r}.")
        generator = seeded(own, seed)
        draw = torch.randn(len(NAMES) + 1, _KEY, generator=generator, dtype=torch.float64).round(decimals=4)
        values = torch.randn(len(PLACES), _VALUE, generator=generator, dtype=torch.float64).round(decimals=4)
        data = {
            "names": list(NAMES),
            "places": list(PLACES),
            "start": list(range(len(NAMES))),
            "keys": draw.tolist(),
            "values": values.tolist(),
        }
        super().__init__(
            data=data,
            name=name,
            place=place,
            strength=float(strength),
            length=float(length),
            alike=float(alike),
            rule=rule,
            times=times,
        )
