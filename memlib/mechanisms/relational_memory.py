"""The relational memory of two memories: a matrix for each query, read, handed on to the items, and boiled down.

It holds what `outer_product.self_attentive_memory` makes, one matrix [d, dv] for each of nq queries. Its rows belong to
the entries in which query and key met, its columns to the entries of the values.

Paper: Le, Tran and Venkatesh 2020, Eq. 11, 13, 14, App. B, C.
Deviations: the maps G1 and G2 are linear and without a bias here; their weights have an axis for each axis that they
sum over, where the paper flattens the memory first.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.mechanisms.shapes import checked

__all__ = ["distil", "relational_read", "transfer"]


@checked
def relational_read(
    memory: Float[Tensor, "*#batch nq d dv"],
    choice: Float[Tensor, "*#batch nq"],
    query: Float[Tensor, "*#batch dq"],
    contract: str = "columns",
) -> Float[Tensor, "*#batch out"]:
    """Look at a mixture of the matrices, and ask it with a vector: softmax(choice)ᵀ M query.

    The two axes of a matrix are equal in the paper, d by d, so that a query fits either.

    Args:
        memory: M, [..., nq, d, dv].
        choice: what decides between the matrices, before the softmax, [..., nq].
        query: [..., dv] for "columns", [..., d] for "rows".
        contract: "columns" is the paper's product M x, and brings matched entries back, [..., d]; "rows" is the
            authors' code, xᵀ M, and brings values back, [..., dv].

    Returns:
        [..., d] for "columns", [..., dv] for "rows".

    Raises:
        TypeError, ValueError: kinds of number or shapes do not fit, or there is no such way to contract.

    Source: le2020, Eq. 11
    """
    if contract not in ("columns", "rows"):
        raise ValueError(f'relational_read: expected contract "columns" or "rows"; got {contract!r}.')
    needed = memory.shape[-1 if contract == "columns" else -2]
    if query.shape[-1] != needed:
        raise ValueError(
            f"relational_read: `query` has width {query.shape[-1]}; the {contract} of a memory of shape "
            f"{tuple(memory.shape)} need {needed}."
        )
    mixture = torch.einsum("...s,...sdv->...dv", torch.softmax(choice, -1), memory)
    return torch.einsum("...dv,...v->...d" if contract == "columns" else "...dv,...d->...v", mixture, query)


@checked
def transfer(
    memory: Float[Tensor, "*#batch nq d dv"], weights: Float[Tensor, "items nq d"]
) -> Float[Tensor, "*#batch items dv"]:
    """Hand on to the item memory: row i is Σ_s Σ_j W_isj M_sj. This is what the paper adds, times α3, to its items.

    Args:
        memory: M, [..., nq, d, dv].
        weights: W, G1 as a linear map, [items, nq, d].

    Returns:
        [..., items, dv].

    Source: le2020, Eq. 13; le2020, Eq. 24
    """
    return weights.flatten(-2) @ memory.flatten(-3, -2)


@checked
def distil(
    memory: Float[Tensor, "*#batch nq d dv"], weights: Float[Tensor, "features d dv"]
) -> Float[Tensor, "*#batch nq features"]:
    """Boil each matrix down to a few numbers: feature r of matrix s is Σ_j Σ_t W_rjt M_sjt.

    Of a single pair x ⊗ v this is the bilinear form xᵀ W_r v. The paper lays the features of all matrices side by
    side and maps them on.

    Args:
        memory: M, [..., nq, d, dv].
        weights: W, G2 as a linear map, [features, d, dv].

    Returns:
        [..., nq, features].

    Source: le2020, Eq. 14; le2020, Eq. 23
    """
    return memory.flatten(-2) @ weights.flatten(-2).mT
