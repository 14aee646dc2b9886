"""A toy translation whose true alignment is known: two small languages with the same meaning in another order.

The source is English; the target is made up, and every one of its words follows from one source word. What differs:

* the adjective stands behind its noun;
* the verb stands last;
* some words become two (``sees`` is written ``ge lor``), both aligned with the one they come from;
* ``the`` and ``a`` agree with the noun: their words depend on its gender, so that one source word is not enough.

An example, with the place that each target word comes from::

    source  the red dog sees a small house
            0   1   2   3    4 5     6
    target  lo kan rubo un dom pik ge lor END
            0  2   1    4  6   5   3  3   -

A clause may be followed by ``and`` and another one.

Source: bahdanau2015, Sec. 5.2
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch

from memlib.tasks.checks import whole_number
from memlib.tasks.sequence_pairs import END, FIRST, NOWHERE, SequencePairs, padded

# Source word, target words, gender of the noun.
NOUNS = {
    "dog": ("kan", "m"),
    "cat": ("mia", "f"),
    "house": ("dom", "m"),
    "tree": ("arba", "f"),
    "horse": ("kav", "m"),
    "bird": ("avia", "f"),
    "boat": ("nav", "m"),
    "river": ("riva", "f"),
    "child": ("nino", "m"),
    "queen": ("rega", "f"),
}
ADJECTIVES = {"red": "rubo", "small": "pik", "old": "vet", "green": "verd", "quick": "rap", "quiet": "tas"}
VERBS = {"sees": "ge lor", "follows": "seku", "hears": "ge aud", "finds": "trov", "likes": "ama", "leaves": "ge par"}
ARTICLES = {"the": {"m": "lo", "f": "la"}, "a": {"m": "un", "f": "una"}}
AND = ("and", "et")


def _words(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for text in texts for word in text.split()))


SOURCE_WORDS = _words([*ARTICLES, *ADJECTIVES, *NOUNS, *VERBS, AND[0]])
TARGET_WORDS = _words(
    [a for forms in ARTICLES.values() for a in forms.values()]
    + [*ADJECTIVES.values(), *(noun for noun, _ in NOUNS.values()), *VERBS.values(), AND[1]]
)
SOURCE_IDS = {word: FIRST + i for i, word in enumerate(SOURCE_WORDS)}
TARGET_IDS = {word: FIRST + i for i, word in enumerate(TARGET_WORDS)}


class Sentence(NamedTuple):
    """A sentence and its translation.

    Attributes:
        source: words.
        target: words, without an end.
        alignment: for each target word the place of the source word that it translates.
    """

    source: list[str]
    target: list[str]
    alignment: list[int]


@dataclass(frozen=True)
class Translation:
    """The task's sizes.

    Attributes:
        clauses: in a sentence, at most.
        adjectives: before a noun, at most.
    """

    clauses: int = 2
    adjectives: int = 2

    def __post_init__(self) -> None:
        whole_number("clauses", self.clauses, 1)
        if whole_number("adjectives", self.adjectives, 0) > len(ADJECTIVES):
            raise ValueError(f"expected at most {len(ADJECTIVES)} adjectives, got {self.adjectives}.")

    @property
    def source_vocabulary(self) -> int:
        """Number of source tokens, `PAD`, `START` and `END` among them."""
        return FIRST + len(SOURCE_WORDS)

    @property
    def target_vocabulary(self) -> int:
        """Number of target tokens, `PAD`, `START` and `END` among them."""
        return FIRST + len(TARGET_WORDS)


def translate(source: list[str]) -> Sentence:
    """Translate a sentence of the grammar.

    Args:
        source: words, such as ``"the red dog sees a cat".split()``.

    Raises:
        ValueError: the words are no sentence of the grammar; the message names the first that does not fit.
    """
    target: list[str] = []
    alignment: list[int] = []

    def write(words: str, place: int) -> None:
        target.extend(words.split())
        alignment.extend([place] * len(words.split()))

    def expect(place: int, among: dict[str, object], kind: str) -> str:
        if place >= len(source) or source[place] not in among:
            found = repr(source[place]) if place < len(source) else "the end"
            raise ValueError(f"expected {kind} at place {place} of {' '.join(source)!r}, found {found}.")
        return source[place]

    def phrase(place: int) -> int:
        article = expect(place, dict(ARTICLES), "an article")
        noun = place + 1
        while noun < len(source) and source[noun] in ADJECTIVES:
            noun += 1
        word, gender = NOUNS[expect(noun, dict(NOUNS), "a noun")]
        write(ARTICLES[article][gender], place)
        write(word, noun)
        for adjective in range(place + 1, noun):
            write(ADJECTIVES[source[adjective]], adjective)
        return noun + 1

    place = 0
    while True:
        verb = phrase(place)
        expect(verb, dict(VERBS), "a verb")
        place = phrase(verb + 1)
        write(VERBS[source[verb]], verb)
        if place == len(source):
            return Sentence(source, target, alignment)
        expect(place, {AND[0]: None}, "'and' or the end")
        write(AND[1], place)
        place += 1


def sentence(task: Translation, generator: torch.Generator) -> Sentence:
    """Draw a sentence of the grammar, and translate it."""

    def below(limit: int) -> int:
        return int(torch.randint(limit, (), generator=generator))

    def one(words: dict[str, object]) -> str:
        return list(words)[below(len(words))]

    def phrase() -> list[str]:
        order = torch.randperm(len(ADJECTIVES), generator=generator).tolist()
        adjectives = [list(ADJECTIVES)[i] for i in order[: below(task.adjectives + 1)]]
        return [one(dict(ARTICLES)), *adjectives, one(dict(NOUNS))]

    words: list[str] = []
    for clause in range(1 + below(task.clauses)):
        words += ([AND[0]] if clause else []) + [*phrase(), one(dict(VERBS)), *phrase()]
    return translate(words)


def encode(sentences: list[Sentence]) -> SequencePairs:
    """Sentences as a batch of numbers."""
    return SequencePairs(
        padded([[SOURCE_IDS[word] for word in one.source] for one in sentences]),
        padded([[*(TARGET_IDS[word] for word in one.target), END] for one in sentences]),
        padded([[*one.alignment, NOWHERE] for one in sentences], NOWHERE),
    )


def batch(task: Translation, size: int, generator: torch.Generator) -> SequencePairs:
    """Draw pairs.

    Raises:
        TypeError, ValueError: size is no whole number of at least 1.
    """
    return encode([sentence(task, generator) for _ in range(whole_number("size", size, 1))])
