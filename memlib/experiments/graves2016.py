"""The Differentiable Neural Computer on copying, on graphs and on families, each beside an LSTM.

The paper's tables are of larger graphs, trained far longer than two cores can. The acceptances are ours: families that
were held out and small graphs. What differs from the paper is said with each run: sizes, batches, the optimiser, and
that only questions with one answer are asked, where the paper feeds the machine's own answers back.

Source: graves2016dnc
"""

from collections.abc import Mapping
from typing import Any

from memlib.experiments.experiment import Budget, Experiment, Published, Run

PAPER = "graves2016dnc"
ROW = "A6"
DIFFERS = ["sizes, batches and optimiser of our own", "questions with one answer only"]
SHARED: dict[str, Any] = {
    "batch": 64,
    "optimiser": "adam",
    "learning_rate": 2e-3,
    "clip_norm": 5.0,
    "clip_value": None,
    "metric": "accuracy",
    "higher_is_better": True,
    "evaluation_batch": 64,
    "evaluation_batches": 8,
    "compile": True,
    "tests": {},
    "stages": [],
    "task_options": {},
    "train_options": {},
    "lessons": [],
    "threshold": 95.0,
    "review": 0.2,
}
QUICK: dict[str, Any] = {
    "batch": 16,
    "evaluation_batch": 16,
    "evaluation_batches": 1,
    "compile": False,
    "tests": {},
    "threshold": 50.0,
}
# What lets the memory be used early, see `DNCConfig`: without it the first lesson takes long to be learned.
START = {"gate_bias": 2.0, "strength_bias": 3.0, "mode_bias": 2.0, "input_scale": 3.0}
LSTM = {"hidden_size": 256, "layers": 2}
SMALL = {
    "dnc": {"slots": 8, "width": 12, "heads": 1, "hidden_size": 32, **START},
    "lstm": {"hidden_size": 48, "layers": 1},
}


def _build(settings: Mapping[str, Any], seed: int, device: Any) -> Run:
    # Only here: whoever lists experiments need not load the models.
    from memlib.experiments import graves2016_runs

    run = graves2016_runs.build(settings, seed, device)
    run.data["differs"] = list(DIFFERS)
    return run


def _own(metric: str, figure: float, higher: bool = True) -> Published:
    return Published(metric, figure, higher_is_better=higher, own=True)


