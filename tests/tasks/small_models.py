"""What the sentences of the entailment world mean, once more: read from their words, and tried in small worlds.

Nothing here comes from memlib: the tree of words, the parser and the truth of a sentence are written anew. A world is
a few individuals; a pair entails if the hypothesis holds in every world in which the premise does, and so on.
"""

from itertools import combinations_with_replacement, product
from math import comb
from typing import NamedTuple

import numpy as np

ABOVE = {
    **dict.fromkeys(["dogs", "cats", "birds", "horses"], "animals"),
    **dict.fromkeys(["poodles", "hounds"], "dogs"),
    "kittens": "cats",
    **dict.fromkeys(["ducks", "owls"], "birds"),
    "ponies": "horses",
    **dict.fromkeys(["adults", "children"], "people"),
    **dict.fromkeys(["men", "women"], "adults"),
    **dict.fromkeys(["boys", "girls"], "children"),
    **dict.fromkeys(["run", "walk", "swim"], "move"),
    **dict.fromkeys(["jog", "sprint"], "run"),
    **dict.fromkeys(["march", "stroll"], "walk"),
    **dict.fromkeys(["sleep", "sit"], "rest"),
    "doze": "sleep",
    **dict.fromkeys(["eat", "drink"], "consume"),
    **dict.fromkeys(["sing", "dance"], "perform"),
    **dict.fromkeys(["park", "garden", "street"], "outside"),
    **dict.fromkeys(["kitchen", "hall"], "inside"),
}


def below(*tops: str) -> list[str]:
    return [word for word in [*ABOVE, *tops] if any(holds(top, word) for top in tops)]


def holds(word: str, most_special: str | None) -> bool:
    """Whether a word is true of somebody of whom another is the most special true one (None: no named one is)."""
    while most_special is not None and most_special != word:
        most_special = ABOVE.get(most_special)
    return most_special == word


NOUNS = below("animals", "people")
VERBS = below("move", "rest", "consume", "perform")
PLACES = below("outside", "inside")
OPPOSITES = (("small", "big"), ("happy", "sad"), ("wet", "dry"))
WHO = list(product([*NOUNS, None], *[(*pair, None) for pair in OPPOSITES]))
WHAT = list(product([*VERBS, None], [*PLACES, None]))


class Sentence(NamedTuple):
    quantifier: str
    adjectives: list[str]
    noun: str
    negated: bool
    verb: str
    place: str | None

    @classmethod
    def parse(cls, words: list[str]) -> "Sentence":
        start = 2 if words[0] == "not" else 1
        noun = next(i for i, word in enumerate(words) if word in NOUNS)
        verb = next(i for i, word in enumerate(words) if word in VERBS)
        rest = [word for word in words[verb + 1 :] if word not in ("in", "the")]
        assert words[noun + 1 : verb] in ([], ["do", "not"])
        assert len(rest) <= 1
        assert words[verb + 1 :] in ([], ["outside"], ["inside"], ["in", "the", *rest])
        return cls(
            " ".join(words[:start]), words[start:noun], words[noun], verb - noun > 1, words[verb], *(rest or [None])
        )

    def speaks_of(self, who: tuple[str | None, ...]) -> bool:
        return holds(self.noun, who[0]) and all(adjective in who[1:] for adjective in self.adjectives)

    def true_of(self, what: tuple[str | None, ...]) -> bool:
        return self.negated != (holds(self.verb, what[0]) and (self.place is None or holds(self.place, what[1])))


def facts(tokens: tuple[str, ...]) -> list[Sentence]:
    assert tokens[-1] == "."
    found: list[list[str]] = [[]]
    for token in tokens[:-1]:
        if token in ("and", "but", "while"):
            found.append([])
        else:
            found[-1].append(token)
    return [Sentence.parse(words) for words in found]


class Worlds:
    """The worlds of a pair: individuals that no sentence of the pair can tell apart are one kind of individual."""

    def __init__(self, premise: tuple[str, ...], hypothesis: tuple[str, ...]) -> None:
        self.sentences = [*facts(premise), *facts(hypothesis)]
        who = {tuple(one.speaks_of(way) for one in self.sentences) for way in WHO}
        what = {tuple(one.true_of(way) for one in self.sentences) for way in WHAT}
        kinds = sorted(product(who, what))
        # One more for nobody, so that a world of at most so many can be written with exactly so many.
        self.group = np.array([*[a for a, _ in kinds], [False] * len(self.sentences)]).T
        self.does = np.array([*[b for _, b in kinds], [False] * len(self.sentences)]).T
        self.kinds = len(kinds)

    def all_worlds(self, individuals: int, limit: int) -> np.ndarray | None:
        """Every world of at most so many individuals [worlds, individuals]; None where there are too many."""
        if comb(self.kinds + individuals, individuals) > limit:
            return None
        return np.array(list(combinations_with_replacement(range(self.kinds + 1), individuals)))

    def possible_worlds(self, number: int, individuals: int, random: np.random.Generator) -> np.ndarray:
        """Random worlds of individuals that no premise rules out by itself [number, individuals]."""
        allowed = np.ones(self.kinds + 1, dtype=bool)
        for place, sentence in enumerate(self.sentences[:-1]):
            if sentence.quantifier in ("all", "no"):
                wrong = self.does[place] == (sentence.quantifier == "no")
                allowed &= ~(self.group[place] & wrong)
        return random.choice(np.flatnonzero(allowed), size=(number, individuals))

    def verdicts(self, worlds: np.ndarray) -> tuple[bool, bool]:
        """Whether the premise holds in some world beside the hypothesis, and in some world without it."""
        true = np.ones(len(worlds), dtype=bool)
        for place, sentence in enumerate(self.sentences):
            group, does = self.group[place][worlds], self.does[place][worlds]
            both, members = (group & does).sum(1), group.sum(1)
            told = {
                "all": both == members,
                "not all": both < members,
                "some": both >= 1,
                "two": both >= 2,
                "no": both == 0,
            }[sentence.quantifier]
            # Whatever is named exists.
            true &= members >= 1
            if place < len(self.sentences) - 1:
                true &= told
        return bool((true & told).any()), bool((true & ~told).any())
