"""A memory network's two sums where many stories share their sentences: the same numbers with far less to move.

A batch of stories holds each sentence many times. `memlib.mechanisms.memory_network` takes the memories of every story
spelled out, [batch, slots, width]. Here a sentence stands once, and a story is a row of numbers of sentences. What a
question has to do with each sentence is one product with all of them; so is what it has to do with each age. The
weights of a story's slots are then gathered from these, and in the response they are added up by sentence and by age.

Source: sukhbaatar2015, Eq. 1; sukhbaatar2015, Eq. 2; sukhbaatar2015, Sec. 4.1
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def shared_match(
    question: Float[Tensor, "batch d"],
    sentences: Float[Tensor, "rows d"],
    places: Int[Tensor, "batch slots"],
    times: Float[Tensor, "memory d"] | None,
    ages: Int[Tensor, "batch slots"],
    mask: Bool[Tensor, "batch slots"] | None,
    softmax: bool = True,
) -> Float[Tensor, "batch slots"]:
    """`match` of each question with its story: the softmax of u · (m + T_A).

    Args:
        question: u, [batch, d].
        sentences: every sentence once, [rows, d].
        places: which of them stands in which slot, [batch, slots].
        times: T_A, [memory, d]; None where ages are not encoded.
        ages: of the slots, below memory, [batch, slots].
        mask: True where a slot holds a sentence; all count when None.
        softmax: False leaves it out.
    """
    if _shared(sentences, places):
        scores = (question @ sentences.mT).gather(1, places)
    else:
        scores = (sentences[places] @ question.unsqueeze(-1)).squeeze(-1)
    if times is not None:
        scores = scores + (question @ times.mT).gather(1, ages)
    if mask is None:
        return scores.softmax(-1) if softmax else scores
    if not softmax:
        return scores * mask
    return scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(-1) * mask


def shared_respond(
    weights: Float[Tensor, "batch slots"],
    sentences: Float[Tensor, "rows d"],
    places: Int[Tensor, "batch slots"],
    times: Float[Tensor, "memory d"] | None,
    ages: Int[Tensor, "batch slots"],
) -> Float[Tensor, "batch d"]:
    """`respond` of each story: Σ p (c + T_C).

    Args:
        weights: p, [batch, slots]; 0 where a slot holds nothing.
        sentences: every sentence once, [rows, d].
        places: which of them stands in which slot, [batch, slots].
        times: T_C, [memory, d]; None where ages are not encoded.
        ages: of the slots, below memory, [batch, slots].
    """
    if _shared(sentences, places):
        response = _summed(weights, places, len(sentences)) @ sentences
    else:
        response = (weights.unsqueeze(1) @ sentences[places]).squeeze(1)
    return response if times is None else response + _summed(weights, ages, len(times)) @ times


def _shared(sentences: Tensor, places: Tensor) -> bool:
    """Whether a row over all sentences is smaller than a story spelled out: else sharing costs more than it saves."""
    return len(sentences) <= places.shape[1] * sentences.shape[1]


def _summed(weights: Tensor, groups: Tensor, count: int) -> Tensor:
    """The weights of a row, added up by group: [batch, count]."""
    return weights.new_zeros(len(weights), count).scatter_add(1, groups, weights)
