"""Questions about families: who is Anne's maternal grandfather? (after the DNC's family tree)

A family is grown over generations: couples have a son, a daughter or one of each, and children marry. Of a family some
facts are told, each a triple of a person, a step and a person: (Anne, mother, Mary). A question names a person and a
relation of up to four steps, and is answered step by step: (Anne, maternal grandfather) is Mary, then John.

As every couple has at most one son and one daughter, each step has one answer. That is less than the paper's trees
have; names stand for the paper's random labels. A family is kept for training, for validation or for the test by a
checksum of all that could be told of it, so that no family of one part is met in another.

Source: graves2016dnc
"""

import random
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

Triple = tuple[str, str, str]
STEPS = ("mother", "father", "son", "daughter")
WOMEN = ("Anne", "Mary", "Jane", "Ruth", "Alice", "Clara", "Emma", "Freya", "Grace", "Helen", "Ida", "Lucy")
MEN = ("John", "Adam", "Bob", "Carl", "David", "Eric", "Frank", "George", "Henry", "Ian", "Jack", "Tom")
NAMES = WOMEN + MEN
PARTS = ("training", "validation", "test")


def _relations() -> dict[str, tuple[str, ...]]:
    """Every relation by name, and the steps that it is made of."""
    named: dict[str, tuple[str, ...]] = {step: (step,) for step in STEPS}
    sides = {"maternal": "mother", "paternal": "father"}
    grand = {
        f"{side} grand{parent}": (first, parent) for side, first in sides.items() for parent in ("mother", "father")
    }
    children = {f"{one}'s {other}": (one, other) for one in STEPS[2:] for other in STEPS[2:]}
    siblings = {"brother": ("mother", "son"), "sister": ("mother", "daughter")}
    of_siblings = {
        f"{sibling}'s {child}": (*path, child) for sibling, path in siblings.items() for child in ("son", "daughter")
    }
    great = {f"{name}'s {parent}": (*path, parent) for name, path in grand.items() for parent in ("mother", "father")}
    # Brothers of women and sisters of men: the mother's only son is not the one who is asked about.
    uncles = {"maternal uncle": ("mother", "mother", "son"), "paternal aunt": ("father", "mother", "daughter")}
    cousins = {f"{name}'s {child}": (*path, child) for name, path in uncles.items() for child in ("son", "daughter")}
    great_uncles = {f"{side} great-uncle": (first, "mother", "mother", "son") for side, first in sides.items()}
    great_aunts = {f"{side} great-aunt": (first, "father", "mother", "daughter") for side, first in sides.items()}
    return named | grand | siblings | children | great | uncles | of_siblings | great_uncles | great_aunts | cousins


RELATIONS: Mapping[str, tuple[str, ...]] = _relations()


class Question(NamedTuple):
    """What is told, what is asked, and the answer, in words.

    Attributes:
        facts: triples (person, step, person) in the order in which they are told.
        person: who is asked about.
        relation: one of `RELATIONS`.
        answers: the person reached by each step; the last one is the answer.
    """

    facts: tuple[Triple, ...]
    person: str
    relation: str
    answers: tuple[str, ...]

    def __str__(self) -> str:
        return f"Who is {self.person}'s {self.relation}?"


@dataclass(frozen=True)
class Family:
    """Who is whose child.

    Attributes:
        parents: from a child to mother and father, in the order of birth; who is in no couple and has no parents here
            is not in the family.
    """

    parents: Mapping[str, tuple[str, str]]

    @cached_property
    def facts(self) -> tuple[Triple, ...]:
        """All triples in both directions, four for every child."""
        told: list[Triple] = []
        for child, (mother, father) in self.parents.items():
            own = "daughter" if child in WOMEN else "son"
            told += [(child, "mother", mother), (child, "father", father), (mother, own, child), (father, own, child)]
        return tuple(told)

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Everybody, each once."""
        return tuple(dict.fromkeys(name for first, _, last in self.facts for name in (first, last)))

    @cached_property
    def _steps(self) -> dict[tuple[str, str], str]:
        return {(first, step): last for first, step, last in self.facts}

    def answers(self, person: str, relation: str) -> tuple[str, ...] | None:
        """The people reached step by step; None where a step leads nowhere or back to somebody met before.

        Args:
            person: where to start.
            relation: one of `RELATIONS`.

        Raises:
            ValueError: no such relation.
        """
        if relation not in RELATIONS:
            raise ValueError(f"no relation {relation!r}; expected one of {', '.join(RELATIONS)}.")
        met = [person]
        for step in RELATIONS[relation]:
            found = self._steps.get((met[-1], step))
            if found is None or found in met:
                return None
            met.append(found)
        return tuple(met[1:])

    @property
    def part(self) -> str:
        """One of `PARTS`, by a checksum: one family in ten for validation, one in ten for the test."""
        number = zlib.crc32(repr(sorted(self.facts)).encode()) % 10
        return {0: "test", 1: "validation"}.get(number, "training")


def family(rng: random.Random, people: int = 16) -> Family:
    """Grow a family over four generations, or until the names are used up.

    Args:
        rng: the source of randomness.
        people: at most so many, 3 to 24.

    Raises:
        ValueError: people is out of range.
    """
    if not 3 <= people <= len(NAMES):
        raise ValueError(f"family: expected 3 to {len(NAMES)} people, got {people}.")
    women, men = rng.sample(WOMEN, len(WOMEN)), rng.sample(MEN, len(MEN))
    parents: dict[str, tuple[str, str]] = {}
    size = 2
    couples = [(women.pop(), men.pop())]
    if people >= 6:
        couples.append((women.pop(), men.pop()))
        size += 2
    for generation in range(3):
        daughters: list[str] = []
        sons: list[str] = []
        for couple in couples:
            both = rng.choice((("d",), ("s",), ("d", "s"), ("d", "s")))
            for kind in both:
                pool = women if kind == "d" else men
                if size == people or not pool:
                    continue
                (daughters if kind == "d" else sons).append(pool[-1])
                parents[pool.pop()] = couple
                size += 1
        couples = []
        for child in rng.sample(daughters + sons, len(daughters) + len(sons)):
            if generation == 2 or any(child in couple for couple in couples):
                continue
            is_woman = child in daughters
            # A spouse from the family, if one of other parents is free, else somebody new.
            others = [
                one
                for one in (sons if is_woman else daughters)
                if parents[one] != parents[child] and not any(one in couple for couple in couples)
            ]
            pool = men if is_woman else women
            if others and rng.random() < 0.5:
                spouse = rng.choice(others)
            elif size < people and pool:
                spouse, size = pool.pop(), size + 1
            else:
                continue
            couples.append((child, spouse) if is_woman else (spouse, child))
    return Family(parents)
