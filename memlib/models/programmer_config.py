"""How a neural programmer is built.

Source: neelakantan2015, Sec. 2; neelakantan2017
"""

from dataclasses import dataclass
from typing import Any

from memlib.models.programmer_operations import KNOWN, OFFICIAL, PAPER

READERS = ("rnn", "lstm")


@dataclass(frozen=True)
class NeuralProgrammerConfig:
    """The sizes and options; the defaults are those of the paper on synthetic tables.

    Attributes:
        vocabulary: how many words there are, the padding 0 among them.
        width: d, of every vector; the papers have 256 where they say.
        steps: T, of every program.
        operations: their names, of `memlib.models.programmer_operations.KNOWN`.
        reader: of the question: a plain recurrent network, "rnn", or an "lstm".
        attend: whether each step looks at the question's words again, by attention with the history as query.
        column_sees_operation: whether the column is chosen with the operation known, softly.
        match_features: whether a column's score and vector know that the question names it, or a cell in it.
        dropout: of word vectors and of what chooses.
        huber_width: δ of the loss of numbers.
        lookup_weight: λ, how much the loss of cells counts beside that of numbers.
        weak: whether only the answer's text is known. Then a number and cells may both be right, and a value may stand
            in several cells: the lowest loss counts.
    """

    vocabulary: int
    width: int = 256
    steps: int = 4
    operations: tuple[str, ...] = PAPER
    reader: str = "rnn"
    attend: bool = False
    column_sees_operation: bool = False
    match_features: bool = False
    dropout: float = 0.0
    huber_width: float = 1.0
    lookup_weight: float = 50.0
    weak: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "operations", tuple(self.operations))
        for name, least in (("vocabulary", 2), ("width", 1), ("steps", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"NeuralProgrammerConfig: expected {name} >= {least}, got {getattr(self, name)}.")
        if not self.operations or len(set(self.operations)) < len(self.operations):
            raise ValueError(f"NeuralProgrammerConfig: expected different operations, got {self.operations}.")
        if odd := set(self.operations) - set(KNOWN):
            raise ValueError(
                f"NeuralProgrammerConfig: no operations are called {', '.join(sorted(odd))}; "
                f"there are: {', '.join(KNOWN)}."
            )
        if self.reader not in READERS:
            raise ValueError(f"NeuralProgrammerConfig: expected reader of {READERS}, got {self.reader!r}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"NeuralProgrammerConfig: expected dropout from 0 to below 1, got {self.dropout}.")
        if not (self.huber_width > 0 and self.lookup_weight > 0):
            raise ValueError("NeuralProgrammerConfig: expected huber_width and lookup_weight above 0.")

    @classmethod
    def paper(cls, vocabulary: int, **options: Any) -> "NeuralProgrammerConfig":
        """The first paper's, on synthetic tables; ``options`` replace any of it."""
        return cls(vocabulary, **options)

    @classmethod
    def official(cls, vocabulary: int, **options: Any) -> "NeuralProgrammerConfig":
        """What the authors' code for WikiTableQuestions does, up to the details that the model's docstring lists."""
        given: dict[str, Any] = {
            "operations": OFFICIAL,
            "reader": "lstm",
            "attend": True,
            "column_sees_operation": True,
            "match_features": True,
            "dropout": 0.2,
            "weak": True,
        }
        return cls(vocabulary, **{**given, **options})
