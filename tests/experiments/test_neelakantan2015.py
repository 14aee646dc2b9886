"""The neural programmer's runs: settings, training and resuming, scores, and the ledger's lines."""

import json
import math
from types import SimpleNamespace

import pytest
import torch

from memlib.experiments import neelakantan2015, registry, table_runs, wiki_table_runs
from memlib.ledger import published
from memlib.tasks.table_questions import OPERATIONS
from memlib.training import Trainer, seed_all

CPU = torch.device("cpu")
BY_NAME = {one.name: one for one in neelakantan2015.EXPERIMENTS}
TABLES = [name for name in BY_NAME if name.startswith("tables/")]
TINY = {
    "tables": {"updates": 7, "validate_every": 3, "evaluation": 12, "width": 8, "batch": 6},
    "wikitablequestions": {
        **{"updates": 7, "validate_every": 3, "items": 30, "validation": 12, "test": 12},
        **{"width": 8, "batch": 6, "least": 1},
    },
}


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path))
    monkeypatch.setenv("MEMLIB_CACHE", str(tmp_path / "cache"))


def built(name, **changes):
    seed_all(1)
    experiment = BY_NAME[name]
    settings = {**experiment.settings_of("quick"), **TINY[name.split("/")[0]], **changes}
    return experiment.build(settings, 1, CPU)


def trained(run, updates=None, folder=None):
    trainer = Trainer(
        run.model,
        run.optimiser,
        run.batches,
        run.loss,
        run.validate,
        run.settings,
        folder=folder,
        schedule=run.schedule,
    )
    trainer.resume()
    if updates is not None:
        trainer.settings = SimpleNamespace(**{**vars(run.settings), "updates": updates})
    return trainer.train()


def test_the_names_and_what_they_differ_in() -> None:
    assert list(BY_NAME) == [
        "tables/steps-1",
        "tables/steps-2",
        "tables/steps-3",
        "tables/steps-1-supervised",
        "tables/steps-2-supervised",
        "tables/steps-3-supervised",
        "wikitablequestions/one-model",
    ]
    for steps in (1, 2, 3):
        alone, given = BY_NAME[f"tables/steps-{steps}"], BY_NAME[f"tables/steps-{steps}-supervised"]
        assert alone.budgets == given.budgets
        differ = {key for key in alone.settings if alone.settings[key] != given.settings[key]}
        assert differ == {"programs"}
        assert alone.settings["steps"] == list(range(1, steps + 1))
    assert all(registry.EXPERIMENTS[name] is one for name, one in BY_NAME.items())


def test_the_lines_of_the_ledger_are_those_of_the_experiments() -> None:
    lines = {line.experiment: line for section in published.sections() for line in section.lines if line.row == "C4"}
    assert set(lines) >= set(BY_NAME)
    for name, one in BY_NAME.items():
        assert (lines[name].place, lines[name].row) == (one.where, one.row)
        assert all(str(figure) in lines[name].figure for figure in one.published)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("tables/steps-1", {"noise": 0.1}),
        ("tables/steps-3-supervised", {}),
        ("wikitablequestions/one-model", {"options": {"dropout": 0.3}}),
    ],
)
def test_a_run_is_left_and_goes_on_with_the_same_numbers(name, changes, tmp_path, nowhere) -> None:
    whole = trained(built(name, **changes))
    assert whole.update == 7
    assert all(math.isfinite(row["training_loss"]) and 0 <= row["accuracy"] <= 100 for row in whole.curve)
    trained(built(name, **changes), updates=4, folder=tmp_path / "run")
    again = built(name, **changes)
    parted = trained(again, folder=tmp_path / "run")
    assert parted.curve[-1] == whole.curve[-1]
    assert all(torch.equal(one, whole.best_weights[key]) for key, one in parted.best_weights.items())
    with torch.no_grad():
        figures = again.test(again.model.eval())
    wanted = {figure.metric for figure in BY_NAME[name].published} | {BY_NAME[name].metric}
    assert wanted <= set(figures)
    assert json.loads(json.dumps(again.data)) == again.data


def test_programs_that_are_given_are_learned_from() -> None:
    alone, given = built("tables/steps-2"), built("tables/steps-2-supervised")
    batch = next(alone.batches)
    assert torch.equal(batch.question, next(given.batches).question)
    one, other = alone.loss(alone.model, batch, None)[0], given.loss(given.model, batch, None)[0]
    # Four choices of an operation and some of a column, each about as likely as any other.
    assert 4 * math.log(len(OPERATIONS)) * 0.8 < (other - one).item() < 8 * math.log(len(OPERATIONS))


def test_the_scores_are_those_of_the_answers() -> None:
    run = built("tables/steps-2")
    found = table_runs.score(run.model.eval(), table_runs.task_of({**BY_NAME["tables/steps-2"].settings}), 40, 3, CPU)
    assert set(found) == {"accuracy", "accuracy_scalar", "accuracy_lookup", "operations", "loss"}
    assert found == table_runs.score(run.model, table_runs.task_of(BY_NAME["tables/steps-2"].settings), 40, 3, CPU)
    lower, upper = sorted((found["accuracy_scalar"], found["accuracy_lookup"]))
    assert lower <= found["accuracy"] <= upper


def test_without_the_data_questions_are_generated_and_it_is_said(nowhere) -> None:
    run = built("wikitablequestions/one-model")
    assert run.data["substituted"] is True
    assert (run.data["train"], run.data["validation"], run.data["test"]) == (30, 12, 12)
    assert run.data["answerable"] >= 20
    assert len(json.loads(run.metadata["vocabulary"])) == run.data["vocabulary"]
    items = wiki_table_runs.generated(60, 3, 100)
    # Nearly every answer survives being written as text; one that is a sum of no count is no cell either.
    assert sum(one.answerable for one in items) >= 40
    found = wiki_table_runs.baselines(items, items)
    assert all(0 <= share <= 100 for share in found.values())
    words = json.loads(run.metadata["vocabulary"])
    answers = wiki_table_runs.predictions(run.model.eval(), items, words)
    alone = [wiki_table_runs.predictions(run.model, [one], words)[0] for one in items[:10]]
    assert answers[:10] == alone
    score = wiki_table_runs.score(run.model, items, words)
    assert set(score) == {"accuracy", "by_lookup"}
