"""Write a premise into a holographic memory, then read it along a hypothesis (dual_memory.js draws it)."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import torch
import traitlets
from torch import Tensor

from memlib.figures.base import Interactive, at_least, module, seeded, styles
from memlib.figures.dual_trace import trace
from memlib.mechanisms.holographic import permutations, random_keys
from memlib.models.pair_classifier import PairClassifier

KEYING = ("own", "alike")

#: The draw that the figure starts from: the one among the seeds 0 to 399 in which the words are told apart best.
CHOSEN = 150

PREMISE = ("a", "girl", "plays", "guitar", "on", "her", "sofa")

#: Each word of the hypothesis, the premise word it is close to, and how alike their keys are: the mean cosine of the
#: angle between two dials. None is a word that is close to nothing. All of it is made up.
HYPOTHESIS: tuple[tuple[str, str | None, float], ...] = (
    ("she", "girl", 0.7),
    ("is", None, 0.0),
    ("playing", "plays", 0.9),
    ("music", "guitar", 0.6),
    ("on", "on", 1.0),
    ("a", "a", 1.0),
    ("couch", "sofa", 0.9),
)


class DualMemoryWidget(Interactive):
    """Two sentences and one memory: the premise is written word by word, then read with the keys of the hypothesis.

    The pair is made up. Each premise word has a random key and writes a random content; the key of a hypothesis word is
    that of its relative in the premise with every phase shaken. Keys and contents have modulus 1; they and the
    permutations come from one seeded generator. `from_model` shows a trained model's instead.

    Args:
        dim: d, the width of the memory.
        most_copies: the most copies.
        copies: at the start, 1 to most_copies; most_copies when None.
        step: words read at the start, of both sentences together.
        keying: ``own``, each word its own key; ``alike``, one key for all.
        seed: of the generator. The default is a draw chosen because it tells the words apart well, and the figure says
            so.
        data: in place of the made-up pair; `from_model` makes it.

    Raises:
        ValueError: an argument is out of its range.
    """

    _esm = module("dual_memory")
    _css = styles() + "\n" + files("memlib.figures").joinpath("dual_memory.css").read_text(encoding="utf-8")
    _words = "Write a premise into a holographic memory word by word, then read it with the words of a hypothesis."
    step = traitlets.Int(0).tag(sync=True)
    copies = traitlets.Int(8).tag(sync=True)
    keying = traitlets.Enum(KEYING, "own").tag(sync=True)

    def __init__(
        self,
        *,
        dim: int = 32,
        most_copies: int = 8,
        copies: int | None = None,
        step: int = 0,
        keying: str = "own",
        seed: int = CHOSEN,
        data: dict[str, Any] | None = None,
    ) -> None:
        name = type(self).__name__
        at_least(name, dim=(dim, 2), most_copies=(most_copies, 1), step=(step, 0))
        data = made_up(dim, most_copies, seed) if data is None else data
        most = len(data["permutations"])
        copies = most if copies is None else copies
        at_least(name, copies=(copies, 1))
        last = len(data["premise"]) + len(data["hypothesis"])
        if step > last or copies > most or keying not in KEYING:
            raise ValueError(
                f"{name}: expected step <= {last}, copies <= {most} and keying in {KEYING}; "
                f"got step={step}, copies={copies}, keying={keying!r}."
            )
        super().__init__(data=data, step=step, copies=copies, keying=keying)

    @classmethod
    def from_model(
        cls,
        model: PairClassifier,
        premise_words: Sequence[str],
        hypothesis_words: Sequence[str],
        premise_ids: Tensor | Sequence[int],
        hypothesis_ids: Tensor | Sequence[int],
        *,
        copies: int | None = None,
        step: int = 0,
        keying: str = "own",
    ) -> "DualMemoryWidget":
        """The same figure with the keys and contents of a trained model on one pair of sentences.

        Args:
            model: built as ``dual-am-gru-shared``.
            premise_words: T words, as they are to be shown.
            hypothesis_words: S words.
            premise_ids: [T], the words as the model numbers them; no padding.
            hypothesis_ids: [S].
            copies: at the start; all of the model's when None.
            step: as in the class.
            keying: as in the class.

        Raises:
            ValueError: words and numbers do not fit each other, the model is another, or an argument is out of range.
        """
        seen = trace(model, premise_ids, hypothesis_ids)
        written, asked = len(seen["changes"]), len(seen["reads"])
        if (len(premise_words), len(hypothesis_words)) != (written, asked):
            raise ValueError(
                f"{cls.__name__}: expected {written} words and {asked} words, one for each number; "
                f"got {len(premise_words)} and {len(hypothesis_words)}."
            )
        data = _data(premise_words, hypothesis_words, seen, source="model")
        return cls(data=data, copies=copies, step=step, keying=keying)


def polar(vectors: Tensor) -> dict[str, Any]:
    """Complex vectors as phases in radians and moduli, rounded for the page; `from_polar` undoes it."""
    rounded = {"phase": vectors.angle(), "modulus": vectors.abs()}
    return {name: torch.round(number.double(), decimals=5).tolist() for name, number in rounded.items()}


def from_polar(given: dict[str, Any]) -> Tensor:
    """Complex vectors (complex128) from their phases and moduli."""
    return torch.polar(*(torch.tensor(given[name], dtype=torch.float64) for name in ("modulus", "phase")))


def made_up(dim: int, copies: int, seed: int) -> dict[str, Any]:
    """The didactic pair: keys that are alike where the words are, contents that are not."""
    generator = seeded("DualMemoryWidget", seed)
    keys, contents = random_keys(2, len(PREMISE), dim, generator=generator, dtype=torch.complex128)
    asking = []
    for _, relative, alike in HYPOTHESIS:
        base = random_keys(dim, generator=generator, dtype=torch.complex128)
        shaken = torch.randn(dim, generator=generator, dtype=torch.float64)
        if relative is not None:  # a normal angle of variance v has the mean cosine exp(-v / 2)
            angle = shaken * (-2 * torch.tensor(alike, dtype=torch.float64).log()).sqrt()
            base = keys[PREMISE.index(relative)] * torch.polar(torch.ones_like(angle), angle)
        asking.append(base)
    drawn = {
        "premise_keys": keys,
        "changes": contents,
        "hypothesis_keys": torch.stack(asking),
        "permutations": permutations(copies, dim, generator),
    }
    source = "chosen" if seed == CHOSEN else "drawn"
    return _data(PREMISE, [word for word, _, _ in HYPOTHESIS], drawn, source)


def _data(premise: Sequence[str], hypothesis: Sequence[str], seen: dict[str, Tensor], source: str) -> dict[str, Any]:
    vectors = {name: polar(seen[name]) for name in ("premise_keys", "changes", "hypothesis_keys")}
    words = {"premise": list(premise), "hypothesis": list(hypothesis)}
    return {**words, **vectors, "permutations": seen["permutations"].tolist(), "source": source}
