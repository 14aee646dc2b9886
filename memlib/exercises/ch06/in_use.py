"""Exercise: the usage of slots after a write and after free gates."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import allocation


def _case(name: str, seed: int, *, slots: int, heads: int) -> Case:
    draw = Draw(seed)
    written, reads = draw.fraction(slots) / slots, draw.real(heads, slots).softmax(-1)
    return Case(name, (draw.fraction(slots), written, draw.fraction(heads), reads))


def _cases() -> list[Case]:
    return [
        _case("five slots and one head", 611, slots=5, heads=1),
        _case("six slots and two heads", 612, slots=6, heads=2),
        _case("four slots and four heads", 613, slots=4, heads=4),
    ]


def _after(usage: Tensor, written: Tensor, free: Tensor, reads: Tensor) -> Tensor:
    result: Tensor = allocation.usage(usage, written, allocation.retention(free, reads))
    return result


def _either(usage: Tensor, written: Tensor) -> Tensor:
    return 1 - (1 - usage) * (1 - written)


def _kept(free: Tensor, reads: Tensor) -> Tensor:
    return (1 - free[:, None] * reads).prod(0)


_MISTAKES = (
    Mistake(
        "only-added",
        lambda u, w, f, r: (u + w) * _kept(f, r),
        "You added usage and write weight. A slot that is in use and written once more would be used more than once: "
        "the sum passes 1.",
        "It is free only if it was free before and was not written: multiply the two free shares.",
    ),
    Mistake(
        "cut-off",
        lambda u, w, f, r: (u + w).clamp(max=1) * _kept(f, r),
        "You added usage and write weight and cut the sum off at 1. A slot that is half in use and half written is not "
        "wholly in use, and where the sum is cut off there is no slope.",
        "It is free only if it was free before and was not written: multiply the two free shares.",
    ),
    Mistake(
        "larger-of-both",
        lambda u, w, f, r: torch.maximum(u, w) * _kept(f, r),
        "You took the larger of usage and write weight. Two half reasons make more than a half one.",
        "It is free only if it was free before and was not written: multiply the two free shares.",
    ),
    Mistake(
        "freed-first",
        lambda u, w, f, r: _either(u * _kept(f, r), w),
        "You freed first and added the write then. The free gates speak of the memory as it is after that write.",
        "Usage after the write first; the retention multiplies all of it.",
    ),
    Mistake(
        "not-freed",
        lambda u, w, f, r: _either(u, w),
        "Nothing is freed: the free gates are not used.",
        "Multiply by the retention.",
    ),
    Mistake(
        "freed-for-kept",
        lambda u, w, f, r: _either(u, w) * (f[:, None] * r).prod(0),
        "You multiplied by what is freed. What is kept is 1 - f w.",
        "With f = 0 for all heads nothing may change.",
    ),
    Mistake(
        "sum-of-heads",
        lambda u, w, f, r: _either(u, w) * (1 - (f[:, None] * r).sum(0)),
        "You took 1 minus the sum over the heads. Two heads that free the same slot make that negative.",
        "Each head leaves the share 1 - f w of what the others left: a product.",
    ),
    Mistake(
        "mean-of-heads",
        lambda u, w, f, r: _either(u, w) * (1 - (f[:, None] * r).mean(0)),
        "You took the mean over the heads. One head alone may free a slot.",
        "Each head leaves the share 1 - f w of what the others left: a product.",
    ),
    Mistake(
        "freed-for-kept",
        lambda u, w, f, r: _either(u, w) * (1 - (f[:, None] * r).prod(0)),
        "You multiplied what the heads free, and took 1 minus that: then a slot is freed only if all heads free it.",
        "Each head leaves the share 1 - f w: take the 1 minus before the product.",
    ),
    Mistake(
        "subtracted",
        lambda u, w, f, r: _either(u, w) - (f[:, None] * r).sum(0),
        "You took f w away from the usage, and it can fall below 0. What a head frees is a share of what is in use.",
        "Multiply by 1 - f w.",
    ),
    Mistake(
        "wrong-axis",
        lambda u, w, f, r: _either(u, w) * (1 - f[:, None] * r).prod(1),
        "The product runs over the slots, not over the heads.",
        "The heads are the first axis: `prod(0)`.",
    ),
    Mistake(
        "gates-left-out",
        lambda u, w, f, r: _either(u, w) * (1 - r).prod(0),
        "The free gates are not used: every read frees what it reads.",
        "A head with f = 0 frees nothing.",
    ),
    Mistake(
        "weights-left-out",
        lambda u, w, f, r: _either(u, w) * (1 - f).prod(),
        "The read weights are not used: all slots are freed alike.",
        "A head frees a slot as far as it read it: f times w.",
    ),
)

IN_USE = Exercise(
    name="in_use",
    arguments=("usage", "written", "free", "reads"),
    reference=_after,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([0.5, 1.0]).double(),
            torch.tensor([0.5, 0.0]).double(),
            torch.tensor([1.0]).double(),
            torch.tensor([[0.0, 0.5]]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="Both halves are the same thought: multiply what is left, by the write and by each head.",
    advice="First u + w - u w, then times 1 - f w for each head.",
)


def check_in_use(function: Callable[..., Any]) -> Card:
    """Check `in_use(usage [slots], written [slots], free [heads], reads [heads, slots]) -> [slots]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(IN_USE, function)
