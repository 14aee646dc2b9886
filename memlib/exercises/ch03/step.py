"""Exercise: one step of an AM-RNN."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.ch03.step_mistakes import MISTAKES, Cell, reference
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise
from memlib.exercises.random_inputs import Draw


@dataclass(frozen=True)
class _Shown:
    """A wrapped cell that a card can show in words."""

    words: str
    formula: Cell

    def __call__(self, state: Tensor) -> Tensor:
        return self.formula(state)

    def __repr__(self) -> str:
        return self.words


def _squashes(state: Tensor) -> Tensor:
    return torch.complex(state.real.tanh(), (state.imag + 1).tanh())


def _case(name: str, seed: int, copies: int, width: int, free: bool = False) -> Case:
    draw = Draw(seed)
    key = draw.complex(width) if free else draw.phases(width)
    cell = _Shown("a cell that is not linear", _squashes)
    return Case(name, (draw.complex(copies, width), key, cell, draw.orders(copies, width)))


def _cases() -> list[Case]:
    return [
        _case("3 copies", 301, 3, 5),
        _case("as many copies as entries", 302, 4, 4),
        _case("more copies than entries", 303, 6, 4),
        _case("a key of any modulus", 304, 3, 5, free=True),
    ]


STEP = Exercise(
    name="step",
    arguments=("memory", "key", "cell", "permutations"),
    reference=reference,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[2, 4j], [6j, 8]], dtype=torch.complex128),
            torch.tensor([1, 1j], dtype=torch.complex128),
            _Shown("s -> s/2 + 1", lambda state: state / 2 + 1),
            torch.tensor([[0, 1], [1, 0]]),
        ),
    ),
    mistakes=MISTAKES,
    lesson="Read, let any cell take its step, write the change: the cell need not know that a memory is around it.",
    results=("new_state", "new_memory"),
)


def check_step(function: Callable[..., Any]) -> Card:
    """Check `step(memory [copies, d], key [d], cell, permutations [copies, d]) -> (new_state [d], new_memory)`.

    ``cell`` is a function from a complex vector [d] to a complex vector [d]; the new memory is [copies, d].

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(STEP, function)
