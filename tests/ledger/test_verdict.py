"""Verdicts by a table of cases."""

import pytest

from memlib.experiments.experiment import Budget, Published
from memlib.ledger.verdict import HELD, MISSED, NOT_RUN, PARTIAL, judge
from tests.experiments import tiny

REAL = {"source": "points", "substituted": False, "train": 200}
FEWER = {"source": "points", "substituted": False, "train": 150}
OTHER = {"source": "the development points", "substituted": True, "train": 50}


def record(figure, seed=1, profile="full", data=REAL, experiment=None, **changes):
    experiment = experiment or tiny.experiment()
    figures = figure if figure is None or isinstance(figure, dict) else {"accuracy": figure}
    settings = experiment.settings_of(profile)
    return {
        "profile": profile,
        "seed": seed,
        "data": data,
        "finished": True,
        "figures": figures,
        "settings": settings,
        "budget": {"updates": settings["updates"]},
        "parameters": 58,
        **changes,
    }


def records(*figures, **how):
    return [record(figure, seed, **how) for seed, figure in enumerate(figures, 1)]


def published(figure=80.0, **how):
    return Published("accuracy", figure, **how)


CASES = {
    "three seeds above": (published(), records(81, 82, 83), HELD, ()),
    "a point below is held": (published(84.4), records(83.4, 83.4, 83.4), HELD, ()),
    "a little more than a point is not": (published(84.4), records(83.39, 83.3, 83.39), MISSED, ("accuracy 83.39",)),
    "a single run is beside our median, not our best": (published(), records(70, 75, 85), MISSED, ("accuracy 75.00",)),
    "best of three": (published(statistic="best", seeds=3), records(60, 79, 60), HELD, ()),
    "best of three does not take a fourth": (
        published(statistic="best", seeds=3),
        records(60, 70, 60, 99),
        MISSED,
        ("accuracy 70.00",),
    ),
    "the best of five needs five": (
        published(statistic="best", seeds=5), records(90, 90, 90), PARTIAL, ("of 3 seeds",)),
    "mean": (published(statistic="mean"), records(70, 80, 90), HELD, ()),
    "mean, missed": (published(statistic="mean"), records(70, 76, 90), MISSED, ("accuracy 78.67",)),
    "the paper's spread replaces the point": (published(spread=5.0, statistic="mean"), records(*[76] * 3), HELD, ()),
    "the paper's spread, narrower": (published(spread=0.2, statistic="mean"), records(*[79.5] * 3), MISSED, ("± 0.2",)),
    "lower is better": (published(60.0, higher_is_better=False), records(60.9, 58, 62), HELD, ()),
    "lower is better, missed": (published(60.0, higher_is_better=False), records(61.2, 58, 62), MISSED, ("61.20",)),
    "an acceptance of our own has no margin": (published(own=True), records(79.9, 79.9, 90), MISSED, ("79.90",)),
    "two seeds": (published(), records(90, 90), PARTIAL, ("2 of 3 seeds",)),
    "substituted data, however good": (published(), records(99, 99, 99, data=OTHER), PARTIAL,
                                       ("data: the development points, 50 of 200 training items",)),
    "fewer items": (published(), records(99, 99, 99, data=FEWER), PARTIAL, ("data: 150 of 200 training items",)),
    "fewer updates": (published(), records(99, 99, 99, profile="quick"), PARTIAL, ("40 of 120 updates",)),
    "another size": (published(), records(90, 90, 90, parameters=70), PARTIAL, ("70 parameters instead of 58",)),
    "nearly the size": (published(), records(90, 90, 90, parameters=60), HELD, ()),
    "full runs before quick ones": (published(), records(81, 81, 81) + records(10, 10, 10, profile="quick"), HELD, ()),
    "own data before substitutes": (
        published(), records(10, 10, 10) + records(99, 99, 99, data=OTHER), MISSED, ("10",)),
    "finished before unfinished": (
        published(),
        records(90, 90, 90, profile="quick") + records(None, finished=False, budget={"updates": 3}),
        PARTIAL,
        ("40 of 120 updates",),
    ),
    "unfinished": (published(), records(None, finished=False, budget={"updates": 3}), PARTIAL,
                   ("unfinished after 3 of 120 updates",)),
    "nothing": (published(), [], NOT_RUN, ()),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_verdict(case):
    one, runs, word, reasons = CASES[case]
    verdict = judge(tiny.experiment(published=(one,), parameters=58), runs)
    assert verdict.word == word, verdict
    assert len(verdict.reasons) == len(reasons)
    for said, expected in zip(verdict.reasons, reasons, strict=True):
        assert expected in said


def test_what_a_profile_changes_is_named():
    budgets = {
        "quick": Budget(120, 10, settings={"hidden": 2}),
        "full": Budget(120, 10),
    }
    experiment = tiny.experiment(budgets=budgets)
    verdict = judge(experiment, records(90, 90, 90, profile="quick", experiment=experiment))
    assert str(verdict) == "partial: hidden 2 instead of 8"


def test_all_that_differs_is_named():
    verdict = judge(tiny.experiment(), records(99, profile="quick", data=OTHER))
    assert [reason.split(",")[0] for reason in verdict.reasons] == [
        "data: the development points",
        "40 of 120 updates",
        "1 of 3 seeds",
    ]


def test_one_of_two_figures_missed_is_missed():
    both = (published(), Published("perplexity", 20.0, higher_is_better=False))
    runs = records(*[{"accuracy": 90, "perplexity": 25.0}] * 3)
    verdict = judge(tiny.experiment(published=both), runs)
    assert verdict.word == MISSED
    assert "perplexity 25.00" in verdict.reasons[0]


def test_best_median_and_range_are_there():
    ours = judge(tiny.experiment(published=(published(statistic="best", seeds=3),)), records(70, 90, 81)).ours[0]
    assert (ours.statistic, ours.best, ours.median, min(ours.values)) == (90, 90, 81, 70)
    lower = judge(tiny.experiment(published=(published(60.0, higher_is_better=False),)), records(70, 90, 81)).ours[0]
    assert lower.best == 70
