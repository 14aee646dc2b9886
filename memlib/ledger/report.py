"""What the records say, in words: for ``memlib report`` and for the ledger's page."""

import math
import statistics
import warnings
from dataclasses import dataclass
from typing import Any

from memlib.experiments.experiment import Experiment, Measurement, Published
from memlib.ledger import records
from memlib.ledger.effects import effect
from memlib.ledger.records import runs_of
from memlib.ledger.verdict import MEASURED, NOT_RUN, PARTIAL, Verdict, judge


@dataclass(frozen=True)
class Entry:
    """One experiment beside what was published.

    Attributes:
        experiment: its name.
        published: the figures to reach.
        ours: best, median and range over the seeds.
        budget: updates and minutes.
        hardware: in words.
        verdict: the word, and why.
        command: that runs it in full.
    """

    experiment: str
    published: str
    ours: str
    budget: str
    hardware: str
    verdict: Verdict
    command: str


def entry(experiment: Experiment | Measurement) -> Entry:
    """What is to be said of one experiment.

    Raises:
        RecordError: as `runs_of`.
    """
    if isinstance(experiment, Measurement):
        return _measured(experiment)
    verdict = judge(experiment, runs_of(experiment))
    if experiment.baseline:
        return _variant(experiment, verdict)
    return Entry(
        experiment.name,
        _several(experiment, {one: f"{one}{_unit(experiment, one)}" for one in experiment.published}),
        _several(
            experiment,
            {one.published: _ours(one.published, one.values, _unit(experiment, one.published)) for one in verdict.ours},
        ),
        _budget(verdict, experiment),
        "; ".join(dict.fromkeys(one for record in verdict.records for one in _machines(record))),
        verdict,
        experiment.command,
    )


def _measured(experiment: Measurement) -> Entry:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        record = records.load(experiment.name)
    if record is None:
        return Entry(experiment.name, "", "", "", "", Verdict(NOT_RUN), experiment.command)
    seeds = f"{len(record['seeds'])} seeds"
    return Entry(
        experiment.name,
        "",
        f"see results/{experiment.name}.json",
        f"{seeds}, {duration(record['wall_time_s'])}",
        record["hardware"],
        Verdict(MEASURED, (), (), (record,)),
        experiment.command,
    )


def _variant(experiment: Experiment, verdict: Verdict) -> Entry:
    """No figure is to be reached: what the option does, beside the experiment without it."""
    found = effect(experiment)
    return Entry(
        experiment.name,
        "",
        "" if found is None else f"{found} of {experiment.baseline}",
        _budget(verdict, experiment),
        "; ".join(dict.fromkeys(one for record in verdict.records for one in _machines(record))),
        verdict,
        experiment.command,
    )


def _several(experiment: Experiment, texts: dict[Published, str]) -> str:
    """One text for each figure; where there is more than one to reach, each is named."""
    if len(experiment.published) < 2:
        return "".join(texts.values())
    return "; ".join(f"{one.metric}: {text}" for one, text in texts.items())


def _unit(experiment: Experiment, published: Published) -> str:
    """The experiment's unit is that of its metric; other figures are shown without one."""
    return f" {experiment.unit}" if experiment.unit and published.metric == experiment.metric else ""


def _ours(published: Published, values: tuple[float, ...], unit: str) -> str:
    best = max(values) if published.higher_is_better else min(values)
    digits = 1 if published.figure >= 10 else 2
    if len(values) == 1:
        return f"{best:.{digits}f}{unit} (one seed)"
    middle, low, high = (f"{value:.{digits}f}" for value in (statistics.median(values), min(values), max(values)))
    return f"best of {len(values)}: {best:.{digits}f}{unit}; median {middle} ({low} to {high})"


def _budget(verdict: Verdict, experiment: Experiment) -> str:
    if not verdict.records:
        return ""
    done = [record["budget"]["updates"] for record in verdict.records]
    wanted = experiment.budgets["full"].updates
    least, most = min(done), max(done)
    used = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    training = statistics.median(record["seconds"]["train"] for record in verdict.records)
    worked = [record["seconds"]["processor"] for record in verdict.records if "processor" in record["seconds"]]
    busy = f" ({duration(statistics.median(worked))} of one processor)" if len(worked) == len(verdict.records) else ""
    return f"{used} of {wanted:,} updates; training {duration(training)} a seed{busy}"


def _machines(record: dict[str, Any] | Any) -> list[str]:
    return [sitting["hardware"] for sitting in record.get("sittings", [])] or [record["hardware"]]


def duration(seconds: float) -> str:
    """Seconds in words: ``40 s``, ``12 min``, ``3.5 h``."""
    if seconds < 90:
        return f"{max(1, math.ceil(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def lines(experiments: list[Experiment | Measurement]) -> list[str]:
    """A report for a terminal: a few lines for each experiment.

    Raises:
        RecordError: as `runs_of`.
    """
    said = []
    for experiment in experiments:
        one = entry(experiment)
        said.append(f"{one.experiment}  ({experiment.row}, {experiment.paper})  {one.verdict.word}")
        told = {"published": one.published, "ours": one.ours, "budget": one.budget, "hardware": one.hardware}
        told |= {"differs" if one.verdict.word == PARTIAL else "why": "; ".join(one.verdict.reasons)}
        told |= {"command": one.command if one.verdict.word in (NOT_RUN, PARTIAL) else ""}
        said += [f"    {key + ':':<11}{text}" for key, text in told.items() if text]
    return said


def markdown(experiments: list[Experiment | Measurement]) -> list[str]:
    """The same as a table in Markdown.

    Raises:
        RecordError: as `runs_of`.
    """
    heads = ("row", "experiment", "published", "ours", "budget", "hardware", "verdict", "command")
    table = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for experiment in experiments:
        one = entry(experiment)
        cells = (experiment.row, f"`{one.experiment}`", one.published, one.ours, one.budget, one.hardware)
        row = (*cells, str(one.verdict), f"`{one.command}`")
        table.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
    return table
