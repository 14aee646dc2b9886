"""The Fast Weight Memory: its parallel path equals its steps; its options do what they say."""

import pytest
import torch

from memlib.models.fwm import FWM, FWMConfig, FWMState

SMALL = {"vocabulary": 11, "embedding_size": 6, "hidden_size": 7, "memory_size": 4}


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def words(batch: int, steps: int) -> torch.Tensor:
    return torch.randint(0, 11, (batch, steps), generator=torch.Generator().manual_seed(3))


def carried(model: FWM, batch: int) -> FWMState:
    empty = model.initial_state(batch)
    memory = draw(4, *empty.memory.shape)
    memory = memory / memory.flatten(1).norm(dim=1).view(-1, 1, 1, 1) * 0.9
    return FWMState(memory, draw(5, *empty.output.shape).tanh(), draw(6, *empty.cell.shape))


def gradients(model: FWM, logits: torch.Tensor, state: FWMState) -> tuple[torch.Tensor, ...]:
    loss = (logits * draw(8, *logits.shape)).sum() + sum((part * draw(9, *part.shape)).sum() for part in state)
    return torch.autograd.grad(loss, [p for p in model.parameters() if p.requires_grad])


PRESETS = [
    FWMConfig.paper(**SMALL),
    FWMConfig.official(**SMALL),
    FWMConfig.paper(**SMALL, reads=1, squash_entities=False),
    FWMConfig.official(**SMALL, concatenate_keys=True),
]
RAGGED = torch.arange(20) < torch.tensor([20, 13, 0, 1, 19]).unsqueeze(1)
HOLED = RAGGED & (torch.arange(20) % 7 != 3)


@pytest.mark.parametrize("config", PRESETS, ids=["paper", "official", "one read", "concatenated"])
@pytest.mark.parametrize("mask", [None, RAGGED, HOLED], ids=["full", "ragged", "holes"])
def test_the_parallel_path_equals_the_steps(config: FWMConfig, mask: torch.Tensor | None) -> None:
    torch.manual_seed(1)
    model = FWM(config).double()
    tokens, state = words(5, 20), carried(model, 5)
    slow, fast = model.step_by_step(tokens, state, mask), model(tokens, state, mask)
    torch.testing.assert_close(fast, slow, rtol=0, atol=1e-10)
    torch.testing.assert_close(gradients(model, *fast), gradients(model, *slow), rtol=1e-8, atol=1e-9)
