"""bAbI stories of tasks 1 and 2 as tensors of names, so that many stories are read side by side."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from memlib.tasks.babi_facts import Dropped, Moved, Took, asked, fact
from memlib.tasks.babi_story import Question, Story
from memlib.tasks.babi_world import PEOPLE, PLACES, THINGS

NAMES = PEOPLE + PLACES + THINGS
KINDS = {"nothing": 0, "moved": 1, "took": 2, "dropped": 3, "question": 4}


@dataclass(frozen=True)
class Encoded:
    """Stories as indices into ``NAMES`` (people, then places, then objects), padded with lines of kind 0.

    Attributes:
        kind: of each line, a value of `KINDS`, [stories, lines].
        subject: the key of the fact (who moved, what was taken or dropped) or the asked name, [stories, lines].
        target: the place, the holder, or the person who drops, [stories, lines]; 0 in questions.
        answer: of each question, an index into ``PLACES``, [questions], story by story.
        moves: of each question, how often the place that is asked for has been told anew: for a person how often they
            moved, for an object how often it was taken or dropped, [questions].
        visits: of each question, how often the asked person was told to go to each place, [questions, places]; zeros
            when an object is asked for.
        age: of each question, how many facts were told since the last one about the asked name, [questions]; 0 when
            it is the latest.
    """

    kind: Tensor
    subject: Tensor
    target: Tensor
    answer: Tensor
    moves: Tensor
    visits: Tensor
    age: Tensor

    @property
    def about_people(self) -> bool:
        """Whether every question asks for a person who was told of: so in task 1."""
        return bool((self.visits.sum(-1) > 0).all())

    @property
    def adding_limit(self) -> Tensor:
        """Of each question, the chance to be right for a memory without noise that adds every fact and forgets none.

        It answers with the place that was told most often, and draws among equals. Only for questions about people.
        [questions], in float64.
        """
        most = self.visits == self.visits.amax(-1, keepdim=True)
        right = most.gather(-1, self.answer[:, None]).squeeze(-1)
        return right.double() / most.sum(-1)

    @property
    def latest_limit(self) -> Tensor:
        """Of each question, the chance to be right for a memory that holds only the latest fact, and else guesses.

        Only for questions about people. [questions], in float64.
        """
        guess = 1 / len(PLACES)
        return guess + (1 - guess) * (self.age == 0).double()


def _index(name: str, options: tuple[str, ...]) -> int:
    if name not in options:
        raise ValueError(f"{name!r} is not one of {', '.join(options)}: these stories are of another world.")
    return NAMES.index(name)


def _row(told: Moved | Took | Dropped) -> tuple[int, int, int]:
    if isinstance(told, Moved):
        return KINDS["moved"], _index(told.person, PEOPLE), _index(told.place, PLACES)
    kind = "took" if isinstance(told, Took) else "dropped"
    return KINDS[kind], _index(told.thing, THINGS), _index(told.person, PEOPLE)


def encode(stories: Sequence[Story]) -> Encoded:
    """Turn stories into tensors.

    Args:
        stories: of task 1 or 2, at least one.

    Raises:
        ValueError: there is no story, or a sentence or a name that tasks 1 and 2 do not have.
    """
    if not stories:
        raise ValueError("expected at least one story, got none.")
    longest = max(len(story.lines) for story in stories)
    kind, subject, target = (torch.zeros(len(stories), longest, dtype=torch.long) for _ in range(3))
    answer: list[int] = []
    moves: list[int] = []
    visits: list[list[int]] = []
    age: list[int] = []
    for index, story in enumerate(stories):
        told: dict[int, list[int]] = {}
        when: dict[int, int] = {}
        facts = 0
        for column, line in enumerate(story.lines):
            if isinstance(line, Question):
                name = _index(asked(line), PEOPLE + THINGS)
                row = (KINDS["question"], name, 0)
                answer.append(_index(line.answer, PLACES) - len(PEOPLE))
                moves.append(len(told.get(name, [])))
                seen = Counter(told.get(name, []) if name < len(PEOPLE) else [])
                visits.append([seen[place + len(PEOPLE)] for place in range(len(PLACES))])
                age.append(facts - when.get(name, 0))
            else:
                row = _row(fact(line))
                facts += 1
                when[row[1]] = facts
                told.setdefault(row[1], []).append(row[2])
            kind[index, column], subject[index, column], target[index, column] = row
    counts = torch.tensor(visits).reshape(-1, len(PLACES))
    return Encoded(kind, subject, target, torch.tensor(answer), torch.tensor(moves), counts, torch.tensor(age))
