"""Where a writer looks in its source, with sharpness and words to hide under the thumb (alignment.js draws it)."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import traitlets

from memlib.figures.alignment_data import SENTENCES, by_hand, of_model
from memlib.figures.base import Interactive, at_least, module, styles
from memlib.models.sequence_to_sequence import SequenceToSequence

COLDEST, HOTTEST = 1 / 16, 16.0


class AlignmentWidget(Interactive):
    """A toy translation word by word: choose a written word, see the weights over the source, soften them, hide words.

    Each step is computed in the page from the vectors of that step; the words before it are the right ones. The weights
    are made by hand from the true alignment and seeded noise; `from_model` shows a trained model's instead.

    Args:
        sentence: the one to begin with, from 0.
        word: written word that is looked at, from 0.
        temperature: by which the scores are divided, 1/16 to 16.
        hidden: places of the source that may not be read; at least one stays.
        seed: of the generator of the noise.
        data: in place of what is made by hand; `from_model` makes it.

    Raises:
        ValueError: an argument is out of its range.
    """

    _esm = module("alignment")
    _css = styles() + "\n" + files("memlib.figures").joinpath("alignment.css").read_text(encoding="utf-8")
    _words = (
        "Choose a written word, see where the writer looks in the source, soften its scores, and hide source words."
    )
    sentence = traitlets.Int(0).tag(sync=True)
    word = traitlets.Int(0).tag(sync=True)
    temperature = traitlets.Float(1.0).tag(sync=True)
    hidden: Any = traitlets.List().tag(sync=True)

    def __init__(
        self,
        *,
        sentence: int = 0,
        word: int = 0,
        temperature: float = 1.0,
        hidden: Sequence[int] = (),
        seed: int = 4,
        data: dict[str, Any] | None = None,
    ) -> None:
        own = type(self).__name__
        at_least(own, sentence=(sentence, 0), word=(word, 0))
        data = by_hand(seed) if data is None else data
        count = len(data["sentences"])
        if sentence >= count:
            raise ValueError(f"{own}: expected sentence < {count}, got {sentence}.")
        steps, places = (len(data["sentences"][sentence][side]) for side in ("target", "source"))
        if word >= steps or not set(hidden) < set(range(places)):
            raise ValueError(
                f"{own}: expected word < {steps} and hidden places below {places}, not all of them; "
                f"got word={word}, hidden={list(hidden)}."
            )
        if isinstance(temperature, bool) or not COLDEST <= temperature <= HOTTEST:
            raise ValueError(f"{own}: expected temperature from 1/16 to 16, got {temperature!r}.")
        super().__init__(
            data=data, sentence=sentence, word=word, temperature=float(temperature), hidden=sorted(set(hidden))
        )

    @classmethod
    def from_model(
        cls, model: SequenceToSequence, sentences: Sequence[str] = SENTENCES, **start: Any
    ) -> "AlignmentWidget":
        """The same figure with the weights of a model that was trained on the toy translation.

        Args:
            model: with attention and GRU cells.
            sentences: of the toy grammar, such as ``the red dog sees a cat``; at least one.
            start: sentence, word, temperature and hidden, as in the class.

        Raises:
            ValueError: the model is another, or a sentence is not of the grammar.
        """
        return cls(data=of_model(model, sentences), **start)
