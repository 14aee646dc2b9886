"""Exercise: values by hand, with which a second hop finds what the first one could not."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake


def _case(name: str, seed: int, facts: int, symbols: int) -> Case:
    generator = torch.Generator().manual_seed(seed)
    starts = torch.randperm(symbols, generator=generator)[:facts]
    step = torch.randint(1, symbols, (facts,), generator=generator)
    return Case(name, (starts, (starts + step) % symbols, symbols))


def _cases() -> list[Case]:
    return [
        _case("three facts", 731, 3, 5),
        _case("six facts", 732, 6, 9),
        _case("one fact", 733, 1, 4),
        Case("two facts with one end", (torch.tensor([0, 3]), torch.tensor([2, 2]), 4)),
    ]


def _signs(rows: Tensor, symbols: int) -> Tensor:
    return torch.eye(symbols, dtype=torch.float64)[rows]


_MISTAKES = (
    Mistake(
        "keeps-the-start",
        lambda s, e, n: _signs(e, n),
        "The next question is u + o, so it still holds the thing that was asked for. The second hop finds the "
        "first fact again, as well as the second.",
        "The value must also take away what the question was: what is e_end - e_start added to e_start?",
    ),
    Mistake(
        "upside-down",
        lambda s, e, n: _signs(s, n) - _signs(e, n),
        "The signs are turned: this value removes the end and doubles the start.",
        "Add the end, take away the start.",
    ),
    Mistake(
        "both",
        lambda s, e, n: _signs(s, n) + _signs(e, n),
        "The start was added once more; it is to go.",
        "u + o must be the end alone.",
    ),
    Mistake(
        "same-as-key",
        lambda s, e, n: _signs(s, n),
        "The value repeats the key: the second question is twice the first.",
        "The value names what the fact leads to.",
    ),
    Mistake(
        "takes-away-only",
        lambda s, e, n: -_signs(s, n),
        "The start is gone, but nothing has come in its place.",
        "The second hop must ask for the end.",
    ),
    Mistake(
        "turned",
        lambda s, e, n: (_signs(e, n) - _signs(s, n)).mT,
        "The table lies on its side: a row for each symbol.",
        "One row for each fact.",
    ),
)

PASS_ON = Exercise(
    name="pass_on",
    arguments=("starts", "ends", "symbols"),
    reference=lambda starts, ends, symbols: _signs(ends, symbols) - _signs(starts, symbols),
    cases=_cases,
    example=Case("by hand", (torch.tensor([0, 2]), torch.tensor([1, 0]), 3)),
    mistakes=_MISTAKES,
    lesson="A value may change the question, and not only add to it. A trained network finds such values by itself.",
    advice="Write u + o for one fact with three symbols, and see what is left of the start.",
)


def check_pass_on(function: Callable[..., Any]) -> Card:
    """Check `pass_on(starts [facts], ends [facts], symbols) -> [facts, symbols]`, values by hand.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(PASS_ON, function)
