"""The DNC's experiments: what they aim at, that held-out families stay out, and that they train and resume."""

import pytest
import torch

from memlib.experiments import graves2016, registry, step_tasks
from memlib.training import Trainer, seed_all

NAMES = [one.name for one in graves2016.EXPERIMENTS]
SMALL = {"updates": 4, "validate_every": 2, "batch": 4, "evaluation_batch": 4, "tests": {}}


def run_of(name, seed=1, **changes):
    experiment = registry.get(name)
    seed_all(seed)
    return experiment.build({**experiment.settings_of("quick"), **SMALL, **changes}, seed, torch.device("cpu"))


def trainer_of(run, **more):
    return Trainer(
        run.model,
        run.optimiser,
        run.batches,
        run.loss,
        run.validate,
        run.settings,
        schedule=run.schedule,
        guard=run.guard,
        **more,
    )


def test_the_acceptances() -> None:
    figures = {one.name: (one.published[0].metric, one.published[0].figure) for one in graves2016.EXPERIMENTS}
    assert figures["dnc/family-tree"] == ("accuracy_held_out", 95.0)
    assert figures["dnc/shortest-path"] == ("accuracy", 90.0)
    assert all(one.row == "A6" and one.published[0].own for one in graves2016.EXPERIMENTS)
    assert all(f"{name}-lstm" in NAMES for name in NAMES if not name.endswith("-lstm"))


@pytest.mark.parametrize("name", NAMES)
def test_all_lessons_and_tests_can_be_drawn(name) -> None:
    settings = registry.get(name).settings_of("full")
    make, options = step_tasks.TASKS[settings["task"]], settings["task_options"]
    widths = set()
    for change in (*settings["lessons"], *settings["tests"].values(), {}):
        task = make(**{**options, **change})
        episode = task.draw(2, torch.Generator().manual_seed(1))
        widths.add((episode.inputs.shape[-1], episode.targets.shape[-1]))
        assert (task.width_in, task.width_out) in widths
    assert len(widths) == 1


@pytest.mark.parametrize("name", ["dnc/family-tree", "dnc/shortest-path-lstm"])
def test_it_trains_for_a_few_updates(name) -> None:
    run = run_of(name)
    before = {key: value.clone() for key, value in run.model.state_dict().items()}
    progress = trainer_of(run).train()
    assert progress.update == 4
    assert {"accuracy", "steps", "lesson", "lesson_accuracy", "training_loss"} <= set(progress.curve[-1])
    assert all((value != before[key]).any() for key, value in run.model.state_dict().items())
    assert run.settings.clip_norm == 5.0
    assert 0 <= run.test(run.model)["accuracy"] <= 100


def test_families_to_learn_on_are_not_those_to_choose_or_test_by() -> None:
    for profile in ("quick", "full"):
        settings = registry.get("dnc/family-tree").settings_of(profile)
        assert settings["task_options"]["part"] == "validation"
        assert settings["train_options"] == {"part": "training"}
        assert all(test["part"] == "test" for test in settings["tests"].values())
        assert not any("part" in lesson for lesson in settings["lessons"])


def test_a_learned_lesson_is_followed_by_the_next_and_a_resumed_run_goes_on_bit_for_bit(tmp_path) -> None:
    always = {"threshold": 0.0}
    straight = run_of("dnc/family-tree", **always)
    trainer_of(straight).train()
    assert straight.batches.lesson == 1
    trainer_of(run_of("dnc/family-tree", updates=2, **always), folder=tmp_path).train()
    second = run_of("dnc/family-tree", seed=7, **always)
    trainer = trainer_of(second, folder=tmp_path)
    trainer.resume()
    assert second.batches.lesson == 1
    trainer.train()
    for key, value in straight.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[key])
