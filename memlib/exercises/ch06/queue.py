"""Exercise: keep a queue of four items in four slots, for ever, by two rows of gates."""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.ch06.queue_machine import fronts, run
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake

Row = tuple[int, int, int, int, int, int]


def _case(name: str, *events: int) -> Case:
    return Case(name, (torch.tensor(events),))


def _cases() -> list[Case]:
    return [
        _case("three that arrive and two that leave", 1, 1, 1, 0, 0),
        _case("four slots, twelve items", *[1] * 4, *[0, 1] * 8),
        _case("a queue that grows and shrinks", 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1, 0),
    ]


_ARRIVES, _LEAVES = (0, 1, 1, 0, 1, 0), (1, 0, 1, 0, 0, 1)


def _plays(arrives: Row = _ARRIVES, leaves: Row = _LEAVES) -> Callable[[Tensor], Tensor]:
    """What the machine reads with these gates."""

    def played(events: Tensor) -> Tensor:
        result: Tensor = run(lambda arriving: arrives if arriving else leaves, events)
        return result

    return played


_MISTAKES = (
    Mistake(
        "never-frees",
        _plays(leaves=(0, 0, 1, 0, 0, 1)),
        "Nothing is ever freed. Four items fill the memory, and the fifth one finds no slot: it is lost.",
        "When the front leaves, its slot is no longer needed.",
    ),
    Mistake(
        "frees-who-waits",
        _plays(arrives=(1, 1, 1, 0, 1, 0)),
        "When an item arrives you free the front, which still waits: its slot is written over.",
        "Open the free gate only when the front leaves.",
    ),
    Mistake(
        "frees-the-wrong-one",
        _plays((1, 1, 1, 0, 1, 0), (0, 0, 1, 0, 0, 1)),
        "You free on arrival. By then the head stands on the next item, and the free gate frees what was read last.",
        "Free in the step in which the front leaves: what was read last is then still the one that leaves.",
    ),
    Mistake(
        "writes-nothing-down",
        _plays(arrives=(0, 0, 1, 0, 1, 0)),
        "The write gate is shut when an item arrives: nothing is ever written.",
        "Open it on arrival.",
    ),
    Mistake(
        "writes-when-one-leaves",
        _plays(leaves=(1, 1, 1, 0, 0, 1)),
        "You write while one leaves. Zeros go into a free slot and into the order of writing; and if the head stands "
        "on that slot, the link that leads on fades.",
        "The write gate is for arrivals only.",
    ),
    Mistake(
        "writes-by-content",
        _plays(arrives=(0, 1, 0, 0, 1, 0)),
        "You write by content: a new item resembles nothing, so it is spread over all slots, and wipes them in part.",
        "Set the allocation gate to 1 on arrival.",
    ),
    Mistake(
        "walks-on-arrival",
        _plays(arrives=(0, 1, 1, 0, 0, 1)),
        "The head walks on whenever an item arrives. The front did not change.",
        "To stay, read by content: the key is what was read last.",
    ),
    Mistake(
        "stays",
        _plays(leaves=(1, 0, 1, 0, 1, 0)),
        "When the front leaves the head stays on it. Its content is still there, but it is not the front any more.",
        "The next in the queue is the one that was written next.",
    ),
    Mistake(
        "walks-back",
        _plays(leaves=(1, 0, 1, 1, 0, 0)),
        "The head walks back. Before the oldest item nothing is left.",
        "The next in the queue is the one that was written next.",
    ),
)

QUEUE = Exercise(
    name="queue",
    arguments=("arrives",),
    reference=fronts,
    cases=_cases,
    example=_case("two arrive, one leaves", 1, 1, 0),
    mistakes=_MISTAKES,
    lesson="Two rows of gates keep any queue: a controller needs no counter, for usage and links do the counting.",
    advice="Write down for five steps what is in use, what was read last, and where the links lead.",
)


def check_queue(function: Callable[..., Any]) -> Card:
    """Check `queue(arrives: bool) -> six gates`: free, write, allocate, and the modes backward, content, forward.

    The gates steer a memory of four slots; any that keep the queue are right. What the card compares is what was read.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(QUEUE, _running(function) if callable(function) else function)


def _running(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def read(*given: Any) -> Any:
        return run(function, *given)

    return read
