"""The neural programmer: it reads a question, and writes and runs a soft program on a table, trained by answers alone.

At each of T steps it weighs its operations and the table's columns, runs all of them, and averages what they give. A
row selection is carried from step to step. What the last step gives is the answer: a number, or cells.

Deviations: a column's vector is the mean of its name's words (the authors' code for real tables takes the first word).
Scores go through tanh in both forms (their code has max(0, x)); a row that is equally high as another counts as the
highest too; scores of the first step see a history of zeros. Numbers and texts stand in one table, not in two.

Source: neelakantan2015, Sec. 2; neelakantan2017
"""

from typing import NamedTuple, Protocol

import torch
from jaxtyping import Float
from torch import Tensor, nn

from memlib.mechanisms.programs import column_sums, harden, lookup, soft_select
from memlib.mechanisms.programs import count as count_rows
from memlib.models.programmer_config import NeuralProgrammerConfig
from memlib.models.programmer_operations import BY_COLUMN, COMPARISONS, ROWS, SCALARS, Context, ranking
from memlib.models.steps import check_words

__all__ = ["NeuralProgrammer", "NeuralProgrammerConfig", "ProgramRun", "Tables"]


class Tables(Protocol):
    """What the model reads of a batch; see `memlib.tasks.tables.TableBatch` for the shapes."""

    @property
    def question(self) -> Tensor: ...  # noqa: D102
    @property
    def numbers(self) -> Tensor: ...  # noqa: D102
    @property
    def number_places(self) -> Tensor: ...  # noqa: D102
    @property
    def number_mask(self) -> Tensor: ...  # noqa: D102
    @property
    def names(self) -> Tensor: ...  # noqa: D102
    @property
    def name_matches(self) -> Tensor: ...  # noqa: D102
    @property
    def values(self) -> Tensor: ...  # noqa: D102
    @property
    def numeric(self) -> Tensor: ...  # noqa: D102
    @property
    def texts(self) -> Tensor: ...  # noqa: D102
    @property
    def matches(self) -> Tensor: ...  # noqa: D102
    @property
    def rows(self) -> Tensor: ...  # noqa: D102
    @property
    def columns(self) -> Tensor: ...  # noqa: D102


class ProgramRun(NamedTuple):
    """What a program chose and gave.

    Attributes:
        scalar: the answer as a number, [batch].
        lookup: how much each cell is answered, [batch, rows, columns].
        operations: weights, [batch, steps, operations].
        columns: weights, [batch, steps, columns].
        numbers: for each comparison, in the order of `NeuralProgrammer.comparisons`, the weights of the question's
            numbers, [batch, comparisons, numbers].
        selections: of rows, before the first step and after each, [batch, steps + 1, rows].
        scalars: after each step, [batch, steps].
    """

    scalar: Float[Tensor, " batch"]
    lookup: Float[Tensor, "batch rows columns"]
    operations: Float[Tensor, "batch steps operations"]
    columns: Float[Tensor, "batch steps columns"]
    numbers: Float[Tensor, "batch comparisons numbers"]
    selections: Float[Tensor, "batch moments rows"]
    scalars: Float[Tensor, "batch steps"]


