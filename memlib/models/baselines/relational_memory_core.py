"""Relational Memory Core: slots that attend to each other at every step, and to the input beside them.

A step appends the input, projected to the width of a slot, to the slots. All rows attend to all rows by several heads;
what they find is added to them and normalised, goes through a small network, is added and normalised again. That is
the proposal. Gates as of an LSTM, given by the input and by the slots, take it in:

    M ← sigmoid(I) ⊙ tanh(proposal) + sigmoid(F) ⊙ M.

The output is made of all slots side by side. Their number is fixed, and what relates two of them is one number a head.

Source: santoro2018, Sec. 3
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from memlib.models.recurrent import unroll
from memlib.models.steps import check_steps

GATES = ("unit", "slot", "none")


@dataclass(frozen=True)
class RMCConfig:
    """How a Relational Memory Core is built.

    Attributes:
        width_in: of the inputs.
        width_out: of the outputs; they are logits.
        slots: of the memory.
        heads: of the attention.
        head_size: of the queries, keys and values of a head; a slot is heads · head_size wide.
        blocks: how often the rows attend to each other in a step.
        layers: of the small network after the attention.
        gates: "unit" (one for each number of a slot), "slot" (one for each slot) or "none" (the proposal is all).
        forget_bias: of the forget gate at the start.
        readout: widths of hidden layers with ReLU between the slots and the output.
        joint_norm: normalise all rows together, with a gain and a bias for each of their numbers; else row by row.
        shared_layers: the layers of the small network have one matrix.
        final_relu: a ReLU after the last of these layers, too.
    """

    width_in: int
    width_out: int
    slots: int = 8
    heads: int = 8
    head_size: int = 32
    blocks: int = 1
    layers: int = 2
    gates: str = "unit"
    forget_bias: float = 1.0
    readout: tuple[int, ...] = ()
    joint_norm: bool = False
    shared_layers: bool = False
    final_relu: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "readout", tuple(self.readout))
        for name in ("width_in", "width_out", "slots", "heads", "head_size", "blocks", "layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"RMCConfig: expected {name} >= 1, got {getattr(self, name)}.")
        if self.gates not in GATES:
            raise ValueError(f"RMCConfig: expected gates in {', '.join(GATES)}; got {self.gates!r}.")
        if min(self.readout, default=1) < 1:
            raise ValueError(f"RMCConfig: expected widths of at least 1 in readout, got {self.readout}.")

    @property
    def width(self) -> int:
        """Of a slot."""
        return self.heads * self.head_size

    @classmethod
    def paper(cls, width_in: int, width_out: int, **options: Any) -> "RMCConfig":
        """As on Nth farthest: 8 slots, 8 heads of 32, four layers of 256 before the output."""
        return cls(width_in, width_out, **{"readout": (256,) * 4, **options})

    @classmethod
    def le2020(cls, width_in: int, width_out: int, **options: Any) -> "RMCConfig":
        """As a baseline of Le et al.: 8 slots, 8 heads; slots 512 wide.

        Their text has 1,024 numbers in all, their Table 3 2.8 million weights. Slots of 128, 1,024 numbers in all, give
        0.2 million, slots of 1,024 nearly ten; slots of 512 give 2.5.
        """
        return cls(width_in, width_out, **{"head_size": 64, **options})

    @classmethod
    def port(cls, width_in: int, width_out: int, **options: Any) -> "RMCConfig":
        """With what is peculiar to the public PyTorch port that Le et al. used."""
        return cls(width_in, width_out, **{"joint_norm": True, "shared_layers": True, "final_relu": True, **options})


class RMCState(NamedTuple):
    """What a Relational Memory Core carries along.

    Attributes:
        memory: M, [batch, slots, width].
    """

    memory: Tensor


class RMCCell(nn.Module):
    """One step, from the projected input to the slots.

    Args:
        config: see `RMCConfig`.
    """

    def __init__(self, config: RMCConfig) -> None:
        super().__init__()
        self.config, width = config, config.width
        rows = (config.slots + 1,) if config.joint_norm else ()
        self.project = nn.Linear(width, 3 * width)
        self.norm_project = nn.LayerNorm((*rows, 3 * width))
        self.layers = nn.ModuleList(
            nn.Linear(width, width) for _ in range(1 if config.shared_layers else config.layers)
        )
        self.norm_attended = nn.LayerNorm((*rows, width))
        self.norm_layers = nn.LayerNorm((*rows, width))
        size = {"unit": width, "slot": 1, "none": 0}[config.gates]
        self.gates_of_memory = nn.Linear(width, 2 * size, bias=False) if size else None

    def initial_state(self, batch_size: int) -> RMCState:
        """The identity, cut or padded with zeros: each slot starts as another vector."""
        config = self.config
        start = torch.eye(
            config.slots, config.width, dtype=self.project.weight.dtype, device=self.project.weight.device
        )
        return RMCState(start.expand(batch_size, -1, -1))

    def attend(self, rows: Float[Tensor, "batch rows width"], wanted: int) -> Float[Tensor, "batch wanted width"]:
        """One block: the first ``wanted`` rows after they have looked at all rows."""
        config = self.config
        query, key, value = self.norm_project(self.project(rows)).unflatten(-1, (config.heads, -1)).chunk(3, -1)
        found = functional.scaled_dot_product_attention(
            query[:, :wanted].transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)
        )
        rows = self.norm_attended(rows[:, :wanted] + found.transpose(1, 2).flatten(2))
        inner = rows
        for number in range(config.layers):
            inner = self.layers[0 if config.shared_layers else number](inner)
            if number < config.layers - 1 or config.final_relu:
                inner = inner.relu()
        return self.norm_layers(rows + inner)

    def forward(self, x: Float[Tensor, "batch driven"], state: RMCState) -> tuple[Tensor, RMCState]:
        """One step.

        Args:
            x: the projected input and, behind it, what the input gives to the gates, [batch, width + 2 gates].
            state: before it.

        Returns:
            All slots side by side, [batch, slots · width], and the next state.
        """
        config, memory = self.config, state.memory
        row, driven = x.split([config.width, x.shape[-1] - config.width], -1)
        rows = torch.cat([memory, row.unsqueeze(1)], 1)
        for block in range(config.blocks):
            last = block == config.blocks - 1 and not config.joint_norm
            rows = self.attend(rows, config.slots if last else config.slots + 1)
        proposal = rows[:, : config.slots]
        if self.gates_of_memory is not None:
            take, keep = (self.gates_of_memory(memory.tanh()) + driven.unsqueeze(1)).sigmoid().chunk(2, -1)
            proposal = take * proposal.tanh() + keep * memory
        return proposal.flatten(1), RMCState(proposal)


class RelationalMemoryCore(nn.Module):
    """The core on whole sequences; see the module's text. What depends on inputs alone is done for all steps at once.

    Args:
        config: see `RMCConfig`.
    """

    def __init__(self, config: RMCConfig) -> None:
        super().__init__()
        self.config = config
        self.cell = RMCCell(config)
        self.inputs = nn.Linear(config.width_in, config.width)
        self.gates_of_inputs = None
        if self.cell.gates_of_memory is not None:
            self.gates_of_inputs = nn.Linear(config.width, self.cell.gates_of_memory.out_features)
            with torch.no_grad():
                self.gates_of_inputs.bias.chunk(2)[1].add_(config.forget_bias)
        widths = (config.slots * config.width, *config.readout)
        hidden = [part for a, b in pairwise(widths) for part in (nn.Linear(a, b), nn.ReLU())]
        self.output = nn.Sequential(*hidden, nn.Linear(widths[-1], config.width_out))

    def initial_state(self, batch_size: int) -> RMCState:
        """The state before the first step."""
        return self.cell.initial_state(batch_size)

    def drive(self, inputs: Float[Tensor, "batch time width_in"]) -> Float[Tensor, "batch time driven"]:
        """What the cell is given at each step."""
        rows = self.inputs(inputs)
        return rows if self.gates_of_inputs is None else torch.cat([rows, self.gates_of_inputs(rows)], -1)

    def forward(
        self, inputs: Float[Tensor, "batch time width_in"], state: RMCState | None = None
    ) -> tuple[Float[Tensor, "batch time width_out"], RMCState]:
        """Run along a sequence.

        Args:
            inputs: [batch, time, width_in].
            state: before the first step; the core's own start when None.

        Returns:
            Logits [batch, time, width_out] and the last state.

        Raises:
            ValueError: the inputs have not three axes, no step, or another width; or the state is of another batch.
            TypeError: the inputs are not of the weights' kind of number.
        """
        check_steps(self, inputs, self.config.width_in, state)
        # A checkpoint hands named tuples back as plain ones.
        state = self.initial_state(len(inputs)) if state is None else RMCState(*state)
        slots, state = unroll(self.cell, self.drive(inputs), state)
        return self.output(slots), state

    def size(self) -> int:
        """How many weights are trained."""
        return sum(weight.numel() for weight in self.parameters())
