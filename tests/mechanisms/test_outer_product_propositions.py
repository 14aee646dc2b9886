"""The propositions of le2020 on random numbers, each with the conditions that it needs, and an example without each.

Prop. 1 and 3 are the same: a dot-product attention whose scores stay affine can be had from an outer-product one.
Prop. 4: features of one pair are bilinear. Prop. 5: the transfer to the items is a Hebbian update. Prop. 6: what was
stored can be read exactly. Prop. 7: reading by two contractions. What of this is printed otherwise stands in
tests/test_errata_relations.py.
"""

import itertools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from memlib.mechanisms.associative import delta_write, store
from memlib.mechanisms.outer_product import (
    contractions,
    dot_product_attention,
    extracted_items,
    matched_entries,
    outer_product_attention,
    self_attentive_memory,
)
from memlib.mechanisms.relational_memory import distil, relational_read, transfer

NQ, NKV, D, DV = 3, 4, 6, 5


def draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def double(numbers: object) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def same(x: Tensor) -> Tensor:
    return x


def assert_same(actual: Tensor, expected: Tensor, tolerance: float = 1e-10) -> None:
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)


def apart(actual: Tensor, expected: Tensor, least: float = 0.05) -> bool:
    return bool((actual - expected).abs().max() > least)


# Propositions 1 and 3


def test_prop1_affine_scores_come_out_of_the_outer_products() -> None:
    q, k, v = draw(1, NQ, D), draw(2, NKV, D), draw(3, NKV, DV)
    slope, offset = 0.7, -1.3
    offsets = draw(4, D)
    offsets += (offset - offsets.sum()) / D  # any that add up to b
    plain = (slope * (q @ k.mT) + offset) @ v
    # What f sees has the entries on the axis before the last.
    assert_same(outer_product_attention(q, k, v, lambda x: slope * x + offsets[:, None]).sum(-2), plain)
    assert apart(outer_product_attention(q, k, v, lambda x: slope * x + offset).sum(-2), plain)  # b in each is d b


def test_prop1_no_softmax_comes_out() -> None:
    """A sum over pairs weighs a pair by itself; a softmax weighs it by the others too."""
    q, k, v = draw(1, 1, D), draw(2, NKV, D), torch.eye(NKV, dtype=torch.float64)
    for f, seed in itertools.product((torch.tanh, torch.exp, torch.sqrt, torch.relu, same), (3, 4)):
        row = draw(seed, 1, D)
        positive = (q.abs(), k.abs()) if f is torch.sqrt else (q, k)
        few = row @ outer_product_attention(positive[0], positive[1][:2], v[:2], f)[0]
        all_of_them = row @ outer_product_attention(*positive, v, f)[0]
        assert_same(few[:, :2], all_of_them[:, :2])
    few, all_of_them = dot_product_attention(q, k[:2], v[:2]), dot_product_attention(q, k, v)
    assert apart(few[:, :2], all_of_them[:, :2])


@pytest.mark.parametrize(("score", "affine"), [(torch.exp, False), (torch.tanh, False), (lambda x: 2 * x - 1, True)])
def test_prop1_affine_is_all_there_is(score: Callable[[Tensor], Tensor], affine: bool) -> None:
    """Σ_j a_j f_j(x_j) has no term that two entries share: S(x + y) - S(x) - S(y) + S(0) is 0 for an affine S only."""
    x, y = double([0.8, 0.0]), double([0.0, 0.5])
    q, v, zero = torch.ones(1, 2).double(), torch.ones(1, 1).double(), torch.zeros(2).double()

    def crossed(of: Callable[[Tensor], Tensor]) -> Tensor:
        return of(x + y) - of(x) - of(y) + of(zero)

    contracted = crossed(lambda k: draw(1, 1, 2) @ outer_product_attention(q, k[None], v, torch.exp)[0])
    assert_same(contracted, torch.zeros_like(contracted))
    assert (float(crossed(lambda k: score(q[0] @ k)).abs()) < 1e-12) == affine


# Proposition 4


def test_prop4_features_of_one_pair_are_bilinear() -> None:
    q, k, v, weights = draw(1, NQ, D), draw(2, 1, D), draw(3, 1, DV), draw(4, 7, D, DV)
    found = distil(outer_product_attention(q, k, v), weights)
    x = torch.tanh(q * k)
    assert_same(found, torch.einsum("sj,rjt,t->sr", x, weights, v[0]))
    # Bilinear in x and v, and not in q: tanh stands between.
    assert_same(distil(outer_product_attention(q, k, 3 * v), weights), 3 * found)
    assert apart(distil(outer_product_attention(3 * q, k, v), weights), 3 * found)
    assert_same(
        distil(outer_product_attention(3 * q, k, v, same), weights),
        3 * distil(outer_product_attention(q, k, v, same), weights),
    )


