"""What a neural programmer is trained by, and what its hardened programs say.

The answer alone: `answer_loss`. Where programs are known too, `program_loss` asks for each choice of them.

Source: neelakantan2015, Sec. 2.5
"""

from collections.abc import Sequence
from typing import Protocol

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from memlib.mechanisms.programs import scalar_loss
from memlib.models.neural_programmer import NeuralProgrammer, ProgramRun
from memlib.models.programmer_config import NeuralProgrammerConfig
from memlib.models.programmer_operations import COMPARISONS, OF_A_COLUMN

# Of the authors' code: the largest loss of a number per row, and how sharp the choice of the lower loss is.
LARGEST, SHARPNESS = 3.0, 5.0


class Answers(Protocol):
    """What the losses read of a batch; see `memlib.tasks.tables.TableBatch` for the shapes."""

    @property
    def rows(self) -> Tensor: ...  # noqa: D102
    @property
    def columns(self) -> Tensor: ...  # noqa: D102
    @property
    def scalar(self) -> Tensor: ...  # noqa: D102
    @property
    def has_scalar(self) -> Tensor: ...  # noqa: D102
    @property
    def cells(self) -> Tensor: ...  # noqa: D102
    @property
    def has_cells(self) -> Tensor: ...  # noqa: D102
    @property
    def operations(self) -> Tensor: ...  # noqa: D102
    @property
    def program_columns(self) -> Tensor: ...  # noqa: D102


def answer_loss(run: ProgramRun, batch: Answers, config: NeuralProgrammerConfig) -> Float[Tensor, " batch"]:
    """The loss of each answer: of the number or of the cells.

    Args:
        run: a soft one.
        batch: with the answers. A question that has neither costs nothing.
        config: with the weights of both losses, and whether the supervision is weak.
    """
    there = batch.rows.unsqueeze(-1) & batch.columns.unsqueeze(-2)
    count = there.sum((1, 2))
    edge = torch.finfo(run.lookup.dtype).eps
    pointed = run.lookup.clamp(edge, 1 - edge)
    gold = batch.cells > 0
    missed = torch.where(there & ~gold, -(-pointed).log1p(), 0.0).sum((1, 2))
    if not config.weak:
        number = scalar_loss(run.scalar, batch.scalar, config.huber_width)
        cells = missed + torch.where(gold, -pointed.log(), 0.0).sum((1, 2))
        return torch.where(batch.has_scalar, number, config.lookup_weight * cells / count * batch.has_cells)
    number = (0.5 * (run.scalar - batch.scalar).square() / batch.rows.sum(1)).clamp(max=LARGEST)
    cells = config.lookup_weight * (missed + _nearest(-pointed.log(), batch.cells)) / count
    either = -torch.logsumexp(-SHARPNESS * torch.stack([number, cells]), 0) / SHARPNESS
    one = torch.where(batch.has_scalar, number, cells * batch.has_cells)
    return torch.where(batch.has_scalar & batch.has_cells, either.clamp(min=0), one)


def _nearest(losses: Tensor, cells: Tensor) -> Tensor:
    """For each value of the answer the lowest loss among the cells that show it, summed over values: [batch]."""
    marks, flat = cells.flatten(1), losses.flatten(1)
    lowest = flat.new_full((len(flat), int(marks.max()) + 1), torch.inf)
    lowest = lowest.scatter_reduce(1, marks, flat, "amin")[:, 1:]
    return torch.where(lowest.isfinite(), lowest, 0.0).sum(1)


def program_loss(run: ProgramRun, batch: Answers) -> Float[Tensor, " batch"]:
    """-log of the weight of each right choice, summed over steps: of the operation, and of the column if it needs one.

    Args:
        run: a soft one.
        batch: with the programs; a question without one costs nothing.

    Raises:
        ValueError: the programs have more operations than the model, or other steps.
    """
    choices = run.operations.shape
    if batch.operations.shape != choices[:2] or int(batch.operations.max()) >= choices[-1]:
        raise ValueError(
            f"expected programs of {choices[1]} steps with operations below {choices[-1]}; got "
            f"{batch.operations.shape[1]} steps up to {int(batch.operations.max())}. Collate with the model's list."
        )
    total = torch.zeros_like(run.scalar)
    for weights, right in ((run.operations, batch.operations), (run.columns, batch.program_columns)):
        chosen = weights.gather(-1, right.clamp(min=0).unsqueeze(-1)).squeeze(-1)
        total = total - torch.where(right >= 0, chosen.clamp(min=torch.finfo(chosen.dtype).tiny).log(), 0.0).sum(1)
    return total


def answers_lookup(run: ProgramRun, config: NeuralProgrammerConfig) -> Bool[Tensor, " batch"]:
    """Whether a hard run answers with cells: its last operation is `assign`."""
    last = run.operations[:, -1].argmax(-1)
    if "assign" not in config.operations:
        return torch.zeros_like(last, dtype=torch.bool)
    return last == config.operations.index("assign")


def right(run: ProgramRun, batch: Answers, config: NeuralProgrammerConfig) -> Bool[Tensor, " batch"]:
    """Whether a hard run gives the answer: the number to 0.01, or exactly the cells of the answer.

    Args:
        run: made with ``hard=True``.
        batch: with the answers.
        config: of the model.
    """
    number = batch.has_scalar & ((run.scalar - batch.scalar).abs() < 0.01)
    cells = batch.has_cells & ((run.lookup > 0.5) == (batch.cells > 0)).all(-1).all(-1)
    return torch.where(answers_lookup(run, config), cells, number)


def program_words(
    run: ProgramRun, model: NeuralProgrammer, numbers: Tensor, names: Sequence[Sequence[str]]
) -> list[str]:
    """The hardened programs, one line each, such as ``reset; reset; greater(age, 5); count``.

    Args:
        run: soft or hard; the highest weight is told.
        model: that made it.
        numbers: of the questions, [batch, numbers].
        names: of each table's columns.
    """
    picked = numbers.gather(1, run.numbers.argmax(-1)) if model.comparisons else numbers
    told = []
    for place, columns in enumerate(names):
        steps = []
        for operation, column in zip(run.operations[place].argmax(-1), run.columns[place].argmax(-1), strict=True):
            name = model.config.operations[int(operation)]
            inside = [columns[int(column)]] if name in OF_A_COLUMN else []
            if name in COMPARISONS:
                inside.append(f"{float(picked[place, model.comparisons.index(name)]):g}")
            steps.append(name + (f"({', '.join(inside)})" if inside else ""))
        told.append("; ".join(steps))
    return told
