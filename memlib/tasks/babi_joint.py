"""bAbI's twenty tasks at once, for a model that reads a story sentence by sentence: each question with its story.

A drawn question, as `StoryBatch.words` shows it (the numbers of the words stand in the tensors; ``.`` and ``?`` are
words, as in the authors' reader)::

    mary moved to the garden .
    john went to the hallway .
    where is mary ?              garden

The story is what was told before the question, the oldest sentence first, earlier questions left out. The split is that
of ``en-valid-10k``. Each batch is of one task, drawn evenly.

Two quirks of the authors' code are options. Its reader was to keep 130 sentences of task 3 and 70 of all others, yet
keeps 70 of all; and it pads every story of a task to the longest.

Source: weston2015; schlag2018, Sec. 5; le2020, App. J
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor
from torch.nn import functional

from memlib.data import DataError
from memlib.tasks import babi, babi_three_facts
from memlib.tasks.babi_memory import Batch, Questions, encode, vocabulary
from memlib.tasks.babi_parts import TASKS, Parts
from memlib.tasks.babi_story import Statement, Story
from memlib.tasks.checks import whole_number

SENTENCES, SENTENCES_OF_TASK_3 = 70, 130
# Of task 3's training file in en-valid-10k.
TASK_3_STORIES = 1_800
FAILED = 5.0


class StoryBatch(NamedTuple):
    """Questions for one update, numbers of words throughout; 0 is padding.

    Attributes:
        story: the oldest sentence first, empty ones behind, [batch, sentences, words].
        lengths: how many sentences each story has, [batch].
        question: [batch, asked].
        answer: [batch].
        task: [batch].
    """

    story: Int[Tensor, "batch sentences words"]
    lengths: Int[Tensor, " batch"]
    question: Int[Tensor, "batch asked"]
    answer: Int[Tensor, " batch"]
    task: Int[Tensor, " batch"]

    def to(self, device: torch.device) -> "StoryBatch":
        """The same on a device."""
        return StoryBatch(*(part.to(device) for part in self))

    def words(self, row: int, ids: Mapping[str, int]) -> list[str]:
        """One question in words: the sentences, the question, the answer."""
        names = {number: word for word, number in ids.items()}
        lines = [*self.story[row, : self.lengths[row]].tolist(), self.question[row].tolist(), [int(self.answer[row])]]
        return [" ".join(names[number] for number in line if number) for line in lines]


def load(root: Path | str, tasks: Sequence[int] = TASKS) -> Parts:
    """The real files of ``en-valid-10k``, split as they are.

    Args:
        root: the folder that holds ``en-valid-10k`` (and ``en``).
        tasks: which.

    Raises:
        ValueError: a file is damaged.
        DataError: a file is missing. Only task 3's training file may be: it is then completed, and ``differs`` says by
            how much.
    """
    train, valid, test, differs = [], [], [], []
    for task in tasks:
        held = list(babi.read(root, task, "valid"))
        try:
            stories: list[Story] = babi.read(root, task, "train")
        except DataError:
            if task != 3:
                raise
            # The small training file is the beginning of the large one, of which the valid file took a tenth.
            known = set(held)
            stories = [story for story in babi.read(root, 3, "train", "en") if story not in known]
            made = TASK_3_STORIES - len(stories)
            stories += babi_three_facts.simulate(made, seed=0)
            differs.append(f"{made:,} of {TASK_3_STORIES:,} training stories of task 3 are simulated")
        train += [(task, story) for story in stories]
        valid += [(task, story) for story in held]
        test += [(task, story) for story in babi.read(root, task, "test")]
    return Parts(train, valid, test, f"bAbI v1.2 {babi.VARIANT}", differs)


def marked(part: Sequence[tuple[int, Story]]) -> list[tuple[int, Story]]:
    """The same stories with ``.`` and ``?`` as the last words of their lines."""

    def line(one: Any) -> Any:
        return replace(one, words=(*one.words, "." if isinstance(one, Statement) else "?"))

    return [(task, Story(tuple(line(one) for one in story.lines))) for task, story in part]


def by_task(
    part: Sequence[tuple[int, Story]], ids: dict[str, int], sentences: int = SENTENCES, of_task_3: int | None = None
) -> dict[int, Questions]:
    """The questions of each task.

    Args:
        part: of `marked`.
        ids: of `words_of`.
        sentences: how many a question sees, the last ones.
        of_task_3: of task 3; as many as of the others when None, as the code does. 130 is what its reader says.

    Raises:
        ValueError: there is no question, or a word has no number.
    """
    if not part:
        raise ValueError("expected stories with at least one question, got none.")
    sizes = {3: of_task_3 or sentences}
    return {
        task: encode([pair for pair in part if pair[0] == task], ids, sizes.get(task, sentences))
        for task in sorted({task for task, _ in part})
    }


def words_of(parts: Parts) -> dict[str, int]:
    """All words of all parts by number, from 1, with the marks; test first: it is the same everywhere."""
    return vocabulary(marked(parts.test), marked(parts.valid), marked(parts.train))


def told(batch: Batch, sentences: int | None = None) -> StoryBatch:
    """A batch of `memlib.tasks.babi_memory`, which has the newest sentence first, with its stories told in order.

    Args:
        batch: to be told.
        sentences: to pad every story to; the longest of the batch when None.

    Raises:
        ValueError: a story is longer.
    """
    slots = batch.places.shape[1]
    if sentences is not None and sentences < slots:
        raise ValueError(f"told: expected sentences of at least {slots}, the longest story; got {sentences}.")
    at = torch.arange(slots, device=batch.places.device)
    order = batch.lengths.unsqueeze(1) - 1 - at
    places = batch.places.gather(1, order.clamp(min=0)).masked_fill(order < 0, 0)
    story = batch.sentences[functional.pad(places, (0, (sentences or slots) - slots))]
    return StoryBatch(story, batch.lengths, batch.question, batch.answer, batch.task)


class OneTaskAtATime:
    """An endless stream of batches, each of one task drawn evenly; within a task, pass after pass in a new order.

    Args:
        questions: of each task, from `by_task`.
        batch: questions in a batch; the last one of a pass may hold fewer.
        seed: of the tasks and the orders.
        pad: whether stories are as long as the longest of their task, as in the authors' code, or of their batch.
    """

    def __init__(self, questions: Mapping[int, Questions], batch: int, seed: int, pad: bool = False) -> None:
        self.questions, self.batch, self.seed = dict(questions), whole_number("batch", batch, 1), seed
        self.pad = {task: int(one.lengths.max()) if pad else None for task, one in self.questions.items()}
        self.generator = torch.Generator().manual_seed(seed)
        self.passes, self.positions = dict.fromkeys(self.questions, 0), dict.fromkeys(self.questions, 0)
        self.orders = {task: self._order(task) for task in self.questions}

    @property
    def epoch(self) -> int:
        """How many batches count as one pass through all tasks."""
        return sum(-(-len(one) // self.batch) for one in self.questions.values())

    def _order(self, task: int) -> Tensor:
        generator = torch.Generator().manual_seed((self.seed * 1_009 + self.passes[task]) * 101 + task)
        return torch.randperm(len(self.questions[task]), generator=generator)

    def __next__(self) -> StoryBatch:
        task = list(self.questions)[int(torch.randint(len(self.questions), (), generator=self.generator))]
        if self.positions[task] >= len(self.orders[task]):
            self.passes[task], self.positions[task] = self.passes[task] + 1, 0
            self.orders[task] = self._order(task)
        rows = self.orders[task][self.positions[task] : self.positions[task] + self.batch]
        self.positions[task] += self.batch
        return told(self.questions[task].batch(rows), self.pad[task])

    def state_dict(self) -> dict[str, Any]:
        """The place in each task, and the generator."""
        tasks = list(self.questions)
        return {
            "passes": [self.passes[task] for task in tasks],
            "positions": [self.positions[task] for task in tasks],
            "generator": self.generator.get_state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a place."""
        self.passes = dict(zip(self.questions, state["passes"], strict=True))
        self.positions = dict(zip(self.questions, state["positions"], strict=True))
        self.orders = {task: self._order(task) for task in self.questions}
        self.generator.set_state(state["generator"])


def errors(right: Bool[Tensor, " questions"], task: Int[Tensor, " questions"]) -> dict[str, float]:
    """Errors in per cent.

    Args:
        right: whether each question was answered rightly.
        task: of each.

    Returns:
        ``mean_error`` (over tasks), ``failed`` (tasks above 5 %), and ``error_task_1`` and so on.

    Source: le2020, Tab. 4, Tab. 9
    """
    each = {int(one): 100 * int((~right[task == one]).sum()) / int((task == one).sum()) for one in task.unique()}
    mean, failed = sum(each.values()) / len(each), sum(error > FAILED for error in each.values())
    return {"mean_error": mean, "failed": float(failed), **{f"error_task_{one}": error for one, error in each.items()}}
