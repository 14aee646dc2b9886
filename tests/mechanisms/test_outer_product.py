"""Outer-product attention, SAM and the relational memory against loops over numbers."""

import math

import pytest
import torch
from torch.autograd import gradcheck

from memlib.mechanisms.associative import store
from memlib.mechanisms.outer_product import (
    contractions,
    dot_product_attention,
    extracted_items,
    matched_entries,
    outer_product_attention,
    self_attentive_memory,
)
from memlib.mechanisms.relational_memory import distil, relational_read, transfer


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def assert_same(actual: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-11, atol=1e-12)


def looped_dot_product_attention(q, k, v):
    found = torch.zeros(len(q), v.shape[1], dtype=q.dtype)
    for s in range(len(q)):
        raised = [math.exp(sum(q[s, i] * key[i] for i in range(len(key)))) for key in k]
        for j in range(len(k)):
            for t in range(v.shape[1]):
                found[s, t] += raised[j] / sum(raised) * v[j, t]
    return found


def looped_outer_product_attention(q, k, v, f=math.tanh):
    found = torch.zeros(*q.shape, v.shape[1], dtype=q.dtype)
    for s in range(len(q)):
        for j in range(len(k)):
            for i in range(q.shape[1]):
                for t in range(v.shape[1]):
                    found[s, i, t] += f(float(q[s, i] * k[j, i])) * v[j, t]
    return found


def looped_items(memory, weights):
    items = torch.zeros(len(weights), memory.shape[1], dtype=memory.dtype)
    for a, row in enumerate(weights):
        for b, slot in enumerate(memory):
            for i in range(len(slot)):
                items[a, i] += row[b] * slot[i]
        mean = sum(items[a]) / len(items[a])
        variance = sum((x - mean) ** 2 for x in items[a]) / len(items[a])
        items[a] = (items[a] - mean) / math.sqrt(variance + 1e-5)
    return items


SIZES = [(1, 1, 1, 1), (2, 3, 4, 5), (4, 1, 3, 2), (1, 6, 2, 3)]


@pytest.mark.parametrize(("nq", "nkv", "d", "dv"), SIZES)
def test_the_two_attentions_equal_their_loops(nq, nkv, d, dv) -> None:
    q, k, v = draw(1, nq, d), draw(2, nkv, d), draw(3, nkv, dv)
    assert_same(dot_product_attention(q, k, v), looped_dot_product_attention(q, k, v))
    assert_same(outer_product_attention(q, k, v), looped_outer_product_attention(q, k, v))
    relu = looped_outer_product_attention(q, k, v, lambda x: max(x, 0.0))
    assert_same(outer_product_attention(q, k, v, torch.relu), relu)


def test_outer_product_attention_stores_values_under_matched_entries() -> None:
    q, k, v = draw(1, 2, 4), draw(2, 3, 4), draw(3, 3, 5)
    assert_same(outer_product_attention(q, k, v), store(matched_entries(q, k), v.expand(2, 3, 5)))


@pytest.mark.parametrize(("nq", "nkv", "n", "d"), [(1, 1, 1, 3), (3, 4, 5, 2), (2, 2, 4, 4)])
def test_sam_equals_its_loops(nq, nkv, n, d) -> None:
    memory = draw(1, n, d)
    weights = [draw(2, nq, n), draw(3, nkv, n), draw(4, nkv, n)]
    items = [looped_items(memory, w) for w in weights]
    for found, w in zip(items, weights, strict=True):
        assert_same(extracted_items(memory, w), found)
    assert_same(self_attentive_memory(memory, *weights), looped_outer_product_attention(*items))


def test_sam_without_normalisation_and_with_another() -> None:
    memory, weights = draw(1, 4, 5), [draw(2, 2, 4), draw(3, 3, 4), draw(4, 3, 4)]
    plain = looped_outer_product_attention(*(w @ memory for w in weights), lambda x: x)
    assert_same(self_attentive_memory(memory, *weights, f=lambda x: x, normalise=None), plain)
    doubled = self_attentive_memory(memory, *weights, f=lambda x: x, normalise=lambda x: 2 * x)
    assert_same(doubled, 8 * plain)


def test_the_relational_memory_equals_its_loops() -> None:
    memory, choice = draw(1, 3, 4, 5), draw(2, 3)
    weights = [math.exp(c) / sum(math.exp(x) for x in choice) for c in choice]
    by_columns, by_rows = torch.zeros(4, dtype=torch.float64), torch.zeros(5, dtype=torch.float64)
    column_query, row_query = draw(3, 5), draw(4, 4)
    for s in range(3):
        for j in range(4):
            for t in range(5):
                by_columns[j] += weights[s] * memory[s, j, t] * column_query[t]
                by_rows[t] += weights[s] * memory[s, j, t] * row_query[j]
    assert_same(relational_read(memory, choice, column_query), by_columns)
    assert_same(relational_read(memory, choice, row_query, "rows"), by_rows)

    handed_on, boiled = torch.zeros(6, 5, dtype=torch.float64), torch.zeros(3, 2, dtype=torch.float64)
    first, second = draw(5, 6, 3, 4), draw(6, 2, 4, 5)
    for s in range(3):
        for j in range(4):
            for t in range(5):
                for i in range(6):
                    handed_on[i, t] += first[i, s, j] * memory[s, j, t]
                for r in range(2):
                    boiled[s, r] += second[r, j, t] * memory[s, j, t]
    assert_same(transfer(memory, first), handed_on)
    assert_same(distil(memory, second), boiled)


