"""The write scan's two loops as Triton kernels: one program a row, its changes in registers, one launch a window.

On a GPU the plain loops are some twenty launches a step, and launches are all that they cost. Imported where a GPU is
in use and Triton is there (`memlib[gpu]`); tested on a CPU with Triton's interpreter. A window's length is compiled in.

Source: schlag2021, Eq. 3; schlag2021, Eq. 4
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from memlib.kernels.fast_weights.scan import FORGOTTEN

# Entries of the changes that one program holds; beyond it the plain loops run.
LARGEST = 32_768


def fits(value: Tensor) -> bool:
    """Whether a window [batch, time, dv] fits one program's registers."""
    return triton.next_power_of_2(value.shape[1]) * triton.next_power_of_2(value.shape[2]) <= LARGEST


@triton.jit
def _forward(  # type: ignore[no-untyped-def]
    gram, start, value, strength, square_norm, live, changes, recalled, squares, left,
    width, forgotten, STEPS: tl.constexpr, TIME: tl.constexpr, WIDTH: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    time, column = tl.arange(0, TIME), tl.arange(0, WIDTH)
    kept = column < width
    kind = value.dtype.element_ty
    written = tl.zeros([TIME, WIDTH], kind)
    now = tl.zeros([TIME], kind)
    norm = tl.load(square_norm + row)
    first = norm * 0 + 1
    for t in range(STEPS):
        step = row * STEPS + t
        products = tl.load(gram + step * STEPS + time, mask=time <= t, other=0.0)
        own = tl.sum(tl.where(time == t, products, 0.0), 0)
        weights = tl.where(time < t, products * now, 0.0)
        found = tl.sum(weights[:, None] * written, 0)
        found += first * tl.load(start + step * width + column, mask=kept, other=0.0)
        wanted = tl.load(value + step * width + column, mask=kept, other=0.0)
        change = tl.load(strength + step) * (wanted - found)
        square = norm + tl.sum((2 * found + own * change) * change, 0)
        bound = tl.where((tl.load(live + step) != 0) & (square > 1), square, square * 0 + 1)
        norm = square / bound
        shrink = 1 / tl.sqrt(bound)
        now = tl.where(time == t, 1.0, now) * shrink
        now = tl.where(now > forgotten, now, 0.0)
        first = first * shrink
        first = tl.where(first > forgotten, first, 0.0)
        written = tl.where((time == t)[:, None], change[None, :], written)
        tl.store(left + step * (STEPS + 1), first)
        tl.store(left + step * (STEPS + 1) + 1 + time, now, mask=time < STEPS)
        tl.store(squares + step, square)
        tl.store(recalled + step * width + column, found, mask=kept)
        tl.store(changes + step * width + column, change, mask=kept)


@triton.jit
def _backward(  # type: ignore[no-untyped-def]
    pull, from_changes, from_logs, changes, recalled, slope, strength, halves, on_recalled, on_change, on_square,
    width, STEPS: tl.constexpr, TIME: tl.constexpr, WIDTH: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    time, column = tl.arange(0, TIME), tl.arange(0, WIDTH)
    kept = column < width
    kind = changes.dtype.element_ty
    pulling = tl.zeros([TIME, WIDTH], kind)
    on_log = tl.load(from_logs + row * STEPS) * 0
    on_norm = on_log
    for k in range(STEPS):
        t = STEPS - 1 - k
        step = row * STEPS + t
        place = step * width + column
        weights = tl.load(pull + step * STEPS + time, mask=(time > t) & (time < STEPS), other=0.0)
        later = tl.sum(weights[:, None] * pulling, 0)
        on_log += tl.load(from_logs + step)
        half = tl.load(halves + step)
        on_norm = tl.where(half > 0, on_log * half, on_norm)
        change = tl.load(changes + place, mask=kept, other=0.0)
        du = tl.load(from_changes + place, mask=kept, other=0.0) + later
        du += 2 * on_norm * tl.load(slope + place, mask=kept, other=0.0)
        dr = 2 * on_norm * change - tl.load(strength + step) * du
        on_log += tl.sum(later * change - dr * tl.load(recalled + place, mask=kept, other=0.0), 0)
        pulling = tl.where((time == t)[:, None], dr[None, :], pulling)
        tl.store(on_recalled + place, dr, mask=kept)
        tl.store(on_change + place, du, mask=kept)
        tl.store(on_square + step, on_norm)


def forward_loop(
    gram: Tensor, start: Tensor, value: Tensor, strength: Tensor, square_norm: Tensor, live: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """As the plain loop of `scan`: u, r, m and what is left."""
    batch, steps, width = value.shape
    given = [x.contiguous() for x in (gram, start, value, strength, square_norm, live.to(torch.int8))]
    changes, recalled, squares = torch.empty_like(given[2]), torch.empty_like(given[2]), torch.empty_like(given[3])
    left = value.new_empty(batch, steps, steps + 1)
    sizes = {"STEPS": steps, "TIME": triton.next_power_of_2(steps), "WIDTH": triton.next_power_of_2(width)}
    found = (changes, recalled, squares, left)
    _forward[(batch,)](*given, *found, width, FORGOTTEN, **sizes)
    return found


def backward_loop(
    pull: Tensor,
    from_changes: Tensor,
    from_logs: Tensor,
    changes: Tensor,
    recalled: Tensor,
    slope: Tensor,
    strength: Tensor,
    halves: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """As the plain loop of `scan`, from the last step to the first: r̄, ū and m̄."""
    batch, steps, width = changes.shape
    wanted = (pull, from_changes, from_logs, changes, recalled, slope, strength, halves)
    given = [x.contiguous() for x in wanted]
    found = torch.empty_like(given[3]), torch.empty_like(given[3]), torch.empty_like(given[7])
    sizes = {"STEPS": steps, "TIME": triton.next_power_of_2(steps), "WIDTH": triton.next_power_of_2(width)}
    _backward[(batch,)](*given, *found, width, **sizes)
    return found
