"""The Fast Weight Memory: its parallel path equals its steps; its options do what they say."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from memlib.models.fwm import FWM, OFFICIAL, FWMConfig, FWMState

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


FIXTURE = Path(__file__).parent / "fixtures" / "fwm_official.safetensors"


def recorded(dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """What the authors' code gave (the repository and the commit stand in the file's header)."""
    return {k: v.to(dtype) if v.is_floating_point() else v for k, v in load_file(FIXTURE).items()}


def starting_with(tensors: dict[str, torch.Tensor], start: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(start): t for name, t in tensors.items() if name.startswith(start)}


@pytest.mark.parametrize("path", ["forward", "step_by_step"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-4)])
def test_the_authors_parameters_give_the_authors_outputs(path: str, dtype: torch.dtype, tolerance: float) -> None:
    theirs = recorded(dtype)
    model = FWM.from_official(starting_with(theirs, "parameters."))
    state, loss, norms = None, torch.zeros((), dtype=dtype), []
    for window in ("0.", "1."):
        their = starting_with(theirs, window)
        logits, state = getattr(model, path)(their["tokens"], state, their["live"])
        loss = loss + (logits * their["weights"]).sum()
        expected = (their["logits"], FWMState(their["memory"], their["output"], their["cell"]))
        torch.testing.assert_close((logits, state), expected, rtol=0, atol=tolerance)
        norms.append(state.memory.flatten(1).norm(dim=1))
    assert torch.cat(norms).amax() > 0.999
    gradients = starting_with(theirs, "gradients.")
    wanted = dict(model.named_parameters())
    ours = torch.autograd.grad(loss, [wanted[name] for name in OFFICIAL.values()])
    for name, gradient in zip(OFFICIAL, ours, strict=True):
        distance = (gradient - gradients[name]).norm() / gradients[name].norm()
        assert distance < tolerance, (name, distance)
