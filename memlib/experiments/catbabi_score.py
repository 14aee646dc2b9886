"""How well a model answers on catbAbI: accuracy and perplexity over all answers, and per task.

Only answers count, in both modes, as in the paper: every other word is either plain or cannot be known. In LM mode the
loss and one perplexity more are over all words.

Source: schlag2021, Sec. 4.1
"""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from memlib.models.baselines.token_model import TokenModel, mapped
from memlib.tasks.catbabi_stream import UNSEEN, Window

# No perplexity above this: what a hopeless model gives is still a number.
LARGEST_LOG = 50.0


def read(model: nn.Module, window: Window, state: Any, mode: str) -> tuple[Tensor, Any, Tensor | float]:
    """Let a model read a window.

    Args:
        model: called as ``model(tokens, state, mask)``, such as `memlib.models.fwm.FWM`.
        window: on the model's device.
        state: of the window before; a plain tuple, as a checkpoint gives it, will do. None for zeros.
        mode: ``qa`` or ``lm``.

    Returns:
        Logits [rows, time, words]; the state; what the model's own terms add to the loss.
    """
    from memlib.models.fwm import FWM, FWMState

    if isinstance(model, TokenModel):
        reading = model.run(window.tokens, state, window.mask)
        return reading.logits, reading.state, reading.extra_loss
    if isinstance(model, FWM):
        state = None if state is None else FWMState(*state)
        # Where nothing is scored nothing need be read.
        scored = window.answers if mode == "qa" else None
        return *model(window.tokens, state, window.mask, scored), 0.0
    return *model(window.tokens, state, window.mask), 0.0


def detached(state: Any) -> Any:
    """A state cut off from the window that made it."""
    return mapped(Tensor.detach, state)


def first_row(state: Any, rows: int) -> Any:
    """The state of the first row, for each of so many rows."""
    return mapped(lambda part: part[:1].expand(rows, *part.shape[1:]).contiguous(), state)


class Score:
    """Sums over windows, and the figures that follow from them.

    Args:
        mode: ``qa`` or ``lm``.
    """

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.right, self.total = torch.zeros(2 * UNSEEN + 1), torch.zeros(2 * UNSEEN + 1)
        self.log_loss, self.words, self.words_log_loss = 0.0, 0, 0.0

    def add(self, window: Window, logits: Tensor) -> None:
        """Count one window; logits are [rows, time, words]."""
        answers = window.answers
        at, wanted, tasks = logits[answers], window.targets[answers], window.tasks[answers].cpu()
        self.right.index_add_(0, tasks, (at.argmax(-1) == wanted).float().cpu())
        self.total.index_add_(0, tasks, torch.ones(len(tasks)))
        self.log_loss += functional.cross_entropy(at, wanted, reduction="sum").item()
        if self.mode == "lm":
            there = window.counted("lm")
            self.words += int(there.sum())
            self.words_log_loss += functional.cross_entropy(
                logits[there], window.targets[there], reduction="sum"
            ).item()

    def figures(self, tasks: bool = False) -> dict[str, float]:
        """Accuracies in per cent, perplexities, and the loss that is trained, in nats.

        Args:
            tasks: also ``accuracy_task_1`` and so on, for the tasks that came; their mean; and, where questions are
                scored apart, ``accuracy_unseen`` and ``unseen_answers`` (how many there were).

        Raises:
            ValueError: there was no answer.
        """
        answers = self.total.sum().item()
        if not answers:
            raise ValueError("expected windows with at least one question mark to score.")
        mean = self.log_loss / answers
        found = {
            "accuracy": 100 * self.right.sum().item() / answers,
            "perplexity": math.exp(min(mean, LARGEST_LOG)),
            "loss": mean,
        }
        if self.mode == "lm":
            found["loss"] = self.words_log_loss / self.words
            found["perplexity_all_words"] = math.exp(min(found["loss"], LARGEST_LOG))
        if not tasks:
            return found
        right = self.right[: UNSEEN + 1] + torch.cat([torch.zeros(1), self.right[UNSEEN + 1 :]])
        total = self.total[: UNSEEN + 1] + torch.cat([torch.zeros(1), self.total[UNSEEN + 1 :]])
        each = {task: 100 * (right[task] / total[task]).item() for task in range(1, UNSEEN + 1) if total[task]}
        found |= {f"accuracy_task_{task}": figure for task, figure in each.items()}
        found["accuracy_mean_of_tasks"] = sum(each.values()) / len(each)
        if apart := self.total[UNSEEN + 1 :].sum().item():
            found["accuracy_unseen"] = 100 * self.right[UNSEEN + 1 :].sum().item() / apart
            found["unseen_answers"] = apart
        return found


@torch.no_grad()
def score(
    model: nn.Module,
    windows: Iterable[Window],
    mode: str,
    device: torch.device,
    state: Any = None,
    carry: bool = True,
) -> Score:
    """Let a model read windows one after the other, and count.

    Args:
        model: in evaluation mode.
        windows: of one text; the state goes on from each to the next.
        mode: ``qa`` or ``lm``.
        device: of the model.
        state: to begin from; zeros when None.
        carry: False begins every window from zeros.
    """
    counted = Score(mode)
    for window in windows:
        here = window.to(device)
        logits, state, _ = read(model, here, state if carry else None, mode)
        counted.add(here, logits)
    return counted
