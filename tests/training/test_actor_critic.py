"""Acting without gradients and learning from the whole episode, against the loop that keeps all gradients."""

import pytest
import torch

from memlib.models.fwm_core import FWMCore, agent_config
from memlib.models.navigation_agent import LSTMCore, NavigationAgent
from memlib.tasks import graph_sampler as sampler
from memlib.tasks.graph_navigation import GraphNavigation, NavigationConfig
from memlib.training.actor_critic import A2CConfig, Episode, a2c_loss, episode_loss, returns, rollout

CORES = {"lstm": lambda: LSTMCore(17, 12), "fwm": lambda: FWMCore(agent_config(17, 12, 5))}


def world(count=30, steps=9, **changes):
    draw = sampler.drawing(4)
    graphs = torch.stack([sampler.sample(draw) for _ in range(count)])
    return GraphNavigation(graphs, NavigationConfig(steps=steps, **changes), torch.float64)


def agent_of(core):
    torch.manual_seed(5)
    return NavigationAgent(CORES[core](), 3).double()


def loop_with_gradients(agent, world, generator, config):
    """One episode and its loss, step by step from the definitions: nothing is recomputed, nothing in parallel."""
    steps = world.config.steps
    state = world.reset(generator)
    offsets = world.offsets(steps, generator)
    noise = -torch.empty(steps, world.batch, 3).exponential_(generator=generator).log()
    memory, probabilities, values, rewards, entropies = None, [], [], [], []
    for t in range(steps):
        logits, value, memory = agent(world.observe(state), memory)
        p = logits.softmax(-1)
        action = (logits.detach() + noise[t]).argmax(-1)
        state, reward = world.step(state, action, offsets[t])
        probabilities.append(p[torch.arange(world.batch), action])
        values.append(value)
        rewards.append(reward)
        entropies.append(-(p * p.log()).sum(-1).mean())
    loss, later = torch.zeros((), dtype=torch.float64), torch.zeros(world.batch, dtype=torch.float64)
    for t in reversed(range(steps)):
        later = rewards[t] + config.discount * later
        advantage = later - values[t]
        loss = loss - (advantage.detach() * probabilities[t].log()).mean()
        loss = loss + config.value_weight * (advantage**2).mean() - config.entropy_weight * entropies[t]
    return loss / steps, torch.stack(rewards, 1)


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("official", [True, False])
def test_loss_and_gradients_are_those_of_the_loop(core, official):
    changes = {"reset_timer_on_goal": False, "reward_input": "none"} if official else {}
    config = A2CConfig(entropy_weight=0.2)
    agent, place = agent_of(core), world(**changes)
    loss, rewards = loop_with_gradients(agent, place, torch.Generator().manual_seed(6), config)
    expected = torch.autograd.grad(loss, list(agent.parameters()))
    episode = rollout(agent, place, torch.Generator().manual_seed(6))
    assert not episode.inputs.requires_grad
    assert torch.equal(episode.rewards, rewards)
    assert (rewards > 0).any()
    found = episode_loss(agent, episode, config)
    torch.testing.assert_close(found, loss, rtol=1e-12, atol=1e-12)
    for a, b in zip(torch.autograd.grad(found, list(agent.parameters())), expected, strict=True):
        assert b.abs().max() > 0
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-12)


def test_returns_are_discounted_sums():
    rewards = torch.tensor([[1.0, 0.0, 2.0], [0.0, -3.0, 0.0]])
    torch.testing.assert_close(returns(rewards, 0.5), torch.tensor([[1.5, 1.0, 2.0], [-1.5, -3.0, 0.0]]))
    assert torch.equal(returns(rewards, 0.0), rewards)
    assert rewards[0, 1] == 0
    with pytest.raises(ValueError, match=r"expected a discount from 0 to 1, got 1.5"):
        returns(rewards, 1.5)


def test_no_gradient_of_the_policy_reaches_the_values_and_entropy_pulls_apart():
    torch.manual_seed(7)
    logits = torch.randn(3, 4, 3, requires_grad=True)
    values = torch.randn(3, 4, requires_grad=True)
    actions, rewards = torch.randint(3, (3, 4)), torch.randn(3, 4)
    a2c_loss(logits, values, actions, rewards, A2CConfig(value_weight=0.25)).backward()
    advantage = returns(rewards, 0.9) - values.detach()
    torch.testing.assert_close(values.grad, -2 * 0.25 * advantage / 12)
    even, sure = torch.zeros(3, 4, 3), torch.tensor([9.0, 0, 0]).expand(3, 4, 3)
    silent = returns(rewards, 0.9)
    assert a2c_loss(even, silent, actions, rewards) < a2c_loss(sure, silent, actions, rewards)


def test_actions_follow_the_agents_probabilities():
    class Biased(torch.nn.Module):
        def forward(self, x, state):
            return torch.tensor([0.6, 0.3, 0.1]).log().expand(len(x), 3), x[:, 0], state

    draw = sampler.drawing(4)
    place = GraphNavigation(torch.stack([sampler.sample(draw) for _ in range(200)]))
    episode = rollout(Biased(), place, torch.Generator().manual_seed(8))
    share = torch.bincount(episode.actions.flatten(), minlength=3) / 6000
    torch.testing.assert_close(share, torch.tensor([0.6, 0.3, 0.1]), atol=0.025, rtol=0)


def test_the_same_seed_gives_the_same_episode():
    agent, place = agent_of("lstm"), world()
    first, again = (rollout(agent, place, torch.Generator().manual_seed(9)) for _ in range(2))
    other = rollout(agent, place, torch.Generator().manual_seed(10))
    assert torch.equal(first.inputs, again.inputs)
    assert torch.equal(first.total, again.total)
    assert not torch.equal(first.inputs, other.inputs)
    assert isinstance(first, Episode)
    assert first.total.shape == (30,)


def test_an_agent_learns_to_go_where_one_action_always_leads():
    """Action 2 leads along a ring through all places, the others nowhere: worth about 2.5 goals in 9 steps."""
    ring = torch.tensor([[s, s, (s + 1) % 5] for s in range(5)]).expand(60, 5, 3).contiguous()
    place = GraphNavigation(ring, NavigationConfig(steps=9))
    torch.manual_seed(11)
    agent = NavigationAgent(LSTMCore(17, 12), 3)
    optimiser = torch.optim.Adam(agent.parameters(), 0.02)
    generator = torch.Generator().manual_seed(12)
    before = rollout(agent, place, generator).total.mean()
    for _ in range(60):
        optimiser.zero_grad()
        episode_loss(agent, rollout(agent, place, generator)).backward()
        optimiser.step()
    assert rollout(agent, place, generator).total.mean() > before + 15
