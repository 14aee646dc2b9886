"""Sides take turns in processes of their own; ratios, memory and goals are what was measured."""

import dataclasses
import os
import sys
import time

import pytest

from memlib.benchmarks import harness, idle, memory, worker
from memlib.benchmarks.benchmark import Case, Goal, Side
from memlib.benchmarks.process import BenchmarkError, Process
from tests.benchmarks import faulty, tiny


@pytest.fixture(scope="module")
def result():
    said: list[str] = []
    found = harness.run(tiny.BENCHMARK, (1, 2), 2, anyway=True, say=said.append)
    assert said == ["Both, 1 thread", "Both, 2 threads", "Memory, 2 threads"]
    return found


def rows(result, case):
    return next(one["rows"] for one in result["cases"] if one["name"] == case)


def test_every_side_is_measured_at_every_number_of_threads(result) -> None:
    measured = [(row["side"], row["threads"]) for row in rows(result, "both")]
    assert measured == [(side, n) for n in (1, 2) for side in ("slow", "fast", "bound")]
    assert [(row["side"], row["threads"]) for row in rows(result, "memory")] == [("small", 2), ("large", 2)]
    assert all(len(row["seconds"]["turns"]) == 2 for row in rows(result, "both"))


def test_each_side_has_its_process_its_threads_and_the_same_allocator(result) -> None:
    told = [row for case in ("both", "memory") for row in rows(result, case) if row["side"] != "bound"]
    assert len({row["about"]["process"] for row in told} | {os.getpid()}) == len(told) + 1
    assert all(row["about"]["threads"] == row["threads"] for row in told)
    assert {row["about"]["allocator"] for row in told} == {"0"}


def test_ratios_are_of_the_turns(result) -> None:
    for row in rows(result, "both"):
        reference = next(r for r in rows(result, "both") if r["side"] == "slow" and r["threads"] == row["threads"])
        ratios = [a / b for a, b in zip(row["seconds"]["turns"], reference["seconds"]["turns"], strict=True)]
        assert row["ratio"] == harness.spread(ratios)
        assert row["seconds"]["least"] <= row["seconds"]["median"] <= row["seconds"]["most"]
    assert all(row["ratio"]["median"] == 1 for row in rows(result, "both") if row["side"] == "slow")


@pytest.mark.skipif(not memory.STATUS.exists(), reason="only Linux counts a process's peak from a chosen moment")
def test_memory_is_what_the_work_added(result) -> None:
    small, large = rows(result, "memory")
    assert 20e6 < small["added"] < 60e6
    assert 200e6 < large["added"] < 260e6
    assert large["working"] == large["added"] - 1000
    assert large["peak"] > large["before"] + 190e6


def test_goals_are_judged(result) -> None:
    assert [goal["reached"] for goal in result["goals"]] == [True, False, True, True]
    assert [len(goal["measured"]) for goal in result["goals"]] == [2, 2, 2, 1]
    assert result["goals"][0]["measured"][0]["ratio"] > 4


def test_a_goal_holds_at_every_number_of_threads() -> None:
    def row(side, threads, *turns):
        return {"side": side, "threads": threads, "seconds": {"turns": list(turns)}, "peak": None}

    cases = [{"name": "c", "rows": [row("a", 1, 2, 2, 9), row("b", 1, 1, 1, 1), row("a", 2, 4), row("b", 2, 1)]}]
    for limit, expected in ((4.0, True), (3.9, False)):
        found = harness.reached(Goal("", "c", "a", "b", at_most=limit), cases)
        assert found["measured"] == [{"threads": 1, "ratio": 2.0}, {"threads": 2, "ratio": 4.0}]
        assert found["reached"] is expected
    assert harness.reached(Goal("", "c", "a", "b", at_most=1, quantity="peak"), cases)["reached"] is None


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("differs", r"other gives 2\.0, one gives .* agree to 0\.001"),
        ("raises", r"faulty, raises, raises: .* code 1\. It said last: ValueError: no such thing as a moth"),
        ("dies", r"faulty, dies, dies: .* code 3"),
    ],
)
def test_a_side_that_fails_is_named(case: str, said: str) -> None:
    only = dataclasses.replace(faulty.BENCHMARK, cases=(faulty.BENCHMARK.case(case),))
    with pytest.raises(BenchmarkError, match=said):
        harness.run(only, (1,), 2, anyway=True)


@pytest.mark.parametrize(("once", "calls"), [(0.5, 1), (0.001, 5)])
def test_a_long_call_is_made_once_a_turn(once: float, calls: int) -> None:
    made = []
    seconds = worker.turn(lambda: made.append(time.sleep(0.002)), 1, 0.02, once)
    assert 0.0015 < seconds < 0.5
    assert len(made) == 1 if calls == 1 else len(made) >= calls


def test_no_process_is_left_behind() -> None:
    with Process(tiny.BENCHMARK, "both", "fast", 1, harness.environment(1)) as side:
        assert side.turn(0.01) > 0
    assert side.process.returncode is not None


def test_a_busy_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [idle.busy(x, 2) for x in (0.3, 1.0, 1.1, None)] == [False, False, True, False]
    monkeypatch.setattr(idle, "load", lambda: 1.0 + (os.cpu_count() or 1))
    with pytest.raises(idle.Busy, match=r"busy: its load average is[\s\S]*--anyway"):
        harness.run(tiny.BENCHMARK, (1,), 1)
    monkeypatch.setattr(harness, "_untimed", lambda *given: [])
    untimed = dataclasses.replace(tiny.BENCHMARK, cases=tiny.BENCHMARK.cases[1:], goals=())
    assert harness.run(untimed, (1,), 1)["busy"] is False


def test_where_nothing_tells_the_load_or_the_memory(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.delattr(os, "getloadavg", raising=False)
    assert idle.load() is None
    idle.ask(None)
    monkeypatch.setattr(memory, "STATUS", tmp_path / "none")
    monkeypatch.setitem(sys.modules, "resource", None)
    assert memory.peak() is None
    assert memory.begin() is None


@pytest.mark.parametrize(("threads", "rounds"), [((), 1), ((0,), 1), ((1, 1), 1), ((1,), 0)])
def test_impossible_settings_are_refused(threads, rounds) -> None:
    with pytest.raises(ValueError, match="positive"):
        harness.run(tiny.BENCHMARK, threads, rounds, anyway=True)


def test_cases_and_goals_are_checked() -> None:
    with pytest.raises(ValueError, match="'b' among them"):
        Case("c", "C", (Side("a", "A", tiny.make),), "b")
    with pytest.raises(ValueError, match="one limit"):
        Goal("g", "c", "a", "b", at_most=1, at_least=1)
    with pytest.raises(ValueError, match="no side 'z'"):
        tiny.BENCHMARK.case("both").side("z")
    with pytest.raises(ValueError, match="no case 'z'"):
        tiny.BENCHMARK.case("z")
