"""Chains: facts say what follows what; the question is where a chain ends.

One drawn question of `Chains(symbols=6, links=(0, 3))`; the facts come in any order::

    facts     2 -> 5   0 -> stop   4 -> 2   1 -> 0   5 -> stop   3 -> 1
    question  4
    target    5        difficulty 3: looks at 4 -> 2, 2 -> 5, 5 -> stop
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from memlib.tasks.bits import between, bounds
from memlib.tasks.checks import whole_number
from memlib.tasks.graded import Graded, GradedChoices


@dataclass(frozen=True)
class Chains(GradedChoices):
    """Follow facts from a symbol to the end of its chain.

    The input of the one step is the facts side by side, each a pair of one-hot symbols (the second has one more place,
    for the end), and then the question. How far it is to the end is known only by following. Difficulty is the number
    of facts that have to be looked at.

    Attributes:
        symbols: how many there are, and as many facts.
        links: fewest and most links from the question to the end. All questions of a batch are equally far from it
            only by chance: every row draws its own.

    Source: olah2016
    """

    symbols: int = 10
    links: tuple[int, int] = (1, 4)

    def __post_init__(self) -> None:
        whole_number("symbols", self.symbols, 2)
        low, high = self.links
        shifted = bounds("links + 1", (low + 1, high + 1))
        object.__setattr__(self, "links", (shifted[0] - 1, shifted[1] - 1))
        if self.links[1] >= self.symbols:
            raise ValueError(f"Chains: expected fewer links than the {self.symbols} symbols, got {self.links[1]}.")

    @property
    def fact(self) -> int:
        """The width of a fact."""
        return 2 * self.symbols + 1

    @property
    def width_in(self) -> int:
        """The facts and the question."""
        return self.symbols * self.fact + self.symbols

    @property
    def choices(self) -> int:
        """A symbol."""
        return self.symbols

    @property
    def width_out(self) -> int:
        """One choice."""
        return self.symbols

    def draw(self, batch: int, generator: torch.Generator) -> Graded:
        """A batch of questions, each about facts of its own.

        Args:
            batch: how many.
            generator: of the chains, the order of the facts and the questions.
        """
        order = torch.rand(batch, self.symbols, generator=generator).argsort(-1)
        links = torch.tensor([between(self.links, generator) for _ in range(batch)])
        # One chain runs from the question to its end; what is left of the symbols is cut into others at random.
        cut = torch.rand(batch, self.symbols, generator=generator) < 1 / 3
        places = torch.arange(self.symbols)
        cut = torch.where(places < links.unsqueeze(-1), False, cut)
        cut = cut | (places == links.unsqueeze(-1)) | (places == self.symbols - 1)
        nexts = torch.where(cut, self.symbols, order.roll(-1, 1))
        shuffled = torch.rand(batch, self.symbols, generator=generator).argsort(-1)
        pairs = torch.stack([order.gather(1, shuffled), nexts.gather(1, shuffled)], -1)
        return self.graded(pairs, order[:, 0])

    def graded(self, pairs: Tensor, asked: Tensor) -> Graded:
        """The batch of given facts [batch, symbols, 2], a next symbol of ``symbols`` meaning the end, and questions.

        Args:
            pairs: each symbol stands first in one fact.
            asked: symbols, [batch].
        """
        batch = len(pairs)
        following = torch.empty(batch, self.symbols, dtype=torch.long).scatter_(1, pairs[..., 0], pairs[..., 1])
        at, looks = asked.clone(), torch.ones(batch, dtype=torch.long)
        for _ in range(self.symbols):
            after = following.gather(1, at.unsqueeze(1)).squeeze(1)
            going = after < self.symbols
            at, looks = torch.where(going, after, at), looks + going
        facts = torch.cat(
            [functional.one_hot(pairs[..., 0], self.symbols), functional.one_hot(pairs[..., 1], self.symbols + 1)], -1
        )
        inputs = torch.cat([facts.flatten(1), functional.one_hot(asked, self.symbols)], -1).float().unsqueeze(1)
        targets = functional.one_hot(at, self.symbols).float().unsqueeze(1)
        return Graded(inputs, targets, torch.ones(batch, 1, dtype=torch.bool), looks.unsqueeze(1))
