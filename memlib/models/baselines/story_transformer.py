"""A small transformer that answers a question about a story: all words in one row, the question first.

It has no memory and no hops; every word looks at every other one in each layer. The answer is read at the first word of
the question. It is called as `memlib.models.memory_network.MemoryNetwork` is, for comparison at equal updates.

Source: vaswani2017, Sec. 3
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from memlib.models.baselines.small_transformer import SmallTransformer, SmallTransformerConfig
from memlib.models.steps import check_words


@dataclass(frozen=True)
class StoryTransformerConfig:
    """How it is built.

    Attributes:
        vocabulary: number of words, the padding 0 among them.
        width: of the layers.
        heads: of the attention.
        inner_size: of the feed-forward part.
        layers: their number.
        dropout: of what each part adds.
    """

    vocabulary: int
    width: int = 64
    heads: int = 4
    inner_size: int = 128
    layers: int = 3
    dropout: float = 0.1


class StoryTransformer(nn.Module):
    """See the module's text.

    Args:
        config: its sizes. One symbol more than the words ends each sentence.
    """

    def __init__(self, config: StoryTransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.stop = config.vocabulary
        self.transformer = SmallTransformer(
            SmallTransformerConfig(
                width_in=config.vocabulary + 1,
                width_out=config.vocabulary,
                width=config.width,
                heads=config.heads,
                inner_size=config.inner_size,
                layers=config.layers,
                causal=False,
                dropout=config.dropout,
            )
        )

    def size(self) -> int:
        """The number of weights."""
        return self.transformer.size()

    def forward(
        self, story: Int[Tensor, "batch slots words"], question: Int[Tensor, "batch asked"]
    ) -> Float[Tensor, "batch vocabulary"]:
        """Scores of all words as the answer, [batch, vocabulary].

        Args:
            story: sentences, the newest first, padded with 0, [batch, slots, words].
            question: its words, [batch, asked], at least one in each row.
        """
        words, mask = self.row(story, question)
        # Times the root of the number of words, a word's vector is as large as the sines of its position.
        inputs = (
            functional.one_hot(words, self.stop + 1).to(self.transformer.output.weight.dtype) * (self.stop + 1) ** 0.5
        )
        logits, _ = self.transformer(inputs, mask=mask)
        return logits[:, 0]

    def row(
        self, story: Int[Tensor, "batch slots words"], question: Int[Tensor, "batch asked"]
    ) -> tuple[Int[Tensor, "batch time"], Bool[Tensor, "batch time"]]:
        """The words in one row, with a stop after each sentence: the question, then the story from its beginning.

        Returns:
            Numbers of words, and True where there is one; no padding but at the end.

        Raises:
            TypeError: words that are no whole numbers.
            ValueError: a word that is none, or not one question for each story.
        """
        check_words(self, story.flatten(0, 1), "sentences", self.stop)
        check_words(self, question, "question", self.stop, len(story))
        parts = (question.unsqueeze(1), story.flip(1))
        words = torch.cat([_stopped(part, self.stop).flatten(1) for part in parts], 1)
        order = (words == 0).long().argsort(dim=1, stable=True)
        words = words.gather(1, order)
        longest = max(1, int((words != 0).sum(1).max()))
        words = words[:, :longest]
        return words, words != 0


def _stopped(sentences: Tensor, stop: int) -> Tensor:
    """Each sentence that has a word with a stop after its last one: [..., words + 1]."""
    length = (sentences != 0).sum(-1, keepdim=True)
    places = torch.arange(sentences.shape[-1] + 1, device=sentences.device)
    return functional.pad(sentences, (0, 1)).masked_fill((places == length) & (length > 0), stop)
