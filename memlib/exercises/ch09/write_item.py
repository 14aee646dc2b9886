"""Exercise: write a pair into the item memory, through two gates."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms.item_memory import association, gated_item_write, item_gate


def _case(name: str, seed: int, size: int) -> Case:
    draw = Draw(seed)
    vectors = draw.real(size), draw.real(size)
    return Case(name, (draw.real(size, size), *vectors, draw.real(2, size), draw.real(2, size, size)))


def _cases() -> list[Case]:
    return [
        _case("a memory of 4 by 4", 911, 4),
        _case("a memory of 3 by 3", 912, 3),
        _case("a memory of 6 by 6", 913, 6),
    ]


def _gates(memory: Tensor, drives: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    take, keep = (item_gate(memory, drive, weight) for drive, weight in zip(drives, weights, strict=True))
    return take, keep


def _write(memory: Tensor, left: Tensor, right: Tensor, drives: Tensor, weights: Tensor) -> Tensor:
    take, keep = _gates(memory, drives, weights)
    result: Tensor = gated_item_write(memory, association(left, right), keep, take)
    return result


def _by(gate: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """The write with another gate, from memory, drive and weights."""

    def written(memory: Tensor, left: Tensor, right: Tensor, drives: Tensor, weights: Tensor) -> Tensor:
        take, keep = (gate(memory, drive, weight) for drive, weight in zip(drives, weights, strict=True))
        return keep * memory + take * association(left, right)

    return written


def _from(joined: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The write with the right gates, joined in another way: of take, keep, memory and pair."""

    def written(memory: Tensor, left: Tensor, right: Tensor, drives: Tensor, weights: Tensor) -> Tensor:
        return joined(*_gates(memory, drives, weights), memory, association(left, right))

    return written


def _after(memory: Tensor, left: Tensor, right: Tensor, drives: Tensor, weights: Tensor) -> Tensor:
    pair = association(left, right)
    take, keep = _gates(memory + pair, drives, weights)
    return keep * memory + take * pair


