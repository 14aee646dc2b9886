"""Exercise: write the controller of a copying machine by hand, as gates, shifts and writes."""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.ch05.tape_machine import run, sequence
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake

_LENGTHS = (3, 1, 5)


def _cases() -> list[Case]:
    return [Case(f"length {length}", (length,)) for length in _LENGTHS]


Row = tuple[int, int, int]


def _plays(
    first: Row = (1, 1, 1), rest: Row = (0, 1, 1), flag: Row = (1, 0, 0), *after: Row
) -> Callable[[int], Tensor]:
    """What a program of this form makes the machine read; the last row of ``after`` is repeated."""
    answers = after or ((0, 1, 0),)

    @functools.cache
    def played(length: int) -> Tensor:
        last = [answers[min(i, len(answers) - 1)] for i in range(length)]
        result: Tensor = run(torch.tensor([first, *[rest] * (length - 1), flag, *last]), length)
        return result

    return played


_FIRST, _REST, _FLAG = (1, 1, 1), (0, 1, 1), (1, 0, 0)
_MISTAKES = (
    Mistake(
        "no-jump-at-the-start",
        _plays((0, 1, 1)),
        "At the first step the gate is shut. The head begins everywhere at once, and there it stays: it writes a "
        "little of everything into every slot.",
        "Open the gate once, so that the head finds the mark.",
    ),
    Mistake(
        "mark-overwritten",
        _plays((1, 0, 1)),
        "The first vector is written over the mark. When the head looks for it again, it is gone.",
        "Find the mark and step off it, in one address: the shift comes after the gate.",
    ),
    Mistake(
        "mark-overwritten",
        _plays((1, 0, 1), (0, 1, 1), (1, 0, 0), (0, 0, 0), (0, 1, 0)),
        "The first vector is written over the mark. When the head looks for it again, it is gone.",
        "Find the mark and step off it, in one address: the shift comes after the gate.",
    ),
    Mistake(
        "first-not-written",
        _plays((1, 0, 0)),
        "The first step only looks for the mark. Its vector comes in at that very step, and is lost.",
        "Find the mark, step off it and write, in one row.",
    ),
    Mistake(
        "one-slot",
        _plays(_FIRST, (0, 0, 1)),
        "All vectors are written to one slot: each wipes out the one before.",
        "While the sequence comes in, the head must go on by one at each step, and not jump.",
    ),
    Mistake(
        "no-jump-back",
        _plays(_FIRST, _REST, (0, 1, 0)),
        "At the flag the head does not go back. It goes on, and reads what was left from before.",
        "Open the gate once more.",
    ),
    Mistake(
        "no-jump-back",
        _plays(_FIRST, _REST, (0, 0, 0)),
        "At the flag the head does not go back: it reads on behind the last vector.",
        "Open the gate once more.",
    ),
    Mistake(
        "no-jump-back",
        _plays(_FIRST, _REST, (0, -1, 0)),
        "At the flag the head goes back by one slot only. The sequence may be longer.",
        "Open the gate once more.",
    ),
    Mistake(
        "one-ahead",
        _plays(_FIRST, _REST, (1, 1, 0)),
        "The head is one slot ahead: at the flag it is on the first vector already, and the first answer comes one "
        "step later.",
        "At the flag go to the mark only, or jump one step later.",
    ),
    Mistake(
        "one-behind",
        _plays(_FIRST, _REST, (0, 0, 0), (1, 0, 0), (0, 1, 0)),
        "The head is one slot behind: its first answer is the mark.",
        "At the first answer it must be on the slot behind the mark already.",
    ),
    Mistake(
        "stays-on-the-mark",
        _plays(_FIRST, _REST, _FLAG, (0, 0, 0)),
        "The head goes back to the mark and stays there.",
        "For each answer one further.",
    ),
    Mistake(
        "reads-one-slot",
        _plays(_FIRST, _REST, _FLAG, (1, 1, 0)),
        "The gate is open at every answer: the head jumps back each time, and always reads the first vector.",
        "Jump once, then go on.",
    ),
    Mistake(
        "other-way",
        _plays(_FIRST, _REST, _FLAG, (0, -1, 0)),
        "The head goes the other way when it reads.",
        "Read in the direction in which you wrote.",
    ),
    Mistake(
        "backwards",
        _plays(_FIRST, _REST, (0, 0, 0), (0, 0, 0), (0, -1, 0)),
        "The head walks back from the end: the sequence comes out in reverse.",
        "Jump to the mark at the flag, then go forwards.",
    ),
    Mistake(
        "writes-while-it-answers",
        _plays(_FIRST, _REST, _FLAG, (0, 1, 1)),
        "The head still writes while it answers. Nothing comes in then, so it wipes every slot just before "
        "it reads it.",
        "Write while the sequence comes in, and never after.",
    ),
    Mistake(
        "never-writes",
        _plays((1, 1, 0), (0, 1, 0)),
        "Nothing is ever written: what is read was left from before.",
        "Write 1 in the rows in which a vector comes in.",
    ),
)

PROGRAM = Exercise(
    name="program",
    arguments=("length",),
    reference=sequence,
    cases=_cases,
    example=Case("a sequence of two", (2,)),
    mistakes=_MISTAKES,
    lesson="Four kinds of row, however long the sequence is: that is what the trained machine must find.",
    advice="Go through it for two vectors on paper: which slot does the head look at in each of the five steps?",
)


def check_program(function: Callable[..., Any]) -> Card:
    """Check `program(length: int) -> [2 length + 1, 3]`: gate, shift and write of each step, so that the tape copies.

    The program is run; any that copies is right. What the card compares are the vectors that were read.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(PROGRAM, _running(function) if callable(function) else function)


def _running(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def read(*given: Any) -> Any:
        return run(function(*given), *given)

    return read
