"""Two memories that answer questions about stories: sentences in, then three reads in a chain from the relations.

A sentence is the sum of its word vectors, each times a vector that belongs to the word's place. The sentences go into
an STM one after another. The question, summed in the same way, asks the relational memory: its matrices are the roles,
its rows and columns the entities of `TensorInference`. What is found becomes scores of all words as the answer.

Source: le2020, App. J; schlag2018, Sec. 3
"""

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from memlib.models.baselines.tensor_inference import TensorInference
from memlib.models.steps import check_words
from memlib.models.stm import STM, STMConfig, STMState


@dataclass(frozen=True)
class StoryReaderConfig:
    """How the model is built. The defaults are the paper's where it says, else those of the authors' code.

    Attributes:
        words: that there are, with the padding, which is 0.
        longest: words in the longest sentence or question.
        width: of a word vector.
        size: d of the STM, and of an entity.
        queries: nq of the STM, and size of a role.
        hidden_size: of the networks that find entities and roles in a question, and inside the STM's projectors.
        word_start: word vectors start uniform between plus and minus this.
        train_output: whether the last map, to scores of words, is trained; the authors' code leaves it as it was drawn.
        preset: of the STM: "paper" or "official".
    """

    words: int
    longest: int
    width: int = 64
    size: int = 90
    queries: int = 20
    hidden_size: int = 80
    word_start: float = 0.1
    train_output: bool = True
    preset: str = "paper"

    def __post_init__(self) -> None:
        for name in ("words", "longest", "width", "size", "queries", "hidden_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"StoryReaderConfig: expected {name} >= 1, got {getattr(self, name)}.")
        if self.preset not in ("paper", "official"):
            raise ValueError(f"StoryReaderConfig: expected preset paper or official; got {self.preset!r}.")

    @classmethod
    def official(cls, words: int, longest: int, **options: Any) -> "StoryReaderConfig":
        """As the authors' code has it: its STM, and a last map that is never trained."""
        return cls(words, longest, **{"train_output": False, "preset": "official", **options})

    def memory(self) -> STMConfig:
        """Of the STM; its own outputs are not asked for, and are as small as can be.

        The relational memory is written with the weight 1, the items get nothing back from it, and only the share of
        what was read is learned: so the authors' settings have it.
        """
        make = STMConfig.paper if self.preset == "paper" else STMConfig.official
        return make(
            self.width,
            1,
            size=self.size,
            queries=self.queries,
            relation_size=1,
            read_size=1,
            hidden_sizes=(),
            projector_hidden=self.hidden_size,
            transfer="none",
            blend_start=(1.0, 0.0, 0.0),
            blend_learned=(False, True, False),
        )


class StoryReader(nn.Module):
    """See the module's text.

    Args:
        config: see `StoryReaderConfig`.
    """

    def __init__(self, config: StoryReaderConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.words, config.width, padding_idx=0)
        nn.init.uniform_(self.embedding.weight, -config.word_start, config.word_start)
        with torch.no_grad():
            self.embedding.weight[0] = 0
        self.places = nn.Parameter(torch.full((config.longest, config.width), 1 / config.longest))
        self.memory = STM(config.memory())
        for name, weight in self.memory.named_parameters():
            # Nothing of the STM's own way to an output is used here.
            weight.requires_grad_(not name.startswith(("cell.distil", "cell.features", "output")))
        self.inference = TensorInference(config.width, config.size, config.queries, config.hidden_size)
        self.output = nn.Linear(config.size, config.words, bias=False)
        nn.init.xavier_uniform_(self.output.weight)
        self.output.weight.requires_grad_(config.train_output)

    def encode(self, words: Int[Tensor, "*rows words"]) -> Float[Tensor, "*rows width"]:
        """Sentences or questions as vectors.

        Args:
            words: numbers of words, 0 is padding.

        Raises:
            ValueError: they are longer than the longest.
        """
        if words.shape[-1] > self.config.longest:
            raise ValueError(
                f"StoryReader: expected sentences of at most {self.config.longest} words, got {words.shape[-1]}."
            )
        return torch.einsum("...nw,nw->...w", self.embedding(words), self.places[: words.shape[-1]])

    def read(
        self, sentences: Float[Tensor, "batch sentences width"], lengths: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch queries size size"]:
        """The relational memory after each story, [batch, nq, d, d].

        Stories that are over leave, the others go on: padding is never read.

        Args:
            sentences: encoded, in the order in which they are told; padding behind.
            lengths: how many sentences each story has.

        Raises:
            ValueError: a story has no sentence, or more than there are; or there is not one length for each.
        """
        if tuple(lengths.shape) != (len(sentences),):
            raise ValueError(f"StoryReader: expected lengths [{len(sentences)}], got {list(lengths.shape)}.")
        ends = torch.unique(lengths).tolist()
        if not ends or ends[0] < 1 or ends[-1] > sentences.shape[1]:
            raise ValueError(f"StoryReader: expected stories of 1 to {sentences.shape[1]} sentences, got {ends}.")
        rows, done, state = torch.arange(len(lengths), device=lengths.device), 0, None
        finished: list[tuple[Tensor, Tensor]] = []
        for end in ends:
            unscored = torch.zeros(end - done, dtype=torch.bool, device=lengths.device)
            _, state = self.memory(sentences[rows, done:end], state, scored=unscored)
            over, done = lengths[rows] == end, end
            finished.append((rows[over], state.relations[over]))
            rows, state = rows[~over], STMState(state.items[~over], state.relations[~over])
        order = torch.cat([at for at, _ in finished]).argsort()
        return torch.cat([memory for _, memory in finished])[order]

    def forward(
        self,
        story: Int[Tensor, "batch sentences words"],
        lengths: Int[Tensor, " batch"],
        question: Int[Tensor, "batch asked"],
    ) -> Float[Tensor, "batch words"]:
        """Scores of all words as the answer.

        Args:
            story: numbers of words, the oldest sentence first; 0 is padding.
            lengths: how many sentences each story has.
            question: numbers of words.

        Raises:
            TypeError: words that are no whole numbers.
            ValueError: a word that is none, sentences that are too long, or as in `read`.
        """
        check_words(self, story.flatten(0, 1), "sentences", self.config.words)
        check_words(self, question, "question", self.config.words, len(story))
        relations = self.read(self.encode(story), lengths)
        found = self.inference(self.encode(question), relations.transpose(1, 2))
        scores: Tensor = self.output(found)
        return scores

    def size(self) -> int:
        """How many weights are trained."""
        return sum(weight.numel() for weight in self.parameters() if weight.requires_grad)
