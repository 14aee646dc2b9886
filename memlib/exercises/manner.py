"""How a result was reached, where an exercise asks for one way: by the functions of torch that were called."""

import contextlib
import io
from collections.abc import Callable
from typing import Any

from torch.overrides import TorchFunctionMode

from memlib.exercises.exercise import Case


class _Listening(TorchFunctionMode):
    """Keeps the names of the functions of torch that are called inside it."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.add(getattr(func, "__name__", ""))
        return func(*args, **(kwargs or {}))


def torch_functions(function: Callable[..., Any], case: Case) -> frozenset[str]:
    """The names of torch's functions that a call uses, whatever name they were imported under.

    `torch.fft.rfft` is "fft_rfft". Nothing that the function prints is shown.
    """
    with _Listening() as listening, contextlib.redirect_stdout(io.StringIO()):
        function(*case.fresh())
    return frozenset(listening.names)


def by_fourier(names: frozenset[str]) -> bool:
    """Whether a Fourier transform is among the functions that were called."""
    return any(name.startswith("fft_") for name in names)
