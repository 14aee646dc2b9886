"""What becomes of an answer when a sentence of its story is taken out, against the weight that the sentence had.

A sentence is taken out of its slot; the ages of the others stay. Its weight is the largest of all hops.

Source: sukhbaatar2015, Sec. 2.1
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from memlib.models.memory_network import MemoryNetwork
from memlib.tasks.babi_memory import Questions

BATCH = 250
# An example has at least so many sentences: with fewer there is nothing to choose from.
SHORTEST = 3


@dataclass(frozen=True)
class Limits:
    """What counts as much weight and what as almost none.

    Attributes:
        high: a weight of at least so much is much.
        low: a weight below so much in every hop is almost none.
    """

    high: float
    low: float


@dataclass
class Deletions:
    """What became of each question when its sentences were taken out, one at a time; row by row as in ``questions``.

    Attributes:
        questions: that were asked.
        weights: of each hop, [questions, hops, slots].
        answer: what the network said, [questions].
        without: what it said without the sentence of each slot, [questions, slots]; as before where there is none.
    """

    questions: Questions
    weights: Tensor
    answer: Tensor
    without: Tensor

    @property
    def weight(self) -> Tensor:
        """Of each slot, the largest of all hops, [questions, slots]."""
        return self.weights.amax(1)

    @property
    def right(self) -> Tensor:
        """Whether the answer is right, [questions]."""
        return self.answer == self.questions.answer

    @property
    def counted(self) -> Tensor:
        """Where there is a sentence, and the question was answered rightly, [questions, slots]."""
        slots = torch.arange(self.without.shape[1])
        return (slots < self.questions.lengths.unsqueeze(1)) & self.right.unsqueeze(1)

    @property
    def changed(self) -> Tensor:
        """Whether the answer is another without the sentence, [questions, slots]."""
        return self.without != self.answer.unsqueeze(1)


@torch.no_grad()
def delete(model: MemoryNetwork, questions: Questions) -> Deletions:
    """Take out every sentence of every question once.

    Args:
        model: in evaluation mode, on the CPU.
        questions: encoded with the model's words.
    """
    count, slots = len(questions), questions.places.shape[1]
    weights = torch.zeros(count, model.config.hops, slots)
    answer = torch.zeros(count, dtype=torch.long)
    without = torch.zeros(count, slots, dtype=torch.long)
    for rows in questions.lengths.argsort(stable=True).split(BATCH):
        batch = questions.batch(rows)
        reading = model.read(batch.sentences, batch.places, batch.question)
        answer[rows] = reading.logits.argmax(-1)
        weights[rows, :, : batch.places.shape[1]] = reading.weights
        without[rows] = answer[rows].unsqueeze(1)
        for slot in range(int(batch.lengths.max())):
            kept = torch.ones_like(batch.places, dtype=torch.bool)
            kept[:, slot] = False
            logits = model.read(batch.sentences, batch.places, batch.question, kept=kept).logits
            without[rows, slot] = torch.where(batch.lengths > slot, logits.argmax(-1), answer[rows])
    return Deletions(questions, weights, answer, without)


def count(found: Deletions, limits: Limits) -> dict[str, dict[str, int]]:
    """The counts of each task, and of all together under ``all``.

    Returns:
        For each task: ``questions``; ``right``, those answered rightly, of which alone the others speak: sentences of
        ``high`` weight, and those of them that could go (``high_unchanged``); sentences of ``low`` weight, and those of
        them without which the answer changes (``low_changed``); ``grounds``, sentences that the file names as the
        answer's grounds, and those of them with a low weight (``grounds_low``); ``strongest``, questions whose most
        weighted sentence is a ground.
    """
    questions, weight, counted, changed = found.questions, found.weight, found.counted, found.changed
    high, low = counted & (weight >= limits.high), counted & (weight < limits.low)
    grounds = counted & questions.support
    of_each = {
        "questions": torch.ones_like(found.right),
        "right": found.right,
        "high": high,
        "high_unchanged": high & ~changed,
        "low": low,
        "low_changed": low & changed,
        "grounds": grounds,
        "grounds_low": grounds & low,
        "strongest": grounds.gather(1, weight.argmax(1, keepdim=True)),
    }
    sums = {}
    for task in (None, *questions.task.unique().tolist()):
        rows = slice(None) if task is None else questions.task == task
        sums["all" if task is None else str(task)] = {name: int(one[rows].sum()) for name, one in of_each.items()}
    return sums


def example(found: Deletions, limits: Limits, high: bool) -> dict[str, Any] | None:
    """A short story with a sentence of high weight that could go, or of low weight that could not; None if none is.

    Args:
        found: by `delete`.
        limits: what is high and low.
        high: which of the two.
    """
    questions, weight = found.questions, found.weight
    wanted = (weight >= limits.high) & ~found.changed if high else (weight < limits.low) & found.changed
    wanted = wanted & found.counted & (questions.lengths >= SHORTEST).unsqueeze(1)
    rows = wanted.any(1).nonzero().squeeze(1)
    if not len(rows):
        return None
    row = int(rows[questions.lengths[rows].argmin()])
    slot = int(torch.where(wanted[row], weight[row] if high else -weight[row], -torch.inf).argmax())
    length = int(questions.lengths[row])
    story, question, answer = questions.words(row)
    names = {number: word for word, number in questions.ids.items()}
    return {
        "task": int(questions.task[row]),
        "story": story,
        "question": question,
        "answer": answer,
        "taken_out": length - 1 - slot,
        "answer_without": names.get(int(found.without[row, slot]), ""),
        # In the order of the story: the oldest sentence first.
        "weights": [[round(w, 4) for w in hop[:length].flip(0).tolist()] for hop in found.weights[row]],
    }
