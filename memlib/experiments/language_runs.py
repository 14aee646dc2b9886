"""The pieces of a run of a language model, on a real text or on generated text, and its figures word by word.

Source: schlag2021, Sec. 4.3; merity2018, Sec. 5
"""

import json
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.optim import Optimizer

from memlib.experiments.experiment import Run
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


_generated = cache(recurring_names.text)


def text_of(settings: Mapping[str, Any]) -> Corpus:
    """The text of an experiment.

    Args:
        settings: with ``text``, "wikitext-2", "ptb" or "names", and for the last how many ``tokens`` and ``names``.

    Raises:
        DataError: a real text is not here.
    """
    if settings["text"] != "names":
        return _real(settings["text"])
    size = settings["tokens"]
    return _generated(size, min(size // 10, 50_000), min(size // 5, 100_000), settings["names"])


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

    generated = settings["text"] == "names"
    epochs = settings["updates"] * settings["batch"] * settings["bptt"] / text.train.numel()
    differs = [
        "one layer of 400 in place of three of 400, 1,150 and 400",
        f"{math.ceil(epochs):,} epochs",
        "no weight dropout, no averaged weights, no tuned temperature",
    ]
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
            "substituted": generated and settings["meant_for"] != "names",
            "differs": [] if settings["meant_for"] == "names" else differs,
            "train": text.train.numel(),
            "validation": text.valid.numel(),
            "test": text.test.numel(),
            "vocabulary": len(text.vocabulary),
        },
        schedule=ScaledByLength(settings["learning_rate"], windows, settings["updates"], settings["falls_from"]),
        metadata={"vocabulary": json.dumps(text.vocabulary)} if generated else {},
    )
