"""Soft programs against loops over numbers, and at their edges."""

import math

import pytest
import torch

from memlib.mechanisms import programs
from memlib.mechanisms.programs import (
    both,
    column_sums,
    count,
    either,
    greater,
    harden,
    lesser,
    lookup,
    lookup_loss,
    scalar_loss,
    soft_apply,
    soft_select,
)

ARITHMETIC = (torch.add, torch.sub, torch.mul)


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def weights(seed: int, *shape: int) -> torch.Tensor:
    return draw(seed, *shape).softmax(-1)


def shares(seed: int, *shape: int) -> torch.Tensor:
    return draw(seed, *shape).sigmoid()


def assert_same(actual: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)


def looped_select(values, given):
    total = torch.zeros(values.shape[-1], dtype=values.dtype)
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            total[j] += given[i] * value
    return total


def looped_apply(given, a, b):
    found = torch.zeros_like(a)
    for j in range(len(a)):
        x, y = float(a[j]), float(b[j])
        for o, result in enumerate((x + y, x - y, x * y)):
            found[j] += given[o] * result
    return found


def looped_cells(table, rule):
    return torch.tensor([[rule(float(cell)) for cell in row] for row in table], dtype=table.dtype)


def test_selecting_equals_its_loops() -> None:
    values, given = draw(1, 5, 3), weights(2, 5)
    assert_same(soft_select(values, given), looped_select(values, given))
    many, heads = draw(3, 2, 5, 3), weights(4, 2, 4, 5)
    found = soft_select(many.unsqueeze(1), heads)
    for batch in range(2):
        for head in range(4):
            assert_same(found[batch, head], looped_select(many[batch], heads[batch, head]))


def test_applying_equals_its_loops() -> None:
    given, a, b = weights(1, 3), draw(2, 4), draw(3, 4)
    assert_same(soft_apply(ARITHMETIC, given, a, b), looped_apply(given, a, b))
    given, a, b = weights(1, 2, 3), draw(2, 2, 4), draw(3, 4)
    found = soft_apply(ARITHMETIC, given, a, b)
    for batch in range(2):
        assert_same(found[batch], looped_apply(given[batch], a[batch], b))


@pytest.mark.parametrize("chosen", range(3))
def test_a_sure_choice_runs_one_operation(chosen: int) -> None:
    a, b = draw(1, 6), draw(2, 6)
    sure = torch.eye(3, dtype=torch.float64)[chosen]
    assert_same(soft_apply(ARITHMETIC, sure, a, b), ARITHMETIC[chosen](a, b))
    assert_same(soft_select(torch.stack([a, b, a * b]), sure), (a, b, a * b)[chosen])


def test_operations_may_differ_in_shape_and_in_their_number_of_operands() -> None:
    a = draw(1, 2, 3)
    found = soft_apply((torch.neg, lambda one: one.new_ones(3)), weights(2, 2, 2), a)
    expected = torch.stack([-weights(2, 2, 2)[i, 0] * a[i] + weights(2, 2, 2)[i, 1] for i in range(2)])
    assert_same(found, expected)


def test_an_operation_that_fails_spoils_the_average_whatever_its_weight() -> None:
    sure = torch.tensor([1.0, 0.0])
    assert soft_apply((torch.add, torch.div), sure, torch.ones(1), torch.zeros(1)).isnan().all()


def test_every_operation_has_a_say_in_the_gradient() -> None:
    given, a, b = weights(1, 3).requires_grad_(), draw(2, 1), draw(3, 1)
    soft_apply(ARITHMETIC, given, a, b).sum().backward()
    assert_same(given.grad, torch.stack([a + b, a - b, a * b]).squeeze(-1))


