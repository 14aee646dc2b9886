import json

import pytest

from memlib.experiments.holographic_babi_grid import Settings, run, spread, table


@pytest.fixture
def simulated(monkeypatch, tmp_path):
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path))
    monkeypatch.setenv("MEMLIB_CACHE", str(tmp_path / "cache"))


def test_a_run_without_data_says_that_it_is_simulated(simulated):
    said = []
    record = run(Settings.quick(), said.append)
    assert record["data"]["source"] == "simulated"
    assert record["data"]["files"] == {}
    assert len(record["points"]) == 2 * 3 * 2 * 2
    assert len(said) == 6
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_the_figures_of_a_run(simulated):
    record = run(Settings(tasks=(1,), rules=("add",), dims=(32, 128), copies=(4,), seeds=(0, 1, 2), split_dims=(128,)))
    small, large = record["points"]
    assert "by_moves" not in small
    assert sum(row["questions"] for row in large["by_age"]) == record["data"]["questions"]["1"]
    assert sum(row["questions"] for row in large["by_moves"]) == record["data"]["questions"]["1"]
    assert large["accuracy"]["min"] <= large["accuracy"]["mean"] <= large["accuracy"]["max"]
    assert large["wrong_but_once_true"] <= large["wrong"]
    assert large["wrong"] == pytest.approx(3 * 1000 * (1 - large["accuracy"]["mean"]))
    limits = record["limits"]["1"]
    assert limits["add_without_noise"] == pytest.approx(0.66, abs=0.05)
    assert limits["add_without_noise_by_moves"][0] == {
        "moves": 1, "questions": large["by_moves"][0]["questions"], "mean": 1.0, "min": 1.0, "max": 1.0,
    }  # fmt: skip
    assert [row["dim"] for row in table(record, 1)] == [32, 128]


def test_the_same_run_twice_gives_the_same_points(simulated):
    settings = Settings(tasks=(2,), dims=(16,), copies=(2,), seeds=(0, 1))
    assert run(settings)["points"] == run(settings)["points"]


def test_spread():
    assert spread([0.5, 0.75, 0.25]) == {"mean": 0.5, "min": 0.25, "max": 0.75, "values": [0.5, 0.75, 0.25]}
