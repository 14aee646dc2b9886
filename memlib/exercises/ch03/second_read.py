"""Exercise: what a key reads right after it has written."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import holographic

COPIES = 3


def _cases() -> list[Case]:
    draw = Draw(311)
    return [Case(f"modulus {modulus}", (draw.complex(4), draw.complex(4), modulus)) for modulus in (0.5, 1.0, 0.9, 0.1)]


def _by_experiment(before: Tensor, after: Tensor, modulus: float) -> Tensor:
    """Fill a memory so that a key of this modulus reads `before`; write the change under the key; read again."""
    draw, width = Draw(312), len(before)
    key, orders = modulus * draw.phases(width), draw.orders(COPIES, width)
    memory = key[orders] * before / modulus**2
    return holographic.read(holographic.overwrite(memory, key, after, orders), key, orders)


def _change_times(factor: float) -> Callable[[Tensor, Tensor, float], Tensor]:
    """The change counted so many times."""
    return lambda before, after, modulus: before + factor * modulus**2 * (after - before)


def _reading_times(factor: float) -> Callable[[Tensor, Tensor, float], Tensor]:
    """The whole reading counted so many times."""
    return lambda before, after, modulus: factor * (before + modulus**2 * (after - before))


# How many copies somebody may have had in mind.
_MANY = (*range(2, 17), 20, 32, 50, 64, 100)
_SUMMED = (
    "You counted the copies: every copy gives the change back, but reading takes their mean, not their sum. Their "
    "number drops out.",
    "The sum over the copies has as many equal parts as there are copies, and is then divided by that number.",
)
_ONE_COPY = (
    "You divided by the number of copies, but the change was written into all of them. Each gives it back, and the "
    "mean of equal parts is the part itself.",
    "How many copies hold the change?",
)

_MISTAKES = (
    Mistake(
        "not-squared",
        lambda before, after, modulus: before + modulus * (after - before),
        "You counted the modulus once. The key comes in twice: when the change is written, and when it is read back.",
        "The conjugate of r, times r: which real number is that?",
    ),
    Mistake(
        "just-after",
        lambda before, after, modulus: after.clone(),
        "You gave back the new state. That is so for a key of modulus 1 only; a smaller key carries over a part of the "
        "change.",
        "Follow the change r (after - before) through one more reading.",
    ),
    Mistake(
        "shrinks-all",
        lambda before, after, modulus: modulus**2 * after,
        "You shrank the new state as a whole. What was read before the write is read again as it was: only the change "
        "has gone through the key's modulus.",
        "Reading is linear: the old memory's part, and the part of the change.",
    ),
    Mistake(
        "shrinks-all",
        lambda before, after, modulus: modulus * after,
        "You shrank the new state as a whole. What was read before the write is read again as it was: only the change "
        "has gone through the key, and twice.",
        "Reading is linear: the old memory's part, and the part of the change.",
    ),
    Mistake(
        "sign",
        lambda before, after, modulus: before - modulus**2 * (after - before),
        "The change has the wrong sign: the reading moves away from the new state.",
        "What was written is new minus old. Try modulus 1: what must come out?",
    ),
    Mistake(
        "swapped",
        lambda before, after, modulus: after + modulus**2 * (before - after),
        "Old and new are exchanged: with modulus 1 yours gives the old state back, as if nothing had been written.",
        "Try modulus 1, then modulus 0.",
    ),
    Mistake(
        "only-the-change",
        lambda before, after, modulus: modulus**2 * (after - before),
        "That is what the written change adds to the reading. The old memory is still there and is read as well.",
        "Reading is linear: the old memory's part, and the part of the change.",
    ),
    Mistake(
        "writes-state",
        lambda before, after, modulus: before + modulus**2 * after,
        "You let the step write the new state. It writes the change, new minus old.",
        "Try modulus 1: the new state must come out.",
    ),
    Mistake(
        "divides",
        lambda before, after, modulus: before + (after - before) / modulus**2,
        "You divided by the squared modulus: then a smaller key would read a larger change.",
        "Reading and writing both multiply by the key or its conjugate; nothing is divided.",
    ),
    *(Mistake("sums-copies", _change_times(copies), *_SUMMED) for copies in _MANY),
    *(Mistake("sums-copies", _reading_times(copies), *_SUMMED) for copies in _MANY),
    *(Mistake("one-copy", _change_times(1 / copies), *_ONE_COPY) for copies in _MANY),
)

SECOND_READ = Exercise(
    name="second_read",
    arguments=("before", "after", "modulus"),
    reference=_by_experiment,
    cases=_cases,
    example=Case(
        "by hand",
        (torch.tensor([4, 2j], dtype=torch.complex128), torch.tensor([8, 6j], dtype=torch.complex128), 0.5),
    ),
    mistakes=_MISTAKES,
    lesson="The write is a delta rule whose strength is the squared modulus of the key: 1 replaces, less goes part of "
    "the way.",
    advice="Write down the memory after the step, and unbind it with the same key.",
)


def check_second_read(function: Callable[..., Any]) -> Card:
    """Check `second_read(before [d], after [d], modulus: float) -> [d]`; the vectors are complex.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(SECOND_READ, function)
