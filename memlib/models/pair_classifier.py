"""Classifying a pair of sentences: the models of Weissenborn 2016, Table 1, over one interface.

The paper's own models have two layers, both shared by premise and hypothesis: the bottom one is what is compared (GRU,
AM-GRU, Dual AM-GRU), the top one a GRU that sums up. The last outputs for premise and hypothesis and their absolute
difference go through two layers with rectifiers to three classes. With word vectors of 300 numbers this gives the
paper's numbers of parameters (321k, 329k, 321k).

Source: weissenborn2016, Sec. 5.1
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from memlib.models.am_config import AMRNNConfig
from memlib.models.am_rnn import AMRNN, DualAMRNN
from memlib.models.baselines.conditional_lstm import AttentiveLSTM, ConditionalLSTM
from memlib.models.recurrent import GRUCell, unroll
from memlib.models.steps import check_words, readable

NAMES = ("lstm", "lstm-shared", "lstm-attention", "gru-shared", "am-gru-shared", "dual-am-gru-shared")
EMBEDDING = 300


class Pairs(Protocol):
    """A batch of pairs: words as numbers, padded with 0 on the right.

    Attributes:
        premise: [batch, time].
        premise_length: [batch].
        hypothesis: [batch, time], of another length.
        hypothesis_length: [batch].
    """

    premise: Tensor
    premise_length: Tensor
    hypothesis: Tensor
    hypothesis_length: Tensor


def words(length: Tensor, time: int) -> Bool[Tensor, "batch time"]:
    """True at words, False at padding."""
    return torch.arange(time, device=length.device) < length.unsqueeze(1)


class Bottom(nn.Module):
    """The bottom layer: a GRU, an AM-GRU or a Dual AM-GRU that reads premise and hypothesis with the same weights.

    GRU and AM-GRU read the hypothesis from the state that the premise left (conditional encoding). The Dual AM-GRU
    starts from an empty memory beside the premise's, and shares all weights but those of what it reads there: φ is zero
    while it reads the premise.

    Args:
        name: "gru-shared", "am-gru-shared" or "dual-am-gru-shared".
        hidden_size: H.
        copies: N_c.
        options: further ones of `AMRNNConfig`.
    """

    def __init__(self, name: str, hidden_size: int, copies: int, **options: Any) -> None:
        super().__init__()
        self.name = name
        config = AMRNNConfig(EMBEDDING, hidden_size, copies, **options)
        self.cell: GRUCell | AMRNN | DualAMRNN = {
            "gru-shared": lambda: GRUCell(EMBEDDING, hidden_size),
            "am-gru-shared": lambda: AMRNN(config),
            "dual-am-gru-shared": lambda: DualAMRNN(config),
        }[name]()  # type: ignore[assignment]

    def forward(self, first: Tensor, first_mask: Tensor, second: Tensor, second_mask: Tensor) -> tuple[Tensor, Tensor]:
        """The outputs along both sentences, [batch, time, H] each."""
        cell = self.cell
        if isinstance(cell, DualAMRNN):
            ys, state = cell.first(first, first_mask)
            return ys, cell.sequence(second, cell.beside(state.memory), second_mask)[0]
        run: Callable[..., tuple[Tensor, Any]] = cell.sequence if isinstance(cell, AMRNN) else partial(unroll, cell)
        ys, last = run(first, None, first_mask)
        return ys, run(second, last, second_mask)[0]


class PairClassifier(nn.Module):
    """From a batch of pairs to the logits of three classes.

    Args:
        name: one of `NAMES`.
        vocabulary_size: number of words, padding included.
        hidden: H.
        copies: N_c, where there is a memory.
        dropout: on word vectors and on what the classifier sees.
        embedding: [vocabulary_size, 300] to start from; drawn from a normal distribution when None.
        options: of `AMRNNConfig`, for the models that have a memory.
    """

    def __init__(
        self,
        name: str,
        vocabulary_size: int,
        hidden: int,
        copies: int,
        dropout: float,
        embedding: Tensor | None,
        **options: Any,
    ) -> None:
        super().__init__()
        if name not in NAMES:
            raise ValueError(f"pair classifier: expected a name of {', '.join(NAMES)}; got {name!r}.")
        if options and "am-gru" not in name:
            raise ValueError(f"pair classifier: {name!r} has no memory, hence no option {', '.join(sorted(options))}.")
        if embedding is not None and tuple(embedding.shape) != (vocabulary_size, EMBEDDING):
            raise ValueError(
                f"pair classifier: expected embedding [{vocabulary_size}, {EMBEDDING}], got {list(embedding.shape)}."
            )
        self.name = name
        self.embedding = nn.Embedding(vocabulary_size, EMBEDDING, padding_idx=0)
        nn.init.normal_(self.embedding.weight, std=0.1)
        if embedding is not None:
            with torch.no_grad():
                self.embedding.weight.copy_(embedding)
        with torch.no_grad():
            self.embedding.weight[0].zero_()
        self.dropout = nn.Dropout(dropout)
        if name.startswith("lstm"):
            self.bottom = _lstm(name, hidden)
            self.top = None
            self.classify: nn.Module = nn.Linear(hidden, 3)
        else:
            self.bottom = Bottom(name, hidden, copies, **options)
            self.top = GRUCell(hidden, hidden)
            self.classify = nn.Sequential(
                nn.Linear(3 * hidden, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 3)
            )

    def forward(self, batch: Pairs) -> Float[Tensor, "batch 3"]:
        """The logits, [batch, 3].

        Raises:
            TypeError: words that are no whole numbers.
            ValueError: sides of different batches, a word that is none, or a length that does not fit.
        """
        self._check("premise", batch.premise, batch.premise_length, len(batch.premise))
        self._check("hypothesis", batch.hypothesis, batch.hypothesis_length, len(batch.premise))
        first_mask = words(batch.premise_length, batch.premise.shape[1])
        second_mask = words(batch.hypothesis_length, batch.hypothesis.shape[1])
        first, second = (self.dropout(self.embedding(ids)) for ids in (batch.premise, batch.hypothesis))
        if self.top is None:
            return self.classify(self.dropout(self.bottom(first, first_mask, second, second_mask)))
        ys, zs = self.bottom(first, first_mask, second, second_mask)
        _, premise = unroll(self.top, ys, mask=first_mask)
        _, hypothesis = unroll(self.top, zs, mask=second_mask)
        p, h = premise.memory, hypothesis.memory
        return self.classify(self.dropout(torch.cat([p, h, (p - h).abs()], -1)))

    def _check(self, name: str, ids: Tensor, lengths: Tensor, rows: int) -> None:
        check_words(self, ids, name, self.embedding.num_embeddings, rows)
        outside = readable(lengths) and bool(((lengths < 1) | (lengths > ids.shape[1])).any())
        if tuple(lengths.shape) != (rows,) or outside:
            raise ValueError(
                f"PairClassifier: expected {name}_length [{rows}], from 1 to {ids.shape[1]}, got {lengths.tolist()}."
            )

    def size(self) -> int:
        """Number of parameters without word vectors, as the paper counts."""
        return sum(p.numel() for name, p in self.named_parameters() if not name.startswith("embedding"))


def _lstm(name: str, hidden: int) -> nn.Module:
    if name == "lstm-attention":
        return AttentiveLSTM(EMBEDDING, hidden)
    return ConditionalLSTM(EMBEDDING, hidden, shared=name == "lstm-shared")


def build(
    name: str,
    vocabulary_size: int,
    hidden: int,
    copies: int = 8,
    dropout: float = 0.1,
    embedding: Tensor | None = None,
    **options: Any,
) -> PairClassifier:
    """Build one of the models of Table 1 by name; arguments as in `PairClassifier`."""
    return PairClassifier(name, vocabulary_size, hidden, copies, dropout, embedding, **options)
