"""A memory of four slots that two rows of gates steer: for the exercise in which a queue is kept by hand."""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import addressing, allocation

SLOTS, WIDTH = 4, 16
_STRENGTH = torch.tensor([60.0], dtype=torch.float64)
_EXPECTED = "expected six numbers (free, write, allocate, backward, content, forward)"


def items() -> Tensor:
    """What arrives, in order: vectors of length 1 at right angles, [WIDTH, WIDTH]."""
    return torch.linalg.qr(Draw(650).real(WIDTH, WIDTH))[0]


def fronts(events: Tensor) -> Tensor:
    """The oldest item that waits after each event, [events, WIDTH].

    Args:
        events: 1 where an item arrives, 0 where the oldest one leaves, [events]; the queue is never empty.
    """
    waiting: list[int] = []
    arrived, front = 0, []
    for event in events.tolist():
        if event:
            waiting.append(arrived)
            arrived += 1
        else:
            waiting.pop(0)
        front.append(waiting[0])
    return items()[front]


def run(gates: Callable[[bool], Any], events: Tensor) -> Any:
    """What the head reads after each event, with the gates that are given for arriving and for leaving.

    At each step the memory frees what was read last, allocates, writes, links and reads. The write vector and the write
    key are the item that arrives, zeros where one leaves. The read key is what was read last; the first read is by
    content, with the first item as its key.

    Args:
        gates: from whether an item arrives to six numbers: free gate, write gate, allocation gate, and the read modes
            backward, by content, forward.
        events: 1 where an item arrives, 0 where the oldest one leaves, [events].

    Returns:
        [events, WIDTH]; None and ... of the gates come back as they are.

    Raises:
        ValueError: the gates are no six numbers from 0 to 1, or the modes do not add up to 1.
    """
    told = [gates(False), gates(True)]
    for row in told:
        if row is None or row is Ellipsis:
            return row
    rows = [tuple(_row(row).tolist()) for row in told]
    return _played(tuple(rows), tuple(events.tolist())).clone()


@functools.lru_cache(maxsize=256)
def _played(rows: tuple[tuple[float, ...], ...], events: tuple[int, ...]) -> Tensor:
    """What is read; kept, for a check plays the same mistakes again and again."""
    zeros = torch.zeros(SLOTS, dtype=torch.float64)
    memory, used, written, read = torch.zeros(SLOTS, WIDTH, dtype=torch.float64), zeros, zeros, zeros
    links, last, arriving = torch.zeros(SLOTS, SLOTS, dtype=torch.float64), zeros, iter(items())
    nothing = torch.zeros(WIDTH, dtype=torch.float64)
    seen: list[Tensor] = []
    for event in events:
        free, write, allocate, modes = torch.tensor(rows[event], dtype=torch.float64).split([1, 1, 1, 3])
        item = next(arriving) if event else nothing
        used = allocation.usage(used, written, allocation.retention(free, read[None]))
        known = addressing.content(memory, item, _STRENGTH)
        written = allocation.write_weights(known, allocation.allocate(used), allocate, write)
        memory = addressing.erase_add(memory, written, torch.ones_like(item), item)
        links, last = allocation.link(links, last, written)
        found = addressing.content(memory, seen[-1] if seen else item, _STRENGTH)
        on, back = allocation.directions(links, read[None])
        read = allocation.read_modes(back, found[None], on, modes[None])[0] if seen else found
        seen.append(addressing.read(memory, read))
    return torch.stack(seen)


def _row(row: Any) -> Tensor:
    try:
        numbers = torch.as_tensor(row, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{_EXPECTED}; got something that is no list of numbers.") from None
    if numbers.shape != (6,):
        raise ValueError(f"{_EXPECTED}; got shape {list(numbers.shape)}.")
    if bool(((numbers < 0) | (numbers > 1)).any()) or abs(float(numbers[3:].sum()) - 1) > 1e-6:
        raise ValueError(f"{_EXPECTED} from 0 to 1, the last three of sum 1; got {numbers.tolist()}.")
    return numbers
