"""What makes a Neural Turing Machine's copying carry over to sequences longer than it was trained on?

Every variant (`memlib.experiments.copy_recipes`) is trained with every seed on lengths 1 to 20, unless it says
otherwise, and tested at 20, 40, 80 and 120. At the longest its heads are watched (`memlib.experiments.copy_heads`).
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import nn

from memlib.experiments import copy_heads
from memlib.experiments.copy_recipes import VARIANTS, WIDTH, Recipe, config
from memlib.experiments.step_tasks import optimiser, score
from memlib.models.ntm import NTM
from memlib.runtime import PROFILES
from memlib.tasks.copying import Copy
from memlib.training import seed_all
from memlib.training.parts import Parts

NAME = "ntm-copy-study"


@dataclass(frozen=True)
class Settings:
    """What is tried.

    Attributes:
        variants: names out of `VARIANTS`.
        seeds: of weights and sequences.
        lengths: of the tests.
        sequences: in each test.
        changes: of the recipe, for all variants.
        compiled: whether machines are trained with a compiled step, which changes nothing but the time.
    """

    variants: tuple[str, ...] = tuple(VARIANTS)
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    lengths: tuple[int, ...] = (20, 40, 80, 120)
    sequences: int = 32
    changes: Mapping[str, Any] | None = None
    compiled: bool = True

    @classmethod
    def quick(cls) -> "Settings":
        """Two variants on short sequences with a small memory, in seconds; nothing is learned so soon."""
        small = {"slots": 16, "test_slots": 24, "longest": 4, "updates": 30, "batch": 4}
        return cls(("recipe", "heads start: learned"), (1, 2), (4, 8), 8, small, compiled=False)


def train(recipe: Recipe, seed: int, *, compiled: bool = False) -> tuple[NTM, float]:
    """Train one machine.

    Args:
        recipe: how.
        seed: of its weights and sequences.
        compiled: with a compiled step, where there is a compiler.

    Returns:
        The machine, in evaluation mode, and the mean loss of the last tenth of the updates, in nats a bit.
    """
    seed_all(seed)
    model = NTM(config(recipe))
    if compiled:
        model.compile_step()
    task = Copy(WIDTH, (1, recipe.longest))
    learner = optimiser(recipe.optimiser, model, recipe.learning_rate)
    generator = torch.Generator().manual_seed(seed)
    last = max(1, recipe.updates // 10)
    total = 0.0
    for update in range(recipe.updates):
        episode = task.draw(recipe.batch, generator)
        loss = task.loss(model(episode.inputs)[0], episode)
        learner.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 10.0)
        learner.step()
        total += loss.item() if update >= recipe.updates - last else 0.0
    return model.eval(), total / last


def resized(model: NTM, slots: int) -> NTM:
    """The same machine with another number of slots, where its start does not depend on it; else the machine itself."""
    config = model.config
    if slots == config.slots or config.head_start == "learned" or config.memory_start != "constant":
        return model
    other = NTM(replace(config, slots=slots))
    other.load_state_dict(model.state_dict())
    return other.eval()


def point(name: str, settings: Settings, seed: int) -> dict[str, Any]:
    """One machine of a variant, trained and tested."""
    recipe = replace(Recipe(), **{**VARIANTS[name], **(settings.changes or {})})
    started = time.process_time()
    model, loss = train(recipe, seed, compiled=settings.compiled)
    seconds = time.process_time() - started
    model = resized(model, recipe.test_slots)
    errors = {
        str(length): score(model, Copy(WIDTH, (length, length)), 1, settings.sequences, 1_000_003, torch.device("cpu"))[
            "bit_error"
        ]
        for length in settings.lengths
    }
    watched = copy_heads.heads(model, settings.lengths[-1], settings.sequences, 2_000_003)
    return {"seed": seed, "loss": loss, "bit_error": errors, "heads": watched, "processor_s": round(seconds, 1)}


def run(
    settings: Settings, report: Callable[[str], None] = lambda line: None, parts: Parts | None = None
) -> dict[str, Any]:
    """Run the study.

    Args:
        settings: see `Settings`.
        report: called with a line for each machine.
        parts: where each machine's results are kept as they come; nowhere when None.

    Returns:
        A record without its stamp.
    """
    parts = parts or Parts()
    found = []
    for name in settings.variants:
        points = []
        for seed in settings.seeds:
            points.append(parts.once(f"{name}, seed {seed}", partial(point, name, settings, seed)))
            report(f"{name}, seed {seed}: {points[-1]['bit_error']}")
        errors = [one["bit_error"][str(settings.lengths[-1])] for one in points]
        found.append(
            {
                "variant": name,
                "points": points,
                "failed": sum(error >= copy_heads.FAILED for error in errors),
                "how": dict(Counter(one["heads"]["how"] for one in points)),
            }
        )
    return {
        "name": NAME,
        "what": "bit error of copying beyond the trained lengths, by the way of training",
        "settings": plain(settings),
        "seeds": list(settings.seeds),
        "data": {"source": "drawn anew for every update"},
        "variants": found,
        "wall_time_s": round(parts.seconds, 1),
    }


def plain(settings: Settings) -> dict[str, Any]:
    """The settings that a record holds."""
    return {
        "variants": list(settings.variants),
        "lengths": list(settings.lengths),
        "sequences": settings.sequences,
        "recipe": asdict(replace(Recipe(), **(settings.changes or {}))),
    }


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
    """A line for each variant: the median bit error at each length, how many failed at the longest, and how."""
    lengths, seeds = record["settings"]["lengths"], len(record["seeds"])
    head = f"{'variant':<38}" + "".join(f"{f'at {length}':>8}" for length in lengths) + "  failed"
    rows = []
    for one in record["variants"]:
        middle = [sorted(p["bit_error"][str(length)] for p in one["points"])[seeds // 2] for length in lengths]
        how = ", ".join(f"{kind} {count}" for kind, count in one["how"].items() if kind != "none")
        rows.append(
            f"{one['variant']:<38}"
            + "".join(f"{error:>8.4f}" for error in middle)
            + f"  {one['failed']} of {seeds}"
            + (f" ({how})" if how else "")
        )
    return [head, *rows]
