"""Agents: a step at a time, a whole episode, and the memory as a tensor are the same."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from memlib.models.fwm_config import FWMConfig
from memlib.models.fwm_core import OFFICIAL, FWMCore, agent_config
from memlib.models.navigation_agent import LSTMCore, NavigationAgent
from memlib.models.recurrent import unroll


def strong(config: FWMConfig) -> FWMCore:
    """Weights large enough that the norm is bounded early on."""
    torch.manual_seed(1)
    core = FWMCore(config).double()
    for weight in core.parameters():
        torch.nn.init.normal_(weight, std=0.8)
    return core


@pytest.mark.parametrize("scale", [1 / 5, 1.0])
def test_a_list_of_writes_is_the_memory(scale):
    core = strong(FWMConfig(embedding_size=6, hidden_size=7, memory_size=5, reads=3, write_scale=scale))
    xs = 2 * torch.randn(4, 12, 6, dtype=torch.float64)
    with torch.no_grad():
        expected, last = unroll(core.fwm, xs)
    state, ys = None, []
    for x in xs.unbind(1):
        y, state = core(x, state)
        ys.append(y)
    torch.testing.assert_close(torch.stack(ys, 1), expected, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(state.memory, last.memory, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(state.output, last.output)
    norms = last.memory.flatten(1).norm(dim=1)
    torch.testing.assert_close(state.square_norm.squeeze(1), norms**2, rtol=1e-10, atol=1e-10)
    if scale == 1:
        assert norms.max().item() == pytest.approx(1.0)
    whole, end = core.sequence(xs)
    torch.testing.assert_close(whole, expected, rtol=1e-10, atol=1e-10)
    for name, part in end._asdict().items():
        torch.testing.assert_close(part, getattr(state, name), rtol=1e-9, atol=1e-10)


def test_the_authors_parameters_give_the_authors_outputs_and_gradients():
    kept = load_file(Path(__file__).parent / "fixtures" / "agent_official.safetensors")
    parameters = {name[11:]: value for name, value in kept.items() if name.startswith("parameters.")}
    core = FWMCore.from_official(parameters)
    ys, state = core.sequence(kept["inputs"])
    torch.testing.assert_close(ys, kept["outputs"], rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(state.memory, kept["memory"], rtol=1e-10, atol=1e-10)
    norms = kept["memory"].flatten(1).norm(dim=1)
    assert norms.min() < 0.999
    assert norms.max().item() == pytest.approx(1.0)
    (ys * kept["weights"]).sum().backward()
    ours = dict(core.named_parameters())
    for theirs, name in OFFICIAL.items():
        torch.testing.assert_close(ours[name].grad, kept[f"gradients.{theirs}"], rtol=1e-8, atol=1e-9)
    with pytest.raises(KeyError, match=r"linear\.bias missing"):
        FWMCore.from_official({name: value for name, value in parameters.items() if name != "linear.bias"})


@pytest.mark.parametrize("core", ["fwm", "lstm"])
def test_an_episode_is_its_steps(core):
    torch.manual_seed(2)
    agent = NavigationAgent(strong(agent_config(17, 8, 5)) if core == "fwm" else LSTMCore(17, 8), 3).double()
    xs = torch.randn(5, 9, 17, dtype=torch.float64)
    logits, values, _ = agent.sequence(xs)
    assert (logits.shape, values.shape) == ((5, 9, 3), (5, 9))
    state = None
    for t in range(9):
        logit, value, state = agent(xs[:, t], state)
        torch.testing.assert_close(logit, logits[:, t], rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(value, values[:, t], rtol=1e-10, atol=1e-10)
    (logits.sum() + values.sum()).backward()
    assert all(weight.grad.abs().max() > 0 for weight in agent.parameters())


def test_the_published_agents_have_their_sizes():
    """Counted from the layers that the authors' code builds; their text says 14k for the first, 67.4M for the last."""
    agent = NavigationAgent(FWMCore(agent_config(17)), 3)
    lstm = 4 * 32 * (17 + 32 + 2)
    memory = 33 * (3 * 16 + 1) + 33 * (4 * 16) + 17 * 32
    assert sum(p.numel() for p in agent.parameters() if p.requires_grad) == lstm + memory + 33 * 4 == 10_933
    large = NavigationAgent(LSTMCore(17, 4096), 3)
    assert sum(p.numel() for p in large.parameters()) == 67_436_548


def test_the_published_agent_squashes_nothing_that_it_reads_with():
    config = agent_config(17)
    assert (config.squash_first_query, config.squash_entities) == (False, False)
    assert (config.write_scale, config.strength_bias) == (1 / 16, 1.0)
    assert (config.residual, config.forget_bias, config.reads) == (True, 0.0, 3)


def test_what_the_core_cannot_do_is_refused():
    with pytest.raises(ValueError, match="expected keys that are multiplied"):
        FWMCore(FWMConfig(concatenate_keys=True))
    core = FWMCore(agent_config(17))
    with pytest.raises(ValueError, match="from its beginning"):
        core.sequence(torch.randn(2, 3, 17), core.initial_state(2))
