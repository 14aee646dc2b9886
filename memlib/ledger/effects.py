"""The effect of one option: the median over seeds of a variant beside that of the experiment it is a variant of."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from memlib.experiments import registry
from memlib.experiments.experiment import Experiment
from memlib.ledger.records import runs_of

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Effect:
    """Two experiments that differ in one option, each over its seeds, at the same budget and on the same data.

    Attributes:
        variant: figures of the variant, one a seed.
        baseline: figures of the other.
        unit: of the figures.
        updates: of each run.
        source: of the data, in words.
    """

    variant: tuple[float, ...]
    baseline: tuple[float, ...]
    unit: str
    updates: int
    source: str

    @property
    def difference(self) -> float:
        """Median of the variant less median of the baseline."""
        return statistics.median(self.variant) - statistics.median(self.baseline)

    @property
    def within_seeds(self) -> bool:
        """Whether the medians are no further apart than the seeds of one of the two."""
        return abs(self.difference) <= max(max(one) - min(one) for one in (self.variant, self.baseline))

    def __str__(self) -> str:
        sides = " against ".join(_side(values) for values in (self.variant, self.baseline))
        unit = {"%": "points"}.get(self.unit, self.unit)
        signed = f"{self.difference:+.1f}".replace("-", "−")
        return f"{signed} {unit}".rstrip() + f": {sides}; {self.updates:,} updates"


def effect(experiment: Experiment) -> Effect | None:
    """What a variant's option does, from the records; None where none are comparable yet.

    Comparable are finished runs of one profile on the same data. The full profile goes before the quick one.

    Raises:
        RecordError: a record of either is broken or contradicts its experiment.
        ValueError: the experiment is no variant, or its baseline is not there.
    """
    other = baseline_of(experiment)
    ours, theirs = _kinds(experiment), _kinds(other)
    both = sorted(ours.keys() & theirs.keys(), key=lambda kind: (kind[0] != "full", kind[1]))
    if not both:
        return None
    kind = both[0]
    return Effect(
        _figures(ours[kind], experiment.metric),
        _figures(theirs[kind], experiment.metric),
        experiment.unit,
        experiment.budgets[kind[0]].updates,
        kind[1],
    )


def baseline_of(experiment: Experiment) -> Experiment:
    """The experiment that a variant is compared with.

    Raises:
        ValueError: it is no variant, or its baseline is not there or differs in more than one option.
    """
    other = registry.EXPERIMENTS.get(experiment.baseline)
    if not isinstance(other, Experiment):
        raise ValueError(f"{experiment.name}: expected a trained experiment as baseline, got {experiment.baseline!r}.")
    apart = [key for key in experiment.settings.keys() | other.settings.keys() if key != "options"]
    odd = sorted(key for key in apart if experiment.settings.get(key) != other.settings.get(key))
    odd += [
        f"{profile} budget" for profile in experiment.budgets if experiment.budgets[profile] != other.budgets[profile]
    ]
    if odd or len(changed(experiment, other)) != 1:
        raise ValueError(
            f"{experiment.name} and its baseline {other.name} differ in more than one option: "
            f"{', '.join([*changed(experiment, other), *odd]) or 'in nothing'}."
        )
    return other


def changed(experiment: Experiment, other: Experiment) -> list[str]:
    """The names of the options in which two experiments differ."""
    ours, theirs = (one.settings.get("options", {}) for one in (experiment, other))
    return sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))


def stopped(experiment: Experiment) -> list[str]:
    """What became of the runs that did not finish, in words: where they diverged, or how far they are.

    Raises:
        RecordError: as `effect`.
    """
    return [
        f"seed {run['seed']} stopped after {run['budget']['updates']:,} updates: {run['stopped'].split('. ')[0]}"
        for run in runs_of(experiment)
        if not run["finished"]
    ]


def _kinds(experiment: Experiment) -> dict[tuple[str, str], list[Record]]:
    found: dict[tuple[str, str], list[Record]] = {}
    for record in runs_of(experiment):
        if record["finished"]:
            found.setdefault((record["profile"], record["data"]["source"]), []).append(record)
    return found


def _figures(records: list[Record], metric: str) -> tuple[float, ...]:
    return tuple(float(record["figures"][metric]) for record in sorted(records, key=lambda record: record["seed"]))


def _side(values: tuple[float, ...]) -> str:
    if len(values) == 1:
        return f"{values[0]:.1f} (one seed)"
    return f"{statistics.median(values):.1f} ({len(values)} seeds, {min(values):.1f} to {max(values):.1f})"
