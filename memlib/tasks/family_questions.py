"""Batches of questions about families: triples told one a step, a query, and answers step by step.

At each step of the telling the input holds a person, a step and a person. Then one step with a person, a relation and a
flag; then the answer's steps, with another flag alone. An output has one place for each name.

Source: graves2016dnc
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from memlib.tasks.checks import whole_number
from memlib.tasks.choices import ChoiceTask, one_hot
from memlib.tasks.episode import Episode
from memlib.tasks.family_tree import NAMES, PARTS, RELATIONS, Family, Question, family

# Where things stand in an input: two names, one relation, two flags.
PERSON = {name: place for place, name in enumerate(NAMES)}
RELATION = {name: len(NAMES) + place for place, name in enumerate(RELATIONS)}
OTHER = {name: len(NAMES) + len(RELATIONS) + place for place, name in enumerate(NAMES)}
QUESTION_FLAG = 2 * len(NAMES) + len(RELATIONS)
ANSWER_FLAG = QUESTION_FLAG + 1
WIDTH_IN = ANSWER_FLAG + 1
WIDTH_OUT = len(NAMES)
TRIES = 1000


@dataclass(frozen=True)
class FamilyTree(ChoiceTask):
    """Answer a question about a family, step by step; by default as hard as it gets.

    Attributes:
        steps: the longest relation asked for, 1 to 4; every number of steps up to it is asked equally often.
        facts: how many facts are told, the question's own and others of the family; all there are, if fewer.
        people: the size of a family, at most; 3 to 24.
        shortest: relation asked for, at most ``steps``.
        part: whose families: "training", "validation" or "test"; no family is in two of them.

    Source: graves2016dnc
    """

    steps: int = 4
    facts: int = 16
    people: int = 16
    shortest: int = 1
    part: str = "training"
    choices = len(NAMES)
    width_in = WIDTH_IN
    width_out = len(NAMES)

    def __post_init__(self) -> None:
        if not 1 <= self.shortest <= self.steps <= 4 or self.facts < self.steps:
            raise ValueError(
                "FamilyTree: expected 1 <= shortest <= steps <= 4 and at least as many facts as steps; "
                f"got {self.shortest}, {self.steps} and {self.facts}."
            )
        if self.part not in PARTS:
            raise ValueError(f"FamilyTree: unknown part {self.part!r}; expected one of {', '.join(PARTS)}.")

    def draw(self, batch: int, generator: torch.Generator) -> Episode:
        """Questions about new families.

        Args:
            batch: how many.
            generator: the source of randomness.
        """
        rng = random.Random(int(torch.randint(2**62, (), generator=generator)))
        return encode([ask(rng, self) for _ in range(whole_number("batch", batch, 1))])


def ask(rng: random.Random, task: FamilyTree) -> Question:
    """One question about a new family.

    Args:
        rng: the source of randomness.
        task: how hard, and of which part.

    Raises:
        ValueError: families of that size have no relation of that many steps.
    """
    steps = rng.randint(task.shortest, task.steps)
    names = [name for name, path in RELATIONS.items() if len(path) == steps]
    for _ in range(TRIES):
        drawn = family(rng, task.people)
        if drawn.part != task.part or not drawn.parents:
            continue
        # A relation first, so that rare ones are not asked less often.
        for relation in rng.sample(names, 4):
            people = [person for person in drawn.people if drawn.answers(person, relation)]
            if people:
                return question(rng, drawn, rng.choice(people), relation, task.facts)
    raise ValueError(f"no family of {task.people} people has a relation of {steps} steps; let there be more people.")


def question(rng: random.Random, drawn: Family, person: str, relation: str, facts: int) -> Question:
    """A question about a family, with the facts that answer it among others, in random order.

    Args:
        rng: the source of randomness.
        drawn: the family.
        person: who is asked about.
        relation: one of `RELATIONS`.
        facts: how many are told, if the family has so many.

    Raises:
        ValueError: the family has no answer.
    """
    answers = drawn.answers(person, relation)
    if answers is None:
        raise ValueError(f"{person} has no {relation} in this family.")
    own = list(zip((person, *answers), RELATIONS[relation], answers, strict=False))
    rest = [fact for fact in drawn.facts if fact not in own]
    told = own + rng.sample(rest, min(len(rest), max(0, facts - len(own))))
    return Question(tuple(rng.sample(told, len(told))), person, relation, answers)


def encode(questions: Sequence[Question]) -> Episode:
    """Questions as a batch: what is told ends at the same step in all rows, so shorter tellings begin later.

    Args:
        questions: at least one.

    Returns:
        An episode of inputs [batch, time, WIDTH_IN] and targets [batch, time, WIDTH_OUT].

    Raises:
        ValueError: there is no question.
    """
    if not questions:
        raise ValueError("encode: expected at least one question, got none.")
    telling = max(len(one.facts) for one in questions)
    time = telling + 1 + max(len(one.answers) for one in questions)
    ones: list[tuple[int, ...]] = []
    answers: list[tuple[int, ...]] = []
    for row, one in enumerate(questions):
        start = telling - len(one.facts)
        for at, (person, relation, other) in enumerate(one.facts, start):
            ones += [(row, at, PERSON[person]), (row, at, RELATION[relation]), (row, at, OTHER[other])]
        ones += [(row, telling, place) for place in (PERSON[one.person], RELATION[one.relation], QUESTION_FLAG)]
        for at, name in enumerate(one.answers, telling + 1):
            ones.append((row, at, ANSWER_FLAG))
            answers.append((row, at, PERSON[name]))
    inputs = one_hot((len(questions), time, WIDTH_IN), ones)
    targets = one_hot((len(questions), time, WIDTH_OUT), answers)
    return Episode(inputs, targets, targets.any(-1))
