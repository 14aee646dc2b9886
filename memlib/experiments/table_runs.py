"""The pieces of a run of a neural programmer on random tables: by answers alone, or with programs given.

The settings are JSON values: ``steps``, ``rows``, ``columns``, ``word_columns`` and ``values`` of the task; ``width``
and ``options`` of the model; ``programs``, how much the loss of the programs counts beside that of the answers, 0 for
answers alone; ``noise`` of the gradient; ``batch``, ``learning_rate``, ``clip_norm``, ``evaluation``.

Source: neelakantan2015, Sec. 3
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from memlib.experiments.experiment import Run
from memlib.models.neural_programmer import NeuralProgrammer, NeuralProgrammerConfig
from memlib.models.programmer_losses import answer_loss, program_loss, right
from memlib.tasks.table_questions import TableQuestions
from memlib.training import Generated, Settings
from memlib.training.noisy_adam import NoisyAdam

# Questions that are scored at a time.
EVALUATION_BATCH = 250


def task_of(settings: Mapping[str, Any], **changes: Any) -> TableQuestions:
    """The generator of questions of an experiment."""
    names = ("steps", "rows", "columns", "word_columns", "values")
    return TableQuestions(**{**{name: settings[name] for name in names}, **changes})


def network(settings: Mapping[str, Any]) -> NeuralProgrammer:
    """The model of an experiment, with the global generator's random weights."""
    task = task_of(settings)
    options = {"operations": task.operations, **settings["options"]}
    return NeuralProgrammer(NeuralProgrammerConfig(len(task.vocabulary) + 2, settings["width"], **options))


def score(
    model: NeuralProgrammer, task: TableQuestions, count: int, seed: int, device: torch.device
) -> dict[str, float]:
    """How many questions a model answers with its hardened programs.

    Args:
        model: in evaluation mode.
        task: the questions, the same ones for the same seed.
        count: how many.
        seed: of the questions.
        device: of the model.

    Returns:
        In per cent: ``accuracy``, and where there are any ``accuracy_scalar`` and ``accuracy_lookup``; ``operations``,
        steps in which the operation is that of the program that the question was made from; ``loss`` of the answers
        with soft programs.
    """
    generator = torch.Generator().manual_seed(seed)
    found: list[Tensor] = []
    cells: list[Tensor] = []
    steps, lost = [], 0.0
    with torch.no_grad():
        for start in range(0, count, EVALUATION_BATCH):
            batch = task.draw(min(EVALUATION_BATCH, count - start), generator).to(device)
            run = model(batch, hard=True)
            found.append(right(run, batch, model.config))
            cells.append(batch.has_cells)
            steps.append((run.operations.argmax(-1) == batch.operations).float().mean(1))
            lost += float(answer_loss(model(batch), batch, model.config).sum())
    ok, looked = torch.cat(found), torch.cat(cells)
    figures = {"accuracy": _share(ok), "operations": _share(torch.cat(steps)), "loss": lost / count}
    for name, chosen in (("scalar", ~looked), ("lookup", looked)):
        if chosen.any():
            figures[f"accuracy_{name}"] = _share(ok[chosen])
    return figures


def _share(ok: Tensor) -> float:
    return 100 * ok.double().mean().item()


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """The pieces of a run.

    Args:
        settings: of the experiment, see above.
        seed: of the questions and the noise; the weights come from torch's global generator.
        device: to train on.
    """
    task, model = task_of(settings), network(settings).to(device)
    hardest = task_of(settings, steps=[max(settings["steps"])])
    # Twice as many rows as were ever seen.
    longer = task_of(settings, rows=[2 * settings["rows"][1]] * 2)
    weight, count = settings["programs"], settings["evaluation"]

    def loss(model: nn.Module, batch: Any, carry: Any) -> tuple[Tensor, Any]:
        assert isinstance(model, NeuralProgrammer)
        batch = batch.to(device)
        run = model(batch)
        total = answer_loss(run, batch, model.config)
        if weight:
            total = total + weight * program_loss(run, batch)
        return total.mean(), carry

    def validate(model: nn.Module) -> dict[str, float]:
        assert isinstance(model, NeuralProgrammer)
        return score(model, task, count, 1_000_003, device)

    def test(model: nn.Module) -> dict[str, float]:
        assert isinstance(model, NeuralProgrammer)
        figures = score(model, task, count, 2_000_003, device)
        figures["accuracy_hardest"] = score(model, hardest, count, 4_000_003, device)["accuracy"]
        figures["accuracy_longer"] = score(model, longer, count, 3_000_003, device)["accuracy"]
        return figures

    return Run(
        model=model,
        optimiser=NoisyAdam(model.parameters(), settings["learning_rate"], settings["noise"], seed),
        batches=Generated(lambda generator: task.draw(settings["batch"], generator), seed),
        loss=loss,
        validate=validate,
        test=test,
        settings=Settings(
            updates=settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=max(1, min(settings["validate_every"], 500)),
            clip_norm=settings["clip_norm"],
            metric="accuracy",
            higher_is_better=True,
        ),
        data={
            "source": "drawn anew for every update",
            "substituted": False,
            "differs": ["questions and tables of our own generator, smaller than the paper's"],
            "train": settings["updates"] * settings["batch"],
            "validation": count,
            "test": count,
        },
    )
