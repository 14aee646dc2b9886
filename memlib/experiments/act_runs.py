"""The pieces of a run with adaptive computation time: the loss has the price of thinking in it.

The settings are JSON values: ``task`` and ``task_options``; ``cell`` ("tanh", "lstm", "hop") and ``hidden_size``;
``act``, the options of `ACTConfig`; ``penalty``, τ; ``batch``, ``learning_rate``, ``clip_norm``, ``updates``,
``validate_every``, ``evaluation_batches`` and ``evaluation_batch``; ``group``, how many difficulties are counted as
one; and ``touched``, for the "hop" cell, with how few slots it is tested.

A run's figures: ``error`` (wrong sequences, per cent), ``steps`` (N) and ``ponder`` (N + R), means over inputs,
``row_steps`` (the share of the work that is done where all rows go on until the last has halted), ``rise`` (the
correlation of N with the difficulty, over inputs), and, in the test, ``steps_at_D`` and ``error_at_D`` for inputs of a
difficulty of at most D and above the D before.

Source: graves2016act, Sec. 3
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from memlib.experiments.experiment import Run
from memlib.experiments.step_tasks import Staged, optimiser
from memlib.models.act import ACT, ACTConfig, Pondering
from memlib.models.hop_cell import HopCell
from memlib.models.recurrent import Cell, LSTMCell
from memlib.models.tanh_cell import TanhCell
from memlib.tasks.addition import Addition
from memlib.tasks.chains import Chains
from memlib.tasks.graded import Graded, sequence_error
from memlib.tasks.logic_gates import LogicGates
from memlib.tasks.parity import Parity
from memlib.tasks.sorting_numbers import SortingNumbers
from memlib.training import Guard, Settings

TASKS: dict[str, Callable[..., Any]] = {
    "parity": Parity,
    "logic": LogicGates,
    "addition": Addition,
    "sort": SortingNumbers,
    "chains": Chains,
}
VALIDATION_SEED, TEST_SEED = 1_000_003, 2_000_003


def network(settings: Mapping[str, Any]) -> ACT:
    """The network of an experiment, with weights from torch's global generator.

    Args:
        settings: see above.

    Raises:
        ValueError: there is no such task or cell; the message lists those that there are.
    """
    task = _known("task", TASKS, settings["task"])(**settings["task_options"])
    config = ACTConfig(**settings["act"])
    hidden, width_in = settings["hidden_size"], task.width_in + config.first_step_flag
    cells: dict[str, Callable[[], tuple[Cell[Any], int]]] = {
        "tanh": lambda: (TanhCell(width_in, hidden), hidden),
        "lstm": lambda: (LSTMCell(width_in, hidden), hidden),
        "hop": lambda: (HopCell(task.symbols, hidden), 2 * hidden),
    }
    cell, features = _known("cell", cells, settings["cell"])()
    return ACT(cell, features, task.width_out, config)


def loss_of(task: Any, thought: Pondering, drawn: Graded, penalty: float) -> Tensor:
    """What is trained: the task's loss plus τ times the ponder cost of a sequence, a mean over the batch.

    Args:
        task: whose answers these are.
        thought: what the network made of the batch.
        drawn: the batch.
        penalty: τ.

    Source: graves2016act, Sec. 2.1
    """
    total: Tensor = task.loss(thought.outputs, drawn) + penalty * thought.cost.sum(1).mean()
    return total


def score(
    model: ACT, task: Any, batches: int, batch: int, seed: int, device: torch.device, group: int = 0
) -> dict[str, float]:
    """The figures of a run, over freshly drawn batches; the same ones for the same seed.

    Args:
        model: in evaluation mode.
        task: what is asked.
        batches: how many.
        batch: sequences in each.
        seed: of the batches.
        device: the model's.
        group: how many difficulties are counted as one in ``steps_at_D`` and ``error_at_D``; 0 leaves these out.
    """
    generator = torch.Generator().manual_seed(seed)
    errors, rows, steps, costs, hard, wrong = [], [], [], [], [], []
    with torch.no_grad():
        for _ in range(batches):
            drawn = to(task.draw(batch, generator), device)
            thought = model.ponder(drawn.inputs)
            missed = task.wrong(thought.outputs, drawn)
            errors.append(sequence_error(missed))
            rows.append((thought.row_steps, batch * int(thought.steps.amax(0).sum())))
            costs.append(thought.cost.mean().item())
            steps.append(thought.steps.mean(dtype=torch.float64).item())
            hard.append(torch.stack([drawn.difficulty.flatten(), thought.steps.flatten()]).cpu())
            wrong.append(missed.flatten().cpu())
    difficulty, taken = torch.cat(hard, 1).double()
    figures = {
        "error": sum(errors) / batches,
        "steps": sum(steps) / batches,
        "ponder": sum(costs) / batches,
        "row_steps": sum(row for row, _ in rows) / sum(most for _, most in rows),
        "rise": correlation(difficulty[difficulty > 0], taken[difficulty > 0]),
    }
    if group:
        missed, upper = torch.cat(wrong), (difficulty / group).ceil() * group
        for level in upper[difficulty > 0].unique().tolist():
            at = upper == level
            figures[f"steps_at_{level:.0f}"] = taken[at].mean().item()
            figures[f"error_at_{level:.0f}"] = 100 * missed[at].double().mean().item()
    return figures


def correlation(xs: Tensor, ys: Tensor) -> float:
    """Pearson's correlation of two rows of numbers; 0 where one of them does not vary."""
    xs, ys = xs - xs.mean(), ys - ys.mean()
    scale = (xs.square().sum() * ys.square().sum()).sqrt()
    return float((xs * ys).sum() / scale) if scale > 0 else 0.0


