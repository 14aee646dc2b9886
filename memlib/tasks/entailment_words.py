"""The words of the entailment world, and what they mean: sets of cells.

Six questions can be asked of an individual: what it is, what it does, where, how large, in what mood, wet or dry. The
words that answer one question form a tree; a word means itself and everything below it. Under each word there is room
for something that has no name (other dogs than poodles and hounds), so that no list of names is ever complete.
A cell is one full answer to all six questions. A word means a set of cells, held as the bits of one integer.
"""

from functools import cache
from math import prod

Tree = dict[str, "Tree"]

KINDS: Tree = {
    "animals": {
        "dogs": {"poodles": {}, "hounds": {}},
        "cats": {"kittens": {}},
        "birds": {"ducks": {}, "owls": {}},
        "horses": {"ponies": {}},
    },
    "people": {"adults": {"men": {}, "women": {}}, "children": {"boys": {}, "girls": {}}},
}
ACTIVITIES: Tree = {
    "move": {"run": {"jog": {}, "sprint": {}}, "walk": {"march": {}, "stroll": {}}, "swim": {}},
    "rest": {"sleep": {"doze": {}}, "sit": {}},
    "consume": {"eat": {}, "drink": {}},
    "perform": {"sing": {}, "dance": {}},
}
PLACES: Tree = {"outside": {"park": {}, "garden": {}, "street": {}}, "inside": {"kitchen": {}, "hall": {}}}
SIZES: Tree = {"small": {}, "big": {}}
MOODS: Tree = {"happy": {}, "sad": {}}
WATER: Tree = {"wet": {}, "dry": {}}

QUESTIONS = (KINDS, ACTIVITIES, PLACES, SIZES, MOODS, WATER)
ADJECTIVES = (SIZES, MOODS, WATER)
QUANTIFIERS = ("all", "not all", "some", "two", "no")
CONNECTIVES = ("and", "but", "while")


def members(tree: Tree) -> list[str]:
    """All words of a tree, each before those below it."""
    return [word for top, below in tree.items() for word in (top, *members(below))]


def _values(tree: Tree, first: int, found: dict[str, range]) -> int:
    """Give each word of a tree its range of values, counted from ``first``; returns the first that is free."""
    for word, below in tree.items():
        # One more than the words below it need: the value without a name; a word with nothing below is one value.
        end = _values(below, first, found) + 1
        found[word] = range(first, end)
        first = end
    return first


def _neighbours(tree: Tree, above: str | None, found: dict[str, tuple[str, ...]]) -> None:
    for word, below in tree.items():
        beside = [other for other in tree if other != word]
        found[word] = tuple([above] if above else []) + tuple(beside) + tuple(below)
        _neighbours(below, word, found)


VALUES: dict[str, range] = {}
# Answers to each question: the named ones and one without a name.
ANSWERS = tuple(_values(tree, 0, VALUES) + 1 for tree in QUESTIONS)
# The words above, beside and below each word.
NEIGHBOURS: dict[str, tuple[str, ...]] = {}
for _tree in QUESTIONS:
    _neighbours(_tree, None, NEIGHBOURS)
QUESTION = {word: number for number, tree in enumerate(QUESTIONS) for word in members(tree)}

CELLS = prod(ANSWERS)
EVERYTHING = (1 << CELLS) - 1

VOCABULARY = tuple(
    dict.fromkeys(
        ["all", "some", "two", "no", "not", "do", "in", "the", ".", *CONNECTIVES]
        + [word for tree in QUESTIONS for word in members(tree)]
    )
)


@cache
def meaning(word: str) -> int:
    """The cells that a word holds of, as bits.

    A cell's number is its answers read as digits, the first question's being the least. So the cells of one answer are
    runs of bits that come again at equal distances.
    """
    question = QUESTION[word]
    run = prod(ANSWERS[:question])
    distance = run * ANSWERS[question]
    once = sum(((1 << run) - 1) << (run * value) for value in VALUES[word])
    return once * (EVERYTHING // ((1 << distance) - 1))
