"""A controller that writes a soft program of arithmetic and learns it from answers alone.

At each step a recurrent controller gives three distributions: over operations, and for each of two operands over the
inputs and the results so far. All operations are run on the averaged operands, and their results averaged; the
controller is told its own choices at the next step. The program does not depend on the numbers that it is run on.

Gradient descent ends in many programs that are wrong. So `controllers` independent ones are trained side by side, for
little more time than one, and the one whose hardened program answers best is taken. That needs the answers only.

Source: olah2016
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from memlib.mechanisms.programs import ARITHMETIC, harden, soft_apply, soft_select


@dataclass(frozen=True)
class ArithmeticConfig:
    """How it is built.

    Attributes:
        inputs: how many numbers go in.
        steps: of the program.
        operations: names in `memlib.mechanisms.programs.ARITHMETIC`.
        controllers: how many are trained side by side.
        hidden_size: of a controller.
        boldness: the scale of the first choices. At 1 a program begins as a mean of everything; at 5 each controller
            begins near some program.
    """

    inputs: int = 3
    steps: int = 2
    operations: tuple[str, ...] = ("add", "subtract", "multiply", "keep")
    controllers: int = 128
    hidden_size: int = 16
    boldness: float = 5.0

    def __post_init__(self) -> None:
        for name in ("inputs", "steps", "controllers", "hidden_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"ArithmeticConfig: expected {name} >= 1, got {getattr(self, name)}.")
        unknown = [name for name in self.operations if name not in ARITHMETIC]
        if unknown or not self.operations:
            raise ValueError(
                f"ArithmeticConfig: expected operations among {', '.join(ARITHMETIC)}; got {self.operations}."
            )
        if not self.boldness > 0:
            raise ValueError(f"ArithmeticConfig: expected boldness above 0, got {self.boldness}.")

    @property
    def places(self) -> int:
        """What an operand may be: the inputs, and every result but the last."""
        return self.inputs + self.steps - 1

    @property
    def choices(self) -> int:
        """The numbers that a controller gives at a step."""
        return len(self.operations) + 2 * self.places


class SoftProgram(NamedTuple):
    """How likely everything is, for each controller and step; places that do not exist yet have 0.

    Attributes:
        operations: [controllers, steps, operations].
        left: [controllers, steps, places].
        right: [controllers, steps, places].
    """

    operations: Float[Tensor, "controllers steps operations"]
    left: Float[Tensor, "controllers steps places"]
    right: Float[Tensor, "controllers steps places"]

    def hardened(self) -> "SoftProgram":
        """The likeliest of everything."""
        return SoftProgram(*(harden(weights) for weights in self))

    def undecided(self) -> Float[Tensor, " controllers"]:
        """The entropy of all choices together, in nats; 0 for a hard program."""
        each = [-(weights * weights.clamp(min=1e-9).log()).sum((-2, -1)) for weights in self]
        return each[0] + each[1] + each[2]


class ArithmeticProgrammer(nn.Module):
    """Controllers that write programs.

    Args:
        config: sizes and options.
    """

    def __init__(self, config: ArithmeticConfig) -> None:
        super().__init__()
        self.config = config
        many, width = config.controllers, config.hidden_size

        def drawn(rows: int, columns: int, scale: float = 1.0) -> nn.Parameter:
            return nn.Parameter(scale * torch.randn(many, rows, columns) / rows**0.5)

        self.start = nn.Parameter(torch.randn(many, 1, width))
        self.from_choices = drawn(config.choices, 3 * width)
        self.from_hidden = drawn(width, 3 * width)
        self.bias = nn.Parameter(torch.zeros(many, 1, 3 * width))
        self.output = drawn(width, config.choices, config.boldness)

    def program(self) -> SoftProgram:
        """What the controllers write now."""
        config = self.config
        hidden: Tensor = self.start
        told = hidden.new_zeros(config.controllers, 1, config.choices)
        absent = torch.arange(config.places, device=hidden.device)
        steps = []
        for t in range(config.steps):
            hidden = self._step(told, hidden)
            scores = (hidden @ self.output).squeeze(1)
            operations, left, right = scores.split((len(config.operations), config.places, config.places), -1)
            missing = absent >= config.inputs + t
            weights = [
                operations.softmax(-1),
                *(side.masked_fill(missing, -torch.inf).softmax(-1) for side in (left, right)),
            ]
            told = torch.cat(weights, -1).unsqueeze(1)
            steps.append(weights)
        return SoftProgram(*(torch.stack(parts, 1) for parts in zip(*steps, strict=True)))

    def forward(
        self, inputs: Float[Tensor, "batch inputs"], program: SoftProgram | None = None
    ) -> Float[Tensor, "controllers batch steps"]:
        """Run programs on numbers.

        Args:
            inputs: [batch, inputs].
            program: of each controller; what they write now when None.

        Returns:
            The results of all steps, [controllers, batch, steps]; the last is the answer.

        Raises:
            ValueError: there are more or fewer inputs.
        """
        if inputs.ndim != 2 or inputs.shape[1] != self.config.inputs:
            raise ValueError(
                f"ArithmeticProgrammer: expected inputs [batch, {self.config.inputs}], got {tuple(inputs.shape)}."
            )
        return execute(self.program() if program is None else program, inputs, self.config.operations)

    def hard_steps(self, controller: int, program: SoftProgram | None = None) -> tuple[tuple[str, int, int], ...]:
        """The likeliest program of a controller as steps (operation, left, right), places counted as in the task."""
        program = self.program() if program is None else program
        chosen = [weights[controller].argmax(-1).tolist() for weights in program]
        return tuple((self.config.operations[o], a, b) for o, a, b in zip(*chosen, strict=True))

    def hard_errors(
        self, inputs: Float[Tensor, "batch inputs"], answers: Float[Tensor, " batch"]
    ) -> Float[Tensor, " controllers"]:
        """The largest error of each controller's hardened program over a batch."""
        with torch.no_grad():
            return (self(inputs, self.program().hardened())[..., -1] - answers).abs().amax(-1)

    def _step(self, told: Tensor, hidden: Tensor) -> Tensor:
        """A gated recurrent unit, one for each controller: h' = z h + (1 - z) tanh(W x + r (U h))."""
        own = (told @ self.from_choices + self.bias).chunk(3, -1)
        back = (hidden @ self.from_hidden).chunk(3, -1)
        keep, reset = (own[0] + back[0]).sigmoid(), (own[1] + back[1]).sigmoid()
        return keep * hidden + (1 - keep) * (own[2] + reset * back[2]).tanh()


def execute(
    program: SoftProgram, inputs: Float[Tensor, "batch inputs"], operations: Sequence[str]
) -> Float[Tensor, "controllers batch steps"]:
    """Run soft programs: Σ_o w_o f_o(Σ_i l_i v_i, Σ_i r_i v_i), step by step; v holds inputs and results so far.

    Args:
        program: of each controller.
        inputs: [batch, inputs].
        operations: their names, in the order of the program's weights.

    Returns:
        The results of all steps, [controllers, batch, steps].
    """
    functions = [ARITHMETIC[name] for name in operations]
    controllers, steps = program.operations.shape[:2]
    values = inputs.T.expand(controllers, -1, -1)  # controllers, places, batch
    for t in range(steps):
        known = values.shape[1]
        left = soft_select(values, program.left[:, t, :known])
        right = soft_select(values, program.right[:, t, :known])
        result = soft_apply(functions, program.operations[:, t], left, right)
        values = torch.cat([values, result.unsqueeze(1)], 1)
    return values[:, inputs.shape[1] :].mT
