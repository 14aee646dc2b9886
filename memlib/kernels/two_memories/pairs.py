"""What is asked of pairs x ⊗ v, x = tanh(q ⊙ k): asked of their factors, and x worked out again on the way back.

A step makes nq · nkv vectors x of length d, and stores under them the nkv values. Their sum, nq matrices d by d, is
large: for 128 rows of 8 matrices of 96 by 96, 38 MB a step. Kept are queries, keys and values alone, 1.2 MB.

- `consult` asks the pairs of one step what all later steps will ask the memory: their questions depend on the inputs
  alone. It also maps each x as the transfer does.
- `distil_pairs` takes linear features of the sums over segments of steps, a few rows of a batch at a time.
- `stored_pairs` lays out the sum, once, for the state at the end.

Source: le2020, Eq. 2; le2020, Eq. 11; le2020, Eq. 13; le2020, Eq. 14
"""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.kernels.precision import single_under_autocast

# Numbers that are laid out at a time, of the matrices and of x alike: 16 MB in float32.
AT_ONCE = 4_000_000


@single_under_autocast
def consult(
    q: Float[Tensor, "batch nq d"],
    k: Float[Tensor, "batch nkv d"],
    v: Float[Tensor, "batch nkv d"],
    key: Float[Tensor, "batch later d"],
    choice: Float[Tensor, "batch later nq"],
    weights: Float[Tensor, "mapped wide"],
    contract: str = "columns",
) -> tuple[Float[Tensor, "batch later d"], Float[Tensor, "batch nkv mapped"]]:
    """Ask the pairs of a step.

    Args:
        q: queries.
        k: keys.
        v: values.
        key: what each later step asks with, [batch, later, d]; there may be none.
        choice: how it weighs the queries, [batch, later, nq].
        weights: G1, [mapped, nq · d].
        contract: "columns" or "rows", as `memlib.mechanisms.relational_memory.relational_read` has it.

    Returns:
        What each later step finds in these pairs, [batch, later, d]; and for each key, G1 of its x, [batch, nkv,
        mapped], of which the transfer is the sum over keys of v times it.

    Source: le2020, Eq. 11; le2020, Eq. 13
    """
    found: tuple[Tensor, Tensor] = _Consult.apply(q, k, v, key, choice, weights, contract == "rows")
    return found


@single_under_autocast
def distil_pairs(
    q: Float[Tensor, "batch time nq d"],
    k: Float[Tensor, "batch time nkv d"],
    v: Float[Tensor, "batch time nkv d"],
    weights: Float[Tensor, "features wide"],
    ends: Sequence[int],
) -> Float[Tensor, "batch segments groups features"]:
    """Features of what is stored in each segment of steps.

    Args:
        q: queries.
        k: keys.
        v: values, as much of them as is left at the end of their segment.
        weights: over a matrix of one query, [features, d · d], or over all of them, [features, nq · d · d].
        ends: the last step of each segment, rising; steps after the last one play no part.

    Returns:
        [batch, segments, nq, features], or [batch, segments, 1, features].

    Source: le2020, Eq. 14
    """
    found: Tensor = _DistilPairs.apply(q, k, v, weights, tuple(ends))
    return found


@single_under_autocast
def stored_pairs(
    q: Float[Tensor, "batch time nq d"], k: Float[Tensor, "batch time nkv d"], v: Float[Tensor, "batch time nkv d"]
) -> Float[Tensor, "batch nq d d"]:
    """The sum over all steps of `memlib.mechanisms.outer_product.outer_product_attention`.

    Args:
        q: queries.
        k: keys.
        v: values, as much of them as is left after the last step.

    Source: le2020, Eq. 8; le2020, Eq. 12
    """
    found: Tensor = _StoredPairs.apply(q, k, v)
    return found


def _met(q: Tensor, k: Tensor) -> Tensor:
    """x: [..., nkv, nq, d] from [..., nq, d] and [..., nkv, d]."""
    return (k.unsqueeze(-2) * q.unsqueeze(-3)).tanh_()