def test_hardening_takes_the_highest_and_the_first_of_equals() -> None:
    given = weights(1, 4, 6)
    found = harden(given)
    assert_same(found.sum(-1), torch.ones(4, dtype=torch.float64))
    for row, sure in zip(given, found, strict=True):
        assert sure[max(range(6), key=lambda i: float(row[i]))] == 1
    assert harden(torch.tensor([0.2, 0.4, 0.4])).tolist() == [0, 1, 0]


def test_comparisons_equal_their_loops() -> None:
    table, pivot = draw(1, 5, 3), draw(2, 1)
    p = float(pivot)
    assert_same(greater(table, pivot), looped_cells(table, lambda cell: float(cell > p)))
    assert_same(lesser(table, pivot), looped_cells(table, lambda cell: float(cell < p)))
    for softness in (0.1, 2.0):
        expected = looped_cells(table, lambda cell, s=softness: 1 / (1 + math.exp(-(cell - p) / s)))
        assert_same(greater(table, pivot, softness), expected)
        assert_same(lesser(table, pivot, softness), 1 - expected)
    many, pivots = draw(3, 2, 5, 3), draw(4, 2, 1)
    found = greater(many, pivots)
    for batch in range(2):
        assert_same(found[batch], greater(many[batch], pivots[batch]))


def test_a_cell_at_the_pivot_is_neither_above_nor_below() -> None:
    table, pivot = torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([2.0])
    assert greater(table, pivot).tolist() == [[0, 0, 1]]
    assert lesser(table, pivot).tolist() == [[1, 0, 0]]
    assert greater(table, pivot, 0.5)[0, 1] == lesser(table, pivot, 0.5)[0, 1] == 0.5


def test_a_soft_comparison_moves_the_pivot_and_a_hard_one_does_not() -> None:
    table, pivot = draw(1, 5, 3), draw(2, 1).requires_grad_()
    assert not greater(table, pivot).requires_grad
    greater(table, pivot, 0.3).sum().backward()
    assert pivot.grad.item() < 0


def test_a_softness_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="softness of at least 0; got -1"):
        greater(draw(1, 2, 2), draw(2, 1), -1.0)


def test_logic_and_sums_equal_their_loops() -> None:
    one, other, table = shares(1, 6), shares(2, 6), draw(3, 6, 4)
    assert_same(both(one, other), torch.stack([min(a, b) for a, b in zip(one, other, strict=True)]))
    assert_same(either(one, other), torch.stack([max(a, b) for a, b in zip(one, other, strict=True)]))
    assert_same(count(one), torch.tensor(sum(float(a) for a in one), dtype=torch.float64))
    assert_same(column_sums(table, one), looped_select(table, one))
    columns = weights(4, 4)
    expected = torch.tensor([[float(r) * float(c) for c in columns] for r in one], dtype=torch.float64)
    assert_same(lookup(one, columns), expected)
    assert lookup(shares(1, 2, 6), columns).shape == (2, 6, 4)


def test_on_zeros_and_ones_they_are_the_logic_of_sets() -> None:
    one, other = torch.tensor([0.0, 0.0, 1.0, 1.0]), torch.tensor([0.0, 1.0, 0.0, 1.0])
    assert both(one, other).tolist() == [0, 0, 0, 1]
    assert either(one, other).tolist() == [0, 1, 1, 1]
    assert_same(1 - both(one, other), either(1 - one, 1 - other))


def test_a_comparison_in_a_chosen_column_selects_rows() -> None:
    table = torch.tensor([[1.0, 9.0], [5.0, 2.0], [7.0, 8.0]])
    second = torch.tensor([0.0, 1.0])
    selected = soft_select(greater(table, torch.tensor([4.0])).mT, second)
    assert selected.tolist() == [1, 0, 1]
    assert column_sums(table, selected).tolist() == [8, 17]
    assert (lookup(selected, second) * table).sum((-2, -1)) == 17


