"""A run in several sittings leaves the same record as one without a break."""

import json

import pytest
import torch

from memlib.experiments import registry
from memlib.experiments.experiment import Run
from memlib.ledger import curves, records
from memlib.ledger.runs import run
from memlib.ledger.sitting import Sitting
from memlib.training import CheckpointError, Diverged
from memlib.training.interrupts import Stopwatch
from tests.experiments import tiny

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("MEMLIB_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("MEMLIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MEMLIB_RUNS", str(tmp_path / "runs"))
    return tmp_path


@pytest.fixture
def points(monkeypatch):
    experiment = tiny.experiment()
    monkeypatch.setitem(registry.EXPERIMENTS, experiment.name, experiment)
    return experiment


def stopping_after(updates: int, error: type[BaseException] = KeyboardInterrupt):
    """The tiny experiment whose loss raises once, at a later update."""
    left = [updates]

    def build(settings, seed, device) -> Run:
        pieces = tiny.build(settings, seed, device)
        loss = pieces.loss

        def one(model, batch, carry):
            left[0] -= 1
            if left[0] == 0:
                raise error("stop")
            return loss(model, batch, carry)

        pieces.loss = one
        return pieces

    return tiny.experiment(build=build)


def sit(experiment, seeds=(1,), **how):
    return run(experiment, "full", seeds, Sitting(device=CPU, **how))


def what_was_learned(record):
    return {key: record[key] for key in ("figures", "best_validated", "curve", "budget", "settings", "data")}


def test_a_run_leaves_a_record_that_can_be_loaded(points, places):
    (record,) = sit(points)
    assert record["finished"]
    assert records.load("points.perceptron.full.1") == json.loads(json.dumps(record))
    assert record["figures"]["accuracy"] > 80
    assert record["best_validated"] == max(row["accuracy"] for row in record["curve"])
    assert record["budget"] == {"updates": 120, "profile_updates": 120, "full_updates": 120}
    assert record["parameters"] == 4 * 8 + 8 + 8 * 2 + 2
    assert set(record["seconds"]) == {"prepare", "train", "validate", "save", "test", "processor"}
    assert record["hardware"].endswith("CPU cores")
    assert record["sittings"][0]["to"] == 120
    assert not list((places / "results").glob("*.safetensors"))


def test_seeds_differ_and_a_seed_repeats(points, places):
    first, second = sit(points, (1, 2))
    assert first["curve"] != second["curve"]
    (again,) = sit(points, fresh=True)
    assert what_was_learned(again) == what_was_learned(first)


def test_an_interrupted_run_goes_on_to_the_same_numbers(points, places):
    (whole,) = sit(points)
    for path in (places / "results").glob("*"):
        path.unlink()
    with pytest.raises(KeyboardInterrupt):
        sit(stopping_after(37), fresh=True)
    broken = records.load("points.perceptron.full.1")
    assert not broken["finished"]
    assert broken["figures"] is None
    assert broken["stopped"] == "interrupted"
    assert 30 <= broken["budget"]["updates"] <= 37
    (record,) = sit(points)
    assert what_was_learned(record) == what_was_learned(whole)
    assert record["sittings"][1]["from"] == 35
    assert record["seconds"]["train"] >= broken["seconds"]["train"] - 0.01


def test_out_of_time_is_unfinished_and_goes_on(points, monkeypatch):
    (whole,) = sit(points, folder=None)
    looks = iter([False] * 50)
    with monkeypatch.context() as clock:
        clock.setattr(Stopwatch, "over", property(lambda watch: next(looks, True)))
        (record,) = sit(points, minutes=60, fresh=True)
    assert not record["finished"]
    assert record["stopped"] == "out of time"
    assert record["budget"]["updates"] < 120
    (record,) = sit(points)
    assert record["finished"]
    assert what_was_learned(record) == what_was_learned(whole)
    assert len(record["sittings"]) == 2


def test_no_time_for_the_next_seed(points):
    said = []
    assert sit(points, (1, 2), minutes=0, say=said.append) == []
    assert "no time left" in said[0]


def test_a_finished_seed_is_passed_over(points):
    (first,) = sit(points)
    said = []
    (again,) = sit(stopping_after(1, AssertionError), say=said.append)
    assert again == first
    assert "finished before" in said[0]


def test_a_run_gone_wrong_says_so_in_its_record(points):
    with pytest.raises(Diverged):
        sit(stopping_after(12, Diverged))
    assert records.load("points.perceptron.full.1")["stopped"] == "diverged: stop"


def test_checkpoints_of_other_data_are_refused(points):
    with pytest.raises(KeyboardInterrupt):
        sit(stopping_after(20))

    def other(settings, seed, device):
        pieces = tiny.build(settings, seed, device)
        pieces.data["source"] = "other points"
        return pieces

    with pytest.raises(CheckpointError, match="other points"):
        sit(tiny.experiment(build=other))


def test_a_record_of_other_settings_is_refused_with_its_name(points, places, monkeypatch):
    sit(points)
    changed = tiny.experiment(settings={"hidden": 16, "learning_rate": 0.02})
    monkeypatch.setitem(registry.EXPERIMENTS, changed.name, changed)
    with pytest.raises(records.RecordError, match=r"settings\.hidden is 8, the experiment's is 16"):
        records.load("points.perceptron.full.1")
    with pytest.raises(records.RecordError, match=r"settings\.hidden"):
        sit(changed)
    assert sit(changed, fresh=True)[0]["settings"]["hidden"] == 16


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"experiment": "points/percepton"}, "no experiment is called 'points/percepton'"),
        ({"profile": "slow"}, "profile is 'slow'"),
        ({"metric": "loss"}, "metric is 'loss'"),
        ({"data": {}}, "the source is missing"),
        ({"figures": {"loss": 1.0}}, "figures: accuracy is missing"),
        ({"budget": {"updates": 7}}, "finished after 7 of 120"),
        ({"seed": 2}, "name is"),
        ({"finished": ...}, "finished is missing"),
        ({"seconds": ..., "hardware": ...}, "seconds is missing; hardware is missing"),
    ],
)
def test_what_else_a_record_may_contradict(points, change, says):
    (record,) = sit(points)
    records.save({key: value for key, value in {**record, **change}.items() if value is not ...}, replace=True)
    with pytest.raises(records.RecordError, match=says):
        records.load("points.perceptron.full.1")
    with pytest.raises(records.RecordError, match=says):
        sit(points)


def test_nothing_is_trained_for_a_folder_that_cannot_be_written(places):
    (places / "file").write_text("")
    with pytest.raises(records.RecordError, match=r"cannot be written to .*file"):
        sit(stopping_after(1, AssertionError), folder=places / "file")


def test_rows_of_a_curve_go_to_the_log(points):
    rows = []
    sit(points, log=lambda seed, update, row: rows.append((seed, update, row["accuracy"])))
    assert [update for _, update, _ in rows] == list(range(10, 121, 10))
    assert {seed for seed, _, _ in rows} == {1}


def test_a_long_curve_keeps_its_ends_and_its_best():
    curve = [{"update": float(i), "accuracy": 50.0} for i in range(5000)]
    curve[1234]["accuracy"] = 60.0
    curve[77]["accuracy"] = float("nan")
    thin = curves.thin(curve, "accuracy", True)
    assert len(thin) <= 200
    assert (thin[0]["update"], thin[-1]["update"]) == (0, 4999)
    assert {"update": 1234.0, "accuracy": 60.0} in thin
    assert curves.thin(curve[77:78], "accuracy", True) == [{"update": 77.0, "accuracy": None}]
