"""The experiments of adaptive computation time: what they aim at, their loss and figures, and that they train."""

import pytest
import torch

from memlib.experiments import act_runs, graves2016act, registry
from memlib.ledger.published import sections
from memlib.tasks.parity import Parity
from memlib.training import Trainer, seed_all

NAMES = [one.name for one in graves2016act.EXPERIMENTS]


def run_of(name, seed=1, **changes):
    experiment = registry.get(name)
    seed_all(seed)
    settings = {**experiment.settings_of("quick"), "updates": 4, "validate_every": 2, **changes}
    return experiment.build(settings, seed, torch.device("cpu"))


def trainer_of(run, **more):
    return Trainer(run.model, run.optimiser, run.batches, run.loss, run.validate, run.settings, guard=run.guard, **more)


def test_the_acceptances_and_penalties() -> None:
    figures = {one.name: (one.published[0].metric, one.published[0].figure) for one in graves2016act.EXPERIMENTS}
    assert figures["act/parity"] == ("error", 3.0)
    assert figures["act/parity-plain"] == ("error", 40.0)
    assert registry.get("act/parity-plain").published[0].higher_is_better
    penalties = {one.settings["penalty"] for one in graves2016act.EXPERIMENTS if one.name.startswith("act/parity")}
    assert penalties == {1e-1, 1e-2, 1e-3, 1e-4}
    assert registry.get("act/chains").row == "A9"
    assert all(one.budgets["full"].seeds == 3 for one in graves2016act.EXPERIMENTS)
    for name in ("parity", "logic", "addition", "sort"):
        adaptive, plain = (registry.get(f"act/{name}{end}").settings_of("full") for end in ("", "-plain"))
        assert {key for key in adaptive if adaptive[key] != plain[key]} == {"act"}
        assert plain["act"] == {"fixed": 1}


def test_every_one_stands_in_the_ledger() -> None:
    lines = {line.experiment: line for section in sections() for line in section.lines}
    for one in graves2016act.EXPERIMENTS:
        assert lines[one.name].row == one.row


@pytest.mark.parametrize(
    ("name", "hidden", "batch", "weights"),
    [
        # The cell, the halting unit, the output.
        ("act/parity", 128, 128, (64 + 1 + 128 + 1) * 128 + 129 + 129),
        ("act/logic", 128, 16, (102 + 1 + 128 + 1) * 512 + 129 + 129),
        ("act/addition", 512, 32, (50 + 1 + 512 + 1) * 2048 + 513 + 513 * 66),
        ("act/sort", 512, 16, (2 + 1 + 512 + 1) * 2048 + 513 + 513 * 15),
    ],
)
def test_the_papers_sizes(name, hidden, batch, weights) -> None:
    settings = registry.get(name).settings_of("full")
    assert (settings["hidden_size"], settings["batch"]) == (hidden, batch)
    assert act_runs.network(settings).size() == weights


@pytest.mark.parametrize("name", NAMES)
def test_it_trains_for_a_few_updates(name) -> None:
    run = run_of(name)
    before = {key: value.clone() for key, value in run.model.state_dict().items()}
    progress = trainer_of(run).train()
    assert progress.update == 4
    assert {"error", "steps", "ponder", "row_steps", "rise", "training_loss"} <= set(progress.curve[-1])
    fixed = run.model.config.fixed is not None
    for key, value in run.model.state_dict().items():
        assert (value != before[key]).any() or (fixed and "halting" in key), key
    figures = run.test(run.model)
    experiment = registry.get(name)
    assert {one.metric for one in experiment.published} <= set(figures)
    assert 0 <= figures["error"] <= 100
    assert figures["steps"] >= 1
    assert 0 < figures["row_steps"] <= 1
    assert any(key.startswith("steps_at_") for key in figures)


def test_the_loss_has_the_price_of_thinking_in_it() -> None:
    run = run_of("act/logic", penalty=0.5)
    drawn = next(run.batches)
    thought = run.model.ponder(drawn.inputs)
    task = act_runs.TASKS["logic"](**registry.get("act/logic").settings_of("quick")["task_options"])
    alone = task.loss(thought.outputs, drawn)
    pairs = zip(thought.steps.flatten().tolist(), thought.remainder.flatten().tolist(), strict=True)
    expected = alone + 0.5 * sum(n + r for n, r in pairs) / len(drawn.inputs)
    torch.testing.assert_close(act_runs.loss_of(task, thought, drawn, 0.5), expected)
    assert act_runs.loss_of(task, thought, drawn, 0.0) == alone


def test_figures_by_difficulty_are_means_of_their_inputs() -> None:
    model = run_of("act/parity", task_options={"width": 6}).model
    torch.nn.init.normal_(model.halting.weight, std=3.0)
    found = act_runs.score(model, Parity(6), 2, 300, 5, torch.device("cpu"), group=2)
    generator = torch.Generator().manual_seed(5)
    drawn = [Parity(6).draw(300, generator) for _ in range(2)]
    steps = torch.cat([model.ponder(one.inputs).steps.flatten() for one in drawn]).double()
    hard = torch.cat([one.difficulty.flatten() for one in drawn])
    for upper in (2, 4, 6):
        assert found[f"steps_at_{upper}"] == pytest.approx(steps[(hard == upper) | (hard == upper - 1)].mean().item())
    assert found["steps"] == pytest.approx(steps.mean().item())
    assert found["error"] == pytest.approx(
        sum(found[f"error_at_{u}"] * int(((hard == u) | (hard == u - 1)).sum()) for u in (2, 4, 6)) / 600
    )
    assert steps.unique().numel() > 2
    assert found["rise"] == pytest.approx(torch.corrcoef(torch.stack([hard.double(), steps]))[0, 1].item(), abs=1e-9)


def test_a_resumed_run_goes_on_bit_for_bit(tmp_path) -> None:
    straight = run_of("act/addition")
    trainer_of(straight).train()
    trainer_of(run_of("act/addition", updates=2), folder=tmp_path).train()
    second = run_of("act/addition", seed=7)
    trainer = trainer_of(second, folder=tmp_path)
    trainer.resume()
    trainer.train()
    for key, value in straight.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[key])


def test_fewer_touched_slots_are_tested_and_then_forgotten() -> None:
    run = run_of("act/chains")
    figures = run.test(run.model)
    assert "error_touching_1" in figures
    assert run.model.cell.touched is None


def test_unknown_names_are_told() -> None:
    settings = registry.get("act/parity").settings_of("quick")
    with pytest.raises(ValueError, match=r"there is no cell 'gru'.*there are: tanh, lstm, hop"):
        act_runs.network({**settings, "cell": "gru"})
    with pytest.raises(ValueError, match="there is no task 'copy'"):
        act_runs.network({**settings, "task": "copy"})
