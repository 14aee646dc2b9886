"""One recurrent network reads, another writes: with nothing between them but one vector, or with attention.

The reader leaves a vector at each source position. The writer either gets its summary alone, the same at every step, or
asks, before each token, all positions at once: its state is the query, the reader's vectors are keys and values. All
else is equal, so that a difference in what they learn is due to the interface.

Source: bahdanau2015, Sec. 3; luong2015, Sec. 3
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from memlib.mechanisms.attention import attention_weights, dot_scores, soft_read
from memlib.models.steps import readable

ATTENTIONS = ("none", "additive", "dot")
CELLS = {"gru": (nn.GRU, nn.GRUCell), "lstm": (nn.LSTM, nn.LSTMCell)}


@dataclass(frozen=True)
class Seq2SeqConfig:
    """How the pair of networks is built.

    Attributes:
        source_vocabulary: number of source tokens.
        target_vocabulary: number of target tokens.
        embedding_size: of a token.
        hidden_size: of the writer's state, and of the reader's in each direction.
        attention: "none", "additive" or "dot".
        cell: "gru" or "lstm", of both networks.
        bidirectional: the reader reads from both ends.
        score_size: width of the hidden layer of additive scores; of queries and keys in a dot product.
        scaled: divide dot products by the root of their width.
        pad: the source token that is no token.
        start: the token that the writer is fed first.
        end: the token after which a written row is over.
    """

    source_vocabulary: int = 13
    target_vocabulary: int = 13
    embedding_size: int = 32
    hidden_size: int = 64
    attention: str = "additive"
    cell: str = "gru"
    bidirectional: bool = True
    score_size: int = 64
    scaled: bool = True
    pad: int = 0
    start: int = 1
    end: int = 2

    def __post_init__(self) -> None:
        for name in ("source_vocabulary", "target_vocabulary", "embedding_size", "hidden_size", "score_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"Seq2SeqConfig: expected {name} >= 1, got {getattr(self, name)}.")
        if self.attention not in ATTENTIONS:
            raise ValueError(f"Seq2SeqConfig: expected attention {', '.join(ATTENTIONS)}; got {self.attention!r}.")
        if self.cell not in CELLS:
            raise ValueError(f"Seq2SeqConfig: expected cell {', '.join(CELLS)}; got {self.cell!r}.")


class Written(NamedTuple):
    """What the writer made.

    Attributes:
        logits: of the token at each step, [batch, m, target_vocabulary].
        weights: where it looked, [batch, m, n]; 0 without attention.
        tokens: the likeliest token at each step, [batch, m].
    """

    logits: Tensor
    weights: Tensor
    tokens: Tensor


class Read(NamedTuple):
    """What the reader left.

    Attributes:
        values: a vector at each source position, [batch, n, width].
        keys: the same, ready for the scores, [batch, n, score_size]; without attention the values.
        summary: of the whole source, [batch, width].
        mask: True at tokens, [batch, n].
    """

    values: Tensor
    keys: Tensor
    summary: Tensor
    mask: Tensor


class SequenceToSequence(nn.Module):
    """A reader and a writer; see the module's text.

    Args:
        config: see `Seq2SeqConfig`.
    """

    def __init__(self, config: Seq2SeqConfig) -> None:
        super().__init__()
        self.config, hidden, size = config, config.hidden_size, config.embedding_size
        network, cell = CELLS[config.cell]
        width = hidden * (2 if config.bidirectional else 1)
        self.embedding = nn.Embedding(config.source_vocabulary, size)
        self.target_embedding = nn.Embedding(config.target_vocabulary, size)
        self.reader = network(size, hidden, batch_first=True, bidirectional=config.bidirectional)
        self.writer = cell(size + width, hidden)
        self.begin = nn.Linear(width, hidden)
        self.output = nn.Linear(hidden + width + size, config.target_vocabulary)
        if config.attention != "none":
            self.of_query = nn.Linear(hidden, config.score_size, bias=False)
            self.of_key = nn.Linear(width, config.score_size, bias=False)
        if config.attention == "additive":
            self.score = nn.Parameter(torch.randn(config.score_size) / config.score_size**0.5)

    def size(self) -> int:
        """The number of weights."""
        return sum(p.numel() for p in self.parameters())

    def forward(self, source: Int[Tensor, "batch n"], target: Int[Tensor, "batch m"]) -> Written:
        """Write with the right token fed at each step, whatever was written before it (teacher forcing).

        Args:
            source: tokens [batch, n], `pad` at the end of short rows; each row has at least one token.
            target: tokens [batch, m].

        Raises:
            TypeError: tokens are no whole numbers.
            ValueError: the shapes do not fit, a token lies outside the vocabulary, or a row of the source is empty.
        """
        self._check("target", target, self.config.target_vocabulary)
        if len(source) != len(target):
            raise ValueError(f"expected as many sources as targets, got {len(source)} and {len(target)}.")
        start = target.new_full((len(target), 1), self.config.start)
        return self._write(self.read(source), torch.cat([start, target[:, :-1]], 1), target.shape[1])

    @torch.no_grad()
    def greedy(self, source: Int[Tensor, "batch n"], steps: int) -> Written:
        """Write so many steps, each fed the likeliest token of the one before; after `end` a row holds `pad`.

        Args:
            source: as in `forward`.
            steps: at least 1.

        Raises:
            TypeError, ValueError: the source as in `forward`, or fewer steps.
        """
        if steps < 1:
            raise ValueError(f"expected at least one step, got {steps}.")
        written = self._write(self.read(source), None, steps)
        over = (written.tokens == self.config.end).cumsum(1) - (written.tokens == self.config.end).long()
        return written._replace(tokens=written.tokens.masked_fill(over > 0, self.config.pad))

    def read(self, source: Int[Tensor, "batch n"]) -> Read:
        """Read sources; arguments and errors as in `forward`."""
        self._check("source", source, self.config.source_vocabulary)
        mask = source != self.config.pad
        lengths = mask.sum(1)
        if not bool((lengths > 0).all()) or not bool((mask[:, :-1] | ~mask[:, 1:]).all()):
            raise ValueError(
                f"expected at least one token in each source and padding ({self.config.pad}) only at its end."
            )
        xs = self.embedding(source)
        packed = nn.utils.rnn.pack_padded_sequence(xs, lengths.cpu(), batch_first=True, enforce_sorted=False)
        values, last = self.reader(packed)
        values, _ = nn.utils.rnn.pad_packed_sequence(values, batch_first=True, total_length=source.shape[1])
        hidden = last[0] if isinstance(last, tuple) else last
        keys = values if self.config.attention == "none" else self.of_key(values)
        return Read(values, keys, hidden.transpose(0, 1).flatten(1), mask)

    def look(self, query: Float[Tensor, "batch hidden"], read: Read) -> tuple[Tensor, Tensor]:
        """What the writer reads, [batch, width], and its weights, [batch, n].

        Args:
            query: the writer's state.
            read: what the reader left.
        """
        if self.config.attention == "none":
            return read.summary, read.mask.new_zeros(read.mask.shape, dtype=query.dtype)
        query = self.of_query(query)
        if self.config.attention == "additive":
            scores = torch.tanh(query.unsqueeze(1) + read.keys) @ self.score
        else:
            scores = dot_scores(query.unsqueeze(1), read.keys, self.config.scaled).squeeze(1)
        weights = attention_weights(scores, read.mask)
        return soft_read(weights.unsqueeze(1), read.values).squeeze(1), weights

    def _write(self, read: Read, fed: Tensor | None, steps: int) -> Written:
        hidden = torch.tanh(self.begin(read.summary))
        state: Any = hidden if self.config.cell == "gru" else (hidden, torch.zeros_like(hidden))
        token = read.mask.new_full(hidden.shape[:1], self.config.start, dtype=torch.long)
        inputs = None if fed is None else self.target_embedding(fed).unbind(1)
        shown, weights, tokens = [], [], []
        for t in range(steps):
            x = self.target_embedding(token) if inputs is None else inputs[t]
            found, where = self.look(hidden, read)
            state = self.writer(torch.cat([x, found], -1), state)
            hidden = state[0] if isinstance(state, tuple) else state
            shown.append(torch.cat([hidden, found, x], -1))
            weights.append(where)
            if inputs is None:
                token = self.output(shown[-1]).argmax(-1)
                tokens.append(token)
        logits = self.output(torch.stack(shown, 1))
        said = torch.stack(tokens, 1) if tokens else logits.argmax(-1)
        return Written(logits, torch.stack(weights, 1), said)

    def _check(self, name: str, tokens: Tensor, vocabulary: int) -> None:
        if tokens.is_floating_point() or tokens.is_complex() or tokens.dtype == torch.bool:
            raise TypeError(f"expected {name} tokens that are whole numbers, got {tokens.dtype}; call .long() on them.")
        if tokens.ndim != 2 or 0 in tokens.shape:
            raise ValueError(
                f"expected {name} [batch, time] with at least one row and step, got {tuple(tokens.shape)}."
            )
        if readable(tokens) and not 0 <= int(tokens.min()) <= int(tokens.max()) < vocabulary:
            raise ValueError(f"expected {name} tokens from 0 to {vocabulary - 1}; build the model with its vocabulary.")
