"""A language model of one LSTM layer, with a Fast Weight Memory behind it or with a plain layer of equal size.

Words are embedded, the LSTM reads them, and what comes behind it adds to its output. The same word vectors say which
word comes next. With a memory this is the published model with one layer in place of three; the plain layer has as many
weights as the memory, so that a difference between both is not one of size.

Source: schlag2021, Sec. 4.3; schlag2021, App. H
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jaxtyping import Float, Int
from torch import Tensor, nn

from memlib.models.baselines.dropouts import check_rates, embed, locked
from memlib.models.fwm_cell import FastWeightMemory
from memlib.models.fwm_config import FWMConfig
from memlib.models.split_softmax import SplitSoftmax

BEHIND = ("memory", "layer")


@dataclass(frozen=True)
class LanguageConfig:
    """How a language model is built.

    Attributes:
        vocabulary: number of words, the most frequent first.
        width: of a word vector, of the LSTM and of its output.
        behind: the LSTM: a Fast Weight "memory", or a "layer" with about as many weights.
        memory_size: d of the memory.
        reads: rounds of reading.
        cutoffs: of the softmax, where groups of rarer words begin.
        word_dropout: of word vectors, all occurrences of a word at once.
        input_dropout: of the LSTM's inputs, the same entries along a window.
        output_dropout: of what goes into the softmax.
        reach: word vectors start uniform between ± this; the paper calls it crucial.
    """

    vocabulary: int
    width: int = 400
    behind: str = "memory"
    memory_size: int = 32
    reads: int = 3
    cutoffs: tuple[int, ...] = field(default=())
    word_dropout: float = 0.1
    input_dropout: float = 0.2
    output_dropout: float = 0.3
    reach: float = 0.25

    def __post_init__(self) -> None:
        if self.behind not in BEHIND:
            raise ValueError(f"expected behind as one of {', '.join(BEHIND)}; got {self.behind!r}.")
        check_rates("LanguageConfig", word=self.word_dropout, input=self.input_dropout, output=self.output_dropout)

    def memory(self) -> FWMConfig:
        """The memory's: as the authors' code has it for language, where a write is not divided."""
        return FWMConfig(
            hidden_size=self.width, memory_size=self.memory_size, reads=self.reads, strength_bias=1.0, residual=True
        )


class LanguageState(NamedTuple):
    """What is carried from window to window.

    Attributes:
        output: h of the LSTM, [batch, width].
        cell: c of the LSTM, [batch, width].
        memory: F, [batch, d, d, d]; [batch, 0] without a memory.
    """

    output: Tensor
    cell: Tensor
    memory: Tensor

    def detach(self) -> "LanguageState":
        """The same numbers, cut off from what gave them."""
        return LanguageState(*(part.detach() for part in self))


class Outputs(NamedTuple):
    """What a window gives.

    Attributes:
        raw: outputs before dropout, [batch, time, width].
        dropped: what goes into the softmax, [batch, time, width].
    """

    raw: Tensor
    dropped: Tensor


class ResidualLayer(nn.Module):
    """y = h + W2 relu(W1 h), with about as many weights as a memory.

    Args:
        width: of h.
        weights: to come as near to as possible.
    """

    def __init__(self, width: int, weights: int) -> None:
        super().__init__()
        inner = max(1, round((weights - width) / (2 * width + 1)))
        self.inner, self.out = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, hidden: Float[Tensor, "batch time width"]) -> Float[Tensor, "batch time width"]:
        """Add to each step's output."""
        return hidden + self.out(self.inner(hidden).relu())


class LanguageModel(nn.Module):
    """Word vectors, an LSTM, a memory or a layer behind it, and the word vectors again.

    Args:
        config: see `LanguageConfig`.

    Source: schlag2021, App. H
    """

    def __init__(self, config: LanguageConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        nn.init.uniform_(self.embedding.weight, -config.reach, config.reach)
        self.lstm = nn.LSTM(config.width, config.width, batch_first=True)
        self.softmax = SplitSoftmax(config.vocabulary, config.width, config.cutoffs)
        memory = FastWeightMemory(config.memory())
        if config.behind == "memory":
            self.behind: nn.Module = memory
        else:
            self.behind = ResidualLayer(config.width, sum(p.numel() for p in memory.parameters()))

    def initial_state(self, batch_size: int) -> LanguageState:
        """Zeros."""
        zeros = self.embedding.weight.new_zeros(batch_size, self.config.width)
        empty: Any = self.behind.initial_memory if isinstance(self.behind, FastWeightMemory) else None
        return LanguageState(zeros, zeros, empty(batch_size) if empty else zeros[:, :0])

    def forward(
        self, tokens: Int[Tensor, "batch time"], state: LanguageState | None = None
    ) -> tuple[Outputs, LanguageState]:
        """Read a window.

        Args:
            tokens: word numbers.
            state: left by the last window; zeros when None. Detach it before you hand it on.

        Raises:
            ValueError: tokens has no two axes or no step.
        """
        if tokens.ndim != 2 or tokens.shape[1] == 0:
            raise ValueError(f"expected tokens [batch, time] with at least one step, got {tuple(tokens.shape)}.")
        config = self.config
        state = self.initial_state(len(tokens)) if state is None else state
        xs = embed(self.embedding, tokens, config.word_dropout, self.training)
        xs = locked(xs, config.input_dropout, self.training)
        hidden, (output, cell) = self.lstm(xs, (state.output.unsqueeze(0), state.cell.unsqueeze(0)))
        memory = state.memory
        if isinstance(self.behind, FastWeightMemory):
            raw, memory = self.behind.sequence(hidden, memory)
        else:
            raw = self.behind(hidden)
        return Outputs(raw, locked(raw, config.output_dropout, self.training)), LanguageState(
            output[0], cell[0], memory
        )

    def errors(
        self, ys: Float[Tensor, "batch time width"], targets: Int[Tensor, "batch time"]
    ) -> Float[Tensor, "batch time"]:
        """The error of every word, -log p, in nats.

        Args:
            ys: outputs of a window.
            targets: the words that come next.
        """
        return self.softmax(ys.flatten(0, 1), targets.flatten(), self.embedding.weight).view_as(targets)
