"""The parallel form of the Fast Weight Memory equals the step-by-step form: outputs, state, gradients."""

import pytest
import torch

from memlib.kernels import fast_weights as kernel
from memlib.mechanisms.fast_weights import bound_norm, chained_read, tensor_write


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def inputs(batch: int, steps: int, d: int, e: int, rounds: int, size: float) -> list[torch.Tensor]:
    """Memory, keys, value, strength, query, entities; ``size`` decides whether writes exceed the norm."""
    return [
        (draw(1, batch, d, e, d) * size / d**1.5).requires_grad_(),
        (draw(2, batch, steps, d) * size).tanh().requires_grad_(),
        (draw(3, batch, steps, e) * size).tanh().requires_grad_(),
        (draw(4, batch, steps, d) * size).tanh().requires_grad_(),
        (draw(5, batch, steps, 1).sigmoid() / d).requires_grad_(),
        draw(6, batch, steps, d).requires_grad_(),
        draw(7, batch, steps, rounds, e).tanh().requires_grad_(),
    ]


def step_by_step(memory, key1, key2, value, strength, query, entities, mask=None):
    outputs, norms = [], []
    for t in range(key1.shape[1]):
        new = tensor_write(memory, key1[:, t], key2[:, t], value[:, t], strength[:, t])
        norms.append(new.flatten(1).norm(dim=1))
        new = bound_norm(new)
        memory = new if mask is None else torch.where(mask[:, t].view(-1, 1, 1, 1), new, memory)
        outputs.append(chained_read(memory, query[:, t], entities[:, t]))
    return torch.stack(outputs, 1), memory, torch.stack(norms, 1)


def gradients(given, outputs, memory):
    loss = (outputs * draw(8, *outputs.shape)).sum() + (memory * draw(9, *memory.shape)).sum()
    return torch.autograd.grad(loss, given)


def padding(batch: int, steps: int) -> torch.Tensor:
    """A full row, one that ends early, one that never starts, one with a hole."""
    mask = torch.ones(batch, steps, dtype=torch.bool)
    mask[1, steps // 3 :] = False
    mask[2] = False
    mask[3, steps // 4 : steps // 2] = False
    return mask


@pytest.mark.parametrize(("size", "exceeds"), [(0.2, "never"), (1.0, "sometimes"), (3.0, "often")])
@pytest.mark.parametrize("masked", [False, True])
def test_equal_to_the_steps(size: float, exceeds: str, masked: bool) -> None:
    given = inputs(4, 24, 5, 3, 3, size)
    mask = padding(4, 24) if masked else None
    outputs, memory, norms = step_by_step(*given, mask=mask)
    above = (norms > 1).double().mean().item()
    assert {"never": above == 0, "sometimes": 0.02 < above < 0.5, "often": above > 0.5}[exceeds], above
    fast = kernel.fast_weights(*given, mask=mask)
    torch.testing.assert_close(fast, (outputs, memory), rtol=0, atol=1e-10)
    torch.testing.assert_close(
        gradients(given, *fast), gradients(given, outputs, memory), rtol=1e-8, atol=1e-9 * max(1.0, size)
    )
