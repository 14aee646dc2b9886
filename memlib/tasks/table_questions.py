"""Questions about random tables, by how many steps their programs take.

One drawn question of `TableQuestions(steps=(2,), rows=(3, 3), columns=2)`::

    price   age   colour
       12   -40   red
      -77    31   blue         sum of price where age above # ?        # = -5
       64     8   blue         greater(age, -5); sum(price)            answer: -13

A number stands in the question as ``#``, its value beside it. One step: the answer alone. Two: a condition before it,
or the highest or lowest row. Three: two conditions joined, a condition and then the highest, or a difference of two
numbers. `and`, `or` and `reset` join or clear, and are not counted.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch

from memlib.tasks.bits import bounds
from memlib.tasks.checks import whole_number
from memlib.tasks.table_programs import PAPER, Answer, Step, run
from memlib.tasks.tables import TableBatch, TableQuestion, collate

NUMBER = "#"
COLUMNS = ("price", "age", "height", "weight", "score", "speed", "length", "rooms", "votes", "depth")
WORD_COLUMNS: dict[str, tuple[str, ...]] = {
    "colour": ("red", "blue", "green", "black", "white"),
    "city": ("paris", "rome", "oslo", "cairo", "lima"),
}
# Several ways to say the same.
SAID: dict[str, tuple[tuple[str, ...], ...]] = {
    "sum": (("sum", "of"), ("total",)),
    "assign": (("show",), ("list",)),
    "count": (("count",), ("how", "many", "rows")),
    "greater": (("above",), ("over",), ("greater", "than")),
    "lesser": (("below",), ("under",), ("less", "than")),
    "max": (("highest",), ("largest",)),
    "min": (("lowest",), ("smallest",)),
}
OTHER = ("where", "is", "and", "or", "minus", "with", "?", NUMBER)
OPERATIONS = (*PAPER, "max", "min", "select")
VOCABULARY: dict[str, int] = {
    word: place
    for place, word in enumerate(
        dict.fromkeys(
            [
                *OTHER,
                *(word for ways in SAID.values() for way in ways for word in way),
                *COLUMNS,
                *WORD_COLUMNS,
                *(word for words in WORD_COLUMNS.values() for word in words),
            ]
        ),
        start=2,
    )
}
STEPS = (1, 2, 3)


@dataclass(frozen=True)
class TableQuestions:
    """A seeded generator of questions about tables.

    Attributes:
        steps: how many steps programs may take, of 1, 2 and 3; each question draws one.
        rows: the fewest and the most rows of a table.
        columns: of numbers; their names are drawn anew for every table.
        word_columns: columns of words, 0 to 2; with at least one, conditions may be about words.
        values: the lowest and the highest number in a cell, whole numbers.
        answers: "both", "scalar" (numbers only) or "lookup" (cells only).

    Source: neelakantan2015, Sec. 3
    """

    steps: tuple[int, ...] = (1, 2, 3)
    rows: tuple[int, int] = (4, 8)
    columns: int = 3
    word_columns: int = 1
    values: tuple[int, int] = (-100, 100)
    answers: str = "both"

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", bounds("rows", self.rows))
        object.__setattr__(self, "steps", tuple(self.steps))
        object.__setattr__(self, "values", tuple(self.values))
        if not self.steps or not set(self.steps) <= set(STEPS):
            raise ValueError(f"TableQuestions: expected steps of {STEPS}, got {self.steps}.")
        if not 2 <= whole_number("columns", self.columns) <= len(COLUMNS):
            raise ValueError(f"TableQuestions: expected columns from 2 to {len(COLUMNS)}, got {self.columns}.")
        if not 0 <= whole_number("word_columns", self.word_columns) <= len(WORD_COLUMNS):
            raise ValueError(f"TableQuestions: expected word_columns from 0 to 2, got {self.word_columns}.")
        if not self.values[0] + 2 <= self.values[1]:
            raise ValueError(f"TableQuestions: expected values (lowest, highest) 2 apart, got {self.values}.")
        if self.answers not in ("both", "scalar", "lookup"):
            raise ValueError(f"TableQuestions: expected answers both, scalar or lookup; got {self.answers!r}.")

    @property
    def operations(self) -> tuple[str, ...]:
        """Names of the operations that programs use."""
        return OPERATIONS

    @property
    def vocabulary(self) -> dict[str, int]:
        """Number of each word, from 2 on."""
        return VOCABULARY

    def question(self, rng: random.Random) -> TableQuestion:
        """One question; one whose answer would be no cell is drawn again."""
        while True:
            drawn = self._draw(rng)
            answer = run(drawn.program, drawn.values, drawn.texts, drawn.matches)
            if answer.scalar is not None or answer.cells:
                return _answered(drawn, answer)

    def questions(self, count: int, generator: torch.Generator) -> list[TableQuestion]:
        """Several questions, each on a table of its own.

        Args:
            count: how many.
            generator: the source of randomness.
        """
        rng = random.Random(int(torch.randint(2**62, (), generator=generator)))
        return [self.question(rng) for _ in range(whole_number("count", count, 1))]

    def draw(self, batch: int, generator: torch.Generator) -> TableBatch:
        """A batch of fresh questions, with the programs that answer them. Arguments as in `questions`."""
        return collate(self.questions(batch, generator), VOCABULARY, OPERATIONS)

    def _draw(self, rng: random.Random) -> TableQuestion:
        names = rng.sample(COLUMNS, self.columns) + rng.sample(list(WORD_COLUMNS), self.word_columns)
        values, texts = [], []
        for _ in range(rng.randint(*self.rows)):
            numbers = [rng.randint(*self.values) for _ in range(self.columns)]
            words = [rng.choice(WORD_COLUMNS[name]) for name in names[self.columns :]]
            values.append((*map(float, numbers), *[None] * self.word_columns))
            texts.append((*map(str, numbers), *words))
        said, program, pivots = self._phrase(rng, names)
        said.append("?")
        places = [place for place, word in enumerate(said) if word == NUMBER]
        asked = set(said)
        return TableQuestion(
            words=tuple(said),
            numbers=tuple(zip(places, pivots, strict=True)),
            names=tuple((name,) for name in names),
            texts=tuple(texts),
            values=tuple(values),
            matches=tuple(tuple(text in asked for text in row) for row in texts),
            name_matches=tuple(name in asked for name in names),
            program=tuple(program),
        )

    def _phrase(self, rng: random.Random, names: Sequence[str]) -> tuple[list[str], list[Step], list[float]]:
        """What is asked: its words, its program, and the numbers in it, in their order."""
        steps, ask = rng.choice(self.steps), partial(_answer, rng, names, self.columns)
        condition = partial(_condition, rng, names, self.columns, self.values)
        scalar = self.answers == "scalar" or (self.answers == "both" and rng.random() < 0.5)
        if steps == 1:
            return (*ask(scalar), [])
        if steps == 2:
            (said, last) = ask(scalar)
            if not scalar and rng.random() < 0.4:
                way, best = _best(rng, names, self.columns)
                return [*said, "with", *way], [best, *last], []
            (where,) = condition(1)
            return [*said, "where", *where[0]], [where[1], *last], where[2]
        if scalar and rng.random() < 0.4:
            (one, first), (two, second) = _answer(rng, names, self.columns, True, "sum"), ask(True)
            clear = [Step("reset"), *second, Step("difference")]
            return [*one, "minus", *two], [*first, *clear], []
        (said, last) = ask(scalar)
        if not scalar and rng.random() < 0.5:
            way, best = _best(rng, names, self.columns)
            (where,) = condition(1)
            return [*said, "with", *way, "where", *where[0]], [where[1], best, *last], where[2]
        joined = rng.choice(("and", "or"))
        one_of, other = condition(2)
        program = [one_of[1], other[1], Step(joined), *last]
        return [*said, "where", *one_of[0], joined, *other[0]], program, [*one_of[2], *other[2]]


Condition = tuple[list[str], Step, list[float]]


def _answer(
    rng: random.Random, names: Sequence[str], numbers: int, scalar: bool, only: str = ""
) -> tuple[list[str], list[Step]]:
    name = only or (rng.choice(("sum", "count")) if scalar else "assign")
    said = list(rng.choice(SAID[name]))
    if name == "count":
        return said, [Step("count")]
    column = rng.randrange(numbers if scalar else len(names))
    return [*said, names[column]], [Step(name, column)]


def _best(rng: random.Random, names: Sequence[str], numbers: int) -> tuple[list[str], Step]:
    name, column = rng.choice(("max", "min")), rng.randrange(numbers)
    return [*rng.choice(SAID[name]), names[column]], Step(name, column)


def _condition(
    rng: random.Random, names: Sequence[str], numbers: int, values: tuple[int, int], count: int
) -> list[Condition]:
    """Conditions of different kinds: a pivot belongs to an operation, so two of one kind could not differ in it."""
    kinds = ["greater", "lesser", *(["select"] if len(names) > numbers else [])]
    found: list[Condition] = []
    for kind in rng.sample(kinds, count):
        if kind == "select":
            column = rng.randrange(numbers, len(names))
            found.append(([names[column], "is", rng.choice(WORD_COLUMNS[names[column]])], Step(kind, column), []))
            continue
        column, pivot = rng.randrange(numbers), float(rng.randint(values[0] + 1, values[1] - 1))
        said = [names[column], *rng.choice(SAID[kind]), NUMBER]
        found.append((said, Step(kind, column, pivot), [pivot]))
    return found


def _answered(drawn: TableQuestion, answer: Answer) -> TableQuestion:
    cells = (answer.cells,) if answer.cells else ()
    return TableQuestion(**{**vars(drawn), "scalar": answer.scalar, "cells": cells})
