"""Learning from windows of longer games, against loops that follow the definitions."""

from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from memlib.models.game_agent import GameAgent, Screen, ScreenConfig
from memlib.models.navigation_agent import LSTMCore
from memlib.training.actor_critic import discounted
from memlib.training.windows import GAEConfig, Place, advantages, first, play, window_loss


class Step(NamedTuple):
    observation: Tensor
    reward: Tensor
    done: Tensor


class Signals:
    """The left or the right half of a small screen lights up for a step, then it is dark for one.

    In the dark, action 0 is right for the left and 1 for the right: who forgets can but guess. A game lasts `length`
    steps, the rows' first games one step more each.
    """

    def __init__(self, batch, length, dtype=torch.float32, seed=0):
        self.batch, self.length, self.dtype = batch, length, dtype
        self.generator = torch.Generator().manual_seed(seed)

    def reset(self):
        self.left = torch.arange(self.batch) + self.length
        self.dark = torch.zeros(self.batch, dtype=torch.bool)
        self.side = torch.zeros(self.batch, dtype=torch.long)
        return self.seen()

    def seen(self):
        new = torch.randint(2, (self.batch,), generator=self.generator)
        self.side = torch.where(self.dark, self.side, new)
        lit = (torch.arange(4) // 2 == self.side.unsqueeze(1)) & ~self.dark.unsqueeze(1)
        return lit[:, None, None].expand(self.batch, 1, 4, 4).to(self.dtype)

    def step(self, actions):
        reward = ((actions == self.side) & self.dark).to(self.dtype)
        self.left = self.left - 1
        done = self.left == 0
        self.left = torch.where(done, self.length, self.left)
        self.dark = torch.where(done, False, ~self.dark)
        return Step(self.seen(), reward, done)


def agent_of(seed=1, hidden=8):
    torch.manual_seed(seed)
    screen = Screen(ScreenConfig((4,), (3,), (1,), side=4))
    return GameAgent(screen, LSTMCore(screen.config.width, hidden), 3)


def noise(generator, time, batch):
    return -torch.empty(time, batch, 3, dtype=torch.float64).exponential_(generator=generator).log()


def loop(agent, world, noise, state, seen, fresh, config):
    """A window and its loss row by row from the definitions: the gradients of all steps are kept as it is played."""
    chosen, values, rewards, done, entropies = [], [], [], [], []
    for one in noise:
        for row in range(world.batch):
            if fresh[row]:
                start = agent.core.initial_state(1)
                state = [torch.cat([old[:row], new, old[row + 1 :]]) for old, new in zip(state, start, strict=True)]
        logits, value, state = agent(seen, type(agent.core.initial_state(1))(*state))
        p = logits.softmax(-1)
        action = (logits.detach() + one).argmax(-1)
        seen, reward, fresh = world.step(action)
        chosen.append(p[torch.arange(world.batch), action])
        values.append(value)
        rewards.append(reward)
        done.append(fresh)
        entropies.append(-(p * p.log()).sum(-1))
    with torch.no_grad():
        after = agent(seen, agent.begun(state, fresh))[1]
    loss = torch.zeros((), dtype=torch.float64)
    for row in range(world.batch):
        target, gained, following = after[row], 0.0, after[row]
        for t in reversed(range(len(noise))):
            if done[t][row]:
                target, gained, following = 0.0, 0.0, 0.0
            target = rewards[t][row] + config.discount * target
            value = values[t][row]
            change = rewards[t][row] + config.discount * following - value.detach()
            gained = change + config.discount * config.smoothing * gained
            following = value.detach()
            loss = loss - gained * chosen[t][row].log() - config.entropy_weight * entropies[t][row]
            loss = loss + config.value_weight * (target - value) ** 2
    return loss / len(noise) / world.batch


@pytest.mark.parametrize("smoothing", [0.0, 0.7, 1.0])
def test_loss_and_gradients_are_those_of_the_loop(smoothing):
    config = GAEConfig(discount=0.9, entropy_weight=0.2, smoothing=smoothing)
    agent = agent_of().double()
    for weight in agent.parameters():
        nn.init.normal_(weight, std=0.5)
    worlds = [Signals(3, 5, torch.float64) for _ in range(2)]
    places = [first(world) for world in worlds]
    states = [agent.begun(place.state, place.fresh) for place in places]
    generator = torch.Generator().manual_seed(6)
    for _ in range(3):
        one = noise(generator, 4, 3)
        wanted = loop(agent, worlds[0], one, states[0], places[0].seen, places[0].fresh, config)
        window, place = play(agent, worlds[1], places[1], one)
        assert not window.seen.requires_grad
        assert not window.after.requires_grad
        found = window_loss(agent, window, config)
        torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-12)
        expected = torch.autograd.grad(wanted, list(agent.parameters()))
        for a, b in zip(torch.autograd.grad(found, list(agent.parameters())), expected, strict=True):
            assert b.abs().max() > 0
            torch.testing.assert_close(a, b, rtol=1e-8, atol=1e-11)
        # The next window, from where this one ended.
        places, states = [place, place], [place.state, place.state]
    assert window.done.any()


