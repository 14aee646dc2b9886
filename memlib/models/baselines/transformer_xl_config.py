"""How a Transformer-XL is built.

Source: dai2019, Sec. 3; schlag2021, App. F.3
"""

from dataclasses import dataclass, replace
from typing import Any

from memlib.models.baselines.dropouts import check_rates


@dataclass(frozen=True)
class TransformerXLConfig:
    """How a Transformer-XL is built.

    Attributes:
        vocabulary_size: number of tokens.
        embedding_size: of the word vectors; where it is not `width`, a layer without bias makes it so.
        width: of the layers.
        heads: of the attention; they share out the width.
        inner_size: of the feed-forward part.
        layers: their number.
        memory: how many steps of each layer's input are kept from one window to the next.
        same_span: every query sees just `memory` steps before its own. If not, it sees the memory and all of its
            window up to itself, as the authors train it.
        tied: the output uses the word vectors.
        dropout: in the layers.
        attention_dropout: of the attention's weights.
        token_dropout: of whole words, every occurrence in a window.
        input_dropout: of entries of the first layer's input, the same at every step of a window.
        output_dropout: the same of the last layer's output.
        locked: the layers' dropout, too, falls on the same entries at every step.
        spread: matrices and word vectors start with this standard deviation over √width; 0.45 gives the authors' 0.02
            at a width of 512.
    """

    vocabulary_size: int
    embedding_size: int = 256
    width: int = 512
    heads: int = 8
    inner_size: int = 2048
    layers: int = 3
    memory: int = 1200
    same_span: bool = False
    tied: bool = False
    dropout: float = 0.0
    attention_dropout: float = 0.0
    token_dropout: float = 0.0
    input_dropout: float = 0.0
    output_dropout: float = 0.0
    locked: bool = False
    spread: float = 0.45

    def __post_init__(self) -> None:
        sizes = (self.vocabulary_size, self.embedding_size, self.width, self.heads, self.inner_size, self.layers)
        if min(sizes) < 1 or self.memory < 0 or self.spread <= 0:
            raise ValueError(
                "TransformerXLConfig: expected a memory of at least 0, and a spread and sizes above 0 "
                f"(vocabulary_size, embedding_size, width, heads, inner_size, layers); got {self.memory}, "
                f"{self.spread} and {sizes}."
            )
        if self.width % self.heads or self.width % 2:
            raise ValueError(
                f"TransformerXLConfig: expected an even width that {self.heads} heads divide, got {self.width}."
            )
        check_rates(
            "TransformerXLConfig",
            dropout=self.dropout,
            attention_dropout=self.attention_dropout,
            token_dropout=self.token_dropout,
            input_dropout=self.input_dropout,
            output_dropout=self.output_dropout,
        )

    @classmethod
    def paper(cls, vocabulary_size: int = 180, **options: Any) -> "TransformerXLConfig":
        """As on catbAbI: schlag2021, App. F.3. Heads and dropout are not printed; 8 heads and a rate of 0.1 are ours.

        Tab. 1 prints 10.5M weights; this gives 10,507,776. With `tied`, as in the code that they took over, it would
        be 10,415,796.
        """
        return replace(cls(vocabulary_size, dropout=0.1), **options)
