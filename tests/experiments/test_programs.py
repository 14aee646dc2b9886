"""Experiments on hidden programs: what they aim at, what is counted as right, that they train and resume."""

import pytest
import torch

from memlib.experiments import programs, registry
from memlib.models.arithmetic_programmer import ArithmeticConfig, ArithmeticProgrammer
from memlib.tasks.arithmetic_programs import Step, draw_program
from memlib.training import Trainer, seed_all

NAMES = [one.name for one in programs.EXPERIMENTS]


def run_of(name: str, seed: int = 1, **changes):
    experiment = registry.get(name)
    seed_all(seed)
    settings = {**experiment.settings_of("quick"), "updates": 4, "validate_every": 2, **changes}
    return experiment.build(settings, seed, torch.device("cpu"))


def trainer_of(run, **more) -> Trainer:
    return Trainer(run.model, run.optimiser, run.batches, run.loss, run.validate, run.settings, guard=run.guard, **more)


@pytest.mark.parametrize("name", NAMES)
def test_it_trains_and_says_what_was_hidden_and_what_was_found(name: str) -> None:
    run = run_of(name)
    progress = trainer_of(run).train()
    assert progress.update == 4
    with torch.no_grad():
        figures = run.test(run.model)
    assert figures["right"] in (0, 100)
    assert {"error", "controllers_right"} <= set(figures)
    assert run.data["hidden"].startswith("r1 = ")
    assert run.data["found"].startswith("r1 = ")


def test_a_resumed_run_goes_on_bit_for_bit(tmp_path) -> None:
    straight = run_of("programs/arithmetic")
    trainer_of(straight).train()
    short = run_of("programs/arithmetic")
    short.settings = type(short.settings)(**{**vars(short.settings), "updates": 2})
    trainer_of(short, folder=tmp_path).train()
    resumed = run_of("programs/arithmetic")
    trainer = trainer_of(resumed, folder=tmp_path)
    trainer.resume()
    assert trainer.progress.update == 2
    trainer.train()
    for one, other in zip(straight.model.parameters(), resumed.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_acceptances_and_seeds() -> None:
    by_name = {one.name: one for one in programs.EXPERIMENTS}
    assert all(one.row == "C3" and one.budgets["full"].seeds == 10 for one in programs.EXPERIMENTS)
    assert by_name["programs/arithmetic"].published[0].figure == 80
    assert by_name["programs/arithmetic"].published[0].statistic == "mean"
    assert by_name["programs/arithmetic-supervised"].settings["supervised"]
    hidden = {draw_program(2, 3, torch.Generator().manual_seed(seed)) for seed in range(1, 11)}
    assert len(hidden) >= 8


def test_a_model_that_holds_the_program_is_right_and_another_is_not() -> None:
    run = run_of("programs/arithmetic", controllers=1)
    hidden = draw_program(2, 3, torch.Generator().manual_seed(1))
    names = run.model.config.operations

    def holds(steps) -> None:
        ones = [torch.zeros_like(part) for part in run.model.program()]
        for t, step in enumerate(steps):
            for part, at in zip(ones, (names.index(step.operation), step.left, step.right), strict=True):
                part[0, t, at] = 1
        program = type(run.model.program())(*ones)
        run.model.program = lambda: program

    holds(hidden)
    assert run.test(run.model)["right"] == 100
    assert run.data["found"] == run.data["hidden"]
    holds((Step("keep", 0, 0), Step("keep", 1, 0)))
    assert run.test(run.model)["right"] == 0


def test_showing_the_program_costs_what_its_choices_are_worth() -> None:
    torch.manual_seed(1)
    model = ArithmeticProgrammer(ArithmeticConfig(controllers=2))
    inputs = torch.rand(8, 3, generator=torch.Generator().manual_seed(1))
    answers, shown = inputs.sum(-1), (Step("add", 0, 1), Step("add", 3, 2))
    plain = programs.training_loss(model, inputs, answers, 0.0)
    taught = programs.training_loss(model, inputs, answers, 0.0, shown)
    program = model.program()
    expected = -sum(
        program.operations[c, t, 0].log() + program.left[c, t, step.left].log() + program.right[c, t, step.right].log()
        for c in range(2)
        for t, step in enumerate(shown)
    )
    torch.testing.assert_close(taught - plain, expected)
