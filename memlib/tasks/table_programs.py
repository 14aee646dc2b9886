"""Programs on tables, run the plain way: one row after the other, with nothing soft about it.

A program is a list of steps. It keeps the rows that are selected, all of them at the start, and each step's rows and
number. Its answer is what the last step gives: a number, or cells.

An example, by hand: three rows with the columns price = 3, 8, 5 and size = 1, 2, 4. The program
``greater(price, 4); sum(size)`` selects the second and third row and then gives 2 + 4 = 6.

Source: neelakantan2015, Sec. 2.3
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from memlib.tasks.checks import whole_number

Values = Sequence[Sequence[float | None]]

# What the paper has; the rest are those for real tables, and `select` for words.
PAPER = ("sum", "count", "difference", "greater", "lesser", "and", "or", "assign", "reset")
OPERATIONS = (
    *PAPER, "at least", "at most", "select", "max", "min", "most frequent", "first", "last", "previous", "next",
)  # fmt: skip
# Those that work on one column; the others need none.
OF_A_COLUMN = frozenset(
    ("sum", "greater", "lesser", "at least", "at most", "select", "max", "min", "most frequent", "assign")
)
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "greater": lambda value, pivot: value > pivot,
    "lesser": lambda value, pivot: value < pivot,
    "at least": lambda value, pivot: value >= pivot,
    "at most": lambda value, pivot: value <= pivot,
}


class Step(NamedTuple):
    """One step of a program.

    Attributes:
        operation: of `OPERATIONS`.
        column: it works on, where it needs one.
        pivot: what a comparison compares with.
    """

    operation: str
    column: int | None = None
    pivot: float | None = None


class Answer(NamedTuple):
    """What a program gives: a number, or cells; a program that ends with a selection gives neither.

    Attributes:
        scalar: the number, or None.
        cells: (row, column) of each cell.
    """

    scalar: float | None = None
    cells: frozenset[tuple[int, int]] = frozenset()


def padded(program: Sequence[Step], steps: int) -> tuple[Step, ...]:
    """The program with as many steps as asked for: what is missing are resets at its start.

    Raises:
        ValueError: the program is longer.
    """
    if len(program) > whole_number("steps", steps, 1):
        raise ValueError(f"expected a program of at most {steps} steps, got {len(program)}.")
    return (Step("reset"),) * (steps - len(program)) + tuple(program)


def run(
    program: Sequence[Step],
    values: Values,
    texts: Sequence[Sequence[str]] | None = None,
    matches: Sequence[Sequence[bool]] | None = None,
) -> Answer:
    """Run a program on a table.

    Args:
        program: at least one step.
        values: rows of numbers; None where a cell holds none. No comparison holds for it, no sum counts it.
        texts: rows of texts, for "most frequent"; the numbers' own where None.
        matches: rows of truth values: whether the question names the cell's word, for "select".

    Raises:
        ValueError: there is no step, an operation is unknown, or a column or a pivot is missing.
    """
    if not program:
        raise ValueError("expected a program of at least one step.")
    count = len(values)
    selections: list[list[int]] = [list(range(count))]
    scalars: list[float] = []
    answer = Answer()
    for step in program:
        _check(step, values, matches)
        rows, scalar, answer = selections[-1], 0.0, Answer()
        chosen: list[int] = []
        name, column = step.operation, step.column
        if name == "count":
            scalar = float(len(rows))
        elif name == "sum" and column is not None:
            scalar = float(sum(value for row in rows if (value := values[row][column]) is not None))
        elif name == "difference":
            scalar = _of(scalars, 3) - _of(scalars, 1)
        elif name == "assign" and column is not None:
            answer = Answer(None, frozenset((row, column) for row in rows))
        elif name in ("and", "or"):
            before = selections[-2] if len(selections) > 1 else selections[-1]
            either = set(rows) | set(before) if name == "or" else set(rows) & set(before)
            chosen = sorted(either)
        else:
            chosen = _rows(step, rows, values, texts, matches)
        if name in ("count", "sum", "difference"):
            answer = Answer(scalar)
        selections.append(chosen)
        scalars.append(scalar)
    return answer


def _of(scalars: list[float], ago: int) -> float:
    return scalars[-ago] if len(scalars) >= ago else 0.0


def _rows(
    step: Step,
    rows: list[int],
    values: Values,
    texts: Sequence[Sequence[str]] | None,
    matches: Sequence[Sequence[bool]] | None,
) -> list[int]:
    """The rows that an operation selects."""
    name, every = step.operation, range(len(values))
    if name == "reset":
        return list(every)
    if name in ("first", "last"):
        return rows[:1] if name == "first" else rows[-1:]
    if name in ("previous", "next"):
        by = -1 if name == "previous" else 1
        return [row + by for row in rows if row + by in every]
    assert step.column is not None
    column = step.column
    if name == "select":
        assert matches is not None
        return [row for row in every if matches[row][column]]
    if name == "most frequent":
        shown = {row: values[row][column] if texts is None else texts[row][column] for row in rows}
        times = Counter(shown.values())
        return [row for row in rows if times[shown[row]] == max(times.values())]
    numbers = {row: value for row in every if (value := values[row][column]) is not None}
    if name in COMPARISONS:
        assert step.pivot is not None
        return [row for row, value in numbers.items() if COMPARISONS[name](value, step.pivot)]
    here = {row: numbers[row] for row in rows if row in numbers}
    best = (max if name == "max" else min)(here.values(), default=None)
    return [row for row, value in here.items() if value == best]


def _check(step: Step, values: Values, matches: Sequence[Sequence[bool]] | None) -> None:
    if step.operation not in OPERATIONS:
        raise ValueError(f"there is no operation {step.operation!r}; there are: {', '.join(OPERATIONS)}.")
    if step.operation in OF_A_COLUMN:
        width = len(values[0]) if values else 0
        if step.column is None or not 0 <= step.column < width:
            raise ValueError(f"{step.operation}: expected a column from 0 to {width - 1}, got {step.column}.")
    if step.operation in COMPARISONS and step.pivot is None:
        raise ValueError(f"{step.operation}: expected a pivot to compare with, got None.")
    if step.operation == "select" and matches is None:
        raise ValueError("select: expected `matches`, which cells the question names; got None.")


def words(program: Sequence[Step], names: Sequence[str]) -> str:
    """A program as one line, such as ``greater(price, 4); sum(size)``.

    Args:
        program: its steps.
        names: of the columns.
    """
    told = []
    for step in program:
        inside = [] if step.column is None else [names[step.column]]
        inside += [] if step.pivot is None else [f"{step.pivot:g}"]
        told.append(step.operation + (f"({', '.join(inside)})" if inside else ""))
    return "; ".join(told)
