"""Exercise: one update of the link matrix."""

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
        links, last = allocation.link(links, last, 0.8 * (2 * draw.real(slots)).softmax(-1))
    return Case(name, (links, last, draw.fraction(1) * (2 * draw.real(slots)).softmax(-1)))


def _cases() -> list[Case]:
    return [_case("four slots", 631, 4), _case("seven slots", 632, 7), _case("two slots", 633, 2)]


def _linked(links: Tensor, last: Tensor, weights: Tensor) -> Tensor:
    result: Tensor = allocation.link(links, last, weights)[0]
    return result


def _made(links: Tensor, fade: Tensor, added: Tensor) -> Tensor:
    new = fade * links + added
    return new - torch.diag(new.diagonal())


def _both(w: Tensor) -> Tensor:
    return 1 - w[:, None] - w[None, :]


_MISTAKES = (
    Mistake(
        "other-way",
        lambda links, p, w: _made(links, _both(w), torch.outer(p, w)),
        "Rows and columns are swapped: you noted that the last slot was written after the new one.",
        "Row i is the slot that is written now, column j the one before: w_i p_j.",
    ),
    Mistake(
        "diagonal",
        lambda links, p, w: _both(w) * links + torch.outer(w, p),
        "The diagonal is not 0: a slot would follow itself.",
        "Set it to 0 at the end.",
    ),
    Mistake(
        "new-precedence",
        lambda links, p, w: _made(links, _both(w), torch.outer(w, (1 - w.sum()) * p + w)),
        "You used the precedence after this write. A whole write is then linked to itself alone, and that is cleared.",
        "The last slot is the one before this write: take p as it came in.",
    ),
    Mistake(
        "one-end",
        lambda links, p, w: _made(links, (1 - w)[:, None].expand_as(links), torch.outer(w, p)),
        "Links to the written slot fade, those from it do not. They told what followed a content that is gone.",
        "Two write weights stand in the factor, that of the row and that of the column.",
    ),
    Mistake(
        "other-end",
        lambda links, p, w: _made(links, (1 - w)[None, :].expand_as(links), torch.outer(w, p)),
        "Links from the written slot fade, those to it do not. The slot then has two predecessors.",
        "Two write weights stand in the factor, that of the row and that of the column.",
    ),
    Mistake(
        "fades-everywhere",
        lambda links, p, w: _made(links, (1 - w.sum()).expand_as(links), torch.outer(w, p)),
        "All links fade alike. That is how the precedence fades; a link fades only by the writes at its two ends.",
        "Two write weights stand in the factor, that of the row and that of the column.",
    ),
    Mistake(
        "no-precedence",
        lambda links, p, w: _made(links, _both(w), torch.outer(w, w)),
        "You linked the slots of this write with each other. The new one comes after the slot that was last before.",
        "Row i is the slot that is written now, column j the one before: w_i p_j.",
    ),
    Mistake(
        "nothing-fades",
        lambda links, p, w: _made(links, torch.ones_like(links), torch.outer(w, p)),
        "Old links stay for ever. Soon a slot has been written after every other one.",
        "What was known of a slot fades when it is written.",
    ),
    Mistake(
        "new-link-fades",
        lambda links, p, w: _made(links + torch.outer(w, p), _both(w), torch.zeros_like(links)),
        "The new link fades in the step that makes it: with a whole write nothing is left of it.",
        "The factor stands before the old link alone.",
    ),
    Mistake(
        "two-factors",
        lambda links, p, w: _made(links, torch.outer(1 - w, 1 - w), torch.outer(w, p)),
        "You multiplied (1 - w_i) by (1 - w_j). It is a sensible fading, and nearly the same; the paper subtracts both "
        "weights from 1, and so does the library.",
        "The factor is 1 - w_i - w_j.",
    ),
)

RELINK = Exercise(
    name="relink",
    arguments=("links", "last", "weights"),
    reference=_linked,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]).double(),
            torch.tensor([0.0, 1.0, 0.0]).double(),
            torch.tensor([0.5, 0.0, 0.5]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="A write cuts what led to a slot and from it, and ties it behind the slot that was last.",
    advice="Three parts: a factor before the old links, the outer product of `weights` and `last`, the diagonal.",
)


def check_relink(function: Callable[..., Any]) -> Card:
    """Check `relink(links [slots, slots], last [slots], weights [slots]) -> [slots, slots]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(RELINK, function)
