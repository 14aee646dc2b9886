"""The rows of Table 1 of Weissenborn (2016): sentence pairs, and which of the models says best what follows from what.

Each model has two rows. ``snli/...`` is the paper's own: SNLI, the published accuracy. ``entailment/...`` trains the
same model on generated pairs whose logic is known, where the acceptance is ours.

The paper does not say how many updates it made: ten epochs are our full budget. It does not say of how many seeds a
figure is, and gives no spread. "LSTM Network" (450 units, 86.3) is quoted there from elsewhere and not built here.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from memlib.experiments import pair_runs
from memlib.experiments.experiment import Budget, Experiment, Published

PAPER, WHERE = "weissenborn2016", "Table 1"
SNLI_PAIRS = 549_367
EPOCHS = 10
# name, row, system in words, H, parameters without embeddings, published accuracy
ROWS: tuple[tuple[str, str, str, int, int, float], ...] = (
    ("lstm", "H6", "LSTM, one for each sentence", 116, 252_000, 80.9),
    ("lstm-shared", "H6", "LSTM, shared by both sentences", 159, 252_000, 81.4),
    ("lstm-attention", "H6", "LSTM with attention over the premise", 100, 252_000, 83.5),
    ("gru-shared", "H6", "GRU, shared", 126, 321_000, 81.9),
    ("am-gru-shared", "H7", "AM-GRU, shared", 108, 329_000, 82.9),
    ("dual-am-gru-shared", "H7", "Dual AM-GRU, shared", 100, 321_000, 84.4),
    ("dual-am-gru-shared", "H7", "Dual AM-GRU, shared, large", 500, 5_600_000, 85.4),
)
# Of every model on the generated pairs, set before anything was run. Saying always the same label gives 33.3.
ACCEPTED = 90.0


def settings(hidden: int) -> dict[str, Any]:
    """What the paper says of its training, for a hidden width.

    Source: weissenborn2016, Sec. 5.1
    """
    large = hidden >= 500
    return {
        "hidden": hidden,
        "copies": 8,
        "batch": 50,
        "learning_rate": 1e-4 if large else 1e-3,
        "beta1": 0.0,
        "beta2": 0.999,
        "dropout": 0.2 if large else 0.1,
    }


def _snli(name: str, row: str, system: str, hidden: int, parameters: int, accuracy: float) -> Experiment:
    batches = -(-SNLI_PAIRS // 50)
    return Experiment(
        name=f"snli/{name}" + ("-500" if hidden == 500 else ""),
        row=row,
        paper=PAPER,
        where=WHERE,
        system=f"{system}, H = {hidden}",
        task="SNLI: does the second sentence follow from the first?",
        model=name,
        settings=settings(hidden),
        budgets={
            "quick": Budget(updates=1_800, validate_every=90, items=SNLI_PAIRS),
            "full": Budget(updates=EPOCHS * batches, validate_every=1000, items=SNLI_PAIRS),
        },
        metric="accuracy",
        published=(Published("accuracy", accuracy),),
        build=partial(_build, pair_runs.snli, name),
        parameters=parameters,
        unit="%",
    )


def _entailment(name: str, row: str, system: str, hidden: int) -> Experiment:
    world = {"training_pairs": 21_000, "validation_pairs": 900, "test_pairs": 2_100}
    return Experiment(
        name=f"entailment/{name}",
        row=row,
        paper=PAPER,
        where="",
        system=f"{system}, H = {hidden}, on generated pairs",
        task="generated pairs: quantifiers, hypernyms, negation",
        model=name,
        settings={**settings(hidden), **world},
        budgets={
            "quick": Budget(updates=400, validate_every=100),
            "full": Budget(updates=4_000, validate_every=200),
        },
        metric="accuracy",
        published=(Published("accuracy", ACCEPTED, own=True),),
        build=partial(_build, pair_runs.entailment, name),
        unit="%",
    )


def _build(make: pair_runs.Make, model: str, settings: Mapping[str, Any], seed: int, device: Any) -> Any:
    return make(model, settings, seed, device)


EXPERIMENTS: tuple[Experiment, ...] = (
    *(_snli(*row) for row in ROWS),
    *(_entailment(*row[:4]) for row in ROWS if row[3] != 500),
)
