"""Plain words for wrong shapes: one decorator that reads the jaxtyping annotations of an equation.

``Float[Tensor, "*#batch dk dv"]`` says: a floating-point tensor whose last two axes are named ``dk`` and ``dv``;
every other argument that names ``dk`` must agree. Leading axes broadcast against each other, as in torch.
All arguments hold numbers of one size on one device; indices may stay behind on the CPU, and under autocast, which
casts by itself, sizes may differ. The check costs a few microseconds and steps aside under ``torch.compile``.
"""

import inspect
from collections.abc import Callable
from functools import wraps
from numbers import Real
from typing import Any, NamedTuple, TypeVar, get_args

import torch
from torch import Tensor

Function = TypeVar("Function", bound=Callable[..., Any])


class Expected(NamedTuple):
    """What one argument must be: its named last axes, whether more may lead, its kind of number; or what else it is."""

    name: str
    axes: tuple[str, ...]
    batched: bool
    kind: str
    instead: tuple[type, ...]


def _is_inexact(tensor: Tensor) -> bool:
    return tensor.is_floating_point() or tensor.is_complex()


KINDS: dict[str, tuple[str, Callable[[Tensor], bool], str]] = {
    "Float": ("a floating-point", torch.is_floating_point, "call .float() or .double() on it"),
    "Complex": ("a complex", torch.is_complex, "build it with torch.polar(modulus, phase) or torch.complex"),
    "Inexact": ("a floating-point or complex", _is_inexact, "call .float() on it"),
    "Bool": ("a boolean", lambda t: t.dtype == torch.bool, "call .bool() on it"),
    "Int": (
        "an integer",
        lambda t: t.dtype in (torch.int64, torch.int32, torch.int16, torch.int8),  # a byte or a boolean would be a mask
        "call .long() on it",
    ),
}
# What stands beside a tensor in an annotation: what it admits, and its name in a message.
INSTEAD: dict[type, tuple[type, str]] = {float: (Real, "a number"), type(None): (type(None), "None")}

RAISES = """
    Raises:
        TypeError: an argument is no tensor, or holds the wrong kind or size of number.
        ValueError: the shapes or the devices of the arguments do not fit together.
    """


def checked(function: Function) -> Function:
    """Check every annotated tensor argument of ``function`` before it runs, and say so in its docstring.

    The wrapped function raises TypeError where an argument is no tensor, holds the wrong kind of number or another size
    of number than the rest, and ValueError where an axis is missing, two arguments disagree about a named axis or stand
    on two devices, or leading axes do not broadcast.
    """
    names = list(inspect.signature(function).parameters)
    annotations = {n: function.__annotations__[n] for n in names if n in function.__annotations__}
    expectations = {n: e for n, a in annotations.items() if (e := _expected(n, a)) is not None}

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not torch.compiler.is_compiling():
            given = dict(zip(names, args, strict=False)) | kwargs
            _check(function.__name__, expectations, given)
        return function(*args, **kwargs)

    if "Raises:" not in (function.__doc__ or ""):
        wrapper.__doc__ = f"{function.__doc__}{RAISES}"
    return wrapper  # type: ignore[return-value]


def _expected(name: str, annotation: Any) -> Expected | None:
    """Read one annotation; None where it names no tensor."""
    options = [annotation, *get_args(annotation)]
    tensors = [option for option in options if hasattr(option, "dim_str")]
    if not tensors:
        return None
    axes = tensors[0].dim_str.split()
    kind = tensors[0].__name__.split("[")[0]
    batched = bool(axes) and axes[0].startswith("*")
    instead = tuple(INSTEAD[option][0] for option in options if option in INSTEAD)
    return Expected(name, tuple(axes[batched:]), batched, kind, instead)


