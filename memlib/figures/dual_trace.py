"""What a trained Dual AM-GRU writes along a premise and reads along a hypothesis, step by step."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from memlib.mechanisms.holographic import bound
from memlib.models.am_rnn import DualAMRNN, DualState, as_complex
from memlib.models.pair_classifier import PairClassifier


@torch.no_grad()
def trace(
    model: PairClassifier, premise_ids: Tensor | Sequence[int], hypothesis_ids: Tensor | Sequence[int]
) -> dict[str, Tensor]:
    """Run the bottom layer over one pair of sentences and record its memory's traffic. Dropout is left out.

    Args:
        model: built as ``dual-am-gru-shared``.
        premise_ids: [T], the words as the model numbers them; no padding.
        hypothesis_ids: [S], as above.

    Returns:
        Complex tensors but for the last. ``premise_keys`` [T, H/2]; ``changes`` [T, H/2], what each premise step writes
        (the wrapped cell's state after the step minus what it had read); ``hypothesis_keys`` [S, H/2], the keys that
        read the premise's memory; ``reads`` [S, H/2], what they find there (φ); ``memory`` [copies, H/2] after the
        premise; ``permutations`` [copies, H/2], whole numbers.

    Raises:
        ValueError: the model is another, or the numbers of the words are wrong.

    Source: weissenborn2016, Eq. 10
    """
    cell = getattr(getattr(model, "bottom", None), "cell", None)
    if not isinstance(cell, DualAMRNN):
        raise ValueError(
            f"trace: expected a pair classifier 'dual-am-gru-shared', got {getattr(model, 'name', model)!r}."
        )
    premise, hypothesis = (_vectors(model, ids) for ids in (premise_ids, hypothesis_ids))
    changes: list[Tensor] = []

    def record(_: Any, inputs: tuple[Any, ...], output: tuple[Any, ...]) -> None:
        changes.append(as_complex(output[1].memory - inputs[1].memory)[0])

    first_keys = []
    state: DualState = cell.initial_state(1)
    hook = cell.rnn.cell.register_forward_hook(record)
    try:
        for x in premise:
            first_keys.append(cell.rnn.key(x, state.own.output)[0, 0])
            _, state = cell(x, state)
    finally:
        hook.remove()
    source = state.own.memory
    second_keys, reads = [], []
    state = cell.beside(source)
    for x in hypothesis:
        key = cell.rnn.key(x, state.own.output)[:, 0]
        if cell.source_key is not None:
            key = bound(as_complex(cell.source_key(torch.cat([x, state.own.output], -1))))
        second_keys.append(key[0])
        reads.append(as_complex(cell.rnn.read(source, key))[0])
        _, state = cell(x, state)
    return {
        "premise_keys": torch.stack(first_keys),
        "changes": torch.stack(changes),
        "hypothesis_keys": torch.stack(second_keys),
        "reads": torch.stack(reads),
        "memory": source[0],
        "permutations": cell.rnn.permutations,
    }


def _vectors(model: PairClassifier, ids: Tensor | Sequence[int]) -> list[Tensor]:
    """The word vectors of a sentence, each [1, N]."""
    words = torch.as_tensor(ids, device=model.embedding.weight.device)
    most = model.embedding.num_embeddings
    wrong = words.ndim != 1 or not words.numel() or words.is_floating_point() or words.is_complex()
    if wrong or int(words.min()) < 1 or int(words.max()) >= most:
        raise ValueError(f"trace: expected one sentence of whole numbers from 1 to {most - 1}, got {words.tolist()}.")
    return list(model.embedding(words.long()).unsqueeze(1))
