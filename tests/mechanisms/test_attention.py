"""Soft attention against loops over numbers, its masks, and its edge cases."""

import math

import pytest
import torch
from torch.autograd import gradcheck

from memlib.mechanisms.attention import (
    additive,
    additive_scores,
    attention_weights,
    dot_product,
    dot_scores,
    soft_read,
)


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def assert_same(actual: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)


def looped_dot(query, key, scaled):
    root = math.sqrt(key.shape[1]) if scaled else 1.0
    rows = [[sum(q[j] * k[j] for j in range(len(q))) / root for k in key] for q in query]
    return torch.stack([torch.stack(row) for row in rows])


def looped_additive(query, key, w_query, w_key, v):
    scores = torch.zeros(len(query), len(key), dtype=query.dtype)
    for i, q in enumerate(query):
        for j, k in enumerate(key):
            for unit in range(len(v)):
                drive = sum(q[a] * w_query[a, unit] for a in range(len(q)))
                drive = drive + sum(k[a] * w_key[a, unit] for a in range(len(k)))
                scores[i, j] += v[unit] * math.tanh(drive)
    return scores


def looped_weights(scores, mask):
    rows = []
    for row in scores:
        raised = [math.exp(float(e)) if open_ else 0.0 for e, open_ in zip(row, mask, strict=True)]
        rows.append([e / sum(raised) for e in raised])
    return torch.tensor(rows, dtype=scores.dtype)


def looped_read(weights, value):
    result = torch.zeros(len(weights), value.shape[1], dtype=value.dtype)
    for i in range(len(weights)):
        for n in range(len(value)):
            for d in range(value.shape[1]):
                result[i, d] += weights[i, n] * value[n, d]
    return result


@pytest.mark.parametrize("scaled", [False, True])
def test_dot_scores_equal_their_loops(scaled: bool) -> None:
    query, key = draw(1, 3, 5), draw(2, 4, 5)
    assert_same(dot_scores(query, key, scaled), looped_dot(query, key, scaled))


def test_additive_scores_equal_their_loops() -> None:
    parts = draw(1, 3, 5), draw(2, 4, 6), draw(3, 5, 7), draw(4, 6, 7), draw(5, 7)
    assert_same(additive_scores(*parts), looped_additive(*parts))


def test_weights_and_read_equal_their_loops() -> None:
    scores, value, mask = draw(1, 3, 5), draw(2, 5, 4), torch.tensor([True, False, True, True, False])
    weights = attention_weights(scores, mask)
    assert_same(weights, looped_weights(scores, mask))
    assert_same(soft_read(weights, value), looped_read(weights, value))


@pytest.mark.parametrize("scaled", [False, True])
def test_dot_product_attention_is_its_parts_for_each_row_of_a_batch(scaled: bool) -> None:
    query, key, value = draw(1, 2, 3, 5), draw(2, 2, 4, 5), draw(3, 2, 4, 6)
    mask = torch.tensor([[True, True, False, True], [False, True, True, True]])
    found, weights = dot_product(query, key, value, mask, scaled)
    for row in range(2):
        expected = looped_weights(looped_dot(query[row], key[row], scaled), mask[row])
        assert_same(weights[row], expected)
        assert_same(found[row], looped_read(expected, value[row]))


def test_additive_attention_is_its_parts() -> None:
    query, key, value = draw(1, 3, 5), draw(2, 4, 6), draw(6, 4, 2)
    maps = draw(3, 5, 7), draw(4, 6, 7), draw(5, 7)
    mask = torch.tensor([True, True, False, True])
    found, weights = additive(query, key, value, *maps, mask)
    expected = looped_weights(looped_additive(query, key, *maps), mask)
    assert_same(weights, expected)
    assert_same(found, looped_read(expected, value))


@pytest.mark.parametrize("masked", [False, True])
def test_gradients(masked: bool) -> None:
    query, key, value = (draw(s, *shape).requires_grad_() for s, shape in enumerate([(2, 3), (4, 3), (4, 2)]))
    maps = [draw(s + 7, *shape).requires_grad_() for s, shape in enumerate([(3, 5), (3, 5), (5,)])]
    mask = torch.tensor([True, False, True, True]) if masked else None
    assert gradcheck(lambda q, k, v: dot_product(q, k, v, mask, scaled=True), (query, key, value))
    assert gradcheck(lambda *given: additive(*given, mask), (query, key, value, *maps))


def test_weights_are_positive_and_sum_to_one_and_what_is_masked_does_not_matter() -> None:
    query, key, value = draw(1, 6, 5), draw(2, 9, 5), draw(3, 9, 4)
    mask = torch.arange(9) % 3 != 1
    found, weights = dot_product(query, key, value, mask)
    assert (weights[:, mask] > 0).all()
    assert (weights[:, ~mask] == 0).all()
    assert_same(weights.sum(-1), torch.ones(6, dtype=torch.float64))
    other = torch.where(mask.unsqueeze(-1), key, 1e6), torch.where(mask.unsqueeze(-1), value, -1e6)
    assert_same(dot_product(query, *other, mask)[0], found)
    assert_same(dot_product(query, key[mask], value[mask])[0], found)


def test_the_order_of_the_positions_does_not_matter() -> None:
    query, key, value = draw(1, 6, 5), draw(2, 9, 5), draw(3, 9, 4)
    order = torch.randperm(9, generator=torch.Generator().manual_seed(4))
    assert_same(dot_product(query, key[order], value[order])[0], dot_product(query, key, value)[0])


def test_a_common_shift_of_the_scores_changes_nothing_and_large_scores_stay_finite() -> None:
    scores = draw(1, 3, 5)
    torch.testing.assert_close(attention_weights(scores + 1e3), attention_weights(scores), rtol=1e-9, atol=1e-12)
    assert attention_weights(1e4 * scores).isfinite().all()


def test_scaling_keeps_the_variance_of_the_scores() -> None:
    query, key = draw(1, 400, 256), draw(2, 400, 256)
    assert dot_scores(query, key, scaled=True).var().item() == pytest.approx(1, abs=0.03)
    assert dot_scores(query, key).var().item() == pytest.approx(256, rel=0.03)


@pytest.mark.parametrize("count", [1, 4])
def test_where_one_position_is_left_it_is_read(count: int) -> None:
    query, key, value = draw(1, 3, 5), draw(2, count, 5), draw(3, count, 4)
    mask = torch.arange(count) == count - 1
    found, weights = dot_product(query, key, value, mask)
    assert_same(weights, mask.double().expand(3, count))
    assert_same(found, value[-1:].expand(3, 4))


def test_a_mask_that_leaves_nothing_is_refused() -> None:
    query, key, value = draw(1, 2, 3, 5), draw(2, 2, 4, 5), draw(3, 2, 4, 6)
    mask = torch.tensor([[True, True, False, True], [False] * 4])
    with pytest.raises(ValueError, match="leaves no position to read in 1 of 2 rows"):
        dot_product(query, key, value, mask)
    with pytest.raises(ValueError, match="at least one position, got none"):
        dot_product(query, key[:, :0], value[:, :0])
