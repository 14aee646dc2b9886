"""Learning-rate schedules: objects that look at the update, or at the last validation, and set the rate."""

from collections.abc import Callable
from typing import Any, Protocol

from torch.optim import Optimizer


class Schedule(Protocol):
    """What the training loop asks of a schedule."""

    def before(self, update: int, optimiser: Optimizer) -> None:
        """Called before each update, counted from 0."""
        ...

    def after_validation(self, figure: float, update: int, optimiser: Optimizer) -> None:
        """Called after each validation with its figure of merit (higher is better)."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """For a checkpoint."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        ...


class Constant:
    """The optimiser's own rate, unchanged."""

    def before(self, update: int, optimiser: Optimizer) -> None:
        """Nothing to do."""

    def after_validation(self, figure: float, update: int, optimiser: Optimizer) -> None:
        """Nothing to do."""

    def state_dict(self) -> dict[str, Any]:
        """Nothing to keep."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Nothing to restore."""


class ByUpdate(Constant):
    """The rate as a function of the update.

    Args:
        rate: from the update, counted from 0, to the learning rate.
    """

    def __init__(self, rate: Callable[[int], float]) -> None:
        self.rate = rate

    def before(self, update: int, optimiser: Optimizer) -> None:
        """Set the rate."""
        for group in optimiser.param_groups:
            group["lr"] = self.rate(update)


class HalveWhenWorse(Constant):
    """Halve the rate whenever the figure of an epoch's end is below that of the epoch before.

    Args:
        epoch: updates in an epoch; the last validation at or after each epoch's end counts.

    Source: weissenborn2016, Sec. 5.1
    """

    def __init__(self, epoch: int) -> None:
        if epoch < 1:
            raise ValueError(f"HalveWhenWorse: expected an epoch of at least one update, got {epoch}.")
        self.epoch = epoch
        self.previous: float | None = None
        self.done = 0

    def after_validation(self, figure: float, update: int, optimiser: Optimizer) -> None:
        """Compare, once an epoch."""
        epochs = update // self.epoch
        if epochs <= self.done:
            return
        if self.previous is not None and figure < self.previous:
            for group in optimiser.param_groups:
                group["lr"] /= 2
        self.previous, self.done = figure, epochs

    def state_dict(self) -> dict[str, Any]:
        """The last epoch's figure."""
        return {"previous": self.previous, "done": self.done}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """From a checkpoint; the rate itself stands in the optimiser."""
        self.previous, self.done = state["previous"], int(state["done"])
