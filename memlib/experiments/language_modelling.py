"""Language models of one layer, with a Fast Weight Memory behind the LSTM or a plain layer of equal size.

The published models have three layers of 24 to 37 million weights and are trained for 1,000 epochs and more, days on a
GPU. Here both sides get one layer of 400, the same weights to within 400, the same updates, and an hour on one core. So
the published figures stand beside ours and are not what ours can reach; each run says what differs. What can be
compared are the two sides, and where the memory helps: figures of names that recur are kept apart (Fig. 6).

Source: schlag2021, Sec. 4.3; schlag2021, App. H
"""

from typing import Any

from memlib.experiments.experiment import Budget, Experiment, Published
from memlib.experiments.language_runs import build

SETTINGS: dict[str, Any] = {
    "width": 400,
    "memory_size": 32,
    "reads": 3,
    "word_dropout": 0.1,
    "input_dropout": 0.2,
    "output_dropout": 0.3,
    "activation": 2.0,
    "slowness": 1.0,
    "batch": 20,
    "bptt": 70,
    "learning_rate": 1e-3,
    "falls_from": 0.5,
    "clip_norm": 0.25,
    "evaluation_rows": 10,
    "test_rows": 1,
}
# On generated text: windows longer than most stories, so that what was told and where it is needed stand in one.
GENERATED: dict[str, Any] = {
    "text": "names",
    "tokens": 2_000_000,
    "names": 200,
    "width": 128,
    "cutoffs": [],
    **dict.fromkeys(("word_dropout", "input_dropout", "output_dropout", "activation", "slowness"), 0.0),
    "batch": 32,
    "bptt": 110,
    "learning_rate": 2e-3,
    "test_rows": 10,
}
# A minute or two.
QUICK: dict[str, Any] = {**GENERATED, "tokens": 400_000, "names": 60, "width": 100, "memory_size": 16}
# title, training tokens, updates in about an hour on one core, and settings
TEXTS: dict[str, tuple[str, int, int, dict[str, Any]]] = {
    "wikitext-2": ("WikiText-2", 2_088_628, 9_000, {"text": "wikitext-2", "cutoffs": [2000, 10_000]}),
    "ptb": ("Penn Treebank", 929_589, 12_000, {"text": "ptb", "cutoffs": [2000]}),
    "recurring-names": ("generated text with recurring names", 2_000_000, 10_000, GENERATED),
}
SIDES = {
    "lstm": ("layer", "LSTM and a plain layer of the memory's size"),
    "fwm": ("memory", "LSTM and a Fast Weight Memory of 32 x 32 x 32"),
}


def _experiment(text: str, name: str, row: str, where: str, published: Published) -> Experiment:
    title, tokens, updates, changes = TEXTS[text]
    behind, system = SIDES[name]
    own = published.own
    return Experiment(
        name=f"{text}/{name}",
        row=row,
        paper="schlag2021",
        where=where,
        system=system,
        task=f"{title}: which word comes next?",
        model=f"language-{behind}",
        settings={"tokens": tokens, "names": 0, **SETTINGS, **changes, "behind": behind, "meant_for": changes["text"]},
        budgets={
            "quick": Budget(updates=1_000, validate_every=250, items=None if own else tokens, settings=QUICK),
            "full": Budget(updates=updates, validate_every=1_000, items=None if own else tokens),
        },
        metric="perplexity",
        higher_is_better=False,
        published=(published,),
        build=build,
    )


def _perplexity(figure: float, statistic: str = "single", seeds: int | None = None) -> Published:
    return Published("perplexity", figure, statistic, seeds, higher_is_better=False)


# In nats, of a word that follows from what was told: a name among 200 costs 5.3, a trade, town or thing 2.3. Set before
# anything was run.
REMEMBERED = Published("loss_told", 1.0, higher_is_better=False, own=True)

EXPERIMENTS: tuple[Experiment, ...] = (
    _experiment("wikitext-2", "lstm", "F10", "Table 2", _perplexity(65.8)),
    _experiment("wikitext-2", "fwm", "F10", "Table 2", _perplexity(61.65, "best", 3)),
    _experiment("ptb", "lstm", "F10", "Table 2", _perplexity(57.3)),
    _experiment("ptb", "fwm", "F10", "Table 2", _perplexity(54.48, "best", 3)),
    _experiment("recurring-names", "lstm", "F11", "Fig. 6", REMEMBERED),
    _experiment("recurring-names", "fwm", "F11", "Fig. 6", REMEMBERED),
)
