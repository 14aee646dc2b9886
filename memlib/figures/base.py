"""What every widget shares: its JavaScript and CSS put together from files, and its words."""

import re
from importlib.resources import files
from typing import Any

import anywidget
import torch
import traitlets
from torch import Tensor

from memlib.figures import palette

_IMPORT = re.compile(r'^import\s*\{[^}]*\}\s*from\s*"\./(\w+\.js)";\n', re.M)


def module(name: str) -> str:
    """One ES module out of a file and the files it imports (each once), for a page that cannot import."""
    parts: dict[str, str] = {}

    def add(file: str) -> None:
        source = files("memlib.figures").joinpath(file).read_text(encoding="utf-8")
        for needed in _IMPORT.findall(source):
            if needed not in parts:
                add(needed)
        parts[file] = _IMPORT.sub("", source)

    add(f"{name}.js")
    return "\n".join(parts.values())


def styles() -> str:
    """The grammar's CSS with the palette's variables."""
    rules = files("memlib.figures").joinpath("grammar.css").read_text(encoding="utf-8")
    return palette.css_variables(".ml-fig") + "\n" + rules


def phases(keys: Tensor) -> list[Any]:
    """The phases of complex numbers of modulus 1, in radians, rounded for the page; `unit_circle` undoes it."""
    return torch.round(keys.angle().double(), decimals=4).tolist()


def unit_circle(angles: list[Any]) -> Tensor:
    """Complex numbers of modulus 1 (complex128) from their phases."""
    angle = torch.tensor(angles, dtype=torch.float64)
    return torch.polar(torch.ones_like(angle), angle)


def at_least(widget: str, **least: tuple[int, int]) -> None:
    """Raise ValueError where a number is below its least: ``at_least("W", items=(items, 1))``."""
    for name, (value, least_value) in least.items():
        if not isinstance(value, int) or value < least_value:
            raise ValueError(f"{widget}: expected {name} to be a whole number >= {least_value}, got {value!r}.")


def seeded(widget: str, seed: int) -> torch.Generator:
    """A generator with that seed; ValueError where the seed is no whole number."""
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ValueError(f"{widget}: expected seed to be a whole number, got {seed!r}.")
    return torch.Generator().manual_seed(seed)


class Interactive(anywidget.AnyWidget):
    """A figure that the reader can touch. Its numbers come from Python once, its mathematics runs in the page."""

    data = traitlets.Dict().tag(sync=True)
    _css = styles()
    _words = "An interactive figure."

    def __repr__(self) -> str:
        return f"{type(self).__name__}. {self._words}"
