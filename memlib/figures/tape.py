"""The heads of a trained Neural Turing Machine, played step by step over drawn sequences (tape.js draws them)."""

from collections.abc import Sequence
from typing import Any

import torch
import traitlets
from torch import Tensor

from memlib.figures.base import Interactive, at_least, module
from memlib.models.ntm import NTM
from memlib.tasks.episode import Episode

_LEVELS = "0123456789abcdefghijk"  # of a number in a memory, from -1 to 1 of the largest
_MOST_SLOTS = 24
_SEEN = 0.05  # a slot that no head looks at more is left out


def played(model: NTM, episode: Episode, title: str) -> dict[str, Any]:
    """What a machine does with the first sequence of an episode, as the figure takes it.

    Args:
        model: trained.
        episode: of the width of its inputs and outputs.
        title: of the sequence, for the list.
    """
    model.eval()
    with torch.no_grad():
        logits, _, trace = model.trace(episode.inputs[:1])
    readers = model.config.read_heads
    reads, writes = trace.weights[0, :, :readers].amax(1), trace.weights[0, :, readers:].amax(1)
    slots = used(torch.maximum(reads, writes).amax(0))
    memory = trace.memory[0][:, slots]
    largest = float(memory.abs().max()) or 1.0
    levels = (10 + 10 * memory / largest).round().long().clamp(0, 20).flatten(1).tolist()
    return {
        "title": title,
        "slots": slots,
        "inputs": _rounded(episode.inputs[0]),
        "targets": _rounded(episode.targets[0]),
        "outputs": _rounded(logits[0].sigmoid()),
        "scored": episode.mask[0].int().tolist(),
        "writes": _rounded(writes[:, slots]),
        "reads": _rounded(reads[:, slots]),
        "memory": ["".join(_LEVELS[level] for level in row) for row in levels],
    }


def used(peaks: Tensor) -> list[int]:
    """The slots from the first to the last that matter, along the ring, after its longest unused stretch.

    Args:
        peaks: the highest weight of each slot, [slots].
    """
    slots = len(peaks)
    seen = (peaks > _SEEN).nonzero().flatten().tolist() or [int(peaks.argmax())]
    gaps = [(after - before) % slots or slots for before, after in zip([seen[-1], *seen], seen, strict=False)]
    first = seen[gaps.index(max(gaps))]
    last = seen[gaps.index(max(gaps)) - 1]
    return [(first + i) % slots for i in range(min((last - first) % slots + 1, _MOST_SLOTS))]


def _rounded(numbers: Tensor) -> Any:
    return torch.round(numbers.double(), decimals=2).tolist()


class TapeWidget(Interactive):
    """Sequences and what a trained machine's heads do with them: input, memory, weights and output at each step.

    Args:
        tapes: of `played`, at least one.
        tape: which one at the start, from 0.
        step: at the start, from 0.

    Raises:
        ValueError: there is no tape, or no such tape or step.
    """

    _esm = module("tape")
    _words = "Step through a sequence, and see where a trained machine writes and reads."
    tape = traitlets.Int(0).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)

    def __init__(self, tapes: Sequence[dict[str, Any]], *, tape: int = 0, step: int = 0) -> None:
        own = type(self).__name__
        at_least(own, tape=(tape, 0), step=(step, 0))
        if tape >= len(tapes):
            raise ValueError(f"{own}: expected tape < {len(tapes)}, the number of tapes; got {tape}.")
        if step >= len(tapes[tape]["inputs"]):
            raise ValueError(f"{own}: expected step < {len(tapes[tape]['inputs'])}, got {step}.")
        super().__init__(data={"tapes": list(tapes)}, tape=tape, step=step)
