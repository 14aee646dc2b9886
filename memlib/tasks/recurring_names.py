"""Generated text in which names, once introduced, come back: the default where no real text is at hand.

What could a memory do for a language model? A name is met for the first time: nobody could have guessed it. Its bearer
is described, and some lines later the text speaks of "the baker from Lund": whoever remembers can say the name. Each
story introduces a few people, each with a trade, a town and a thing of their own, and then tells of them in turn, amid
lines about nobody. Names are many and stories short, so no name can be guessed without its introduction.

Every token is marked: a name's first mention, a later one that could be anybody of the story, or a word that follows
from what was told.

Source: schlag2021, Sec. 4.3
"""

from typing import NamedTuple

import torch

from memlib.tasks.checks import whole_number
from memlib.tasks.language import EOS, FIRST, LATER, PARTITIONS, PLAIN, Corpus, corpus

# A word that follows from what was told: a name from its bearer's description, or a description from the name.
TOLD = 3

TRADES = ("baker", "weaver", "sailor", "miller", "doctor", "painter", "farmer", "tailor", "joiner", "printer")
TOWNS = ("Lund", "Graz", "Faro", "Metz", "Bergen", "Split", "Cork", "Turku", "Gent", "Brno")
THINGS = ("boat", "clock", "horse", "lamp", "violin", "ladder", "goose", "map", "kettle", "carpet")
ONSETS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "dr", "kl", "tr")
VOWELS = ("a", "e", "i", "o", "u")
ENDINGS = ("n", "r", "s", "l", "m", "ck", "nd", "th")

# Braces hold what a template speaks of, and a mark: ! first mention, ? a later one, = follows from what was told.
INTRODUCTION = "{name!} , a {trade} from {town} , owns a {thing} ."
LATER_LINES = (
    "the {trade} from {town} is called {name=} .",
    "the {thing} belongs to {name=} .",
    "who works as a {trade} ? it is {name=} .",
    "somebody came from {town} to look for {name=} .",
    "{name?} still works as a {trade=} .",
    "{name?} was born in {town=} .",
    "in the evening {name?} took the {thing=} home .",
)
FILLERS = (
    "it rained until noon .",
    "the market opened late that day .",
    "nobody knew why the bells rang .",
    "the road to the harbour was closed .",
    "there was little news in the paper .",
    "after the storm the sky was clear .",
)
MARKS = {"!": FIRST, "?": LATER, "=": TOLD}
PEOPLE, LINES, FILLER = (2, 3), (6, 12), 0.3


class Told(NamedTuple):
    """Generated tokens, and what each of them is.

    Attributes:
        words: the tokens.
        marks: ``PLAIN``, ``FIRST``, ``LATER`` or ``TOLD`` for each of them.
    """

    words: list[str]
    marks: list[int]


def names(count: int) -> tuple[str, ...]:
    """So many different names, always the same ones.

    Raises:
        TypeError, ValueError: count is no whole number of at least 3.
        ValueError: there are not so many.
    """
    count, generator = whole_number("count", count, 3), torch.Generator().manual_seed(0)
    most = len(ONSETS) ** 2 * len(VOWELS) ** 2 * len(ENDINGS) // 4
    if count > most:
        raise ValueError(f"expected at most {most:,} names, got {count:,}.")
    found: dict[str, None] = {}
    while len(found) < count:
        parts = (ONSETS, VOWELS, ONSETS, VOWELS, ENDINGS)
        name = "".join(part[_below(len(part), generator)] for part in parts)
        found[name.capitalize()] = None
    return tuple(found)


def tell(count: int, seed: int, of: tuple[str, ...]) -> Told:
    """At least so many tokens, in whole stories; an empty line parts them.

    Args:
        count: of tokens.
        seed: of the text.
        of: the names, at least 3; `names` gives some.

    Raises:
        TypeError, ValueError: count or seed is no whole number, or count is below 1.
        ValueError: there are fewer than 3 names.
    """
    count, generator = whole_number("count", count, 1), torch.Generator().manual_seed(whole_number("seed", seed))
    if len(set(of)) < max(PEOPLE):
        raise ValueError(f"expected at least {max(PEOPLE)} different names, got {len(set(of))}.")
    told = Told([], [])
    while len(told.words) < count:
        _story(told, of, generator)
    return told


def text(train: int, valid: int, test: int, name_count: int = 400, seed: int = 0) -> Corpus:
    """A corpus of generated text; the three parts share the names, not the stories.

    Args:
        train: tokens, at least.
        valid: tokens, at least.
        test: tokens, at least.
        name_count: how many names there are.
        seed: of the text.
    """
    known = names(name_count)
    parts = zip(PARTITIONS, (train, valid, test), strict=True)
    told = {part: tell(size, 3 * whole_number("seed", seed) + i, known) for i, (part, size) in enumerate(parts)}
    marks = {part: torch.tensor(one.marks) for part, one in told.items()}
    return corpus({part: one.words for part, one in told.items()}, "generated text with recurring names", marks)


def _story(told: Told, of: tuple[str, ...], generator: torch.Generator) -> None:
    people = PEOPLE[_below(len(PEOPLE), generator)]
    pools = {"name": of, "trade": TRADES, "town": TOWNS, "thing": THINGS}
    # Everybody of a story has a name, a trade, a town and a thing of their own.
    drawn = {kind: torch.randperm(len(pool), generator=generator)[:people].tolist() for kind, pool in pools.items()}
    folk = [{kind: pools[kind][drawn[kind][i]] for kind in pools} for i in range(people)]
    for person in folk:
        _line(told, INTRODUCTION, person)
    for _ in range(LINES[0] + _below(LINES[1] - LINES[0] + 1, generator)):
        if torch.rand((), generator=generator) < FILLER:
            _line(told, FILLERS[_below(len(FILLERS), generator)], {})
        else:
            _line(told, LATER_LINES[_below(len(LATER_LINES), generator)], folk[_below(people, generator)])
    _line(told, "", {})


def _line(told: Told, template: str, person: dict[str, str]) -> None:
    for word in template.split():
        mark = PLAIN
        if word.startswith("{"):
            inner = word.strip("{}")
            mark = MARKS.get(inner[-1], PLAIN)
            word = person[inner.rstrip("!?=")]
        told.words.append(word)
        told.marks.append(mark)
    told.words.append(EOS)
    told.marks.append(PLAIN)


def _below(limit: int, generator: torch.Generator) -> int:
    return int(torch.randint(limit, (), generator=generator))
