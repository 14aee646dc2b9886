"""The benchmark of the agents: both sides play the same games, and compute the same losses and gradients."""

import pytest
import torch

from memlib.benchmarks import meta_rl
from memlib.experiments import registry
from memlib.training.actor_critic import A2CConfig

SMALL = {"graphs": 7, "steps": 13, "hidden": 6, "memory": 5, "reads": 2}


def test_the_sides_compute_the_same_losses_update_after_update() -> None:
    losses = {}
    for name, make in (("plain", meta_rl.step_by_step), ("ours", meta_rl.play_then_read)):
        torch.manual_seed(0)
        work = make({**meta_rl.SIZES, **SMALL}, torch.float64)
        losses[name] = [work.call().item() for _ in range(4)]
        assert work.describe(None)["memory of one agent"] == "125 numbers"
    assert losses["ours"] == pytest.approx(losses["plain"], rel=1e-11)
    assert len(set(losses["ours"])) == 4


def test_the_sizes_are_the_experiments() -> None:
    settings = registry.get("meta-rl/fwm").settings_of("full")
    assert {name: settings[name] for name in meta_rl.SIZES} == meta_rl.SIZES
    for side in meta_rl.BENCHMARK.case("iteration").sides:
        small = side.make({**meta_rl.SIZES, "graphs": 2, "steps": 2})
        assert small.describe(None)["weights"] == f"{registry.get('meta-rl/fwm').parameters:,}"
        assert small.call().dtype == torch.float32


def test_the_optimiser_and_the_loss_are_the_experiments(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = registry.get("meta-rl/fwm").settings_of("full")
    given = {}
    real = torch.optim.Adam
    monkeypatch.setattr(torch.optim, "Adam", lambda weights, **more: given.update(more) or real(weights, **more))
    meta_rl.play_then_read({**meta_rl.SIZES, **SMALL})
    assert given == {"lr": settings["learning_rate"], "eps": settings["epsilon"]}
    assert A2CConfig(settings["discount"], settings["value_weight"], settings["entropy_weight"]) == A2CConfig()
