"""Halting against loops over numbers, its gradient as the paper gives it, and its edges."""

import math

import pytest
import torch

from memlib.mechanisms import halting
from memlib.mechanisms.halting import (
    chance_weights,
    divergence,
    geometric_prior,
    halting_weights,
    mean_field,
    ponder_cost,
    ponder_gradient,
    steps_taken,
)


def draw(seed: int, *shape: int, shift: float = -1.0) -> torch.Tensor:
    """Halting probabilities; with the shift, most sums need a few steps."""
    made = torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (made + shift).sigmoid()


def assert_same(actual: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)


def looped(probabilities, epsilon):
    """One row: walk until the budget is spent."""
    weights, left = [0.0] * len(probabilities), 1.0
    for n, h in enumerate(probabilities.tolist(), 1):
        if left - h <= epsilon or n == len(probabilities):
            weights[n - 1] = left
            return weights, n, left
        weights[n - 1] = h
        left -= h
    raise AssertionError


@pytest.mark.parametrize("epsilon", [0.0, 0.01, 0.3])
@pytest.mark.parametrize("shift", [-3.0, -1.0, 1.0])
def test_halting_equals_its_loop(epsilon, shift) -> None:
    given = draw(1, 40, 7, shift=shift)
    weights, steps, remainder = halting_weights(given, epsilon)
    for row in range(len(given)):
        expected, count, left = looped(given[row], epsilon)
        assert weights[row].tolist() == pytest.approx(expected, abs=1e-12)
        assert (steps[row].item(), remainder[row].item()) == (count, pytest.approx(left, abs=1e-12))
    assert torch.equal(steps, steps_taken(given, epsilon))


def test_weights_are_a_distribution_whatever_the_batch() -> None:
    given = draw(2, 3, 4, 9)
    weights, steps, remainder = halting_weights(given, 0.01)
    assert weights.shape == (3, 4, 9)
    assert steps.shape == remainder.shape == (3, 4)
    assert steps.unique().numel() > 2
    assert_same(weights.sum(-1), torch.ones(3, 4, dtype=torch.float64))
    assert (weights >= 0).all()
    flat = halting_weights(given.flatten(0, 1), 0.01)
    assert torch.equal(weights.flatten(0, 1), flat[0])


def test_a_halt_worked_by_hand() -> None:
    given = torch.tensor([0.1, 0.3, 0.5, 0.8, 0.2], dtype=torch.float64)
    weights, steps, remainder = halting_weights(given, 0.01)
    assert weights.tolist() == pytest.approx([0.1, 0.3, 0.5, 0.1, 0.0])
    assert steps.item() == 4
    assert remainder.item() == pytest.approx(0.1)
    assert ponder_cost(steps, remainder).item() == pytest.approx(4.1)


def test_a_sure_first_step_is_the_only_one_and_epsilon_is_what_allows_it() -> None:
    given = torch.tensor([0.995, 0.5, 0.5], dtype=torch.float64)
    assert halting_weights(given, 0.01)[0].tolist() == [1.0, 0.0, 0.0]
    assert steps_taken(given, 0.0).item() == 2


def test_whoever_is_never_ready_stops_at_the_maximum_with_all_that_is_left() -> None:
    weights, steps, remainder = halting_weights(torch.full((5,), 0.01, dtype=torch.float64), 0.01)
    assert steps.item() == 5
    assert remainder.item() == pytest.approx(0.96)
    assert weights.tolist() == pytest.approx([0.01] * 4 + [0.96])


def smooth(seed: int, epsilon: float = 0.01) -> torch.Tensor:
    """Rows whose running sums keep away from the threshold, so that N does not jump."""
    given = draw(seed, 200, 6)
    clear = ((given.cumsum(-1) - (1 - epsilon)).abs() > 1e-3).all(-1)
    return given[clear][:12].requires_grad_()


def test_gradients_where_halting_is_smooth() -> None:
    given = smooth(3)
    assert torch.autograd.gradcheck(lambda h: halting_weights(h, 0.01)[0], (given,))
    assert torch.autograd.gradcheck(lambda h: halting_weights(h, 0.01)[2], (given,))
    assert torch.autograd.gradcheck(lambda h: ponder_cost(*halting_weights(h, 0.01)[1:]), (given,))


