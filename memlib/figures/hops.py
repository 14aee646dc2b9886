"""A memory network's hops over a story: the weights of its sentences, and the answer without one of them (hops.js)."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import torch
import traitlets
from torch import Tensor

from memlib.figures.base import Interactive, module, styles
from memlib.models.memory_network import MemoryNetwork

Told = tuple[str, Sequence[str], str, str]


class HopsWidget(Interactive):
    """Stories under a memory network: press a sentence to take it out, and see what the network says without it.

    The vectors of the sentences, of the question and of the possible answers travel with the figure; matching, reading
    and answering are computed in the page. A sentence that is taken out leaves the ages of the others as they are.

    Args:
        data: as `from_model` makes it.
        story: which is shown at the start, from 0.
        out: which sentence is taken out at the start, counted from 1, the oldest first; 0 for none.

    Raises:
        ValueError: there is no such story or sentence.
    """

    _esm = module("hops")
    _css = styles() + "\n" + files("memlib.figures").joinpath("hops.css").read_text(encoding="utf-8")
    _words = "Press a sentence of a story to take it out, and see what the network answers without it."
    story = traitlets.Int(0).tag(sync=True)
    out = traitlets.Int(0).tag(sync=True)

    def __init__(self, data: dict[str, Any], *, story: int = 0, out: int = 0) -> None:
        name, stories = type(self).__name__, data["stories"]
        if not 0 <= story < len(stories):
            raise ValueError(f"{name}: expected story from 0 to {len(stories) - 1}, got {story!r}.")
        if not 0 <= out <= len(stories[story]["sentences"]):
            raise ValueError(f"{name}: expected out from 0 to {len(stories[story]['sentences'])}, got {out!r}.")
        super().__init__(data=data, story=story, out=out)

    @classmethod
    def from_model(
        cls,
        model: MemoryNetwork,
        ids: dict[str, int],
        stories: Sequence[Told],
        answers: Sequence[str],
        *,
        about: str = "a trained network",
        **start: int,
    ) -> "HopsWidget":
        """The figure of a trained network.

        Args:
            model: with adjacent tying; its softmax is in use.
            ids: from a word to its number.
            stories: of each a title, its sentences from the oldest to the newest, the question, the right answer; words
                with spaces between.
            answers: the words among which the figure shows the probability.
            about: what network it is, in words.
            start: ``story`` and ``out``, as in the class.

        Raises:
            ValueError: there is no story, a word has no number, the right answer is not among the answers, or the
                network ties its hops in another way.
        """
        name = cls.__name__
        if not stories or model.config.tying != "adjacent" or bool(model.linear):
            raise ValueError(f"{name}: expected stories and a network with adjacent tying and its softmax in use.")
        with torch.no_grad():
            told = [_told(name, model, ids, one, answers) for one in stories]
            rows = model.words[-1][_numbers(name, ids, " ".join(answers))]
        # What the other words of the vocabulary take of the softmax is left out: the answers share all of it.
        data = {
            "stories": told,
            "answers": list(answers),
            "rows": _rounded(rows),
            "hops": model.config.hops,
            "empty": model.config.memory if model.config.attend_empty else 0,
            "about": about,
        }
        return cls(data, **start)


def _numbers(name: str, ids: dict[str, int], text: str) -> Tensor:
    unknown = [word for word in text.split() if word not in ids]
    if unknown:
        raise ValueError(f"{name}: the words {', '.join(unknown)} have no number.")
    return torch.tensor([ids[word] for word in text.split()])


def _rounded(numbers: Tensor) -> list[Any]:
    return torch.round(numbers.double(), decimals=4).tolist()


def _encoded(model: MemoryNetwork, sentences: Tensor, question: Tensor) -> tuple[list[Tensor], Tensor]:
    """What each table makes of the sentences, the newest first, with their ages; and the question."""
    tables = model._encode(sentences, list(model.words))
    ages = [model.times[k][: len(sentences)] if model.config.temporal else 0.0 for k in range(len(tables))]
    asked = model._encode(question.unsqueeze(0), [model.words[0]])[0][0]
    return [table + age for table, age in zip(tables, ages, strict=True)], asked


def _told(name: str, model: MemoryNetwork, ids: dict[str, int], one: Told, answers: Sequence[str]) -> dict[str, Any]:
    title, sentences, question, answer = one
    if answer not in answers or not sentences or len(sentences) > model.config.memory:
        raise ValueError(
            f"{name}: expected 1 to {model.config.memory} sentences and an answer of {', '.join(answers)}; "
            f"got {len(sentences)} and {answer!r}."
        )
    newest = [_numbers(name, ids, sentence) for sentence in reversed(sentences)]
    padded = torch.nn.utils.rnn.pad_sequence(newest, batch_first=True)
    tables, asked = _encoded(model, padded, _numbers(name, ids, question))
    return {
        "title": title,
        "sentences": [f"{line[:1].upper()}{line[1:]}." for line in sentences],
        "question": f"{question[:1].upper()}{question[1:]}?",
        "answer": list(answers).index(answer),
        "asked": _rounded(asked),
        # Table by table, the oldest sentence first.
        "tables": [_rounded(table.flip(0)) for table in tables],
    }
