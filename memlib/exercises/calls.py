"""Call a student's function and keep everything that happens: its result, its error, what it did to its inputs."""

import contextlib
import dis
import inspect
import io
import linecache
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.exercise import Case
from memlib.exercises.patience import patience
from memlib.exercises.words import shorten


@dataclass(frozen=True)
class Outcome:
    """What one call gave: a result, or an error; and the names of the inputs that it changed."""

    case: Case
    result: Any = None
    error: BaseException | None = None
    changed: tuple[str, ...] = ()


def call(function: Callable[..., Any], case: Case, names: tuple[str, ...], quiet: bool) -> Outcome:
    """Call the function on copies of the case's inputs.

    Args:
        function: the student's.
        case: the inputs.
        names: of the arguments, to say which one was changed.
        quiet: swallow what the function prints (so that a print for debugging shows once, not once a case).
    """
    given = case.fresh()
    muted = contextlib.redirect_stdout(io.StringIO()) if quiet else contextlib.nullcontext()
    try:
        with warnings.catch_warnings(), muted, patience():
            warnings.simplefilter("ignore")
            outcome = Outcome(case, result=function(*given))
    except (Exception, SystemExit) as error:
        outcome = Outcome(case, error=error)
    pairs = zip(names, given, case.inputs, strict=True)
    changed = tuple(name for name, after, before in pairs if isinstance(before, Tensor) and not _equal(after, before))
    return Outcome(case, outcome.result, outcome.error, changed)


def _equal(after: Tensor, before: Tensor) -> bool:
    return after.shape == before.shape and after.dtype == before.dtype and torch.equal(after.detach(), before)


def signature_problem(function: Callable[..., Any], names: tuple[str, ...]) -> str:
    """Why the function cannot be called with these arguments, in words; empty where it can."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return ""
    try:
        signature.bind(*names)
    except TypeError:
        takes = list(signature.parameters)
        described = f"{_count(len(takes))} ({', '.join(takes)})" if takes else "no arguments"
        return f"Your function takes {described}; the check calls it with {_count(len(names))}: {', '.join(names)}."
    return ""


def _count(number: int) -> str:
    return f"{number} argument" + ("" if number == 1 else "s")


def swapped_names(function: Callable[..., Any], names: tuple[str, ...]) -> tuple[str, ...]:
    """The function's argument names where they are the expected ones in another order; else nothing."""
    try:
        takes = tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ()
    return takes if takes != names and sorted(takes) == sorted(names) else ()


def stub_raised(function: Callable[..., Any], error: BaseException | None) -> str:
    """The name of the function whose `raise NotImplementedError` stopped the call; empty where nothing of the kind did.

    torch raises the same error where an operation is missing for a dtype: that is no stub.
    """
    frames = _frames(error)
    if not isinstance(error, NotImplementedError) or not frames:
        return ""
    last = frames[-1]
    code = last.tb_frame.f_code
    return code.co_name if dis.opname[code.co_code[last.tb_lasti]] == "RAISE_VARARGS" else ""


def computes(function: Callable[..., Any]) -> bool:
    """Whether the function's body does anything: a call or an operation."""
    code = _code(function)
    return code is not None and any(
        step.opname.startswith(("BINARY_OP", "CALL")) for step in dis.get_instructions(code)
    )


def describe_error(function: Callable[..., Any], error: BaseException) -> str:
    """The error's type and message, and the line of the student's code that it came from."""
    said = shorten(str(error).replace("`", "'"))
    what = f"`{type(error).__name__}`" + (f": {said}" if said else "")
    code, frames = _code(function), _frames(error)
    own = [f for f in frames if code is not None and f.tb_frame.f_code.co_filename == code.co_filename]
    if not own or code is None:
        return what
    frame = own[-1]
    name, first = frame.tb_frame.f_code.co_name, frame.tb_frame.f_code.co_firstlineno
    line = linecache.getline(code.co_filename, frame.tb_lineno).strip().replace("`", "'")
    shown = f", `{line}`" if line else ""
    return f"{what}. It came from line {frame.tb_lineno - first + 1} of `{name}`{shown}"


def _code(function: Callable[..., Any]) -> types.CodeType | None:
    """The code of a function, of a method or of an object's `__call__`; None where there is none in Python."""
    inner = inspect.unwrap(function)
    own = getattr(inner, "__code__", None)
    return own or getattr(getattr(type(inner), "__call__", None), "__code__", None)  # noqa: B004


def _frames(error: BaseException | None) -> list[types.TracebackType]:
    frames, step = [], error.__traceback__ if error else None
    while step:
        frames.append(step)
        step = step.tb_next
    return frames
