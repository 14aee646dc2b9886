"""A guard that stops a run which has gone wrong, and says what to try."""

import math


class Diverged(RuntimeError):
    """The loss is not a number, infinite, or far above what it was; the message says what to try."""


ADVICE = (
    "What to try, in this order: a learning rate ten times smaller; gradient clipping (clip_norm=1.0); another seed; "
    "float32 in place of mixed precision; a look at the batch of this update for zeros or huge values."
)


class Guard:
    """Watches the loss.

    A running mean (over about 100 updates) is compared with the lowest that it has reached.

    Args:
        factor: how many times the lowest running mean the loss may rise to before the run counts as diverged;
            infinity watches for NaN and infinity alone.
        patience: updates before the running mean is trusted.
    """

    def __init__(self, factor: float = 20.0, patience: int = 200) -> None:
        self.factor, self.patience = factor, patience
        self.mean, self.lowest, self.seen = 0.0, math.inf, 0

    def check(self, loss: float, update: int) -> None:
        """Look at one loss.

        Raises:
            Diverged: it is NaN or infinite, or the running mean has risen to `factor` times its lowest.
        """
        if not math.isfinite(loss):
            raise Diverged(f"the loss of update {update} is {loss}. The last checkpoint is untouched. {ADVICE}")
        self.seen += 1
        weight = max(0.01, 1 / self.seen)
        self.mean += weight * (loss - self.mean)
        if self.seen < self.patience or self.mean <= 0:
            return
        self.lowest = min(self.lowest, self.mean)
        if self.mean > self.factor * self.lowest:
            raise Diverged(
                f"by update {update} the loss has risen to {self.mean:.4g}, {self.mean / self.lowest:.0f} times its "
                f"lowest running mean {self.lowest:.4g}. The last checkpoint is untouched. {ADVICE}"
            )

    def state_dict(self) -> dict[str, float | int]:
        """For a checkpoint."""
        return {"mean": self.mean, "lowest": self.lowest, "seen": self.seen}

    def load_state_dict(self, state: dict[str, float | int]) -> None:
        """From a checkpoint."""
        self.mean, self.lowest, self.seen = float(state["mean"]), float(state["lowest"]), int(state["seen"])
