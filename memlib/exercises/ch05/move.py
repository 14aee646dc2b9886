"""Exercise: move weights along a ring of slots."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import addressing


def _case(name: str, seed: int, *, slots: int, width: int) -> Case:
    draw = Draw(seed)
    return Case(name, (draw.real(slots).softmax(-1), draw.real(width).softmax(-1)))


def _cases() -> list[Case]:
    return [
        _case("eight slots and moves of -1, 0 and 1", 521, slots=8, width=3),
        _case("nine slots and moves from -2 to 2", 522, slots=9, width=5),
        _case("a kernel as long as the memory", 523, slots=7, width=7),
        _case("a kernel that only stays", 524, slots=4, width=1),
    ]


def _sum(weights: Tensor, kernel: Tensor, roll: Callable[[Tensor, int], Tensor], first: int | None = None) -> Tensor:
    start = -(len(kernel) // 2) if first is None else first
    moved = [kernel[j] * roll(weights, start + j) for j in range(len(kernel))]
    return torch.stack(moved).sum(0)


def _ring(weights: Tensor, by: int) -> Tensor:
    return weights.roll(by)


def _line(weights: Tensor, by: int) -> Tensor:
    moved = weights.roll(by)
    if by > 0:
        moved[:by] = 0
    elif by < 0:
        moved[by:] = 0
    return moved


def _held(weights: Tensor, by: int) -> Tensor:
    at = (torch.arange(len(weights)) - by).clamp(0, len(weights) - 1)
    return weights[at]


_MISTAKES = (
    Mistake(
        "other-way",
        lambda w, s: _sum(w, s, lambda x, o: _ring(x, -o)),
        "It moves the other way: the last number of the kernel is for +1, towards higher slots. A slot gets what stood "
        "o places *before* it.",
        "Put all weight on slot 0 and all of the kernel on +1. Where must the weight arrive?",
    ),
    Mistake(
        "no-ring",
        lambda w, s: _sum(w, s, _line),
        "What moves over the end is lost. The memory is a ring: after the last slot comes the first.",
        "Indices are taken modulo the number of slots; `torch.roll` does that.",
    ),
    Mistake(
        "no-ring-other-way",
        lambda w, s: _sum(w, s, lambda x, o: _line(x, -o)),
        "It moves the other way, and what moves over the end is lost. `conv1d` does both: it does not turn the kernel "
        "round, and it pads with zeros.",
        "Turn the kernel round (`flip`), and pad with the other end of the ring.",
    ),
    Mistake(
        "ends-repeated",
        lambda w, s: _sum(w, s, _held),
        "At the ends your weights are repeated instead of coming round from the other side.",
        "After the last slot comes the first: indices modulo the number of slots.",
    ),
    Mistake(
        "kernel-from-zero",
        lambda w, s: _sum(w, s, _ring, 0),
        "You read the kernel as moves of 0, 1, 2 and so on. Its middle is the move of 0.",
        "The first number of a kernel of three is for -1.",
    ),
    Mistake(
        "kernel-from-zero-other-way",
        lambda w, s: _sum(w, s, lambda x, o: _ring(x, -o), 0),
        "You read the kernel as moves of 0, 1, 2 and so on, and moved the other way. Its middle is the move of 0.",
        "The first number of a kernel of three is for -1: towards lower slots.",
    ),
    Mistake(
        "negative-index",
        lambda w, s: _sum(w, s.roll(len(s) // 2), _ring),
        "You used the offset as an index of the kernel. In Python `kernel[-1]` is the last number, not that of -1.",
        "Offset o has the number `kernel[o + half]`.",
    ),
    Mistake(
        "three-only",
        lambda w, s: s[0] * w.roll(-1) + s[1] * w + s[2] * w.roll(1),
        "Right for a kernel of three numbers. Wider kernels move further, and one of a single number only stays.",
        "The middle of the kernel stands at `len(kernel) // 2`.",
    ),
    Mistake(
        "one-move-only",
        lambda w, s: _ring(w, int(s.argmax()) - len(s) // 2),
        "You made the most likely move only. Every move gets its share, or there is no slope to learn from.",
        "Add up all moves, each weighed by its number in the kernel.",
    ),
    Mistake(
        "mean-move",
        lambda w, s: _ring(w, round(float((s * (torch.arange(len(s)) - len(s) // 2)).sum()))),
        "You moved by the mean of the kernel, rounded. Every move gets its share.",
        "Add up all moves, each weighed by its number in the kernel.",
    ),
)

MOVE = Exercise(
    name="move",
    arguments=("weights", "kernel"),
    reference=addressing.shift,
    cases=_cases,
    example=Case(
        "by hand",
        (torch.tensor([1.0, 0.0, 0.0, 0.0]).double(), torch.tensor([0.25, 0.0, 0.75]).double()),
    ),
    mistakes=_MISTAKES,
    lesson="A convolution is asked from the side that receives: out[i] takes from i - o what moves by o.",
    advice="Move the whole row by each offset, multiply by the kernel's number, and add up.",
)


def check_move(function: Callable[..., Any]) -> Card:
    """Check `move(weights [slots], kernel [2h + 1]) -> [slots]`, a circular shift.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(MOVE, function)