def test_prop4_of_several_pairs_is_a_sum_of_bilinear_forms_and_not_one() -> None:
    q, k, v = draw(1, 1, D), draw(2, 2, D), draw(3, 2, DV)
    every = torch.eye(D * DV).double().reshape(-1, D, DV)  # the features are the entries themselves
    both = distil(outer_product_attention(q, k, v), every).reshape(D, DV)
    alone = [distil(outer_product_attention(q, k[j : j + 1], v[j : j + 1]), every).reshape(D, DV) for j in range(2)]
    assert_same(both, sum(alone))
    assert [int(torch.linalg.matrix_rank(m)) for m in (*alone, both)] == [1, 1, 2]  # a bilinear form of a pair has 1


# Proposition 5


@pytest.mark.parametrize("nq", [1, 3, 6, 9])
def test_prop5_with_one_pair_the_transfer_is_hebbian_for_any_number_of_queries(nq: int) -> None:
    memory = draw(1, 8, D)
    parts = draw(2, nq, 8), draw(3, 1, 8), draw(4, 1, 8)
    q, k, v = (extracted_items(memory, weights) for weights in parts)
    weights = draw(5, 7, nq, D)
    key = torch.einsum("isj,sj->i", weights, torch.tanh(q * k))
    assert_same(transfer(self_attentive_memory(memory, *parts), weights), torch.outer(key, v[0]))


def test_prop5_the_papers_weights_need_as_many_queries_as_entries_and_fix_the_key() -> None:
    q, k, v, along = draw(1, D, D), draw(2, 1, D), draw(3, 1, DV), draw(4, D)
    weights = along[:, None, None] * torch.eye(D).double()
    size = torch.tanh(q.diagonal() * k[0]).sum()
    assert_same(transfer(outer_product_attention(q, k, v), weights), size * torch.outer(along, v[0]))


def test_prop5_with_more_pairs_it_is_a_sum_of_updates() -> None:
    q, k, v, weights = draw(1, NQ, D), draw(2, NKV, D), draw(3, NKV, DV), draw(4, 7, NQ, D)
    found = transfer(outer_product_attention(q, k, v), weights)
    keys = torch.einsum("isj,snj->ni", weights, matched_entries(q, k))
    assert_same(found, store(keys, v))
    assert int(torch.linalg.matrix_rank(found)) == NKV  # a Hebbian update has 1


def test_prop5_a_normalised_value_is_no_stored_pattern() -> None:
    memory = draw(1, 4, D).abs()
    row = torch.eye(4).double()[:1]
    assert_same(extracted_items(memory, row, None), memory[:1])
    assert abs(float(extracted_items(memory, row).mean())) < 1e-12 < float(memory[0].mean())


# Proposition 6


def linear(x: Tensor) -> Tensor:
    return 1.5 * x


def exact(matched: Tensor, v: Tensor) -> bool:
    return bool((contractions(matched) @ store(matched, v) - v).abs().max() < 1e-8)


def test_prop6_independent_keys_and_no_zero_in_the_query_suffice() -> None:
    q, k, v = draw(1, 1, D), draw(2, NKV, D), draw(3, NKV, DV)
    memory = outer_product_attention(q, k, v, linear)[0]
    assert_same(contractions(matched_entries(q, k, linear)[0]) @ memory, v)


def test_prop6_without_each_condition() -> None:
    q, k, v = draw(1, 1, D), draw(2, NKV, D), draw(3, NKV, DV)
    dependent = torch.cat([k[:-1], k[:1] - 2 * k[1:2]])
    assert not exact(matched_entries(q, dependent, linear)[0], v)
    assert not exact(matched_entries(q, draw(2, D + 1, D), linear)[0], draw(3, D + 1, DV))  # more pairs than entries
    two = double([[1.0, 0.0, 1.0], [1.0, 0.0, -1.0]])  # they differ in the last entry only
    assert exact(matched_entries(double([[1.0, 1.0, 1.0]]), two, linear)[0], v[:2])
    assert not exact(matched_entries(double([[1.0, 1.0, 0.0]]), two, linear)[0], v[:2])


