"""Generated pairs of sentences whose label is known by logic, for where SNLI is not at hand.

A premise holds one fact that matters (the key) and any number of distractors, in any order; the hypothesis is one fact.
Hypotheses are made first. Each is then given three premises, one of each label, with the same number of distractors: so
a hypothesis alone tells nothing of its label. The key is the hypothesis with one, two or three of its parts changed, as
many for each label; half of the distractors are made in the same way. With the distractors alone every pair is
neutral, so that the label hangs on one fact, wherever in the premise it stands.

The language and its logic are our own (`memlib.tasks.entailment_logic`); nothing is taken from SNLI.
"""

from collections.abc import Callable

import torch

from memlib.tasks.babi_world import Dice
from memlib.tasks.checks import whole_number
from memlib.tasks.entailment_logic import Fact, label
from memlib.tasks.entailment_pairs import CONTRADICTION, ENTAILMENT, NEUTRAL, Pair, WordList
from memlib.tasks.entailment_words import (
    ACTIVITIES,
    ADJECTIVES,
    CONNECTIVES,
    KINDS,
    NEIGHBOURS,
    PLACES,
    QUANTIFIERS,
    QUESTION,
    VOCABULARY,
    members,
)

ADJECTIVE_WORDS = tuple(word for tree in ADJECTIVES for word in members(tree))
# How often a fact that is made from nothing has an adjective, a place, and a negated verb where it may have one.
ADJECTIVE, PLACE, NEGATION = 0.4, 0.4, 0.3
TRIES = 40
MOST_ADJECTIVES = 2


def vocabulary() -> WordList:
    """All words of the world, closed: every generated pair can be encoded with it."""
    return WordList(VOCABULARY)


def _below(number: int, dice: Dice) -> int:
    """A whole number from 0, smaller than ``number``."""
    return int(torch.randint(number, (), generator=dice.generator))


def _fact(dice: Dice) -> Fact:
    quantifier = dice.pick(QUANTIFIERS)
    return Fact(
        quantifier,
        (dice.pick(ADJECTIVE_WORDS),) if dice.chance(ADJECTIVE) else (),
        dice.pick(tuple(members(KINDS))),
        quantifier in ("some", "two") and dice.chance(NEGATION),
        dice.pick(tuple(members(ACTIVITIES))),
        dice.pick(tuple(members(PLACES))) if dice.chance(PLACE) else None,
    )


def _other_quantifier(fact: Fact, dice: Dice) -> Fact:
    quantifier = dice.pick(tuple(one for one in QUANTIFIERS if one != fact.quantifier))
    return fact._replace(quantifier=quantifier, negated=fact.negated and quantifier in ("some", "two"))


def _other_adjectives(fact: Fact, dice: Dice) -> Fact:
    """One adjective is dropped, added, or turned into its opposite."""
    now = fact.adjectives
    if now and dice.chance(0.5):
        gone = dice.pick(now)
        opposite = (NEIGHBOURS[gone][0],) if dice.chance(0.5) else ()
        return fact._replace(adjectives=tuple(one for one in now if one != gone) + opposite)
    asked = {QUESTION[one] for one in now}
    new = tuple(one for one in ADJECTIVE_WORDS if QUESTION[one] not in asked)
    return fact._replace(adjectives=(*now, dice.pick(new))) if len(now) < MOST_ADJECTIVES else fact


def _other_place(fact: Fact, dice: Dice) -> Fact:
    """The place is dropped, made wider, narrower or another one; or a place is added."""
    if fact.place is None:
        return fact._replace(place=dice.pick(tuple(members(PLACES))))
    return fact._replace(place=None if dice.chance(0.4) else dice.pick(NEIGHBOURS[fact.place]))


def _other_negation(fact: Fact, dice: Dice) -> Fact:
    return fact._replace(negated=not fact.negated) if fact.quantifier in ("some", "two") else fact


