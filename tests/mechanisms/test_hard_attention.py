"""Hard attention: draws, and three ways to its gradient, against sums over every branch and over many draws."""

import math

import pytest
import torch
from torch.autograd import grad, gradcheck

from memlib.mechanisms.attention import attention_weights, soft_read
from memlib.mechanisms.hard_attention import (
    baseline_loss,
    entropy,
    expected_reward,
    hard_read,
    hard_sample,
    marginal_gradient,
    marginal_log_likelihood,
    posterior,
    reinforce_loss,
    straight_through,
)
from tests.mechanisms.test_attention import assert_same, draw

SAMPLES = 40_000


def test_positions_are_drawn_in_proportion_to_their_weights(generator: torch.Generator) -> None:
    weights = torch.tensor([0.5, 0.0, 0.2, 0.3], dtype=torch.float64)
    counts = torch.bincount(hard_sample(weights.expand(SAMPLES, 4), generator), minlength=4).double()
    assert counts[1] == 0
    deviation = (weights * (1 - weights) / SAMPLES).sqrt()
    assert ((counts / SAMPLES - weights).abs() <= 4 * deviation).all()


def test_a_draw_has_a_place_for_each_row_and_repeats_with_its_seed() -> None:
    weights = draw(1, 3, 2, 5).softmax(-1)
    first, second = (hard_sample(weights, torch.Generator().manual_seed(8)) for _ in range(2))
    assert first.shape == (3, 2)
    assert torch.equal(first, second)
    assert hard_sample(torch.ones(1)).item() == 0


def test_hard_read_takes_one_position() -> None:
    value, index = draw(1, 2, 4, 3), torch.tensor([[3, 0, 3], [1, 1, 2]])
    expected = torch.stack([torch.stack([value[b, i] for i in index[b]]) for b in range(2)])
    assert_same(hard_read(value, index), expected)
    assert_same(hard_read(value[0], index), torch.stack([value[0, i] for i in index]))


def test_a_hard_read_is_a_soft_read_of_one_hot_weights() -> None:
    value, index = draw(1, 4, 3), torch.tensor([2, 0])
    assert_same(hard_read(value, index), soft_read(torch.eye(4, dtype=torch.float64)[index], value))


def reinforce_gradients(scores: torch.Tensor, reward: torch.Tensor, baseline: float, seed: int) -> torch.Tensor:
    """The gradient of each of many draws in the scores, by autograd, [samples, n]."""
    copies = scores.detach().expand(SAMPLES, -1).clone().requires_grad_()
    weights = attention_weights(copies)
    index = hard_sample(weights, torch.Generator().manual_seed(seed))
    return grad(reinforce_loss(weights, index, reward[index], baseline).sum(), copies)[0]


@pytest.mark.parametrize("baseline", [0.0, -1.5, 3.0])
def test_the_mean_of_reinforce_over_many_draws_is_the_gradient_over_every_branch(baseline: float) -> None:
    scores, reward = draw(1, 5).requires_grad_(), draw(2, 5) - 1.5
    exact = grad(-expected_reward(attention_weights(scores), reward), scores)[0]
    drawn = reinforce_gradients(scores, reward, baseline, seed=3)
    error = drawn.std(0) / math.sqrt(SAMPLES)
    assert ((drawn.mean(0) - exact).abs() <= 4 * error).all()
    assert exact.norm() > 10 * error.norm()


def test_reinforce_is_unbiased_to_the_last_digit_when_every_branch_is_weighed() -> None:
    scores, reward = draw(1, 5), draw(2, 5)
    weights = attention_weights(scores)
    mean = torch.zeros(5, dtype=torch.float64)
    for s in range(5):
        copy = scores.clone().requires_grad_()
        loss = reinforce_loss(attention_weights(copy), torch.tensor(s), reward[s], 0.7)
        mean += weights[s] * grad(loss, copy)[0]
    copy = scores.clone().requires_grad_()
    assert_same(mean, grad(-expected_reward(attention_weights(copy), reward), copy)[0])


def test_a_good_baseline_lowers_the_variance() -> None:
    scores, reward = draw(1, 5), draw(2, 5) - 3
    mean = expected_reward(attention_weights(scores), reward).item()
    plain = reinforce_gradients(scores, reward, 0.0, seed=3).var(0).sum()
    helped = reinforce_gradients(scores, reward, mean, seed=3).var(0).sum()
    assert helped < plain / 3


def test_no_gradient_flows_into_reward_or_baseline() -> None:
    scores, reward, baseline = draw(1, 4, 5).requires_grad_(), draw(2, 4).requires_grad_(), draw(3, 4).requires_grad_()
    weights = attention_weights(scores)
    loss = reinforce_loss(weights, torch.tensor([0, 1, 2, 4]), reward, baseline).sum()
    assert grad(loss, (reward, baseline), allow_unused=True, retain_graph=True) == (None, None)
    assert grad(loss, scores)[0].abs().sum() > 0


def test_a_baseline_learns_the_mean_reward() -> None:
    reward, baseline = draw(1, 300), torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([baseline], lr=0.3)
    for _ in range(50):
        optimiser.zero_grad()
        baseline_loss(reward, baseline).mean().backward()
        optimiser.step()
    assert_same(baseline.detach()[0], reward.mean())
    assert_same(baseline_loss(reward, baseline).mean(), reward.var(unbiased=False))


