"""The five tasks of the Neural Turing Machine, each beside the LSTM of the paper.

The paper prints curves and no tables. The acceptances are ours: what the paper shows its machine to do, as a figure;
of the LSTMs, that they do not. Batches of 16 stand for the paper's single sequences, so that two cores suffice, and
Adam with a higher rate for its RMSProp, see ``ntm-copy-study``; sizes are the paper's wherever it prints them.

Source: graves2014, Sec. 4
"""

from collections.abc import Mapping
from typing import Any

from memlib.experiments import copy_study
from memlib.experiments.experiment import Budget, Experiment, Measurement, Published, Run

PAPER = "graves2014"
# What the paper trains with; the LSTM's rate is lower still.
RATES = {"ntm": 1e-4, "lstm": 3e-5}
# Of copying: the lengths at which what was learned on 1 to 20 is tested.
LENGTHS = (20, 40, 80, 120)
COPY_TESTS = {f"at_{length}": {"lengths": [length, length]} for length in LENGTHS}
REPEAT_TESTS = {
    "at_20_long": {"lengths": [20, 20], "repeats": [10, 10]},
    "at_20_times": {"lengths": [10, 10], "repeats": [20, 20]},
}
RECALL_TESTS = {f"at_{items}": {"items": [items, items]} for items in (6, 10, 15, 20)}
SORT_TESTS = {name: {"priorities": name} for name in ("cubed", "narrow")}
# What makes copying carry over to longer sequences (the study): no state but the memory and the heads, one start.
GENERAL: dict[str, Any] = {"controller": "feed-forward", "head_start": "first"}
SHARED: dict[str, Any] = {
    "batch": 16,
    "optimiser": "adam",
    "learning_rate": 1e-3,
    "clip_value": 10.0,
    "metric": "cost",
    "higher_is_better": False,
    "evaluation_batch": 16,
    "evaluation_batches": 8,
    "compile": True,
}
QUICK: dict[str, Any] = {"evaluation_batches": 1, "compile": False}


def _build(settings: Mapping[str, Any], seed: int, device: Any) -> Run:
    # Only here: whoever lists experiments need not load the models.
    from memlib.experiments import step_tasks

    run = step_tasks.build(settings, seed, device)
    rate, theirs = settings["learning_rate"], RATES[settings["model"]]
    run.data["differs"] = [
        f"batches of {settings['batch']} sequences where the paper takes them one by one",
        f"Adam with rate {rate:g} where the paper has RMSProp with {theirs:g}",
    ]
    return run


def _at_most(metric: str, figure: float) -> Published:
    return Published(metric, figure, higher_is_better=False, own=True)


def _at_least(metric: str, figure: float) -> Published:
    return Published(metric, figure, own=True)


