"""Recurrent cells, and the one time loop of memlib.

A cell is ``cell(x, state) -> (y, state)`` with ``cell.initial_state(batch_size)``. States are named tuples of tensors
whose first axis is the batch. The first field, ``memory``, is what an associative memory may keep in the cell's stead.
"""

from typing import Any, NamedTuple, Protocol, TypeVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from memlib.mechanisms.lerp import lerp

State = TypeVar("State")


class Cell(Protocol[State]):
    """What `unroll` and the memories ask of a cell."""

    def __call__(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """One step: [batch, input] -> [batch, output], and the next state."""
        ...

    def initial_state(self, batch_size: int) -> State:
        """The state before the first step."""
        ...


def unroll(
    cell: Cell[Any],
    xs: Float[Tensor, "batch time input"],
    state: Any = None,
    mask: Bool[Tensor, "batch time"] | None = None,
) -> tuple[Float[Tensor, "batch time output"], Any]:
    """Run a cell along the time axis.

    Args:
        cell: the cell.
        xs: inputs [batch, time, input].
        state: before the first step; the cell's own initial state when None.
        mask: [batch, time], False where a sequence is over: its state stays as it is and its output is 0.

    Returns:
        The outputs [batch, time, output] and the last state.

    Raises:
        ValueError: xs has no three axes or no time step, or the mask is no mask of it.
    """
    if xs.ndim != 3 or xs.shape[1] == 0:
        raise ValueError(f"unroll: expected xs [batch, time, input] with at least one step, got {tuple(xs.shape)}.")
    if mask is not None and (mask.dtype != torch.bool or mask.shape != xs.shape[:2]):
        raise ValueError(
            f"unroll: expected a mask of booleans {tuple(xs.shape[:2])}, got {mask.dtype} {tuple(mask.shape)}."
        )
    state = cell.initial_state(xs.shape[0]) if state is None else state
    outputs = []
    for t in range(xs.shape[1]):
        y, new = cell(xs[:, t], state)
        if mask is not None:
            y = torch.where(mask[:, t : t + 1], y, 0.0)
            new = select(mask[:, t], new, state)
        outputs.append(y)
        state = new
    return torch.stack(outputs, 1), state


def select(condition: Bool[Tensor, " batch"], yes: Any, no: Any) -> Any:
    """Take each row of a state from one of two states of the same kind: ``yes`` where the condition holds."""
    if isinstance(yes, Tensor):
        return torch.where(condition.view(-1, *[1] * (yes.ndim - 1)), yes, no)
    parts = [select(condition, a, b) for a, b in zip(yes, no, strict=True)]
    return type(yes)(*parts) if hasattr(yes, "_fields") else type(yes)(parts)


class GRUState(NamedTuple):
    """A gated recurrent unit keeps one vector.

    Attributes:
        memory: [batch, hidden].
    """

    memory: Tensor


class GRUCell(nn.Module):
    """A gated recurrent unit with the reset gate before the product, as first proposed.

    u, r = σ(W_g [x; h]); c = tanh(W_c [x; r ⊙ h]); h' = h + u ⊙ (c - h). torch's own unit resets after the product.

    Args:
        input_size: of x.
        hidden_size: of h.
        gate_bias: at the start; 1 opens both gates (the update gate writes, the reset gate keeps).
    """

    def __init__(self, input_size: int, hidden_size: int, gate_bias: float = 1.0) -> None:
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        self.gates = nn.Linear(input_size + hidden_size, 2 * hidden_size)
        self.candidate = nn.Linear(input_size + hidden_size, hidden_size)
        for layer in (self.gates, self.candidate):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        nn.init.constant_(self.gates.bias, gate_bias)

    def initial_state(self, batch_size: int) -> GRUState:
        """Zeros."""
        return GRUState(self.gates.weight.new_zeros(batch_size, self.hidden_size))

    def forward(
        self, x: Float[Tensor, "batch input"], state: GRUState
    ) -> tuple[Float[Tensor, "batch hidden"], GRUState]:
        """One step; the output is the new state's vector."""
        h = state.memory
        reset, update = self.gates(torch.cat([x, h], -1)).sigmoid().chunk(2, -1)
        candidate = self.candidate(torch.cat([x, reset * h], -1)).tanh()
        h = lerp(h, candidate, update)
        return h, GRUState(h)


class LSTMState(NamedTuple):
    """A long short-term memory keeps two vectors.

    Attributes:
        memory: the cell's content c, [batch, hidden].
        output: h, [batch, hidden].
    """

    memory: Tensor
    output: Tensor


class LSTMCell(nn.Module):
    """A long short-term memory: torch's cell with one bias, the forget gate's starting at 1.

    Args:
        input_size: of x.
        hidden_size: of c and h.
        forget_bias: of the forget gate at the start.
    """

    def __init__(self, input_size: int, hidden_size: int, forget_bias: float = 1.0) -> None:
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        self.gates = nn.Linear(input_size + hidden_size, 4 * hidden_size)
        nn.init.xavier_uniform_(self.gates.weight)
        nn.init.zeros_(self.gates.bias)
        nn.init.constant_(self.gates.bias[hidden_size : 2 * hidden_size], forget_bias)

    def initial_state(self, batch_size: int) -> LSTMState:
        """Zeros."""
        zeros = self.gates.weight.new_zeros(batch_size, self.hidden_size)
        return LSTMState(zeros, zeros)

    def forward(
        self, x: Float[Tensor, "batch input"], state: LSTMState
    ) -> tuple[Float[Tensor, "batch hidden"], LSTMState]:
        """One step; the output is h."""
        write, keep, content, show = self.gates(torch.cat([x, state.output], -1)).chunk(4, -1)
        memory = keep.sigmoid() * state.memory + write.sigmoid() * content.tanh()
        output = show.sigmoid() * memory.tanh()
        return output, LSTMState(memory, output)
