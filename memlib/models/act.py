"""Adaptive computation time around any recurrent cell: more steps where an input is hard.

At each time step the cell runs on the same input several times. A halting unit looks at each step's output; its
numbers spend a budget of 1 (`memlib.mechanisms.halting`). State and output of the time step are the means of all
steps under the weights. A row of the batch that has spent its budget is computed no further.

Source: graves2016act, Sec. 2
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from memlib.mechanisms.halting import ponder_cost, spend
from memlib.models.act_rows import take, weighted_sum
from memlib.models.recurrent import Cell
from memlib.models.steps import as_kind, check_steps


@dataclass(frozen=True)
class ACTConfig:
    """How long a network may think. The defaults are the paper's.

    Attributes:
        epsilon: ε: the budget counts as spent when less than this is left.
        maximum: M: the most steps on one input.
        halting_bias: of the halting unit at the start; 1 makes it halt early, at about two steps.
        first_step_flag: whether one more input is 1 at the first step of each input and 0 at later ones, so that the
            cell can tell a new input from the same one.
        fixed: so many steps on every input, without halting; state and output are the last step's. 1 is the plain
            network. None for adaptive computation.
        skip_finished: whether finished rows are left out of the computation. False computes them until the last row
            of the batch has finished, with the weight 0, as simple implementations do: the same results, more work.
    """

    epsilon: float = 0.01
    maximum: int = 100
    halting_bias: float = 1.0
    first_step_flag: bool = True
    fixed: int | None = None
    skip_finished: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.epsilon < 1:
            raise ValueError(f"ACTConfig: expected epsilon in [0, 1), got {self.epsilon}.")
        for name in ("maximum", "fixed"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"ACTConfig: expected {name} of at least one step, got {value}.")

    @classmethod
    def paper(cls, **options: Any) -> "ACTConfig":
        """As the paper has it; ``options`` replace any of it."""
        return cls(**options)


class Pondering(NamedTuple):
    """What a network answered, and how long it thought.

    Attributes:
        outputs: [batch, time, width_out].
        state: after the last time step.
        steps: N, on each input, [batch, time].
        remainder: R, what the last step got, [batch, time].
        weights: of all steps, filled up with 0, [batch, time, most steps].
        row_steps: how many rows the cell was run on, all its calls together: the work that was done.
    """

    outputs: Float[Tensor, "batch time width_out"]
    state: Any
    steps: Int[Tensor, "batch time"]
    remainder: Float[Tensor, "batch time"]
    weights: Float[Tensor, "batch time most"]
    row_steps: int

    @property
    def cost(self) -> Float[Tensor, "batch time"]:
        """The ponder cost N + R of each input; only R has a gradient."""
        cost: Tensor = ponder_cost(self.steps, self.remainder)
        return cost


class Halt(NamedTuple):
    """One time step: the mean output and state, N, R, the weights of the steps, the rows that were run."""

    features: Tensor
    state: Any
    steps: Tensor
    remainder: Tensor
    weights: Tensor
    row_steps: int


class _Step(NamedTuple):
    """One call of the cell: which rows of the batch it was run on, whether each had not halted before, what it gave."""

    rows: Tensor
    counts: Tensor
    ready: Tensor
    made: tuple[Tensor, Any]


class ACT(nn.Module):
    """Adaptive computation time on whole sequences.

    Args:
        cell: any recurrent cell. With `first_step_flag` its input is one wider than the network's: the flag comes last.
        features: width of the cell's output, at which the halting unit and the output layer look.
        width_out: of the network's outputs.
        config: how long it may think.
    """

    def __init__(self, cell: Cell[Any], features: int, width_out: int, config: ACTConfig | None = None) -> None:
        super().__init__()
        self.config = ACTConfig() if config is None else config
        self.cell = cell
        self.halting = nn.Linear(features, 1)
        nn.init.constant_(self.halting.bias, self.config.halting_bias)
        self.output = nn.Linear(features, width_out)

    def initial_state(self, batch_size: int) -> Any:
        """The cell's own."""
        return self.cell.initial_state(batch_size)

    def forward(
        self, inputs: Float[Tensor, "batch time width_in"], state: Any = None
    ) -> tuple[Float[Tensor, "batch time width_out"], Any]:
        """Run along a sequence.

        Args:
            inputs: [batch, time, width_in].
            state: before the first step; the cell's own start when None.

        Returns:
            Outputs [batch, time, width_out] and the last state.

        Raises:
            ValueError: the inputs have not three axes, no step, or another width; or the state is of another batch.
            TypeError: the inputs are not of the weights' kind of number.
        """
        thought = self.ponder(inputs, state)
        return thought.outputs, thought.state

    def ponder(self, inputs: Float[Tensor, "batch time width_in"], state: Any = None) -> Pondering:
        """As the call of the network, with how long it thought. Arguments and errors are the same."""
        # Most cells know the width of their inputs, one of which may be the flag.
        width = getattr(self.cell, "input_size", None)
        check_steps(self, inputs, width if width is None else width - self.config.first_step_flag, state)
        start = self.initial_state(inputs.shape[0])
        state = start if state is None else as_kind(start, state)
        halts = []
        for x in inputs.unbind(1):
            halts.append(self.halt(x, state))
            state = halts[-1].state
        most = max(halt.weights.shape[1] for halt in halts)
        weights = [functional.pad(halt.weights, (0, most - halt.weights.shape[1])) for halt in halts]
        # The weights of the steps sum to 1, so the output of the mean is the mean of the outputs.
        return Pondering(
            self.output(torch.stack([halt.features for halt in halts], 1)),
            state,
            torch.stack([halt.steps for halt in halts], 1),
            torch.stack([halt.remainder for halt in halts], 1),
            torch.stack(weights, 1),
            sum(halt.row_steps for halt in halts),
        )

    def halt(self, x: Float[Tensor, "batch width_in"], state: Any) -> Halt:
        """Think about one input until every row has halted.

        Args:
            x: [batch, width_in].
            state: before it.
        """
        if self.config.fixed is not None:
            return self._fixed(x, state, self.config.fixed)
        enough = 1 - self.config.epsilon
        now = torch.arange(x.shape[0], device=x.device)
        again = self._seen(x, 2)
        seen, spent = self._seen(x, 1), x.new_zeros(x.shape[0])
        done: list[_Step] = []
        for n in range(1, self.config.maximum + 1):
            features, state = self.cell(seen, state)
            ready = self.halting(features).sigmoid().squeeze(-1)
            done.append(_Step(now, spent < enough, ready, (features, state)))
            # Only whether to go on is decided here; the decision has no gradient.
            spent = spent + ready.detach()
            going = (spent < enough).nonzero().squeeze(-1)
            if n == self.config.maximum or len(going) == 0:
                break
            if self.config.skip_finished and len(going) < len(now):
                now, spent, state = now[going], spent[going], take(state, going)
                seen = again[now]
            elif n == 1:
                seen = again
        return self._weigh(done, len(x))

    def _weigh(self, done: list[_Step], batch: int) -> Halt:
        """Spend the budget of each row, and take the means of all that was computed."""
        rows = torch.cat([one.rows for one in done])
        at = torch.cat([torch.full_like(one.rows, n) for n, one in enumerate(done)])
        ready = torch.cat([one.ready for one in done])
        table = ready.new_zeros(batch, len(done)).index_put((rows, at), ready)
        steps = torch.zeros_like(done[0].rows).index_add(0, rows, torch.cat([one.counts for one in done]).long())
        weights, remainder = spend(table, steps)
        features, state = weighted_sum([one.made for one in done], rows, weights[rows, at], batch)
        return Halt(features, state, steps, remainder, weights, len(rows))

    def _fixed(self, x: Tensor, state: Any, count: int) -> Halt:
        """The same number of steps for all rows; the last one counts."""
        for n in range(1, count + 1):
            features, state = self.cell(self._seen(x, n), state)
        one = x.new_ones(len(x))
        steps = torch.full((len(x),), count, device=x.device)
        weights = functional.pad(one.unsqueeze(-1), (count - 1, 0))
        return Halt(features, state, steps, one, weights, count * len(x))

    def _seen(self, x: Tensor, n: int) -> Tensor:
        if not self.config.first_step_flag:
            return x
        return torch.cat([x, x.new_full((len(x), 1), float(n == 1))], -1)

    def size(self) -> int:
        """How many weights are trained."""
        return sum(weight.numel() for weight in self.parameters())
