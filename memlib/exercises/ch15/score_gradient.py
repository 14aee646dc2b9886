"""Exercise: what an answer tells the score of each operation."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms.programs import soft_select


def _case(name: str, seed: int, operations: int) -> Case:
    draw = Draw(seed)
    return Case(name, (draw.real(operations), draw.real(operations), draw.real(1)[0]))


def _cases() -> list[Case]:
    return [
        _case("three operations", 1551, 3),
        _case("five operations", 1552, 5),
        _case("two operations", 1553, 2),
    ]


def _gradient(results: Tensor, scores: Tensor, target: Tensor) -> Tensor:
    free = scores.detach().clone().requires_grad_()
    answer = soft_select(results.detach()[:, None], free.softmax(0))[0]
    (gradient,) = torch.autograd.grad(0.5 * (answer - target) ** 2, free)
    return gradient


def _parts(results: Tensor, scores: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    weights = scores.softmax(0)
    return weights, weights @ results, weights @ results - target


def _of_weights(results: Tensor, scores: Tensor, target: Tensor) -> Tensor:
    return _parts(results, scores, target)[2] * results


def _not_centred(results: Tensor, scores: Tensor, target: Tensor) -> Tensor:
    weights, _, error = _parts(results, scores, target)
    return error * weights * results


def _to_target(results: Tensor, scores: Tensor, target: Tensor) -> Tensor:
    weights, _, error = _parts(results, scores, target)
    return error * weights * (results - target)


def _no_weight(results: Tensor, scores: Tensor, target: Tensor) -> Tensor:
    _, answer, error = _parts(results, scores, target)
    return error * (results - answer)


_MISTAKES = (
    Mistake(
        "of-weights",
        _of_weights,
        "This is the slope in the weights. The scores stand behind a softmax: raising one lowers the others' weights.",
        "The slope of weight i in score j is w_i (1 if i = j else 0) - w_i w_j.",
    ),
    Mistake(
        "not-centred",
        _not_centred,
        "The mean is missing: an operation that gives just the average answer has nothing to learn.",
        "Compare each result with the average of all.",
    ),
    Mistake(
        "to-target",
        _to_target,
        "You compared each result with the target. The softmax compares it with the average answer.",
        "Work out the sum over i of f_i times the slope of w_i in score j.",
    ),
    Mistake(
        "no-weight",
        _no_weight,
        "The weight of the operation is missing: what is hardly chosen is hardly heard.",
        "Multiply by w_j.",
    ),
    Mistake(
        "turned",
        lambda f, s, y: -_gradient(f, s, y),
        "The sign is turned: this is the step downhill.",
        "The error is answer minus target.",
    ),
    Mistake(
        "twice",
        lambda f, s, y: 2 * _gradient(f, s, y),
        "Twice too much: the loss is half the squared error.",
        "The derivative of half a square has no factor of 2.",
    ),
    Mistake(
        "no-error",
        lambda f, s, y: _gradient(f, s, y) / _parts(f, s, y)[2],
        "This is the slope of the average answer. The loss comes after it.",
        "Multiply by the slope of the loss in the answer, answer minus target.",
    ),
    Mistake(
        "own-weight-only",
        lambda f, s, y: _parts(f, s, y)[2] * s.softmax(0) * (1 - s.softmax(0)) * f,
        "You took only the slope of a weight in its own score. A score moves the other weights as well.",
        "The slope of weight i in score j is w_i (1 if i = j else 0) - w_i w_j. Add over i.",
    ),
    Mistake(
        "plain-mean",
        lambda f, s, y: _parts(f, s, y)[2] * s.softmax(0) * (f - f.mean()),
        "You compared each result with the plain mean. It is the average under the weights.",
        "Compare with `weights @ results`.",
    ),
)

SCORE_GRADIENT = Exercise(
    name="score_gradient",
    arguments=("results", "scores", "target"),
    reference=_gradient,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([4.0, 0.0]).double(),
            torch.tensor([0.0, 0.0]).double(),
            torch.tensor(1.0).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="An operation of weight near 0 hears next to nothing: a program that decided wrongly stays so.",
    advice="Chain rule: the loss in the answer, the answer in the weights, the weights in the scores.",
)


def check_score_gradient(function: Callable[..., Any]) -> Card:
    """Check `score_gradient(results [n], scores [n], target []) -> [n]`, of half the squared error.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(SCORE_GRADIENT, function)
