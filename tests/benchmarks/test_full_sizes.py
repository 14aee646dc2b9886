"""Every experiment's full profile can be built and makes two updates, on stand-in data."""

import math
from pathlib import Path

import pytest
import torch

from memlib.benchmarks import am_gru, full_sizes, registry, stand_in
from memlib.data import DataError
from memlib.training import seed_all


@pytest.fixture(scope="module", autouse=True)
def stand_ins(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch, stand_in.placed(tmp_path_factory.mktemp("stand-in")):
        patch.setenv("MEMLIB_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def listed() -> list:
    """One small experiment every day, all others among the long tests."""
    return [
        pytest.param(one, id=one.name, marks=() if one.name == "snli/am-gru-shared" else pytest.mark.long)
        for one in full_sizes.TRAINED
    ]


@pytest.mark.parametrize("experiment", listed())
def test_two_updates_at_full_size(experiment) -> None:
    seed_all(1)
    try:
        run = full_sizes.build(experiment, torch.device("cpu"))
    except DataError as error:
        pytest.fail(f"nothing stands in for its data: let memlib/benchmarks/stand_in.py write a few. {error}")
    before = {name: weight.detach().clone() for name, weight in run.model.named_parameters()}
    losses = full_sizes.updates(run)
    assert len(losses) == 2
    assert all(math.isfinite(loss) for loss in losses)
    moved = [name for name, weight in run.model.named_parameters() if not torch.equal(weight, before[name])]
    assert moved
    assert all(weight.isfinite().all() for weight in run.model.parameters())


def test_the_stand_ins_are_taken_away_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEMLIB_DATA")
    with stand_in.placed(tmp_path):
        assert list(tmp_path.iterdir())
    assert "MEMLIB_DATA" not in __import__("os").environ


def test_fewer_changes_counts_of_data_alone() -> None:
    assert stand_in.fewer({"hidden": 100, "training_pairs": 9000}) == {"hidden": 100, "training_pairs": 300}


@pytest.mark.parametrize("name", ["gru", "torch-gru", "am-gru"])
@pytest.mark.parametrize("case", ["train", "forward"])
def test_the_sides_of_the_am_gru_benchmark_work(name: str, case: str) -> None:
    chosen = am_gru.BENCHMARK.case(case)
    torch.manual_seed(1)
    work = chosen.side(name).make(chosen.settings_of(name))
    told = work.describe(work.call())
    assert told["state of one sequence"] == {"am-gru": "3,888 bytes"}.get(name, "504 bytes")


def test_every_benchmark_finds_its_module_and_sides() -> None:
    for name, benchmark in registry.BENCHMARKS.items():
        assert registry.get(name) is benchmark
        module = __import__(benchmark.module, fromlist=["BENCHMARK"])
        assert benchmark in getattr(module, "BENCHMARKS", (getattr(module, "BENCHMARK", None),))
        for goal in benchmark.goals:
            case = benchmark.case(goal.case)
            assert case.side(goal.side)
            assert case.side(goal.than)
