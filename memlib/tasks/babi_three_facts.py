"""A simulator of bAbI's task 3, for the stories of its training file that are not at hand.

People walk, take things and drop them; a question asks where a thing was before some place: "Where was the milk before
the kitchen?" It is our own program, written from what 585 genuine stories hold: the shares of the phrases, the gaps
between questions, the lengths, and which three lines a question rests on. Its stories are never the real ones, and
say so by their source.

How the genuine stories seem to be made, as far as they show it. A person and one of three actions are drawn; what is
impossible is drawn again. After every second statement comes a question, if there is one to ask. A thing can be asked
for when it was carried to two places or more since it was last taken, and when the last that was done to it, the
taking or the dropping, is at most four statements old. Of all questions that can be asked, one is drawn.

Source: weston2015
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import torch

from memlib.tasks.babi_facts import DROPS, MOVES, TAKES
from memlib.tasks.babi_story import Question, Statement, Stories, Story
from memlib.tasks.babi_world import GAP, PEOPLE, PLACES, QUESTIONS, THINGS, Dice
from memlib.tasks.checks import whole_number

# A thing can be asked for until so many statements after it was taken or dropped.
FRESH = 4
# How often a taking or a dropping ends with "there".
THERE = 0.2


class Walk(NamedTuple):
    """A thing was carried to a place, as that line tells."""

    place: str
    line: int


@dataclass
class Carried:
    """What is known of one thing since it was last taken.

    Attributes:
        place: where it lies; while it is held, where it was taken.
        holder: who holds it; None while it lies.
        line: that told of its last taking or dropping.
        told: how many statements there were by then.
        walks: with whoever held it last, in order.
    """

    place: str
    holder: str | None = None
    line: int = 0
    told: int = 0
    walks: list[Walk] = field(default_factory=list)


class Room:
    """The people, the things and what was told of them.

    Args:
        dice: for every draw.
    """

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.at = {person: dice.pick(PLACES) for person in PEOPLE}
        self.things = {thing: Carried(dice.pick(PLACES)) for thing in THINGS}

    def statement(self, line: int, told: int) -> str:
        """Let somebody do something that can be done, and say so."""
        while True:
            person, action = self.dice.pick(PEOPLE), self.dice.pick(("move", "take", "drop"))
            said = {"move": self._move, "take": self._take, "drop": self._drop}[action](person, line, told)
            if said is not None:
                return said

    def _move(self, person: str, line: int, told: int) -> str | None:
        place = self.dice.pick(PLACES)
        if place == self.at[person]:
            return None
        self.at[person] = place
        for thing in self.things.values():
            if thing.holder == person:
                thing.walks.append(Walk(place, line))
        return f"{person} {self.dice.pick(MOVES)} the {place}"

    def _take(self, person: str, line: int, told: int) -> str | None:
        here = [name for name, thing in self.things.items() if thing.holder is None and thing.place == self.at[person]]
        if not here:
            return None
        name = self.dice.pick(tuple(here))
        self.things[name] = Carried(self.at[person], person, line, told)
        return f"{person} {self.dice.pick(TAKES)} the {name}{self._there()}"

    def _drop(self, person: str, line: int, told: int) -> str | None:
        held = [name for name, thing in self.things.items() if thing.holder == person]
        if not held:
            return None
        name = self.dice.pick(tuple(held))
        self.things[name] = Carried(self.at[person], None, line, told, self.things[name].walks)
        return f"{person} {self.dice.pick(DROPS)} the {name}{self._there()}"

    def _there(self) -> str:
        return " there" if self.dice.chance(THERE) else ""

    def questions(self, told: int) -> list[tuple[str, Walk, Walk, int]]:
        """All that can be asked: a thing, two places it was carried to one after the other, and the handling's line.

        The later of the two places was not visited again, so that the answer is plain.

        Args:
            told: how many statements there were.
        """
        found = []
        for name, thing in self.things.items():
            if told - thing.told <= FRESH:
                last = {walk.place: walk.line for walk in thing.walks}
                for first, second in pairwise(thing.walks):
                    if last[second.place] == second.line:
                        found.append((name, first, second, thing.line))
        return found


def _story(dice: Dice) -> Story:
    room = Room(dice)
    lines: list[Statement | Question] = []
    told = asked = 0
    while asked < QUESTIONS:
        for _ in range(GAP):
            told += 1
            lines.append(Statement(len(lines) + 1, tuple(room.statement(len(lines) + 1, told).split())))
        if choices := room.questions(told):
            name, first, second, handled = choices[int(torch.randint(len(choices), (), generator=dice.generator))]
            words = ("Where", "was", "the", name, "before", "the", second.place)
            support = (handled, second.line, first.line)
            lines.append(Question(len(lines) + 1, words, first.place, support))
            asked += 1
    return Story(tuple(lines))


def simulate(count: int, seed: int = 0) -> Stories:
    """Make up stories in the manner of bAbI task 3.

    Args:
        count: how many stories, at least 1; each has five questions.
        seed: of the torch.Generator: the same seed gives the same stories.

    Returns:
        Stories whose ``.source`` is ``simulated``.

    Raises:
        TypeError: count or seed is no whole number.
        ValueError: count is out of range.
    """
    count = whole_number("count", count, 1)
    dice = Dice(whole_number("seed", seed))
    return Stories((_story(dice) for _ in range(count)), "simulated")
