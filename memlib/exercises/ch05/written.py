"""Exercise: erase, then add."""

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
    weights = draw.real(slots).softmax(-1)
    return Case(name, (draw.real(slots, width), weights, draw.fraction(width), draw.real(width)))


def _cases() -> list[Case]:
    return [
        _case("five slots", 541, slots=5, width=3),
        _case("as many slots as entries", 542, slots=4, width=4),
        _case("nine slots", 543, slots=9, width=6),
    ]


def _where(weights: Tensor) -> Tensor:
    return weights[:, None]


_MISTAKES = (
    Mistake(
        "add-first",
        lambda m, w, e, a: (m + _where(w) * a) * (1 - _where(w) * e),
        "You added first and erased then: part of what you have just written is wiped away again.",
        "Erase, then add. The add vector stands outside the product.",
    ),
    Mistake(
        "erase-everywhere",
        lambda m, w, e, a: m * (1 - e) + _where(w) * a,
        "You erased in all slots alike. A slot that the head does not look at must stay as it is.",
        "The erase vector is weighed too: 1 - w_i e.",
    ),
    Mistake(
        "add-everywhere",
        lambda m, w, e, a: m * (1 - _where(w) * e) + a,
        "You added the whole vector to every slot.",
        "The add vector is weighed too: w_i a.",
    ),
    Mistake(
        "nothing-weighed",
        lambda m, w, e, a: m * (1 - e) + a,
        "The weights are not used: every slot is erased and written alike.",
        "Both e and a are multiplied by the slot's weight.",
    ),
    Mistake(
        "nothing-erased",
        lambda m, w, e, a: m + _where(w) * a,
        "Nothing is erased.",
        "Multiply what is there by 1 - w_i e before you add.",
    ),
    Mistake(
        "blend",
        lambda m, w, e, a: (1 - _where(w)) * m + _where(w) * a,
        "That is the blend of old and new: the special case in which everything is erased. Here e decides, entry by "
        "entry.",
        "Put e beside the weight: 1 - w_i e.",
    ),
    Mistake(
        "kept-for-erased",
        lambda m, w, e, a: m * (_where(w) * e) + _where(w) * a,
        "You kept what should be erased. Where the weight is 0 the slot would become 0.",
        "What is left is 1 - w_i e.",
    ),
    Mistake(
        "factors",
        lambda m, w, e, a: m * (1 - _where(w)) * (1 - e) + _where(w) * a,
        "You multiplied (1 - w_i) by (1 - e). Then a slot with weight 0 is erased all the same.",
        "There is one product inside: 1 - (w_i e).",
    ),
    Mistake(
        "add-erased",
        lambda m, w, e, a: m * (1 - _where(w) * e) + _where(w) * e * a,
        "You weighed the add vector by e as well. Where nothing is erased, something may be added all the same.",
        "Erase and add are two gestures: w_i e and w_i a.",
    ),
    Mistake(
        "subtracted",
        lambda m, w, e, a: m - _where(w) * e + _where(w) * a,
        "You subtracted the erase vector. It is no amount, it is a share of what is there.",
        "Multiply: m_i (1 - w_i e).",
    ),
)

WRITTEN = Exercise(
    name="written",
    arguments=("memory", "weights", "erase", "add"),
    reference=addressing.erase_add,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[4.0, 4.0], [8.0, 8.0]]).double(),
            torch.tensor([0.5, 0.5]).double(),
            torch.tensor([1.0, 0.0]).double(),
            torch.tensor([2.0, 2.0]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="Erasing is a share, adding is an amount; in this order a slot can be replaced in one step.",
    advice="For one entry: m becomes m (1 - w e) + w a.",
)


def check_written(function: Callable[..., Any]) -> Card:
    """Check `written(memory [slots, width], weights [slots], erase [width], add [width]) -> [slots, width]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(WRITTEN, function)
