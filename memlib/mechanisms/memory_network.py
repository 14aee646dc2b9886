"""A memory network: sentences become vectors, a question looks at all of them, and what it finds makes a new question.

In the paper's order: the match of a question with every memory (`match`), the response (`respond`), the answer
(`answer_scores`), the question of the next hop (`next_question`); then how a sentence becomes a vector (`bag_of_words`,
`position_encoding`), how a memory knows its place in time (`temporal_encoding`), and the noise that keeps the network
from trusting that place too much (`noisy_ages`).

Paper: Sukhbaatar et al. 2015. Its symbols: u a question, m_i what a memory is matched by, c_i what it gives, p_i its
weight, o the response, d the width of all vectors, J the words in a sentence.
Deviations: a mask says which memories are there. A memory that is not there gets the weight 0, and an empty memory
gives the response 0; the paper's text has no masks, and its authors' code lets missing memories take part.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from memlib.mechanisms.shapes import checked

__all__ = [
    "answer_scores",
    "bag_of_words",
    "centred_position_weights",
    "match",
    "next_question",
    "noisy_ages",
    "position_encoding",
    "position_weights",
    "respond",
    "temporal_encoding",
]


@checked
def match(
    question: Float[Tensor, "*#batch d"],
    memories: Float[Tensor, "*#batch n d"],
    mask: Bool[Tensor, "*#batch n"] | None = None,
    softmax: bool = True,
) -> Float[Tensor, "*#batch n"]:
    """How much each memory has to do with a question: p = softmax over i of u · m_i.

    Args:
        question: u, [..., d].
        memories: m, [..., n, d]; n may be 0.
        mask: True where a memory is there, [..., n]; all are when None. Where none is, all weights are 0.
        softmax: False leaves the softmax out, p_i = u · m_i: the linear start of Sec. 4.2.

    Returns:
        p, [..., n]: with the softmax, in [0, 1] with sum 1 (0 where no memory is there).

    Source: sukhbaatar2015, Eq. 1
    """
    scores = (memories @ question.unsqueeze(-1)).squeeze(-1)
    if mask is None:
        return scores.softmax(-1) if softmax else scores
    if not softmax:
        return scores * mask
    # A finite floor: a row without any memory stays finite, in its gradient too.
    return scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(-1) * mask


@checked
def respond(weights: Float[Tensor, "*#batch n"], outputs: Float[Tensor, "*#batch n d"]) -> Float[Tensor, "*#batch d"]:
    """What the memory answers: o = Σ_i p_i c_i.

    Args:
        weights: p, [..., n].
        outputs: c, [..., n, d].

    Returns:
        o, [..., d].

    Source: sukhbaatar2015, Eq. 2
    """
    return (weights.unsqueeze(-2) @ outputs).squeeze(-2)


@checked
def answer_scores(
    question: Float[Tensor, "*#batch d"], response: Float[Tensor, "*#batch d"], weight: Float[Tensor, "words d"]
) -> Float[Tensor, "*#batch words"]:
    """The scores of all words as the answer, before the softmax: W (o + u).

    Args:
        question: u of the last hop, [..., d].
        response: o of the last hop, [..., d].
        weight: W, [words, d].

    Source: sukhbaatar2015, Eq. 3
    """
    return (question + response) @ weight.mT


@checked
def next_question(
    question: Float[Tensor, "*#batch d"],
    response: Float[Tensor, "*#batch d"],
    linear_map: Float[Tensor, "d d"] | None = None,
) -> Float[Tensor, "*#batch d"]:
    """The question of the next hop: u + o, or H u + o.

    Args:
        question: u, [..., d].
        response: o, [..., d].
        linear_map: H, [d, d], learned with layer-wise tying; the identity when None.

    Source: sukhbaatar2015, Eq. 4; sukhbaatar2015, Sec. 2.2
    """
    return (question if linear_map is None else question @ linear_map.mT) + response


@checked
def bag_of_words(
    words: Float[Tensor, "*#batch words d"], mask: Bool[Tensor, "*#batch words"] | None = None
) -> Float[Tensor, "*#batch d"]:
    """A sentence as the sum of its words' vectors, Σ_j A x_j: their order is lost.

    Args:
        words: A x_j, [..., words, d].
        mask: True at words, False at padding, [..., words].

    Source: sukhbaatar2015, Sec. 4.1
    """
    return (words if mask is None else words * mask.unsqueeze(-1)).sum(-2)


@checked
def position_weights(words: int, width: int, dtype: torch.dtype = torch.float32) -> Float[Tensor, "words width"]:
    """What the word j of J weighs in the entry k of d: l_kj = (1 - j/J) - (k/d)(1 - 2j/J), j and k counted from 1.

    Each entry is a straight line over the words, falling in the first entry, rising in the last: the sum of a sentence
    tells its beginning from its end.

    Args:
        words: J, at least 1.
        width: d, at least 1.
        dtype: of the result.

    Returns:
        l, [words, width].

    Raises:
        ValueError: a number is below 1.

    Source: sukhbaatar2015, Sec. 4.1
    """
    j, k = _places(words, width, dtype)
    return (1 - j / words) - (k / width) * (1 - 2 * j / words)


@checked
def centred_position_weights(
    words: int, width: int, dtype: torch.dtype = torch.float32
) -> Float[Tensor, "words width"]:
    """The same idea in the authors' code: 1 + 4 (k - (d+1)/2)(j - (J+1)/2) / (d J), with mean 1 over words and entries.

    It is about twice `position_weights`, and symmetric about the middle of the sentence.

    Args:
        words: J, at least 1.
        width: d, at least 1.
        dtype: of the result.

    Returns:
        [words, width].

    Raises:
        ValueError: a number is below 1.

    Source: sukhbaatar2015, Sec. 4.1
    """
    j, k = _places(words, width, dtype)
    return 1 + 4 * (k - (width + 1) / 2) * (j - (words + 1) / 2) / (width * words)


def _places(words: int, width: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    if words < 1 or width < 1:
        raise ValueError(f"position weights: expected at least one word and one entry, got {words} and {width}.")
    return torch.arange(1, words + 1, dtype=dtype).unsqueeze(-1), torch.arange(1, width + 1, dtype=dtype)


@checked
def position_encoding(
    words: Float[Tensor, "*#batch words d"], weights: Float[Tensor, "*#batch words d"]
) -> Float[Tensor, "*#batch d"]:
    """A sentence as the sum of its words' vectors, each weighed by its place: Σ_j l_j ⊙ A x_j.

    Args:
        words: A x_j, [..., words, d].
        weights: l, as `position_weights` gives it for the sentence's own number of words; zeros at padding.

    Source: sukhbaatar2015, Sec. 4.1
    """
    return (words * weights).sum(-2)


@checked
def temporal_encoding(
    sentences: Float[Tensor, "*batch n d"], times: Float[Tensor, "memory d"], ages: Int[Tensor, "*batch n"]
) -> Float[Tensor, "*batch n d"]:
    """Add to each sentence a learned vector of its age: m_i + T_A(i).

    Args:
        sentences: [..., n, d].
        times: T_A, one vector for each age, [memory, d].
        ages: 0 for the sentence told last, 1 for the one before it ..., below memory, [..., n].

    Source: sukhbaatar2015, Sec. 4.1
    """
    return sentences + times[ages]


@checked
def noisy_ages(
    lengths: Int[Tensor, "*batch"], slots: int, memory: int, share: float, generator: torch.Generator | None = None
) -> Int[Tensor, "*batch slots"]:
    """The ages of sentences among which a few empty memories were put at random, so that ages are not learned by heart.

    A story of n sentences gets e empty ones, e drawn evenly from 0 to ⌈share · n⌉. The sentences keep their order.

    Args:
        lengths: n of each story, [...].
        slots: for how many sentences ages are given, at least the largest n.
        memory: how many ages there are: an older sentence gets the oldest, memory - 1.
        share: of empty memories, 0 to 1; the paper has 0.1. With 0 the ages are 0, 1, 2 ...
        generator: of the draws; the global one when None.

    Returns:
        Rising ages, [..., slots]; after the first n of a row, numbers without meaning, below memory.

    Raises:
        ValueError: a share outside 0 to 1, or a story of more sentences than slots.

    Source: sukhbaatar2015, Sec. 4.1
    """
    if not 0 <= share <= 1 or (lengths.numel() and int(lengths.max()) > slots):
        raise ValueError(
            f"noisy_ages: expected a share from 0 to 1 and at most {slots} sentences, got {share} and {lengths.max()}."
        )
    device = lengths.device
    most = (lengths.double() * share - 1e-9).ceil().clamp(min=0)  # 10 times 0.1 is 1, whatever the rounding
    drawn = torch.rand(lengths.shape, generator=generator, device=device)
    total = lengths + torch.minimum((drawn * (most + 1)).floor(), most).long()
    places = torch.arange(slots + int(slots * share) + 1, device=device)
    # The n smallest of random numbers among the first n + e places say where the sentences stand.
    keys = torch.rand((*lengths.shape, len(places)), generator=generator, device=device)
    ranks = keys.masked_fill(places >= total.unsqueeze(-1), 2.0).argsort(-1).argsort(-1)
    chosen = torch.where(ranks < lengths.unsqueeze(-1), places, len(places))
    return chosen.sort(-1).values[..., :slots].clamp(max=memory - 1)
