"""Exercise: what is offered of each slot for the next write."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import allocation


def _cases() -> list[Case]:
    free = Draw(623).fraction(6)
    free[4] = 0
    return [
        Case("five slots", (Draw(621).fraction(5),)),
        Case("nine slots", (Draw(622).fraction(9),)),
        Case("six slots, one of them free", (free,)),
        Case("a memory that is full", (torch.ones(4, dtype=torch.float64),)),
    ]


def _reaching(usage: Tensor) -> Tensor:
    """What is left for each of the sorted slots."""
    return torch.cat([torch.ones_like(usage[:1]), usage.cumprod(0)[:-1]])


def _put(order: Tensor, numbers: Tensor) -> Tensor:
    return torch.zeros_like(numbers).scatter(0, order, numbers)


def _sorted(usage: Tensor, descending: bool = False) -> tuple[Tensor, Tensor]:
    order = usage.argsort(descending=descending, stable=True)
    return order, usage[order]


def _taken(usage: Tensor) -> Tensor:
    u = _sorted(usage)[1]
    return (1 - u) * _reaching(u)


def _busiest(usage: Tensor) -> Tensor:
    order, u = _sorted(usage, descending=True)
    return _put(order, (1 - u) * _reaching(u))


def _own(usage: Tensor) -> Tensor:
    order, u = _sorted(usage)
    return _put(order, (1 - u) * u.cumprod(0))


def _divided(usage: Tensor) -> Tensor:
    order, u = _sorted(usage)
    return _put(order, (1 - u) * u.cumprod(0) / u)


def _free_passed(usage: Tensor) -> Tensor:
    order, u = _sorted(usage)
    return _put(order, (1 - u) * _reaching(1 - u))


def _wrong_way(usage: Tensor) -> Tensor:
    return _taken(usage)[usage.argsort(stable=True)]


_MISTAKES = (
    Mistake(
        "left-in-order",
        _taken,
        "The numbers are right and stand in the order of the free list, not in the order of the slots.",
        "Put each number back to its slot: `scatter` with the order as its index.",
    ),
    Mistake(
        "put-back-wrong",
        _wrong_way,
        "The numbers are right, but they went to the wrong slots: indexing with the order sorts once more.",
        "`result[order] = numbers` puts back; `numbers[order]` does not.",
    ),
    Mistake(
        "busiest-first",
        _busiest,
        "You began with the slot that is used most.",
        "The freest slot is asked first: sort upwards.",
    ),
    Mistake(
        "not-sorted",
        lambda u: (1 - u) * _reaching(u),
        "You went through the slots in the order of their numbers. The freest slot is asked first.",
        "Sort first: `usage.argsort(stable=True)`.",
    ),
    Mistake(
        "all-others",
        lambda u: torch.stack([(1 - u[i]) * torch.cat([u[:i], u[i + 1 :]]).prod() for i in range(len(u))]),
        "Your product is over all other slots. A slot gets what the freer ones have left; the busier ones come later.",
        "The product is over the slots before it in the free list.",
    ),
    Mistake(
        "divided-out",
        _divided,
        "You divided the running product by the slot's own usage. That of a free slot is 0, and 0/0 is no number.",
        "Shift the running product by one place, with a 1 in front.",
    ),
    Mistake(
        "own-usage",
        _own,
        "The product includes the slot's own usage. It is over the freer slots only; a free one would get nothing.",
        "For the first slot of the list the product is empty, and that is 1.",
    ),
    Mistake(
        "free-passed-on",
        _free_passed,
        "You passed on the free shares. A slot passes on what it cannot take, and that is its usage.",
        "The product is over u, not over 1 - u.",
    ),
    Mistake(
        "nothing-passed-on",
        lambda u: 1 - u,
        "That is how free each slot is. Together they take more than one write.",
        "What the freer slots took is gone: multiply by what they left.",
    ),
    Mistake(
        "shared-out",
        lambda u: (1 - u) / (1 - u).sum(),
        "You shared the write out among all free slots. Then every write is spread over the whole memory; and a full "
        "memory gives 0/0.",
        "The freest slot takes as much as it can before the next one is asked.",
    ),
    Mistake(
        "one-slot",
        lambda u: torch.nn.functional.one_hot(u.argmin(), len(u)).to(u.dtype),
        "You gave all to the freest slot, whether it has room or not. A slot that is half used can take half.",
        "Take 1 - u of what is left, and pass the rest on.",
    ),
)

OFFER = Exercise(
    name="offer",
    arguments=("usage",),
    reference=allocation.allocate,
    cases=_cases,
    example=Case("by hand", (torch.tensor([0.5, 1.0, 0.25]).double(),)),
    mistakes=_MISTAKES,
    lesson="Each slot takes what it can and passes on the rest, so all of them together take 1 - Π u.",
    advice="Sort, take the running product of the usages, shift it by one place with a 1 in front, and put back.",
)


def check_offer(function: Callable[..., Any]) -> Card:
    """Check `offer(usage [slots]) -> [slots]`: the allocation.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(OFFER, function)
