"""The item memory of two memories: a matrix of associations, written through gates, that feeds the relational one.

Of each input two vectors are made, and their outer product is what there is to write. Two gates, of the shape of the
memory, say what to keep and what to take. What is then read out of the relational memory joins the items, SAM relates
them, and the relational memory takes the result in. `relational_memory` holds the ways back.

Paper: Le, Tran and Venkatesh 2020, Eq. 9-13, App. D, App. G.
Deviations: the printed gates have no sigmoid, here `item_gate` has one; their second W_I is read as U_I. W x, a vector,
is added to each column, as the product U tanh(M) suggests. The blends are numbers or tensors of one entry.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.mechanisms.shapes import checked

__all__ = [
    "association",
    "gated_item_write",
    "item_gate",
    "item_write",
    "items_with_read",
    "items_with_transfer",
    "numerical_rank",
    "relational_write",
]

BLENDS = ("gain", "decay")


@checked
def association(left: Float[Tensor, "*#batch n"], right: Float[Tensor, "*#batch d"]) -> Float[Tensor, "*#batch n d"]:
    """Bind two vectors: X = left ⊗ right, [..., n, d].

    Source: le2020, Eq. 9
    """
    return left.unsqueeze(-1) * right.unsqueeze(-2)


@checked
def item_write(
    memory: Float[Tensor, "*#batch n d"], left: Float[Tensor, "*#batch n"], right: Float[Tensor, "*#batch d"]
) -> Float[Tensor, "*#batch n d"]:
    """Add a pair to the items: M + left ⊗ right. Nothing is ever forgotten.

    Args:
        memory: M, [..., n, d]; it is left as it was.
        left: f1(x), [..., n].
        right: f2(x), [..., d].

    Source: le2020, Eq. 9
    """
    return memory + association(left, right)


@checked
def item_gate(
    memory: Float[Tensor, "*#batch n d"],
    drive: Float[Tensor, "*#batch n"],
    weights: Float[Tensor, "n n"],
    bias: Float[Tensor, ""] | float = 0.0,
    squash: bool = True,
) -> Float[Tensor, "*#batch n d"]:
    """Decide for each entry of the memory from the input and from what its column holds: σ(W x + U tanh(M) + b).

    Args:
        memory: M before the write, [..., n, d].
        drive: W x, one number for each row, [..., n].
        weights: U, [n, n].
        bias: b, one number.
        squash: the sigmoid; the paper prints none, and a gate is then any number.

    Returns:
        [..., n, d], between 0 and 1 where it is squashed.

    Source: le2020, App. D
    """
    gate = drive.unsqueeze(-1) + weights @ memory.tanh() + bias
    return gate.sigmoid() if squash else gate


@checked
def gated_item_write(
    memory: Float[Tensor, "*#batch n d"],
    pair: Float[Tensor, "*#batch n d"],
    forget: Float[Tensor, "*#batch n d"],
    take: Float[Tensor, "*#batch n d"],
) -> Float[Tensor, "*#batch n d"]:
    """Keep some of the items and take in some of the new pair: F ⊙ M + I ⊙ X.

    Args:
        memory: M, [..., n, d]; it is left as it was.
        pair: X, as `association` gives it, [..., n, d].
        forget: F, 1 keeps all, [..., n, d].
        take: I, 1 takes all, [..., n, d].

    Source: le2020, Eq. 10
    """
    return forget * memory + take * pair


@checked
def items_with_read(
    memory: Float[Tensor, "*#batch n d"],
    read: Float[Tensor, "*#batch n"],
    query: Float[Tensor, "*#batch d"],
    blend: Float[Tensor, "*#batch 1"] | float = 1.0,
) -> Float[Tensor, "*#batch n d"]:
    """Lay what was read beside the items, under what asked for it: M + α2 v ⊗ f2(x). SAM takes its items from this.

    Args:
        memory: M after the write, [..., n, d].
        read: v, what the relational memory gave, [..., n].
        query: f2(x), [..., d].
        blend: α2.

    Source: le2020, Eq. 12
    """
    blend = blend.unsqueeze(-1) if isinstance(blend, Tensor) else blend
    return memory + blend * association(read, query)


@checked
def relational_write(
    memory: Float[Tensor, "*#batch nq d dv"],
    found: Float[Tensor, "*#batch nq d dv"],
    blend: Float[Tensor, "*#batch 1"] | float = 1.0,
    blends: str = "gain",
) -> Float[Tensor, "*#batch nq d dv"]:
    """Take in what SAM found: M + α1 R. Or let the memory fade by α1, as the authors' code does: α1 M + R.

    Args:
        memory: M, [..., nq, d, dv]; it is left as it was.
        found: R, what SAM made of the items, [..., nq, d, dv].
        blend: α1.
        blends: "gain", as printed, or "decay", where α1 = 0 overwrites the memory at each step.

    Raises:
        TypeError, ValueError: kinds of number or shapes do not fit, or there is no such way to blend.

    Source: le2020, Eq. 12
    """
    if blends not in BLENDS:
        raise ValueError(f"relational_write: expected blends in {', '.join(BLENDS)}; got {blends!r}.")
    blend = blend.unsqueeze(-1).unsqueeze(-1) if isinstance(blend, Tensor) else blend
    return memory + blend * found if blends == "gain" else blend * memory + found


@checked
def items_with_transfer(
    memory: Float[Tensor, "*#batch n d"],
    handed: Float[Tensor, "*#batch n d"],
    blend: Float[Tensor, "*#batch 1"] | float = 1.0,
) -> Float[Tensor, "*#batch n d"]:
    """Take over what the relational memory hands on: M + α3 G1(R).

    Args:
        memory: M after the write, [..., n, d].
        handed: G1(R), as `relational_memory.transfer` gives it, [..., n, d].
        blend: α3.

    Source: le2020, Eq. 13
    """
    blend = blend.unsqueeze(-1) if isinstance(blend, Tensor) else blend
    return memory + blend * handed


@checked
def numerical_rank(matrix: Float[Tensor, "*batch rows columns"]) -> Float[Tensor, "*batch"]:
    """Count the directions that matter in a matrix: ‖A‖²_F / ‖A‖²_2, the squared singular values over the largest one.

    It lies between 1 and the rank. Of the distillation, [d², nr] or its transpose, it says how many of the nr features
    have a direction of their own. A matrix of zeros has none: the result is not a number.

    Args:
        matrix: A, [..., rows, columns].

    Returns:
        [...].

    Source: le2020, App. G
    """
    # The small Gram matrix has the same singular values, squared, and the matrix is long.
    gram = matrix @ matrix.mT if matrix.shape[-2] <= matrix.shape[-1] else matrix.mT @ matrix
    squares = torch.linalg.eigvalsh(gram)
    return squares.sum(-1) / squares[..., -1]
