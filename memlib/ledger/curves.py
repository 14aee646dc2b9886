"""Curves as records hold them: at most 200 rows, and no number that JSON does not know."""

import math
from collections.abc import Sequence

ROWS = 200


def finite(value: float | None) -> float | None:
    """The number, or None where it is not a finite one."""
    return value if value is not None and math.isfinite(value) else None


def thin(
    curve: Sequence[dict[str, float]], metric: str, higher_is_better: bool, rows: int = ROWS
) -> list[dict[str, float | None]]:
    """At most so many rows of a curve: the first, the last, the best by its metric, and others evenly between.

    Args:
        curve: one dict a validation.
        metric: that says which row is best.
        higher_is_better: of it.
        rows: how many to keep, at least 3.
    """
    kept = list(range(len(curve)))
    if len(curve) > rows:
        step = (len(curve) - 1) / (rows - 2)
        sign = 1 if higher_is_better else -1
        known = [i for i in kept if finite(curve[i].get(metric)) is not None]
        best = {max(known, key=lambda i: (sign * curve[i][metric], -i))} if known else set()
        kept = sorted({round(i * step) for i in range(rows - 1)} | best)
    return [{key: finite(value) for key, value in curve[i].items()} for i in kept]
