"""Exercise: the additive score of each key, by a network of one hidden layer."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import attention


def _case(name: str, seed: int, *, places: int, query: int, key: int, hidden: int) -> Case:
    draw = Draw(seed)
    given = (draw.real(query), draw.real(places, key), draw.real(query, hidden), draw.real(key, hidden))
    return Case(name, (*given, draw.real(hidden)))


def _cases() -> list[Case]:
    return [
        _case("four places", 401, places=4, query=3, key=2, hidden=5),
        _case("as many hidden units as places", 402, places=3, query=4, key=4, hidden=3),
        _case("one place", 403, places=1, query=2, key=3, hidden=4),
        _case("all widths equal", 404, places=4, query=4, key=4, hidden=4),
    ]


def _reference(query: Tensor, keys: Tensor, w_query: Tensor, w_key: Tensor, w: Tensor) -> Tensor:
    return attention.additive_scores(query[None], keys, w_query, w_key, w)[0]


def _hidden(query: Tensor, keys: Tensor, w_query: Tensor, w_key: Tensor) -> Tensor:
    return query @ w_query + keys @ w_key


_MISTAKES = (
    Mistake(
        "no-tanh",
        lambda q, k, a, b, w: _hidden(q, k, a, b) @ w,
        "The tanh is missing. Without it the query adds the same number to each score, and the softmax takes it away: "
        "the writer could not choose at all.",
        "The tanh goes around the sum, before the product with w.",
    ),
    Mistake(
        "tanh-outside",
        lambda q, k, a, b, w: torch.tanh(_hidden(q, k, a, b) @ w),
        "The tanh stands around the whole score. Then no score can leave the range from -1 to 1, and again the query "
        "only moves all of them the same way.",
        "Each hidden unit has its own tanh; w comes after it.",
    ),
    Mistake(
        "tanh-apart",
        lambda q, k, a, b, w: (torch.tanh(q @ a) + torch.tanh(k @ b)) @ w,
        "You took the tanh of the two parts, then added. Then query and key never meet inside a curve, and the "
        "query moves all scores the same way.",
        "Add first: tanh(W_qᵀ q + W_kᵀ k_i).",
    ),
    Mistake(
        "softmax",
        lambda q, k, a, b, w: (torch.tanh(_hidden(q, k, a, b)) @ w).softmax(-1),
        "Those are the weights. Asked for are the scores, before the softmax.",
        "Stop one line earlier.",
    ),
    Mistake(
        "no-query",
        lambda q, k, a, b, w: torch.tanh(k @ b) @ w,
        "The query is missing: your scores are the same whatever the writer asks.",
        "Both parts belong under the tanh.",
    ),
    Mistake(
        "no-key",
        lambda q, k, a, b, w: (torch.tanh(q @ a) @ w).expand(len(k)),
        "The keys are missing: all your scores are equal.",
        "Both parts belong under the tanh.",
    ),
    Mistake(
        "no-w",
        lambda q, k, a, b, w: torch.tanh(_hidden(q, k, a, b)).sum(-1),
        "You added the hidden units up. Each counts by its entry of w.",
        "A dot product with w, not a sum.",
    ),
    Mistake(
        "multiplied",
        lambda q, k, a, b, w: torch.tanh((q @ a) * (k @ b)) @ w,
        "You multiplied the two parts. The additive score adds them; hence its name.",
        "q @ w_query is a row that is added to each row of keys @ w_key.",
    ),
    Mistake(
        "subtracted",
        lambda q, k, a, b, w: torch.tanh(_hidden(-q, k, a, b)) @ w,
        "You took one part from the other. The learned matrices decide what fits; the score adds.",
        "q @ w_query + keys @ w_key.",
    ),
    Mistake(
        "subtracted",
        lambda q, k, a, b, w: torch.tanh(_hidden(q, -k, a, b)) @ w,
        "You took one part from the other. The learned matrices decide what fits; the score adds.",
        "q @ w_query + keys @ w_key.",
    ),
    Mistake(
        "sigmoid",
        lambda q, k, a, b, w: torch.sigmoid(_hidden(q, k, a, b)) @ w,
        "That is the logistic function in the place of tanh.",
        "`torch.tanh`.",
    ),
    Mistake(
        "hidden",
        lambda q, k, a, b, w: torch.tanh(_hidden(q, k, a, b)),
        "That is the hidden layer, a row for each place. A score is one number a place.",
        "Take its product with w.",
    ),
)

ADDITIVE_SCORES = Exercise(
    name="additive_scores",
    arguments=("query", "keys", "w_query", "w_key", "w"),
    reference=_reference,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([1.0]).double(),
            torch.tensor([[-1.0], [1.0]]).double(),
            torch.tensor([[1.0]]).double(),
            torch.tensor([[1.0]]).double(),
            torch.tensor([2.0]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="The curve makes it a question: under the tanh the query changes which key wins, beside it, it cannot.",
    advice="By hand: e_i = w · tanh(W_qᵀ q + W_kᵀ k_i), one place after the other.",
)


def check_additive_scores(function: Callable[..., Any]) -> Card:
    """Check `additive_scores(query [dq], keys [n, dk], w_query [dq, h], w_key [dk, h], w [h]) -> [n]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(ADDITIVE_SCORES, function)