def test_advantages_by_hand():
    rewards, values = torch.tensor([[1.0, 0.0, 2.0]]), torch.tensor([[0.5, 1.0, -1.0]])
    done, after = torch.tensor([[False, True, False]]), torch.tensor([4.0])
    # Steps: 1 + 0.5 * 1 - 0.5, 0 - 1 (nothing follows), 2 + 0.5 * 4 + 1.
    found = advantages(rewards, values, done, after, 0.5, 0.8)
    torch.testing.assert_close(found, torch.tensor([[1.0 + 0.4 * -1.0, -1.0, 5.0]]))
    whole = advantages(rewards, values, done, after, 0.5, 1.0) + values
    torch.testing.assert_close(whole, torch.tensor([[1.0, 0.0, 4.0]]))
    torch.testing.assert_close(whole, discounted(rewards, 0.5 * (~done).float(), after))


def test_the_defaults_are_those_of_the_code():
    config = GAEConfig()
    assert (config.discount, config.value_weight, config.entropy_weight, config.smoothing) == (0.99, 0.25, 0.01, 0.92)


def test_a_window_begins_where_the_last_one_ended():
    agent, world = agent_of(), Signals(2, 3)
    place, generator = first(world), torch.Generator().manual_seed(7)
    assert place.fresh.all()
    windows = []
    for _ in range(3):
        begun = place
        window, place = play(agent, world, place, noise(generator, 4, 2).float())
        assert torch.equal(window.seen[:, 0], begun.seen)
        assert torch.equal(window.fresh[:, 0], begun.fresh)
        windows.append(window)
    fresh = torch.cat([window.fresh for window in windows], 1)
    done = torch.cat([window.done for window in windows], 1)
    # Games of 3 steps, but the second row's first of 4.
    assert [row.nonzero().flatten().tolist() for row in fresh] == [[0, 3, 6, 9], [0, 4, 7, 10]]
    assert torch.equal(fresh[:, 1:], done[:, :-1])
    assert isinstance(place, Place)


def test_an_agent_learns_to_remember():
    """The light is out when the action counts: a third of the actions in the dark are right by chance, at best half."""
    agent, world = agent_of(2), Signals(16, 10)
    optimiser = torch.optim.Adam(agent.parameters(), 0.02)
    place, generator = first(world), torch.Generator().manual_seed(12)
    right = []
    for _ in range(150):
        window, place = play(agent, world, place, noise(generator, 6, 16).float())
        optimiser.zero_grad()
        window_loss(agent, window).backward()
        optimiser.step()
        # Every other step is dark.
        right.append(2 * window.rewards.mean().item())
    assert sum(right[:10]) / 10 < 0.5
    assert sum(right[-20:]) / 20 > 0.8
