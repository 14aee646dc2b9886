"""A curriculum: lessons from easy to hard, the next one begun when the one at hand is learned.

`Lessons` is the stream of batches and knows the lesson; a validation hands it the figure reached; `Promotion`, a
schedule, then begins the next lesson where that figure is high enough. All of it is part of a checkpoint.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic

import torch
from torch.optim import Optimizer

from memlib.training.schedules import Constant
from memlib.training.streams import Batch


class Lessons(Generic[Batch]):
    """An endless stream of batches of the lesson at hand, and now and then of an earlier one.

    Args:
        lessons: from a generator to a batch, from the easiest to the hardest; at least one.
        seed: of the generator.
        review: share of the batches that are drawn from the earlier lessons, each equally often; 0 to 1.

    Raises:
        ValueError: there is no lesson, or review is out of range.
    """

    def __init__(self, lessons: Sequence[Callable[[torch.Generator], Batch]], seed: int, review: float = 0.2) -> None:
        if not lessons or not 0 <= review <= 1:
            raise ValueError(
                f"Lessons: expected at least one lesson and 0 <= review <= 1; got {len(lessons)}, {review}."
            )
        self.lessons, self.review = list(lessons), review
        self.lesson = 0
        self.figure: float | None = None
        self.generator = torch.Generator().manual_seed(seed)

    def __next__(self) -> Batch:
        lesson = self.lesson
        # Both numbers are drawn in any case, so that the batches do not depend on the share.
        again = torch.rand((), generator=self.generator).item() < self.review
        earlier = int(torch.randint(max(1, lesson), (), generator=self.generator))
        return self.lessons[earlier if again else lesson](self.generator)

    def examined(self, figure: float) -> None:
        """Note what was reached on the lesson at hand; higher is better."""
        self.figure = figure

    def advance(self, threshold: float) -> bool:
        """Begin the next lesson if the last figure is high enough and there is one; returns whether it was begun."""
        passed = self.figure is not None and self.figure >= threshold and self.lesson < len(self.lessons) - 1
        self.lesson += passed
        self.figure = None
        return passed

    def state_dict(self) -> dict[str, Any]:
        """The lesson, its figure and the generator's state."""
        return {"lesson": self.lesson, "figure": self.figure, "generator": self.generator.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a place."""
        self.lesson, self.figure = int(state["lesson"]), state["figure"]
        self.generator.set_state(state["generator"])


class Promotion(Constant):
    """After each validation, the next lesson if the one at hand is learned.

    Args:
        lessons: whose `examined` the validation has called.
        threshold: the figure that is enough.
    """

    def __init__(self, lessons: Lessons[Any], threshold: float) -> None:
        self.lessons, self.threshold = lessons, threshold

    def after_validation(self, figure: float, update: int, optimiser: Optimizer) -> None:
        """Look at the figure on the lesson, which need not be the one by which weights are chosen."""
        self.lessons.advance(self.threshold)
