"""A recurrent network that looks at regions of a picture, and answers a question about it.

Every region is seen by the same small network. The question starts the state; at each glance the state is the query,
the regions' vectors are keys and values, and what is read moves the state on. After the last glance it answers. The
glance is soft, a mean over all regions, or hard, one region; with hard glances there are three ways to learn where to
look, see `loss`.

Source: xu2015, Sec. 4; olah2016
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from memlib.mechanisms.attention import (
    attention_weights,
    baseline_loss,
    dot_scores,
    entropy,
    hard_sample,
    marginal_log_likelihood,
    reinforce_loss,
    soft_read,
    straight_through,
)

ATTENTIONS = ("soft", "reinforce", "marginal", "straight-through")


@dataclass(frozen=True)
class RegionConfig:
    """How the network is built, and how it learns where to look.

    Attributes:
        region_size: numbers in a region.
        question_size: numbers in a question.
        answers: how many there are.
        hidden_size: of the state and of a region's vector.
        glances: before it answers.
        attention: "soft", or how hard glances are learned: "reinforce", "marginal" or "straight-through".
        entropy_weight: of the weights' entropy in the loss of "reinforce"; it keeps the glances from settling too soon.
        use_baseline: subtract a learned baseline from the reward, in "reinforce".
    """

    region_size: int = 192
    question_size: int = 9
    answers: int = 5
    hidden_size: int = 64
    glances: int = 1
    attention: str = "soft"
    entropy_weight: float = 0.01
    use_baseline: bool = True

    def __post_init__(self) -> None:
        for name in ("region_size", "question_size", "answers", "hidden_size", "glances"):
            if getattr(self, name) < 1:
                raise ValueError(f"RegionConfig: expected {name} >= 1, got {getattr(self, name)}.")
        if self.attention not in ATTENTIONS:
            raise ValueError(f"RegionConfig: expected attention {', '.join(ATTENTIONS)}; got {self.attention!r}.")


class Look(NamedTuple):
    """What came of looking.

    Attributes:
        logits: of the answers, [batch, answers].
        weights: at each glance, [batch, glances, regions].
        places: the region looked at, [batch, glances]; of soft glances the one of the largest weight.
        baseline: the reward that was foreseen at each glance, [batch, glances].
    """

    logits: Tensor
    weights: Tensor
    places: Tensor
    baseline: Tensor


class RegionAttention(nn.Module):
    """See the module's text.

    Args:
        config: see `RegionConfig`.
    """

    def __init__(self, config: RegionConfig) -> None:
        super().__init__()
        self.config, hidden = config, config.hidden_size
        self.see = nn.Sequential(nn.Linear(config.region_size, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.begin = nn.Linear(config.question_size, hidden)
        self.of_state, self.of_region = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden, bias=False)
        self.cell = nn.GRUCell(hidden, hidden)
        self.answer = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, config.answers))
        self.foresee = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def size(self) -> int:
        """How many weights are trained."""
        return sum(weight.numel() for weight in self.parameters())

    def forward(
        self,
        regions: Float[Tensor, "batch regions pixels"],
        question: Float[Tensor, "batch question"],
        generator: torch.Generator | None = None,
        index: Int[Tensor, "batch glances"] | None = None,
    ) -> Look:
        """Look and answer.

        Args:
            regions: [batch, regions, region_size].
            question: [batch, question_size].
            generator: of the draws; without one a hard glance goes where the weight is largest.
            index: regions to look at in place of any draw, for hard glances.

        Raises:
            ValueError: a shape does not fit.
        """
        self._check(regions, question)
        return self._look(self.see(regions), question, generator, index)

    def _look(self, seen: Tensor, question: Tensor, generator: torch.Generator | None, index: Tensor | None) -> Look:
        keys, state = self.of_region(seen), torch.tanh(self.begin(question))
        weights, places, foreseen = [], [], []
        for glance in range(self.config.glances):
            where = attention_weights(self.scores(state, keys))
            if index is not None:
                place = index[:, glance]
            elif self.config.attention == "soft" or generator is None:
                place = where.argmax(-1)
            else:
                place = hard_sample(where, generator)
            foreseen.append(self.foresee(state.detach()).squeeze(-1))
            found = soft_read(self._taken(where, place).unsqueeze(1), seen).squeeze(1)
            state = self.cell(found, state)
            weights.append(where)
            places.append(place)
        stacked = (torch.stack(part, 1) for part in (weights, places, foreseen))
        return Look(self.answer(state), *stacked)

    def scores(self, state: Float[Tensor, "batch hidden"], keys: Float[Tensor, "batch regions hidden"]) -> Tensor:
        """How well each region fits a state, [batch, regions].

        Args:
            state: before a glance.
            keys: of the regions, ``of_region`` of what is seen there.
        """
        return dot_scores(self.of_state(state).unsqueeze(1), keys, scaled=True).squeeze(1)

    def loss(
        self,
        regions: Float[Tensor, "batch regions pixels"],
        question: Float[Tensor, "batch question"],
        answer: Int[Tensor, " batch"],
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """The mean loss of a batch, by the way of learning that the configuration names.

        "soft" and "straight-through": the cross-entropy of the answer. "reinforce": that of the drawn branch, the
        REINFORCE term with reward log p(answer), the baseline's own error, and the entropy. "marginal": the exact
        likelihood of the answer over all paths of glances; regions to the power of glances of them are tried.
        """
        if self.config.attention == "marginal":
            weights, logs = self.branches(regions, question, answer)
            return -marginal_log_likelihood(weights, logs).mean()
        look = self(regions, question, generator)
        error = functional.cross_entropy(look.logits, answer, reduction="none")
        if self.config.attention != "reinforce":
            return error.mean()
        reward = -error.detach().unsqueeze(1)
        baseline = look.baseline if self.config.use_baseline else torch.zeros_like(look.baseline)
        where = reinforce_loss(look.weights, look.places, reward, baseline)
        total = error + (where - self.config.entropy_weight * entropy(look.weights)).sum(1)
        return (total + baseline_loss(reward, look.baseline).sum(1)).mean()

    def branches(
        self, regions: Tensor, question: Tensor, answer: Tensor
    ) -> tuple[Float[Tensor, "batch paths"], Float[Tensor, "batch paths"]]:
        """Every path of glances: its probability, and the log-likelihood of the answer at its end.

        Args:
            regions: [batch, regions, region_size].
            question: [batch, question_size].
            answer: [batch].

        Returns:
            Two tensors [batch, regions ** glances].
        """
        batch, count = regions.shape[:2]
        paths = torch.cartesian_prod(*[torch.arange(count, device=regions.device)] * self.config.glances)
        paths = paths.view(-1, self.config.glances)
        self._check(regions, question)
        seen, asked = (part.repeat_interleave(len(paths), 0) for part in (self.see(regions), question))
        index = paths.repeat(batch, 1)
        look = self._look(seen, asked, None, index)
        taken = look.weights.gather(2, index.unsqueeze(-1)).squeeze(-1).prod(1)
        logs = -functional.cross_entropy(look.logits, answer.repeat_interleave(len(paths)), reduction="none")
        return taken.view(batch, -1), logs.view(batch, -1)

    def _taken(self, weights: Tensor, place: Tensor) -> Tensor:
        """What the regions are mixed by: their weights, or one region."""
        if self.config.attention == "soft":
            return weights
        if self.config.attention == "straight-through":
            return straight_through(weights, place)
        return functional.one_hot(place, weights.shape[-1]).to(weights.dtype)

    def _check(self, regions: Tensor, question: Tensor) -> None:
        size, asked = self.config.region_size, self.config.question_size
        if regions.ndim != 3 or regions.shape[1] == 0 or regions.shape[2] != size:
            raise ValueError(f"expected regions [batch, regions, {size}], got {tuple(regions.shape)}.")
        if question.shape != (len(regions), asked):
            raise ValueError(
                f"expected a question for each picture, [{len(regions)}, {asked}], got {tuple(question.shape)}."
            )
