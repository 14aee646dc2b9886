"""bAbI, all 20 tasks together, read by two memories: Table 4 of Le et al.

Source: le2020, Sec. 3.5, App. J
"""

from collections.abc import Mapping
from typing import Any

from memlib.experiments.experiment import Budget, Experiment, Published, Run

# Updates that come to as many questions as there are to train on, in batches of 128; and how many of these times.
EPOCH, EPOCHS = 1_406, 100
DIFFERS = (
    f"{EPOCHS} of 500 epochs of the authors' settings",
    "rate 0.0006, as in the authors' code; the text has 0.006",
)
SETTINGS: dict[str, Any] = {
    "stories": "real",
    "tasks": list(range(1, 21)),
    "generated": 200,
    "sentences": 70,
    "options": {"width": 64, "size": 90, "queries": 20, "hidden_size": 80, "preset": "paper"},
    "batch": 128,
    "learning_rate": 6e-4,
    "betas": [0.9, 0.99],
    "clip_norm": 5.0,
    "halve_below": 0.1,
    "differs": list(DIFFERS),
}
QUICK: dict[str, Any] = {
    "stories": "generated",
    "generated": 40,
    "tasks": [1, 2],
    "batch": 16,
    "options": {"width": 16, "size": 12, "queries": 4, "hidden_size": 12, "preset": "paper"},
    "learning_rate": 2e-3,
}


def _build(settings: Mapping[str, Any], seed: int, device: Any) -> Run:
    # Only here: whoever lists experiments need not load the models.
    from memlib.experiments import le2020_babi_runs

    return le2020_babi_runs.build(settings, seed, device)


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        name="babi-joint/stm",
        row="O10",
        paper="le2020",
        where="Tables 4, 9",
        system="STM with three reads in a chain",
        task="bAbI, all 20 tasks together, 10k",
        model="story-reader",
        settings=SETTINGS,
        budgets={"quick": Budget(60, 30, settings=QUICK), "full": Budget(EPOCHS * EPOCH, EPOCH)},
        metric="mean_error",
        published=(Published("mean_error", 0.39, "mean", seeds=10, spread=0.18, higher_is_better=False),),
        build=_build,
        higher_is_better=False,
        unit="%",
    ),
)
