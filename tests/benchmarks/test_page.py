"""The Speed page says what the records say, or that there is none."""

import copy
import warnings

import pytest
from docutils import nodes

from memlib.benchmarks import harness, registry
from memlib.ledger import records
from tests.benchmarks import tiny
from tests.book import small_book  # noqa: F401  (puts the book's extensions on the path)

page = pytest.importorskip("benchmarks_page", reason="the book's packages are not here.")
CASES = ("both", "memory")


def row(case: str, side: str, threads: int, seconds: float) -> dict:
    found = {
        "side": side,
        "title": side.capitalize(),
        "threads": threads,
        "before": 300_000_000,
        "peak": 350_000_000,
        "added": 50_000_000,
        "kept": 2_000_000,
        "working": 48_000_000,
        "about": {"weights": "1,234"},
    }
    if case == "both":
        turns = [seconds, seconds, 2 * seconds]
        ratio = seconds / (0.02 * threads)
        found["seconds"] = {**harness.spread(turns), "turns": turns}
        found["ratio"] = {"median": ratio, "least": ratio, "most": ratio}
    return found


@pytest.fixture
def record() -> dict:
    both = [row("both", side, n, n * s) for n in (1, 2) for side, s in (("slow", 0.02), ("fast", 0.004))]
    memory = [row("memory", side, 1, 0.0) for side in ("small", "large")]
    cases = [
        {"name": "both", "title": "Both", "reference": "slow", "rows": both},
        {"name": "memory", "title": "Memory", "reference": "small", "rows": memory},
    ]
    made = {
        "name": "bench.tiny",
        "benchmark": "tiny",
        "settings": harness.settings(tiny.BENCHMARK, [1, 2], 3),
        "cases": cases,
        "goals": [harness.reached(goal, cases) for goal in tiny.BENCHMARK.goals[:2]],
        "load_average": 0.25,
        "busy": False,
        "system": "linux",
        "wall_time_s": 12.0,
    }
    return records.stamp(made)


def test_without_a_record_it_gives_the_command() -> None:
    told = page.section(tiny.BENCHMARK, None).astext()
    assert "Not run yet. To run it: memlib bench tiny" in told


def test_the_figures_are_the_records(record) -> None:
    made = page.section(tiny.BENCHMARK, record)
    told = made.astext()
    assert "Reached: slow takes longer: 5.00 with 1 thread, 5.00 with 2 threads" in told
    assert "Missed: fast takes longer: 0.20 with 1 thread" in told
    assert "load average 0.25" in told
    first, second = made.findall(nodes.table)
    heads = [cell.astext() for cell in next(first.findall(nodes.thead)).findall(nodes.entry)]
    assert heads == ["Side", "1 thread", "2 threads", "Memory", "More"]
    cells = [cell.astext() for cell in next(first.findall(nodes.tbody)).findall(nodes.entry)]
    assert cells[5:] == [
        "Fast",
        "4.00 ms (4.00 ms to 8.00 ms)\n\n0.20 times the reference",
        "8.00 ms (8.00 ms to 16.0 ms)\n\n0.20 times the reference",
        "50 MB more, 2.0 MB of it the result\n\n350 MB in all",
        "weights: 1,234",
    ]
    assert [cell.astext() for cell in next(second.findall(nodes.thead)).findall(nodes.entry)][1] == "Memory"


def test_a_busy_record_says_so(record) -> None:
    told = page.section(tiny.BENCHMARK, {**record, "busy": True}).astext()
    assert "do not trust these times" in told


def test_a_record_of_other_settings_is_not_shown(record) -> None:
    other = copy.deepcopy(record)
    other["settings"]["cases"]["both"]["slow"]["repeats"] = 1
    told = page.section(tiny.BENCHMARK, other).astext()
    assert "Out of date." in told
    assert "ms" not in told


def test_records_are_found_and_broken_ones_named(record, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("MEMLIB_RESULTS", str(tmp_path))
    monkeypatch.setattr(registry, "BENCHMARKS", {"tiny": tiny.BENCHMARK})
    assert page.collect() == ({}, [])
    records.save(record)
    found, problems = page.collect()
    assert found == {"tiny": record}
    assert not problems
    assert page.fingerprint(found) != page.fingerprint({})
    (tmp_path / "bench.tiny.json").write_text("{")
    found, problems = page.collect()
    assert not found
    assert "no valid JSON" in problems[0]


def test_what_makes_a_missing_record_is_said(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("MEMLIB_RESULTS", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert records.load("bench.nothing") is None
    assert "memlib bench nothing" in str(caught[0].message)
