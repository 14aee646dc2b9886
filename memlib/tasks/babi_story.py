"""What a bAbI story is: numbered lines, some of them questions; and its text form.

Source: weston2015
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Statement:
    """A line that tells something.

    Attributes:
        number: the line's number in its story, from 1.
        words: as in the file, without the full stop.
    """

    number: int
    words: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join(self.words) + "."


@dataclass(frozen=True)
class Question:
    """A line that asks something.

    Attributes:
        number: the line's number in its story, from 1.
        words: as in the file, without the question mark.
        answer: one token, as in the file; several parts stay joined by commas.
        support: the numbers of the lines that the answer rests on, in the file's order.
    """

    number: int
    words: tuple[str, ...]
    answer: str
    support: tuple[int, ...]

    def __str__(self) -> str:
        return " ".join(self.words) + "?"


@dataclass(frozen=True)
class Story:
    """Lines that belong together, numbered 1, 2, 3 ... in order."""

    lines: tuple[Statement | Question, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The lines that tell something, in order."""
        return tuple(line for line in self.lines if isinstance(line, Statement))

    @property
    def questions(self) -> tuple[Question, ...]:
        """The lines that ask something, in order."""
        return tuple(line for line in self.lines if isinstance(line, Question))

    def before(self, question: Question) -> tuple[Statement, ...]:
        """The statements that a question may use: those above it."""
        return tuple(line for line in self.statements if line.number < question.number)


class Stories(list[Story]):
    """A list of stories that knows where it comes from.

    Attributes:
        source: for example ``bAbI v1.2 en-valid-10k``, or ``simulated``.
        file: the file that was read; None for simulated stories.
    """

    def __init__(self, stories: Iterable[Story], source: str, file: Path | None = None) -> None:
        super().__init__(stories)
        self.source = source
        self.file = file

    @property
    def questions(self) -> list[Question]:
        """All questions, story by story."""
        return [question for story in self for question in story.questions]


def text(stories: Iterable[Story]) -> str:
    """The stories in the layout of the real files, which `memlib.tasks.babi.read` reads."""
    rows = []
    for story in stories:
        for line in story.lines:
            if isinstance(line, Question):
                support = " ".join(map(str, line.support))
                rows.append(f"{line.number} {line} \t{line.answer}\t{support}\n")
            else:
                rows.append(f"{line.number} {line}\n")
    return "".join(rows)
