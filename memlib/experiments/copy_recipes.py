"""One way of training a Neural Turing Machine to copy, and variants of it that differ in one thing each.

The recipe gives the machine no state but its memory and its heads, for its controller is feed-forward, and lets all
heads start at slot 0. Then it can copy by place alone: one head writes and steps on, the other waits where it is, and
sets off when the flag comes.
"""

from dataclasses import dataclass
from typing import Any

from memlib.models.ntm import NTMConfig

WIDTH = 8


@dataclass(frozen=True)
class Recipe:
    """One way of training.

    Attributes:
        controller: as `NTMConfig` has it; so are the next five.
        head_start: of the heads.
        memory_start: of the memory.
        clip: of outputs.
        squash: of keys and what is added.
        slots: in training.
        test_slots: in the tests, where the machine's start does not depend on their number; else ``slots``.
        optimiser: "adam" or "rmsprop".
        learning_rate: of it.
        batch: sequences in an update.
        longest: the longest sequence in training.
        updates: of the optimiser.
    """

    controller: str = "feed-forward"
    head_start: str = "first"
    memory_start: str = "constant"
    clip: float | None = 20.0
    squash: bool = True
    slots: int = 32
    test_slots: int = 128
    optimiser: str = "adam"
    learning_rate: float = 1e-3
    batch: int = 16
    longest: int = 20
    updates: int = 3_000


# By name: what is changed in the recipe. The first is the recipe itself. A start with a number for each slot needs as
# many slots in training as in the tests; what that changes by itself, "128 slots in training" says.
VARIANTS: dict[str, dict[str, Any]] = {
    "recipe": {},
    "128 slots in training": {"slots": 128},
    "lstm controller": {"controller": "lstm"},
    "heads start: learned": {"head_start": "learned", "slots": 128},
    "heads start: uniform": {"head_start": "uniform", "slots": 128},
    "lstm controller, heads start: learned": {"controller": "lstm", "head_start": "learned", "slots": 128},
    "memory start: learned": {"memory_start": "learned", "slots": 128},
    "memory start: random": {"memory_start": "random", "slots": 128},
    "no clipping, no tanh": {"clip": None, "squash": False},
    "a third of the updates": {"updates": 1_000},
    "rate 1e-4": {"learning_rate": 1e-4},
    "rate 3e-3": {"learning_rate": 3e-3},
    "RMSProp 1e-4": {"optimiser": "rmsprop", "learning_rate": 1e-4},
    "batch 1": {"batch": 1, "learning_rate": 3e-4, "updates": 12_000},
    "lengths to 10": {"longest": 10},
}


def config(recipe: Recipe) -> NTMConfig:
    """The machine of a recipe."""
    names = ("slots", "controller", "head_start", "memory_start", "clip", "squash")
    return NTMConfig(WIDTH + 1, WIDTH, **{name: getattr(recipe, name) for name in names})
