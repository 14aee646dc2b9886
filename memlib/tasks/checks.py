"""A check that several tasks share: numbers that count something."""

import operator
from typing import Any


def whole_number(name: str, value: Any, least: int | None = None) -> int:
    """The value as a plain int; numpy's whole numbers will do, truth values will not.

    Args:
        name: of the argument, for the message.
        value: what was given.
        least: the smallest value allowed; any when None.

    Raises:
        TypeError: the value is no whole number.
        ValueError: it is below ``least``.
    """
    expected = f"expected {name} as a whole number" + ("" if least is None else f" of at least {least}")
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None:
        raise TypeError(f"{expected}, got {value!r}.")
    if least is not None and number < least:
        raise ValueError(f"{expected}, got {number}.")
    return number
