"""The sentences of the entailment world, and a procedure that decides what follows from them.

The rules of this world:

- ``all``, ``not all``, ``some`` (at least one), ``two`` (at least two) and ``no`` are the logician's quantifiers.
- Kinds on one level of the tree exclude each other (no dog is a cat), and so do activities (who sleeps does not run),
  places, and opposite adjectives. Nobody does two things at once, or is at two places.
- Every group that a pair of sentences names has at least one member. So "all dogs run" entails "some dogs run", and
  contradicts "no dogs run".

A sentence only ever says of a set of cells that nobody is in it, or that at least one or two are in it; its negation
may also say that at most one is. Whether such claims can hold together is decided exactly by `consistent`. A premise
entails a hypothesis if the premise and the negated hypothesis cannot hold together; it contradicts the hypothesis if
the two cannot hold together; else it is neutral.
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from memlib.tasks.entailment_pairs import CONTRADICTION, ENTAILMENT, NEUTRAL
from memlib.tasks.entailment_words import EVERYTHING, PLACES, meaning


class Fact(NamedTuple):
    """One simple sentence.

    Attributes:
        quantifier: one of ``all``, ``not all``, ``some``, ``two``, ``no``.
        adjectives: none, one or more; all of them hold.
        kind: the noun.
        negated: with ``do not``; only after ``some`` and ``two``.
        activity: the verb.
        place: ``outside``, ``inside``, a word below them (then written ``in the park``), or None.
    """

    quantifier: str
    adjectives: tuple[str, ...]
    kind: str
    negated: bool
    activity: str
    place: str | None

    @property
    def words(self) -> tuple[str, ...]:
        """The sentence's words, without a full stop."""
        where = [] if self.place is None else [self.place] if self.place in PLACES else ["in", "the", self.place]
        verb = ["do", "not", self.activity] if self.negated else [self.activity]
        return (*self.quantifier.split(), *self.adjectives, self.kind, *verb, *where)


class Claims(NamedTuple):
    """What a sentence, or its negation, says: sets of cells as bits.

    Attributes:
        empty: nobody is in it; 0 says nothing.
        least: at least so many are in it; (0, 0) says nothing.
        one: at most one is in it; None says nothing.
    """

    empty: int = 0
    least: tuple[int, int] = (0, 0)
    one: int | None = None


@cache
def group(adjectives: tuple[str, ...], kind: str) -> int:
    """The cells that a sentence speaks of, such as those of small dogs."""
    cells = meaning(kind)
    for adjective in adjectives:
        cells &= meaning(adjective)
    return cells


@cache
def doing(activity: str, place: str | None, negated: bool) -> int:
    """The cells that do what a sentence says, such as to run in the park."""
    cells = meaning(activity) & (meaning(place) if place else EVERYTHING)
    return EVERYTHING & ~cells if negated else cells


# A claim takes some 20 kB, and there are very many facts: only the latest are kept.
@lru_cache(maxsize=1024)
def claims(fact: Fact, true: bool = True) -> Claims:
    """What a sentence says, or what its negation says."""
    who, what = group(fact.adjectives, fact.kind), doing(fact.activity, fact.place, fact.negated)
    if fact.quantifier in ("all", "not all"):
        exceptions = who & ~what
        holds = true == (fact.quantifier == "all")
        return Claims(empty=exceptions) if holds else Claims(least=(exceptions, 1))
    if fact.quantifier == "two":
        return Claims(least=(who & what, 2)) if true else Claims(one=who & what)
    nobody = true == (fact.quantifier == "no")
    return Claims(empty=who & what) if nobody else Claims(least=(who & what, 1))


def consistent(said: Iterable[Claims]) -> bool:
    """Whether claims can all hold in one world; at most one of them may say "at most one".

    Whoever is needed is put into a cell that is not empty by a claim, and outside the set of "at most one" if there is
    such a cell. Those who fit only inside that set must all be the same individual.
    """
    free, needs, one = EVERYTHING, [], None
    for claim in said:
        free &= ~claim.empty
        needs.append(claim.least)
        one = claim.one if claim.one is not None else one
    shared = free if one is None else free & one
    for cells, number in needs:
        if not number:
            continue
        if not cells & free:
            return False
        if one is not None and not cells & free & ~one:
            shared &= cells
            if number > 1 or not shared:
                return False
    return True


def label(premise: Sequence[Fact], hypothesis: Fact) -> int:
    """What a premise says of a hypothesis: 0 entailment, 1 neutral, 2 contradiction.

    Args:
        premise: facts that hold together.
        hypothesis: one fact.

    Raises:
        ValueError: no world agrees with the premise in which all named groups have members.
    """
    said = [claims(fact) for fact in premise]
    said += [Claims(least=(group(fact.adjectives, fact.kind), 1)) for fact in (*premise, hypothesis)]
    can_hold = consistent([*said, claims(hypothesis)])
    can_fail = consistent([*said, claims(hypothesis, False)])
    if not can_hold and not can_fail:
        raise ValueError("the premise contradicts itself, or leaves a group that is named without members.")
    return NEUTRAL if can_hold and can_fail else ENTAILMENT if can_hold else CONTRADICTION
