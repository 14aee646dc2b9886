"""Two attentions over the same three items: turn a bit, and see which of them notices (noticing.js)."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import torch
import traitlets
from torch import Tensor

from memlib.figures.base import Interactive, module, seeded, styles

_ITEMS, _WIDTH, _DEPTH = 3, 6, 4
_SHARED = (1, 4)  # where all keys have the same sign
_BITS = (_ITEMS + 1) * _WIDTH


class NoticingWidget(Interactive):
    """A query and three items under dot-product and under outer-product attention; every bit can be turned.

    The bits come from one seeded generator and travel with the widget. At bits 2 and 5 all keys have the same sign, at
    no other bit.

    Args:
        presses: the bits that are pressed at the start, in order, from 0: six of the query, then six of each key.
        seed: of the generator.

    Raises:
        ValueError: there is no such bit, or the seed is no whole number.
    """

    _esm = module("noticing")
    _css = styles() + "\n" + files("memlib.figures").joinpath("noticing.css").read_text(encoding="utf-8")
    _words = "Turn bits of a query and of three keys, and see which of two attentions notices."
    presses: Any = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, *, presses: Sequence[int] = (), seed: int = 10) -> None:
        name = type(self).__name__
        for bit in presses:
            if isinstance(bit, bool) or not isinstance(bit, int) or not 0 <= bit < _BITS:
                raise ValueError(
                    f"{name}: expected each press to be a whole number from 0 to {_BITS - 1}, got {bit!r}."
                )
        query, keys, values = _drawn(seeded(name, seed))
        data = {"query": query.tolist(), "keys": keys.tolist(), "values": values.tolist()}
        super().__init__(data=data, presses=list(presses))


def _drawn(generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """A query [6], keys [3, 6] and values [3, 4] of ±1: no two values alike, keys alike at the shared bits only."""

    def signs(*shape: int) -> Tensor:
        return torch.randint(0, 2, shape, generator=generator) * 2 - 1

    query, keys, values = signs(_WIDTH), signs(_ITEMS, _WIDTH), signs(_ITEMS, _DEPTH)
    for bit in range(_WIDTH):
        if bit in _SHARED:
            keys[:, bit] = keys[0, bit]
        elif keys[:, bit].sum().abs() == _ITEMS:
            keys[bit % _ITEMS, bit] *= -1
    while len(values.unique(dim=0)) < _ITEMS:
        values = signs(_ITEMS, _DEPTH)
    return query, keys, values
