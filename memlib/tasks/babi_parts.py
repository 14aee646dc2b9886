"""bAbI's files in three parts: training, validation and test, in their small and their large size.

The files of the folder ``en`` hold 1,000 questions of each task for training, those of ``en-10k`` 10,000. A tenth of
the stories is kept for validation. Where no bAbI is, stories of tasks 1 to 3 are generated.

Source: weston2015; sukhbaatar2015, Sec. 4
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from memlib.data import DataError
from memlib.tasks import babi, babi_three_facts, babi_world
from memlib.tasks.babi_story import Story

VARIANTS = {"1k": "en", "10k": "en-10k"}
TASKS = tuple(range(1, 21))
# Of task 3's large training file, whose genuine text is not always at hand.
TASK_3_STORIES = 2_000
SPLIT_SEED = 0


class Parts(NamedTuple):
    """Stories with their tasks, in three parts, and what is to be said of them."""

    train: list[tuple[int, Story]]
    valid: list[tuple[int, Story]]
    test: list[tuple[int, Story]]
    source: str
    differs: list[str]


def load(root: Path | str, size: str, tasks: Sequence[int] = TASKS) -> Parts:
    """The real files, a tenth of the training stories of each task kept for validation.

    Args:
        root: the folder that holds ``en`` and ``en-10k``.
        size: "1k" or "10k".
        tasks: which.

    Raises:
        ValueError: there is no such size or task, or a file is damaged.
        DataError: a file is missing. Only task 3's large training file may be: it is then completed, and ``differs``
            says by how much.
    """
    if size not in VARIANTS:
        raise ValueError(f"expected a size of {', '.join(VARIANTS)}; got {size!r}.")
    variant, differs = VARIANTS[size], []
    train, valid, test = [], [], []
    for task in tasks:
        try:
            stories: list[Story] = babi.read(root, task, "train", variant)
        except DataError:
            if (task, size) != (3, "10k"):
                raise
            stories, made = completed(Path(root))
            differs.append(f"{made:,} of {TASK_3_STORIES:,} training stories of task 3 are simulated")
        kept, held = split(stories, task)
        train += [(task, story) for story in kept]
        valid += [(task, story) for story in held]
        test += [(task, story) for story in babi.read(root, task, "test", variant)]
    return Parts(train, valid, test, f"bAbI v1.2 {variant}", differs)


def completed(root: Path) -> tuple[list[Story], int]:
    """Task 3's large training file, as far as its genuine stories are at hand, then simulated ones; how many of these.

    The small training file is the beginning of the large one, and the validation file of ``en-valid-10k`` was drawn
    from it.

    Raises:
        DataError: the small file is missing too.
    """
    genuine: list[Story] = list(babi.read(root, 3, "train", "en"))
    if (root / "en-valid-10k").is_dir():
        told = set(genuine)
        genuine += [story for story in babi.read(root, 3, "valid", "en-valid-10k") if story not in told]
    missing = TASK_3_STORIES - len(genuine)
    return [*genuine, *babi_three_facts.simulate(missing, seed=0)], missing


def split(stories: Sequence[Story], task: int) -> tuple[list[Story], list[Story]]:
    """Nine tenths and one tenth of the stories, drawn by a fixed seed, each part in its order; at least one in each."""
    order = torch.randperm(len(stories), generator=torch.Generator().manual_seed(SPLIT_SEED + task)).tolist()
    held = set(order[: max(1, len(stories) // 10)])
    return [s for i, s in enumerate(stories) if i not in held], [s for i, s in enumerate(stories) if i in held]


def generated(count: int, seed: int, tasks: Sequence[int] = (1, 2, 3)) -> Parts:
    """Stories for where no bAbI is: of our simulators of tasks 1, 2 and 3.

    Args:
        count: of each task for training and validation together; a fifth of it for the test.
        seed: the same seed gives the same stories.
        tasks: which of the three.

    Raises:
        ValueError: there is no simulator of a task, or count is below 2.
    """
    if count < 2:
        raise ValueError(f"expected a count of at least 2, got {count}.")
    train, valid, test = [], [], []
    for task in tasks:
        parts = []
        for size, part_seed in ((count, 2 * seed), (max(2, count // 5), 2 * seed + 1)):
            made = babi_three_facts.simulate if task == 3 else lambda n, s, t=task: babi_world.simulate(t, n, s)
            parts.append(made(size, part_seed))
        kept, held = split(parts[0], task)
        train += [(task, story) for story in kept]
        valid += [(task, story) for story in held]
        test += [(task, story) for story in parts[1]]
    source = f"generated stories of bAbI's tasks {', '.join(map(str, tasks))}"
    return Parts(train, valid, test, source, [])
