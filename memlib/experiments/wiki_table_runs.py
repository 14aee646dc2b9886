"""The pieces of a run of a neural programmer on WikiTableQuestions.

The settings are JSON values: ``split``, the way of dividing the training questions (1 to 5); ``items``, how many of
them to train on, None for all; ``rows`` of a table that are looked at; ``least``, how often a word must come; ``width``
and ``options`` of the model; ``noise``, ``batch``, ``learning_rate``, ``weight_decay``, ``clip_norm``; ``validation``
and ``test``, how many questions to score on, None for all.

Source: neelakantan2017
"""

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from memlib.data import find
from memlib.experiments.experiment import Run
from memlib.models.neural_programmer import NeuralProgrammer, NeuralProgrammerConfig
from memlib.models.programmer_losses import answer_loss, answers_lookup
from memlib.tasks import wikitablequestions
from memlib.tasks.table_encoding import encode, is_right, vocabulary
from memlib.tasks.table_questions import TableQuestions
from memlib.tasks.table_values import right
from memlib.tasks.tables import TableQuestion, collate
from memlib.tasks.wikitablequestions import WikiQuestion, WikiTable
from memlib.training import Epochs, Settings
from memlib.training.noisy_adam import NoisyAdam

EVALUATION_BATCH = 50


@dataclass(frozen=True)
class Item:
    """A question with its table, as read and as the model takes it."""

    question: WikiQuestion
    table: WikiTable
    encoded: TableQuestion

    @property
    def answerable(self) -> bool:
        """Whether some program's answer may be right: a count, or cells."""
        return self.encoded.scalar is not None or bool(self.encoded.cells)


def real(partition: str, count: int | None, rows: int) -> list[Item]:
    """Questions of a partition; with a count, as many, drawn once for all runs."""
    questions = wikitablequestions.load(partition)
    if count is not None and count < len(questions):
        questions = random.Random(0).sample(questions, count)
    tables = [wikitablequestions.table(one.table) for one in questions]
    return [Item(one, table, encode(one, table, rows)) for one, table in zip(questions, tables, strict=True)]


def generated(count: int, seed: int, rows: int) -> list[Item]:
    """Questions about random tables, written as texts and read back: for where the real ones are not at hand."""
    found: list[Item] = []
    for one in TableQuestions(steps=(1, 2)).questions(count, torch.Generator().manual_seed(seed)):
        numbers = {place: f"{value:g}" for place, value in one.numbers}
        text = " ".join(numbers.get(place, word) for place, word in enumerate(one.words))
        cells = dict.fromkeys(one.texts[i][j] for group in one.cells for i, j in sorted(group))
        answers = tuple(cells) if one.scalar is None else (f"{one.scalar:g}",)
        table = WikiTable(tuple(" ".join(name) for name in one.names), one.texts)
        question = WikiQuestion(f"own-{len(found)}", text, "", answers)
        found.append(Item(question, table, encode(question, table, rows)))
    return found


Parts = tuple[list[Item], list[Item], list[Item], bool]


def parts(settings: Mapping[str, Any]) -> Parts:
    """Training, validation and test questions, and whether they are the real ones; read once for all seeds."""
    sizes = tuple(settings[name] for name in ("items", "validation", "test"))
    return _parts(settings["split"], settings["rows"], sizes, find("wikitablequestions", "data"))


@lru_cache(maxsize=1)
def _parts(split: int, rows: int, sizes: tuple[int | None, ...], root: Path | None) -> Parts:
    if root is None:
        made = [generated(size or 2000, seed, rows) for seed, size in enumerate(sizes)]
        return made[0], made[1], made[2], False
    names = (f"train-{split}", f"dev-{split}", "test")
    read = [real(name, size, rows) for name, size in zip(names, sizes, strict=True)]
    return read[0], read[1], read[2], True


