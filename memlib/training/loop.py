"""The one training loop of memlib. Read `Trainer.train` from top to bottom; everything else serves it.

`Trainer._update` is one step of the optimiser, `Trainer._validate` one row of the curve. `Trainer.save` and
`Trainer.resume` mirror each other: whatever the one writes, the other puts back.
"""

import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from tqdm.auto import tqdm

from memlib.training import checkpoint, randomness
from memlib.training.guard import Guard
from memlib.training.interrupts import StopRequest, Stopwatch
from memlib.training.schedules import Constant, Schedule
from memlib.training.settings import Settings
from memlib.training.streams import Stream
from memlib.training.tree import on_device

Loss = Callable[[nn.Module, Any, Any], tuple[Tensor, Any]]
Validate = Callable[[nn.Module], dict[str, float]]


@dataclass
class Progress:
    """Where a run is: what a record is made of, and what a resumed run goes on from.

    Attributes:
        update: updates done.
        carry: what the loss hands from one batch to the next, such as a recurrent state; None if nothing. After a
            resumption a named tuple is a plain tuple: build it anew in the loss.
        seconds: by phase ("train", "validate", "save") and the "processor"'s, summed over resumptions.
        curve: one row a validation: the update, the mean training loss since the last row, the validated figures.
        losses: training losses since the last row.
        best: the best validated figure so far, and the weights that gave it.
    """

    update: int = 0
    carry: Any = None
    losses: list[float] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: {"train": 0.0, "validate": 0.0, "save": 0.0})
    curve: list[dict[str, float]] = field(default_factory=list)
    best: float | None = None
    best_weights: dict[str, Tensor] = field(default_factory=dict)


