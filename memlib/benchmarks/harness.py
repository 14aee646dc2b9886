"""Run a benchmark: each side in a process of its own, the sides in turn, medians and ratios.

All sides of a case are started, then take turns: A B A B. While one works the others wait for a line of input. Ratios
are taken turn by turn, so that a machine that slows down slows both sides of a ratio.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from memlib.benchmarks import idle
from memlib.benchmarks.benchmark import BOUND, Benchmark, Case, Goal
from memlib.benchmarks.process import BenchmarkError, Process

# Large fresh allocations cost page faults: with these, glibc keeps what was freed. They are set on every side.
ALLOCATOR = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "100000000000",
    "MALLOC_TOP_PAD_": "67108864",
}
THREADS = (1, 2)
Say = Callable[[str], None]


def run(
    benchmark: Benchmark,
    threads: Sequence[int] = THREADS,
    rounds: int | None = None,
    *,
    anyway: bool = False,
    say: Say = lambda line: None,
) -> dict[str, Any]:
    """Measure everything.

    Args:
        benchmark: which.
        threads: at which numbers of threads times are taken.
        rounds: turns of each side; the benchmark's own number when None.
        anyway: also on a busy machine.
        say: told what goes on.

    Returns:
        A record without its stamp.

    Raises:
        Busy: the machine does something else.
        BenchmarkError: a side failed, or sides that should compute the same do not.
        ValueError: threads or rounds are not positive.
    """
    rounds = benchmark.rounds if rounds is None else rounds
    if not threads or min(threads) < 1 or rounds < 1 or len(set(threads)) < len(threads):
        raise ValueError(f"expected different positive numbers of threads and rounds, got {list(threads)}, {rounds}.")
    load = idle.load()
    if benchmark.timed and not anyway:
        idle.ask(load)
    started, cases = time.monotonic(), []
    for case in benchmark.cases:
        rows: list[dict[str, Any]] = []
        for count in threads if case.timed else (max(threads),):
            say(f"{case.title}, {count} thread{'s' if count > 1 else ''}")
            rows += _timed(benchmark, case, count, rounds) if case.timed else _untimed(benchmark, case, count)
        cases.append({"name": case.name, "title": case.title, "reference": case.reference, "rows": rows})
    return {
        "name": benchmark.record,
        "benchmark": benchmark.name,
        "settings": settings(benchmark, threads, rounds),
        "cases": cases,
        "goals": [reached(goal, cases) for goal in benchmark.goals],
        "load_average": load,
        "busy": benchmark.timed and idle.busy(load),
        "system": sys.platform,
        "wall_time_s": round(time.monotonic() - started, 1),
    }


def settings(benchmark: Benchmark, threads: Sequence[int], rounds: int) -> dict[str, Any]:
    """What a record made so holds as its settings."""
    return {"cases": benchmark.settings(), "threads": list(threads), "rounds": rounds, "allocator": ALLOCATOR}


def environment(threads: int) -> dict[str, str]:
    """The environment of a side's process: the same for every side."""
    return {**os.environ, **ALLOCATOR, "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}


def _timed(benchmark: Benchmark, case: Case, threads: int, rounds: int) -> list[dict[str, Any]]:
    names = [side.name for side in case.sides] + ([BOUND] if case.bound else [])
    with ExitStack() as open_processes:
        sides = {
            name: open_processes.enter_context(Process(benchmark, case.name, name, threads, environment(threads)))
            for name in names
        }
        _agree(case, {name: side.first for name, side in sides.items() if name != BOUND})
        turns: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(rounds):
            for name, side in sides.items():
                turns[name].append(side.turn(benchmark.block_seconds))
        ends = {name: side.end() for name, side in sides.items()}
    rows = []
    for name in names:
        row = {"side": name, "title": case.side(name).title, "threads": threads, **_memory(ends[name])}
        row["seconds"] = {**spread(turns[name]), "turns": turns[name]}
        row["ratio"] = _ratio(turns[name], turns[case.reference])
        if case.bound:
            row["of_bound"] = _ratio(turns[name], turns[BOUND])
        rows.append(row)
    return rows


def _untimed(benchmark: Benchmark, case: Case, threads: int) -> list[dict[str, Any]]:
    rows, firsts = [], {}
    for side in case.sides:
        with Process(benchmark, case.name, side.name, threads, environment(threads)) as process:
            firsts[side.name] = process.first
            rows.append({"side": side.name, "title": side.title, "threads": threads, **_memory(process.end())})
    _agree(case, firsts)
    return rows


def _memory(end: Mapping[str, Any]) -> dict[str, Any]:
    """Bytes: before the work, at the peak, and what the work added, with and without its result."""
    before, peak, kept = end["before"], end["peak"], end["kept"]
    added = None if peak is None or before is None else peak - before
    working = None if added is None else added - kept
    return {"before": before, "peak": peak, "added": added, "kept": kept, "working": working, "about": end["about"]}


def _agree(case: Case, firsts: Mapping[str, float | None]) -> None:
    if case.agree is None:
        return
    wanted = firsts[case.reference]
    for name, got in firsts.items():
        if got is None or wanted is None or not abs(got - wanted) <= case.agree * abs(wanted):
            raise BenchmarkError(
                f"{case.name}: {name} gives {got}, {case.reference} gives {wanted}; they were to agree to {case.agree}."
            )


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, least and most."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    return spread([a / b for a, b in zip(ours, theirs, strict=True)])


def reached(goal: Goal, cases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A goal beside what was measured: the ratio at each number of threads, and whether all of them reach it.

    Args:
        goal: which.
        cases: of a record.
    """
    rows = next(case["rows"] for case in cases if case["name"] == goal.case)
    found = []
    for row in (row for row in rows if row["side"] == goal.side):
        other = next(r for r in rows if r["side"] == goal.than and r["threads"] == row["threads"])
        if goal.quantity == "time":
            value: float | None = _ratio(row["seconds"]["turns"], other["seconds"]["turns"])["median"]
        else:
            here, there = row[goal.quantity], other[goal.quantity]
            value = here / there if here is not None and there else None
        found.append({"threads": row["threads"], "ratio": value})
    known = [one["ratio"] for one in found if one["ratio"] is not None]
    held = all(_within(ratio, goal) for ratio in known) if known else None
    limits = {"at_most": goal.at_most, "at_least": goal.at_least}
    return {"text": goal.text, "quantity": goal.quantity, **limits, "measured": found, "reached": held}


def _within(ratio: float, goal: Goal) -> bool:
    if goal.at_most is not None:
        return ratio <= goal.at_most
    return goal.at_least is not None and ratio >= goal.at_least
