"""The parts of a Fast Weight Memory: the memory beside a hidden state, and the LSTM that drives it.

Both have a plain form, a cell that takes one step, and a ``sequence`` that takes a window at once: one fused LSTM, one
product for all projections, the scan and the attention of `memlib.kernels.fast_weights`. They are tested equal.

Source: schlag2021, Eqs. 1-8
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from memlib.kernels import fast_weights as kernel
from memlib.mechanisms.fast_weights import bound_norm, concatenated, layer_norm, tensor_read, tensor_write
from memlib.models.fwm_config import FWMConfig


class FWMState(NamedTuple):
    """What a Fast Weight Memory carries along.

    Attributes:
        memory: F, [batch, d, d, d]; [batch, 2d, 1, d] where keys are concatenated.
        output: h of the LSTM, [batch, hidden].
        cell: c of the LSTM, [batch, hidden].
    """

    memory: Tensor
    output: Tensor
    cell: Tensor


class Signals(NamedTuple):
    """What the hidden state says to the memory at each step.

    Attributes:
        key1: k1, [..., d].
        key2: k2, [..., d].
        value: v, [..., d].
        strength: β with the scale of the write in it, [..., 1].
        query: n⁽⁰⁾, [..., d].
        entities: e⁽¹⁾ to e⁽ᴺ⁾, [..., reads, d].
    """

    key1: Tensor
    key2: Tensor
    value: Tensor
    strength: Tensor
    query: Tensor
    entities: Tensor


class FastWeightMemory(nn.Module):
    """The memory of a hidden state: it writes, bounds and reads at each step.

    Args:
        config: see `FWMConfig`; the embedding and the vocabulary play no part here.

    Source: schlag2021, Eqs. 1-8
    """

    def __init__(self, config: FWMConfig) -> None:
        super().__init__()
        self.config = config
        hidden, d = config.hidden_size, config.memory_size
        self.write = nn.Linear(hidden, 3 * d + 1)
        self.read = nn.Linear(hidden, d + config.reads * d)
        self.out = nn.Linear(d, hidden)
        reach = math.sqrt(6 / (hidden + d))
        for layer in (self.write, self.read):
            nn.init.uniform_(layer.weight, -reach, reach)

    def initial_memory(self, batch_size: int) -> Tensor:
        """Zeros."""
        d = self.config.memory_size
        shape = (2 * d, 1, d) if self.config.concatenate_keys else (d, d, d)
        return self.out.weight.new_zeros(batch_size, *shape)

    def signals(self, hidden: Float[Tensor, "*batch hidden"]) -> Signals:
        """Keys, value, strength, query and entities, by one product.

        Source: schlag2021, Eq. 1; schlag2021, Eq. 2; schlag2021, Eq. 5; schlag2021, Eq. 6
        """
        config, d = self.config, self.config.memory_size
        weight = torch.cat([self.write.weight, self.read.weight])
        raw = nn.functional.linear(hidden, weight, torch.cat([self.write.bias, self.read.bias]))
        keys, strength, query, entities = raw.split([3 * d, 1, d, config.reads * d], -1)
        key1, key2, value = keys.tanh().chunk(3, -1)
        strength = config.write_scale * (strength + config.strength_bias).sigmoid()
        query = query.tanh() if config.squash_first_query else query
        entities = entities.tanh() if config.squash_entities else entities
        return Signals(key1, key2, value, strength, query, entities.unflatten(-1, (config.reads, d)))

    def forward(
        self, hidden: Float[Tensor, "batch hidden"], memory: Float[Tensor, "batch d1 d2 d"]
    ) -> tuple[Float[Tensor, "batch hidden"], Float[Tensor, "batch d1 d2 d"]]:
        """One step, in plain words: write, bound, read in rounds.

        Args:
            hidden: h of this step.
            memory: F of the last step.

        Returns:
            The output, [batch, hidden], and the new F.
        """
        said = self.signals(hidden)
        memory = tensor_write(memory, *self._pair(said.key1, said.key2), said.value, said.strength)
        memory = bound_norm(memory)
        query = said.query
        for entity in said.entities.unbind(-2):
            query = layer_norm(tensor_read(memory, *self._pair(query, entity)))
        return self._answer(query, hidden), memory

    def sequence(
        self,
        hidden: Float[Tensor, "batch time hidden"],
        memory: Float[Tensor, "batch d1 d2 d"],
        mask: Bool[Tensor, "batch time"] | None = None,
        steps: Int[Tensor, "batch queries"] | None = None,
    ) -> tuple[Float[Tensor, "batch queries hidden"], Float[Tensor, "batch d1 d2 d"]]:
        """A window at once, the same numbers.

        Args:
            hidden: h of each step.
            memory: F before the first step.
            mask: False on padding, where F stays as it is.
            steps: read at these steps of each row alone; None for all.

        Returns:
            The outputs at these steps, and F after the last.
        """
        said = self.signals(hidden)
        keys = self._pair(said.key1, said.key2)
        writes = kernel.write(memory, *keys, said.value, said.strength, mask)
        query, entities = said.query, said.entities
        if steps is not None:
            rows = torch.arange(len(steps), device=steps.device).unsqueeze(1)
            query, entities, hidden = query[rows, steps], entities[rows, steps], hidden[rows, steps]
        found = kernel.chained_reads(writes, query, entities, steps, self.config.concatenate_keys)
        return self._answer(found, hidden), kernel.last_memory(writes)

    def _pair(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        return concatenated(first, second) if self.config.concatenate_keys else (first, second)

    def _answer(self, found: Tensor, hidden: Tensor) -> Tensor:
        out = self.out(found)
        return out + hidden if self.config.residual else out


class FWMCell(nn.Module):
    """An LSTM and its memory, as a recurrent cell over vectors.

    Args:
        config: see `FWMConfig`; the input is as wide as an embedding.

    Source: schlag2021, Eqs. 1-8
    """

    def __init__(self, config: FWMConfig) -> None:
        super().__init__()
        self.config = config
        self.lstm = nn.LSTM(config.embedding_size, config.hidden_size, batch_first=True)
        self.memory = FastWeightMemory(config)
        *_, bias, second_bias = self._lstm_weights()
        nn.init.zeros_(bias)
        nn.init.constant_(bias[config.hidden_size : 2 * config.hidden_size], config.forget_bias)
        # One bias, as in the authors' cell: two that are added would learn twice as fast under Adam.
        nn.init.zeros_(second_bias).requires_grad_(False)

    def initial_state(self, batch_size: int) -> FWMState:
        """Zeros."""
        zeros = self.memory.out.weight.new_zeros(batch_size, self.config.hidden_size)
        return FWMState(self.memory.initial_memory(batch_size), zeros, zeros)

    def _lstm_weights(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        own = dict(self.lstm.named_parameters())
        return own["weight_ih_l0"], own["weight_hh_l0"], own["bias_ih_l0"], own["bias_hh_l0"]

    def forward(
        self, x: Float[Tensor, "batch input"], state: FWMState
    ) -> tuple[Float[Tensor, "batch hidden"], FWMState]:
        """One step: the LSTM, then the memory."""
        h, c = torch.lstm_cell(x, (state.output, state.cell), *self._lstm_weights())
        y, memory = self.memory(h, state.memory)
        return y, FWMState(memory, h, c)

    def sequence(
        self,
        xs: Float[Tensor, "batch time input"],
        state: FWMState | None = None,
        mask: Bool[Tensor, "batch time"] | None = None,
        steps: Int[Tensor, "batch queries"] | None = None,
    ) -> tuple[Float[Tensor, "batch queries hidden"], FWMState]:
        """A window at once: the same as `unroll` on this cell, outputs, state and gradients.

        Args:
            xs: inputs.
            state: before the first step; zeros when None.
            mask: False on padding: the state stays, the output is 0.
            steps: give the outputs of these steps of each row alone; None for all.
        """
        state = self.initial_state(xs.shape[0]) if state is None else state
        hidden, output, cell = run_lstm(self.lstm, xs, state.output, state.cell, mask)
        ys, memory = self.memory.sequence(hidden, state.memory, mask, steps)
        if mask is not None:
            shown = mask if steps is None else mask.gather(1, steps)
            ys = torch.where(shown.unsqueeze(-1), ys, 0.0)
        return ys, FWMState(memory, output, cell)


def run_lstm(
    lstm: nn.LSTM,
    xs: Float[Tensor, "batch time input"],
    output: Float[Tensor, "batch hidden"],
    cell: Float[Tensor, "batch hidden"],
    mask: Bool[Tensor, "batch time"] | None = None,
) -> tuple[Float[Tensor, "batch time hidden"], Float[Tensor, "batch hidden"], Float[Tensor, "batch hidden"]]:
    """Run torch's LSTM of one layer along a window, padding anywhere: it is moved to the end and packed away.

    Returns:
        h at each step, 0 on padding; h and c after the last live step of each row.
    """
    if mask is None or bool(mask.all()):
        hidden, (output, cell) = lstm(xs, (output.unsqueeze(0), cell.unsqueeze(0)))
        return hidden, output[0], cell[0]
    order = (~mask).long().argsort(dim=1, stable=True).unsqueeze(-1)
    lengths = mask.sum(1)
    packed = nn.utils.rnn.pack_padded_sequence(
        xs.gather(1, order.expand_as(xs)), lengths.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False
    )
    ys, (last, content) = lstm(packed, (output.unsqueeze(0), cell.unsqueeze(0)))
    ys, _ = nn.utils.rnn.pad_packed_sequence(ys, batch_first=True, total_length=xs.shape[1])
    hidden = torch.zeros_like(ys).scatter(1, order.expand_as(ys), ys)
    started = (lengths > 0).unsqueeze(1)
    hidden = torch.where(mask.unsqueeze(-1), hidden, 0.0)
    return hidden, torch.where(started, last[0], output), torch.where(started, content[0], cell)
