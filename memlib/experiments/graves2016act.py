"""Adaptive computation time on its paper's four small tasks, and around a memory.

The paper prints curves and no tables, so the acceptances are ours: parity, where the plain network is to fail; on the
other tasks that more is pondered where more is asked. Each adaptive network has a plain one of one step beside it.
What differs from the paper is said with each run: a higher rate, fewer steps at most, far fewer updates.

Source: graves2016act, Sec. 3
"""

from collections.abc import Mapping
from typing import Any

from memlib.experiments.experiment import Budget, Experiment, Published, Run

PAPER = "graves2016act"
# What the paper trains with.
RATE, MAXIMUM = 1e-4, 100
# Parity's time penalties. The first is the one whose figure is to be reached.
PENALTIES = {"parity": 1e-3, "parity-penalty-1e-1": 1e-1, "parity-penalty-1e-2": 1e-2, "parity-penalty-1e-4": 1e-4}
PLAIN: dict[str, Any] = {"fixed": 1}
SHARED: dict[str, Any] = {
    "task_options": {},
    "act": {"maximum": 20},
    "penalty": 1e-3,
    "learning_rate": 1e-3,
    "clip_norm": 1.0,
    "evaluation_batch": 250,
    "evaluation_batches": 8,
    "group": 1,
    "touched": [],
}
QUICK: dict[str, Any] = {"evaluation_batch": 50, "evaluation_batches": 1}


def _build(settings: Mapping[str, Any], seed: int, device: Any) -> Run:
    # Only here: whoever lists experiments need not load the models.
    from memlib.experiments import act_runs

    run = act_runs.build(settings, seed, device)
    if settings["task"] == "chains":
        return run
    run.data["differs"] = [f"Adam with rate {settings['learning_rate']:g} where the paper has {RATE:g}"]
    if "maximum" in settings["act"]:
        run.data["differs"].append(f"at most {settings['act']['maximum']} steps where the paper has {MAXIMUM}")
    run.data["differs"].append(f"{settings['updates']:,} updates on one machine, where the paper trains far longer")
    return run


def _at_most(metric: str, figure: float) -> Published:
    return Published(metric, figure, higher_is_better=False, own=True)


def _at_least(metric: str, figure: float) -> Published:
    return Published(metric, figure, own=True)


def _experiment(
    name: str,
    row: str,
    where: str,
    system: str,
    task: str,
    published: tuple[Published, ...],
    settings: Mapping[str, Any],
    updates: tuple[int, int, int],
    quick: Mapping[str, Any],
) -> Experiment:
    """One network; ``updates`` are the quick profile's, the full one's, and the full one's between validations."""
    small, full, every = updates
    return Experiment(
        name=f"act/{name}",
        row=row,
        paper="olah2016" if row == "A9" else PAPER,
        where=where,
        system=system,
        task=task,
        model="act",
        settings={**SHARED, **settings},
        budgets={
            "quick": Budget(small, max(1, small // 2), settings={**QUICK, **quick}),
            "full": Budget(full, every, seeds=3),
        },
        metric="error",
        published=published,
        build=_build,
        higher_is_better=False,
        unit="%",
    )


def _parity(name: str, system: str, published: Published, change: Mapping[str, Any]) -> Experiment:
    settings = {"task": "parity", "cell": "tanh", "hidden_size": 128, "batch": 128, "group": 8, **change}
    quick = {"task_options": {"width": 8}, "hidden_size": 32, "batch": 32, "group": 1}
    return _experiment(
        name,
        "C2",
        "Sec. 3.1",
        system,
        "parity of 64 entries",
        (published,),
        settings,
        (60, 200_000, 10_000),
        quick,
    )


def _pair(
    name: str,
    where: str,
    hidden: int,
    task: str,
    published: tuple[Published, Published],
    settings: Mapping[str, Any],
    updates: tuple[int, int, int],
    quick: Mapping[str, Any],
) -> tuple[Experiment, Experiment]:
    """An LSTM with adaptive computation time, and a plain one on as many of the same batches."""
    given = {"task": name, "cell": "lstm", "hidden_size": hidden, **settings}
    small = {"hidden_size": 32, **quick}
    return (
        _experiment(
            name,
            "C2",
            where,
            f"LSTM of {hidden} with adaptive computation time",
            task,
            published[:1],
            given,
            updates,
            small,
        ),
        _experiment(
            f"{name}-plain",
            "C2",
            where,
            f"LSTM of {hidden}, one step on each input",
            task,
            published[1:],
            {**given, "act": PLAIN},
            updates,
            small,
        ),
    )


def _chains(name: str, system: str, published: tuple[Published, ...], act: Mapping[str, Any]) -> Experiment:
    settings = {"task": "chains", "cell": "hop", "hidden_size": 32, "batch": 64, "penalty": 1e-2, "act": dict(act)}
    return _experiment(
        name,
        "A9",
        "",
        system,
        "where does a chain of 1 to 4 links end, among 10 facts",
        published,
        {**settings, "clip_norm": 1.0, "touched": [1, 2, 4]},
        (40, 10_000, 500),
        {"task_options": {"symbols": 4, "links": [0, 1]}, "hidden_size": 16, "batch": 16, "touched": [1]},
    )


EXPERIMENTS: tuple[Experiment, ...] = (
    _parity(
        "parity",
        "RNN of 128 with adaptive computation time, penalty 0.001",
        _at_most("error", 3.0),
        {},
    ),
    _parity(
        "parity-plain",
        "RNN of 128, one step",
        _at_least("error", 40.0),
        {"act": PLAIN},
    ),
    *(
        _parity(
            name,
            f"RNN of 128 with adaptive computation time, penalty {PENALTIES[name]:g}",
            published,
            {"penalty": PENALTIES[name]},
        )
        for name, published in (
            ("parity-penalty-1e-1", _at_least("error", 40.0)),
            ("parity-penalty-1e-2", _at_most("error", 10.0)),
            ("parity-penalty-1e-4", _at_most("error", 3.0)),
        )
    ),
    *_pair(
        "logic",
        "Sec. 3.2",
        128,
        "1 to 10 steps of 1 to 10 gates",
        (_at_least("rise", 0.3), _at_least("error", 20.0)),
        {"batch": 16},
        (20, 60_000, 3_000),
        {"task_options": {"gates": [1, 2], "lengths": [1, 2], "places": 2}},
    ),
    *_pair(
        "addition",
        "Sec. 3.3",
        512,
        "the sums of 1 to 5 numbers of up to 5 digits",
        (_at_least("rise", 0.3), _at_least("error", 20.0)),
        {"batch": 32},
        (20, 80_000, 4_000),
        {"task_options": {"digits": 2, "lengths": [1, 2]}, "batch": 8},
    ),
    *_pair(
        "sort",
        "Sec. 3.4",
        512,
        "the order of 2 to 15 numbers",
        (_at_least("rise", 0.3), _at_least("error", 20.0)),
        {"batch": 16},
        (20, 40_000, 2_000),
        {"task_options": {"items": [2, 3]}, "batch": 8},
    ),
    _chains(
        "chains",
        "Memory network that decides how many hops to make",
        (_at_most("error", 5.0), _at_least("rise", 0.7), _at_most("error_touching_1", 5.0)),
        {"maximum": 8},
    ),
    _chains("chains-three-hops", "Memory network with three hops", (_at_least("error", 20.0),), {"fixed": 3}),
)
