"""A budget of 1 that is spent step by step, with every halting probability under the thumb (halting.js)."""

from collections.abc import Sequence
from typing import Any

import traitlets

from memlib.figures.base import Interactive, module

_EPSILON = 0.01
_START = (0.1, 0.3, 0.5, 0.8, 0.4, 0.6)
RULES = ("budget", "chance")


class HaltingWidget(Interactive):
    """Six steps and their halting probabilities: the weights of the steps, where it halts, the remainder, the cost.

    Args:
        chances: the halting probabilities of the six steps, each 0 to 1 in steps of 0.05.
        rule: "budget" as in adaptive computation time, or "chance" as in PonderNet.

    Raises:
        ValueError: there are not six numbers from 0 to 1, or there is no such rule.
    """

    _esm = module("halting")
    _words = "Move the halting probabilities of six steps, and see the weights, the last step, the remainder, the cost."
    chances: Any = traitlets.List().tag(sync=True)
    rule = traitlets.Unicode("budget").tag(sync=True)

    def __init__(self, *, chances: Sequence[float] = _START, rule: str = "budget") -> None:
        own = type(self).__name__
        given = list(chances)
        fine = all(isinstance(h, int | float) and not isinstance(h, bool) and 0 <= h <= 1 for h in given)
        if len(given) != len(_START) or not fine:
            raise ValueError(f"{own}: expected {len(_START)} chances from 0 to 1, got {chances!r}.")
        if rule not in RULES:
            raise ValueError(f"{own}: expected rule of {', '.join(RULES)}; got {rule!r}.")
        super().__init__(
            data={"epsilon": _EPSILON, "start": list(_START)}, chances=[float(h) for h in given], rule=rule
        )
