"""Exercise: what a gradient sees when the state is carried across windows and cut from its past."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw


def _case(name: str, seed: int, *, steps: int, decay: float, window: int) -> Case:
    return Case(name, (decay, Draw(seed).real(steps) + 0.5, window))


def _cases() -> list[Case]:
    return [
        _case("six steps in windows of three", 1331, steps=6, decay=0.8, window=3),
        _case("eleven steps in windows of four", 1332, steps=11, decay=0.9, window=4),
        _case("windows of one step", 1333, steps=5, decay=0.7, window=1),
        _case("one window for all", 1334, steps=5, decay=0.7, window=8),
    ]


def _by_autograd(
    decay: float, inputs: Tensor, window: int, *, carry: bool = True, cut: bool = True, only: slice = slice(None)
) -> float:
    """The derivative of the sum of all states (or some), the state detached at each border."""
    with torch.enable_grad():
        rate = torch.tensor(decay, dtype=inputs.dtype, requires_grad=True)
        state = torch.zeros((), dtype=inputs.dtype)
        states = []
        for step, x in enumerate(inputs):
            if step and step % window == 0:
                state = state if not cut else state.detach()
                state = state if carry else torch.zeros_like(state)
            state = rate * state + x
            states.append(state)
        total = torch.stack(states)[only].sum()
        found = torch.autograd.grad(total, rate)[0]
    return float(found)


def _forwards(
    decay: float,
    inputs: Tensor,
    window: int,
    *,
    border: int = 0,
    borders: slice | None = None,
    cut_after: int | None = None,
    new: bool = False,
    rate: float | None = None,
) -> float:
    """The same, carrying the derivative along with the state, with one thing or another done wrong."""
    state = slope = total = 0.0
    steps = range(len(inputs))
    cuts = {step for step in steps if step % window == border % window} if borders is None else set(steps[borders])
    late = set() if cut_after is None else {step for step in steps if step % window == cut_after % window}
    for step, x in enumerate(inputs.tolist()):
        if step in cuts and not late:
            slope = 0.0
        after = decay * state + x
        slope = (after if new else state) + (decay if rate is None else rate) * slope
        state = after
        if step in late:
            slope = 0.0
        total += slope
    return total


def _state_only(decay: float, inputs: Tensor, window: int) -> float:
    """The state is emptied at each border and its derivative is kept."""
    state = slope = total = 0.0
    for step, x in enumerate(inputs.tolist()):
        state = 0.0 if step % window == 0 else state
        slope, state = state + decay * slope, decay * state + x
        total += slope
    return total


def _last(inputs: Tensor, window: int) -> slice:
    return slice((len(inputs) - 1) // window * window, None)


_MISTAKES = (
    Mistake(
        "not-cut",
        lambda a, x, w: _by_autograd(a, x, len(x)),
        "That is the full gradient, through all windows to the beginning. Nothing was cut.",
        "At each border the state goes on as a number: its derivative starts at 0 again.",
    ),
    Mistake(
        "state-reset",
        lambda a, x, w: _by_autograd(a, x, w, carry=False),
        "The state itself starts at 0 in each window. Then a window knows nothing of the text before it.",
        "Carry the number, cut the derivative: `state = state.detach()`.",
    ),
    Mistake(
        "state-not-derivative",
        _state_only,
        "You emptied the state and kept its derivative: the wrong one of the two.",
        "The number goes on; the derivative starts at 0.",
    ),
    Mistake(
        "cut-each-step",
        lambda a, x, w: _by_autograd(a, x, 1),
        "The state is detached at every step, so that the gradient never sees more than one.",
        "Detach where a window begins: at steps 0, window, 2 · window and so on.",
    ),
    Mistake(
        "border-off-by-one",
        lambda a, x, w: _forwards(a, x, w, border=w - 1),
        "The cut comes one step early: the last step of each window is cut from its own.",
        "A window begins at the steps 0, window, 2 · window, counted from 0.",
    ),
    Mistake(
        "one-border",
        lambda a, x, w: _forwards(a, x, w, borders=slice(w, w + 1)),
        "Only the first border is cut. There is one after every window.",
        "Ask for the remainder: `t % window == 0`.",
    ),
    Mistake(
        "cut-before-the-loss",
        lambda a, x, w: _forwards(a, x, w, cut_after=w - 1),
        "The last state of each window is detached before the loss counts it, so its own gradient is lost.",
        "Count the state in the loss first, or detach at the beginning of the next window.",
    ),
    Mistake(
        "cut-after-the-step",
        lambda a, x, w: _forwards(a, x, w, cut_after=0),
        "You detach after a window's first step, and with the past goes that step's own derivative.",
        "Detach the old state, before the window's first step is taken.",
    ),
    Mistake(
        "factor-forgotten",
        lambda a, x, w: _forwards(a, x, w, rate=1.0),
        "The old derivative goes on without the factor a.",
        "The product rule for a·h_{t-1}: the one term is h_{t-1}, the other a times the derivative of h_{t-1}.",
    ),
    Mistake(
        "state-forgotten",
        lambda a, x, w: 0.0,
        "That is 0: the derivative begins at 0, and you only multiply it by a.",
        "The product rule for a·h_{t-1} has two terms. The other one is h_{t-1}.",
    ),
    Mistake(
        "last-window",
        lambda a, x, w: _by_autograd(a, x, w, only=_last(x, w)),
        "That is the gradient of the last window. The ones before have gradients too.",
        "Add up the gradients of all windows.",
    ),
    Mistake(
        "last-step",
        lambda a, x, w: _by_autograd(a, x, w, only=slice(-1, None)),
        "That is the derivative of the last state. The loss is the sum of all states.",
        "Add up the derivatives of all steps.",
    ),
    Mistake(
        "new-state",
        lambda a, x, w: _forwards(a, x, w, new=True),
        "In the derivative of a·h_{t-1} + x_t you put the new state in the place of the old one.",
        "Compute the derivative before you overwrite the state.",
    ),
    Mistake(
        "mean-of-windows",
        lambda a, x, w: _by_autograd(a, x, w) / -(-len(x) // w),
        "You took the mean over the windows. The loss is a sum over all steps, so the gradients add up.",
        "Add them.",
    ),
    Mistake(
        "mean-of-steps",
        lambda a, x, w: _by_autograd(a, x, w) / len(x),
        "You took the mean over the steps. The loss of this exercise is a sum.",
        "Add them.",
    ),
)

TRUNCATED_GRADIENT = Exercise(
    name="truncated_gradient",
    arguments=("decay", "inputs", "window"),
    reference=_by_autograd,
    cases=_cases,
    example=Case("by hand", (0.5, torch.tensor([4.0, 2.0, 1.0, 2.0]).double(), 2)),
    mistakes=_MISTAKES,
    lesson="What was read windows ago still acts; only the question how it should have been read better is not asked.",
    advice="Beside the state h carry its derivative g: g becomes h + a·g, with the old h, and 0 where a window begins.",
)


def check_truncated_gradient(function: Callable[..., Any]) -> Card:
    """Check `truncated_gradient(decay, inputs [T], window) -> float`, of the sum of all states of a running sum.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(TRUNCATED_GRADIENT, function)
