"""The command line: ``memlib doctor``, ``memlib data``, ``memlib run``."""

from pathlib import Path
from typing import Annotated

import typer

import memlib
from memlib import doctor as doctor_module
from memlib.data import DATASETS, DataError, fetch, find, lookup
from memlib.experiments import holographic_babi_grid
from memlib.ledger import records

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Neural memory mechanisms: check the installation, fetch data sets, run experiments.",
)

# Experiment -> (what runs it, its settings, its quick settings).
EXPERIMENTS = {
    holographic_babi_grid.NAME: (
        holographic_babi_grid.run,
        holographic_babi_grid.Settings,
        holographic_babi_grid.Settings.quick,
    )
}


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


@app.command()
def run(
    name: Annotated[str, typer.Argument(help=f"Of the experiment: {', '.join(EXPERIMENTS)}.")],
    quick: Annotated[bool, typer.Option("--quick", help="A few points, in seconds; saved only with --out.")] = False,
    out: Annotated[Path | None, typer.Option(help="The folder for the record (default: results).")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a record of other settings.")] = False,
) -> None:
    """Run an experiment and save its record."""
    if name not in EXPERIMENTS:
        raise _fail(f"no experiment is called {name!r}; there are: {', '.join(EXPERIMENTS)}.")
    start, full, small = EXPERIMENTS[name]
    try:
        record = records.stamp(start(small() if quick else full(), lambda line: typer.echo(line, err=True)))
        typer.echo(f"data: {record['data']['source']}; {record['wall_time_s']} s")
        for task in record["settings"]["tasks"]:
            typer.echo(f"\ntask {task}: mean accuracy over {len(record['seeds'])} seeds")
            for row in holographic_babi_grid.lines(record, task):
                typer.echo(row)
        if quick and out is None:
            return
        typer.echo(f"\nrecord: {records.save(record, out, replace=replace)}")
    except (DataError, records.RecordError, ValueError) as error:
        raise _fail(error) from None
    except KeyboardInterrupt:
        raise _fail("interrupted; nothing was saved.") from None


def main() -> None:
    """The entry point of the command ``memlib``."""
    app()


if __name__ == "__main__":
    main()
