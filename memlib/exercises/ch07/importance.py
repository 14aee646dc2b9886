"""Exercise: what a sentence is worth, found by leaving it out."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms.memory_network import answer_scores, match, respond


def _case(name: str, seed: int, sentences: int, width: int, words: int) -> Case:
    draw = Draw(seed)
    return Case(
        name, (draw.real(width), draw.real(sentences, width), 2 * draw.real(sentences, width), draw.real(words, width))
    )


def _cases() -> list[Case]:
    return [
        _case("four sentences", 741, 4, 3, 5),
        _case("seven sentences", 742, 7, 4, 3),
        _case("two sentences", 743, 2, 5, 6),
        _case("ten sentences", 744, 10, 6, 8),
    ]


def _shares(question: Tensor, weights: Tensor, values: Tensor, table: Tensor) -> Tensor:
    return answer_scores(question, respond(weights, values), table).softmax(-1)


def _without(question: Tensor, keys: Tensor, values: Tensor, table: Tensor) -> Tensor:
    """The shares of the words without each sentence, [n, words]."""
    kept = ~torch.eye(len(keys), dtype=torch.bool)
    return _shares(question, match(question, keys, kept), values, table)


def _importance(question: Tensor, keys: Tensor, values: Tensor, table: Tensor) -> Tensor:
    whole = _shares(question, match(question, keys), values, table)
    return whole.max() - _without(question, keys, values, table)[:, whole.argmax()]


def _not_shared_out(question: Tensor, keys: Tensor, values: Tensor, table: Tensor) -> Tensor:
    weights = match(question, keys)
    whole = _shares(question, weights, values, table)
    kept = 1 - torch.eye(len(keys), dtype=keys.dtype)
    return whole.max() - _shares(question, weights * kept, values, table)[:, whole.argmax()]


def _key_to_zero(question: Tensor, keys: Tensor, values: Tensor, table: Tensor) -> Tensor:
    whole = _shares(question, match(question, keys), values, table)
    kept = 1 - torch.eye(len(keys), dtype=keys.dtype)
    emptied = kept[:, :, None] * keys
    return whole.max() - _shares(question, match(question, emptied), values, table)[:, whole.argmax()]


def _both_to_zero(question: Tensor, keys: Tensor, values: Tensor, table: Tensor) -> Tensor:
    whole = _shares(question, match(question, keys), values, table)
    kept = 1 - torch.eye(len(keys), dtype=keys.dtype)
    weights = match(question, kept[:, :, None] * keys)
    return whole.max() - _shares(question, weights * kept, values, table)[:, whole.argmax()]


def _of_scores(question: Tensor, keys: Tensor, values: Tensor, table: Tensor) -> Tensor:
    kept = ~torch.eye(len(keys), dtype=torch.bool)
    whole = answer_scores(question, respond(match(question, keys), values), table)
    without = answer_scores(question, respond(match(question, keys, kept), values), table)
    return whole.max() - without[:, whole.argmax()]


def _of_response(question: Tensor, keys: Tensor, values: Tensor, table: Tensor) -> Tensor:
    return _importance(question, keys, values, table) * 0 + match(question, keys)


def _question_left_out(question: Tensor, keys: Tensor, values: Tensor, table: Tensor) -> Tensor:
    nothing = torch.zeros_like(question)
    kept = ~torch.eye(len(keys), dtype=torch.bool)
    whole = _shares(nothing, match(question, keys), values, table)
    return whole.max() - _shares(nothing, match(question, keys, kept), values, table)[:, whole.argmax()]


_MISTAKES = (
    Mistake(
        "weights",
        _of_response,
        "Those are the weights. They say where the network looked, and the question is what the look was worth.",
        "Compute the answer again without sentence i.",
    ),
    Mistake(
        "not-shared-out",
        _not_shared_out,
        "You set the weight to 0 and left the others as they were. Without the sentence the softmax runs over the "
        "others, and their weights add up to 1.",
        "Take the sentence away before the softmax.",
    ),
    Mistake(
        "key-to-zero",
        _key_to_zero,
        "You set the key to 0. Its score is then 0, not minus infinity: the sentence still takes part in the "
        "softmax, and is still read.",
        "Take the row out of keys and values.",
    ),
    Mistake(
        "both-to-zero",
        _both_to_zero,
        "You set key and value to 0. A key of zeros has the score 0, not minus infinity: the sentence still takes its "
        "share of the weights away from the others.",
        "Take the row out of keys and values.",
    ),
    Mistake(
        "scores",
        _of_scores,
        "You compared the scores of the word. Asked for is its probability, after the softmax over the words.",
        "`.softmax(0)` of the scores, then the entry of the word.",
    ),
    Mistake(
        "size",
        lambda u, m, c, w: _importance(u, m, c, w).abs(),
        "You took the size of the change. Where the probability rises without a sentence, the sentence did harm: the "
        "result is negative there.",
        "No absolute value.",
    ),
    Mistake(
        "best-of-each",
        lambda u, m, c, w: _shares(u, match(u, m), c, w).max() - _without(u, m, c, w).amax(-1),
        "You compared the largest probabilities. Without the sentence another word may be the largest.",
        "Follow one word, the answer of the whole story.",
    ),
    Mistake(
        "turned",
        lambda u, m, c, w: -_importance(u, m, c, w),
        "The difference is turned: a sentence that the answer needs must come out positive.",
        "The whole story first, then less the story without it.",
    ),
    Mistake(
        "without-only",
        lambda u, m, c, w: _shares(u, match(u, m), c, w).max() - _importance(u, m, c, w),
        "Those are the probabilities without each sentence. How far did they fall?",
        "Take them away from the probability with the whole story.",
    ),
    Mistake(
        "question-left-out",
        _question_left_out,
        "The answer is W (o + u); the question is missing.",
        "Add u to the response.",
    ),
)

IMPORTANCE = Exercise(
    name="importance",
    arguments=("question", "keys", "values", "table"),
    reference=_importance,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([0.0, 0.0]).double(),
            torch.tensor([[1.0, 2.0], [3.0, 4.0]]).double(),
            torch.tensor([[2.0, 0.0], [0.0, 1.0]]).double(),
            torch.tensor([[1.0, 0.0], [0.0, 1.0]]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="Importance is an experiment: change one thing, and look at the outcome. A weight is no experiment.",
    advice="Write a function for the probabilities of any set of sentences, and call it n + 1 times.",
)


def check_importance(function: Callable[..., Any]) -> Card:
    """Check `importance(question [d], keys [n, d], values [n, d], table [words, d]) -> [n]`, by leaving sentences out.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(IMPORTANCE, function)
