"""Exercise: REINFORCE's estimate of the gradient in the scores, with a baseline, from many draws."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import attention


def _case(name: str, seed: int, *, branches: int, draws: int, baseline: float) -> Case:
    draw = Draw(seed)
    weights = draw.real(branches).softmax(-1)
    taken = torch.multinomial(weights, draws, True, generator=torch.Generator().manual_seed(seed))
    return Case(name, (weights, taken, draw.real(branches)[taken] - 2, baseline))


def _cases() -> list[Case]:
    return [
        _case("six draws", 421, branches=4, draws=6, baseline=-1.5),
        _case("one draw", 422, branches=3, draws=1, baseline=-0.5),
        _case("as many draws as branches", 423, branches=5, draws=5, baseline=-2.0),
        _case("no baseline", 424, branches=3, draws=7, baseline=0.0),
    ]


def _by_gradient(weights: Tensor, taken: Tensor, rewards: Tensor, baseline: float) -> Tensor:
    """By the library's loss and backpropagation to the scores; the scores are the logarithms of the weights."""
    with torch.enable_grad():
        scores = weights.detach().log().requires_grad_()
        rows = scores.softmax(-1).expand(len(taken), -1)
        loss = attention.reinforce_loss(rows, taken, rewards, baseline).mean()
        return -torch.autograd.grad(loss, scores)[0]


def _push(weights: Tensor, taken: Tensor) -> Tensor:
    """[s = j] - α_j, a row for each draw."""
    return torch.eye(len(weights), dtype=weights.dtype)[taken] - weights


def _mean(weights: Tensor, taken: Tensor, gain: Tensor) -> Tensor:
    return (gain[:, None] * _push(weights, taken)).mean(0)


_MISTAKES = (
    Mistake(
        "no-baseline",
        lambda a, s, r, b: _mean(a, s, r),
        "The baseline is not used. The mean over many draws would be right all the same, but it takes many more.",
        "What multiplies the push is R - b.",
    ),
    Mistake(
        "baseline-added",
        lambda a, s, r, b: _mean(a, s, r + b),
        "You added the baseline. It is what was expected; what counts is how much better it went.",
        "R - b.",
    ),
    Mistake(
        "descent",
        lambda a, s, r, b: -_mean(a, s, r - b),
        "The sign is turned: that is the gradient of a loss. Asked for is the gradient of the mean reward, upwards.",
        "A branch that went better than b should get a higher score.",
    ),
    Mistake(
        "only-the-chosen",
        lambda a, s, r, b: ((r - b)[:, None] * torch.eye(len(a), dtype=a.dtype)[s]).mean(0),
        "Only the chosen branch is moved. The scores go through a softmax, so the others move too, each by its weight.",
        "The gradient of log α_s in score j is [s = j] - α_j.",
    ),
    Mistake(
        "in-the-weights",
        lambda a, s, r, b: ((r - b)[:, None] * torch.eye(len(a), dtype=a.dtype)[s] / a[s][:, None]).mean(0),
        "That is the gradient in the weights, [s = j] / α_j. Asked for is that in the scores under the softmax.",
        "The gradient of log α_s in score j is [s = j] - α_j.",
    ),
    Mistake(
        "weighted-again",
        lambda a, s, r, b: _mean(a, s, a[s] * (r - b)),
        "You weighted each draw by α_s once more. Likely branches are drawn more often already.",
        "The mean over the draws is a plain mean.",
    ),
    Mistake(
        "of-the-weight",
        lambda a, s, r, b: ((r - b)[:, None] * a[s][:, None] * _push(a, s)).sum(0),
        "That is the gradient of α_s, not of its logarithm, and a sum.",
        "Draws are made in proportion to α: the logarithm makes up for it.",
    ),
    Mistake(
        "sum",
        lambda a, s, r, b: ((r - b)[:, None] * _push(a, s)).sum(0),
        "You added the draws up. Asked for is their mean, which does not grow with the number of draws.",
        "`.mean(0)`.",
    ),
    Mistake(
        "one-too-few",
        lambda a, s, r, b: ((r - b)[:, None] * _push(a, s)).sum(0) / (len(s) - 1),
        "You divided by one less than the number of draws. That belongs to a variance; this is a mean.",
        "`.mean(0)`.",
    ),
    Mistake(
        "own-mean",
        lambda a, s, r, b: _mean(a, s, r - r.mean()),
        "You took the mean of these rewards for the baseline. It depends on what was drawn, so it is not free of bias; "
        "with one draw nothing is left at all.",
        "The baseline is the argument b.",
    ),
    Mistake(
        "weight-of-the-chosen",
        lambda a, s, r, b: _mean(a, s, r - b) + ((r - b)[:, None] * (a - a[s][:, None])).mean(0),
        "You took the weight of the chosen branch away from every score. Each branch j loses by its own weight.",
        "[s = j] - α_j: the index is j in both.",
    ),
    Mistake(
        "push-turned",
        lambda a, s, r, b: ((r - b)[:, None] * (a - 1) * torch.eye(len(a), dtype=a.dtype)[s]).mean(0),
        "The push of the chosen branch is turned, and the others are not moved.",
        "[s = j] - α_j: 1 - α at the chosen branch, -α at each other.",
    ),
    Mistake(
        "each-draw",
        lambda a, s, r, b: (r - b)[:, None] * _push(a, s),
        "That is a row for each draw. Asked for is the mean over the draws.",
        "`.mean(0)`.",
    ),
)

REINFORCE = Exercise(
    name="reinforce",
    arguments=("weights", "taken", "rewards", "baseline"),
    reference=_by_gradient,
    cases=_cases,
    example=Case(
        "by hand",
        (torch.tensor([0.75, 0.25]).double(), torch.tensor([1]), torch.tensor([-1.0]).double(), -3.0),
    ),
    mistakes=_MISTAKES,
    lesson="One branch is enough to learn from: any baseline leaves the mean right, and decides the noise.",
    advice="For one draw by hand: R - b, times 1 - α at the chosen branch and -α at each other.",
)


def check_reinforce(function: Callable[..., Any]) -> Card:
    """Check `reinforce(weights [n], taken [draws], rewards [draws], baseline) -> [n]`, the mean estimate in the scores.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(REINFORCE, function)
