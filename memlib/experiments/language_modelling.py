"""Language models of one layer, with a Fast Weight Memory behind the LSTM or a plain layer of equal size.

The published models have three layers of 24 to 37 million weights and are trained for 1,000 epochs and more, days on a
GPU. Here both sides get one layer of 400, the same weights to within 400, the same updates, and an hour on one core. So
the published figures stand beside ours and are not what ours can reach; each run says what differs. What can be
compared are the two sides, and where the memory helps: figures of names that recur are kept apart (Fig. 6).

Source: schlag2021, Sec. 4.3; schlag2021, App. H
"""

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.optim import Optimizer

from memlib.experiments.experiment import Budget, Experiment, Published, Run
from memlib.models.language_model import LanguageConfig, LanguageModel, LanguageState
from memlib.tasks import language, recurring_names
from memlib.tasks.language import FIRST, LATER, Corpus, batchify
from memlib.tasks.text_windows import Window, Windows
from memlib.training import Constant, Settings

MARKED = {"loss_first": FIRST, "loss_later": LATER, "loss_told": recurring_names.TOLD}


class ScaledByLength(Constant):
    """The rate in proportion to a window's length, constant at first and then falling in a line to a tenth.

    Args:
        rate: for a window of the usual length.
        windows: that the training reads.
        updates: in all.
        falls_from: the share of them after which it falls.

    Source: merity2018, Sec. 5
    """

    def __init__(self, rate: float, windows: Windows, updates: int, falls_from: float) -> None:
        self.rate, self.windows, self.updates, self.falls_from = rate, windows, updates, falls_from

    def before(self, update: int, optimiser: Optimizer) -> None:
        """Set the rate for the window that comes next."""
        late = max(0.0, update / self.updates - self.falls_from) / (1 - self.falls_from)
        for group in optimiser.param_groups:
            group["lr"] = self.rate * (1 - 0.9 * late) * self.windows.upcoming / self.windows.bptt


@torch.no_grad()
def word_losses(
    model: LanguageModel, rows: Int[Tensor, "rows length"], window: int = 70
) -> Float[Tensor, "rows shorter"]:
    """The error of every word but the first of each row, in nats, with the state carried along.

    Args:
        model: in evaluation mode.
        rows: a text.
        window: read at once; it changes nothing but the time.
    """
    state: LanguageState | None = None
    found = []
    for start in range(0, rows.shape[1] - 1, window):
        piece = rows[:, start : start + window + 1]
        out, state = model(piece[:, :-1], state)
        found.append(model.errors(out.raw, piece[:, 1:]))
    return torch.cat(found, 1)


def figures(losses: Float[Tensor, "rows time"], marks: Int[Tensor, "rows time"] | None) -> dict[str, float]:
    """Perplexity, mean error in nats, and the mean error of marked words where there are some.

    Args:
        losses: of words.
        marks: what each of them is.
    """
    found = {"perplexity": losses.double().mean().exp().item(), "loss": losses.double().mean().item()}
    for name, mark in MARKED.items():
        if marks is not None and bool((marks == mark).any()):
            found[name] = losses[marks == mark].double().mean().item()
    return found


@cache
def _real(name: str) -> Corpus:
    text = language.load(name)
    names = language.rare_names(text)
    marks = {part: language.mark(getattr(text, part), names) for part in ("valid", "test")}
    return Corpus(text.vocabulary, text.train, text.valid, text.test, text.source, marks)


