"""Chapter 13, the exercise on truncated gradients: right and wrong answers."""

import torch

from memlib.exercises import ch13
from tests.exercises.answers import Answers


def truncated_gradient(decay, inputs, window):
    total = 0.0
    for last in range(len(inputs)):
        # The state before step s is a number; from the window's start to `last` its derivative is followed.
        for step in range(last // window * window, last + 1):
            before = sum(decay ** (step - 1 - i) * inputs[i].item() for i in range(step))
            total += decay ** (last - step) * before
    return total


def by_autograd(detach, start=lambda state, step, window: state, keep=lambda states, window: states):
    def answer(decay, inputs, window):
        rate = torch.tensor(decay, dtype=torch.float64, requires_grad=True)
        state, states = torch.zeros(1, dtype=torch.float64), []
        for step in range(len(inputs)):
            if detach(step, window):
                state = start(state.detach(), step, window)
            state = rate * state + inputs[step]
            states.append(state)
        torch.cat(keep(states, window)).sum().backward()
        return rate.grad.item()

    return answer


def detached_after(detach):
    def answer(decay, inputs, window):
        rate = torch.tensor(decay, dtype=torch.float64, requires_grad=True)
        state = loss = torch.zeros((), dtype=torch.float64)
        for step, x in enumerate(inputs):
            state = rate * state + x
            if detach(step, window):
                state = state.detach()
            loss = loss + state
        return torch.autograd.grad(loss, rate)[0].item() if loss.requires_grad else 0.0

    return answer


def slope(rule):
    def answer(decay, inputs, window):
        h = g = total = 0.0
        for t, x in enumerate(inputs.tolist()):
            if t % window == 0:
                g = 0.0
            g = rule(h, g, decay)
            h = decay * h + x
            total += g
        return total

    return answer


def begins(step, window):
    return step % window == 0


def empty(state, step, window):
    return torch.zeros_like(state)


def last_window(states, window):
    kept = len(states) % window or window
    return states[-kept:]


def slope_kept(decay, inputs, window):
    h = g = total = 0.0
    for t in range(len(inputs)):
        if t % window == 0:
            h = 0.0
        g = h + decay * g
        h = decay * h + inputs[t].item()
        total += g
    return total


def state_first(decay, inputs, window):
    h = g = total = 0.0
    for t in range(len(inputs)):
        if t % window == 0:
            g = 0.0
        h = decay * h + inputs[t].item()
        g = h + decay * g
        total += g
    return total


def mean_of_windows(decay, inputs, window):
    windows = len(range(0, len(inputs), window))
    return truncated_gradient(decay, inputs, window) / windows


def in_place(decay, inputs, window):
    answer = truncated_gradient(decay, inputs, window)
    for t in range(1, len(inputs)):
        inputs[t] += decay * inputs[t - 1]
    return answer


TRUNCATED_GRADIENT = Answers(
    ch13.check_truncated_gradient,
    truncated_gradient,
    (
        ("not-cut", by_autograd(lambda step, window: False)),
        ("state-reset", by_autograd(begins, empty)),
        ("state-not-derivative", slope_kept),
        ("cut-each-step", by_autograd(lambda step, window: True)),
        ("border-off-by-one", by_autograd(lambda step, window: (step + 1) % window == 0)),
        ("one-border", by_autograd(lambda step, window: step == window)),
        ("cut-before-the-loss", detached_after(lambda step, window: step % window == window - 1)),
        ("cut-after-the-step", detached_after(begins)),
        ("factor-forgotten", slope(lambda h, g, decay: h + g)),
        ("state-forgotten", slope(lambda h, g, decay: decay * g)),
        ("last-window", by_autograd(begins, keep=last_window)),
        ("last-step", by_autograd(begins, keep=lambda states, window: states[-1:])),
        ("new-state", state_first),
        ("mean-of-windows", mean_of_windows),
        ("mean-of-steps", lambda a, x, window: truncated_gradient(a, x, window) / x.numel()),
        ("type", lambda decay, inputs, window: torch.tensor(truncated_gradient(decay, inputs, window))),
        ("wrong-value", lambda decay, inputs, window: 1.0),
        ("exception", lambda decay, inputs, window: inputs.detach().sum().backward()),
    ),
    in_place,
)