def _experiment(
    name: str,
    row: str,
    section: str,
    system: str,
    task: str,
    published: Published,
    settings: Mapping[str, Any],
    updates: tuple[int, int, int],
    quick: Mapping[str, Any],
) -> Experiment:
    """One task and one model; ``updates`` are the quick profile's, the full one's, and the full one's validations'."""
    small, full, every = updates
    return Experiment(
        name=name,
        row=row,
        paper=PAPER,
        where=section,
        system=system,
        task=task,
        model=settings["model"],
        settings={**SHARED, "task_options": {}, "tests": {}, "stages": [], **settings},
        budgets={
            "quick": Budget(small, max(1, small // 2), settings={**QUICK, **quick}),
            "full": Budget(full, every, seeds=5 if settings["task"] == "copy" else 3),
        },
        metric="cost",
        published=(published,),
        build=_build,
        higher_is_better=False,
        unit="bits",
    )


def _pair(
    name: str,
    row: str,
    section: str,
    task: str,
    machine: Published,
    lstm: Published,
    settings: Mapping[str, Any],
    options: Mapping[str, Any],
    system: str,
    updates: tuple[int, int, int],
    quick: Mapping[str, Any],
) -> tuple[Experiment, Experiment]:
    """The machine and the LSTM on one task; the LSTM has the same batches and as many of them."""
    given = {"task": name, **settings}
    small_lstm = {**{k: v for k, v in quick.items() if k != "model_options"}, "model_options": {"hidden_size": 64}}
    return (
        _experiment(
            f"ntm/{name}",
            row,
            section,
            system,
            task,
            machine,
            {**given, "model": "ntm", "model_options": dict(options)},
            updates,
            quick,
        ),
        _experiment(
            f"ntm/{name}-lstm",
            row,
            section,
            "LSTM: three layers of 256",
            task,
            lstm,
            {**given, "model": "lstm", "model_options": {}},
            updates,
            small_lstm,
        ),
    )


COPY = "copy 1 to 20 vectors of 8 bits"
EXPERIMENTS: tuple[Experiment, ...] = (
    *_pair(
        "copy",
        "A4",
        "Sec. 4.1",
        COPY,
        _at_most("bit_error_at_20", 0.01),
        _at_least("bit_error_at_120", 0.2),
        {"tests": COPY_TESTS},
        {"controller": "lstm"},
        "NTM with an LSTM controller of 100",
        (60, 2_000, 250),
        {"task_options": {"lengths": [1, 5]}, "tests": {}},
    ),
    _experiment(
        "ntm/copy-general",
        "A4",
        "Sec. 4.1",
        "NTM with a feed-forward controller of 100, heads that start at slot 0",
        COPY,
        _at_most("bit_error_at_120", 0.01),
        {"task": "copy", "tests": COPY_TESTS, "model": "ntm", "model_options": GENERAL},
        (60, 6_000, 250),
        {"task_options": {"lengths": [1, 5]}, "tests": {}},
    ),
    *_pair(
        "repeat-copy",
        "A5",
        "Sec. 4.2",
        "copy 1 to 10 vectors of 8 bits 1 to 10 times",
        _at_most("bit_error", 0.01),
        _at_least("bit_error_at_20_long", 0.1),
        {"tests": REPEAT_TESTS, "learning_rate": 5e-4},
        {"controller": "lstm", "head_start": "first"},
        "NTM with an LSTM controller of 100",
        (40, 30_000, 1_000),
        {"task_options": {"lengths": [1, 3], "repeats": [1, 3]}, "tests": {}},
    ),
    *_pair(
        "associative-recall",
        "A5",
        "Sec. 4.3",
        "the item that followed, among 2 to 6 items of three vectors of 6 bits",
        _at_most("bit_error", 0.01),
        _at_least("bit_error", 0.01),
        {"tests": RECALL_TESTS, "learning_rate": 5e-4},
        {"controller": "feed-forward", "hidden_size": 256, "read_heads": 4, "write_heads": 4, "head_start": "first"},
        "NTM with a feed-forward controller of 256 and four heads of each kind",
        (40, 30_000, 1_000),
        {"task_options": {"items": [2, 3], "item_length": 1}, "tests": {}},
    ),
    *_pair(
        "ngrams",
        "A5",
        "Sec. 4.4",
        "the next of 200 bits from a 6-gram table that is new in each sequence",
        _at_most("excess", 10.0),
        _at_least("excess", 5.0),
        {"learning_rate": 3e-4},
        {"controller": "lstm"},
        "NTM with an LSTM controller of 100",
        (4, 4_000, 500),
        {"task_options": {"n": 3, "length": 30}},
    ),
    *_pair(
        "priority-sort",
        "A5",
        "Sec. 4.5",
        "the 16 most urgent of 20 vectors of 8 bits, in order",
        _at_most("bit_error", 0.05),
        _at_least("bit_error", 0.05),
        {"tests": SORT_TESTS, "learning_rate": 5e-4},
        {"controller": "feed-forward", "hidden_size": 512, "read_heads": 8, "write_heads": 8},
        "NTM with a feed-forward controller of 512 and eight heads of each kind",
        (20, 12_000, 1_000),
        {
            "task_options": {"items": 5, "kept": 4},
            "tests": {},
            "model_options": {"controller": "feed-forward", "hidden_size": 64},
        },
    ),
)

COPY_STUDY = Measurement(
    name=copy_study.NAME,
    row="A4",
    paper=PAPER,
    where="Sec. 4.1",
    system="NTM with 15 ways of training",
    task="copying beyond the trained lengths",
    measure=copy_study.run,
    settings=copy_study.settings_for,
    lines=copy_study.lines,
    in_parts=True,
)
