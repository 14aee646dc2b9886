"""Exercise: one hop, from a question to the next one."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms.memory_network import match, next_question, respond


def _case(name: str, seed: int, sentences: int, width: int) -> Case:
    draw = Draw(seed)
    return Case(name, (draw.real(width), draw.real(sentences, width), draw.real(sentences, width)))


def _cases() -> list[Case]:
    return [
        _case("five sentences", 721, 5, 4),
        _case("nine sentences", 722, 9, 3),
        _case("as many sentences as entries", 723, 4, 4),
        _case("one sentence", 724, 1, 6),
    ]


def _next(question: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return next_question(question, respond(match(question, keys), values))


def _scores(question: Tensor, keys: Tensor) -> Tensor:
    return keys @ question


_MISTAKES = (
    Mistake(
        "response-only",
        lambda u, m, c: _next(u, m, c) - u,
        "That is the response o. The next question keeps the old one: u + o.",
        "Add the question.",
    ),
    Mistake(
        "no-softmax",
        lambda u, m, c: u + _scores(u, m) @ c,
        "The matches were not sent through a softmax. That is the linear start, and some of its weights are negative.",
        "A softmax over the sentences makes weights that add up to 1.",
    ),
    Mistake(
        "reads-keys",
        lambda u, m, c: _next(u, m, m),
        "You read what the sentences are matched by. What they give stands in the values.",
        "Match with m, answer with c.",
    ),
    Mistake(
        "matches-values",
        lambda u, m, c: _next(u, c, c),
        "You matched the question with the values.",
        "Match with m, answer with c.",
    ),
    Mistake(
        "changed-places",
        lambda u, m, c: _next(u, c, m),
        "Keys and values have changed places.",
        "Match with m, answer with c.",
    ),
    Mistake(
        "scaled",
        lambda u, m, c: u + torch.softmax(_scores(u, m) / len(u) ** 0.5, 0) @ c,
        "You divided by the root of the width, as transformers do. A memory network does not.",
        "The softmax takes u · m as it is.",
    ),
    Mistake(
        "hardest",
        lambda u, m, c: u + c[_scores(u, m).argmax()],
        "You read the best sentence alone. The response is the mean under all weights.",
        "Multiply every value by its weight and add.",
    ),
    Mistake(
        "plain-mean",
        lambda u, m, c: u + c.mean(0),
        "You took the plain mean of the values: nobody asked anything.",
        "The weights come from the question: softmax of u · m.",
    ),
)

HOP = Exercise(
    name="hop",
    arguments=("question", "keys", "values"),
    reference=_next,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([0.0, 0.0]).double(),
            torch.tensor([[1.0, 2.0], [3.0, 4.0]]).double(),
            torch.tensor([[2.0, 0.0], [0.0, 4.0]]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="What comes out has the shape of what went in, so it can go in again.",
    advice="Three steps: the scores, the weights, the weighted sum. Then add the question.",
)


def check_hop(function: Callable[..., Any]) -> Card:
    """Check `hop(question [d], keys [n, d], values [n, d]) -> [d]`, u + o.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(HOP, function)
