"""The parts of the training package, one by one."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from memlib.training import (
    ByUpdate,
    Diverged,
    Epochs,
    Generated,
    Guard,
    HalveWhenWorse,
    Settings,
    Trainer,
    checkpoint,
    randomness,
)
from memlib.training.tree import flatten, restore

from . import worker


def test_a_nested_state_comes_back() -> None:
    state = {
        "a": [torch.randn(2, 3), (1, 2.5, None, "x", True)],
        3: {"b": torch.randn(2, dtype=torch.complex64), "empty": torch.zeros(0, dtype=torch.long)},
        "nan": math.nan,
    }
    back = restore(*flatten(state))
    assert list(back) == ["a", 3, "nan"]
    assert torch.equal(back["a"][0], state["a"][0])
    assert back["a"][1] == (1, 2.5, None, "x", True)
    assert torch.equal(back[3]["b"], state[3]["b"])
    assert back[3]["empty"].dtype == torch.long
    assert math.isnan(back["nan"])


def test_what_a_checkpoint_cannot_hold_is_named() -> None:
    with pytest.raises(TypeError, match=r"state/a/1 is a set"):
        flatten({"a": [1, {2}]})
    with pytest.raises(TypeError, match=r"keys that are strings or whole numbers"):
        flatten({"a": {1.5: 2}})


@pytest.mark.parametrize("header", ["[1]", '"text"', "7", "{}", '{"sha256": 3, "state": {}}', ""])
def test_a_header_that_is_none_is_passed_over(tmp_path: Path, header: str) -> None:
    for update in (1, 2):
        checkpoint.save(tmp_path, update, {"update": update}, {"run": "a"})
    (tmp_path / "checkpoint-000000002/state.json").write_text(header)
    state, remarks = checkpoint.load(tmp_path, {"run": "a"})
    assert state == {"update": 1}
    assert "checkpoint-000000002 is damaged" in remarks[0]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"updates": 0}, "at least 1 update each; got updates=0"),
        ({"validate_every": 0, "checkpoint_every": -1}, "got validate_every=0, checkpoint_every=-1"),
        ({"clip_norm": 0.0}, "above 0, or None; got clip_norm=0.0"),
        ({"clip_value": math.nan}, "got clip_value=nan"),
        ({"precision": "fp16"}, "precision of float32, bfloat16, float16; got 'fp16'"),
    ],
)
def test_settings_that_are_none(given, says) -> None:
    with pytest.raises(ValueError, match=says):
        Settings(**{"updates": 10, **given})


def test_random_states_come_back() -> None:
    import random

    saved = restore(*flatten(randomness.capture()))
    first = random.random(), np.random.rand(), np.random.randn(), torch.rand(3)
    randomness.put_back(saved)
    second = random.random(), np.random.rand(), np.random.randn(), torch.rand(3)
    assert first[:3] == second[:3]
    assert torch.equal(first[3], second[3])


def test_an_epoch_holds_every_item_once_and_similar_lengths_together() -> None:
    items = [list(range(n % 17)) for n in range(333)]
    stream = Epochs(items, 10, list, seed=1, length=len)
    seen, spreads = [], []
    for _ in range(len(stream)):
        batch = next(stream)
        seen += [len(item) for item in batch]
        spreads.append(max(map(len, batch)) - min(map(len, batch)))
    assert sorted(seen) == sorted(map(len, items))
    assert sum(spreads) / len(spreads) < 2
    assert next(stream) != Epochs(items, 10, list, seed=1, length=len).items[:10]


@pytest.mark.parametrize("steps", [0, 3, 34, 70])
def test_streams_resume_at_the_next_batch(steps: int) -> None:
    def make(seed: int):
        generated = Generated(lambda g: torch.rand(2, generator=g).tolist(), seed)
        return generated, Epochs(list(range(333)), 10, list, seed)

    for first, second in zip(make(1), make(2), strict=True):
        for _ in range(steps):
            next(first)
        second.load_state_dict(first.state_dict())
        assert [next(first) for _ in range(40)] == [next(second) for _ in range(40)]


def test_epochs_want_items() -> None:
    with pytest.raises(ValueError, match="at least one item"):
        Epochs([], 3, list, seed=0)


def test_the_guard_stops_at_nan_and_at_a_rise() -> None:
    with pytest.raises(Diverged, match=r"update 7 is nan[\s\S]*learning rate ten times smaller"):
        Guard().check(math.nan, 7)
    guard = Guard(factor=5, patience=20)
    for update in range(300):
        guard.check(1.0, update)
    guard.lowest, guard.mean = 1.0, 6.0
    with pytest.raises(Diverged, match=r"risen to"):
        guard.check(50.0, 301)


def test_the_guard_lets_an_ordinary_curve_pass() -> None:
    guard = Guard()
    for update in range(3000):
        guard.check(3 * math.exp(-update / 500) + 0.01 * (1 + math.sin(update)), update)


def test_halving_compares_epochs() -> None:
    optimiser = torch.optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
    schedule = HalveWhenWorse(epoch=10)
    for update, figure in [(5, 0.2), (10, 0.5), (15, 0.1), (20, 0.4), (25, 0.3), (30, 0.6), (41, 0.6)]:
        schedule.after_validation(figure, update, optimiser)
    assert optimiser.param_groups[0]["lr"] == 0.5  # only epoch 2 was worse than the one before


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        (lambda model, batch, carry: model(batch).mean(), r"a tensor of one number and the carry.*got a tensor \[\]"),
        (lambda model, batch, carry: (model(batch), None), r"got \(a tensor \[6, 1\], NoneType\)"),
        (lambda model, batch, carry: (model(batch).mean().item(), None), r"got \(float, NoneType\)"),
    ],
)
def test_a_loss_that_gives_something_else(loss, says) -> None:
    run = worker.trainer(None, 3)
    run.loss = loss
    with pytest.raises(TypeError, match=says):
        run.train()


def test_a_figure_that_is_not_validated() -> None:
    run = worker.trainer(None, 7)
    run.validate = lambda model: {"accuracy": 1.0}
    with pytest.raises(ValueError, match=r"expected 'loss' among the validated figures.*got accuracy"):
        run.train()


def test_a_first_figure_that_is_no_number_is_bettered() -> None:
    run = worker.trainer(None, 21)
    figures = iter([math.nan, 0.5, 0.7])
    run.validate = lambda model: {"loss": next(figures)}
    assert run.train().best == 0.5


def test_a_model_without_weights(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="with weights, got ReLU without any"):
        Trainer(nn.ReLU(), None, None, None, None, Settings(1))
    run = worker.trainer(str(tmp_path / "run"), 5)
    run.train()
    assert checkpoint.found(tmp_path / "run")


def test_a_rate_by_update() -> None:
    optimiser = torch.optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
    ByUpdate(lambda update: 0.1 / (1 + update)).before(4, optimiser)
    assert optimiser.param_groups[0]["lr"] == pytest.approx(0.02)


def test_a_diverging_run_is_stopped_with_advice() -> None:
    run = worker.trainer(None, 200)
    with torch.no_grad():
        run.model[0].weight[0, 0] = math.nan
    with pytest.raises(Diverged, match="gradient clipping"):
        run.train()


def test_the_best_weights_are_kept() -> None:
    run = worker.trainer(None, 150)
    progress = run.train()
    best = min(row["loss"] for row in progress.curve)
    assert progress.best == best
    run.model.load_state_dict(progress.best_weights)
    run.model.eval()
    assert run.validate(run.model)["loss"] == best
