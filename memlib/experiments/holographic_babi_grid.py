"""The grid of the holographic bAbI experiment: accuracy over tasks, write rules, widths, copies and seeds."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

from torch import Tensor

from memlib.data import measure
from memlib.experiments.babi_tensors import Encoded, encode
from memlib.experiments.holographic_babi import RULES, answers
from memlib.tasks.babi import VARIANT, Stories, stories

NAME = "holographic-babi"


@dataclass(frozen=True)
class Settings:
    """What is tried.

    Attributes:
        tasks: of bAbI, 1 and 2.
        rules: as in `memlib.experiments.holographic_babi.RULES`.
        dims: widths d, in complex numbers.
        copies: numbers of copies N_c.
        seeds: of the vectors and permutations.
        split_dims: the widths at which accuracy is also split by moves and by age (`memlib.experiments.babi_tensors`).
        partition: of the data.
        variant: of the data.
    """

    tasks: tuple[int, ...] = (1, 2)
    rules: tuple[str, ...] = RULES
    dims: tuple[int, ...] = (8, 16, 32, 64, 128, 256, 512, 1024)
    copies: tuple[int, ...] = (1, 2, 4, 8, 16)
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    split_dims: tuple[int, ...] = (32, 1024)
    partition: str = "test"
    variant: str = VARIANT

    @classmethod
    def quick(cls) -> "Settings":
        """A few points of the grid, in seconds."""
        return cls(dims=(16, 64), copies=(1, 4), seeds=(0, 1), split_dims=(16, 64))


def spread(values: list[float]) -> dict[str, Any]:
    """The mean over seeds, the range, and every value in the order of the seeds."""
    return {"mean": math.fsum(values) / len(values), "min": min(values), "max": max(values), "values": values}


def _split(name: str, groups: Tensor, shares: list[Tensor]) -> list[dict[str, Any]]:
    """Split the questions into groups: in each, the mean and the range over the seeds."""
    rows = []
    for value in groups.unique().tolist():
        inside = groups == value
        found = spread([share[inside].double().mean().item() for share in shares])
        rows.append({name: value, "questions": int(inside.sum())} | {key: found[key] for key in ("mean", "min", "max")})
    return rows


def _point(settings: Settings, task: int, told: Encoded, rule: str, dim: int, copies: int) -> dict[str, Any]:
    given = [answers(told, dim, copies, rule, seed) for seed in settings.seeds]
    rights = [one == told.answer for one in given]
    point: dict[str, Any] = {"task": task, "rule": rule, "dim": dim, "copies": copies}
    point["accuracy"] = spread([right.double().mean().item() for right in rights])
    if dim in settings.split_dims:
        point["by_moves"] = _split("moves", told.moves, rights)
        point["by_age"] = _split("age", told.age, rights)
    if told.about_people:
        # Of the wrong answers, how many name a place where the person has been before?
        was_there = [told.visits.gather(-1, one[:, None]).squeeze(-1) > 0 for one in given]
        point["wrong"] = sum(int((~right).sum()) for right in rights)
        point["wrong_but_once_true"] = sum(
            int((~right & there).sum()) for right, there in zip(rights, was_there, strict=True)
        )
    return point


def _limits(told: Encoded) -> dict[str, Any]:
    """What memories of two simple kinds would reach without any noise: bounds to compare the points with."""
    if not told.about_people:
        return {}
    return {
        "add_without_noise": told.adding_limit.mean().item(),
        "add_without_noise_by_moves": _split("moves", told.moves, [told.adding_limit]),
        "latest_fact_only": told.latest_limit.mean().item(),
    }


def source_of(data: dict[int, Stories]) -> dict[str, Any]:
    """Where the stories came from: the name of the source, and the SHA-256 of each real file."""
    named = {f"{one.file.parent.name}/{one.file.name}": one.file for one in data.values() if one.file is not None}
    return {
        "source": " and ".join(sorted({one.source for one in data.values()})),
        "files": {name: {"sha256": measure(file, "sha256").digits} for name, file in sorted(named.items())},
        "stories": {str(task): len(one) for task, one in data.items()},
        "questions": {str(task): len(one.questions) for task, one in data.items()},
    }


def run(settings: Settings | None = None, report: Callable[[str], None] = lambda line: None) -> dict[str, Any]:
    """Run the experiment on the real files where they are here, else on simulated stories; the result says which.

    Args:
        settings: the full grid when None.
        report: called with a line for each group of points, for a progress message.

    Returns:
        A record without its stamp: name, settings, seeds, data, limits, points, wall_time_s; only numbers, words,
        lists and dicts, ready for `memlib.ledger.records.save`.
    """
    settings = settings or Settings()
    started = time.perf_counter()
    data = {task: stories(task, settings.partition, variant=settings.variant) for task in settings.tasks}
    told = {task: encode(one) for task, one in data.items()}
    found = []
    for task, rule in product(settings.tasks, settings.rules):
        report(f"task {task}, rule {rule}")
        found += [
            _point(settings, task, told[task], rule, dim, copies)
            for dim, copies in product(settings.dims, settings.copies)
        ]
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(settings).items()}
    return {
        "name": NAME,
        "what": "accuracy of a holographic memory on bAbI questions, without training",
        "settings": {key: value for key, value in plain.items() if key != "seeds"},
        "seeds": plain["seeds"],
        "data": source_of(data),
        "chance": 1 / 6,
        "limits": {str(task): limits for task, one in told.items() if (limits := _limits(one))},
        "points": found,
        "wall_time_s": round(time.perf_counter() - started, 1),
    }


def table(record: dict[str, Any], task: int) -> list[dict[str, Any]]:
    """The points of one task as flat rows: rule, copies, dim, mean, min, max."""
    return [
        {key: point[key] for key in ("rule", "copies", "dim")}
        | {key: point["accuracy"][key] for key in ("mean", "min", "max")}
        for point in record["points"]
        if point["task"] == task
    ]


def lines(record: dict[str, Any], task: int) -> list[str]:
    """The mean accuracies of one task as lines of text: a row for each rule and copies, a column for each width."""
    dims = record["settings"]["dims"]
    means = {(row["rule"], row["copies"], row["dim"]): row["mean"] for row in table(record, task)}
    head = f"{'rule':<10}{'copies':>7}" + "".join(f"{f'd={dim}':>8}" for dim in dims)
    rows = [
        f"{rule:<10}{copies:>7}" + "".join(f"{means[rule, copies, dim]:>8.3f}" for dim in dims)
        for rule, copies in product(record["settings"]["rules"], record["settings"]["copies"])
    ]
    return [head, *rows]