def to(drawn: Graded, device: torch.device) -> Graded:
    """The batch on a device."""
    return Graded(*(part.to(device) for part in drawn))


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """The pieces of a run.

    Args:
        settings: of the experiment, see above.
        seed: of the batches; the weights come from torch's global generator.
        device: to train on.
    """
    model = network(settings).to(device)
    make = TASKS[settings["task"]]
    task = make(**settings["task_options"])
    count, size = settings["evaluation_batches"], settings["evaluation_batch"]

    def loss(model: nn.Module, drawn: Graded, carry: Any) -> tuple[Tensor, Any]:
        assert isinstance(model, ACT)
        drawn = to(drawn, device)
        return loss_of(task, model.ponder(drawn.inputs), drawn, settings["penalty"]), carry

    def validate(model: nn.Module) -> dict[str, float]:
        assert isinstance(model, ACT)
        return score(model, task, count, size, VALIDATION_SEED, device)

    def test(model: nn.Module) -> dict[str, float]:
        assert isinstance(model, ACT)
        # Four times as many as are validated on: difficulties that are seldom drawn are to be met often enough.
        figures = score(model, task, 4 * count, size, TEST_SEED, device, settings["group"])
        for touched in settings["touched"]:
            assert isinstance(model.cell, HopCell)
            model.cell.touched = touched
            figures[f"error_touching_{touched}"] = score(model, task, count, size, TEST_SEED, device)["error"]
            model.cell.touched = None
        return figures

    return Run(
        model=model,
        optimiser=optimiser("adam", model, settings["learning_rate"]),
        batches=Staged([(0, task)], settings["batch"], seed),
        loss=loss,
        validate=validate,
        test=test,
        settings=Settings(
            updates=settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=max(1, min(settings["validate_every"], 500)),
            clip_norm=settings["clip_norm"],
            metric="error",
            higher_is_better=False,
        ),
        data={
            "source": "drawn anew for every update",
            "substituted": False,
            "differs": [],
            "train": settings["updates"] * settings["batch"],
            "validation": count * size,
            "test": 4 * count * size,
        },
        # A loss near 0 that relapses rises a hundredfold, and recovers.
        guard=Guard(factor=math.inf),
    )


def _known(what: str, known: Mapping[str, Any], name: str) -> Any:
    if name not in known:
        raise ValueError(f"there is no {what} {name!r} for adaptive computation; there are: {', '.join(known)}.")
    return known[name]
