"""The command line: ``memlib doctor``, ``data``, ``list``, ``run``, ``report``, ``bench``."""

import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

import memlib
from memlib import doctor as doctor_module
from memlib.benchmarks.command import bench
from memlib.data import DATASETS, DataError, fetch, find, lookup
from memlib.experiments import registry
from memlib.experiments.experiment import Experiment, Measurement
from memlib.ledger import records, report
from memlib.ledger.agreement import run_name
from memlib.ledger.pretrained import WeightsError, pretrained
from memlib.ledger.runs import run as run_seeds
from memlib.ledger.sitting import Sitting, checkpoints
from memlib.runtime import PROFILES
from memlib.training import CheckpointError, Diverged
from memlib.training.parts import Parts
from memlib.training.tensorboard import tensorboard as curves

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Neural memory mechanisms: check the installation, fetch data sets, run experiments.",
)
Paper = Annotated[str, typer.Option(help="Only this paper, by its key, such as weissenborn2016.")]
PROFILE_HELP = "quick or full (default: MEMLIB_PROFILE, else quick; full for a measurement)."
TROUBLES = (
    *(registry.UnknownExperiment, DataError, records.RecordError, CheckpointError, WeightsError, Diverged),
    *(ValueError, OSError),
)


def _fail(message: object) -> typer.Exit:
    typer.echo(f"memlib: {message}", err=True)
    return typer.Exit(1)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"memlib {memlib.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


@app.command()
def doctor() -> None:
    """Say what is here, what is missing, and what mends it. Exit code 1 when something required is broken."""
    raise typer.Exit(doctor_module.report(typer.echo))


@app.command()
def data(
    name: Annotated[str, typer.Argument(help="Of the data set; without it, all are listed.")] = "",
    to: Annotated[Path | None, typer.Option(help="The folder to put it in (default: the cache).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Fetch again, replacing what was fetched before.")] = False,
) -> None:
    """Fetch a data set, verify and unpack it; or list the data sets."""
    if not name:
        for known, dataset in DATASETS.items():
            typer.echo(f"{known:<10} {dataset.title}\n           {find(known) or 'not here: memlib data ' + known}")
        return
    try:
        dataset = lookup(name)
    except DataError as error:
        raise _fail(f"{error} List them with: memlib data") from None
    try:
        root = fetch(name, to, force=force)
    except DataError as error:
        raise _fail(error) from None
    except KeyboardInterrupt:
        raise _fail("interrupted; the same command goes on from there.") from None
    typer.echo(f"{dataset.title}: {root}\nLicence: {dataset.licence}\nPlease cite: {dataset.cite}")
    if dataset.note:
        typer.echo(f"Note: {dataset.note}")
    if to is not None:
        typer.echo(f"To have it found: export MEMLIB_DATA={to.absolute()}")


@app.command("list")
def list_experiments(paper: Paper = "") -> None:
    """List the experiments: name, row of the list of systems, what it is, and the figure to reach."""
    try:
        chosen = _chosen(paper)
    except registry.UnknownExperiment as error:
        raise _fail(error) from None
    wide = max(len(experiment.name) for experiment in chosen)
    for experiment in chosen:
        figures = ", ".join(map(str, experiment.published)) if isinstance(experiment, Experiment) else ""
        place = f"{experiment.paper} {experiment.where}".strip()
        told = f"{experiment.system}; {place}" + (f": {figures}" if figures else "")
        if isinstance(experiment, Experiment) and experiment.baseline:
            told += f"; beside {experiment.baseline}"
        typer.echo(f"{experiment.name:<{wide}}  {experiment.row:<4} {told}")


@app.command("report")
def report_experiments(
    paper: Paper = "",
    markdown: Annotated[bool, typer.Option("--markdown", help="A table in Markdown.")] = False,
) -> None:
    """Say what the records hold beside what was published, with a verdict for each experiment."""
    try:
        chosen = _chosen(paper)
        for line in (report.markdown if markdown else report.lines)(chosen):
            typer.echo(line)
    except TROUBLES as error:
        raise _fail(error) from None


