"""Questions about tables, and batches of them: words, numbers, cells, and what counts as the answer.

An answer may be a number, or cells of the table. Where only its text is known, as in real data, both may be possible,
and a value may stand in several cells: the batch then says all of it, and the loss has to choose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from memlib.tasks.table_programs import OF_A_COLUMN, Step, padded

PAD, UNKNOWN = 0, 1


@dataclass(frozen=True)
class TableQuestion:
    """One question about one table.

    Attributes:
        words: of the question.
        numbers: those in the question: (place of the word, value).
        names: of the columns, each as words.
        texts: of the cells, row by row.
        values: of the cells, row by row; None where a cell holds no number.
        matches: of the cells, row by row: whether the question names what stands there.
        name_matches: whether the question names the column.
        scalar: the answer, if it may be a number.
        cells: for each value of the answer, the (row, column) of the cells that show it.
        program: that gives the answer, if known.
    """

    words: tuple[str, ...]
    numbers: tuple[tuple[int, float], ...]
    names: tuple[tuple[str, ...], ...]
    texts: tuple[tuple[str, ...], ...]
    values: tuple[tuple[float | None, ...], ...]
    matches: tuple[tuple[bool, ...], ...]
    name_matches: tuple[bool, ...]
    scalar: float | None = None
    cells: tuple[frozenset[tuple[int, int]], ...] = ()
    program: tuple[Step, ...] = ()


class TableBatch(NamedTuple):
    """Questions side by side, padded.

    Attributes:
        question: numbers of words, [batch, length]; 0 is padding.
        numbers: in the question, [batch, numbers].
        number_places: their words' places, [batch, numbers].
        number_mask: [batch, numbers], False where there is none.
        names: numbers of words of the columns' names, [batch, columns, name words].
        name_matches: 1 where the question names the column, [batch, columns].
        values: of the cells, 0 where there is none, [batch, rows, columns].
        numeric: whether a cell holds a number, [batch, rows, columns].
        texts: equal numbers in a column mean equal texts, [batch, rows, columns].
        matches: 1 where the question names what stands in the cell, [batch, rows, columns].
        rows: [batch, rows], False for padding.
        columns: [batch, columns], False for padding.
        scalar: the answer as a number, [batch]; 0 where it is none.
        has_scalar: [batch].
        cells: 0, or k where the cell shows the k-th value of the answer, [batch, rows, columns].
        has_cells: [batch].
        operations: of the program, as places in the list of operations, [batch, steps]; -1 where unknown.
        program_columns: [batch, steps]; -1 where a step needs none or the program is unknown.
    """

    question: Int[Tensor, "batch length"]
    numbers: Float[Tensor, "batch numbers"]
    number_places: Int[Tensor, "batch numbers"]
    number_mask: Bool[Tensor, "batch numbers"]
    names: Int[Tensor, "batch columns words"]
    name_matches: Float[Tensor, "batch columns"]
    values: Float[Tensor, "batch rows columns"]
    numeric: Bool[Tensor, "batch rows columns"]
    texts: Int[Tensor, "batch rows columns"]
    matches: Float[Tensor, "batch rows columns"]
    rows: Bool[Tensor, "batch rows"]
    columns: Bool[Tensor, "batch columns"]
    scalar: Float[Tensor, " batch"]
    has_scalar: Bool[Tensor, " batch"]
    cells: Int[Tensor, "batch rows columns"]
    has_cells: Bool[Tensor, " batch"]
    operations: Int[Tensor, "batch steps"]
    program_columns: Int[Tensor, "batch steps"]

    def to(self, device: torch.device) -> "TableBatch":
        """The batch on a device."""
        return TableBatch(*(part.to(device) for part in self))

    def double(self) -> "TableBatch":
        """The batch with its numbers in float64."""
        return TableBatch(*(part.double() if part.is_floating_point() else part for part in self))


def collate(
    questions: Sequence[TableQuestion], ids: Mapping[str, int], operations: Sequence[str], steps: int = 4
) -> TableBatch:
    """Put questions side by side.

    Args:
        questions: at least one.
        ids: number of each word, from 2 on; what is missing is unknown, 1.
        operations: names that programs may use, in the model's order.
        steps: of a program; a shorter one begins with resets.

    Raises:
        ValueError: there is no question, a table has no row or no column, or a program uses another operation.
    """
    if not questions or not all(one.values and one.names and one.words for one in questions):
        raise ValueError("expected at least one question, each with words and a table of a row and a column.")
    number = {name: place for place, name in enumerate(operations)}

    def numbered(words: Sequence[str]) -> list[int]:
        return [ids.get(word, UNKNOWN) for word in words]

    programs = [padded(one.program, steps) if one.program else () for one in questions]
    if odd := {step.operation for program in programs for step in program} - set(number):
        raise ValueError(f"programs use {', '.join(sorted(odd))}; expected only {', '.join(operations)}.")
    unknown = [-1] * steps
    return TableBatch(
        question=_pad([numbered(one.words) for one in questions], torch.long),
        numbers=_pad([[value for _, value in one.numbers] for one in questions], torch.float),
        number_places=_pad([[place for place, _ in one.numbers] for one in questions], torch.long),
        number_mask=_pad([[True] * len(one.numbers) for one in questions], torch.bool),
        names=_grid([[numbered(name) for name in one.names] for one in questions], torch.long),
        name_matches=_pad([list(one.name_matches) for one in questions], torch.float),
        values=_grid([[[value or 0.0 for value in row] for row in one.values] for one in questions], torch.float),
        numeric=_grid([[[value is not None for value in row] for row in one.values] for one in questions], torch.bool),
        texts=_grid([_same(one.texts) for one in questions], torch.long),
        matches=_grid([one.matches for one in questions], torch.float),
        rows=_pad([[True] * len(one.values) for one in questions], torch.bool),
        columns=_pad([[True] * len(one.names) for one in questions], torch.bool),
        scalar=torch.tensor([one.scalar or 0.0 for one in questions]),
        has_scalar=torch.tensor([one.scalar is not None for one in questions]),
        cells=_grid([_answers(one) for one in questions], torch.long),
        has_cells=torch.tensor([bool(one.cells) for one in questions]),
        operations=torch.tensor([[number[step.operation] for step in program] or unknown for program in programs]),
        program_columns=torch.tensor([[_column(step) for step in program] or unknown for program in programs]),
    )


def _column(step: Step) -> int:
    return step.column if step.operation in OF_A_COLUMN and step.column is not None else -1


def _same(texts: Sequence[Sequence[str]]) -> list[list[int]]:
    seen: list[dict[str, int]] = [{} for _ in texts[0]]
    return [[seen[place].setdefault(text, len(seen[place])) for place, text in enumerate(row)] for row in texts]


def _answers(one: TableQuestion) -> list[list[int]]:
    marks = [[0] * len(one.names) for _ in one.values]
    for place, cells in enumerate(one.cells, start=1):
        for row, column in cells:
            marks[row][column] = place
    return marks


def _pad(rows: Sequence[Sequence[float]], kind: torch.dtype) -> Tensor:
    """[batch, longest], at least one wide."""
    width = max(1, *map(len, rows))
    return torch.tensor([[*row, *[0] * (width - len(row))] for row in rows], dtype=kind)


def _grid(tables: Sequence[Sequence[Sequence[float]]], kind: torch.dtype) -> Tensor:
    """[batch, most rows, most columns]."""
    height, width = max(map(len, tables)), max(1, *(len(row) for table in tables for row in table))
    empty = [0] * width
    rows = [[[*row, *empty[len(row) :]] for row in table] + [empty] * (height - len(table)) for table in tables]
    return torch.tensor(rows, dtype=kind)
