"""A tiny machine with one head that a program steers: for the exercise in which the controller is written by hand."""

from typing import Any

import torch
from torch import Tensor

from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import addressing

SLOTS, WIDTH = 12, 4
_STRENGTH = 60.0


def sequence(length: int) -> Tensor:
    """The bits that are to be copied, [length, WIDTH]; the same ones for the same length."""
    return (Draw(550 + length).real(length, WIDTH) > 0).double()


def run(program: Any, length: int) -> Any:
    """Let the machine run a program on `sequence(length)`.

    In a random slot stands a start mark, in the others what was left from before; the head begins everywhere at once.
    At each step it is addressed by the gate and the shift, with the mark as its key; then it writes, then it reads.

    Args:
        program: [2 length + 1, 3], as a tensor or rows: gate, shift, write.
        length: of the sequence.

    Returns:
        What is read at the last `length` steps, [length, WIDTH]; None and ... come back as they are.

    Raises:
        ValueError: the program is no such table, or a number in it is out of its range.
    """
    if program is None or program is Ellipsis:
        return program
    rows = _table(program, length)
    draw = Draw(570 + length)
    start = int(draw.fraction(1).mul(SLOTS).long())
    key = torch.tensor([0.5, -0.5, 0.5, 0.5, 3.0], dtype=torch.float64)  # of WIDTH + 1 entries
    memory = torch.cat([draw.real(SLOTS, WIDTH), torch.zeros(SLOTS, 1, dtype=torch.float64)], 1)
    memory[start] = key
    weights = torch.full((SLOTS,), 1 / SLOTS, dtype=torch.float64)
    silent = torch.zeros(length + 1, WIDTH, dtype=torch.float64)
    inputs = torch.cat([sequence(length), silent])
    inputs = torch.cat([inputs, torch.zeros(len(inputs), 1, dtype=torch.float64)], 1)
    reads = []
    for (gate, move, write), x in zip(rows, inputs, strict=True):
        found = addressing.content(memory, key, torch.tensor([_STRENGTH], dtype=torch.float64))
        kept = addressing.interpolate(found, weights, gate.reshape(1))
        kernel = torch.stack([(-move).clamp(min=0), 1 - move.abs(), move.clamp(min=0)])
        weights = addressing.shift(kept, kernel)
        memory = addressing.erase_add(memory, weights, write.expand(WIDTH + 1), write * x)
        reads.append(addressing.read(memory, weights)[:WIDTH])
    return torch.stack(reads[-length:])


def _table(program: Any, length: int) -> Tensor:
    expected = f"expected a row (gate, shift, write) for each of {2 * length + 1} steps"
    try:
        table = torch.as_tensor(program, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{expected}; got something that is no table of numbers.") from None
    if table.shape != (2 * length + 1, 3):
        raise ValueError(f"{expected}, [{2 * length + 1}, 3] for length {length}; got {list(table.shape)}.")
    gate, move, write = table.unbind(1)
    if bool(((gate < 0) | (gate > 1) | (write < 0) | (write > 1) | (move.abs() > 1)).any()):
        raise ValueError("expected gate and write from 0 to 1, and shift from -1 to 1, in every row.")
    return table
