"""Where Schlag et al. (2021) and their code differ: what each difference does on catbAbI, one experiment for each.

The published runs are the code's. So the baseline has the code's options, `FWMConfig.official()`, and a variant changes
one of them to the paper's; ``discrepancies/fwm-paper`` changes all of them. What the paper and the code say is in
``memlib/ledger/discrepancies/schlag2021.toml``.

Data, batches and learning rate are those of ``catbabi-qa/fwm``. The budget is short, and the best weights are chosen by
accuracy, where the authors choose by loss. For one seed all runs have the same first weights and the same text.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from memlib.experiments import schlag2021
from memlib.experiments.experiment import Budget, Experiment, Published, Run
from memlib.experiments.variants import ROW, variant

WHOLE = next(one for one in schlag2021.EXPERIMENTS if one.name == "catbabi-qa/fwm")
PREFIX = "discrepancies/fwm-"
# About eight minutes a seed on one core, and half an hour. Tested in 32 rows, as validation is: one row takes longer.
BUDGETS = {
    "quick": Budget(2_000, 500, items=schlag2021.STORIES, settings={"test_rows": 32}),
    "full": Budget(schlag2021.SHORT_UPDATES, 500, items=schlag2021.STORIES, settings={"test_rows": 32}),
}
# Set before anything was run: an option can show what it does only where one answer in two is right.
LEARNT = Published("accuracy", 50.0, own=True)


def _build(settings: Mapping[str, Any], seed: int, device: Any) -> Run:
    run = WHOLE.build(settings, seed, device)
    run.settings = replace(run.settings, metric="accuracy", higher_is_better=True)
    return run


def _short(name: str, system: str, options: dict[str, Any]) -> Experiment:
    return replace(
        WHOLE,
        name=f"{PREFIX}{name}",
        row=ROW,
        where="",
        system=system,
        settings={**WHOLE.settings, "options": options},
        budgets=BUDGETS,
        metric="accuracy",
        higher_is_better=True,
        unit="%",
        published=(LEARNT,),
        build=_build,
    )


BASELINE = _short("official", "FWM with the options of the authors' code", {})
# The options of the code that are not the paper's, as the paper has them.
PAPER: dict[str, Any] = {
    "write_scale": 1.0,
    "strength_bias": 0.0,
    "squash_first_query": True,
    "residual": True,
    "forget_bias": 0.0,
}


def _variant(name: str, system: str, **option: Any) -> Experiment:
    return variant(BASELINE, f"{PREFIX}{name}", system, **option)


EXPERIMENTS: tuple[Experiment, ...] = (
    BASELINE,
    _short("paper", "FWM with the options of the paper", PAPER),
    _variant("whole-write", "FWM whose write is not divided", write_scale=1.0),
    _variant("plain-strength", "FWM, nothing added to the strength", strength_bias=0.0),
    _variant("squashed-query", "FWM, tanh on the first query", squash_first_query=True),
    _variant("residual", "FWM that adds the LSTM's output", residual=True),
    _variant("forget-bias", "FWM, nothing added to the forget gate", forget_bias=0.0),
    _variant("plain-entities", "FWM, no tanh on the other halves of the queries", squash_entities=False),
)
