"""Follow a chain of reads through a story: which writes each read matches, word by word (chained_reads.js draws it)."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import torch
import traitlets
from torch import Tensor

from memlib.figures.base import Interactive, at_least, module, seeded, styles
from memlib.figures.read_trace import Rounds, rounds, trace
from memlib.kernels.fast_weights import write
from memlib.mechanisms.associative import unit
from memlib.models.fwm import FWM

SHADES = ("match", "part")
START, ASK = "<eos>", "?"

#: The facts of the memory that is filled by hand: entity, relation, value.
FACTS = (
    ("gertrude", "is-a", "mouse"),
    ("winona", "is-a", "sheep"),
    ("mouse", "afraid-of", "wolf"),
    ("sheep", "afraid-of", "cat"),
)
THINGS = ("gertrude", "winona", "mouse", "sheep", "cat", "wolf")
RELATIONS = ("is-a", "afraid-of")

#: Stories in the form of bAbI's, written for this figure: a title, the words, the answer.
STORIES = (
    (
        "What is Gertrude afraid of?",
        "mice are afraid of wolves . gertrude is a mouse . cats are afraid of sheep . winona is a cat . "
        "sheep are afraid of mice . emily is a sheep . what is gertrude afraid of ?",
        "wolf",
    ),
    (
        "Where is the milk?",
        "mary got the milk there . john moved to the bedroom . mary travelled to the hallway . "
        "daniel went to the office . where is the milk ?",
        "hallway",
    ),
    (
        "Where is the apple?",
        "sandra took the apple . john went to the office . sandra went to the garden . "
        "sandra discarded the apple there . sandra moved to the kitchen . where is the apple ?",
        "garden",
    ),
)

_SHOWN = 4  # answers
_WIDTH = 32  # of the vectors of the memory filled by hand


class ChainedReadsWidget(Interactive):
    """Stories, and the reads that answer the question at the end of each.

    Without arguments it shows a memory that is filled by hand with four facts and read twice; `from_model` shows a
    trained model's memory instead. The figure says which of the two it is.

    Args:
        story: which one at the start, from 0.
        read: how many reads are made at the start.
        shade: ``match`` (how well a read matches a write) or ``part`` (times the size of what was written).
        seed: of the vectors of the memory that is filled by hand.
        data: in place of that memory; `from_model` makes it.

    Raises:
        ValueError: an argument is out of its range.
    """

    _esm = module("chained_reads")
    _css = styles() + "\n" + files("memlib.figures").joinpath("chained_reads.css").read_text(encoding="utf-8")
    _words = "Step through the reads of a fast-weight memory, and see which words of a story each of them matches."
    story = traitlets.Int(0).tag(sync=True)
    read = traitlets.Int(0).tag(sync=True)
    shade = traitlets.Enum(SHADES, "match").tag(sync=True)

    def __init__(
        self,
        *,
        story: int = 0,
        read: int = 0,
        shade: str = "match",
        seed: int = 11,
        data: dict[str, Any] | None = None,
    ) -> None:
        name = type(self).__name__
        data = by_hand(name, seed) if data is None else data
        at_least(name, story=(story, 0), read=(read, 0))
        count = len(data["stories"])
        most = len(data["stories"][story]["matches"]) if story < count else 0
        if story >= count or read > most or shade not in SHADES:
            raise ValueError(
                f"{name}: expected story < {count}, read <= {most} and shade in {SHADES}; "
                f"got story={story}, read={read}, shade={shade!r}."
            )
        super().__init__(data=data, story=story, read=read, shade=shade)

    @classmethod
    def from_model(
        cls,
        model: FWM,
        vocabulary: Sequence[str],
        stories: Sequence[tuple[str, str, str]] = STORIES,
        *,
        about: str = "a trained model",
        **start: Any,
    ) -> "ChainedReadsWidget":
        """The same figure with a model's memory; it is empty before the first word.

        Args:
            model: a Fast Weight Memory of words.
            vocabulary: its words, in the order of their numbers.
            stories: of each a title, its words with spaces between, the last of them ``?``, and the right answer.
            about: what model it is, in words, such as the name of its record.
            start: ``story``, ``read`` and ``shade``, as in the class.

        Raises:
            ValueError: there is no story, one does not end with a question, or has a word without a number.
        """
        numbers = {word: i for i, word in enumerate(vocabulary)}
        if not stories:
            raise ValueError(f"{cls.__name__}: expected at least one story.")
        data = {
            "stories": [_told(cls.__name__, model, vocabulary, numbers, one) for one in stories],
            "about": f"What you see are the reads of {about}. The stories were written for this figure, in the form of "
            "bAbI’s. The memory is empty before the first word, and at each word the network makes one write.",
            "scale": "probability of the next word",
        }
        return cls(data=data, **start)


def _told(
    name: str, model: FWM, vocabulary: Sequence[str], numbers: Mapping[str, int], story: tuple[str, str, str]
) -> dict[str, Any]:
    title, text, truth = story
    words = text.split()
    unknown = [word for word in (START, *words) if word not in numbers]
    if unknown or not words or words[-1] != ASK:
        raise ValueError(
            f"{name}: expected a story that ends with {ASK!r} in words of the vocabulary; "
            f"{title!r} ends with {words[-1:]}, and these have no number: {unknown}."
        )
    told = [START, *words]
    found = trace(model, [numbers[word] for word in told], len(told) - 1)
    share, place = found.probabilities[: len(vocabulary)].topk(min(_SHOWN, len(vocabulary)))
    answers = [[vocabulary[int(i)], round(float(p), 4)] for i, p in zip(place, share, strict=True)]
    return _data(title, ["start", *words], found.rounds, answers, truth)


def _data(title: str, words: list[str], read: Rounds, answers: list[list[Any]], truth: str) -> dict[str, Any]:
    return {
        "title": title,
        "words": words,
        "matches": _relative(read.matches),
        "parts": _relative(read.parts),
        "answers": answers,
        "truth": truth,
    }


def _relative(numbers: Tensor) -> list[list[float]]:
    """Each row by its largest modulus, rounded for the page."""
    scaled = numbers.double() / numbers.double().abs().amax(-1, keepdim=True).clamp(min=1e-30)
    rows: list[list[float]] = torch.round(scaled, decimals=4).tolist()
    return rows


def by_hand(name: str, seed: int) -> dict[str, Any]:
    """The data of the memory that is filled by hand: each fact is written at its last word, with strength 1."""
    source = seeded(name, seed)
    drawn = unit(torch.randn(len(THINGS) + len(RELATIONS), _WIDTH, generator=source, dtype=torch.float64))
    vectors = dict(zip(THINGS + RELATIONS, drawn, strict=True))
    zero = torch.zeros(_WIDTH, dtype=torch.float64)
    stories = []
    for who, wanted in (("gertrude", "wolf"), ("winona", "cat")):
        words: list[str] = []
        lines = []
        for s, r, v in FACTS:
            words += [s, r, v, "."]
            lines += [(zero, zero, zero, 0.0)] * 2 + [
                (vectors[s], vectors[r], vectors[v], 1.0),
                (zero, zero, zero, 0.0),
            ]
        asked = ["what", "is", who, "afraid-of", ASK]
        words, lines = words + asked, lines + [(zero, zero, zero, 0.0)] * len(asked)
        key1, key2, value = (torch.stack([line[i] for line in lines])[None] for i in range(3))
        strength = torch.tensor([line[3] for line in lines], dtype=torch.float64)[None, :, None]
        memory = torch.zeros(1, _WIDTH, _WIDTH, _WIDTH, dtype=torch.float64)
        chain = torch.stack([vectors[relation] for relation in RELATIONS])
        read = rounds(write(memory, key1, key2, value, strength), vectors[who], chain, len(words) - 1)
        near = torch.stack([unit(read.found[-1]) @ vectors[thing] for thing in THINGS])
        share, place = near.topk(_SHOWN)
        answers = [[THINGS[int(i)], round(float(p), 4)] for i, p in zip(place, share, strict=True)]
        stories.append(_data(f"What is {who.capitalize()} afraid of?", words, read, answers, wanted))
    return {
        "stories": stories,
        "about": "What you see is a memory that was filled by hand with four facts, each written at its last word; at "
        "the other words nothing is written. It is read twice, first with is-a, then with afraid-of. Nothing is "
        "trained. Entities and relations are random vectors of length 1.",
        "scale": "cosine with each thing",
    }
