"""The effect of one option: a variant's records beside its baseline's."""

import pytest

from memlib.experiments import registry
from memlib.experiments.experiment import Budget
from memlib.experiments.variants import variant
from memlib.ledger import effects, records, report
from memlib.ledger.agreement import run_name
from tests.experiments import tiny

BASE = tiny.experiment()
WIDE = variant(BASE, "discrepancies/perceptron-wide", "Perceptron, wider", width=3)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("MEMLIB_RESULTS", str(tmp_path))
    monkeypatch.setattr(records, "checkout_results", lambda: None)
    for one in (BASE, WIDE):
        monkeypatch.setitem(registry.EXPERIMENTS, one.name, one)


def leave(experiment, seed, accuracy, profile="quick", source="points", stopped=""):
    """A record as a run leaves it; without an accuracy it did not finish."""
    settings = experiment.settings_of(profile)
    finished = accuracy is not None
    records.save(
        {
            "name": run_name(experiment.name, profile, seed),
            "experiment": experiment.name,
            "profile": profile,
            "seed": seed,
            "seeds": [seed],
            "settings": settings,
            "data": {"source": source, "substituted": False, "train": 200},
            "metric": "accuracy",
            "figures": {"accuracy": accuracy} if finished else None,
            "finished": finished,
            "stopped": stopped,
            "budget": {"updates": settings["updates"] if finished else 7, "full_updates": 120},
            "seconds": {"train": 3.0},
            "hardware": "2 CPU cores",
        }
    )


def test_a_variant_is_its_baseline_but_for_one_option():
    assert WIDE.settings == {**BASE.settings, "options": {"width": 3}}
    assert (WIDE.row, WIDE.baseline, WIDE.published, WIDE.budgets) == ("S3", BASE.name, (), BASE.budgets)
    deeper = variant(WIDE, "discrepancies/perceptron-deep", "Deeper", depth=2)
    assert deeper.settings["options"] == {"width": 3, "depth": 2}
    assert effects.changed(deeper, WIDE) == ["depth"]
    assert effects.baseline_of(WIDE) is BASE
    with pytest.raises(ValueError, match="changes one option, got 2: width, depth"):
        variant(BASE, "x/y", "", width=1, depth=2)
    with pytest.raises(ValueError, match="what discrepancies/perceptron-wide has already"):
        variant(WIDE, "x/y", "", width=3)


def test_the_effect_is_the_difference_of_the_medians():
    assert effects.effect(WIDE) is None
    for seed, accuracy in ((1, 80.0), (2, 83.0), (3, 81.0)):
        leave(BASE, seed, accuracy)
    assert effects.effect(WIDE) is None
    leave(WIDE, 1, 70.0)
    leave(WIDE, 2, 74.5)
    found = effects.effect(WIDE)
    assert found.difference == pytest.approx(72.25 - 81.0)
    assert (found.variant, found.baseline, found.updates) == ((70.0, 74.5), (80.0, 83.0, 81.0), 40)
    assert not found.within_seeds
    assert str(found) == ("−8.8 points: 72.2 (2 seeds, 70.0 to 74.5) against 81.0 (3 seeds, 80.0 to 83.0); 40 updates")


def test_an_effect_smaller_than_the_range_of_the_seeds_is_told():
    for seed, accuracy in ((1, 80.0), (2, 83.0), (3, 81.0)):
        leave(BASE, seed, accuracy)
    leave(WIDE, 1, 82.0)
    found = effects.effect(WIDE)
    assert found.within_seeds
    assert str(found).startswith("+1.0 points: 82.0 (one seed) against")


def test_only_like_is_compared_with_like():
    leave(BASE, 1, 80.0, source="points")
    leave(WIDE, 1, 90.0, source="other points")
    leave(WIDE, 1, 95.0, profile="full")
    leave(WIDE, 2, None, source="points", stopped="diverged: the loss of update 7 is nan. What to try")
    assert effects.effect(WIDE) is None
    assert effects.stopped(WIDE) == ["seed 2 stopped after 7 updates: diverged: the loss of update 7 is nan"]
    leave(BASE, 2, 60.0, profile="full")
    assert effects.effect(WIDE).difference == pytest.approx(35.0)  # the full profile goes before the quick one


def test_two_options_at_once_or_no_baseline_are_refused():
    two = tiny.experiment(
        name="points/two", baseline=BASE.name, settings={**BASE.settings, "options": {"a": 1, "b": 2}}
    )
    with pytest.raises(ValueError, match="differ in more than one option: a, b"):
        effects.effect(two)
    longer = {**BASE.budgets, "quick": Budget(updates=50, validate_every=10)}
    other = tiny.experiment(name="points/two", baseline=BASE.name, settings=WIDE.settings, budgets=longer)
    with pytest.raises(ValueError, match="width, quick budget"):
        effects.effect(other)
    with pytest.raises(ValueError, match="trained experiment as baseline, got ''"):
        effects.effect(BASE)


def test_the_report_shows_the_effect_and_no_verdict_on_a_figure():
    assert report.entry(WIDE).verdict.word == "not run"
    leave(BASE, 1, 80.0)
    leave(WIDE, 1, 81.0)
    entry = report.entry(WIDE)
    assert (entry.published, entry.verdict.word) == ("", "measured")
    assert entry.ours == "+1.0 points: 81.0 (one seed) against 80.0 (one seed); 40 updates of points/perceptron"
    assert any(line.endswith(" measured") for line in report.lines([WIDE]))
    leave(WIDE, 1, None, stopped="out of time")
    assert report.entry(WIDE).verdict.word == "partial"


def test_a_finished_variant_without_its_figure_is_refused(tmp_path):
    leave(WIDE, 1, 81.0)
    file = tmp_path / "discrepancies.perceptron-wide.quick.1.json"
    file.write_text(file.read_text().replace('"accuracy": 81.0', '"loss": 1.0'))
    with pytest.raises(records.RecordError, match="figures: accuracy is missing"):
        effects.effect(WIDE)
