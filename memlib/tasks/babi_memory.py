"""bAbI for a memory network: every question with the last sentences told before it, as tensors.

Questions are no part of a story: only statements go into the memory, the newest first. Words are in lower case, an
answer of several parts is one word (``milk,football``). `memlib.tasks.babi_parts` says
which stories there are.

Source: weston2015; sukhbaatar2015, Sec. 4
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor

from memlib.tasks.babi_story import Question, Statement, Story

MEMORY = 50


class Batch(NamedTuple):
    """Questions for one update; the sentences of their stories stand once each.

    Attributes:
        sentences: numbers of words, 0 is padding; the first one is no sentence, [rows, words].
        places: of each slot a row of ``sentences``, the newest first, [batch, slots].
        lengths: how many slots hold a sentence, [batch].
        question: [batch, asked].
        answer: the number of a word, [batch].
        task: [batch].
    """

    sentences: Int[Tensor, "rows words"]
    places: Int[Tensor, "batch slots"]
    lengths: Int[Tensor, " batch"]
    question: Int[Tensor, "batch asked"]
    answer: Int[Tensor, " batch"]
    task: Int[Tensor, " batch"]

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        return Batch(*(part.to(device) for part in self))


@dataclass(frozen=True)
class Questions:
    """All questions of a part, encoded.

    Attributes:
        ids: from a word to its number; 0 is padding.
        sentences: every different sentence once, the first one empty, [sentences, words].
        places: as in `Batch`, [questions, slots]; 32-bit numbers, for the large set's sake.
        lengths: [questions].
        question: [questions, asked].
        answer: [questions].
        task: [questions].
        support: True at the sentences that the file names as the answer's grounds, [questions, slots].
    """

    ids: dict[str, int]
    sentences: Tensor
    places: Tensor
    lengths: Tensor
    question: Tensor
    answer: Tensor
    task: Tensor
    support: Bool[Tensor, "questions slots"]

    def __len__(self) -> int:
        return len(self.answer)

    def batch(self, rows: Sequence[int] | Tensor) -> Batch:
        """Some questions, with as many slots as the longest of their stories fills, at least one."""
        at = torch.as_tensor(rows)
        lengths = self.lengths[at]
        slots = max(1, int(lengths.max()))
        used, places = torch.unique(self.places[at, :slots].long(), return_inverse=True)
        if len(used) == 0 or used[0] != 0:
            used, places = torch.cat([used.new_zeros(1), used]), places + 1
        sentences = self.sentences[used]
        return Batch(sentences, places, lengths, self.question[at], self.answer[at], self.task[at])

    def rows(self, at: Tensor) -> "Questions":
        """Some of them, by their numbers [rows]."""
        names = ("places", "lengths", "question", "answer", "task", "support")
        return replace(self, **{name: getattr(self, name)[at] for name in names})

    def of_task(self, task: int) -> "Questions":
        """Those of one task."""
        return self.rows((self.task == task).nonzero().squeeze(1))

    def renumbered(self, ids: dict[str, int]) -> "Questions":
        """The same with other numbers for the words.

        Args:
            ids: from a word to its number; all words of these questions are among them.

        Raises:
            ValueError: a word is not.
        """
        number = torch.tensor([0, *(_number(word, ids) for word in sorted(self.ids, key=self.ids.__getitem__))])
        renewed = {name: number[getattr(self, name)] for name in ("sentences", "question", "answer")}
        return replace(self, ids=ids, **renewed)

    def words(self, row: int) -> tuple[list[str], str, str]:
        """One question in words: its story from the oldest sentence to the newest, the question, the answer."""
        names = {number: word for word, number in self.ids.items()}

        def said(numbers: Tensor) -> str:
            return " ".join(names[number] for number in numbers.tolist() if number)

        story = [said(self.sentences[place]) for place in self.places[row, : self.lengths[row]].tolist()]
        return story[::-1], said(self.question[row]), names[int(self.answer[row])]


def vocabulary(*parts: Iterable[tuple[int, Story]]) -> dict[str, int]:
    """All words of statements, questions and answers by number, from 1, in the order in which they first come."""
    ids: dict[str, int] = {}
    for part in parts:
        for _, story in part:
            for line in story.lines:
                answer = (line.answer,) if isinstance(line, Question) else ()
                for word in (*line.words, *answer):
                    ids.setdefault(word.lower(), len(ids) + 1)
    return ids


def encode(part: Sequence[tuple[int, Story]], ids: dict[str, int], memory: int = MEMORY) -> Questions:
    """Every question of some stories.

    Args:
        part: tasks and stories, as in `memlib.tasks.babi_parts.Parts`.
        ids: from `vocabulary`.
        memory: how many sentences a question sees, the last ones.

    Raises:
        ValueError: there is no question, or a word has no number.
    """
    known: dict[tuple[int, ...], int] = {(): 0}
    rows: list[tuple[list[int], list[bool], tuple[int, ...], int, int]] = []
    for task, story in part:
        told: list[tuple[int, int]] = []
        for line in story.lines:
            words = tuple(_number(word, ids) for word in line.words)
            if isinstance(line, Statement):
                told.append((known.setdefault(words, len(known)), line.number))
                continue
            seen = told[-memory:][::-1]
            grounds = set(line.support)
            support = [number in grounds for _, number in seen]
            rows.append(([place for place, _ in seen], support, words, _number(line.answer, ids), task))
    if not rows:
        raise ValueError("expected stories with at least one question, got none.")
    return Questions(
        ids=ids,
        sentences=_padded(list(known)),
        places=_padded([row[0] for row in rows], memory).int(),
        lengths=torch.tensor([len(row[0]) for row in rows]),
        question=_padded([row[2] for row in rows]),
        answer=torch.tensor([row[3] for row in rows]),
        task=torch.tensor([row[4] for row in rows]),
        support=_padded([row[1] for row in rows], memory).bool(),
    )


def _number(word: str, ids: dict[str, int]) -> int:
    if (number := ids.get(word.lower())) is None:
        raise ValueError(f"the word {word!r} is not among the {len(ids)} words that are known.")
    return number


def _padded(rows: Sequence[Sequence[int]], width: int | None = None) -> Tensor:
    filled = np.zeros((len(rows), width or max(map(len, rows))), dtype=np.int64)
    for i, row in enumerate(rows):
        filled[i, : len(row)] = row
    return torch.from_numpy(filled)
