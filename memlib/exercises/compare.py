"""Compare what a function gave with what was meant: type, shape, kind of number, values."""

from numbers import Integral
from typing import Any

import torch
from torch import Tensor

EXACT, LOOSE = 1e-8, 1e-4


def same(got: Any, want: Any, tolerance: float = EXACT) -> bool:
    """Whether two results agree: whole numbers and None exactly, tensors in shape, dtype and values (within a relative
    tolerance), several results one by one."""
    if isinstance(want, tuple):
        if not isinstance(got, tuple | list) or len(got) != len(want):
            return False
        return all(same(one, other, tolerance) for one, other in zip(got, want, strict=True))
    if isinstance(want, Tensor):
        if not isinstance(got, Tensor) or got.shape != want.shape or got.dtype != want.dtype:
            return False
        return close(got, want, tolerance)
    if want is None:
        return got is None
    if isinstance(want, float):
        return isinstance(got, float) and (got == want or abs(got - want) <= tolerance * max(1.0, abs(want)))
    return isinstance(got, Integral) and not isinstance(got, bool) and int(got) == want


def close(got: Tensor, want: Tensor, tolerance: float) -> bool:
    """Whether two tensors of one shape agree in values, measured against the largest entry of `want`."""
    got, want = plain(got), plain(want)
    if got.dtype != want.dtype:
        common = torch.promote_types(got.dtype, want.dtype)
        got, want = got.to(common), want.to(common)
    scale = float(want.abs().nan_to_num().max()) if want.numel() else 0.0
    return torch.allclose(got, want, rtol=0.0, atol=tolerance * max(scale, 1e-6), equal_nan=True)


def plain(tensor: Tensor) -> Tensor:
    """The tensor without its history, on the CPU, with every entry stored."""
    tensor = tensor.detach().cpu().resolve_conj().resolve_neg()
    return tensor if tensor.layout is torch.strided else tensor.to_dense()


def worst(got: Tensor, want: Tensor) -> tuple[int, ...]:
    """The index of the entry that is furthest off."""
    off = (plain(got) - plain(want)).abs().nan_to_num(nan=float("inf"))
    return tuple(int(i) for i in torch.unravel_index(off.argmax(), off.shape))
