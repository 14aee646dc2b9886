"""A memory network that is trained end to end: hops over the sentences of a story, then one word as the answer.

A story comes newest sentence first, as numbers of words padded with 0; a sentence without words is no sentence. The
network sees all sentences at once and their order only through `temporal_encoding`.

Source: sukhbaatar2015, Sec. 2; sukhbaatar2015, Sec. 4.1
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from memlib.kernels.shared_sentences import shared_match, shared_respond
from memlib.mechanisms.memory_network import answer_scores, next_question
from memlib.models.steps import check_words

TYINGS = ("adjacent", "layer-wise")
ENCODINGS = ("bag", "position", "centred")


@dataclass(frozen=True)
class MemoryNetworkConfig:
    """How a memory network is built. The defaults are the paper's, for one task.

    Attributes:
        vocabulary: number of words, the padding 0 among them.
        width: d, of every vector; the paper has 20 for one task and 50 for all tasks together.
        hops: K.
        memory: how many ages of a sentence are told apart; no story may have more slots.
        tying: "adjacent": what a hop gives is what the next one is matched by, C of one hop is A of the next, A of the
            first encodes the question, C of the last gives the answer. "layer-wise": all hops share A and C, with a
            linear map H between them.
        encoding: of a sentence: "position", "centred" (the authors' code; see `centred_position_weights`), or "bag".
        longest: J of the position encoding. None: each sentence's own number of words, as in the paper; the authors'
            code takes the longest sentence of the data plus one.
        temporal: whether ages are encoded.
        attend_empty: whether slots without a sentence take part in the softmax, with the score 0 and no content; so in
            the authors' code, which has always ``memory`` slots.
        deviation: of the normal distribution from which weights start.
    """

    vocabulary: int = 177
    width: int = 20
    hops: int = 3
    memory: int = 50
    tying: str = "adjacent"
    encoding: str = "position"
    longest: int | None = None
    temporal: bool = True
    attend_empty: bool = False
    deviation: float = 0.1

    def __post_init__(self) -> None:
        for name in ("vocabulary", "width", "hops", "memory"):
            if getattr(self, name) < 1:
                raise ValueError(f"MemoryNetworkConfig: expected {name} >= 1, got {getattr(self, name)}.")
        for name, options in (("tying", TYINGS), ("encoding", ENCODINGS)):
            if getattr(self, name) not in options:
                raise ValueError(
                    f"MemoryNetworkConfig: expected {name} of {', '.join(options)}; got {getattr(self, name)!r}."
                )

    @classmethod
    def paper(cls, **options: Any) -> "MemoryNetworkConfig":
        """As the paper has it."""
        return cls(**options)

    @classmethod
    def official(cls, **options: Any) -> "MemoryNetworkConfig":
        """As the authors' code for bAbI runs; ``options`` replace any of it. Their ``longest`` depends on the data."""
        return cls(**{"encoding": "centred", "attend_empty": True, **options})


class Reading(NamedTuple):
    """What a memory network made of questions.

    Attributes:
        logits: scores of all words as the answer, [batch, vocabulary].
        weights: of every slot in every hop, [batch, hops, slots]; 0 where there is no sentence.
        questions: u of every hop, the first is the encoded question, [batch, hops, width].
    """

    logits: Float[Tensor, "batch words"]
    weights: Float[Tensor, "batch hops slots"]
    questions: Float[Tensor, "batch hops d"]


class MemoryNetwork(nn.Module):
    """A memory network.

    ``linear`` is True while the softmax in the hops is left out (the linear start); it is a buffer, so that saved
    weights know how they are to be read.

    Args:
        config: its sizes and options.
    """

    def __init__(self, config: MemoryNetworkConfig) -> None:
        super().__init__()
        self.config = config
        adjacent = config.tying == "adjacent"
        count = config.hops + 1 if adjacent else 2
        sizes = (config.vocabulary, config.width)
        # Adjacent: A of hop 1, then C of each hop. Layer-wise: A, then C.
        self.words = nn.ParameterList([self._drawn(*sizes) for _ in range(count)])
        ages = count if config.temporal else 0
        self.times = nn.ParameterList([self._drawn(config.memory, config.width) for _ in range(ages)])
        self.question_words = None if adjacent else self._drawn(*sizes)
        self.answer_words = None if adjacent else self._drawn(*sizes)
        self.linear_map = None if adjacent else self._drawn(config.width, config.width)
        self.linear: Tensor
        self.register_buffer("linear", torch.tensor(False))

    def _drawn(self, *sizes: int) -> nn.Parameter:
        return nn.Parameter(self.config.deviation * torch.randn(*sizes))

    def size(self) -> int:
        """The number of weights."""
        return sum(weight.numel() for weight in self.parameters())

    def forward(
        self,
        story: Int[Tensor, "batch slots words"],
        question: Int[Tensor, "batch asked"],
        ages: Int[Tensor, "batch slots"] | None = None,
    ) -> Float[Tensor, "batch vocabulary"]:
        """Answer questions, each about its own story.

        Args:
            story: sentences, the newest first, [batch, slots, words].
            question: its words, [batch, asked].
            ages: of the sentences; 0, 1, 2 ... when None.

        Returns:
            Scores of all words as the answer, [batch, vocabulary].
        """
        return self.trace(story, question, ages).logits

    def trace(
        self,
        story: Int[Tensor, "batch slots words"],
        question: Int[Tensor, "batch asked"],
        ages: Int[Tensor, "batch slots"] | None = None,
    ) -> Reading:
        """Like the call of the model, with the weights of each hop over the sentences. Errors as in `read`."""
        if story.ndim != 3:
            raise ValueError(f"expected a story [batch, slots, words], got {tuple(story.shape)}.")
        places = torch.arange(story.shape[0] * story.shape[1], device=story.device).view(story.shape[:2])
        return self.read(story.flatten(0, 1), places, question, ages)

    def read(
        self,
        sentences: Int[Tensor, "rows words"],
        places: Int[Tensor, "batch slots"],
        question: Int[Tensor, "batch asked"],
        ages: Int[Tensor, "batch slots"] | None = None,
        kept: Bool[Tensor, "batch slots"] | None = None,
    ) -> Reading:
        """The same for stories that share their sentences: each is encoded once.

        Args:
            sentences: each once, [rows, words].
            places: which sentence stands in which slot, the newest first, [batch, slots].
            question: its words, [batch, asked].
            ages: of the slots; 0, 1, 2 ... when None.
            kept: False takes a sentence out of its story and leaves the ages of the others, [batch, slots].

        Raises:
            ValueError: there are more slots than the network tells ages apart, or a shape or a word does not fit.
            TypeError: words that are no whole numbers.
        """
        config = self.config
        check_words(self, sentences, "sentences", config.vocabulary)
        check_words(self, question, "question", config.vocabulary, len(places))
        if places.shape[1] > config.memory:
            raise ValueError(
                f"expected at most {config.memory} sentences, the newest first, got {places.shape[1]}: "
                "cut the stories, or build the network with a larger memory."
            )
        mask = (sentences != 0).any(-1)[places]
        mask = mask if kept is None else mask & kept
        if ages is None:
            ages = torch.arange(places.shape[1], device=places.device).expand_as(places)
        tables = self._encode(sentences, list(self.words))
        first = self.question_words if self.question_words is not None else self.words[0]
        asked = self._encode(question, [first])[0]
        weights, questions = [], []
        for hop in range(config.hops):
            key = hop if config.tying == "adjacent" else 0
            questions.append(asked)
            weights.append(self._match(asked, tables[key], places, self._times(key), ages, mask))
            response = shared_respond(weights[-1], tables[key + 1], places, self._times(key + 1), ages)
            if hop + 1 < config.hops:
                asked = next_question(asked, response, self.linear_map)
        last = self.answer_words if self.answer_words is not None else self.words[-1]
        mapped = asked if self.linear_map is None else asked @ self.linear_map.mT
        return Reading(answer_scores(mapped, response, last), torch.stack(weights, 1), torch.stack(questions, 1))

    def _times(self, table: int) -> Tensor | None:
        return self.times[table] if self.config.temporal else None

    def _match(
        self, asked: Tensor, keys: Tensor, places: Tensor, times: Tensor | None, ages: Tensor, mask: Tensor
    ) -> Tensor:
        softmax = not bool(self.linear)
        if not (self.config.attend_empty and softmax):
            return shared_match(asked, keys, places, times, ages, mask, softmax)
        scores = shared_match(asked, keys, places, times, ages, mask, softmax=False)
        empty = scores.new_zeros(len(scores), self.config.memory - scores.shape[1])
        return torch.cat([scores, empty], 1).softmax(-1)[:, : scores.shape[1]] * mask

    def _encode(self, sentences: Tensor, tables: list[nn.Parameter]) -> tuple[Tensor, ...]:
        """Sentences by several tables of word vectors at once, [rows, width] each.

        A position weight is a + b · k' with a and b of the word's place alone and k' of the entry alone: a position
        encoding is two weighted bags of words.
        """
        width, rows = self.config.width, len(sentences)
        table = torch.cat(list(tables), 1)
        there = sentences != 0
        j = torch.arange(1, sentences.shape[1] + 1, device=sentences.device, dtype=table.dtype)
        k = torch.arange(1, width + 1, device=sentences.device, dtype=table.dtype)
        count = self.config.longest or there.sum(-1, keepdim=True).clamp(min=1)

        def bag(weights: Tensor) -> Tensor:
            weights = (weights * there).to(table.dtype)
            summed = functional.embedding_bag(sentences, table, mode="sum", per_sample_weights=weights, padding_idx=0)
            return summed.view(rows, len(tables), width)

        if self.config.encoding == "bag":
            encoded = bag(torch.ones_like(j))
        elif self.config.encoding == "position":
            encoded = bag(1 - j / count) + bag(2 * j / count - 1) * (k / width)
        else:
            encoded = bag(torch.ones_like(j)) + bag(4 * (j - (count + 1) / 2) / count) * ((k - (width + 1) / 2) / width)
        return encoded.unbind(1)
