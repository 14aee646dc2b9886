"""A stack of LSTMs, heavily regularised: the baseline of catbAbI, and the AWD-LSTM of language modelling.

Schlag et al. (2021, App. F.4) stack four LSTMs of 512 units, add each layer's input to its output, and drop tokens,
entries of the word vectors, recurrent weights, and entries between the layers. Merity et al. (2018) stack three, add
nothing, and let the output use the word vectors once more. Every layer is torch's fused LSTM.

Source: schlag2021, App. F.4; merity2018, Sec. 4
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from memlib.models.baselines.dropouts import check_rates, embed, locked
from memlib.models.baselines.padding import run_padded
from memlib.models.baselines.token_model import Reading, TokenModel


@dataclass(frozen=True)
class LSTMConfig:
    """How a stack of LSTMs is built.

    Attributes:
        vocabulary_size: number of tokens.
        embedding_size: of the word vectors.
        hidden_sizes: of the layers, from the bottom.
        residual: add a layer's input to its output wherever both are of one size.
        tied: the output layer uses the word vectors; the last layer must have their size.
        output_bias: of the output layer.
        token_dropout: of whole words, every occurrence in a window.
        input_dropout: of entries of the word vectors; like the next two, the same entries at every step of a window.
        hidden_dropout: between the layers.
        output_dropout: after the last.
        weight_dropout: of recurrent weights, drawn once a window.
        activation_penalty: α, on the mean square of what the last layer hands on, after dropout.
        slowness_penalty: β, on the mean square of the change of the last layer's output between two steps.
        word_range: word vectors start uniform in ± this.
    """

    vocabulary_size: int
    embedding_size: int = 256
    hidden_sizes: tuple[int, ...] = (512, 512, 512, 512)
    residual: bool = True
    tied: bool = False
    output_bias: bool = False
    token_dropout: float = 0.0
    input_dropout: float = 0.0
    hidden_dropout: float = 0.0
    output_dropout: float = 0.0
    weight_dropout: float = 0.0
    activation_penalty: float = 0.0
    slowness_penalty: float = 0.0
    word_range: float = 0.1

    def __post_init__(self) -> None:
        if min(self.vocabulary_size, self.embedding_size, *self.hidden_sizes) < 1 or not self.hidden_sizes:
            raise ValueError(
                "LSTMConfig: expected vocabulary_size, embedding_size and at least one of hidden_sizes, all above 0; "
                f"got {self.vocabulary_size}, {self.embedding_size} and {self.hidden_sizes}."
            )
        if self.tied and self.hidden_sizes[-1] != self.embedding_size:
            raise ValueError(
                f"LSTMConfig: tied weights need a last layer of the word vectors' size, {self.embedding_size}, got "
                f"{self.hidden_sizes[-1]}."
            )
        check_rates(
            "LSTMConfig",
            token_dropout=self.token_dropout,
            input_dropout=self.input_dropout,
            hidden_dropout=self.hidden_dropout,
            output_dropout=self.output_dropout,
            weight_dropout=self.weight_dropout,
        )

    @classmethod
    def paper(cls, vocabulary_size: int = 180, **options: Any) -> "LSTMConfig":
        """As on catbAbI: four residual layers of 512. The paper prints no rates of dropout; 0.1 everywhere is ours.

        Tab. 1 prints 8M weights and 4,096 activations; this gives 8,018,944 and 4,096.
        """
        config = cls(
            vocabulary_size,
            token_dropout=0.1,
            input_dropout=0.1,
            hidden_dropout=0.1,
            output_dropout=0.1,
            weight_dropout=0.1,
        )
        return replace(config, **options)

    @classmethod
    def awd(cls, vocabulary_size: int, corpus: str = "ptb", **options: Any) -> "LSTMConfig":
        """The AWD-LSTM with the rates of schlag2021, Tab. 4.

        Args:
            vocabulary_size: 10,000 for the Penn Treebank, 33,278 for WikiText-2.
            corpus: "ptb" or "wikitext-2".
            options: fields to change.

        Raises:
            ValueError: another corpus.
        """
        rates = {"ptb": (0.5, 0.3, 0.66), "wikitext-2": (0.7, 0.25, 0.61)}
        if corpus not in rates:
            raise ValueError(f"LSTMConfig.awd: expected a corpus of {', '.join(rates)}; got {corpus!r}.")
        inputs, hidden, weights = rates[corpus]
        config = cls(
            vocabulary_size,
            embedding_size=400,
            hidden_sizes=(1150, 1150, 400),
            residual=False,
            tied=True,
            output_bias=True,
            token_dropout=0.1,
            input_dropout=inputs,
            hidden_dropout=hidden,
            output_dropout=0.4,
            weight_dropout=weights,
            activation_penalty=2.0,
            slowness_penalty=1.0,
            word_range=0.25,
        )
        return replace(config, **options)


class LSTMStackState(NamedTuple):
    """What a stack of LSTMs carries along, one tensor a layer.

    Attributes:
        memory: c of each layer, [batch, hidden].
        output: h of each layer, [batch, hidden].
    """

    memory: tuple[Tensor, ...]
    output: tuple[Tensor, ...]


class LSTM(TokenModel):
    """The stack; see the module's text.

    Args:
        config: see `LSTMConfig`.
    """

    def __init__(self, config: LSTMConfig) -> None:
        super().__init__(config.vocabulary_size)
        self.config = config
        sizes = (config.embedding_size, *config.hidden_sizes)
        self.embedding = nn.Embedding(config.vocabulary_size, config.embedding_size)
        self.layers = nn.ModuleList(nn.LSTM(below, above, batch_first=True) for below, above in pairwise(sizes))
        self.output = nn.Linear(sizes[-1], config.vocabulary_size, bias=config.output_bias)
        nn.init.uniform_(self.embedding.weight, -config.word_range, config.word_range)
        if config.tied:
            self.output.weight = self.embedding.weight
        else:
            nn.init.xavier_normal_(self.output.weight)
        if config.output_bias:
            nn.init.zeros_(self.output.bias)

    def initial_state(self, batch_size: int) -> LSTMStackState:
        """Zeros."""
        zeros = tuple(self.embedding.weight.new_zeros(batch_size, size) for size in self.config.hidden_sizes)
        return LSTMStackState(zeros, zeros)

    def read(self, tokens: Tensor, state: LSTMStackState, mask: Tensor | None) -> Reading:
        """Read a window layer by layer."""
        config = self.config
        xs = locked(
            embed(self.embedding, tokens, config.token_dropout, self.training), config.input_dropout, self.training
        )
        memories, outputs = [], []
        for number, layer in enumerate(self.layers):
            if number:
                xs = locked(xs, config.hidden_dropout, self.training)
            before = (state.memory[number], state.output[number])
            ys, (memory, output) = run_padded(self._advance(layer), xs, before, mask)
            xs = xs + ys if config.residual and xs.shape == ys.shape else ys
            memories.append(memory)
            outputs.append(output)
        seen = locked(xs, config.output_dropout, self.training)
        extra = self._penalties(xs, seen, mask)
        return Reading(self.output(seen), LSTMStackState(tuple(memories), tuple(outputs)), extra)

    def _advance(self, layer: Any) -> Any:
        """The layer as a function for `run_padded`, its recurrent weights dropped once for the window."""
        dropped = self.training and self.config.weight_dropout > 0
        weights = {"weight_hh_l0": functional.dropout(layer.weight_hh_l0, self.config.weight_dropout, self.training)}

        def advance(xs: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
            memory, output = (part.unsqueeze(0).contiguous() for part in state)
            given = (xs, (output, memory))
            ys, (output, memory) = functional_call(layer, weights, given) if dropped else layer(*given)
            return ys, (memory.squeeze(0), output.squeeze(0))

        return advance

    def _penalties(self, xs: Tensor, seen: Tensor, mask: Tensor | None) -> Tensor:
        """α times the mean square of what is handed on, β times that of the change; 0 outside training."""
        config, zero = self.config, xs.new_zeros(())
        if not self.training or not (config.activation_penalty or config.slowness_penalty):
            return zero
        there = torch.ones(xs.shape[:2], dtype=torch.bool, device=xs.device) if mask is None else mask
        pairs = there[:, 1:] & there[:, :-1]
        size = seen[there].square().mean() if there.any() else zero
        change = (xs[:, 1:] - xs[:, :-1])[pairs].square().mean() if pairs.any() else zero
        return config.activation_penalty * size + config.slowness_penalty * change
