"""The benchmark of the Differentiable Neural Computer: its sides compute the same losses, update after update."""

import pytest
import torch

from memlib.benchmarks import dnc, registry
from memlib.benchmarks.per_head_dnc import PerHeadDNC
from memlib.models.dnc import DNC, DNCConfig

SMALL = {"slots": 7, "width": 4, "heads": 2, "hidden_size": 6, "length": 3, "batch": 3}


def test_the_sides_compute_the_same_losses_update_after_update(monkeypatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda function: function)
    case = dnc.BENCHMARK.case("steps-9")
    losses, told = {}, {}
    for side in case.sides:
        torch.manual_seed(0)
        work = side.make({**case.settings_of(side.name), **SMALL})
        losses[side.name] = [work.call().item() for _ in range(4)]
        told[side.name] = work.describe(None)
    assert losses["eager"] == pytest.approx(losses["per-head"], rel=1e-4)
    assert losses["compiled"] == losses["eager"]
    assert len(set(losses["eager"])) == 4
    assert told["compiled"]["compiled"] == "yes"
    assert {one["weights"] for one in told.values()} == {told["eager"]["weights"]}


def test_part_by_part_is_the_same_machine_outputs_and_gradients() -> None:
    torch.manual_seed(0)
    model = DNC(DNCConfig(4, 3, slots=6, width=5, heads=3, hidden_size=7)).double()
    other = PerHeadDNC(model.float()).double()
    model = model.double()
    inputs = torch.randn(2, 8, 4, dtype=torch.float64)
    ours, theirs = model(inputs)[0], other(inputs)
    torch.testing.assert_close(theirs, ours, rtol=1e-10, atol=1e-10)
    ours.square().sum().backward()
    theirs.square().sum().backward()
    torch.testing.assert_close(other.write.weight.grad, model.interface.weight.grad[20:25], rtol=1e-9, atol=1e-10)
    torch.testing.assert_close(other.heads[1].key.weight.grad, model.interface.weight.grad[5:10], rtol=1e-9, atol=1e-10)


def test_the_cases_have_the_steps_that_they_name() -> None:
    assert registry.get("dnc") is dnc.BENCHMARK
    for steps, length in dnc.LENGTHS.items():
        task = dnc.Copy(lengths=(length, length))
        assert task.draw(1, torch.Generator().manual_seed(1)).inputs.shape[1] == steps
