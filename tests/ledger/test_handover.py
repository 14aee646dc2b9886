"""A run whose time is over can be tested as it stands, and goes on on another machine from what was handed over."""

import shutil

import pytest

from memlib.ledger import handover, report
from memlib.training import checkpoint
from memlib.training.interrupts import Stopwatch
from tests.ledger.test_runs import places, points, sit, what_was_learned  # noqa: F401


@pytest.fixture
def short(points, monkeypatch):  # noqa: F811
    """Sits down to the run and is out of time after fifty looks at the clock."""

    def one(**how):
        looks = iter([False] * 50)
        with monkeypatch.context() as clock:
            clock.setattr(Stopwatch, "over", property(lambda watch: next(looks, True)))
            (record,) = sit(points, minutes=60, **how)
        return record

    return one


def test_a_run_out_of_time_is_tested_where_that_is_asked_for(points, short):  # noqa: F811
    said = []
    record = short(test_anyway=True, keep_weights=True, say=said.append)
    assert not record["finished"]
    assert record["stopped"] == "out of time"
    assert 0 <= record["figures"]["accuracy"] <= 100
    assert "weights" in record
    assert "on the test data" in said[0]
    assert "stopped after" in said[0]
    verdict = report.entry(points).verdict
    assert verdict.word == "partial"
    assert verdict.reasons[0].startswith("unfinished after")
    assert verdict.ours[0].values == (record["figures"]["accuracy"],)


def test_a_run_out_of_time_before_its_first_validation_has_a_figure_too(points, monkeypatch):  # noqa: F811
    looks = iter([False] * 7)
    with monkeypatch.context() as clock:
        clock.setattr(Stopwatch, "over", property(lambda watch: next(looks, True)))
        (record,) = sit(points, minutes=60, test_anyway=True)
    assert [row["update"] for row in record["curve"]] == [record["budget"]["updates"]]
    assert record["budget"]["updates"] < 10
    assert 0 <= record["figures"]["accuracy"] <= 100
    assert record["best_validated"] == record["curve"][0]["accuracy"]
    (ended,) = sit(points)
    assert ended["finished"]
    assert ended["curve"][0] == record["curve"][0]


def test_another_machine_goes_on_to_the_same_numbers(points, short, tmp_path):  # noqa: F811
    (whole,) = sit(points, folder=tmp_path / "elsewhere")
    shutil.rmtree(tmp_path / "runs")
    short(hand_over=True)
    (offered,) = checkpoint.found(tmp_path / "results" / "unfinished" / whole["name"])
    shutil.rmtree(tmp_path / "runs")
    said = []
    (record,) = sit(points, say=said.append)
    assert "handed over" in said[0]
    assert record["sittings"][1]["from"] == int(offered.name.removeprefix("checkpoint-"))
    assert what_was_learned(record) == what_was_learned(whole)
    assert not offered.exists()


def test_only_a_newer_checkpoint_is_taken_and_only_the_newest_kept(tmp_path):
    place, records = tmp_path / "runs" / "a-run", tmp_path / "results"
    assert handover.offer(place, records) is None
    assert not handover.take(place, records)
    for update in (5, 10):
        checkpoint.save(place, update, {"update": update}, {})
        handover.offer(place, records)
    assert [it.name for it in (records / "unfinished" / "a-run").iterdir()] == ["checkpoint-000000010"]
    assert not handover.take(place, records)
    shutil.rmtree(place / "checkpoint-000000010")
    assert handover.take(place, records)
    assert checkpoint.load(place, {}) == ({"update": 10}, [])


def test_a_fresh_run_forgets_what_was_handed_over(points, short, tmp_path):  # noqa: F811
    short(hand_over=True)
    short(fresh=True)
    assert not list((tmp_path / "results" / "unfinished").iterdir())
