"""What each word of a passage costs two language models, and where a name was introduced (word_losses.js draws it).

Source: schlag2021, Sec. 4.3
"""

import math
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import torch
import traitlets
from torch import Tensor

from memlib.figures.base import Interactive, module, seeded, styles
from memlib.models.baselines.cache import cache_losses, unigram
from memlib.tasks import recurring_names
from memlib.tasks.language import EOS

SHADES = ("difference", "left", "right")
NAMES = ("unigram", "cache")

_NAMES, _TRAIN, _SHARE, _WINDOW, _STORIES = 60, 20_000, 0.3, 100, 2
_MOST = 400  # words that a page shows


class WordLossesWidget(Interactive):
    """A passage as words, each shaded by what it costs two language models; tap one to see both losses.

    By default the models are a unigram model and a cache over it, on generated text in which names come back, because
    both need no training. `from_losses` takes the losses of any two models. The figure says which it shows.

    Args:
        word: the chosen word at the start, from 0; -1 for none.
        shade: ``difference``, or ``left`` or ``right`` for the losses of one model.
        seed: of the generated text.
        data: in its place; `from_losses` makes it.

    Raises:
        ValueError: an argument is out of its range.
    """

    _esm = module("word_losses")
    _css = styles() + "\n" + files("memlib.figures").joinpath("word_losses.css").read_text(encoding="utf-8")
    _words = "Walk through a passage word by word, and see what each word costs two language models."
    word = traitlets.Int(-1).tag(sync=True)
    shade = traitlets.Enum(SHADES, "difference").tag(sync=True)

    def __init__(
        self, *, word: int = -1, shade: str = "difference", seed: int = 13, data: dict[str, Any] | None = None
    ) -> None:
        name = type(self).__name__
        data = by_counting(name, seed) if data is None else data
        count = len(data["words"])
        if isinstance(word, bool) or not isinstance(word, int) or not -1 <= word < count or shade not in SHADES:
            raise ValueError(
                f"{name}: expected word as a whole number from -1 to {count - 1} and shade in {SHADES}; "
                f"got word={word!r}, shade={shade!r}."
            )
        super().__init__(data=data, word=word, shade=shade)

    @classmethod
    def from_losses(
        cls,
        words: Sequence[str],
        left: Tensor,
        right: Tensor,
        marks: Tensor,
        *,
        names: tuple[str, str],
        about: str,
        **start: Any,
    ) -> "WordLossesWidget":
        """The same figure with the losses of two models.

        Args:
            words: of the passage, up to 400, with ``<eos>`` where a line ends.
            left: loss of each word under the model without a memory, in nats, [words].
            right: the same of the one with a memory.
            marks: what each word is, as `memlib.tasks.recurring_names` marks it, [words].
            names: of the two models, short.
            about: what they are and how they were trained, in a sentence.
            start: ``word`` and ``shade``, as in the class.

        Raises:
            ValueError: the parts are not equally long, there are too many words or none, or a loss is not finite.
        """
        sizes = (len(words), len(left), len(right), len(marks))
        if len(set(sizes)) > 1 or not 0 < len(words) <= _MOST:
            raise ValueError(
                f"{cls.__name__}: expected 1 to {_MOST} words with two losses and a mark each, got {sizes}."
            )
        if not bool(left.isfinite().all() and right.isfinite().all()):
            raise ValueError(f"{cls.__name__}: expected finite losses.")
        return cls(data=_data(words, left, right, marks, names, about), **start)


def _data(
    words: Sequence[str], left: Tensor, right: Tensor, marks: Tensor, names: tuple[str, str], about: str
) -> dict[str, Any]:
    def bits(losses: Tensor) -> list[float]:
        found: list[float] = torch.round(losses.double() / math.log(2), decimals=3).tolist()
        return found

    return {
        "words": list(words),
        "left": bits(left),
        "right": bits(right),
        "marks": marks.tolist(),
        "names": list(names),
        "about": about,
    }


def by_counting(name: str, seed: int) -> dict[str, Any]:
    """The data of the unigram model and the cache: two whole stories, read after others that filled the cache."""
    seeded(name, seed)  # the seed is checked as every figure's is
    known = recurring_names.names(_NAMES)
    learned, told = (recurring_names.tell(size, 2 * seed + i, known) for i, size in enumerate((_TRAIN, 800)))
    vocabulary = {word: i for i, word in enumerate(dict.fromkeys([*learned.words, *told.words]))}
    ids, train = (torch.tensor([vocabulary[word] for word in one.words]) for one in (told, learned))
    base = unigram(train, len(vocabulary))
    ends = [i + 1 for i in range(1, len(told.words)) if told.words[i - 1] == told.words[i] == EOS]
    start = next(i for i, end in enumerate(ends) if end >= _WINDOW)
    part = slice(ends[start], ends[start + _STORIES] - 1)
    left, right = (cache_losses(base, ids, share, _WINDOW)[part] for share in (0.0, _SHARE))
    return _data(
        told.words[part],
        left,
        right,
        torch.tensor(told.marks[part]),
        NAMES,
        "The two models are no networks: a unigram model, which knows how often each word comes in 20,000 words of "
        f"generated text, and a cache, which gives {_SHARE:.0%} of its probability to the last {_WINDOW} words.",
    )