def test_prop6_a_zero_in_the_query_is_harmless_where_the_rest_is_independent() -> None:
    q, k, v = draw(1, 1, D), draw(2, NKV, D), draw(3, NKV, DV)
    q[0, 2] = 0
    assert exact(matched_entries(q, k, linear)[0], v)


def test_prop6_tanh_can_make_independent_keys_dependent_and_the_reverse() -> None:
    v = draw(3, 2, DV)
    q = double([[1.0, 1.0]])
    lost = torch.atanh(double([[0.2, 0.9], [0.1, 0.45]]))
    assert int(torch.linalg.matrix_rank(lost)) == 2
    assert exact(matched_entries(q, lost, linear)[0], v)
    assert not exact(matched_entries(q, lost)[0], v)
    won = double([[0.3, 1.2], [0.6, 2.4]])
    assert int(torch.linalg.matrix_rank(won)) == 1
    assert not exact(matched_entries(q, won, linear)[0], v)
    assert exact(matched_entries(q, won)[0], v)


def test_prop6_one_value_needs_only_its_own_matched_entries_outside_the_span_of_the_others() -> None:
    x, v = draw(1, NKV, D), draw(2, NKV, DV)
    x[1] = 2 * x[0]  # these two are mixed for ever
    row = x[3] - x[:3].mT @ (torch.linalg.pinv(x[:3].mT) @ x[3])
    assert_same(row @ store(x, v) / (row @ x[3]), v[3])


def test_prop6_delta_writes_reach_it_in_one_pass_only_for_orthogonal_entries() -> None:
    x, v = draw(1, NKV, D), draw(2, NKV, DV)
    orthogonal = torch.linalg.qr(x.mT).Q.mT * double([[1.0], [2.0], [0.5], [3.0]])

    def written(entries: Tensor, passes: int) -> Tensor:
        memory = torch.zeros(D, DV).double()
        for _ in range(passes):
            for entry, value in zip(entries, v, strict=True):
                memory = delta_write(memory, entry, value, 1 / float(entry.square().sum()))
        return memory

    assert_same(orthogonal @ written(orthogonal, 1), v)
    assert apart(x @ written(x, 1), v)
    assert_same(x @ written(x, 400), v, 1e-6)


# Proposition 7


def patterns(count: int, width: int) -> Tensor:
    """Unit vectors without a negative entry that share no entry: the only such ones without overlap."""
    x = torch.zeros(count, count * width).double()
    for i in range(count):
        x[i, i * width : (i + 1) * width] = draw(i, width).abs() + 0.1
    return x / x.norm(dim=1, keepdim=True)


def reading(x: Tensor, wanted: tuple[Tensor, Tensor, Tensor]) -> Callable[[Tensor], Tensor]:
    """SAM without normalisation and with f the root; `wanted` says what W_q, W_k and W_v give for each pattern."""
    solved = [rows @ torch.linalg.pinv(x.mT) for rows in wanted]  # W x_i = the wanted numbers
    memory = self_attentive_memory(x.mT @ x, *solved, f=lambda y: y.clamp(min=0).sqrt(), normalise=None)
    return lambda query: relational_read(memory, torch.zeros(memory.shape[0]).double(), query / len(wanted[1]))


@pytest.mark.parametrize(("nq", "nkv"), [(1, 1), (3, 4)])
def test_prop7_the_pattern_that_the_weights_were_solved_for_comes_back(nq: int, nkv: int) -> None:
    x = patterns(3, 4)
    last = double([[0.0, 0.0, 1.0]])
    read = reading(x, (last.expand(nq, 3), last.expand(nkv, 3), torch.ones(nkv, 3).double()))
    assert_same(read(x[2]), x[2])
    assert_same(read(x[0]), x[2])  # and so it does whatever is asked


def test_prop7_holds_for_every_pattern_with_a_pair_for_each() -> None:
    x = patterns(3, 4)
    each = torch.eye(3).double()
    read = reading(x, (torch.ones(1, 3).double(), each, each))
    for pattern in x:
        assert_same(read(pattern) * 3, pattern)  # no sum over equal pairs to undo


def test_prop7_strictly_positive_patterns_always_overlap() -> None:
    x = draw(1, 3, 8).abs() + 0.1
    assert (x @ x.mT > 0).all()
    x = x / x.norm(dim=1, keepdim=True)
    last = double([[0.0, 0.0, 1.0]])
    read = reading(x, (last, last, torch.ones(1, 3).double()))
    scale = float((x @ x[2]).sum())  # Σ_i x_i·x, which is 1 without overlap
    assert scale > 1.5
    assert_same(read(x[2]), scale * x[2])
