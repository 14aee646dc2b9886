"""Exercise: mix the three ways of reading."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import allocation


def _case(name: str, seed: int, slots: int) -> Case:
    draw = Draw(seed)
    links, last = torch.zeros(slots, slots, dtype=torch.float64), torch.zeros(slots, dtype=torch.float64)
    for _ in range(6):
        links, last = allocation.link(links, last, 0.9 * (3 * draw.real(slots)).softmax(-1))
    before, content = draw.real(slots).softmax(-1), (2 * draw.real(slots)).softmax(-1)
    return Case(name, (links, before, content, draw.real(3).softmax(-1)))


def _cases() -> list[Case]:
    return [_case("five slots", 641, 5), _case("eight slots", 642, 8), _case("three slots", 643, 3)]


def _mixed(links: Tensor, before: Tensor, content: Tensor, modes: Tensor) -> Tensor:
    on, back = allocation.directions(links, before[None])
    result: Tensor = allocation.read_modes(back, content[None], on, modes[None])
    return result[0]


def _mix(modes: Tensor, first: Tensor, second: Tensor, third: Tensor) -> Tensor:
    return modes[0] * first + modes[1] * second + modes[2] * third


_MISTAKES = (
    Mistake(
        "directions-swapped",
        lambda links, b, c, m: _mix(m, links @ b, c, links.T @ b),
        "Forwards and backwards are swapped. Row i, column j says that i came after j, so L w leads on.",
        "Put all weight on slot j: L w is then column j, the slots that were written after it.",
    ),
    Mistake(
        "one-way",
        lambda links, b, c, m: _mix(m, links @ b, c, links @ b),
        "Backwards and forwards are the same in yours: both lead on.",
        "Turn the matrix over for the way back: `links.T`.",
    ),
    Mistake(
        "content-first",
        lambda links, b, c, m: _mix(m, c, links.T @ b, links @ b),
        "You read the modes as content, backward, forward.",
        "Their order is backward, by content, forward.",
    ),
    Mistake(
        "forward-first",
        lambda links, b, c, m: _mix(m, links @ b, links.T @ b, c),
        "You read the modes as forward, backward, content.",
        "Their order is backward, by content, forward.",
    ),
    Mistake(
        "from-content",
        lambda links, b, c, m: _mix(m, links.T @ c, c, links @ c),
        "You walked from what was found by content. The links lead on from where the head was one step before.",
        "Both products are with `before`.",
    ),
    Mistake(
        "scaled",
        lambda links, b, c, m: _mix(m, links.T @ b, c, links @ b) / _mix(m, links.T @ b, c, links @ b).sum(),
        "You made the weights add up to 1. Where no link leads on, less is read, and that is meant: it says that the "
        "order ends here.",
        "Leave the sum as it is.",
    ),
    Mistake(
        "one-mode",
        lambda links, b, c, m: torch.stack([links.T @ b, c, links @ b])[m.argmax()],
        "You took the strongest mode alone. All three have their share, or there is no slope.",
        "Add the three, each times its mode.",
    ),
    Mistake(
        "not-weighed",
        lambda links, b, c, m: (links.T @ b + c + links @ b) / 3,
        "You took the mean of the three ways. The controller says how much of each.",
        "Add the three, each times its mode.",
    ),
)

READ_AT = Exercise(
    name="read_at",
    arguments=("links", "before", "content", "modes"),
    reference=_mixed,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]).double(),
            torch.tensor([0.0, 1.0, 0.0]).double(),
            torch.tensor([0.0, 1.0, 0.0]).double(),
            torch.tensor([0.5, 0.3, 0.2]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="One matrix leads both ways: as it is it leads on, turned over it leads back.",
    advice="Backward is the transposed matrix times `before`, forward the matrix times `before`.",
)


def check_read_at(function: Callable[..., Any]) -> Card:
    """Check `read_at(links [slots, slots], before [slots], content [slots], modes [3]) -> [slots]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(READ_AT, function)