def test_the_gradient_of_the_ponder_cost_is_the_papers() -> None:
    given = smooth(4)
    _, steps, remainder = halting_weights(given, 0.01)
    assert not steps.is_floating_point()
    found = torch.autograd.grad(ponder_cost(steps, remainder).sum(), given)[0]
    expected = [[-1.0 if n < last else 0.0 for n in range(1, 7)] for last in steps.tolist()]
    assert found.tolist() == expected
    assert ponder_gradient(given.detach(), 0.01).tolist() == expected


def test_the_gradient_of_a_loss_is_the_difference_to_the_last_steps() -> None:
    given, scores = smooth(5), draw(6, 12, 6)
    weights, steps, remainder = halting_weights(given, 0.01)
    tau = 0.2
    loss = (weights * scores).sum() + tau * ponder_cost(steps, remainder).sum()
    found = torch.autograd.grad(loss, given)[0]
    for row, last in enumerate(steps.tolist()):
        for n in range(1, 7):
            expected = float(scores[row, n - 1] - scores[row, last - 1]) - tau if n < last else 0.0
            assert found[row, n - 1].item() == pytest.approx(expected, abs=1e-12)


def test_the_mean_field_equals_its_loop() -> None:
    weights = halting_weights(draw(1, 3, 5))[0]
    values = torch.randn(3, 5, 4, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    expected = torch.stack([sum(weights[b, n] * values[b, n] for n in range(5)) for b in range(3)])
    assert_same(mean_field(weights, values), expected)
    assert torch.autograd.gradcheck(mean_field, (weights.requires_grad_(), values.requires_grad_()))


def test_pondernets_chances_equal_their_loop() -> None:
    given = draw(7, 4, 6)
    found = chance_weights(given)
    for row in range(4):
        going = 1.0
        for n in range(6):
            stop = float(given[row, n]) if n < 5 else 1.0
            assert found[row, n].item() == pytest.approx(going * stop, abs=1e-12)
            going *= 1 - stop
    assert_same(found.sum(-1), torch.ones(4, dtype=torch.float64))
    assert torch.autograd.gradcheck(chance_weights, (given.requires_grad_(),))


def test_the_prior_is_geometric_and_its_last_step_takes_the_rest() -> None:
    prior = geometric_prior(4, 0.25, torch.float64)
    assert prior.tolist() == pytest.approx([0.25, 0.1875, 0.140625, 0.75**3])
    long = geometric_prior(400, 0.2, torch.float64)
    assert (long * torch.arange(1, 401)).sum().item() == pytest.approx(5, abs=1e-9)


def test_the_divergence_equals_its_loop_and_is_0_from_itself() -> None:
    weights, prior = chance_weights(draw(8, 3, 5)), geometric_prior(5, 0.3, torch.float64)
    found = divergence(weights, prior)
    for row in range(3):
        total = sum(float(p) * math.log(p / q) for p, q in zip(weights[row].tolist(), prior.tolist(), strict=True))
        assert found[row].item() == pytest.approx(total, abs=1e-12)
    assert divergence(prior, prior).item() == pytest.approx(0, abs=1e-15)
    assert torch.autograd.gradcheck(divergence, (weights.requires_grad_(), prior))


def test_a_chance_of_0_adds_nothing_and_has_a_finite_gradient() -> None:
    weights = torch.tensor([1.0, 0.0, 0.0], requires_grad=True)
    divergence(weights, geometric_prior(3, 0.5)).backward()
    assert weights.grad.isfinite().all()


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match=r"at least one step and an epsilon in \[0, 1\), got 0 steps"):
        halting_weights(torch.zeros(3, 0))
    with pytest.raises(ValueError, match=r"got 3 steps and 1\.0"):
        steps_taken(torch.zeros(3), 1.0)
    with pytest.raises(TypeError, match=r"halting_weights: `probabilities` holds torch\.int64"):
        halting_weights(torch.ones(3, dtype=torch.long))
    with pytest.raises(ValueError, match="a rate in"):
        geometric_prior(3, 0.0)
    with pytest.raises(ValueError, match="mean_field: `values` has shape"):
        mean_field(torch.ones(3), torch.ones(4, 2))
    assert set(halting.__all__) <= set(dir(halting))
