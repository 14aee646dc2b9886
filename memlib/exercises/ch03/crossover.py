"""Exercise: from which length on attention keeps more numbers than a memory."""

from collections.abc import Callable
from itertools import count
from typing import Any

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake

_COPIES = (1, 2, 8, 5, 16, 100)
_HIDDEN = 4


def _cases() -> list[Case]:
    return [Case(f"copies = {copies}", (copies,)) for copies in _COPIES]


def _by_trial(copies: int) -> int:
    """Lengthen the premise word by word until attention keeps more; H is the same on both sides."""
    return next(words for words in count(1) if words * _HIDDEN > copies * _HIDDEN)


_HALF = (
    "You gave each copy half as many numbers. A copy has H/2 entries, but they are complex: H real numbers.",
    "Count real numbers on both sides.",
)
_DOUBLE = (
    "You gave each copy twice as many numbers. A copy has H/2 complex entries, which are H real numbers, not 2H.",
    "Count real numbers on both sides.",
)

_MISTAKES = (
    Mistake(
        "equal",
        lambda copies: copies,
        "With that many words both keep the same. Asked for is the first length at which attention keeps more.",
        "More, not as many.",
    ),
    Mistake("half", lambda copies: copies // 2 + 1, *_HALF),
    Mistake("half", lambda copies: copies // 2, *_HALF),
    Mistake("half", lambda copies: copies / 2, *_HALF),
    Mistake("half", lambda copies: copies / 2 + 1, *_HALF),
    Mistake("double", lambda copies: 2 * copies + 1, *_DOUBLE),
    Mistake("double", lambda copies: 2 * copies, *_DOUBLE),
    Mistake(
        "float",
        lambda copies: float(_by_trial(copies)),
        "The right number, as a float. Words come whole.",
        "Make it an int: `//` divides whole numbers, `/` gives a float.",
    ),
    Mistake(
        "float-equal",
        lambda copies: float(copies),
        "That is where both keep the same, and a float. Asked for is the first whole number of words at which "
        "attention keeps more.",
        "More, not as many; and an int.",
    ),
    Mistake(
        "one-too-many",
        lambda copies: _by_trial(copies) + 1,
        "One too many: attention keeps more already with one word less.",
        "Put your answer less one into the comparison.",
    ),
)

CROSSOVER = Exercise(
    name="crossover",
    arguments=("copies",),
    reference=_by_trial,
    cases=_cases,
    example=Case("by hand", (8,)),
    mistakes=_MISTAKES,
    lesson="The memory pays once, with its copies; attention pays for every word.",
    advice="Write down both numbers for a premise of L words, divide by what they share, and compare.",
)


def check_crossover(function: Callable[..., Any]) -> Card:
    """Check `crossover(copies: int) -> int`, the first length of the premise at which attention keeps more numbers.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(CROSSOVER, function)
