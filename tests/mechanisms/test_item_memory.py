"""The item memory and its gates against loops over numbers, and how many directions a matrix has."""

import math

import pytest
import torch
from torch.autograd import gradcheck

from memlib.mechanisms.item_memory import (
    association,
    gated_item_write,
    item_gate,
    item_write,
    items_with_read,
    items_with_transfer,
    numerical_rank,
    relational_write,
)


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def assert_same(actual: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)


def looped_pair(left, right):
    return torch.stack([torch.stack([a * b for b in right]) for a in left])


def looped_gate(memory, drive, weights, bias, squash):
    gate = torch.empty_like(memory)
    for i in range(memory.shape[0]):
        for j in range(memory.shape[1]):
            total = float(drive[i]) + bias
            for k in range(memory.shape[0]):
                total += float(weights[i, k]) * math.tanh(memory[k, j])
            gate[i, j] = 1 / (1 + math.exp(-total)) if squash else total
    return gate


def test_writing_equals_its_loops() -> None:
    memory, left, right = draw(1, 2, 4, 5), draw(2, 2, 4), draw(3, 2, 5)
    pairs = torch.stack([looped_pair(a, b) for a, b in zip(left, right, strict=True)])
    assert_same(association(left, right), pairs)
    assert_same(item_write(memory, left, right), memory + pairs)
    forget, take = draw(4, 2, 4, 5).sigmoid(), draw(5, 2, 4, 5).sigmoid()
    expected = torch.empty_like(memory)
    for place in torch.cartesian_prod(*map(torch.arange, memory.shape)).tolist():
        at = tuple(place)
        expected[at] = forget[at] * memory[at] + take[at] * pairs[at]
    assert_same(gated_item_write(memory, pairs, forget, take), expected)


@pytest.mark.parametrize("squash", [True, False])
def test_a_gate_equals_its_loops(squash: bool) -> None:
    memory, drive, weights = draw(1, 2, 4, 5), draw(2, 2, 4), draw(3, 4, 4)
    expected = torch.stack([looped_gate(m, d, weights, 0.3, squash) for m, d in zip(memory, drive, strict=True)])
    assert_same(item_gate(memory, drive, weights, torch.tensor(0.3, dtype=torch.float64), squash), expected)
    assert (expected > 0).all() == squash


def test_open_gates_give_the_ungated_write_and_closed_ones_leave_the_memory() -> None:
    memory, left, right = draw(1, 4, 5), draw(2, 4), draw(3, 5)
    one, none = torch.ones_like(memory), torch.zeros_like(memory)
    assert_same(gated_item_write(memory, association(left, right), one, one), item_write(memory, left, right))
    assert_same(gated_item_write(memory, association(left, right), one, none), memory)


def test_what_joins_the_items_equals_its_loops() -> None:
    memory, read, query, handed = draw(1, 4, 5), draw(2, 4), draw(3, 5), draw(4, 4, 5)
    joined, taken = torch.empty_like(memory), torch.empty_like(memory)
    for i in range(4):
        for j in range(5):
            joined[i, j] = memory[i, j] + 0.7 * read[i] * query[j]
            taken[i, j] = memory[i, j] - 0.3 * handed[i, j]
    for blend in (0.7, torch.tensor([0.7], dtype=torch.float64)):
        assert_same(items_with_read(memory, read, query, blend), joined)
        assert_same(items_with_transfer(memory, handed, blend - 1.0), taken)
    by_row = torch.tensor([[0.7], [0.0]], dtype=torch.float64)
    assert_same(items_with_read(memory, read, query, by_row), torch.stack([joined, memory]))


def test_the_blend_is_a_gain_in_the_paper_and_a_decay_in_the_code() -> None:
    memory, found = draw(1, 2, 3, 4, 4), draw(2, 2, 3, 4, 4)
    assert_same(relational_write(memory, found, 0.25), memory + 0.25 * found)
    assert_same(relational_write(memory, found, 0.25, "decay"), 0.25 * memory + found)
    assert_same(relational_write(memory, found, 1.0), relational_write(memory, found, 1.0, "decay"))
    # At 0, where the authors start, one writes nothing and the other forgets everything.
    zero = torch.zeros(1, dtype=torch.float64)
    assert_same(relational_write(memory, found, zero), memory)
    assert_same(relational_write(memory, found, zero, "decay"), found)
    with pytest.raises(ValueError, match="gain, decay; got 'both'"):
        relational_write(memory, found, 1.0, "both")


def test_gradients_are_the_numerical_ones() -> None:
    def tried(*shapes: tuple[int, ...]) -> tuple[torch.Tensor, ...]:
        return tuple(draw(seed, *shape).requires_grad_() for seed, shape in enumerate(shapes))

    square, vector, pair = (2, 3, 3), (2, 3), (2, 2, 3, 3)
    assert gradcheck(item_write, tried(square, vector, vector))
    assert gradcheck(item_gate, tried(square, vector, (3, 3), ()))
    assert gradcheck(gated_item_write, tried(square, square, square, square))
    assert gradcheck(items_with_read, tried(square, vector, vector, (1,)))
    assert gradcheck(items_with_transfer, tried(square, square, (1,)))
    assert gradcheck(lambda *given: relational_write(*given, "decay"), tried(pair, pair, (1,)))
    assert gradcheck(numerical_rank, tried((4, 3)))


def test_the_numerical_rank_counts_equal_directions_and_is_not_moved_by_scale_or_side() -> None:
    basis, _ = torch.linalg.qr(draw(1, 30, 7))
    for wide in (basis, basis.mT, -3 * basis):
        assert numerical_rank(wide).item() == pytest.approx(7)
    assert numerical_rank(association(draw(2, 9), draw(3, 4))).item() == pytest.approx(1)
    matrix = draw(4, 2, 12, 5)
    values = torch.linalg.svdvals(matrix)
    assert_same(numerical_rank(matrix), (values**2).sum(-1) / values.amax(-1) ** 2)
    assert_same(
        numerical_rank(matrix), torch.linalg.matrix_norm(matrix) ** 2 / torch.linalg.matrix_norm(matrix, 2) ** 2
    )
    assert (numerical_rank(matrix) < 5).all()


def test_wrong_inputs_are_named() -> None:
    with pytest.raises(ValueError, match="`right` has shape"):
        item_write(draw(1, 3, 3), draw(2, 3), draw(3, 4))
    with pytest.raises(ValueError, match="`weights` has shape"):
        item_gate(draw(1, 3, 4), draw(2, 3), draw(3, 4, 4))
    with pytest.raises(TypeError, match="floating-point"):
        association(torch.arange(3), draw(2, 3))
