"""The neural programmer on random tables by the number of steps, by answers alone and with programs given, and on
WikiTableQuestions.

The first paper's tables are larger than these and its questions were not published, so the acceptances on random tables
are ours, set before any full run. On real questions the figure of one model is that of the second paper.

Source: neelakantan2015, Sec. 3; neelakantan2017
"""

from collections.abc import Mapping
from typing import Any

from memlib.experiments.experiment import Budget, Experiment, Published

PAPER = "neelakantan2015"
SETTINGS: dict[str, Any] = {
    "rows": [4, 8],
    "columns": 3,
    "word_columns": 1,
    "values": [-10, 10],
    "width": 64,
    "options": {"lookup_weight": 5.0},
    "noise": 0.0,
    "batch": 64,
    "learning_rate": 2e-3,
    "clip_norm": 1.0,
    "evaluation": 1000,
}
QUICK: dict[str, Any] = {"width": 16, "batch": 16, "evaluation": 100}
# In per cent of new questions with the most steps: by answers alone, and with programs given.
REACHED = {1: (99.0, 99.0), 2: (90.0, 99.0), 3: (50.0, 95.0)}
SAID = {1: "one step", 2: "up to two steps", 3: "up to three steps"}


def _tables(settings: Mapping[str, Any], seed: int, device: Any) -> Any:
    # Only here: whoever lists experiments need not load the models.
    from memlib.experiments import table_runs

    return table_runs.build(settings, seed, device)


def _wiki(settings: Mapping[str, Any], seed: int, device: Any) -> Any:
    from memlib.experiments import wiki_table_runs

    return wiki_table_runs.build(settings, seed, device)


def _steps(steps: int, supervised: bool) -> Experiment:
    return Experiment(
        name=f"tables/steps-{steps}{'-supervised' if supervised else ''}",
        row="C4",
        paper=PAPER,
        where="Sec. 3",
        system="Neural programmer of four steps" + (", programs given" if supervised else ", by answers alone"),
        task=f"questions about random tables, {SAID[steps]}",
        model="neural-programmer",
        settings={**SETTINGS, "steps": list(range(1, steps + 1)), "programs": 1.0 if supervised else 0.0},
        budgets={
            "quick": Budget(20, 10, settings=QUICK),
            "full": Budget(FULL[steps], 1000),
        },
        metric="accuracy",
        published=(Published("accuracy_hardest", REACHED[steps][supervised], own=True),),
        build=_tables,
        unit="%",
    )


# Updates of about 0.04 s on one core: less than an hour for a seed. Real questions take 0.08 s, two hours at most.
FULL = {1: 10_000, 2: 40_000, 3: 40_000}

WIKI = Experiment(
    name="wikitablequestions/one-model",
    row="C4",
    paper="neelakantan2017",
    where="",
    system="Neural programmer, one model",
    task="WikiTableQuestions, tables never seen",
    model="neural-programmer",
    settings={
        "split": 1,
        "items": None,
        "rows": 100,
        "least": 10,
        "width": 256,
        "options": {},
        "noise": 0.0,
        "batch": 20,
        "learning_rate": 1e-3,
        "weight_decay": 1e-4,
        "clip_norm": 1.0,
        "validation": 1000,
        "test": None,
    },
    budgets={
        "quick": Budget(
            20, 10, items=200, settings={"items": 200, "width": 16, "least": 3, "validation": 60, "test": 60}
        ),
        "full": Budget(75_000, 1500),
    },
    metric="accuracy",
    published=(Published("accuracy", 34.2),),
    build=_wiki,
    unit="%",
)
EXPERIMENTS: tuple[Experiment, ...] = (
    *(_steps(steps, supervised) for supervised in (False, True) for steps in REACHED),
    WIKI,
)
