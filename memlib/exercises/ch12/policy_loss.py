"""Exercise: the loss that makes good actions likelier, with a baseline that it leaves alone."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw


def _case(name: str, seed: int, *, steps: int) -> Case:
    draw = Draw(seed)
    return Case(name, (draw.fraction(steps).log(), draw.real(steps), draw.real(steps)))


def _cases() -> list[Case]:
    return [
        _case("four steps", 1211, steps=4),
        _case("nine steps", 1212, steps=9),
        _case("one step", 1213, steps=1),
    ]


def _reference(log_p: Tensor, returns: Tensor, values: Tensor) -> Tensor:
    gained = torch.dot(returns, log_p) - torch.dot(values, log_p)
    return -gained / len(log_p)


_MISTAKES = (
    Mistake(
        "sign",
        lambda p, r, v: ((r - v) * p).mean(),
        "The sign is turned, before the sum or in the advantage. Gradient descent makes the loss small: with this one "
        "good actions become rare.",
        "Where R is above V the loss must fall as log p rises: -(R - V) log p.",
    ),
    Mistake(
        "no-baseline",
        lambda p, r, v: -(r * p).mean(),
        "The values are not used. The mean gradient is the same without them, but it is far noisier.",
        "The advantage is R - V.",
    ),
    Mistake(
        "values-for-returns",
        lambda p, r, v: -(v * p).mean(),
        "You weigh by what was expected. What was got is missing: nothing can be learned from expectations alone.",
        "The advantage is R - V.",
    ),
    Mistake(
        "added",
        lambda p, r, v: -((r + v) * p).mean(),
        "The values are added. The advantage is what came beyond expectation.",
        "R - V.",
    ),
    Mistake(
        "sum",
        lambda p, r, v: -((r - v) * p).sum(),
        "That is the sum over the steps. Asked for is the mean.",
        "`mean()`.",
    ),
    Mistake(
        "probability",
        lambda p, r, v: -((r - v) * p.exp()).mean(),
        "You weigh the probabilities, not their logarithms. Actions that are taken often would be counted twice: once "
        "as often as they are taken, once by their probability.",
        "The logarithm divides by p, which undoes how often the action is sampled.",
    ),
    Mistake(
        "squared",
        lambda p, r, v: -((r - v).square() * p).mean(),
        "The advantage is squared. Then an action that turned out badly is made likelier as well.",
        "Keep its sign: good or bad is all that the policy learns from.",
    ),
    Mistake(
        "absolute",
        lambda p, r, v: -((r - v).abs() * p).mean(),
        "The advantage has lost its sign. Then an action that turned out badly is made likelier as well.",
        "Keep its sign: good or bad is all that the policy learns from.",
    ),
    Mistake(
        "means-apart",
        lambda p, r, v: -(r - v).mean() * p.mean(),
        "You multiplied two means. Then nothing tells the good steps of an episode from the bad ones.",
        "First the product at each step, then one mean.",
    ),
    Mistake(
        "logarithm-twice",
        lambda p, r, v: -((r - v) * p.log()).mean(),
        "You took the logarithm of log p. It is a logarithm already, below 0, and has none of its own.",
        "Use `log_p` as it comes.",
    ),
    Mistake(
        "clipped",
        lambda p, r, v: -((r - v).clamp(min=0) * p).mean(),
        "Negative advantages are set to 0: bad actions go unpunished.",
        "Let the advantage be negative.",
    ),
    Mistake(
        "value-loss",
        lambda p, r, v: (r - v).square().mean(),
        "That is the loss of the values. The policy does not appear in it.",
        "Weigh log p by the advantage.",
    ),
    Mistake(
        "per-step",
        lambda p, r, v: -(r - v) * p,
        "One number a step. A loss is a single number.",
        "Take the mean at the end.",
    ),
)

POLICY_LOSS = Exercise(
    name="policy_loss",
    arguments=("log_p", "returns", "values"),
    reference=_reference,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([-1.0, -2.0]).double(),
            torch.tensor([3.0, 1.0]).double(),
            torch.tensor([1.0, 2.0]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="The policy learns from surprises, and leaves what is expected to the values.",
    advice="For each step: minus the advantage times log p. Then the mean.",
)


def _gradients(function: Callable[..., Any]) -> Card | None:
    """The card of a function whose value is right, but through which gradients take a wrong way."""
    log_p, returns, values = (item.requires_grad_() for item in _cases()[0].fresh())
    loss = function(log_p, returns, values)
    to_policy, to_values = (
        torch.autograd.grad(loss, item, retain_graph=True, allow_unused=True)[0] if loss.requires_grad else None
        for item in (log_p, values)
    )
    if to_policy is None:
        return Card(
            "policy_loss",
            "wrong",
            "no-gradient",
            "The value is right, but no gradient reaches log p: nothing would be learned.",
            "Detach the advantage, and nothing else. No `.item()`, `.data` or `torch.tensor` around log p.",
        )
    if to_values is not None and bool(to_values.any()):
        return Card(
            "policy_loss",
            "wrong",
            "not-detached",
            "The value is right, but its gradient reaches the values: they would be pushed to make this loss small, "
            "instead of to be right.",
            "`.detach()` the advantage: the policy takes it as a number.",
        )
    return None


def check_policy_loss(function: Callable[..., Any]) -> Card:
    """Check `policy_loss(log_p [T], returns [T], values [T]) -> number`: its value, and where its gradient goes.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    card = check(POLICY_LOSS, function)
    return (_gradients(function) or card) if card.status == "passed" else card
