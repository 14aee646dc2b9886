"""Kernels under autocast: a backward pass of one's own sees the numbers as they are, and must not be handed two sizes.

A memory that is written and read a thousand times is also the last place to save digits: the kernel runs in single
precision while the layers around it run in half.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import torch
from torch import Tensor

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def single_under_autocast(kernel: Kernel) -> Kernel:
    """Run a kernel outside of autocast, its half-precision arguments made single; elsewhere leave all as it is.

    Args:
        kernel: a function of tensors, tuples of them, and whatever else.
    """

    @wraps(kernel)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        place = next(value.device.type for value in (*args, *kwargs.values()) if isinstance(value, Tensor))
        if not (torch.amp.is_autocast_available(place) and torch.is_autocast_enabled(place)):
            return kernel(*args, **kwargs)
        with torch.autocast(place, enabled=False):
            return kernel(*map(_single, args), **{name: _single(value) for name, value in kwargs.items()})

    return wrapper  # type: ignore[return-value]


def _single(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.float() if value.dtype in (torch.float16, torch.bfloat16) else value
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(_single, value))
    return value
