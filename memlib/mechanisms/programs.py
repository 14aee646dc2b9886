"""Soft programs: every operation is run, and its results are averaged by how likely it was chosen.

A program is a list of steps; a step names an operation and what it works on. Choosing has no gradient. A soft program
takes every action a little: `soft_select` averages what could be chosen, `soft_apply` averages what could be done.
With weights that are all at one place they choose; `harden` makes them so.

On a table a program keeps a row selection, one number in [0, 1] for each row: how much the row belongs. The rest of
the file are operations on it: `greater`, `lesser`, `both`, `either`, `count`, `column_sums`, `lookup`. A choice among
columns, numbers of the question or earlier results is `soft_select` again: `soft_select(greater(...).mT, columns)`.

Papers: Neelakantan, Le and Sutskever 2015; Olah and Carter 2016 for arithmetic.
Deviations: a comparison may be soft (`softness`), so that a gradient reaches the pivot; 0, the default, is the paper's.
Losses are of one answer and not averaged over a batch.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.mechanisms.shapes import checked

# Operations of two numbers, defined everywhere: what a program of arithmetic chooses from. "keep" hands on the first.
ARITHMETIC: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "add": torch.add,
    "subtract": torch.sub,
    "multiply": torch.mul,
    "keep": lambda left, right: left,
}


@checked
def soft_select(
    values: Float[Tensor, "*#batch choices width"], weights: Float[Tensor, "*#batch choices"]
) -> Float[Tensor, "*#batch width"]:
    """Choose one of several things, softly: Σ_i w_i v_i.

    Args:
        values: v, one row for each choice, [..., choices, width]; finite, since 0 times infinity is no number.
        weights: w, not negative; their sum is 1, or less where nothing may be chosen too, [..., choices].

    Returns:
        [..., width].

    Source: olah2016; neelakantan2015, Sec. 2.3
    """
    return torch.einsum("...cw,...c->...w", values, weights)


def soft_apply(operations: Sequence[Callable[..., Tensor]], weights: Tensor, *operands: Tensor) -> Tensor:
    """Run every operation on the same operands and average what they give: Σ_o w_o f_o(a, b, ...).

    Args:
        operations: f, functions of as many tensors as there are operands; each gives [..., width].
        weights: w, how likely each operation is, [..., operations].
        operands: a, b, ..., each [..., width].

    Returns:
        [..., width]. Where an operation gives no finite number (a division by 0), neither does the average, whatever
        its weight: define operations everywhere.

    Raises:
        TypeError: an argument is no tensor of floating-point numbers.
        ValueError: there is no operation, or there are more or fewer weights than operations, or the shapes do not fit.

    Source: olah2016; neelakantan2015, Sec. 2.3
    """
    if not operations:
        raise ValueError("soft_apply: expected at least one operation; got none.")
    if isinstance(weights, Tensor) and weights.shape[-1:] != (len(operations),):
        raise ValueError(
            f"soft_apply: {len(operations)} operations want weights [..., {len(operations)}]; "
            f"got weights of shape {tuple(weights.shape)}. Give one weight for each operation, in their order."
        )
    results = torch.broadcast_tensors(*(operation(*operands) for operation in operations))
    return soft_select(torch.stack(results, -2), weights)


@checked
def harden(weights: Float[Tensor, "*batch choices"]) -> Float[Tensor, "*batch choices"]:
    """Decide: 1 at the highest weight, the first of them where several are alike, and 0 elsewhere. No gradient.

    Args:
        weights: w, [..., choices], at least one choice.

    Source: neelakantan2015, Sec. 2.3
    """
    if weights.shape[-1] == 0:
        raise ValueError("harden: expected at least one choice; got weights [..., 0].")
    return torch.zeros_like(weights).scatter(-1, weights.argmax(-1, keepdim=True), 1.0)


def _above(distance: Tensor, softness: float) -> Tensor:
    if not softness >= 0:
        raise ValueError(f"expected a softness of at least 0; got {softness}. 0 compares as numbers do.")
    return torch.sigmoid(distance / softness) if softness else (distance > 0).to(distance.dtype)


@checked
def greater(
    table: Float[Tensor, "*#batch rows columns"], pivot: Float[Tensor, "*#batch 1"], softness: float = 0.0
) -> Float[Tensor, "*#batch rows columns"]:
    """Which cells are above the pivot: 1 where T_ij > p, else 0.

    Args:
        table: T, [..., rows, columns].
        pivot: p, [..., 1].
        softness: s, at least 0; above 0 the answer is σ((T_ij - p) / s) and has a gradient.

    Raises:
        TypeError, ValueError: kinds of number or shapes do not fit, or the softness is below 0.

    Source: neelakantan2015, Sec. 2.3
    """
    return _above(table - pivot.unsqueeze(-1), softness)


@checked
def lesser(
    table: Float[Tensor, "*#batch rows columns"], pivot: Float[Tensor, "*#batch 1"], softness: float = 0.0
) -> Float[Tensor, "*#batch rows columns"]:
    """Which cells are below the pivot: 1 where T_ij < p, else 0; softly σ((p - T_ij) / s), as in `greater`.

    Args:
        table: T, [..., rows, columns].
        pivot: p, [..., 1].
        softness: s, at least 0.

    Raises:
        TypeError, ValueError: kinds of number or shapes do not fit, or the softness is below 0.

    Source: neelakantan2015, Sec. 2.3
    """
    return _above(pivot.unsqueeze(-1) - table, softness)


@checked
def both(
    selection: Float[Tensor, "*#batch rows"], other: Float[Tensor, "*#batch rows"]
) -> Float[Tensor, "*#batch rows"]:
    """Rows that belong to both selections, a soft `and`: min(r_i, q_i).

    Args:
        selection: r in [0, 1], [..., rows].
        other: q in [0, 1], [..., rows].

    Source: neelakantan2015, Sec. 2.3
    """
    return torch.minimum(selection, other)


@checked
def either(
    selection: Float[Tensor, "*#batch rows"], other: Float[Tensor, "*#batch rows"]
) -> Float[Tensor, "*#batch rows"]:
    """Rows that belong to one selection at least, a soft `or`: max(r_i, q_i).

    Args:
        selection: r in [0, 1], [..., rows].
        other: q in [0, 1], [..., rows].

    Source: neelakantan2015, Sec. 2.3
    """
    return torch.maximum(selection, other)


@checked
def count(selection: Float[Tensor, "*batch rows"]) -> Float[Tensor, "*batch"]:
    """How many rows are selected: Σ_i r_i, with r in [0, 1], [..., rows].

    Source: neelakantan2015, Sec. 2.3
    """
    return selection.sum(-1)


@checked
def column_sums(
    table: Float[Tensor, "*#batch rows columns"], selection: Float[Tensor, "*#batch rows"]
) -> Float[Tensor, "*#batch columns"]:
    """The sum of each column over the selected rows: Σ_i r_i T_ij.

    Args:
        table: T, [..., rows, columns].
        selection: r in [0, 1], [..., rows].

    Source: neelakantan2015, Sec. 2.3
    """
    return soft_select(table, selection)


@checked
def lookup(
    selection: Float[Tensor, "*#batch rows"], columns: Float[Tensor, "*#batch columns"]
) -> Float[Tensor, "*#batch rows columns"]:
    """Point at cells, a soft `assign`: r_i c_j. Its product with the table's cells is what is looked up.

    Args:
        selection: r in [0, 1], how much each row belongs, [..., rows].
        columns: c, how likely each column is, [..., columns]; times the weight of the operation, in a soft program.

    Source: neelakantan2015, Sec. 2.3
    """
    return selection.unsqueeze(-1) * columns.unsqueeze(-2)


@checked
def scalar_loss(
    answer: Float[Tensor, "*#batch"], target: Float[Tensor, "*#batch"], width: float = 1.0
) -> Float[Tensor, "*#batch"]:
    """The loss of an answer that is a number (Huber): ½ a² where |a| ≤ δ, else δ |a| - ½ δ², with a = answer - target.

    Far off, its gradient is bounded by δ, so that one very wrong program does not drown the rest.

    Args:
        answer: [...].
        target: [...].
        width: δ, above 0.

    Raises:
        TypeError, ValueError: kinds of number or shapes do not fit, or the width is not above 0.

    Source: neelakantan2015, Sec. 2.5
    """
    if not width > 0:
        raise ValueError(f"scalar_loss: expected a width above 0; got {width}.")
    error = (answer - target).abs()
    return torch.where(error <= width, 0.5 * error.square(), width * error - 0.5 * width**2)


@checked
def lookup_loss(
    answer: Float[Tensor, "*#batch rows columns"],
    target: Float[Tensor, "*#batch rows columns"],
    epsilon: float = 1e-8,
) -> Float[Tensor, "*#batch"]:
    """The loss of an answer that is cells: the mean over cells of -(y log c + (1 - y) log(1 - c)).

    Args:
        answer: c in [0, 1], how much each cell is answered, [..., rows, columns].
        target: y, 1 at the cells of the answer, else 0, [..., rows, columns].
        epsilon: c is kept this far from 0 and 1; rounding raises it to the number type's own step where it is smaller.

    Source: neelakantan2015, Sec. 2.5
    """
    edge = max(epsilon, torch.finfo(answer.dtype).eps)
    c = answer.clamp(edge, 1 - edge)
    return -(target * c.log() + (1 - target) * (-c).log1p()).mean((-2, -1))
