"""What a test needs to know of one exercise: a right answer, written as loops, and wrong ones as people write them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from memlib.exercises import Card


@dataclass(frozen=True)
class Answers:
    check: Callable[..., Card]
    right: Callable[..., Any]
    wrong: tuple[tuple[str, Callable[..., Any]], ...]
    in_place: Callable[..., Any] | None = None  # None where no input can be changed

    @property
    def name(self) -> str:
        return self.check.__name__.removeprefix("check_")


def over_batch(function, arguments, own_axes):
    """Apply a function of unbatched tensors to each item of a batch, in a loop."""
    lead = arguments[0].shape[: arguments[0].dim() - own_axes[0]]
    if not lead:
        return function(*arguments)
    return torch.stack([over_batch(function, [a[i] for a in arguments], own_axes) for i in range(lead[0])])