def _check(function: str, expectations: dict[str, Expected], given: dict[str, Any]) -> None:
    sizes: dict[str, tuple[int, str]] = {}
    leading: list[tuple[str, tuple[int, ...]]] = []
    first: tuple[str, Tensor] | None = None
    for name, expected in expectations.items():
        if name not in given:
            continue
        tensor = given[name]
        if not isinstance(tensor, Tensor):
            if isinstance(tensor, expected.instead):
                continue
            raise TypeError(
                f"{function}: `{name}` is {_article(type(tensor).__name__)}; expected a tensor {_layout(expected)}"
                f"{_or_else(expected)}. Convert it with torch.as_tensor({name})."
            )
        adjective, accepts, remedy = KINDS[expected.kind]
        if not accepts(tensor):
            raise TypeError(
                f"{function}: `{name}` holds {tensor.dtype}; expected {adjective} tensor {_layout(expected)}: {remedy}."
            )
        count = len(expected.axes)
        if tensor.ndim < count or (tensor.ndim > count and not expected.batched):
            raise ValueError(
                f"{function}: `{name}` has shape {tuple(tensor.shape)}; expected {_layout(expected)}, "
                f"that is {'at least' if expected.batched else 'exactly'} {count} ax{'is' if count == 1 else 'es'}."
            )
        if expected.kind != "Int" or tensor.device.type != "cpu":
            if first is None:
                first = (name, tensor)
            elif tensor.dtype != first[1].dtype or tensor.device != first[1].device:
                _match_numbers(function, name, tensor, *first)
        for axis, size in zip(expected.axes, tensor.shape[tensor.ndim - count :], strict=True):
            _match(function, name, expected, tensor, axis, size, sizes)
        if expected.batched:
            leading.append((name, tuple(tensor.shape[: tensor.ndim - count])))
    _match_leading(function, leading)


def _match(
    function: str,
    name: str,
    expected: Expected,
    tensor: Tensor,
    axis: str,
    size: int,
    sizes: dict[str, tuple[int, str]],
) -> None:
    if axis.isdigit():
        if size != int(axis):
            raise ValueError(
                f"{function}: `{name}` has shape {tuple(tensor.shape)}; expected {_layout(expected)}, "
                f"with {axis} where {size} came. A trailing axis of one is made by {name}.unsqueeze(-1)."
            )
        return
    known, owner = sizes.setdefault(axis, (size, name))
    if known != size:
        raise ValueError(
            f"{function}: `{name}` has shape {tuple(tensor.shape)}, so {axis} = {size}, "
            f"but `{owner}` has {axis} = {known}; expected {_layout(expected)} with {axis} = {known}."
        )


def _match_numbers(function: str, name: str, tensor: Tensor, first: str, other: Tensor) -> None:
    """Two tensors are on one device, and their numbers of one size; a single number of the CPU fits any device."""
    if tensor.device != other.device and tensor.ndim and other.ndim:
        raise ValueError(
            f"{function}: `{name}` is on {tensor.device}, but `{first}` is on {other.device}; expected one device. "
            f"Call {name}.to({first}.device)."
        )
    if not _is_inexact(tensor) or not _is_inexact(other) or tensor.dtype.to_real() == other.dtype.to_real():
        return
    place = tensor.device.type
    if not (torch.amp.is_autocast_available(place) and torch.is_autocast_enabled(place)):
        raise TypeError(
            f"{function}: `{name}` holds {tensor.dtype}, but `{first}` holds {other.dtype}; expected numbers of one "
            f"size. Convert one of them, for example with {name}.to({other.dtype})."
        )


def _match_leading(function: str, leading: list[tuple[str, tuple[int, ...]]]) -> None:
    if len({shape for _, shape in leading if shape}) < 2:
        return
    try:
        torch.broadcast_shapes(*(shape for _, shape in leading))
    except RuntimeError:
        found = ", ".join(f"`{name}` {list(shape)}" for name, shape in leading)
        raise ValueError(
            f"{function}: the leading (batch) axes do not broadcast: {found}; expected equal sizes, or 1, or none."
        ) from None


def _layout(expected: Expected) -> str:
    return "[" + ", ".join((["..."] if expected.batched else []) + list(expected.axes)) + "]"


def _or_else(expected: Expected) -> str:
    return "".join(f" or {words}" for kind, words in INSTEAD.values() if kind in expected.instead)


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiouAEIOU' else 'a'} {noun}"