class NeuralProgrammer(nn.Module):
    """The programmer on batches of questions, each with its table.

    Args:
        config: its sizes and options.
    """

    def __init__(self, config: NeuralProgrammerConfig) -> None:
        super().__init__()
        self.config = config
        width, operations = config.width, config.operations
        self.comparisons = tuple(name for name in operations if name in COMPARISONS)
        self.words = nn.Embedding(config.vocabulary, width, padding_idx=0)
        nn.init.normal_(self.words.weight, std=0.1)
        with torch.no_grad():
            self.words.weight[0] = 0
        self.reader: nn.RNN | nn.LSTM
        self.reader = (nn.RNN if config.reader == "rnn" else nn.LSTM)(width, width, batch_first=True)
        self.operations = nn.Parameter(0.1 * torch.randn(len(operations), width))
        known = width * (3 if config.attend else 2)
        self.choose_operation = nn.Linear(known, width)
        self.choose_column = nn.Linear(known + (width if config.column_sees_operation else 0), width)
        self.history = nn.Linear(3 * width, width)
        if config.match_features:
            self.name_match = nn.Parameter(torch.ones(()))
            self.cell_match = nn.Parameter(0.1 * torch.randn(width))
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, tables: Tables, hard: bool = False) -> ProgramRun:
        """Write and run the programs.

        Args:
            tables: the batch.
            hard: whether only the most likely operation, column and number is taken, each time; else all, softly.

        Raises:
            ValueError: the question has not two axes, or a table has no row or no column.
        """
        self._check(tables)
        config, decide = self.config, harden if hard else lambda weights: weights
        hidden, question = self.read(tables)
        names = self.column_vectors(tables)
        numbers = self._number_weights(tables, hidden)
        numbers = decide(numbers) * tables.number_mask.any(1)[:, None, None] if numbers.shape[1] else numbers
        there = tables.rows.to(hidden.dtype)
        history = torch.zeros_like(question)
        selections, scalars = [there, there], [hidden.new_zeros(len(there))] * 3
        chosen, pointed, answer = [], [], torch.zeros_like(tables.values)
        seen = self._context(tables, numbers)
        for _ in range(config.steps):
            known = self._known(tables, question, hidden, history)
            soft_operation, soft_column = self._choose(tables, known, names)
            operation, column = decide(soft_operation), decide(soft_column)
            seen = Context(**{**vars(seen), "rows": selections[-1], "before": selections[-2]})
            scalars.append(self._scalar(operation, column, seen, scalars))
            answer = lookup(selections[-1], column * self._weight(operation, "assign"))
            selections.append(self._select(operation, column, seen))
            made = soft_operation @ self.operations, soft_select(names, soft_column)
            history = self.history(torch.cat([*made, history], -1)).tanh()
            chosen.append(operation)
            pointed.append(column)
        return ProgramRun(
            scalars[-1],
            answer,
            torch.stack(chosen, 1),
            torch.stack(pointed, 1),
            numbers,
            torch.stack(selections[1:], 1),
            torch.stack(scalars[3:], 1),
        )

    def read(self, tables: Tables) -> tuple[Tensor, Tensor]:
        """The question, word by word, [batch, length, d], and as a whole, [batch, d]: the state at its last word."""
        hidden, _ = self.reader(self.dropout(self.words(tables.question)))
        end = (tables.question != 0).sum(1).clamp(min=1) - 1
        return hidden, hidden[torch.arange(len(end), device=end.device), end]

    def column_vectors(self, tables: Tables) -> Tensor:
        """P: the mean of the words of each column's name, [batch, columns, d]; see ``match_features``."""
        count = (tables.names != 0).sum(-1, keepdim=True).clamp(min=1)
        vectors = self.words(tables.names).sum(2) / count
        if self.config.match_features:
            vectors = vectors + tables.matches.amax(1).unsqueeze(-1) * self.cell_match
        return self.dropout(vectors)

    def _number_weights(self, tables: Tables, hidden: Tensor) -> Tensor:
        """β: which number of the question a comparison takes, by the word to the left of it."""
        if not self.comparisons:
            return hidden.new_zeros(len(hidden), 0, tables.numbers.shape[1])
        left = (tables.number_places - 1).clamp(min=0).unsqueeze(-1).expand(-1, -1, hidden.shape[-1])
        places = [self.config.operations.index(name) for name in self.comparisons]
        scores = self.operations[places] @ hidden.gather(1, left).mT
        # A question without numbers: any weights will do, they are set to 0.
        mask = tables.number_mask | ~tables.number_mask.any(1, keepdim=True)
        return scores.masked_fill(~mask.unsqueeze(1), -torch.inf).softmax(-1)

    def _context(self, tables: Tables, numbers: Tensor) -> Context:
        there, values = tables.rows.to(tables.values.dtype), tables.values
        given = tables.number_mask.any(1)[:, None, None]
        pivots = (numbers * tables.numbers.unsqueeze(1)).sum(-1, keepdim=True)
        ordered = {"max", "min"} & set(self.config.operations)
        return Context(
            rows=there,
            before=there,
            there=there,
            values=values,
            compared=(tables.numeric & given).to(values.dtype),
            texts=tables.texts,
            matches=tables.matches,
            falling=ranking(values, tables.numeric) if ordered else None,
            rising=ranking(-values, tables.numeric) if ordered else None,
            pivots=dict(zip(self.comparisons, pivots.unbind(1), strict=True)),
        )

    def _known(self, tables: Tables, question: Tensor, hidden: Tensor, history: Tensor) -> Tensor:
        """What chooses: the question and the history, and where asked for the words that the history attends to."""
        if not self.config.attend:
            return torch.cat([question, history], -1)
        scores = torch.einsum("bld,bd->bl", hidden, history).masked_fill(tables.question == 0, -torch.inf)
        return torch.cat([question, soft_select(hidden, scores.softmax(-1)), history], -1)

    def _choose(self, tables: Tables, known: Tensor, names: Tensor) -> tuple[Tensor, Tensor]:
        """The weights of operations, [batch, operations], and of columns, [batch, columns]."""
        operation = (self.dropout(self.choose_operation(known).tanh()) @ self.operations.T).softmax(-1)
        if self.config.column_sees_operation:
            known = torch.cat([known, operation @ self.operations], -1)
        scores = torch.einsum("bcd,bd->bc", names, self.dropout(self.choose_column(known).tanh()))
        if self.config.match_features:
            scores = scores + self.name_match * tables.name_matches
        return operation, scores.masked_fill(~tables.columns, -torch.inf).softmax(-1)

    def _weight(self, operation: Tensor, name: str) -> Tensor:
        """The weight of one operation, [batch, 1]; 0 where there is none of that name."""
        if name not in self.config.operations:
            return operation.new_zeros(len(operation), 1)
        return operation[:, self.config.operations.index(name)].unsqueeze(-1)

    def _scalar(self, operation: Tensor, column: Tensor, seen: Context, scalars: list[Tensor]) -> Tensor:
        """The number of a step. The difference is of what three steps ago and what one step ago gave."""
        results = {
            "sum": lambda: (column_sums(seen.values, seen.rows) * column).sum(-1),
            "count": lambda: count_rows(seen.rows),
            "difference": lambda: scalars[-3] - scalars[-1],
        }
        used = [name for name in SCALARS if name in self.config.operations]
        return sum((self._weight(operation, n).squeeze(-1) * results[n]() for n in used), torch.zeros_like(scalars[-1]))

    def _select(self, operation: Tensor, column: Tensor, seen: Context) -> Tensor:
        """The rows of a step: of all operations on rows, averaged; an operation that gives no rows gives none."""
        names = self.config.operations
        parts = [self._weight(operation, name) * ROWS[name](seen) for name in names if name in ROWS]
        grids = [
            self._weight(operation, name).unsqueeze(-1) * BY_COLUMN[name](seen) for name in names if name in BY_COLUMN
        ]
        if grids:
            parts.append(soft_select(sum(grids[1:], grids[0]).mT, column))
        return sum(parts, torch.zeros_like(seen.rows)) * seen.there

    def size(self) -> int:
        """How many weights are trained."""
        return sum(weight.numel() for weight in self.parameters())

    def _check(self, tables: Tables) -> None:
        if tables.question.ndim != 2 or 0 in tables.question.shape:
            raise ValueError(f"expected questions [batch, length], got {tuple(tables.question.shape)}.")
        if not (tables.rows.any(1).all() and tables.columns.any(1).all()):
            raise ValueError("expected every table with at least one row and one column.")
        for name, words in (("question", tables.question), ("names", tables.names.flatten(1))):
            check_words(self, words, name, self.config.vocabulary, len(tables.rows))