def baselines(train: Sequence[Item], test: Sequence[Item]) -> dict[str, float]:
    """What needs no training, in per cent of the test: the answer most frequent in training; how many rows there are;
    the first cell of the first column that the question names, or else of the first column.

    Args:
        train: the training questions.
        test: the test questions.
    """
    common = Counter(one.question.answers for one in train).most_common(1)[0][0]
    named = [next((j for j, yes in enumerate(one.encoded.name_matches) if yes), 0) for one in test]
    found = {
        "most_frequent_answer": [right(common, one.question.answers) for one in test],
        "number_of_rows": [right([str(len(one.table.rows))], one.question.answers) for one in test],
        "first_cell_named": [is_right([(0, j)], one.question, one.table) for one, j in zip(test, named, strict=True)],
    }
    return {name: 100 * sum(ok) / len(test) for name, ok in found.items()}


def predictions(model: NeuralProgrammer, items: Sequence[Item], words: Mapping[str, int]) -> list[Any]:
    """Each question's answer by the hardened program: a number, or (row, column) of cells.

    Args:
        model: in evaluation mode.
        items: the questions.
        words: the vocabulary.
    """
    device = next(model.parameters()).device
    order = sorted(range(len(items)), key=lambda at: len(items[at].encoded.values))
    found: list[Any] = [None] * len(items)
    with torch.no_grad():
        for start in range(0, len(order), EVALUATION_BATCH):
            chosen = order[start : start + EVALUATION_BATCH]
            batch = collate([items[at].encoded for at in chosen], words, model.config.operations, model.config.steps)
            run = model(batch.to(device), hard=True)
            cells = answers_lookup(run, model.config).tolist()
            for place, at in enumerate(chosen):
                shown = [(i, j) for i, j in (run.lookup[place] > 0.5).nonzero().tolist()]
                found[at] = shown if cells[place] else run.scalar[place].item()
    return found


def score(model: NeuralProgrammer, items: Sequence[Item], words: Mapping[str, int]) -> dict[str, float]:
    """In per cent: ``accuracy`` over all questions, whatever they ask; ``by_lookup``, answers that are cells."""
    given = predictions(model, items, words)
    ok = [is_right(answer, one.question, one.table) for answer, one in zip(given, items, strict=True)]
    looked = [not isinstance(answer, float) for answer in given]
    return {"accuracy": 100 * sum(ok) / len(items), "by_lookup": 100 * sum(looked) / len(items)}


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """The pieces of a run.

    Args:
        settings: of the experiment, see above.
        seed: of the order of the questions and of the noise; the weights come from torch's global generator.
        device: to train on.
    """
    train, validation, test, genuine = parts(settings)
    kept = [one for one in train if one.answerable]
    words = vocabulary((one.encoded for one in kept), settings["least"])
    config = NeuralProgrammerConfig.official(len(words) + 2, width=settings["width"], **settings["options"])
    model = NeuralProgrammer(config).to(device)

    def together(chosen: Sequence[Item]) -> Any:
        return collate([one.encoded for one in chosen], words, config.operations, config.steps).to(device)

    def loss(model: nn.Module, batch: Any, carry: Any) -> tuple[Tensor, Any]:
        assert isinstance(model, NeuralProgrammer)
        return answer_loss(model(batch), batch, config).mean(), carry

    def figures(items: Sequence[Item]) -> Any:
        def of(model: nn.Module) -> dict[str, float]:
            assert isinstance(model, NeuralProgrammer)
            return score(model, items, words)

        return of

    decay = settings["weight_decay"]
    return Run(
        model=model,
        optimiser=NoisyAdam(model.parameters(), settings["learning_rate"], settings["noise"], seed, weight_decay=decay),
        batches=Epochs(kept, settings["batch"], together, seed, lambda one: len(one.encoded.values)),
        loss=loss,
        validate=figures(validation),
        test=figures(test),
        settings=Settings(
            updates=settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=max(1, min(settings["validate_every"], 500)),
            clip_norm=settings["clip_norm"],
            metric="accuracy",
            higher_is_better=True,
        ),
        data={
            "source": "WikiTableQuestions 1.0.2" if genuine else "questions about random tables, as texts",
            "substituted": not genuine,
            "differs": ["number and date columns derived by our own rules"],
            "vocabulary": len(words),
            "answerable": len(kept),
            "baselines": baselines(train, test),
            "train": len(train),
            "validation": len(validation),
            "test": len(test),
        },
        metadata={"vocabulary": json.dumps(words)},
    )
