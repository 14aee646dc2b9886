"""Run an experiment: train each seed, in as many sittings as it takes, and leave one record a seed."""

import math
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

from memlib import runtime
from memlib.experiments.experiment import Experiment, Run
from memlib.ledger import handover, pretrained, records
from memlib.ledger.agreement import run_name
from memlib.ledger.curves import finite, thin
from memlib.ledger.sitting import Sitting, checkpoints
from memlib.training import Diverged, Trainer, checkpoint, seed_all


def run(experiment: Experiment, profile: str, seeds: Iterable[int], sitting: Sitting) -> list[dict[str, Any]]:
    """Run seeds one after the other, each from where it was left; finished ones are passed over.

    Args:
        experiment: which.
        profile: "quick" or "full".
        seeds: in this order.
        sitting: how long, where and how loud.

    Returns:
        The records of these seeds, as far as there are any; each stands on disk.

    Raises:
        RecordError: an earlier record contradicts the experiment, or none can be written, said before training.
        CheckpointError: the checkpoints are of another run, damaged, or cannot be written.
        Diverged: the loss went wrong; the record says so.
        KeyboardInterrupt: after Ctrl-C, with everything saved.
    """
    end = time.monotonic() + 60 * sitting.minutes
    folder = records.writable(sitting.folder or records.places()[0])
    found, begun = [], False
    for seed in seeds:
        name = run_name(experiment.name, profile, seed)
        earlier = None if sitting.fresh else _earlier(folder / f"{name}.json")
        kept = earlier is not None and (not sitting.keep_weights or "weights" in earlier)
        if earlier is not None and earlier["finished"] and kept:
            sitting.say(
                f"seed {seed}: finished before, {experiment.metric} {earlier['figures'][experiment.metric]:.2f}"
            )
            found.append(earlier)
        # The first one begins however short the time, so that what a sitting does hangs on no clock.
        elif time.monotonic() < end or (sitting.minutes > 0 and not begun):
            begun = True
            record = _Seed(experiment, profile, seed, folder, earlier, sitting).train(end)
            sitting.say(f"seed {seed}: {describe(record)}")
            found.append(record)
        else:
            sitting.say(f"seed {seed}: no time left; the same command goes on from here")
            if earlier is not None:
                found.append(earlier)
    return found


def describe(record: dict[str, Any]) -> str:
    """A record in one line."""
    budget, metric = record["budget"], record["metric"]
    if record["finished"]:
        return f"finished, {metric} {record['figures'][metric]:.2f} on the test data"
    if record["figures"]:
        stopped = f"stopped after {budget['updates']:,} of {budget['profile_updates']:,} updates"
        return f"{stopped}, {metric} {record['figures'][metric]:.2f} on the test data"
    best = "nothing validated yet" if record["best_validated"] is None else f"best {record['best_validated']:.2f}"
    return f"stopped ({record['stopped']}) after {budget['updates']:,} of {budget['profile_updates']:,} updates, {best}"


def _earlier(file: Path) -> dict[str, Any] | None:
    return records.agreed(records.read(file), file) if file.is_file() else None


