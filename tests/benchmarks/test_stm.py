"""The benchmark of two memories: all sides do the same work, and the bound counts what it says."""

from typing import Any

import pytest
import torch

from memlib.benchmarks import stm
from memlib.benchmarks.laid_out_stm import LaidOutSTM, related
from memlib.benchmarks.products import products
from memlib.mechanisms.outer_product import outer_product_attention
from memlib.models.stm import STM, STMConfig

SMALL = {"size": 5, "relation_size": 4, "read_size": 3, "hidden_sizes": (6, 6)}
TASKS: dict[str, dict[str, Any]] = {
    "priority-sort": {"width": 3, "items": 4, "kept": 2, "spare": 1},
    "nth-farthest": {"vectors": 3, "width": 2},
    "retrieval": {"pairs": 2},
}


@pytest.mark.parametrize("case", stm.BENCHMARK.cases, ids=lambda case: case.name)
def test_the_sides_compute_the_same_losses_update_after_update(case) -> None:
    losses, told = {}, {}
    for side in case.sides:
        torch.manual_seed(0)
        settings = case.settings_of(side.name)
        options = {**settings["options"], **SMALL, "queries": min(3, settings["options"].get("queries", 3))}
        settings |= {"batch": 2, "task_options": TASKS[case.name], "options": options}
        work = side.make(settings)
        losses[side.name] = [work.call().item() for _ in range(4)]
        told[side.name] = work.describe(None)
    assert losses["plain"] == pytest.approx(losses["laid-out"], rel=1e-4)
    assert losses["ours"] == pytest.approx(losses["laid-out"], rel=1e-4)
    assert len(set(losses["ours"])) == 4
    assert len({one["weights"] for one in told.values()}) == 1


@pytest.mark.parametrize("gates", [True, False])
def test_the_laid_out_model_is_the_librarys(gates: bool) -> None:
    torch.manual_seed(0)
    model = STM(STMConfig.official(4, 2, **SMALL, queries=3, gates=gates, blend_start=(0.5, 0.4, 0.3))).double()
    inputs = torch.randn(2, 5, 4, dtype=torch.float64)
    torch.testing.assert_close(LaidOutSTM(model)(inputs), model(inputs)[0], rtol=1e-10, atol=1e-10)


def test_laid_out_attention_is_the_mechanism() -> None:
    q, k, v = torch.randn(3, 2, 4, 5, dtype=torch.float64).unbind(0)
    torch.testing.assert_close(related(q, k, v), outer_product_attention(q, k, v), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("gates", [True, False])
def test_the_bound_counts_three_products_for_every_map(gates: bool) -> None:
    batch, time, scored, d, n = 2, 6, 2, 5, 3
    told = products(stm.products(batch, time, scored, d, n, (4, 7), gates)).describe(None)["floating-point operations"]
    rows = batch * time
    inputs = 2 * rows * 4 * (2 * d + n)
    each_step = rows * (d * d * 3 * n + n * n * d * d + d * n * d) + gates * rows * (2 * d * d + d * d * 2 * d)
    later = rows * (time // 2) * (d * n * n + n * d) + rows * n * d * d
    scores = batch * n * d * time * n * d + 64 * n * 96 * d * d + batch * scored * n * d * d * 64
    output = batch * scored * (64 * 128 + 128 * 128 + 128 * 7)
    assert told == 2 * (inputs + 3 * (each_step + later + scores + output))
