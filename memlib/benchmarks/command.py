"""``memlib bench``: list the benchmarks, or run one and leave its record."""

from pathlib import Path
from typing import Annotated

import typer

from memlib.benchmarks import harness, registry, words
from memlib.benchmarks.idle import Busy
from memlib.benchmarks.process import BenchmarkError
from memlib.ledger import records

TROUBLES = (registry.UnknownBenchmark, Busy, BenchmarkError, records.RecordError, ValueError)


def bench(
    name: Annotated[str, typer.Argument(help="Of the benchmark; without it, all are listed.")] = "",
    threads: Annotated[str, typer.Option(help="Numbers of threads, such as 1,2.")] = "1,2",
    rounds: Annotated[int, typer.Option(help="Turns of each side (default: the benchmark's own).", min=0)] = 0,
    out: Annotated[Path | None, typer.Option(help="The folder for the record (default: results).")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also on a busy machine; the record says so.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace a record of other settings.")] = False,
) -> None:
    """Measure ways to do the same work in turn: times, memory and their ratios, in one run and one record."""
    if not name:
        wide = max(map(len, registry.BENCHMARKS))
        for benchmark in registry.BENCHMARKS.values():
            idle = "on an idle machine" if benchmark.timed else "also beside other work"
            typer.echo(f"{benchmark.name:<{wide}}  {benchmark.title}; {benchmark.minutes}, {idle}")
        return
    try:
        benchmark = registry.get(name)
        counts = [int(one) if one.strip().isdigit() else 0 for one in threads.split(",")]
        if 0 in counts:
            raise ValueError(f"--threads is {threads!r}; expected numbers from 1 up with commas, such as 1,2.")
        count = rounds or benchmark.rounds
        expected = harness.settings(benchmark, counts, count)
        _standing(benchmark.record, expected, out, fresh)
        found = harness.run(benchmark, counts, count, anyway=anyway, say=lambda line: typer.echo(line, err=True))
        record = records.stamp(found)
        for line in words.lines(record):
            typer.echo(line)
        typer.echo(f"\nrecord: {records.save(record, out, replace=True)}")
    except TROUBLES as error:
        typer.echo(f"memlib: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("memlib: interrupted; nothing was recorded.", err=True)
        raise typer.Exit(1) from None


def _standing(name: str, expected: object, out: Path | None, fresh: bool) -> None:
    """Refuse before anything is measured where a record of other settings would be replaced, or none can be written."""
    file = records.writable(out or records.places()[0]) / f"{name}.json"
    if not fresh and file.is_file() and records.read(file)["settings"] != expected:
        raise records.RecordError(
            f"{file} holds a record of other settings. Write to another folder with --out, or replace it with --fresh."
        )