class Trainer:
    """A model, its data and its optimiser, trained for a number of updates and resumable at any of them.

    Args:
        model: on the device that it is trained on.
        optimiser: over the model's parameters.
        batches: an endless stream (`memlib.training.streams`).
        loss: from (model, batch, carry) to (a scalar loss, the carry for the next batch). Detach the carry yourself.
        validate: from the model, in evaluation mode and without gradients, to named figures.
        settings: of the training.
        folder: of the checkpoints; None keeps none.
        identity: what a checkpoint must agree with, such as the model's name and configuration (JSON values).
        schedule: of the learning rate.
        guard: against divergence.
        log: called with the update and each row of the curve, for example `memlib.training.tensorboard`.
        quiet: no progress bar.

    Raises:
        ValueError: the model has no weights.
    """

    def __init__(
        self,
        model: nn.Module,
        optimiser: Optimizer,
        batches: Stream[Any],
        loss: Loss,
        validate: Validate,
        settings: Settings,
        *,
        folder: Path | None = None,
        identity: dict[str, Any] | None = None,
        schedule: Schedule | None = None,
        guard: Guard | None = None,
        log: Callable[[int, dict[str, float]], None] | None = None,
        quiet: bool = True,
    ) -> None:
        self.model, self.optimiser, self.batches, self.loss, self.validate = model, optimiser, batches, loss, validate
        self.settings, self.identity, self.log, self.quiet = settings, identity or {}, log, quiet
        self.folder = None if folder is None else Path(folder)
        self.schedule, self.guard, self.progress = schedule or Constant(), guard or Guard(), Progress()
        if (first := next(model.parameters(), None)) is None:
            raise ValueError(f"Trainer: expected a model with weights, got {type(model).__name__} without any.")
        self.device = first.device
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=settings.precision == "float16")

    def train(self, minutes: float = math.inf) -> Progress:
        """Train until all updates are done, the minutes are over, or somebody presses Ctrl-C.

        In each case the state is saved first (where there is a folder), so that the next call goes on at this update.

        Raises:
            Diverged: the loss is NaN or has risen far; the last checkpoint stays.
            KeyboardInterrupt: after Ctrl-C or a termination signal, once the state is saved.
        """
        settings, progress = self.settings, self.progress
        with StopRequest() as stop, self._bar() as bar:
            watch = Stopwatch(minutes, progress.seconds)
            while progress.update < settings.updates and not stop.requested and not watch.over:
                with watch.phase("train"):
                    self.schedule.before(progress.update, self.optimiser)
                    loss = self._update(next(self.batches))
                    progress.update += 1
                    self.guard.check(loss, progress.update)
                progress.losses.append(loss)
                bar.update()

                last = progress.update == settings.updates
                if progress.update % settings.validate_every == 0 or last:
                    with watch.phase("validate"):
                        self._validate()
                if progress.update % settings.checkpoint_every == 0 and not last:
                    with watch.phase("save"):
                        self.save()
            with watch.phase("save"):
                self.save()
        stop.raise_if_requested()
        return progress

    def validate_at_last(self) -> None:
        """Validate now, where training stopped before its first validation, so that the run has a figure; save that."""
        if self.progress.curve or not self.progress.losses:
            return
        with Stopwatch(math.inf, self.progress.seconds).phase("validate"):
            self._validate()
        self.save()

    def _update(self, batch: Any) -> float:
        """One step of the optimiser; returns the loss before it.

        The scaler keeps small gradients from vanishing in float16. In any other precision it passes everything through.
        """
        self.model.train()
        self.optimiser.zero_grad(set_to_none=True)
        with self._autocast():
            told = self.loss(self.model, batch, self.progress.carry)
        if not isinstance(told, tuple) or len(told) != 2 or not isinstance(told[0], Tensor) or told[0].numel() != 1:
            raise TypeError(
                "Trainer: expected the loss to give a tensor of one number and the carry for the next batch (or None), "
                f"got {_told(told)}."
            )
        loss, self.progress.carry = told
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimiser)
        if self.settings.clip_norm is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip_norm)
        if self.settings.clip_value is not None:
            nn.utils.clip_grad_value_(self.model.parameters(), self.settings.clip_value)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        return loss.item()

    @torch.no_grad()
    def _validate(self) -> None:
        """Add a row to the curve; keep the weights if they are the best so far."""
        self.model.eval()
        with self._autocast():
            figures = self.validate(self.model)
        progress, settings = self.progress, self.settings
        if settings.metric not in figures:
            raise ValueError(
                f"Trainer: expected {settings.metric!r} among the validated figures, as Settings.metric says, "
                f"got {', '.join(figures) or 'none'}."
            )
        training_loss = sum(progress.losses) / len(progress.losses)
        row = {"update": float(progress.update), "training_loss": training_loss, **figures}
        progress.curve.append(row)
        progress.losses.clear()
        figure = figures[settings.metric]
        sign = 1.0 if settings.higher_is_better else -1.0  # so that more is better
        # Every figure is better than one that is no number.
        if progress.best is None or math.isnan(progress.best) or sign * figure > sign * progress.best:
            progress.best = figure
            progress.best_weights = {k: v.detach().cpu().clone() for k, v in self.model.state_dict().items()}
        self.schedule.after_validation(sign * figure, progress.update, self.optimiser)
        if self.log is not None:
            self.log(progress.update, row)

    def save(self) -> None:
        """Write a checkpoint, if there is a folder.

        Raises:
            CheckpointError: it could not be written.
        """
        if self.folder is None:
            return
        state = {
            "progress": vars(self.progress),
            "model": self.model.state_dict(),
            "random": randomness.capture(),
            **{name: part.state_dict() for name, part in self._parts().items()},
        }
        checkpoint.save(self.folder, self.progress.update, state, self.identity)

    def resume(self) -> list[str]:
        """Go on from the newest whole checkpoint, if there is one; returns remarks about damaged ones.

        Raises:
            CheckpointError: the checkpoint belongs to another run, or none can be read.
        """
        if self.folder is None:
            return []
        state, remarks = checkpoint.load(self.folder, self.identity)
        if state is not None:
            self.progress = Progress(**state["progress"])
            self.progress.carry = on_device(self.progress.carry, self.device)
            self.model.load_state_dict(state["model"])
            for name, part in self._parts().items():
                part.load_state_dict(state[name])
            randomness.put_back(state["random"])
        return remarks

    def _parts(self) -> dict[str, Any]:
        """Everything besides the model that has a state of its own, by its name in a checkpoint."""
        return {
            "optimiser": self.optimiser,
            "batches": self.batches,
            "schedule": self.schedule,
            "guard": self.guard,
            "scaler": self.scaler,
        }

    def _autocast(self) -> Any:
        if self.settings.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device.type, getattr(torch, self.settings.precision))

    def _bar(self) -> Any:
        return tqdm(total=self.settings.updates, initial=self.progress.update, unit="updates", disable=self.quiet)


def _told(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_told, value))})"
    return f"a tensor {list(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