def _pair(
    task: str,
    words: str,
    sizes: Mapping[str, int],
    figures: tuple[Published, Published],
    settings: Mapping[str, Any],
    updates: tuple[int, int, int],
    quick: Mapping[str, Any],
) -> tuple[Experiment, ...]:
    """The DNC and the LSTM on one task; ``updates`` as `Budget` has them: quick, full, and full between validations."""
    small, full, every = updates
    systems = {
        "dnc": (
            "DNC: {slots} slots of {width}, {heads} read heads, an LSTM of {hidden_size}".format(**sizes),
            {**sizes, **START},
        ),
        "lstm": ("LSTM: {layers} layers of {hidden_size}".format(**LSTM), dict(LSTM)),
    }
    return tuple(
        Experiment(
            name=f"dnc/{task}" + ("-lstm" if model == "lstm" else ""),
            row=ROW,
            paper=PAPER,
            where="",
            system=system,
            task=words,
            model=model,
            settings={**SHARED, **settings, "task": task, "model": model, "model_options": options},
            budgets={
                "quick": Budget(small, max(1, small // 2), settings={**QUICK, **quick, "model_options": SMALL[model]}),
                "full": Budget(full, every, seeds=3),
            },
            metric=settings.get("metric", "accuracy"),
            published=(figure,),
            build=_build,
            higher_is_better=settings.get("higher_is_better", True),
            unit="bits" if task == "copy" else "%",
        )
        for (model, (system, options)), figure in zip(systems.items(), figures, strict=True)
    )


def _by_steps(longest: int, **options: Any) -> dict[str, dict[str, Any]]:
    """A test for each number of steps."""
    return {f"steps_{n}": {**options, "shortest": n, "steps": n} for n in range(1, longest + 1)}


FAMILY_LESSONS: tuple[dict[str, Any], ...] = (
    {"steps": 1, "facts": 6, "people": 8},
    {"steps": 1, "facts": 10, "people": 12},
    {"steps": 2, "facts": 10, "people": 12},
    {"steps": 2, "facts": 16, "people": 16},
    {"steps": 3, "facts": 16, "people": 16},
    {},
)
PATH_LESSONS: tuple[dict[str, Any], ...] = (
    {"nodes": 3, "neighbours": 2, "steps": 1},
    {"nodes": 4, "neighbours": 2, "steps": 2},
    {"nodes": 5, "neighbours": 2, "steps": 3},
    {"nodes": 6, "neighbours": 2, "steps": 4},
    {},
)
WALK_LESSONS: tuple[dict[str, Any], ...] = (
    {"nodes": 3, "neighbours": 2, "steps": 1},
    {"nodes": 4, "neighbours": 2, "steps": 2},
    {"nodes": 6, "neighbours": 2, "steps": 3},
    {"nodes": 8, "neighbours": 2, "steps": 4},
    {},
)
EXPERIMENTS: tuple[Experiment, ...] = (
    *_pair(
        "copy",
        "copy 1 to 20 vectors of 8 bits",
        {"slots": 32, "width": 16, "heads": 1, "hidden_size": 64},
        (_own("bit_error_at_20", 0.01, False), _own("bit_error_at_30", 0.1)),
        {
            "metric": "cost",
            "higher_is_better": False,
            "batch": 16,
            "evaluation_batch": 16,
            "learning_rate": 1e-3,
            "tests": {f"at_{n}": {"lengths": [n, n]} for n in (10, 20, 30)},
        },
        (60, 10_000, 500),
        {"task_options": {"lengths": [1, 5]}},
    ),
    *_pair(
        "traversal",
        "follow 1 to 5 edges in a graph of up to 8 nodes, told as triples",
        {"slots": 32, "width": 32, "heads": 2, "hidden_size": 128},
        (_own("accuracy", 95.0), _own("accuracy", 80.0, False)),
        {
            "task_options": {"nodes": 8, "neighbours": 3, "steps": 5},
            "lessons": list(WALK_LESSONS),
            "tests": _by_steps(5, smallest=8),
        },
        (40, 40_000, 250),
        {"task_options": {"nodes": 4, "neighbours": 2, "steps": 2}, "lessons": [{"nodes": 3, "steps": 1}, {}]},
    ),
    *_pair(
        "shortest-path",
        "the shortest path between two nodes of a graph of up to 6 nodes, told as triples",
        {"slots": 24, "width": 32, "heads": 3, "hidden_size": 128},
        (_own("accuracy", 90.0), _own("accuracy", 80.0, False)),
        {
            "task_options": {"nodes": 6, "neighbours": 3, "steps": 5, "planning": 3},
            "lessons": list(PATH_LESSONS),
            "tests": {"at_6_nodes": {"smallest": 6}, **_by_steps(4, smallest=6, neighbours=2)},
        },
        (40, 50_000, 250),
        {"task_options": {"nodes": 4, "neighbours": 2, "steps": 2}, "lessons": [{"nodes": 3, "steps": 1}, {}]},
    ),
    *_pair(
        "family-tree",
        "relations of up to four steps in families that were held out, 16 facts told",
        {"slots": 24, "width": 32, "heads": 2, "hidden_size": 128},
        (_own("accuracy_held_out", 95.0), _own("accuracy_held_out", 80.0, False)),
        {
            "task_options": {"steps": 4, "facts": 16, "people": 16, "part": "validation"},
            "train_options": {"part": "training"},
            "lessons": list(FAMILY_LESSONS),
            "tests": {"held_out": {"part": "test"}, **_by_steps(4, part="test")},
        },
        (40, 50_000, 250),
        {
            "task_options": {"steps": 2, "facts": 6, "people": 8, "part": "validation"},
            "tests": {"held_out": {"part": "test"}},
            "lessons": [{"steps": 1}, {}],
        },
    ),
)
