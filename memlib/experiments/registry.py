"""All experiments by name: what ``memlib list`` shows and ``memlib run`` runs."""

import difflib
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from memlib.experiments import (
    auto_encoding,
    bahdanau2015,
    discrepancies_le2020,
    discrepancies_schlag2021,
    discrepancies_weissenborn2016,
    graves2014,
    graves2016,
    graves2016act,
    language_modelling,
    le2020,
    le2020_pong,
    meta_rl,
    neelakantan2015,
    premise_memory,
    programs,
    schlag2021,
    sukhbaatar2015,
    weissenborn2016,
)
from memlib.experiments import holographic_babi_grid as grid
from memlib.experiments.experiment import Experiment, Measurement
from memlib.runtime import PROFILES


class UnknownExperiment(LookupError):
    """No experiment has that name; the message lists the nearest ones."""


def _grid_settings(profile: str) -> tuple[grid.Settings, dict[str, Any]]:
    if profile not in PROFILES:
        raise ValueError(f"{grid.NAME} has no profile {profile!r}; it has: {', '.join(PROFILES)}.")
    settings = grid.Settings() if profile == "full" else grid.Settings.quick()
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(settings).items()}
    plain.pop("seeds")
    return settings, plain


def _grid_lines(record: dict[str, Any]) -> list[str]:
    lines = []
    for task in record["settings"]["tasks"]:
        lines += ["", f"task {task}: mean accuracy over {len(record['seeds'])} seeds", *grid.lines(record, task)]
    return lines


def _measure_grid(settings: grid.Settings, report: Callable[[str], None]) -> dict[str, Any]:
    return grid.run(settings, report)


HOLOGRAPHIC_BABI = Measurement(
    name=grid.NAME,
    row="H2",
    paper="weissenborn2016",
    where="",
    system="Redundant holographic memory that answers bAbI questions",
    task="bAbI tasks 1 and 2, without training",
    measure=_measure_grid,
    settings=_grid_settings,
    lines=_grid_lines,
)

PREMISE_MEMORY = Measurement(
    name=premise_memory.NAME,
    row="H8",
    paper="weissenborn2016",
    where="",
    system="Dual AM-GRU, trained, with the premise's memory emptied or exchanged",
    task="SNLI's test pairs, without training",
    measure=premise_memory.run,
    settings=premise_memory.settings_for,
    lines=premise_memory.lines,
    trained=premise_memory.TRAINED,
)

EXPERIMENTS: dict[str, Experiment | Measurement] = {
    HOLOGRAPHIC_BABI.name: HOLOGRAPHIC_BABI,
    PREMISE_MEMORY.name: PREMISE_MEMORY,
    graves2014.COPY_STUDY.name: graves2014.COPY_STUDY,
    bahdanau2015.GRADIENT_VARIANCE.name: bahdanau2015.GRADIENT_VARIANCE,
    sukhbaatar2015.DELETION.name: sukhbaatar2015.DELETION,
    **{measurement.name: measurement for measurement in le2020.MEASUREMENTS},
    **{
        experiment.name: experiment
        for module in (
            weissenborn2016,
            auto_encoding,
            discrepancies_weissenborn2016,
            schlag2021,
            discrepancies_le2020,
            discrepancies_schlag2021,
            meta_rl,
            language_modelling,
            le2020,
            le2020_pong,
            bahdanau2015,
            graves2014,
            graves2016,
            graves2016act,
            sukhbaatar2015,
            neelakantan2015,
            programs,
        )
        for experiment in module.EXPERIMENTS
    },
}


def get(name: str) -> Experiment | Measurement:
    """The experiment of that name.

    Raises:
        UnknownExperiment: there is none.
    """
    if name not in EXPERIMENTS:
        near = difflib.get_close_matches(name, EXPERIMENTS, 3, 0.5) or list(EXPERIMENTS)
        raise UnknownExperiment(
            f"no experiment is called {name!r}; there are: {', '.join(near)}. All of them: memlib list"
        )
    return EXPERIMENTS[name]


def of_paper(paper: str) -> list[Experiment | Measurement]:
    """The experiments on one paper, in the order of its tables.

    Raises:
        UnknownExperiment: none is on that paper.
    """
    found = [experiment for experiment in EXPERIMENTS.values() if experiment.paper == paper]
    if not found:
        papers = sorted({experiment.paper for experiment in EXPERIMENTS.values()})
        raise UnknownExperiment(f"no experiment is on {paper!r}; there are experiments on: {', '.join(papers)}.")
    return found
