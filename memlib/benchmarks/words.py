"""A benchmark's record in words: for the terminal and for the book."""

from collections.abc import Mapping
from typing import Any

from memlib.benchmarks.benchmark import Benchmark

ALLOCATOR_NOTE = "glibc's allocator keeps what is freed (MALLOC_MMAP_MAX_, MALLOC_TRIM_THRESHOLD_, MALLOC_TOP_PAD_)"


def seconds(value: float) -> str:
    """A time with three digits: ``14.8 ms``."""
    units = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
    unit, size = next((one for one in units if value >= one[1]), units[-1])
    number = value / size
    return f"{number:.{0 if number >= 100 else 1 if number >= 10 else 2}f} {unit}"


def times(value: float) -> str:
    """A ratio: ``1.67``, ``15.2``."""
    return f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2}f}"


def megabytes(value: int | None) -> str:
    """A size: ``29 MB``; ``not measured`` where there is none."""
    if value is None:
        return "not measured"
    number = value / 1e6
    return f"{number / 1000:.2f} GB" if number >= 1000 else f"{number:.{0 if abs(number) >= 10 else 1}f} MB"


def duration(row: Mapping[str, Any], case: Mapping[str, Any]) -> list[str]:
    """What is to be said of one side's time: the median with its range, the ratio, the multiple of the bound."""
    spread = row["seconds"]
    said = [f"{seconds(spread['median'])} ({seconds(spread['least'])} to {seconds(spread['most'])})"]
    own = row["side"] == case["reference"]
    said.append("the reference" if own else f"{times(row['ratio']['median'])} times the reference")
    if "of_bound" in row and row["side"] != "bound":
        said.append(f"{times(row['of_bound']['median'])} times the bound")
    return said


def memory(row: Mapping[str, Any]) -> list[str]:
    """What is to be said of one side's memory."""
    if row["peak"] is None:
        return [megabytes(None)]
    said = [f"{megabytes(row['added'])} more" + (f", {megabytes(row['kept'])} of it the result" if row["kept"] else "")]
    return [*said, f"{megabytes(row['peak'])} in all"]


def goal(one: Mapping[str, Any]) -> str:
    """A goal and what was measured."""
    ratios = [
        f"{times(found['ratio'])} with {found['threads']} thread{'s' if found['threads'] > 1 else ''}"
        for found in one["measured"]
        if found["ratio"] is not None
    ]
    return f"{one['text']}: " + (", ".join(ratios) if ratios else "not measured")


def verdict(one: Mapping[str, Any]) -> str:
    """``reached``, ``missed`` or ``not measured``."""
    return {True: "reached", False: "missed", None: "not measured"}[one["reached"]]


def setting(record: Mapping[str, Any]) -> str:
    """How it was measured, in a sentence or two."""
    versions, rounds = record["versions"], record["settings"]["rounds"]
    said = (
        f"{record['hardware']}, torch {versions['torch']}, Python {versions['python']}; {record['wall_time_s']:.0f} s. "
    )
    if any("seconds" in row for case in record["cases"] for row in case["rows"]):
        said += f"Median and range of {rounds} turns; "
        load = record["load_average"]
        said += "load average not known. " if load is None else f"load average {load:.2f} at the start. "
    if record["busy"]:
        said += "The machine was busy with something else: do not trust these times. "
    return said + (f"On every side {ALLOCATOR_NOTE}." if record["system"] == "linux" else "")


def stale(benchmark: Benchmark, record: Mapping[str, Any]) -> bool:
    """Whether a record was made with other settings than the benchmark has now."""
    return record["settings"].get("cases") != benchmark.settings()


def lines(record: Mapping[str, Any]) -> list[str]:
    """A record for the terminal."""
    found = [setting(record)]
    for case in record["cases"]:
        found += ["", case["title"]]
        for row in case["rows"]:
            threads = f"{row['threads']} thread{'s' if row['threads'] > 1 else ''}"
            parts = [*(duration(row, case) if "seconds" in row else []), *memory(row)]
            parts += [f"{key} {value}" for key, value in row["about"].items()]
            found.append(f"  {row['title']}, {threads}: " + "; ".join(parts))
    found += [""] if record["goals"] else []
    return found + [f"{verdict(one)}: {goal(one)}" for one in record["goals"]]
