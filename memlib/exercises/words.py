"""Values in few words: shapes, tensors and types as a card shows them."""

from typing import Any

import torch
from torch import Tensor

_LIMIT = 16


def number(value: complex | float | int | bool) -> str:
    """A number with three significant digits: 0.333, 2, 1-2j, 3j."""
    if isinstance(value, complex):
        real, imaginary = _tidy(value.real), _tidy(value.imag)
        if not imaginary:
            return f"{real:.3g}"
        return f"{real:.3g}{imaginary:+.3g}j" if real else f"{imaginary:.3g}j"
    return str(value) if isinstance(value, bool) else f"{_tidy(value):.3g}"


def _tidy(value: float) -> float:
    """Take rounding errors and negative zeros out of sight."""
    return 0.0 if abs(value) < 1e-12 else value


def value(item: Any) -> str:
    """A small tensor as nested lists, a large one by its shape, anything else by its repr, cut to one line.

    Several results stand between brackets; a long float is rounded to four digits.
    """
    if isinstance(item, Tensor):
        if item.numel() > _LIMIT:
            return f"a tensor of shape {shape(item)}"
        return _nested(item.detach().cpu().tolist())
    if isinstance(item, tuple):
        return f"({', '.join(map(value, item))})"
    if isinstance(item, float) and len(str(item)) > 8:
        return f"{item:.4g}"
    if isinstance(item, int | float | complex):
        return str(item)
    return shorten(repr(item), 60)


def _nested(item: Any) -> str:
    return f"[{', '.join(map(_nested, item))}]" if isinstance(item, list) else number(item)


def shape(tensor: Tensor) -> str:
    """The shape as the chapters write it: [3, 2]."""
    return str(list(tensor.shape))


def kind(item: Any) -> str:
    """What a thing is: "a tensor of shape [3] and dtype float64", "a NumPy array", "a list", ..."""
    if isinstance(item, Tensor):
        return f"a tensor of shape {shape(item)} and dtype {dtype(item.dtype)}"
    if isinstance(item, bool):
        return f"the truth value {item}"
    if isinstance(item, int | float | complex):
        return f"the {type(item).__name__} {item}"
    if isinstance(item, tuple):
        return f"a tuple of {len(item)}"
    names = {"ndarray": "a NumPy array", "list": "a list", "str": "a string", "NoneType": "nothing (None)"}
    return names.get(type(item).__name__, f"an object of type `{type(item).__name__}`")


def dtype(kind_of_number: torch.dtype) -> str:
    """float64, not torch.float64."""
    return str(kind_of_number).removeprefix("torch.")


def inputs(names: tuple[str, ...], values: tuple[Any, ...]) -> str:
    """The inputs of a case: numbers where they are small, shapes where they are not."""
    return ", ".join(f"{name} = {value(item)}" for name, item in zip(names, values, strict=True))


def shapes(names: tuple[str, ...], values: tuple[Any, ...]) -> str:
    """The inputs of a case by their shapes: memory [3, 2], key [3]."""
    pairs = zip(names, values, strict=True)
    return ", ".join(f"{n} {shape(v)}" if isinstance(v, Tensor) else f"{n} = {value(v)}" for n, v in pairs)


def shorten(text: str, limit: int = 200) -> str:
    """The first line of a text, cut to `limit` characters."""
    line = text.strip().splitlines()[0] if text.strip() else ""
    return line if len(line) <= limit else line[: limit - 1] + "…"
