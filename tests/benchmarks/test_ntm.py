"""The benchmark of the Neural Turing Machine: its sides compute the same losses, update after update."""

import pytest
import torch

from memlib.benchmarks import ntm
from memlib.benchmarks.per_head_ntm import Head, PerHeadNTM
from memlib.mechanisms import addressing
from memlib.models.ntm import NTM, NTMConfig

SMALL = {"slots": 7, "width": 4, "hidden_size": 6, "length": 3}


@pytest.mark.parametrize("batch", [1, 3])
def test_the_sides_compute_the_same_losses_update_after_update(batch, monkeypatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda function: function)
    case = ntm.BENCHMARK.case("batch-1")
    losses, told = {}, {}
    for side in case.sides:
        torch.manual_seed(0)
        work = side.make({**case.settings_of(side.name), **SMALL, "batch": batch})
        losses[side.name] = [work.call().item() for _ in range(4)]
        told[side.name] = work.describe(None)
    assert losses["eager"] == pytest.approx(losses["per-head"], rel=1e-4)
    assert losses["compiled"] == losses["eager"]
    assert len(set(losses["eager"])) == 4
    assert told["compiled"]["compiled"] == "yes"
    assert {one["weights"] for one in told.values()} == {told["eager"]["weights"]}


def test_several_heads_of_each_kind_take_over_the_weights() -> None:
    torch.manual_seed(0)
    model = NTM(NTMConfig(4, 3, slots=6, width=5, read_heads=3, write_heads=2, hidden_size=7))
    # The machine is a part of the other, so both turn double, with the same weights.
    other = PerHeadNTM(model).double()
    inputs = torch.randn(2, 5, 4, dtype=torch.float64)
    torch.testing.assert_close(other(inputs), model(inputs)[0], rtol=1e-10, atol=1e-10)


def test_the_row_by_row_shift_is_the_librarys() -> None:
    weights, kernel = torch.rand(9, dtype=torch.float64), torch.rand(5, dtype=torch.float64)
    torch.testing.assert_close(Head.convolve(weights, kernel), addressing.shift(weights, kernel))