def test_a_batch_is_each_of_its_rows() -> None:
    q, k, v = draw(1, 2, 1, 3, 4), draw(2, 5, 2, 4), draw(3, 2, 1, 2, 6)
    for function in (dot_product_attention, outer_product_attention):
        found = function(q, k, v)
        assert found.shape[:2] == (2, 5)
        for a in range(2):
            for b in range(5):
                assert_same(found[a, b], function(q[a, 0], k[b], v[a, 0]))
    memory, weights = draw(4, 2, 3, 4), [draw(5, 2, 3), draw(6, 5, 3), draw(7, 5, 3)]
    assert_same(self_attentive_memory(memory, *weights)[1], self_attentive_memory(memory[1], *weights))
    relational = draw(8, 7, 2, 4, 4)
    assert_same(
        relational_read(relational, draw(9, 7, 2), draw(10, 4))[3],
        relational_read(relational[3], draw(9, 7, 2)[3], draw(10, 4)),
    )
    assert_same(transfer(relational, draw(11, 4, 2, 4))[3], transfer(relational[3], draw(11, 4, 2, 4)))
    assert_same(distil(relational, draw(12, 3, 4, 4))[3], distil(relational[3], draw(12, 3, 4, 4)))


def test_contractions_bring_the_values_back() -> None:
    q, k, v = draw(1, 3, 6), draw(2, 4, 6), draw(3, 4, 5)
    memory = outer_product_attention(q, k, v)
    assert_same(contractions(matched_entries(q, k)) @ memory, v.expand(3, 4, 5))
    orthogonal = torch.linalg.qr(draw(4, 6, 6)).Q[:4] * torch.tensor([[1.0], [2.0], [0.5], [3.0]])
    assert_same(contractions(orthogonal), orthogonal / orthogonal.square().sum(-1, keepdim=True))


def test_gradients() -> None:
    q, k, v = (draw(seed, *shape).requires_grad_() for seed, shape in enumerate([(2, 3), (4, 3), (4, 2)], 1))
    assert gradcheck(dot_product_attention, (q, k, v))
    assert gradcheck(outer_product_attention, (q, k, v))
    sam = [draw(seed, *shape).requires_grad_() for seed, shape in enumerate([(4, 3), (2, 4), (2, 4), (2, 4)], 4)]
    assert gradcheck(self_attentive_memory, sam)
    relational, choice, query = (
        draw(s, *shape).requires_grad_() for s, shape in [(8, (2, 3, 3)), (9, (2,)), (10, (3,))]
    )
    assert gradcheck(relational_read, (relational, choice, query))
    assert gradcheck(lambda *x: relational_read(*x, contract="rows"), (relational, choice, query))
    assert gradcheck(transfer, (relational, draw(11, 3, 2, 3).requires_grad_()))
    assert gradcheck(distil, (relational, draw(12, 2, 3, 3).requires_grad_()))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: outer_product_attention(draw(1, 2, 3), draw(2, 4, 5), draw(3, 4, 2)), ValueError, "d = 3"),
        (lambda: outer_product_attention(draw(1, 2, 3), draw(2, 4, 3), draw(3, 5, 2)), ValueError, "nkv = 4"),
        (lambda: dot_product_attention(draw(1, 3), draw(2, 4, 3), draw(3, 4, 2)), ValueError, "at least 2 axes"),
        (
            lambda: dot_product_attention(draw(1, 2, 3).long(), draw(2, 4, 3), draw(3, 4, 2)),
            TypeError,
            "floating-point",
        ),
        (
            lambda: self_attentive_memory(draw(1, 4, 3), draw(2, 2, 3), draw(3, 2, 4), draw(4, 2, 4)),
            ValueError,
            "n = 3",
        ),
        (lambda: relational_read(draw(1, 2, 3, 4), draw(2, 2), draw(3, 3)), ValueError, "the columns of .* need 4"),
        (
            lambda: relational_read(draw(1, 2, 3, 4), draw(2, 2), draw(3, 4), "rows"),
            ValueError,
            "the rows of .* need 3",
        ),
        (lambda: relational_read(draw(1, 2, 3, 4), draw(2, 2), draw(3, 4), "sideways"), ValueError, "sideways"),
        (lambda: transfer(draw(1, 2, 3, 4), draw(2, 5, 2, 4)), ValueError, "d = 4"),
        (lambda: distil(draw(1, 2, 3, 4), draw(2, 5, 4, 3)), ValueError, "d = 4"),
    ],
)
def test_wrong_inputs_are_told_what_was_expected(call, error, words) -> None:
    with pytest.raises(error, match=words):
        call()
