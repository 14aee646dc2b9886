"""The benchmark of adaptive computation time: its sides compute the same loss, one with fewer rows."""

import pytest
import torch

from memlib.benchmarks import act, registry

SMALL = {"width": 6, "hidden_size": 12, "batch": 50, "halting_scale": 12.0}


def test_the_sides_compute_the_same_loss_and_one_computes_fewer_rows() -> None:
    case = act.BENCHMARK.case("batch-128")
    losses, rows = {}, {}
    for side in case.sides:
        torch.manual_seed(0)
        work = side.make({**case.settings_of(side.name), **SMALL})
        losses[side.name] = [work.call().item() for _ in range(3)]
        told = work.describe(None)
        rows[side.name] = int(told["rows computed"].replace(",", ""))
        assert told["weights"] == f"{(6 + 1 + 12 + 1) * 12 + 13 + 13:,}"
    assert losses["saving"] == pytest.approx(losses["wasting"], rel=1e-5)
    # Rate 0: every call does the same work.
    assert len(set(losses["saving"])) == 1
    assert rows["saving"] < 0.7 * rows["wasting"]


def test_it_is_registered() -> None:
    assert registry.get("act") is act.BENCHMARK
