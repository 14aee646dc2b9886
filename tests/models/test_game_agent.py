"""Agents that look at a screen: step by step and in one go are the same, and a new game forgets the old one."""

import pytest
import torch
from torch import nn

from memlib.models.game_agent import GameAgent, Screen, ScreenConfig, TwoMemoriesCore
from memlib.models.navigation_agent import LSTMCore
from memlib.models.stm import STM
from memlib.models.stm_config import STMConfig

SMALL = ScreenConfig((3, 2), (3, 5), (1, 2), side=8)
GENERATOR = torch.Generator().manual_seed(3)


def agent_of(core, **options):
    torch.manual_seed(1)
    lstm = LSTMCore(SMALL.width, 6)
    memory = lstm if core == "lstm" else TwoMemoriesCore(lstm, STM(_stm(**options)))
    agent = GameAgent(Screen(SMALL), memory, 4).double()
    for weight in agent.parameters():
        nn.init.normal_(weight, std=0.5)
    return agent


def _stm(**options):
    sizes = {"size": 5, "queries": 2, "relation_size": 4, "read_size": 4, "hidden_sizes": (5,)}
    return STMConfig.official(6, 7, **{**sizes, **options})


@pytest.mark.parametrize("core", ["lstm", "stm"])
def test_a_window_is_its_steps_and_games_begin_within_it(core):
    agent = agent_of(core)
    xs = torch.randn(3, 7, 1, 8, 8, dtype=torch.float64, generator=GENERATOR)
    fresh = torch.zeros(3, 7, dtype=torch.bool)
    fresh[0, 2] = fresh[2, 2] = fresh[1, 6] = True
    before = agent(xs[:, 0], agent.begun(None, fresh[:, 0]))[2]
    logits, values, last = agent.sequence(xs, fresh, before)
    assert (logits.shape, values.shape) == ((3, 7, 4), (3, 7))
    for row in range(3):
        state = agent(xs[row : row + 1, 0], agent.core.initial_state(1))[2]
        for t in range(7):
            state = agent.core.initial_state(1) if fresh[row, t] else state
            logit, value, state = agent(xs[row : row + 1, t], state)
            torch.testing.assert_close(logit[0], logits[row, t], rtol=1e-10, atol=1e-10)
            torch.testing.assert_close(value[0], values[row, t], rtol=1e-10, atol=1e-10)
        found, wanted = flat(last), flat(state)
        for a, b in zip(found, wanted, strict=True):
            torch.testing.assert_close(a[row], b[0], rtol=1e-9, atol=1e-10)
    (logits.sum() + values.sum()).backward()
    assert all(weight.grad.abs().max() > 0 for weight in agent.parameters())


def flat(state):
    return [state] if torch.is_tensor(state) else [tensor for part in state for tensor in flat(part)]


@pytest.mark.parametrize("core", ["lstm", "stm"])
def test_a_state_that_was_saved_as_plain_tuples_is_taken_back(core):
    def plain(state):
        return state if torch.is_tensor(state) else tuple(plain(part) for part in state)

    agent = agent_of(core)
    xs = torch.randn(2, 3, 1, 8, 8, dtype=torch.float64, generator=GENERATOR)
    fresh = torch.tensor([[True, False, False], [False, False, True]])
    state = agent(xs[:, 0], agent.begun(None, fresh[:, 0]))[2]
    assert torch.equal(agent.sequence(xs, fresh, state)[0], agent.sequence(xs, fresh, plain(state))[0])
    # Of the first game, which begins here, nothing is left; of the other something is.
    nothing = agent.sequence(xs, fresh, None)[0]
    some = agent.sequence(xs, fresh, state)[0]
    assert torch.equal(some[0], nothing[0])
    assert not torch.allclose(some[1, 0], nothing[1, 0])
    torch.testing.assert_close(some[1, 2], nothing[1, 2])


def test_the_layers_of_the_text_and_of_the_code():
    assert (ScreenConfig.paper().width, ScreenConfig.official().width) == (800, 1024)
    assert ScreenConfig.paper(paddings=(0, 0, 0, 0)).width == 32
    for config in (ScreenConfig.paper(), ScreenConfig.official()):
        assert Screen(config)(torch.rand(2, 1, 80, 80)).shape == (2, config.width)
    with pytest.raises(ValueError, match="layers that leave something of 20 x 20"):
        ScreenConfig.paper(side=20, paddings=(0, 0, 0, 0))
    with pytest.raises(ValueError, match="as many kernels as sizes and paddings"):
        ScreenConfig(kernels=(3, 3))


def test_a_screen_against_loops():
    torch.manual_seed(4)
    screen = Screen(ScreenConfig((2,), (3,), (1,), side=4)).double()
    (layer,) = screen.layers
    nn.init.normal_(layer.bias)
    weight, bias = layer.weight.detach(), layer.bias.detach()
    picture = torch.rand(4, 4, dtype=torch.float64)
    padded = torch.zeros(6, 6, dtype=torch.float64)
    padded[1:5, 1:5] = picture
    wanted = []
    for kernel in range(2):
        sums = [
            [float((padded[y : y + 3, x : x + 3] * weight[kernel, 0]).sum() + bias[kernel]) for x in range(4)]
            for y in range(4)
        ]
        wanted += [max(0.0, *(sums[y + a][x + b] for a in (0, 1) for b in (0, 1))) for y in (0, 2) for x in (0, 2)]
    torch.testing.assert_close(screen(picture[None, None])[0], torch.tensor(wanted, dtype=torch.float64))


def test_at_first_no_action_is_preferred():
    torch.manual_seed(5)
    agent = GameAgent(Screen(SMALL), LSTMCore(SMALL.width, 6), 4)
    logits, _, _ = agent(torch.rand(9, 1, 8, 8), agent.begun(None, torch.ones(9, dtype=torch.bool)))
    torch.testing.assert_close(logits.softmax(-1), torch.full((9, 4), 0.25), atol=0.01, rtol=0)


def test_parts_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="inputs as wide as the LSTM, 5; got 6"):
        TwoMemoriesCore(LSTMCore(3, 5), STM(_stm()))
