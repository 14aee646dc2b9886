"""How a trained Neural Turing Machine copies, and how it fails: what its heads do on sequences longer than it knows.

A machine that copies by place writes each vector to a slot of its own, one step further each time, and walks the same
way again when it reads. So four things can go wrong, and they are looked for in this order: the write heads' weights
spread out ("blurred"), they come back to a slot in use ("overwrites"), the read heads look at slots other than those
written at the same place of the sequence ("slips"), or all is in place and the bits are wrong all the same
("misread").
"""

from typing import Any

import torch
from torch import Tensor

from memlib.models.ntm import NTM
from memlib.tasks.bits import wrong_bits
from memlib.tasks.copying import Copy

# At this share of wrong bits and above, a copy counts as failed.
FAILED = 0.01
# A head looks at one slot if its highest weight is above this.
POINT = 0.5
KINDS = ("none", "blurred", "overwrites", "slips", "misread")


def heads(model: NTM, length: int, sequences: int, seed: int) -> dict[str, Any]:
    """Let the machine copy and watch its heads.

    Args:
        model: trained on `Copy` of the width of its outputs.
        length: of the sequences.
        sequences: how many.
        seed: of their bits.

    Returns:
        ``bit_error``, the share of wrong bits; ``write_peak`` and ``read_peak``, the mean of the highest weight of the
        sharpest head of each kind; ``fresh``, the share of vectors written to a slot that holds no other; ``followed``,
        the share of vectors for which the read head looks at the slot that was written; ``way``, the slots that the
        write head moves by, the most frequent; ``how`` it fails, of `KINDS`.
    """
    generator = torch.Generator().manual_seed(seed)
    episode = Copy(model.config.width_out, (length, length)).draw(sequences, generator)
    with torch.no_grad():
        outputs, _, trace = model.trace(episode.inputs)
    wrong = wrong_bits(outputs, episode).sum().item() / (sequences * length * model.config.width_out)
    readers = model.config.read_heads
    written, write_peak = _walk(trace.weights[:, :length, readers:])
    looked, read_peak = _walk(trace.weights[:, -length:, :readers])
    fresh = sum(len(row.unique()) for row in written) / written.numel()
    followed = _followed(written, looked)
    moves = (written[:, 1:] - written[:, :-1]) % model.config.slots
    way = int(moves.flatten().mode().values) if moves.numel() else 0
    found = {
        "bit_error": wrong,
        "write_peak": write_peak,
        "read_peak": read_peak,
        "fresh": fresh,
        "followed": followed,
        "way": way if way <= model.config.slots // 2 else way - model.config.slots,
    }
    return {**found, "how": _how(found)}


def _walk(weights: Tensor) -> tuple[Tensor, float]:
    """The slots that the sharpest head looks at most, [batch, time], and the mean of its highest weight."""
    peaks = weights.amax(-1)
    head = int(peaks.mean((0, 1)).argmax())
    return weights[:, :, head].argmax(-1), float(peaks[:, :, head].mean())


def _followed(written: Tensor, looked: Tensor) -> float:
    """The share of vectors at which the reader looks where the writer was; it may always be one step before it.

    What is read at a step is there for the output of that step or of the next, so a reader that is one step ahead of
    the writer's path serves as well.
    """
    same = (written == looked).double().mean()
    ahead = (written[:, 1:] == looked[:, :-1]).double().mean() if written.shape[1] > 1 else same
    return float(torch.maximum(same, ahead))


def _how(found: dict[str, Any]) -> str:
    if found["bit_error"] < FAILED:
        return "none"
    if found["write_peak"] < POINT:
        return "blurred"
    if found["fresh"] < 1 - FAILED:
        return "overwrites"
    return "slips" if found["followed"] < 1 - FAILED else "misread"
