"""Which writes each read of a Fast Weight Memory matches, word by word: the paper's Fig. 3, of any model and story.

A memory is a list of corrections (`memlib.kernels.fast_weights`), so a read is attention over them, and its weights can
be shown. The weight of write i in a read with query n and entity e at step t is

    match_i = (n·k1_i)(e·k2_i) times what the bound has left of write i at step t,

and the read is the sum of match_i u_i, plus what is left of the memory from before the first word. The paper draws the
product of the two scores alone. Here what is left is in it, so that the weights are those of the model's own read; the
size of the correction, |u_i|, is not in it and stands beside it, for a write may match well and say little.

Source: schlag2021, Fig. 3
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.kernels.fast_weights import Writes, write
from memlib.mechanisms.fast_weights import concatenated, layer_norm, tensor_read
from memlib.models.fwm import FWM, FWMState
from memlib.models.fwm_cell import run_lstm


class Rounds(NamedTuple):
    """The reads of one step, one row each.

    Attributes:
        matches: the weight of each write up to this step, [rounds, writes].
        changes: u, what each of these writes added under its key, [writes, d].
        before: what the memory from before the first write adds to each read, [rounds, d].
        found: n after each read, layer-normed, [rounds, d].
    """

    matches: Tensor
    changes: Tensor
    before: Tensor
    found: Tensor

    @property
    def parts(self) -> Float[Tensor, "rounds writes"]:
        """How much each write gives to each read: the weight times the size of its correction, |u_i|."""
        return self.matches * torch.linalg.vector_norm(self.changes, dim=-1)


class Trace(NamedTuple):
    """What a model does at one word.

    Attributes:
        rounds: its reads.
        probabilities: of the next word, [vocabulary].
    """

    rounds: Rounds
    probabilities: Tensor


def rounds(
    writes: Writes,
    query: Float[Tensor, " d1"],
    entities: Float[Tensor, "rounds d2"],
    step: int,
    concatenate: bool = False,
) -> Rounds:
    """Read the memory of one step in rounds, and keep the weights.

    Args:
        writes: of one sequence, a batch of 1.
        query: the first n.
        entities: e_1 to e_N.
        step: t, 0 for the memory after the first write.
        concatenate: the keys are side by side in place of their product.

    Raises:
        ValueError: the writes are of several sequences, or there is no such step.

    Source: schlag2021, Eq. 7
    """
    batch, steps, _ = writes.changes.shape
    if batch != 1 or not 0 <= step < steps:
        raise ValueError(
            f"rounds: expected the writes of one sequence and a step from 0 to {steps - 1}, got {batch} and {step}."
        )
    left = writes.left[0, step]
    key1, key2, changes = (part[0, : step + 1] for part in (writes.key1, writes.key2, writes.changes))
    matches, before, found = [], [], []
    for entity in entities:
        first, second = concatenated(query, entity) if concatenate else (query, entity)
        matches.append((key1 @ first) * (key2 @ second) * left[1 : step + 2])
        before.append(left[0] * tensor_read(writes.memory[0], first, second))
        query = layer_norm(matches[-1] @ changes + before[-1])
        found.append(query)
    return Rounds(torch.stack(matches), changes, torch.stack(before), torch.stack(found))


@torch.no_grad()
def trace(model: FWM, tokens: Tensor | Sequence[int], step: int, state: FWMState | None = None) -> Trace:
    """Let a model read a text, and look at its reads at one word.

    Args:
        model: any Fast Weight Memory of words.
        tokens: [T], the words as the model numbers them.
        step: the word whose reads are wanted, from 0.
        state: of a batch of 1, from before the first word; zeros when None.

    Raises:
        ValueError: the words are no sequence of the model's numbers, or there is no such step.
    """
    words = torch.as_tensor(tokens, device=model.embedding.weight.device)
    most = model.config.vocabulary
    if words.ndim != 1 or not words.numel() or words.is_floating_point() or words.is_complex():
        raise ValueError(f"trace: expected one text of whole numbers, got shape {tuple(words.shape)}, {words.dtype}.")
    if not 0 <= int(words.min()) <= int(words.max()) < most or not 0 <= step < len(words):
        raise ValueError(
            f"trace: expected numbers from 0 to {most - 1} and a step from 0 to {len(words) - 1}; "
            f"got {int(words.min())} to {int(words.max())} and {step}."
        )
    memory, output, cell = model.initial_state(1) if state is None else state
    hidden, _, _ = run_lstm(model.cell.lstm, model.embedding(words.long()[None]), output, cell)
    part = model.cell.memory
    said, joined = part.signals(hidden), part.config.concatenate_keys
    keys = concatenated(said.key1, said.key2) if joined else (said.key1, said.key2)
    writes = write(memory, *keys, said.value, said.strength)
    read = rounds(writes, said.query[0, step], said.entities[0, step], step, joined)
    answer = part.out(read.found[-1])
    answer = answer + hidden[0, step] if part.config.residual else answer
    return Trace(read, model.linear(answer).softmax(-1))