_MISTAKES = (
    Mistake(
        "no-sigmoid",
        _by(lambda m, w, u: item_gate(m, w, u, squash=False)),
        "Your gates are any numbers. A gate is a share, from 0 to 1; the paper prints no sigmoid, and means one.",
        "torch.sigmoid around the whole sum.",
    ),
    Mistake(
        "gates-swapped",
        lambda m, a, b, w, u: _write(m, a, b, w.flip(0), u.flip(0)),
        "The two gates have changed places: you keep by the gate that takes, and take by the one that keeps.",
        "Row 0 is for the new pair, row 1 for the memory.",
    ),
    Mistake(
        "no-tanh",
        _by(lambda m, w, u: (w[:, None] + u @ m).sigmoid()),
        "The gates see the memory itself. It can grow without limit, and then no gate could move any more: it is "
        "squashed by a tanh first.",
        "U tanh(M).",
    ),
    Mistake(
        "tanh-after",
        _by(lambda m, w, u: (w[:, None] + (u @ m).tanh()).sigmoid()),
        "Your tanh comes after U. It is the memory that is squashed, before anything is multiplied on.",
        "U tanh(M).",
    ),
    Mistake(
        "tanh-gates",
        _by(lambda m, w, u: (w[:, None] + u @ m.tanh()).tanh()),
        "Your gates go through a tanh, from -1 to 1. A gate is a share, from 0 to 1.",
        "torch.sigmoid around the whole sum; the tanh is for the memory inside.",
    ),
    Mistake(
        "drive-left-out",
        _by(lambda m, w, u: (u @ m.tanh()).sigmoid()),
        "The gates look at the memory alone: `drives`, what the input says to them, is not used.",
        "Add the drive to U tanh(M).",
    ),
    Mistake(
        "drive-on-columns",
        _by(lambda m, w, u: (w[None, :] + u @ m.tanh()).sigmoid()),
        "You added the drive's numbers to the columns. Each belongs to a row, as those of U tanh(M) do.",
        "`drive[:, None]`.",
    ),
    Mistake(
        "weights-on-the-right",
        _by(lambda m, w, u: (w[:, None] + m.tanh() @ u).sigmoid()),
        "You multiplied the weights from the right: that mixes the columns. U tanh(M) mixes the rows.",
        "Which of the two matrices comes first?",
    ),
    Mistake(
        "weights-turned",
        _by(lambda m, w, u: (w[:, None] + u.mT @ m.tanh()).sigmoid()),
        "Your weights lie on their side: row i of U makes row i of the gate.",
        "`weights[0] @ ...`, without a transpose.",
    ),
    Mistake(
        "memory-left-out",
        _by(lambda m, w, u: w[:, None].sigmoid().expand_as(m)),
        "The gates do not look at the memory, so a whole row is kept or forgotten.",
        "Add U tanh(M) to the drive.",
    ),
    Mistake(
        "one-gate",
        _from(lambda take, keep, m, x: (1 - take) * m + take * x),
        "You kept 1 - take. Here the two gates are free of each other: a memory may keep all and take all.",
        "Two drives, two matrices of weights, two gates.",
    ),
    Mistake(
        "one-gate",
        _from(lambda take, keep, m, x: keep * m + (1 - keep) * x),
        "You took 1 - keep. Here the two gates are free of each other: a memory may keep all and take all.",
        "Two drives, two matrices of weights, two gates.",
    ),
    Mistake(
        "never-forgets",
        _from(lambda take, keep, m, x: m + take * x),
        "The old items are kept whole: nothing is ever forgotten.",
        "The second gate multiplies the memory.",
    ),
    Mistake(
        "takes-all",
        _from(lambda take, keep, m, x: keep * m + x),
        "The new pair is taken whole, whatever the first gate says.",
        "The first gate multiplies the pair.",
    ),
    Mistake(
        "ungated",
        lambda m, a, b, w, u: m + association(a, b),
        "You added the pair. That is the memory of chapter 1; the gates are not used.",
        "Each of the two terms has a gate in front.",
    ),
    Mistake(
        "turned",
        lambda m, a, b, w, u: _write(m, b, a, w, u),
        "The pair lies the other way round: `left` belongs to the rows.",
        "`torch.outer(left, right)`.",
    ),
    Mistake(
        "gates-after",
        _after,
        "Your gates look at the memory with the pair in it. They decide before anything is written.",
        "Both gates see the memory as it came.",
    ),
    Mistake(
        "squashed-pair",
        _from(lambda take, keep, m, x: keep * m + take * x.tanh()),
        "You sent the pair through a tanh. The authors' code does that, the equation does not.",
        "The pair as it is, times its gate.",
    ),
    Mistake(
        "squashed-memory",
        _from(lambda take, keep, m, x: keep * m.tanh() + take * x),
        "You kept tanh(M). The tanh is for what the gates see; the memory itself stays as it is.",
        "Keep times M.",
    ),
    Mistake(
        "gated-twice",
        _from(lambda take, keep, m, x: keep * (m + take * x)),
        "The gate that keeps multiplies the new pair as well. It is for what was there before.",
        "Keep times M, plus take times the pair.",
    ),
    Mistake(
        "matrix-product",
        _from(lambda take, keep, m, x: keep @ m + take @ x),
        "You multiplied matrices. A gate has a share for each entry: ⊙ goes entry by entry.",
        "`*`, not `@`.",
    ),
    Mistake(
        "left-twice",
        lambda m, a, b, w, u: _write(m, a, a, w, u),
        "You bound `left` with itself: `right` is not used. (The authors' code does what you did.)",
        "`torch.outer(left, right)`.",
    ),
)

WRITE_ITEM = Exercise(
    name="write_item",
    arguments=("memory", "left", "right", "drives", "weights"),
    reference=_write,
    cases=_cases,
    example=_case("by hand", 910, 2),
    mistakes=_MISTAKES,
    lesson="Each entry decides for itself how much it keeps and how much it takes.",
    advice="Two gates first, each from its own drive and weights; then keep times memory plus take times pair.",
)


def check_write_item(function: Callable[..., Any]) -> Card:
    """Check `write_item(memory [d, d], left [d], right [d], drives [2, d], weights [2, d, d]) -> [d, d]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(WRITE_ITEM, function)