def text_of(settings: Mapping[str, Any]) -> Corpus:
    """The text of an experiment.

    Args:
        settings: with ``text``, "wikitext-2", "ptb" or "names", and for the last ``tokens`` and ``names``.

    Raises:
        DataError: a real text is not here.
    """
    if settings["text"] != "names":
        return _real(settings["text"])
    size = settings["tokens"]
    return recurring_names.text(size, size // 10, size // 5, settings["names"])


def model_of(settings: Mapping[str, Any], vocabulary: int) -> LanguageModel:
    """The model of an experiment, for so many words."""
    names = ("width", "behind", "memory_size", "reads", "word_dropout", "input_dropout", "output_dropout")
    chosen = {name: settings[name] for name in names}
    return LanguageModel(LanguageConfig(vocabulary, cutoffs=tuple(settings["cutoffs"]), **chosen))


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """The pieces of a run.

    Args:
        settings: of the experiment.
        seed: of the weights and of the windows' lengths.
        device: to train on.
    """
    text = text_of(settings)
    model = model_of(settings, len(text.vocabulary)).to(device)
    windows = Windows(batchify(text.train, settings["batch"]).to(device), settings["bptt"], seed)

    def loss(model: nn.Module, window: Window, carry: Any) -> tuple[Tensor, LanguageState]:
        assert isinstance(model, LanguageModel)
        out, state = model(window.tokens, None if window.fresh or carry is None else LanguageState(*carry))
        error = model.errors(out.dropped, window.targets).mean()
        # Small outputs that change slowly, as AWD-LSTM asks for.
        slow = (out.raw[:, 1:] - out.raw[:, :-1]).square().mean() if window.tokens.shape[1] > 1 else 0.0
        error = error + settings["activation"] * out.dropped.square().mean() + settings["slowness"] * slow
        return error, state.detach()

    def scored(part: str, rows: int) -> Callable[[nn.Module], dict[str, float]]:
        ids = batchify(getattr(text, part), rows).to(device)
        marks = batchify(text.marks[part], rows)[:, 1:].to(device) if part in text.marks else None
        return lambda model: figures(word_losses(model, ids), marks)  # type: ignore[arg-type]

    epochs = settings["updates"] * settings["batch"] * settings["bptt"] / text.train.numel()
    return Run(
        model=model,
        optimiser=torch.optim.Adam(model.parameters(), lr=settings["learning_rate"]),
        batches=windows,
        loss=loss,
        validate=scored("valid", settings["evaluation_rows"]),
        test=scored("test", settings["test_rows"]),
        settings=Settings(
            updates=settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=max(1, min(settings["validate_every"], 500)),
            clip_norm=settings["clip_norm"],
            metric="perplexity",
        ),
        data={
            "source": text.source,
            "substituted": settings["text"] == "names",
            "differs": [
                "one layer of 400 in place of three of 400, 1,150 and 400",
                f"{math.ceil(epochs):,} epochs",
                "no weight dropout, no averaged weights, no tuned temperature",
            ],
            "train": text.train.numel(),
            "validation": text.valid.numel(),
            "test": text.test.numel(),
            "vocabulary": len(text.vocabulary),
        },
        schedule=ScaledByLength(settings["learning_rate"], windows, settings["updates"], settings["falls_from"]),
    )


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
# On generated text, whose names recur, in about a minute.
QUICK: dict[str, Any] = {
    "text": "names",
    "tokens": 120_000,
    "names": 200,
    "width": 64,
    "memory_size": 16,
    "cutoffs": [],
    "word_dropout": 0.0,
    "input_dropout": 0.0,
    "output_dropout": 0.0,
    "activation": 0.0,
    "slowness": 0.0,
    "learning_rate": 3e-3,
    "test_rows": 10,
}
# name, training tokens, where the softmax splits, updates in about an hour on one core
TEXTS: dict[str, tuple[str, int, list[int], int]] = {
    "wikitext-2": ("WikiText-2", 2_088_628, [2000, 10_000], 9_000),
    "ptb": ("Penn Treebank", 929_589, [2000], 12_000),
}


def _experiment(text: str, name: str, behind: str, system: str, published: Published) -> Experiment:
    title, tokens, cutoffs, updates = TEXTS[text]
    return Experiment(
        name=f"{text}/{name}",
        row="F10",
        paper="schlag2021",
        where="Table 2",
        system=system,
        task=f"{title}: which word comes next?",
        model=f"language-{behind}",
        settings={**SETTINGS, "behind": behind, "text": text, "cutoffs": cutoffs, "tokens": tokens, "names": 0},
        budgets={
            "quick": Budget(updates=600, validate_every=200, items=tokens, settings=QUICK),
            "full": Budget(updates=updates, validate_every=1_000, items=tokens),
        },
        metric="perplexity",
        higher_is_better=False,
        published=(published,),
        build=build,
    )


def _perplexity(figure: float, statistic: str = "single", seeds: int | None = None) -> Published:
    return Published("perplexity", figure, statistic, seeds, higher_is_better=False)


EXPERIMENTS: tuple[Experiment, ...] = tuple(
    _experiment(text, name, behind, system, published)
    for text, lstm, fwm in (("wikitext-2", 65.8, 61.65), ("ptb", 57.3, 54.48))
    for name, behind, system, published in (
        ("lstm", "layer", "LSTM of 400 and a plain layer of the memory's size", _perplexity(lstm)),
        ("fwm", "memory", "LSTM of 400 and a Fast Weight Memory of 32 x 32 x 32", _perplexity(fwm, "best", 3)),
    )
)
