"""Adam with noise on the gradient: its size, its repetition, and what it is without noise."""

import pytest
import torch

from memlib.training.noisy_adam import NoisyAdam


def pair(noise, seed=1, **options):
    weights = [torch.nn.Parameter(torch.ones(4)), torch.nn.Parameter(torch.ones(2, 3))]
    return weights, NoisyAdam(weights, 0.1, noise, seed, **options)


def steps(weights, optimiser, count):
    for _ in range(count):
        optimiser.zero_grad()
        sum((weight**2).sum() for weight in weights).backward()
        optimiser.step()


def test_without_noise_it_is_adam() -> None:
    weights, optimiser = pair(0.0)
    steps(weights, optimiser, 5)
    plain = [torch.nn.Parameter(torch.ones(4)), torch.nn.Parameter(torch.ones(2, 3))]
    steps(plain, torch.optim.Adam(plain, 0.1), 5)
    assert all(torch.equal(one, other) for one, other in zip(weights, plain, strict=True))


def test_the_noise_has_the_deviation_of_the_law() -> None:
    weight = torch.nn.Parameter(torch.zeros(20_000))
    optimiser = NoisyAdam([weight], 0.0, 0.3, 5)
    for t in range(4):
        weight.grad = torch.full_like(weight, 2.0)
        optimiser.step()
        expected = (0.3 / (1 + t) ** 0.55) ** 0.5
        # The deviation of 20,000 draws is right to 0.5 %, their mean to 0.7 % of it.
        assert weight.grad.std().item() == pytest.approx(expected, rel=0.02)
        assert weight.grad.mean().item() == pytest.approx(2.0, abs=0.03 * expected)


def test_a_resumed_run_meets_the_same_noise() -> None:
    whole, optimiser = pair(0.5)
    steps(whole, optimiser, 6)
    parted, first = pair(0.5)
    steps(parted, first, 2)
    _, second = pair(0.5, seed=9)
    second.param_groups[0]["params"] = parted
    second.load_state_dict(first.state_dict())
    steps(parted, second, 4)
    assert all(torch.equal(one, other) for one, other in zip(whole, parted, strict=True))
    other, optimiser = pair(0.5, seed=2)
    steps(other, optimiser, 6)
    assert not torch.equal(other[0], whole[0])


def test_noise_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="noise of at least 0, got -1"):
        pair(-1)
