"""Exercise: ask the relational memory, in two steps."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms.relational_memory import relational_read


def _case(name: str, seed: int, queries: int, rows: int, columns: int) -> Case:
    draw = Draw(seed)
    return Case(name, (draw.real(queries, rows, columns), draw.real(queries), draw.real(columns)))


def _cases() -> list[Case]:
    return [
        _case("two square matrices", 921, 2, 3, 3),
        _case("three matrices, more rows than columns", 922, 3, 4, 2),
        _case("four matrices, more columns than rows", 923, 4, 2, 5),
        _case("as many matrices as rows", 924, 3, 3, 3),
    ]


def _weighed(weigh: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """The read with other weights of the matrices."""
    return lambda m, choice, query: torch.einsum("s,sdv,v->d", weigh(choice), m, query)


def _hardest(choice: Tensor) -> Tensor:
    return torch.nn.functional.one_hot(choice.argmax(), len(choice)).to(choice.dtype)


_MISTAKES = (
    Mistake(
        "no-softmax",
        _weighed(lambda c: c),
        "The numbers of `choice` stand before a softmax. As they are, some are negative and they add up to anything.",
        "torch.softmax over all matrices.",
    ),
    Mistake(
        "sigmoid",
        _weighed(torch.sigmoid),
        "You opened each matrix by itself, with a sigmoid. A choice among them adds up to 1.",
        "A softmax lets the matrices compete.",
    ),
    Mistake(
        "hardest",
        _weighed(_hardest),
        "You took the matrix with the largest number alone. The choice is soft, or nothing could learn from it.",
        "Weigh all matrices, by a softmax.",
    ),
    Mistake(
        "all-alike",
        _weighed(lambda c: torch.full_like(c, 1 / len(c))),
        "You took the mean of all matrices: `choice` is not used.",
        "Weights from a softmax of `choice`.",
    ),
    Mistake(
        "sum",
        _weighed(torch.ones_like),
        "You added up all matrices: `choice` is not used.",
        "Weights from a softmax of `choice`.",
    ),
    Mistake(
        "rows",
        lambda m, c, q: torch.einsum("s,sdv,d->v", c.softmax(0), m, q),
        "You summed over the rows, where query and key have met, and got values back. The equation sums over the "
        "columns. (The authors' code does what you did.)",
        "The query meets the last axis.",
    ),
    Mistake(
        "each-matrix",
        lambda m, c, q: m @ q,
        "You asked every matrix and have one answer for each. They are still to be mixed.",
        "Weigh the answers by a softmax of `choice`, and add.",
    ),
    Mistake(
        "each-matrix",
        lambda m, c, q: c.softmax(0)[:, None] * (m @ q),
        "You weighed the answer of every matrix, and have one for each. They are still to be added.",
        "Add over the matrices.",
    ),
    Mistake(
        "mean",
        lambda m, c, q: torch.softmax(c, 0) @ (m @ q) / len(c),
        "You took the mean of the weighed answers. The weights add up to 1 already.",
        "A plain sum.",
    ),
    Mistake(
        "not-shared",
        _weighed(torch.exp),
        "Your weights are exponentials. They do not add up to 1 yet.",
        "A softmax divides each by the sum of all.",
    ),
    Mistake(
        "divided-by-the-sum",
        _weighed(lambda c: c / c.sum()),
        "You divided the numbers by their sum. They add up to 1, but some are negative, and the sum may be near 0.",
        "A softmax takes the exponentials first.",
    ),
    Mistake(
        "softmax-of-the-answers",
        lambda m, c, q: torch.einsum("s,sd->d", c, (m @ q).softmax(0)),
        "Your softmax is taken of the answers. It is `choice` that becomes shares; the answers stay as they are.",
        "torch.softmax of `choice`.",
    ),
    Mistake(
        "softmax-of-the-answers",
        lambda m, c, q: torch.einsum("s,sd->d", c, m @ q).softmax(0),
        "Your softmax is taken of the result. It is `choice` that becomes shares, before anything is mixed.",
        "torch.softmax of `choice`.",
    ),
    Mistake(
        "query-squashed",
        lambda m, c, q: torch.einsum("s,sdv,v->d", c.softmax(0), m, q.softmax(0)),
        "You took a softmax of the query too. Only `choice` becomes shares.",
        "The query is multiplied on as it is.",
    ),
    Mistake(
        "not-asked",
        lambda m, c, q: torch.einsum("s,sdv->dv", c.softmax(0), m),
        "You mixed the matrices and stopped: that is a matrix. The query is not used.",
        "Multiply the mixture by the query.",
    ),
)

ASK_RELATIONS = Exercise(
    name="ask_relations",
    arguments=("relations", "choice", "query"),
    reference=relational_read,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[2.0, 2.0], [0.0, 0.0]]]).double(),
            torch.zeros(2).double(),
            torch.tensor([1.0, 3.0]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="First which relation, then of what: two sums, and each can be done first.",
    advice="A softmax of the choice weighs the matrices; then the mixture meets the query along its last axis.",
)


def check_ask_relations(function: Callable[..., Any]) -> Card:
    """Check `ask_relations(relations [nq, d, dv], choice [nq], query [dv]) -> [d]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(ASK_RELATIONS, function)