@pytest.mark.parametrize("width", [0.5, 1.0, 3.0])
def test_the_loss_of_a_number_equals_its_loops(width: float) -> None:
    answer, target = 3 * draw(1, 20), draw(2, 20)
    expected = []
    for a, y in zip(answer.tolist(), target.tolist(), strict=True):
        error = abs(a - y)
        expected.append(error**2 / 2 if error <= width else width * error - width**2 / 2)
    assert_same(scalar_loss(answer, target, width), torch.tensor(expected, dtype=torch.float64))
    reference = torch.nn.functional.huber_loss(answer, target, reduction="none", delta=width)
    assert_same(scalar_loss(answer, target, width), reference)
    with pytest.raises(ValueError, match=r"width above 0; got 0\.0"):
        scalar_loss(answer, target, 0.0)


def test_the_loss_of_cells_equals_its_loops_and_is_finite_at_its_edges() -> None:
    answer, target = shares(1, 2, 4, 3), (draw(2, 2, 4, 3) > 0).double()
    for batch in range(2):
        losses = [
            -(y * math.log(c) + (1 - y) * math.log(1 - c))
            for c, y in zip(answer[batch].flatten().tolist(), target[batch].flatten().tolist(), strict=True)
        ]
        assert float(lookup_loss(answer, target)[batch]) == pytest.approx(sum(losses) / 12, rel=1e-12)
    for kind in (torch.float32, torch.float64):
        wrong = torch.tensor([[0.0, 1.0]], dtype=kind)
        assert lookup_loss(wrong, wrong) < 1e-6
        assert lookup_loss(wrong, 1 - wrong).isfinite()


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("soft_select", (draw(1, 2, 4, 3), weights(2, 2, 4))),
        ("both", (shares(1, 2, 4), shares(2, 2, 4))),
        ("either", (shares(1, 2, 4), shares(2, 2, 4))),
        ("count", (shares(1, 2, 4),)),
        ("column_sums", (draw(1, 2, 4, 3), shares(2, 2, 4))),
        ("lookup", (shares(1, 2, 4), weights(2, 2, 3))),
        ("scalar_loss", (3 * draw(1, 6), draw(2, 6))),
        ("lookup_loss", (shares(1, 2, 4, 3), shares(2, 2, 4, 3))),
    ],
)
def test_gradients(name: str, inputs: tuple[torch.Tensor, ...]) -> None:
    given = [one.clone().requires_grad_() for one in inputs]
    assert torch.autograd.gradcheck(getattr(programs, name), given)


def test_gradients_of_programs_and_of_soft_comparisons() -> None:
    given = [one.requires_grad_() for one in (weights(1, 2, 3), draw(2, 2, 4), draw(3, 2, 4))]
    assert torch.autograd.gradcheck(lambda w, a, b: soft_apply(ARITHMETIC, w, a, b), given)
    for compare in (greater, lesser):
        inputs = (draw(1, 2, 4, 3).requires_grad_(), draw(2, 2, 1).requires_grad_())
        assert torch.autograd.gradcheck(lambda t, p, f=compare: f(t, p, 0.7), inputs)


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(ValueError, match="soft_select: `weights` has shape"):
        soft_select(draw(1, 4, 3), weights(2, 5))
    with pytest.raises(TypeError, match=r"soft_select: `weights` holds torch\.int64"):
        soft_select(draw(1, 4, 3), torch.ones(4, dtype=torch.long))
    with pytest.raises(ValueError, match="at least one operation"):
        soft_apply((), weights(1, 1), draw(2, 3))
    with pytest.raises(ValueError, match=r"3 operations want weights \[..., 3\]; got weights of shape \(2,\)"):
        soft_apply(ARITHMETIC, weights(1, 2), draw(2, 3), draw(3, 3))
    with pytest.raises(ValueError, match="at least one choice"):
        harden(torch.ones(2, 0))
    with pytest.raises(ValueError, match="both: `other`"):
        both(shares(1, 4), shares(2, 5))
    with pytest.raises(ValueError, match="with 1 where 3 came"):
        greater(draw(1, 4, 3), draw(2, 3))
