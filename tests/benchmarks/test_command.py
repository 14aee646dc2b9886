"""The command ``memlib bench``, and what a record says in words."""

import dataclasses
import json

import pytest
from typer.testing import CliRunner

from memlib import cli
from memlib.benchmarks import harness, idle, registry, words
from tests.benchmarks import tiny

# Two sides, no bound.
SMALL = dataclasses.replace(
    tiny.BENCHMARK,
    cases=(dataclasses.replace(tiny.BENCHMARK.cases[0], bound=()),),
    goals=tiny.BENCHMARK.goals[:2],
)


def call(*args: str):
    return CliRunner().invoke(cli.app, ["bench", *args])


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("MEMLIB_RESULTS", str(tmp_path))
    monkeypatch.setitem(registry.BENCHMARKS, "tiny", SMALL)
    monkeypatch.setattr(idle, "load", lambda: 0.0)
    return tmp_path


def test_without_a_name_they_are_listed() -> None:
    shown = call().output
    assert all(name in shown for name in registry.BENCHMARKS)


def test_a_run_leaves_a_record(places) -> None:
    done = call("tiny", "--threads", "1", "--rounds", "1")
    assert done.exit_code == 0, done.output
    record = json.loads((places / "bench.tiny.json").read_text())
    assert record["finished"]
    assert record["load_average"] == 0.0
    assert record["settings"] == harness.settings(SMALL, [1], 1)
    assert {"versions", "hardware", "commit"} <= set(record)
    assert not words.stale(SMALL, record)
    assert "reached: slow takes longer" in done.output
    assert "missed: fast takes longer" in done.output
    again = call("tiny", "--threads", "1", "--rounds", "2")
    assert again.exit_code == 1
    assert "--fresh" in again.output
    record["settings"]["cases"]["both"]["fast"]["repeats"] = 21
    assert words.stale(SMALL, record)


@pytest.mark.parametrize(
    ("args", "said"),
    [(("tinny",), "no benchmark is called 'tinny'"), (("tiny", "--threads", "1,x"), "expected numbers from 1 up")],
)
def test_bad_arguments_are_explained(args, said: str) -> None:
    done = call(*args)
    assert done.exit_code == 1
    assert said in done.output


def test_nothing_is_measured_for_a_folder_that_cannot_be_written(places, monkeypatch) -> None:
    monkeypatch.setattr(harness, "run", lambda *_, **__: pytest.fail("it was measured"))
    (places / "file").write_text("")
    done = call("tiny", "--out", str(places / "file"))
    assert done.exit_code == 1
    assert "records cannot be written to" in done.output


def test_a_busy_machine_is_refused_and_nothing_recorded(places, monkeypatch) -> None:
    monkeypatch.setattr(idle, "load", lambda: 100.0)
    monkeypatch.setattr(idle.os, "cpu_count", lambda: 4)
    done = call("tiny")
    assert done.exit_code == 1
    assert "load average is 100.00, above 0.5 times its 4 cores" in done.output
    assert not list(places.iterdir())


@pytest.mark.parametrize(
    ("value", "said"), [(2.5, "2.50 s"), (0.0148, "14.8 ms"), (0.2, "200 ms"), (3e-6, "3.00 µs"), (1e-8, "0.01 µs")]
)
def test_times_in_words(value: float, said: str) -> None:
    assert words.seconds(value) == said


def test_sizes_in_words() -> None:
    found = [words.megabytes(size) for size in (None, 300_000, 29_400_000, 16_500_000_000)]
    assert found == ["not measured", "0.3 MB", "29 MB", "16.50 GB"]