def test_entropy() -> None:
    assert_same(entropy(torch.tensor([0.0, 1.0, 0.0]).double()), torch.tensor(0.0).double())
    assert_same(entropy(torch.full((8,), 0.125).double()), torch.tensor(math.log(8), dtype=torch.float64))
    weights = draw(1, 5).softmax(0)
    assert_same(entropy(weights), -sum(w * math.log(w) for w in weights))


def test_the_marginal_equals_its_loops_and_lies_above_the_mean() -> None:
    weights, logs = draw(1, 3, 5).softmax(-1), -draw(2, 3, 5).abs()
    looped = [
        math.log(sum(float(w) * math.exp(float(p)) for w, p in zip(*r, strict=True)))
        for r in zip(weights, logs, strict=True)
    ]
    found = marginal_log_likelihood(weights, logs)
    assert_same(found, torch.tensor(looped, dtype=torch.float64))
    assert (found > expected_reward(weights, logs)).all()
    same = logs[:, :1].expand(3, 5)
    assert_same(marginal_log_likelihood(weights, same), expected_reward(weights, same))


def test_gradients_of_the_marginal() -> None:
    scores, logs = draw(1, 3, 5).requires_grad_(), (-draw(2, 3, 5).abs()).requires_grad_()
    assert gradcheck(lambda e, p: marginal_log_likelihood(attention_weights(e), p), (scores, logs))
    weights = attention_weights(scores)
    by_scores, by_logs = grad(marginal_log_likelihood(weights, logs).sum(), (scores, logs))
    assert_same(by_scores, marginal_gradient(weights, logs))
    assert_same(by_logs, posterior(weights, logs))
    assert_same(posterior(weights, logs), weights * logs.exp() / (weights * logs.exp()).sum(-1, keepdim=True))


def test_the_marginal_of_unlikely_answers_and_masked_positions_is_finite() -> None:
    scores = draw(1, 4).float().requires_grad_()
    mask = torch.tensor([True, True, True, False])
    logs = torch.tensor([-500.0, -510.0, -490.0, -1.0])
    weights = attention_weights(scores, mask)
    found = marginal_log_likelihood(weights, logs)
    torch.testing.assert_close(found, marginal_log_likelihood(attention_weights(scores[:3]), logs[:3]))
    slope = grad(found, scores)[0]
    assert slope.isfinite().all()
    assert slope[3] == 0
    assert slope.abs().max() > 0.1
    torch.testing.assert_close(slope, marginal_gradient(weights, logs))


def test_with_one_position_nothing_is_left_to_learn() -> None:
    weights, logs = torch.ones(2, 1, dtype=torch.float64), draw(1, 2, 1)
    assert_same(marginal_log_likelihood(weights, logs), logs.squeeze(-1))
    assert_same(marginal_gradient(weights, logs), torch.zeros(2, 1, dtype=torch.float64))
    scores = draw(2, 2, 1).requires_grad_()
    loss = reinforce_loss(attention_weights(scores), torch.zeros(2, dtype=torch.long), draw(3, 2)).sum()
    assert_same(grad(loss, scores)[0], torch.zeros(2, 1, dtype=torch.float64))


def test_straight_through_is_one_hot_with_the_gradient_of_the_weights() -> None:
    scores, value = draw(1, 3, 5).requires_grad_(), draw(2, 3, 5, 4)
    index, pull = torch.tensor([4, 0, 2]), draw(3, 3, 4)
    weights = attention_weights(scores)
    chosen = straight_through(weights, index)
    assert_same(chosen, torch.eye(5, dtype=torch.float64)[index])
    ours = grad((soft_read(chosen.unsqueeze(1), value).squeeze(1) * pull).sum(), scores, retain_graph=True)[0]
    soft = grad((soft_read(weights.unsqueeze(1), value).squeeze(1) * pull).sum(), scores)[0]
    assert_same(ours, soft)


def test_straight_through_is_biased_where_the_loss_bends() -> None:
    """Its mean over draws is not the gradient of the mean loss, unless the loss is linear in what is read."""
    scores, value, target = draw(1, 5), draw(2, 5, 3), draw(3, 3)

    def mean_gradient(loss) -> tuple[torch.Tensor, torch.Tensor]:
        weights, mean = attention_weights(scores), torch.zeros(5, dtype=torch.float64)
        for s in range(5):
            copy = scores.clone().requires_grad_()
            chosen = straight_through(attention_weights(copy), torch.tensor(s))
            mean += weights[s] * grad(loss(chosen @ value), copy)[0]
        copy = scores.clone().requires_grad_()
        losses = torch.stack([loss(value[s]) for s in range(5)])
        return mean, grad(expected_reward(attention_weights(copy), losses), copy)[0]

    assert_same(*mean_gradient(lambda found: found @ target))
    biased, exact = mean_gradient(lambda found: ((found - target) ** 2).sum())
    assert (biased - exact).norm() > 0.2 * exact.norm()


@pytest.mark.parametrize("weights", [[[0.5, 0.5], [0.0, 0.0]], [[-0.1, 1.1]], [[float("nan"), 1.0]]])
def test_weights_to_draw_from_must_be_probabilities(weights: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="finite, not negative, and not all 0"):
        hard_sample(torch.tensor(weights))
