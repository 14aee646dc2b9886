"""A story of people who move, written into a holographic memory sentence by sentence (story.js draws it)."""

from collections.abc import Sequence

import torch
import traitlets

from memlib.figures.base import Interactive, at_least, module, phases, seeded
from memlib.mechanisms.holographic import permutations, random_keys

RULES = ("add", "overwrite")

#: The draw that the figure starts from: the one with the least noise among the seeds 0 to 399.
CHOSEN = 125

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


def _is_fact(fact: object) -> bool:
    return isinstance(fact, tuple | list) and len(fact) == 3 and all(isinstance(part, str) for part in fact)


class StoryWidget(Interactive):
    """A story to step through: each sentence binds a place to a person's key; bars show what is read for a person.

    People are keys and places are values: complex vectors of modulus 1 with random phases, from one seeded generator
    (phases rounded to 4 decimals), as are the permutations.

    Args:
        story: (person, place, sentence) for each sentence, in order; `STORY` when None.
        dim: d, the width of the memory.
        most_copies: the most copies, which are the rows of the memory. The figure offers 1, 2, 4 and so on up to it.
        copies: at the start, 1 to most_copies; most_copies when None.
        step: sentences read at the start.
        person: who is asked for at the start; the first of the story when None.
        rule: ``add`` or ``overwrite``.
        seed: of the generator. The default is a draw chosen for its little noise, so that the bars are easy to read,
            and the figure says so.

    Raises:
        ValueError: the story is empty, or an argument is out of its range.
    """

    _esm = module("story")
    _words = "Write a story into a holographic memory sentence by sentence, and ask where each person is."
    step = traitlets.Int(0).tag(sync=True)
    person = traitlets.Unicode("").tag(sync=True)
    rule = traitlets.Enum(RULES, "add").tag(sync=True)
    copies = traitlets.Int(4).tag(sync=True)

    def __init__(
        self,
        story: Sequence[tuple[str, str, str]] | None = None,
        *,
        dim: int = 32,
        most_copies: int = 4,
        copies: int | None = None,
        step: int = 0,
        person: str | None = None,
        rule: str = "add",
        seed: int = CHOSEN,
    ) -> None:
        name = type(self).__name__
        told = list(STORY if story is None else story) if story is None or isinstance(story, Sequence) else []
        if not told or not all(_is_fact(fact) for fact in told):
            raise ValueError(f"{name}: expected story as a list of (person, place, sentence), got {story!r}.")
        copies = most_copies if copies is None else copies
        at_least(name, dim=(dim, 2), most_copies=(most_copies, 1), copies=(copies, 1), step=(step, 0))
        people = list(dict.fromkeys(who for who, _, _ in told))
        places = list(dict.fromkeys(where for _, where, _ in told))
        person = people[0] if person is None else person
        if step > len(told) or person not in people or rule not in RULES or copies > most_copies:
            raise ValueError(
                f"{name}: expected step <= {len(told)}, person in {people}, rule in {RULES} and "
                f"copies <= {most_copies}; got step={step}, person={person!r}, rule={rule!r}, copies={copies}."
            )
        generator = seeded(name, seed)
        vectors = random_keys(len(people) + len(places), dim, generator=generator, dtype=torch.complex128)
        data = {
            "names": people,
            "place_names": places,
            "people": phases(vectors[: len(people)]),
            "places": phases(vectors[len(people) :]),
            "permutations": permutations(most_copies, dim, generator).tolist(),
            "facts": [[people.index(who), places.index(where)] for who, where, _ in told],
            "sentences": [sentence for _, _, sentence in told],
            "chosen": story is None and seed == CHOSEN,
        }
        super().__init__(data=data, step=step, person=person, rule=rule, copies=copies)
