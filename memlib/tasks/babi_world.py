"""A small simulator of the world behind bAbI's tasks 1 and 2, for where the real files are not at hand.

People walk between places; in task 2 they also take, carry and drop objects. It is our own program, written from the
sentences and the counts of the real files; its stories are never the real ones, and say so by their source.
Where everything is at the start is hidden, as in the real stories: a question is asked only once its answer follows
from what was told.
"""

from dataclasses import dataclass, field

import torch

from memlib.tasks.babi_facts import DROPS, MOVES, TAKES
from memlib.tasks.babi_story import Question, Statement, Stories, Story
from memlib.tasks.checks import whole_number

PEOPLE = ("Mary", "John", "Sandra", "Daniel")
PLACES = ("bathroom", "hallway", "garden", "office", "kitchen", "bedroom")
THINGS = ("milk", "football", "apple")
QUESTIONS = 5
# Two statements come before each chance of a question, as in the real files.
GAP = 2
# In task 2 a person who could drop or take something does so this often, else walks.
HANDLE = 0.65


class Dice:
    """Draws from a torch.Generator, one at a time."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def pick(self, options: tuple[str, ...]) -> str:
        """One of the options, each as likely."""
        return options[int(torch.randint(len(options), (), generator=self.generator))]

    def chance(self, probability: float) -> bool:
        """True this often."""
        return bool(torch.rand((), generator=self.generator) < probability)


@dataclass
class World:
    """Where everybody and everything is, and which lines told it."""

    person_at: dict[str, str]
    thing_at: dict[str, str]
    holder: dict[str, str] = field(default_factory=dict)
    walked: dict[str, int] = field(default_factory=dict)
    handled: dict[str, int] = field(default_factory=dict)
    place_told: dict[str, int | None] = field(default_factory=dict)

    @classmethod
    def start(cls, dice: Dice) -> "World":
        """Everybody and everything at a hidden place."""
        return cls({name: dice.pick(PLACES) for name in PEOPLE}, {name: dice.pick(PLACES) for name in THINGS})

    def move(self, dice: Dice, person: str, line: int) -> str:
        """Walk to another place, and say so."""
        place = dice.pick(tuple(one for one in PLACES if one != self.person_at[person]))
        self.person_at[person], self.walked[person] = place, line
        return f"{person} {dice.pick(MOVES)} the {place}"

    def handle(self, dice: Dice, person: str, line: int) -> str | None:
        """Take or drop something, and say so; None when there is nothing to take or drop."""
        here = tuple(one for one in THINGS if one not in self.holder and self.thing_at[one] == self.person_at[person])
        carried = tuple(one for one in THINGS if self.holder.get(one) == person)
        if not here + carried:
            return None
        thing = dice.pick(here + carried)
        self.handled[thing] = line
        if thing in carried:
            del self.holder[thing]
            self.thing_at[thing], self.place_told[thing] = self.person_at[person], self.walked.get(person)
            return f"{person} {dice.pick(DROPS)} the {thing}{' there' if dice.chance(0.2) else ''}"
        self.holder[thing] = person
        return f"{person} {dice.pick(TAKES)} the {thing} there"

    def where_person(self, person: str) -> tuple[str, tuple[int, ...]] | None:
        """The place and the line that told it; None while nothing was told."""
        return (self.person_at[person], (self.walked[person],)) if person in self.walked else None

    def where_thing(self, thing: str) -> tuple[str, tuple[int, ...]] | None:
        """The place and the two lines that told it; None while it does not follow from what was told."""
        if thing not in self.handled:
            return None
        carrier = self.holder.get(thing)
        told = self.walked.get(carrier) if carrier else self.place_told[thing]
        place = self.person_at[carrier] if carrier else self.thing_at[thing]
        return (place, (self.handled[thing], told)) if told is not None else None


def _story(task: int, dice: Dice) -> Story:
    world = World.start(dice)
    lines: list[Statement | Question] = []
    asked = 0
    while asked < QUESTIONS:
        for _ in range(GAP):
            person, number = dice.pick(PEOPLE), len(lines) + 1
            handled = world.handle(dice, person, number) if task == 2 and dice.chance(HANDLE) else None
            lines.append(Statement(number, tuple((handled or world.move(dice, person, number)).split())))
        if task == 1:
            name = dice.pick(tuple(world.walked))
            known, words = world.where_person(name), f"Where is {name}"
        else:
            name = dice.pick(THINGS)
            known, words = world.where_thing(name), f"Where is the {name}"
        if known is not None:
            lines.append(Question(len(lines) + 1, tuple(words.split()), *known))
            asked += 1
    return Story(tuple(lines))


def simulate(task: int, count: int, seed: int = 0) -> Stories:
    """Make up stories in the manner of bAbI task 1 (people walk) or 2 (and carry things).

    Args:
        task: 1 or 2.
        count: how many stories, at least 1; each has five questions.
        seed: of the torch.Generator: the same seed gives the same stories.

    Returns:
        Stories whose ``.source`` is ``simulated``.

    Raises:
        TypeError: count or seed is no whole number.
        ValueError: task or count is out of range.
    """
    if task not in (1, 2):
        raise ValueError(f"expected task 1 or 2, got {task!r}: no other task can be simulated.")
    count = whole_number("count", count, 1)
    dice = Dice(whole_number("seed", seed))
    return Stories((_story(task, dice) for _ in range(count)), "simulated")
