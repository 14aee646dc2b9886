"""Exercise: what each step of an episode is worth, counted backwards."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw


def _case(name: str, seed: int, *, steps: int, discount: float) -> Case:
    return Case(name, (Draw(seed).real(steps), discount))


def _cases() -> list[Case]:
    return [
        _case("four steps", 1201, steps=4, discount=0.9),
        _case("seven steps", 1202, steps=7, discount=0.5),
        _case("an agent that counts everything in full", 1203, steps=5, discount=1.0),
        _case("an agent that lives in the moment", 1204, steps=5, discount=0.0),
        _case("one step", 1205, steps=1, discount=0.9),
        _case("a long episode with a steep discount", 1206, steps=90, discount=1e-5),
    ]


def _ages(rewards: Tensor) -> Tensor:
    """How much later reward i (column) comes than step t (row)."""
    steps = torch.arange(len(rewards))
    return steps[None, :] - steps[:, None]


def _weighed(rewards: Tensor, discount: float) -> Tensor:
    """Every later reward, weighed by its distance: the definition, as one table."""
    return (discount ** _ages(rewards).clamp(min=0).double()).triu() @ rewards


def _forwards(rewards: Tensor, discount: float) -> Tensor:
    return _weighed(rewards.flip(0), discount).flip(0)


_MISTAKES = (
    Mistake(
        "forwards",
        _forwards,
        "You added up what came before each step. An action cannot change the past: its return is what follows.",
        "Begin at the last step and go backwards.",
    ),
    Mistake(
        "immediate",
        lambda r, d: r,
        "Those are the rewards themselves. A step is also worth what it leads to.",
        "R_t = r_t + discount · R_{t+1}.",
    ),
    Mistake(
        "next-return",
        lambda r, d: torch.cat([_weighed(r, d)[1:], torch.zeros_like(r[:1])]),
        "Each step has the return of the step after it, and the last one has 0.",
        "In a loop: first compute the new return, then write it down.",
    ),
    Mistake(
        "last-forgotten",
        lambda r, d: _weighed(torch.cat([r[:-1], torch.zeros_like(r[:1])]), d),
        "The last reward is missing, in the last return and in all before it.",
        "Begin at the last step itself: its return is its reward.",
    ),
    Mistake(
        "undiscounted",
        lambda r, d: _weighed(r, 1.0),
        "The discount is not used: a reward far away counts as much as one at hand.",
        "Each step back multiplies by the discount once more.",
    ),
    Mistake(
        "own-discounted",
        lambda r, d: d * _weighed(r, d),
        "The step's own reward is discounted too. It comes at once, with the factor 1.",
        "R_t = r_t + discount · R_{t+1}: the discount stands before the second term only.",
    ),
    Mistake(
        "without-own",
        lambda r, d: _weighed(r, d) - r,
        "The step's own reward is missing. r_t follows the action of step t, so it belongs to R_t.",
        "R_t = r_t + discount · R_{t+1}.",
    ),
    Mistake(
        "from-the-start",
        lambda r, d: ((d ** torch.arange(len(r)).double()) * r).flip(0).cumsum(0).flip(0),
        "You discounted from the beginning of the episode. Each step looks forward from where it stands.",
        "The exponent is i - t, not i: the last return is the last reward in full.",
    ),
    Mistake(
        "own-weight",
        lambda r, d: (1 - d) * _weighed(r, d) if d < 1 else _weighed(r, d),
        "You took a running mean, (1 - discount) r_t + discount · R_{t+1}. A return is a sum.",
        "r_t has the factor 1.",
    ),
    Mistake(
        "next-reward-only",
        lambda r, d: r + d * torch.cat([r[1:], torch.zeros_like(r[:1])]),
        "Only the next reward is added. The next *return* is: it holds everything that follows.",
        "Use the R_{t+1} that you have just computed, not r_{t+1}.",
    ),
    Mistake(
        "reversed",
        lambda r, d: _weighed(r, d).flip(0),
        "The right numbers in the wrong order: you went backwards and did not turn the list round again.",
        "Write R_t to position t, or `flip(0)` at the end.",
    ),
    Mistake(
        "first-only",
        lambda r, d: _weighed(r, d)[0],
        "That is the return of the first step. Each step has one.",
        "One number for each step: shape [T].",
    ),
    Mistake(
        "overflow",
        lambda r, d: (
            (r * d ** torch.arange(len(r)).double()).flip(0).cumsum(0).flip(0) / d ** torch.arange(len(r)).double()
        ),
        "Right for a few steps. You discounted from the start and divided it out again; in a long episode the power "
        "becomes 0, and 0 / 0 is NaN.",
        "Go backwards with R_t = r_t + discount · R_{t+1}: nothing is ever divided.",
    ),
)

RETURNS = Exercise(
    name="returns",
    arguments=("rewards", "discount"),
    reference=_weighed,
    cases=_cases,
    example=Case("by hand", (torch.tensor([0.0, 4.0, 8.0]).double(), 0.5)),
    mistakes=_MISTAKES,
    lesson="A return is a memory that fades, run backwards: the decay of chapter 10 with time turned round.",
    advice="Begin at the last step: R_T = r_T. Then R_{T-1} = r_{T-1} + discount · R_T, and so on.",
)


def check_returns(function: Callable[..., Any]) -> Card:
    """Check `returns(rewards [T], discount) -> [T]`, the discounted sum of what follows each step.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(RETURNS, function)
