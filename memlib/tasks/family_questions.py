"""Batches of questions about families: triples told one a step, a query, and answers step by step.

At each step of the telling the input holds a person, a step and a person. Then one step with a person, a relation and a
flag; then the answer's steps, with another flag alone. An output has one place for each name.

Source: graves2016dnc
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from memlib.tasks.checks import whole_number
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
class FamilyLesson:
    """How hard the questions are.

    Attributes:
        steps: the longest relation asked for, 1 to 4; every number of steps up to it is asked equally often.
        facts: how many facts are told, the question's own and others of the family; all there are, if fewer.
        people: the size of a family, at most.
    """

    steps: int = 4
    facts: int = 16
    people: int = 16

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= 4 or self.facts < self.steps:
            raise ValueError(
                f"FamilyLesson: expected 1 to 4 steps and at least as many facts, got {self.steps} and {self.facts}."
            )


def ask(rng: random.Random, lesson: FamilyLesson, part: str = "training") -> Question:
    """One question about a new family of a part.

    Args:
        rng: the source of randomness.
        lesson: how hard.
        part: "training", "validation" or "test"; no family is in two of them.

    Raises:
        ValueError: no such part, or families of that size have no relation of that many steps.
    """
    if part not in PARTS:
        raise ValueError(f"unknown part {part!r}; expected one of {', '.join(PARTS)}.")
    steps = rng.randint(1, lesson.steps)
    names = [name for name, path in RELATIONS.items() if len(path) == steps]
    for _ in range(TRIES):
        drawn = family(rng, lesson.people)
        if drawn.part != part or not drawn.parents:
            continue
        # A relation first, so that rare ones are not asked less often.
        for relation in rng.sample(names, 4):
            people = [person for person in drawn.people if drawn.answers(person, relation)]
            if people:
                return question(rng, drawn, rng.choice(people), relation, lesson.facts)
    raise ValueError(f"no family of {lesson.people} people has a relation of {steps} steps; let there be more people.")


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
    inputs = torch.zeros(len(questions), time, WIDTH_IN)
    targets = torch.zeros(len(questions), time, WIDTH_OUT)
    mask = torch.zeros(len(questions), time, dtype=torch.bool)
    ones: list[tuple[int, int, int]] = []
    answers: list[tuple[int, int, int]] = []
    for row, one in enumerate(questions):
        start = telling - len(one.facts)
        for at, (person, relation, other) in enumerate(one.facts, start):
            ones += [(row, at, PERSON[person]), (row, at, RELATION[relation]), (row, at, OTHER[other])]
        ones += [(row, telling, place) for place in (PERSON[one.person], RELATION[one.relation], QUESTION_FLAG)]
        for at, name in enumerate(one.answers, telling + 1):
            ones.append((row, at, ANSWER_FLAG))
            answers.append((row, at, PERSON[name]))
    inputs[tuple(torch.tensor(ones).T)] = 1.0
    targets[tuple(torch.tensor(answers).T)] = 1.0
    mask[tuple(torch.tensor(answers).T[:2])] = True
    return Episode(inputs, targets, mask)


def batch(count: int, lesson: FamilyLesson, generator: torch.Generator, part: str = "training") -> Episode:
    """Questions about ``count`` new families.

    Args:
        count: rows.
        lesson: how hard.
        generator: the source of randomness.
        part: of the families, see `ask`.
    """
    rng = random.Random(int(torch.randint(2**62, (), generator=generator)))
    return encode([ask(rng, lesson, part) for _ in range(whole_number("count", count, 1))])


def answered(outputs: Float[Tensor, "batch time names"], episode: Episode) -> Bool[Tensor, "batch time"]:
    """Whether each step's likeliest name is the right one; True where nothing is asked.

    Args:
        outputs: scores of the names at every step.
        episode: with the answers.
    """
    return (outputs.argmax(-1) == episode.targets.argmax(-1)) | ~episode.mask


def wholly_right(outputs: Float[Tensor, "batch time names"], episode: Episode) -> float:
    """Share of the questions of which every step is answered rightly, in per cent."""
    return 100 * answered(outputs, episode).all(-1).double().mean().item()