@app.command()
def run(
    name: Annotated[str, typer.Argument(help="Of the experiment; memlib list shows all names.")],
    profile: Annotated[str, typer.Option(help=PROFILE_HELP)] = "",
    seeds: Annotated[int, typer.Option(help="How many, counted from 1 (default: the experiment's).", min=0)] = 0,
    minutes: Annotated[float, typer.Option(help="Stop after so long, for all seeds together.", min=0)] = math.inf,
    resume: Annotated[bool, typer.Option("--resume/--fresh", help="Go on from checkpoints, or forget them.")] = True,
    device: Annotated[str, typer.Option(help="cpu, cuda or mps (default: the best at hand).")] = "",
    tensorboard: Annotated[Path | None, typer.Option(help="A folder for TensorBoard's curves.")] = None,
    keep_weights: Annotated[bool, typer.Option("--keep-weights", help="Save the best weights beside it.")] = False,
    test_anyway: Annotated[bool, typer.Option("--test-anyway", help="Test even where time ran out.")] = False,
    hand_over: Annotated[bool, typer.Option("--hand-over", help="Keep the checkpoint beside the record.")] = False,
    out: Annotated[Path | None, typer.Option(help="The folder for the records (default: results).")] = None,
) -> None:
    """Run an experiment and leave its records. Stopped at any moment, the same command goes on from there."""
    try:
        experiment = registry.get(name)
        if isinstance(experiment, Measurement):
            given = {
                "--seeds": seeds,
                "--minutes": minutes < math.inf,
                "--device": device,
                "--tensorboard": tensorboard is not None,
                "--keep-weights": keep_weights,
                "--test-anyway": test_anyway,
                "--hand-over": hand_over,
            }
            _refuse(name, [option for option, told in given.items() if told])
            _measure(experiment, profile, out, replace=not resume)
            return
        profile = profile or memlib.profile()
        experiment.settings_of(profile)
        sitting = Sitting(
            minutes=minutes,
            fresh=not resume,
            device=_device(device),
            folder=out,
            log=_log(tensorboard, experiment.name, profile),
            quiet=not sys.stderr.isatty(),
            keep_weights=keep_weights,
            test_anyway=test_anyway,
            hand_over=hand_over,
            say=typer.echo,
        )
        typer.echo(f"{name}, profile {profile}; checkpoints in {checkpoints()}")
        done = run_seeds(experiment, profile, range(1, (seeds or experiment.budgets[profile].seeds) + 1), sitting)
        if any(not record["finished"] for record in done):
            typer.echo("unfinished: the same command goes on from there")
    except TROUBLES as error:
        raise _fail(error) from None
    except KeyboardInterrupt:
        raise _fail("interrupted; what was done is saved, and the same command goes on from there.") from None


app.command()(bench)


def _refuse(name: str, options: list[str]) -> None:
    """A measurement trains nothing: what steers a training is refused rather than passed over."""
    if options:
        raise ValueError(
            f"{name} is a measurement, which trains nothing: {', '.join(options)} cannot be used with it. "
            "Leave out what is named; --profile, --fresh and --out apply."
        )


def _measure(experiment: Measurement, profile: str, out: Path | None, *, replace: bool) -> None:
    """Run a measurement. In full where no profile is asked for; a quick one is saved only where it is told."""
    profile = profile or (memlib.profile() if os.environ.get("MEMLIB_PROFILE") else "full")
    if profile not in PROFILES:
        raise ValueError(f"{experiment.name} has no profile {profile!r}; it has: {', '.join(PROFILES)}.")
    folder = records.writable(out or records.places()[0]) if profile == "full" or out is not None else None
    settings, held = experiment.settings(profile)
    parts = Parts(checkpoints() / f"{experiment.name}.{profile}", held, fresh=replace)
    given: list[Any] = [pretrained(experiment.trained)] if experiment.trained else []
    given += [parts] if experiment.in_parts else []
    record = records.stamp(experiment.measure(settings, lambda line: typer.echo(line, err=True), *given))
    typer.echo(f"data: {record['data']['source']}; {record['wall_time_s']} s")
    for row in experiment.lines(record):
        typer.echo(row)
    if folder is not None:
        typer.echo(f"\nrecord: {records.save(record, folder, replace=replace)}")
    parts.drop()


def _chosen(paper: str) -> list[Experiment | Measurement]:
    return registry.of_paper(paper) if paper else list(registry.EXPERIMENTS.values())


def _device(name: str) -> torch.device | None:
    if not name:
        return None
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()  # "meta" holds nothing to be read
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        first = str(error).splitlines()[0]
        raise ValueError(f"device {name!r} cannot be used here: {first}. Leave --device out, or say cpu.") from None
    return device


def _log(folder: Path | None, name: str, profile: str) -> Callable[[int, int, dict[str, float]], None] | None:
    """One curve for each seed, in a folder of its own; None where TensorBoard is not asked for."""
    if folder is None:
        return None
    writers = {1: curves(folder / run_name(name, profile, 1))}

    def log(seed: int, update: int, row: dict[str, float]) -> None:
        if seed not in writers:
            writers[seed] = curves(folder / run_name(name, profile, seed))
        writers[seed](update, row)

    return log


def main() -> None:
    """The entry point of the command ``memlib``."""
    app()


if __name__ == "__main__":
    main()
