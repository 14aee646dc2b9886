"""Logic: a row of gates at each step, each on the last two bits, and the result is the next step's first bit.

One drawn sequence of `LogicGates(gates=(2, 2), lengths=(2, 2))`; of a step's two bits the first is told at the first
step only, later it is the answer before::

    bits    gates        target
    1  0    nor, or      0 (1 nor 0 = 0, then 0 or 0 = 0)      difficulty 2
    .  1    xor, nand    0 (0 xor 1 = 1, then 1 nand 1 = 0)    difficulty 2
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from memlib.tasks.bits import between, bounds
from memlib.tasks.checks import whole_number
from memlib.tasks.graded import Graded, GradedBits, evenly

# Each gate's answer to the bits before: (older, newer) = 11, 10, 01, 00. All ten that need both bits.
GATES: dict[str, tuple[int, int, int, int]] = {
    "nor": (0, 0, 0, 1),
    "newer and not older": (0, 0, 1, 0),
    "older and not newer": (0, 1, 0, 0),
    "xor": (0, 1, 1, 0),
    "nand": (0, 1, 1, 1),
    "and": (1, 0, 0, 0),
    "xnor": (1, 0, 0, 1),
    "if older then newer": (1, 0, 1, 1),
    "if newer then older": (1, 1, 0, 1),
    "or": (1, 1, 1, 0),
}


@dataclass(frozen=True)
class LogicGates(GradedBits):
    """Work out a row of gates at each step.

    A step's first gate takes the step's two bits, the next one the second of them and the first gate's result, and so
    on: always the two newest bits. The last result is the answer. Difficulty is the number of gates.

    Attributes:
        gates: fewest and most gates of a step; the paper has 1 to 10.
        lengths: fewest and most steps; the paper has 1 to 10. All sequences of a batch are equally long.
        places: for how many gates an input has room; 10 in the paper.

    Source: graves2016act, Sec. 3.2
    """

    gates: tuple[int, int] = (1, 10)
    lengths: tuple[int, int] = (1, 10)
    places: int = 10

    def __post_init__(self) -> None:
        object.__setattr__(self, "gates", bounds("gates", self.gates))
        object.__setattr__(self, "lengths", bounds("lengths", self.lengths))
        if self.gates[1] > whole_number("places", self.places, 1):
            raise ValueError(f"LogicGates: expected room for {self.gates[1]} gates, got {self.places} places.")

    @property
    def width_in(self) -> int:
        """Two bits, and for each place one of ten gates or none."""
        return 2 + self.places * len(GATES)

    @property
    def width_out(self) -> int:
        """One bit."""
        return 1

    def draw(self, batch: int, generator: torch.Generator) -> Graded:
        """A batch of sequences.

        Args:
            batch: how many.
            generator: of the bits, the gates and the length.
        """
        time = between(self.lengths, generator)
        given = evenly(0, 1, (batch, time, 2), generator)
        count = evenly(*self.gates, (batch, time), generator)
        gates = evenly(0, len(GATES) - 1, (batch, time, self.places), generator)
        return self.graded(given, torch.where(torch.arange(self.places) < count.unsqueeze(-1), gates, -1))

    def graded(self, given: Tensor, gates: Tensor) -> Graded:
        """The batch of given bits [batch, time, 2] and gates [batch, time, places], -1 where there is none.

        Of the first bits only those of the first step are used.
        """
        batch, time, places = gates.shape
        table = torch.tensor(list(GATES.values()))
        inputs = torch.zeros(batch, time, self.width_in)
        inputs[:, 0, 0], inputs[..., 1] = given[:, 0, 0].float(), given[..., 1].float()
        hot = torch.nn.functional.one_hot(gates + 1, len(GATES) + 1)[..., 1:]
        inputs[..., 2:] = hot.flatten(2).float()
        first, answers = given[:, 0, 0], []
        for t in range(time):
            older, newer = first, given[:, t, 1]
            for place in range(places):
                gate = gates[:, t, place]
                result = table[gate.clamp(min=0), 3 - 2 * older - newer]
                older, newer = torch.where(gate >= 0, newer, older), torch.where(gate >= 0, result, newer)
            first = newer
            answers.append(newer)
        targets = torch.stack(answers, 1).float().unsqueeze(-1)
        return Graded(inputs, targets, torch.ones(batch, time, dtype=torch.bool), (gates >= 0).sum(-1))
