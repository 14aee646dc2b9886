"""From a sentence of bAbI's tasks 1 and 2 to a fact, by a few patterns written by hand: nothing is learned here."""

import re
from collections.abc import Callable
from typing import NamedTuple

from memlib.tasks.babi_story import Question, Statement


class Moved(NamedTuple):
    """A person is now at a place."""

    person: str
    place: str


class Took(NamedTuple):
    """A person now holds an object."""

    person: str
    thing: str


class Dropped(NamedTuple):
    """A person no longer holds an object; it stays where the person is."""

    person: str
    thing: str


Fact = Moved | Took | Dropped

MOVES = ("moved to", "went to", "went back to", "travelled to", "journeyed to")
TAKES = ("got", "took", "grabbed", "picked up")
DROPS = ("dropped", "left", "put down", "discarded")

_NAME = r"(?P<person>[A-Z]\w*)"
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[str, str], Fact]], ...] = tuple(
    (re.compile(rf"{_NAME} (?:{'|'.join(verbs)}) the (?P<what>\w+){tail}"), kind)
    for verbs, tail, kind in ((MOVES, "", Moved), (TAKES, "(?: there)?", Took), (DROPS, "(?: there)?", Dropped))
)
_ASKED = re.compile(r"Where is (?:the )?(?P<what>\w+)")


def fact(statement: Statement) -> Fact:
    """What a statement tells.

    Raises:
        TypeError: it is no `Statement`.
        ValueError: the sentence is of no known form (tasks other than 1 and 2 have more forms).
    """
    if not isinstance(statement, Statement):
        raise TypeError(f"expected a Statement, a line of a story that tells something; got {statement!r}.")
    sentence = " ".join(statement.words)
    for pattern, kind in _PATTERNS:
        if found := pattern.fullmatch(sentence):
            return kind(found["person"], found["what"])
    raise ValueError(
        f"line {statement.number}, {sentence!r}, is of no form that is known here. Known: 'Mary "
        f"{'|'.join(MOVES)} the garden', 'Mary {'|'.join(TAKES + DROPS)} the milk', with or without 'there'."
    )


def asked(question: Question) -> str:
    """The person or the object that a question asks for: ``Where is Mary?``, ``Where is the milk?``.

    Raises:
        TypeError: it is no `Question`.
        ValueError: the question is of another form.
    """
    if not isinstance(question, Question):
        raise TypeError(f"expected a Question, a line of a story that asks something; got {question!r}.")
    sentence = " ".join(question.words)
    if found := _ASKED.fullmatch(sentence):
        return found["what"]
    raise ValueError(
        f"line {question.number}, {sentence!r}, is of no form that is known here: 'Where is Mary', 'Where is the milk'."
    )
