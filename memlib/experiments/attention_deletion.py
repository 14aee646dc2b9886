"""Is attention an explanation? A trained memory network, its sentences taken away one at a time.

A sentence that got much weight should matter: without it the answer should change. A sentence that got almost none
should not. Both are counted over the test questions that the network answers rightly.

Source: sukhbaatar2015, Sec. 2.1
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from memlib.experiments.deletions import Limits, count, delete, example
from memlib.experiments.experiment import Trained
from memlib.experiments.memory_network_runs import data, restore
from memlib.runtime import PROFILES
from memlib.tasks.babi_memory import Questions

NAME = "attention-deletion"
TRAINED = "memory-network/1k-hops-3"
LIMITS = Limits(high=0.5, low=0.05)


@dataclass(frozen=True)
class Settings:
    """What is asked.

    Attributes:
        questions: of each task, the first ones; None takes all.
        limits: what is much weight and what almost none.
        generated: stories of each generated task, where bAbI is not on this machine.
    """

    questions: int | None = None
    limits: Limits = LIMITS
    generated: int = 500

    @classmethod
    def quick(cls) -> "Settings":
        """A few questions of each task, in seconds."""
        return cls(questions=25, generated=60)


def run(settings: Settings, report: Callable[[str], None], trained: Trained) -> dict[str, Any]:
    """Measure it.

    Args:
        settings: see `Settings`.
        report: called with a line for each step.
        trained: weights of `TRAINED`.

    Returns:
        A record without its stamp.

    Raises:
        ValueError: the words of the stories are not those of the network.
    """
    started = time.perf_counter()
    told = trained.record["settings"]
    model, ids = restore(trained)
    stories, tasks = told["stories"], tuple(told["tasks"])
    test, about = part(stories, tasks, settings, ids)
    report(f"{len(test):,} questions, every sentence taken out once")
    found = delete(model, test)
    return {
        "name": NAME,
        "what": "answers of a trained memory network with each sentence taken out, against the sentence's weight",
        "settings": plain(settings),
        "seeds": [trained.record["seed"]],
        "trained": {"name": trained.record["name"], "sha256": trained.record["weights"]["sha256"]},
        "data": about,
        "counts": count(found, settings.limits),
        "high_unchanged": example(found, settings.limits, high=True),
        "low_changed": example(found, settings.limits, high=False),
        "wall_time_s": round(time.perf_counter() - started, 1),
    }


def part(
    stories: str, tasks: tuple[int, ...], settings: Settings, ids: dict[str, int]
) -> tuple[Questions, dict[str, Any]]:
    """The test questions, the first ones of each task, with the words of a network.

    Args:
        stories: as `memlib.experiments.memory_network_runs.data` has it.
        tasks: which.
        settings: how many.
        ids: of the network's words.

    Raises:
        ValueError: a word is not among them.
    """
    parts = data(stories, tasks, settings.generated)
    test, limit = parts.test, settings.questions
    rows = [(test.task == task).nonzero().squeeze(1)[:limit] for task in test.task.unique().tolist()]
    chosen = test.rows(torch.cat(rows)).renumbered(ids)
    about = {key: parts.about[key] for key in ("source", "differs")}
    about["substituted"] = stories == "generated" or parts.about["substituted"]
    return chosen, {**about, "questions": len(chosen)}


def plain(settings: Settings) -> dict[str, Any]:
    """The settings that a record holds."""
    limits = {"high": settings.limits.high, "low": settings.limits.low}
    return {"questions": settings.questions, **limits, "generated": settings.generated, "trained": TRAINED}


def settings_for(profile: str) -> tuple[Settings, dict[str, Any]]:
    """The settings of a profile, and as a record holds them.

    Raises:
        ValueError: no such profile.
    """
    if profile not in PROFILES:
        raise ValueError(f"{NAME} has no profile {profile!r}; it has: {', '.join(PROFILES)}.")
    settings = Settings() if profile == "full" else Settings.quick()
    return settings, plain(settings)


def lines(record: dict[str, Any]) -> list[str]:
    """The counts of all tasks together as lines of text."""
    found, settings = record["counts"]["all"], record["settings"]
    return [
        f"questions answered rightly: {found['right']:,} of {found['questions']:,}",
        f"sentences with a weight of at least {settings['high']:g}: {found['high']:,}; "
        f"without {found['high_unchanged']:,} of them the answer is the same",
        f"sentences with a weight below {settings['low']:g}: {found['low']:,}; "
        f"without {found['low_changed']:,} of them the answer is another",
        f"grounds of the answer: {found['grounds']:,}; {found['grounds_low']:,} of them have a weight below "
        f"{settings['low']:g}",
    ]
