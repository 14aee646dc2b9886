"""The benchmark of the Fast Weight Memory: both sides do the same work, and the bound counts what it says."""

import pytest
import torch

from memlib.benchmarks import fwm
from memlib.benchmarks.products import products


@pytest.mark.parametrize("benchmark", fwm.BENCHMARKS, ids=lambda one: one.name)
def test_the_sides_compute_the_same_losses_update_after_update(benchmark) -> None:
    small = {"batch": 2, "time": 9, "vocabulary": 11, "embedding_size": 6, "hidden_size": 7, "memory_size": 4}
    losses = {}
    for side in benchmark.case("iteration").sides:
        torch.manual_seed(0)
        work = side.make({**benchmark.case("iteration").settings_of(side.name), **small})
        losses[side.name] = [work.call().item() for _ in range(3)]
        assert work.describe(None)["state"] == f"{4**3 + 2 * 7} numbers"
    assert losses["ours"] == pytest.approx(losses["plain"], rel=1e-4)
    assert losses["ours"][2] != losses["ours"][1]  # the weights moved, and the state went on


def test_the_bound_counts_three_products_for_every_layer() -> None:
    told = products(fwm.products(2, 10)).describe(None)["floating-point operations"]
    layers = (256 * 1024, 256 * 1024, 256 * 225, 32 * 256, 256 * 200)
    attention = 2 * 10 * 10 * 32 * (2 + 2 + 1 + 1 + 9 + 18)
    first_memory = 2 * 10 * 32**3 * (4 + 4 + 1)
    assert told == 2 * 20 * 3 * sum(layers) + 2 * (attention + first_memory)
