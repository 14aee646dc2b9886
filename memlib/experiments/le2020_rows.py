"""How a row of Le et al. becomes an experiment: the systems with their sizes, a problem, and what is aimed at.

Source: le2020, App. F
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from memlib.experiments.experiment import Budget, Experiment, Published, Run

PAPER = "le2020"
# Of every problem, unless it says otherwise: RMSprop and its numbers as in the authors' code.
SHARED: dict[str, Any] = {
    "batch": 128,
    "optimiser": "rmsprop",
    "smoothing": 0.95,
    "learning_rate": 1e-4,
    "clip_value": 10.0,
    "evaluation_batch": 128,
    "evaluation_batches": 10,
    "compile": False,
    "stages": [],
    "tests": {},
    "parts": {},
}
QUICK: dict[str, Any] = {"batch": 16, "evaluation_batch": 16, "evaluation_batches": 2, "learning_rate": 1e-3}


@dataclass(frozen=True)
class System:
    """One of the models that the paper compares.

    Attributes:
        model: its name in `step_models`.
        words: what it is.
        options: the paper's sizes.
        quick: what replaces them in the quick profile.
    """

    model: str
    words: str
    options: Mapping[str, Any]
    quick: Mapping[str, Any]


SYSTEMS: dict[str, System] = {
    "stm": System(
        "stm",
        "STM: 8 queries, items of 96 x 96",
        {"preset": "paper", "size": 96, "queries": 8, "relation_size": 96},
        {"size": 12, "queries": 2, "relation_size": 8, "hidden_sizes": [16]},
    ),
    "lstm": System("lstm", "LSTM of 512", {"hidden_size": 512, "layers": 1}, {"hidden_size": 32}),
    "alstm": System("alstm", "Attentional LSTM of 512", {"hidden_size": 512}, {"hidden_size": 24, "score_size": 8}),
    "ntm": System(
        "ntm",
        "NTM: 128 slots of 32, an LSTM of 256",
        {"slots": 128, "width": 32, "hidden_size": 256, "controller": "lstm"},
        {"slots": 16, "width": 8, "hidden_size": 24},
    ),
    "dnc": System(
        "dnc",
        "DNC: 20 slots of 64, 4 read heads, an LSTM of 256",
        {"slots": 20, "width": 64, "heads": 4, "hidden_size": 256},
        {"slots": 6, "width": 6, "heads": 1, "hidden_size": 24},
    ),
    "rmc": System(
        "rmc",
        "Relational Memory Core: 8 slots of 512, 8 heads",
        {"slots": 8, "heads": 8, "head_size": 64},
        {"slots": 3, "heads": 2, "head_size": 8},
    ),
    "tpr-rnn": System(
        "tpr-rnn",
        "TPR-RNN: entities of 90, roles of 20",
        {"entity_size": 90, "role_size": 20, "hidden_size": 40},
        {"entity_size": 10, "role_size": 4, "hidden_size": 12},
    ),
    "ba-fast-weights": System(
        "fast-weights",
        "Fast weights of Ba et al., 100 units",
        {"embedding_size": 100, "hidden_size": 100},
        {"embedding_size": 16, "hidden_size": 24},
    ),
    "weinet": System(
        "weinet",
        "WeiNet, 100 units",
        {"embedding_size": 100, "hidden_size": 100},
        {"embedding_size": 16, "hidden_size": 24},
    ),
}


@dataclass(frozen=True)
class Problem:
    """One task of the paper, for any system.

    Attributes:
        name: of its experiments, before the slash.
        row: of the book's list of systems.
        where: in the paper.
        words: what is asked.
        settings: of `step_tasks`, with ``metric`` and ``higher_is_better``; they replace those in `SHARED`.
        quick: what the quick profile changes.
        updates: of the quick profile, of the full one, and of the full one between validations.
        unit: of the figures.
        differs: from the paper, for any system.
        items: training items; None where they are drawn without end.
    """

    name: str
    row: str
    where: str
    words: str
    settings: Mapping[str, Any]
    quick: Mapping[str, Any]
    updates: tuple[int, int, int]
    unit: str = "%"
    differs: tuple[str, ...] = ()
    items: int | None = None


def _build(settings: Mapping[str, Any], seed: int, device: Any) -> Run:
    # Only here: whoever lists experiments need not load the models.
    from memlib.experiments import le2020_runs

    return le2020_runs.build(settings, seed, device)


def aim(
    problem: Problem,
    system: str,
    *published: Published,
    name: str = "",
    words: str = "",
    options: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    full: int | None = None,
    differs: tuple[str, ...] = (),
    parameters: int | None = None,
) -> Experiment:
    """A system on a problem.

    Args:
        problem: the task.
        system: of `SYSTEMS`.
        published: figures to reach.
        name: after the slash; the system's where none is given.
        words: of the system, where it is not as in `SYSTEMS`.
        options: of the model, besides the system's.
        settings: besides the problem's, such as another optimiser.
        full: updates of the full profile, where they are not the problem's.
        differs: from the paper, besides the problem's.
        parameters: how many the paper counts.
    """
    known, given = SYSTEMS[system], dict(options or {})
    small, updates, every = problem.updates
    all_settings = {
        **SHARED,
        **problem.settings,
        **(settings or {}),
        "model": known.model,
        "model_options": {**known.options, **given},
        "differs": [*problem.differs, *differs],
    }
    # An option that is no size is what the row is about: the quick profile keeps it.
    kept = {key: value for key, value in given.items() if key not in known.quick}
    quick = {**QUICK, **problem.quick, "model_options": {**known.options, **kept, **known.quick}}
    return Experiment(
        name=f"{problem.name}/{name or system}",
        row=problem.row,
        paper=PAPER,
        where=problem.where,
        system=words or known.words,
        task=problem.words,
        model=known.model,
        settings=all_settings,
        budgets={
            "quick": Budget(small, max(1, small // 2), settings=quick),
            "full": Budget(full or updates, every, items=problem.items),
        },
        metric=problem.settings["metric"],
        published=published,
        build=_build,
        higher_is_better=problem.settings["higher_is_better"],
        unit=problem.unit,
        parameters=parameters,
    )


def least(metric: str, figure: float) -> Published:
    """An acceptance of our own."""
    return Published(metric, figure, own=True)


def most(metric: str, figure: float) -> Published:
    """An acceptance of our own for a figure that is to be low."""
    return Published(metric, figure, higher_is_better=False, own=True)


def low(metric: str, figure: float) -> Published:
    """A published figure that is to be low."""
    return Published(metric, figure, higher_is_better=False)
