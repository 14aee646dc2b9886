"""Hidden programs of arithmetic: some numbers go in, the answer comes out, and nothing says how.

A program is a list of steps. A step has an operation and two places; places count the inputs first, then the results
of earlier steps. One drawn program of `draw_program(2, 3, generator)`, and what `written` makes of it::

    (("subtract", 1, 2), ("multiply", 3, 0))        r1 = b - c;  r2 = r1 * a
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.tasks.checks import whole_number

SIGNS = {"add": "+", "subtract": "-", "multiply": "*"}


class Step(NamedTuple):
    """One line of a program.

    Attributes:
        operation: "add", "subtract", "multiply", or "keep", which hands on its left operand.
        left: a place, from 0.
        right: a place.
    """

    operation: str
    left: int
    right: int


class Answered(NamedTuple):
    """One batch.

    Attributes:
        inputs: [batch, inputs].
        answers: [batch].
    """

    inputs: Float[Tensor, "batch inputs"]
    answers: Float[Tensor, " batch"]


def run(program: Sequence[Step], inputs: Float[Tensor, "batch inputs"]) -> Float[Tensor, " batch"]:
    """The result of the last step.

    Args:
        program: its steps.
        inputs: [batch, inputs].

    Raises:
        ValueError: there is no step, a place does not exist yet, or an operation is unknown.
    """
    values = list(inputs.unbind(-1))
    if not program:
        raise ValueError("run: expected a program of at least one step; got none.")
    for operation, left, right in program:
        if not (0 <= left < len(values) and 0 <= right < len(values)):
            raise ValueError(f"run: expected places from 0 to {len(values) - 1} here; got {left} and {right}.")
        a, b = values[left], values[right]
        if operation == "add":
            values.append(a + b)
        elif operation == "subtract":
            values.append(a - b)
        elif operation == "multiply":
            values.append(a * b)
        elif operation == "keep":
            values.append(a)
        else:
            raise ValueError(f"run: expected an operation in {', '.join(SIGNS)}, keep; got {operation!r}.")
    return values[-1]


def written(program: Sequence[Step], inputs: int) -> str:
    """A program as a line of text: inputs are a, b, c, ..., results r1, r2, ..."""
    names = [chr(ord("a") + i) for i in range(inputs)] + [f"r{t + 1}" for t in range(len(program))]
    lines = []
    for t, (operation, left, right) in enumerate(program):
        told = names[left] if operation == "keep" else f"{names[left]} {SIGNS[operation]} {names[right]}"
        lines.append(f"r{t + 1} = {told}")
    return ";  ".join(lines)


def draw_program(steps: int, inputs: int, generator: torch.Generator) -> tuple[Step, ...]:
    """A program in which every input and every result is used, and nothing is taken from itself.

    Args:
        steps: how many; at least inputs - 1, else not every input can be used.
        inputs: how many, 2 to 26.
        generator: of the draw.

    Raises:
        TypeError, ValueError: the numbers are not whole or out of their ranges.
    """
    whole_number("inputs", inputs, 2)
    whole_number("steps", steps, 1)
    if steps < inputs - 1 or inputs > 26:
        raise ValueError(f"expected 2 to 26 inputs and steps >= inputs - 1; got {inputs} inputs and {steps} steps.")
    kinds = list(SIGNS)
    while True:
        drawn = [
            Step(kinds[_below(3, generator)], _below(inputs + t, generator), _below(inputs + t, generator))
            for t in range(steps)
        ]
        used = {place for step in drawn for place in step[1:]}
        idle = any(step.operation == "subtract" and step.left == step.right for step in drawn)
        if used == set(range(inputs + steps - 1)) and not idle:
            return tuple(drawn)


def _below(end: int, generator: torch.Generator) -> int:
    return int(torch.randint(end, (), generator=generator))


@dataclass(frozen=True)
class ArithmeticPrograms:
    """Examples of one hidden program.

    By default the inputs lean to one side. About 0, what a product adds to an answer has no mean and goes with no
    single input; whether that makes a program harder to find is measured (`memlib.experiments.programs`).

    Attributes:
        program: the hidden one.
        inputs: how many numbers go in.
        low: the smallest input.
        high: the largest; inputs are uniform between the two.

    Source: olah2016
    """

    program: tuple[Step, ...]
    inputs: int = 3
    low: float = -1.0
    high: float = 3.0

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"ArithmeticPrograms: expected low < high; got {self.low} and {self.high}.")
        run(self.program, torch.zeros(1, whole_number("inputs", self.inputs, 1)))

    def draw(self, batch: int, generator: torch.Generator) -> Answered:
        """A batch of inputs with their answers.

        Args:
            batch: how many.
            generator: of the inputs.
        """
        inputs = self.low + (self.high - self.low) * torch.rand(batch, self.inputs, generator=generator)
        return Answered(inputs, run(self.program, inputs))
