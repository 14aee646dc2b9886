"""Exercise: how undecided an agent is."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw


def _cases() -> list[Case]:
    draw = Draw(1221)
    return [
        Case("one step", (draw.real(3),)),
        Case("six steps", (2 * draw.real(6, 3),), batch=True),
        Case("as many steps as actions", (2 * draw.real(4, 4),), batch=True),
        Case("a batch of episodes", (draw.real(2, 5, 3),), batch=True),
        Case("an agent that is quite sure", (torch.tensor([0.0, -900.0, 3.0]).double(),)),
    ]


def _log_p(logits: Tensor, axis: int = -1) -> Tensor:
    return logits - logits.logsumexp(axis, keepdim=True)


def _reference(logits: Tensor) -> Tensor:
    """The logarithm of the sum, less the mean logit: no product of 0 and infinity can arise."""
    p = _log_p(logits).exp()
    return logits.logsumexp(-1) - (p * logits).sum(-1)


_MISTAKES = (
    Mistake(
        "sign",
        lambda x: -_reference(x),
        "The sign is turned: an entropy is never below 0, and log p is never above it.",
        "H = -Σ p log p.",
    ),
    Mistake(
        "mean",
        lambda x: _reference(x) / x.shape[-1],
        "You took the mean over the actions. p is a weight already; the weighted terms are added.",
        "`sum(-1)` in the place of `mean(-1)`.",
    ),
    Mistake(
        "all-in-one",
        lambda x: _reference(x).sum(),
        "Everything was added up to one number. Each step has an entropy of its own.",
        "Sum over the last axis only.",
    ),
    Mistake(
        "bits",
        lambda x: _reference(x) / math.log(2),
        "That is the entropy in bits. The loss counts in natural logarithms.",
        "`log`, not `log2`.",
    ),
    Mistake(
        "no-softmax",
        lambda x: -(x.exp() * x).sum(-1),
        "You took exp of the logits for probabilities; they do not add up to 1.",
        "`log_softmax` makes logarithms of probabilities out of logits.",
    ),
    Mistake(
        "logits-for-logs",
        lambda x: -(_log_p(x).exp() * x).sum(-1),
        "The weights are probabilities, but what they weigh are the logits. A logit is a logarithm of p only up to a "
        "constant.",
        "`log_softmax` gives the logarithms.",
    ),
    Mistake(
        "unweighted",
        lambda x: -_log_p(x).sum(-1),
        "The logarithms are added without their weights.",
        "Each log p is weighed by p: an action that is never taken surprises nobody.",
    ),
    Mistake(
        "surest",
        lambda x: -_log_p(x).amax(-1),
        "That is the surprise at the likeliest action. The entropy is the mean surprise, over all actions.",
        "H = -Σ p log p.",
    ),
    Mistake(
        "wrong-axis",
        lambda x: -(_log_p(x, 0).exp() * _log_p(x, 0)).sum(-1),
        "The softmax went over the first axis: probabilities that add up to 1 over the steps, not over the actions.",
        "The actions are the last axis: `-1`.",
    ),
    Mistake(
        "nan",
        lambda x: -(x.softmax(-1) * x.softmax(-1).log()).sum(-1),
        "Right where the agent is undecided. Where it is sure, a probability rounds to 0, its logarithm is minus "
        "infinity, and 0 times infinity is NaN.",
        "`log_softmax` computes the logarithm without ever forming the 0.",
    ),
    Mistake(
        "small-constant",
        lambda x: -(x.softmax(-1) * (x.softmax(-1) + 1e-8).log()).sum(-1),
        "A constant of 1e-8 inside the logarithm keeps NaN away, and makes every entropy a little wrong.",
        "`log_softmax` needs no such constant.",
    ),
)

ENTROPY = Exercise(
    name="entropy",
    arguments=("logits",),
    reference=_reference,
    cases=_cases,
    example=Case("by hand", (torch.tensor([0.0, 0.0]).double(),)),
    mistakes=_MISTAKES,
    lesson="An agent that is rewarded for a little doubt goes on trying, and so finds what it did not look for.",
    advice="First log p = log_softmax(logits), then p = exp(log p), then the sum over the last axis.",
)


def check_entropy(function: Callable[..., Any]) -> Card:
    """Check `entropy(logits [..., actions]) -> [...]`, in natural logarithms.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(ENTROPY, function)
