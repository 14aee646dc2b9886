"""A story of people who move, written into a holographic memory sentence by sentence (story.js draws it)."""

from collections.abc import Sequence

import torch
import traitlets

from memlib.figures.base import Interactive, at_least, module, phases
from memlib.mechanisms.holographic import permutations, random_keys

RULES = ("add", "overwrite")

#: Who, where to, and the sentence that says so. Mary returns to the bathroom before she leaves it for good.
STORY: tuple[tuple[str, str, str], ...] = (
    ("Mary", "bathroom", "Mary moved to the bathroom."),
    ("John", "hallway", "John went to the hallway."),
    ("Mary", "office", "Mary travelled to the office."),
    ("Sandra", "garden", "Sandra journeyed to the garden."),
    ("Mary", "bathroom", "Mary went back to the bathroom."),
    ("John", "kitchen", "John moved to the kitchen."),
    ("Mary", "garden", "Mary went to the garden."),
    ("Sandra", "hallway", "Sandra moved to the hallway."),
    ("John", "office", "John travelled to the office."),
    ("Mary", "kitchen", "Mary moved to the kitchen."),
)


class StoryWidget(Interactive):
    """A story to step through: each sentence binds a place to a person's key; bars show what is read for a person.

    People are keys and places are values: complex vectors of modulus 1 with random phases, from one seeded generator
    (phases rounded to 4 decimals), as are the permutations.

    Args:
        story: (person, place, sentence) for each sentence, in order; `STORY` when None.
        dim: d, the width of the memory.
        copies: its rows.
        step: sentences read at the start.
        person: who is asked for at the start; the first of the story when None.
        rule: ``add`` or ``overwrite``.
        seed: of the generator. The default is a draw with little noise, so that the bars are easy to read.

    Raises:
        ValueError: the story is empty, or an argument is out of its range.
    """

    _esm = module("story")
    _words = "Write a story into a holographic memory sentence by sentence, and ask where each person is."
    step = traitlets.Int(0).tag(sync=True)
    person = traitlets.Unicode("").tag(sync=True)
    rule = traitlets.Enum(RULES, "add").tag(sync=True)

    def __init__(
        self,
        story: Sequence[tuple[str, str, str]] | None = None,
        *,
        dim: int = 32,
        copies: int = 4,
        step: int = 0,
        person: str | None = None,
        rule: str = "add",
        seed: int = 3,
    ) -> None:
        name = type(self).__name__
        told = list(STORY if story is None else story)
        if not told or any(len(fact) != 3 for fact in told):
            raise ValueError(f"{name}: expected story as a list of (person, place, sentence), got {story!r}.")
        at_least(name, dim=(dim, 2), copies=(copies, 1), step=(step, 0))
        people = list(dict.fromkeys(who for who, _, _ in told))
        places = list(dict.fromkeys(where for _, where, _ in told))
        person = people[0] if person is None else person
        if step > len(told) or person not in people or rule not in RULES:
            raise ValueError(
                f"{name}: expected step <= {len(told)}, person in {people} and rule in {RULES}; "
                f"got step={step}, person={person!r}, rule={rule!r}."
            )
        generator = torch.Generator().manual_seed(seed)
        vectors = random_keys(len(people) + len(places), dim, generator=generator, dtype=torch.complex128)
        data = {
            "names": people,
            "place_names": places,
            "people": phases(vectors[: len(people)]),
            "places": phases(vectors[len(people) :]),
            "permutations": permutations(copies, dim, generator).tolist(),
            "facts": [[people.index(who), places.index(where)] for who, where, _ in told],
            "sentences": [sentence for _, _, sentence in told],
        }
        super().__init__(data=data, step=step, person=person, rule=rule)