CHANGES: dict[str, Callable[[Fact, Dice], Fact]] = {
    "quantifier": _other_quantifier,
    "adjectives": _other_adjectives,
    "kind": lambda fact, dice: fact._replace(kind=dice.pick(NEIGHBOURS[fact.kind])),
    "negation": _other_negation,
    "activity": lambda fact, dice: fact._replace(activity=dice.pick(NEIGHBOURS[fact.activity])),
    "place": _other_place,
}


def _changed(fact: Fact, times: int, dice: Dice) -> Fact:
    """The fact with so many different parts changed."""
    left = tuple(CHANGES)
    for _ in range(times):
        part = dice.pick(left)
        left = tuple(one for one in left if one != part)
        fact = CHANGES[part](fact, dice)
    return fact


def _label(premise: list[Fact], hypothesis: Fact) -> int | None:
    try:
        return label(premise, hypothesis)
    except ValueError:
        return None


def _key(hypothesis: Fact, wanted: int, times: int, dice: Dice) -> Fact | None:
    """A fact of the wanted label, other than the hypothesis; None where none was found."""
    for _ in range(TRIES):
        key = _changed(hypothesis, times, dice)
        if key != hypothesis and _label([key], hypothesis) == wanted:
            return key
    return None


def _premise(key: Fact, hypothesis: Fact, wanted: int, distractors: int, dice: Dice) -> list[Fact] | None:
    """The key among distractors that decide nothing; None where they were not found."""
    facts: list[Fact] = []
    tries = TRIES * (1 + distractors)
    while len(facts) < distractors:
        tries -= 1
        if not tries:
            return None
        new = _changed(hypothesis, 1 + _below(3, dice), dice) if dice.chance(0.5) else _fact(dice)
        fits = new not in (*facts, key, hypothesis) and _label([*facts, new], hypothesis) == NEUTRAL
        if fits and _label([key, *facts, new], hypothesis) == wanted:
            facts.append(new)
    facts.insert(_below(distractors + 1, dice), key)
    return facts


def _three(low: int, high: int, dice: Dice) -> list[Pair]:
    """Three pairs with one hypothesis, one of each label; which label comes first is drawn."""
    while True:
        hypothesis = _fact(dice)
        times = 1 + _below(3, dice)
        number = low + _below(high - low + 1, dice)
        pairs = []
        for wanted in (ENTAILMENT, NEUTRAL, CONTRADICTION):
            key = _key(hypothesis, wanted, times, dice)
            facts = _premise(key, hypothesis, wanted, number, dice) if key else None
            if facts is None:
                break
            pairs.append(Pair(_told(facts, dice), (*hypothesis.words, "."), wanted))
        else:
            first = _below(3, dice)
            return pairs[first:] + pairs[:first]


def _told(facts: list[Fact], dice: Dice) -> tuple[str, ...]:
    """The words of several facts in one sentence."""
    words = list(facts[0].words)
    for fact in facts[1:]:
        words += [dice.pick(CONNECTIVES), *fact.words]
    return (*words, ".")


def generate(count: int, seed: int, distractors: int | tuple[int, int] = (0, 3)) -> list[Pair]:
    """Make up pairs, a third of each label.

    Args:
        count: how many, at least 1.
        seed: of the torch.Generator: the same seed gives the same pairs, and the first pairs of more.
        distractors: how many facts that decide nothing stand in a premise: a number, or the least and the most.

    Raises:
        TypeError: something is no whole number.
        ValueError: a number is out of range.
    """
    count = whole_number("count", count, 1)
    both = distractors if isinstance(distractors, tuple | list) else (distractors, distractors)
    low, high = (whole_number("distractors", one, 0) for one in both) if len(both) == 2 else (1, 0)
    if low > high:
        raise ValueError(f"expected distractors as a number, or as two, the least first; got {distractors}.")
    dice = Dice(whole_number("seed", seed))
    pairs: list[Pair] = []
    while len(pairs) < count:
        pairs += _three(low, high, dice)
    return pairs[:count]