class _Seed:
    """One seed of an experiment, from its pieces to its record."""

    def __init__(
        self,
        experiment: Experiment,
        profile: str,
        seed: int,
        folder: Path,
        earlier: dict[str, Any] | None,
        sitting: Sitting,
    ) -> None:
        self.experiment, self.profile, self.seed = experiment, profile, seed
        self.folder, self.earlier, self.sitting = folder, earlier, sitting
        self.name = run_name(experiment.name, profile, seed)
        self.settings = experiment.settings_of(profile)
        self.device = sitting.device or runtime.device()
        self.place = checkpoints() / self.name
        if sitting.fresh:
            shutil.rmtree(self.place, ignore_errors=True)
            handover.drop(self.place, folder)
        elif handover.take(self.place, folder):
            sitting.say(f"seed {seed}: goes on from the checkpoint that was handed over")
        elif earlier is not None and earlier["finished"] and not checkpoint.found(self.place):
            raise records.RecordError(
                f"{self.name} is finished, but its checkpoints are not in {self.place}: there are no weights to keep. "
                "Train it again with --fresh."
            )

    def train(self, end: float) -> dict[str, Any]:
        """Build, resume, train until the end of the sitting, test if all updates are done, and save the record."""
        started = time.monotonic()
        seed_all(self.seed)
        pieces = self.experiment.build(self.settings, self.seed, self.device)
        trainer = self._trainer(pieces)
        for remark in trainer.resume():
            self.sitting.say(remark)
        begun = trainer.progress.update
        prepared = time.monotonic() - started
        stopped, figures, tested = "out of time", None, 0.0
        try:
            trainer.train(self._minutes(trainer, end))
            done = trainer.progress.update >= pieces.settings.updates
            if self.sitting.test_anyway:
                trainer.validate_at_last()
            if done or (self.sitting.test_anyway and trainer.progress.best_weights):
                tested = time.monotonic()
                figures = self._test(pieces, trainer)
                tested, stopped = time.monotonic() - tested, "" if done else stopped
        except KeyboardInterrupt:
            stopped = "interrupted"
            raise
        except Diverged as error:
            stopped = f"diverged: {error}"
            raise
        except BaseException as error:
            stopped = type(error).__name__
            raise
        finally:
            record = self._record(pieces, trainer, begun, stopped, figures, {"prepare": prepared, "test": tested})
            records.save(record, self.folder, replace=True)
        if record["finished"]:
            handover.drop(self.place, self.folder)
        elif self.sitting.hand_over:
            handover.offer(self.place, self.folder)
        if figures is not None and self.sitting.keep_weights:
            best = trainer.progress.best_weights
            record["weights"] = pretrained.save(best, self.name, self.folder, pieces.metadata)
            records.save(record, self.folder, replace=True)
        return record

    def _trainer(self, pieces: Run) -> Trainer:
        log = self.sitting.log
        identity = {"run": self.name, "model": self.experiment.model, "settings": self.settings, "data": pieces.data}
        return Trainer(
            pieces.model,
            pieces.optimiser,
            pieces.batches,
            pieces.loss,
            pieces.validate,
            pieces.settings,
            folder=self.place,
            identity=identity,
            schedule=pieces.schedule,
            guard=pieces.guard,
            log=None if log is None else lambda update, row: log(self.seed, update, row),
            quiet=self.sitting.quiet,
        )

    def _minutes(self, trainer: Trainer, end: float) -> float:
        """What is left of the sitting, less the time of one more validation, at most half of it."""
        left = max(0.0, end - time.monotonic())
        rows = len(trainer.progress.curve)
        reserve = trainer.progress.seconds["validate"] / rows if rows else 0.0
        return (left - min(reserve, left / 2) if math.isfinite(left) else left) / 60

    @torch.no_grad()
    def _test(self, pieces: Run, trainer: Trainer) -> dict[str, float]:
        pieces.model.load_state_dict(trainer.progress.best_weights)
        pieces.model.eval()
        return pieces.test(pieces.model)

    def _record(
        self,
        pieces: Run,
        trainer: Trainer,
        begun: int,
        stopped: str,
        figures: dict[str, float] | None,
        apart: dict[str, float],
    ) -> dict[str, Any]:
        progress, experiment = trainer.progress, self.experiment
        before = (self.earlier or {}).get("seconds", {})
        seconds = {**progress.seconds, **{key: before.get(key, 0.0) + value for key, value in apart.items()}}
        parameters = sum(p.numel() for n, p in pieces.model.named_parameters() if not n.startswith("embedding"))
        record = {
            "name": self.name,
            "experiment": experiment.name,
            "profile": self.profile,
            "row": experiment.row,
            "task": experiment.task,
            "model": experiment.model,
            "seed": self.seed,
            "seeds": [self.seed],
            "settings": self.settings,
            "data": pieces.data,
            "metric": experiment.metric,
            "figures": figures,
            "best_validated": finite(progress.best),
            "curve": thin(progress.curve, experiment.metric, experiment.higher_is_better),
            "budget": {
                "updates": progress.update,
                "profile_updates": pieces.settings.updates,
                "full_updates": experiment.budgets["full"].updates,
            },
            "parameters": parameters,
            "seconds": {key: round(value, 2) for key, value in seconds.items()},
            "stopped": stopped,
        }
        record = records.stamp(record, finished=figures is not None and not stopped, device=self.device)
        sitting = {key: record[key] for key in ("hardware", "commit")} | {"from": begun, "to": progress.update}
        record["sittings"] = [*(self.earlier or {}).get("sittings", []), sitting]
        return record
