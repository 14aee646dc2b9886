"""Attention to the recent past equals the matrix that is rebuilt at each step: outputs, state and gradients."""

import pytest
import torch
from torch.autograd import gradcheck

from memlib.kernels.recent_past import recent_past


def draw(seed: int, *shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()


def by_matrices(xs, weight, memory, output, decay, rate, steps, activation):
    """The equations, one row and one entry of the matrix after another."""
    f, rows, memories = getattr(torch, activation), [], []
    for x, a, h in zip(xs, memory, output, strict=True):
        out = []
        for step in x:
            a = torch.stack(
                [torch.stack([decay * a[i, j] + rate * h[i] * h[j] for j in range(len(h))]) for i in range(len(h))]
            )
            drive = weight @ h + step
            h = f(drive)
            for _ in range(steps):
                total = drive + torch.stack([sum(h[i] * a[i, j] for i in range(len(h))) for j in range(len(h))])
                centred = total - total.mean()
                h = f(centred / (centred.square().mean() + 1e-5).sqrt())
            out.append(h)
        rows.append(torch.stack(out))
        memories.append(a)
    return torch.stack(rows), torch.stack(memories)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("steps", [0, 1, 3])
def test_equal_to_the_matrix_form(steps: int, activation: str) -> None:
    given = draw(1, 2, 6, 4), draw(2, 4, 4), draw(3, 2, 4, 4), draw(4, 2, 4)
    settings = 0.9, 0.4, steps, activation
    ours, naive = recent_past(*given, *settings), by_matrices(*given, *settings)
    pulls = [draw(5, 2, 6, 4), draw(6, 2, 4, 4)]
    for a, b in zip(ours, naive, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)
    for used in (slice(0, 2), slice(0, 1), slice(1, 2)):
        a, b = (
            torch.autograd.grad(t[used], given, pulls[used], retain_graph=True, materialize_grads=True)
            for t in (ours, naive)
        )
        for x, y in zip(a, b, strict=True):
            torch.testing.assert_close(x, y, rtol=0, atol=1e-11)


def test_gradcheck() -> None:
    given = draw(1, 2, 4, 3), draw(2, 3, 3), draw(3, 2, 3, 3), draw(4, 2, 3)
    assert gradcheck(lambda *t: recent_past(*t, 0.9, 0.4, 2, "tanh"), given)


def test_a_long_window_carries_its_memory() -> None:
    xs, weight = draw(1, 3, 200, 8) * 1.0, draw(2, 8, 8) * 0.1
    memory, output = torch.zeros(3, 8, 8, dtype=torch.float64), torch.zeros(3, 8, dtype=torch.float64)
    whole, last = recent_past(xs, weight, memory, output, 0.95, 0.5)
    first, memory = recent_past(xs[:, :77], weight, memory, output, 0.95, 0.5)
    second, memory = recent_past(xs[:, 77:], weight, memory, first[:, -1], 0.95, 0.5)
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=0, atol=1e-11)
    torch.testing.assert_close(memory, last, rtol=0, atol=1e-11)


def test_bad_settings_are_explained() -> None:
    with pytest.raises(ValueError, match="an activation of relu, tanh and steps >= 0; got 'gelu'"):
        recent_past(draw(1, 1, 2, 3), draw(2, 3, 3), draw(3, 1, 3, 3), draw(4, 1, 3), 0.9, 0.5, 1, "gelu")