def _parted(x: Tensor, by_x: Tensor, q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
    """The derivatives by q and k from that by x."""
    by_x = torch.ops.aten.tanh_backward(by_x, x)
    return torch.einsum("...jsd,...jd->...sd", by_x, k), torch.einsum("...jsd,...sd->...jd", by_x, q)


class _Consult(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, q: Tensor, k: Tensor, v: Tensor, key: Tensor, choice: Tensor, weights: Tensor, rows: bool
    ) -> tuple[Tensor, Tensor]:
        x = _met(q, k)
        each = x.flatten(1, 2)
        found = _weighed(key @ each.mT, choice).sum(-1) @ v if rows else _spread(key @ v.mT, choice) @ each
        ctx.save_for_backward(q, k, v, key, choice, weights)
        ctx.rows = rows
        return found, x.flatten(-2) @ weights.T

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, by_found: Tensor, by_mapped: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v, key, choice, weights = ctx.saved_tensors
        x = _met(q, k)
        each, shape = x.flatten(1, 2), x.shape
        if ctx.rows:
            met = (key @ each.mT).unflatten(-1, shape[1:3])
            scores = (met * choice.unsqueeze(-2)).sum(-1)
            by_scores = by_found @ v.mT
            by_v = scores.mT @ by_found
            by_choice = (by_scores.unsqueeze(-1) * met).sum(-2)
            by_met = _spread(by_scores, choice)
            by_key, by_each = by_met @ each, by_met.mT @ key
        else:
            scores = key @ v.mT
            by_spread = by_found @ each.mT
            by_each = _spread(scores, choice).mT @ by_found
            by_scores = _weighed(by_spread, choice).sum(-1)
            by_choice = (by_spread.unflatten(-1, shape[1:3]) * scores.unsqueeze(-1)).sum(-2)
            by_key, by_v = by_scores @ v, by_scores.mT @ key
        flat = by_mapped.flatten(0, 1)
        by_x = torch.addmm(by_each.reshape(len(flat), -1), flat, weights).view(shape)
        by_weights = flat.T @ x.view(len(flat), -1)
        return *_parted(x, by_x, q, k), by_v, by_key, by_choice, by_weights, None


def _weighed(met: Tensor, choice: Tensor) -> Tensor:
    """[batch, later, nkv · nq] times the weights of the queries, [batch, later, nkv, nq]."""
    return met.unflatten(-1, (-1, choice.shape[-1])) * choice.unsqueeze(-2)


def _spread(scores: Tensor, choice: Tensor) -> Tensor:
    """A score of each key, given to its queries by their weights: [batch, later, nkv · nq]."""
    return (scores.unsqueeze(-1) * choice.unsqueeze(-2)).flatten(-2)


def _parts(q: Tensor, v: Tensor, ends: Sequence[int]) -> Iterator[tuple[int, slice, slice]]:
    """Segments of steps, and as many rows at a time as `AT_ONCE` allows: (number, rows, steps)."""
    for number, end in enumerate(ends):
        first = ends[number - 1] + 1 if number else 0
        wide = max(v.shape[-1], (end + 1 - first) * v.shape[-2])
        size = max(1, AT_ONCE // (q.shape[-2] * q.shape[-1] * wide))
        for row in range(0, len(q), size):
            yield number, slice(row, row + size), slice(first, end + 1)


class _DistilPairs(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, weights: Tensor, ends: tuple[int, ...]) -> Tensor:
        wide = weights.shape[1]
        groups = q.shape[-2] * q.shape[-1] * v.shape[-1] // wide
        out = q.new_empty(len(q), len(ends), groups, len(weights))
        for number, rows, steps in _parts(q, v, ends):
            x = _met(q[rows, steps], k[rows, steps]).flatten(1, 2).flatten(-2)
            stored = torch.bmm(x.mT, v[rows, steps].flatten(1, 2)).view(-1, wide)
            out[rows, number] = (stored @ weights.T).view(-1, groups, len(weights))
        ctx.save_for_backward(q, k, v, weights)
        ctx.ends = ends
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, by_out: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v, weights = ctx.saved_tensors
        by_q, by_k, by_v, by_weights = (torch.zeros_like(tensor) for tensor in (q, k, v, weights))
        for number, rows, steps in _parts(q, v, ctx.ends):
            grad = by_out[rows, number].reshape(-1, len(weights))
            some, others, values = q[rows, steps], k[rows, steps], v[rows, steps]
            met = _met(some, others)
            x, flat = met.flatten(1, 2).flatten(-2), values.flatten(1, 2)
            stored = torch.bmm(x.mT, flat)
            by_weights.addmm_(grad.T, stored.view(-1, weights.shape[1]))
            by_stored = torch.mm(grad, weights, out=stored.view(-1, weights.shape[1])).view_as(stored)
            by_v[rows, steps] = torch.bmm(x, by_stored).view_as(values)
            by_x = torch.bmm(flat, by_stored.mT).view_as(met)
            by_q[rows, steps], by_k[rows, steps] = _parted(met, by_x, some, others)
        return by_q, by_k, by_v, by_weights, None


class _StoredPairs(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        out = q.new_empty(len(q), *q.shape[-2:], v.shape[-1])
        for _, rows, steps in _parts(q, v, [q.shape[1] - 1]):
            x = _met(q[rows, steps], k[rows, steps]).flatten(1, 2).flatten(-2)
            torch.bmm(x.mT, v[rows, steps].flatten(1, 2), out=out[rows].flatten(1, 2))
        ctx.save_for_backward(q, k, v)
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, by_out: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v = ctx.saved_tensors
        by_q, by_k, by_v = (torch.zeros_like(tensor) for tensor in (q, k, v))
        for _, rows, steps in _parts(q, v, [q.shape[1] - 1]):
            some, others, values = q[rows, steps], k[rows, steps], v[rows, steps]
            met = _met(some, others)
            by_stored = by_out[rows].flatten(1, 2)
            by_v[rows, steps] = torch.bmm(met.flatten(1, 2).flatten(-2), by_stored).view_as(values)
            by_x = torch.bmm(values.flatten(1, 2), by_stored.mT).view_as(met)
            by_q[rows, steps], by_k[rows, steps] = _parted(met, by_x, some, others)
        return by_q, by_k, by_v
