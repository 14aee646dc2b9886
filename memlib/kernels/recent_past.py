"""Fast weights that attend to the recent past, along a whole window, without building the matrix at each step.

The fast weights before step i, A_i = λ A_(i-1) + η h_i h_iᵀ, are the carried matrix, faded, plus a sum over the
window's own states. To read them is therefore attention to those states, with scores η λ^(i-j) (g·h_j) and no softmax:

    g A_i = λ^(i+1) g A_(-1) + η Σ_(j<=i) λ^(i-j) (g·h_j) h_j.

A window of n steps reads n vectors of length d, not n matrices d x d. The backward pass has the same shape: the
gradient of A_i is a sum over the later steps' (what was asked, the gradient of what was found), and its product with
h_i is attention to the future.

Source: ba2016, Eq. 4
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.kernels.precision import single_under_autocast

EPSILON = 1e-5
ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}


@single_under_autocast
def recent_past(
    xs: Float[Tensor, "batch time d"],
    weight: Float[Tensor, "d d"],
    memory: Float[Tensor, "batch d d"],
    output: Float[Tensor, "batch d"],
    decay: float,
    rate: float,
    steps: int = 1,
    activation: str = "relu",
) -> tuple[Float[Tensor, "batch time d"], Float[Tensor, "batch d d"]]:
    """Run the recurrent network with fast weights along a window.

    Args:
        xs: what the tokens and the bias drive, C x + b, [batch, time, d].
        weight: W, of the slow recurrence, [d, d].
        memory: A before the last step of the window before, [batch, d, d].
        output: h after that step, [batch, d].
        decay: λ.
        rate: η.
        steps: S of the inner loop, at least 0.
        activation: "relu" or "tanh".

    Returns:
        h after each step, [batch, time, d], and A before the last step.

    Raises:
        ValueError: another activation, or steps below 0.
    """
    if activation not in ACTIVATIONS or steps < 0:
        raise ValueError(
            f"recent_past: expected an activation of {', '.join(ACTIVATIONS)} and steps >= 0; got {activation!r} and "
            f"{steps}."
        )
    found: tuple[Tensor, Tensor] = _RecentPast.apply(xs, weight, memory, output, decay, rate, steps, activation)
    return found


def _powers(decay: float, count: int, like: Tensor) -> Tensor:
    """λ^(count - 1), ..., λ, 1."""
    return decay ** torch.arange(count - 1, -1, -1, device=like.device, dtype=like.dtype)


def _attend(query: Tensor, keys: Tensor, values: Tensor, scale: Tensor) -> Tensor:
    """Σ_j scale_j (query·keys_j) values_j: [batch, d] from [batch, n, d] twice and [n]."""
    scores = torch.bmm(keys, query.unsqueeze(-1)) * scale.unsqueeze(-1)
    return torch.bmm(scores.mT, values).squeeze(1)


class _RecentPast(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        xs: Tensor,
        weight: Tensor,
        memory: Tensor,
        output: Tensor,
        decay: float,
        rate: float,
        steps: int,
        activation: str,
    ) -> tuple[Tensor, Tensor]:
        batch, time, size = xs.shape
        f, fade = ACTIVATIONS[activation], _powers(decay, time + 1, xs)
        states = xs.new_empty(batch, time + 1, size)
        asked = xs.new_empty(batch, time, steps + 1, size)
        normal, spread = xs.new_empty(batch, time, steps, size), xs.new_empty(batch, time, steps, 1)
        states[:, 0] = output
        for i in range(time):
            past, scale = states[:, : i + 1], rate * fade[time - i :]
            drive = torch.addmm(xs[:, i], states[:, i], weight.T)
            asked[:, i, 0] = hidden = f(drive)
            for s in range(steps):
                read = torch.baddbmm(
                    _attend(hidden, past, past, scale).unsqueeze(1), hidden.unsqueeze(1), memory, alpha=decay ** (i + 1)
                )
                total = drive + read.squeeze(1)
                variance, mean = torch.var_mean(total, -1, correction=0, keepdim=True)
                spread[:, i, s] = (variance + EPSILON).rsqrt()
                normal[:, i, s] = (total - mean) * spread[:, i, s]
                asked[:, i, s + 1] = hidden = f(normal[:, i, s])
            states[:, i + 1] = hidden
        before = states[:, :-1]
        last = torch.baddbmm(memory, (before * (rate * fade[1:]).unsqueeze(-1)).mT, before, beta=decay**time)
        ctx.save_for_backward(weight, memory, states, asked, normal, spread)
        ctx.settings = decay, rate, steps, activation
        ctx.set_materialize_grads(False)
        return states[:, 1:], last

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, by_output: Tensor | None, by_last: Tensor | None) -> tuple[Tensor | None, ...]:
        weight, memory, states, asked, normal, spread = ctx.saved_tensors
        decay, rate, steps, activation = ctx.settings
        time = asked.shape[1]
        fade = _powers(decay, time + 1, states)
        later = fade.flip(0).repeat_interleave(max(steps, 1))
        by_drive, by_read = torch.empty_like(states[:, 1:]), torch.empty_like(normal)
        carried = torch.zeros_like(states[:, 0])

        def slope(answer: Tensor) -> Tensor:
            return (answer > 0).to(answer.dtype) if activation == "relu" else 1 - answer.square()

        for i in range(time - 1, -1, -1):
            past, scale, here = states[:, : i + 1], rate * fade[time - i :], states[:, i]
            grad = carried if by_output is None else carried + by_output[:, i]
            drive = torch.zeros_like(grad)
            for s in range(steps - 1, -1, -1):
                grad, u = grad * slope(asked[:, i, s + 1]), normal[:, i, s]
                grad = spread[:, i, s] * (grad - grad.mean(-1, keepdim=True) - u * (grad * u).mean(-1, keepdim=True))
                by_read[:, i, s] = grad
                drive = drive + grad
                grad = torch.baddbmm(
                    _attend(grad, past, past, scale).unsqueeze(1), grad.unsqueeze(1), memory.mT, alpha=decay ** (i + 1)
                ).squeeze(1)
            drive = drive + grad * slope(asked[:, i, 0])
            by_drive[:, i] = drive
            carried = drive @ weight
            if steps:
                keys, values = asked[:, i:, :steps].flatten(1, 2), by_read[:, i:].flatten(1, 2)
                scale = rate * later[: keys.shape[1]]
                carried = carried + _attend(here, keys, values, scale) + _attend(here, values, keys, scale)
            if by_last is not None:
                both = torch.bmm(by_last, here.unsqueeze(-1)) + torch.bmm(by_last.mT, here.unsqueeze(-1))
                carried = carried + rate * decay ** (time - 1 - i) * both.squeeze(-1)
        by_weight = by_drive.flatten(0, 1).T @ states[:, :-1].flatten(0, 1)
        by_memory = None
        if ctx.needs_input_grad[2]:
            by_memory = memory.new_zeros(memory.shape) if by_last is None else decay**time * by_last
            if steps:
                keys = asked[:, :, :steps] * (decay * later[:: max(steps, 1)][:time]).view(1, time, 1, 1)
                by_memory = by_memory + keys.flatten(1, 2).mT @ by_read.flatten(1, 2)
        return by_drive, by_weight, by_memory, carried, None, None, None, None
