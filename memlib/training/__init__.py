"""Training: one loop, its checkpoints, and what makes a run resumable bit for bit.

Read in this order, ten minutes in all: `loop` (what happens at each update), `checkpoint` and `tree` (what is on disk),
`randomness` and `streams` (why a resumed run meets the same numbers). `schedules`, `guard`, `interrupts` and
`tensorboard` are small parts that the loop calls.
"""

from memlib.training.checkpoint import CheckpointError
from memlib.training.guard import Diverged, Guard
from memlib.training.loop import Progress, Trainer
from memlib.training.randomness import seed_all
from memlib.training.schedules import ByUpdate, Constant, HalveWhenWorse
from memlib.training.settings import Settings
from memlib.training.streams import Epochs, Generated, Stream

__all__ = [
    "ByUpdate",
    "CheckpointError",
    "Constant",
    "Diverged",
    "Epochs",
    "Generated",
    "Guard",
    "HalveWhenWorse",
    "Progress",
    "Settings",
    "Stream",
    "Trainer",
    "seed_all",
]
