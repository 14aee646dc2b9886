"""A recurrent network whose state lives in a holographic memory: AM-RNN, and the Dual AM-RNN for pairs of sequences.

At each step a key is computed from the input and the last output; the memory is read with it; any recurrent cell takes
one step on what was read; and the *change* is written back under the same key (Weissenborn 2016, Eq. 5-10). For a key
of modulus 1 that is a delta rule of strength 1: read again at once, the key gives exactly the state left there.

Deviations, each an option of `AMRNNConfig`: see its attributes. Vectors of H real numbers are H/2 complex ones.
"""

from typing import NamedTuple

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn

from memlib.kernels.am_gru import Weights, am_gru
from memlib.mechanisms import holographic
from memlib.models.am_config import CELLS, AMRNNConfig
from memlib.models.am_options import crossed, draw_apart, finish
from memlib.models.recurrent import GRUCell, LSTMCell, unroll


class AMState(NamedTuple):
    """What an AM-RNN carries along.

    Attributes:
        memory: m, complex, [batch, copies, H/2].
        output: h, [batch, H].
        rest: what the wrapped cell keeps beside its memory state; () for a GRU, (h,) for an LSTM.
    """

    memory: Tensor
    output: Tensor
    rest: tuple[Tensor, ...] = ()


class AMRNN(nn.Module):
    """Any recurrent cell over an associative memory.

    Args:
        config: see `AMRNNConfig`.
        extra: width of further inputs to the wrapped cell (the Dual AM-RNN hands φ in here).

    Source: weissenborn2016, Eq. 6; weissenborn2016, Eq. 8; weissenborn2016, Eq. 9
    """

    permutations: Tensor
    cell: GRUCell | LSTMCell

    def __init__(self, config: AMRNNConfig, extra: int = 0) -> None:
        super().__init__()
        self.config, self.extra = config, extra
        size, seen = config.hidden_size, config.input_size + config.hidden_size * config.see_output
        self.keys = nn.Linear(seen, (1 + config.read_keys) * size, bias=False)
        nn.init.xavier_uniform_(self.keys.weight)
        # An LSTM reads its last output itself; handing it in once is enough.
        self.hands_in = config.see_output and config.cell != "lstm"
        inside = config.input_size + size * (self.hands_in + config.read_keys) + extra
        options = {"gate_bias": config.gate_bias} if config.cell == "gru" else {}
        self.cell = CELLS[config.cell](inside, size, **options)  # type: ignore[assignment]
        if config.update_bias is not None:
            nn.init.constant_(self.cell.gates.bias[size:], config.update_bias)
        generator = torch.Generator().manual_seed(config.seed)
        drawn = holographic.permutations(config.copies, size // 2, generator)
        self.register_buffer("permutations", drawn)

    def initial_state(self, batch_size: int) -> AMState:
        """An empty memory and a zero output."""
        size = self.config.hidden_size
        zeros = self.keys.weight.new_zeros(batch_size, size)
        memory = torch.complex(*[zeros.new_zeros(batch_size, self.config.copies, size // 2) for _ in range(2)])
        return AMState(memory, zeros, (zeros,) if self.config.cell == "lstm" else ())

    def key(
        self, x: Float[Tensor, "batch input"], output: Float[Tensor, "batch hidden"]
    ) -> Complex[Tensor, "batch k d"]:
        """The keys of this step: the one that reads and writes, then those that only read. [batch, 1 + read_keys, H/2].

        Source: weissenborn2016, Eq. 6
        """
        keys = self.keys(self.seen(x, output)).unflatten(-1, (-1, self.config.hidden_size))
        return finish(as_complex(keys), self.config)

    def seen(self, x: Float[Tensor, "batch input"], output: Float[Tensor, "batch hidden"]) -> Tensor:
        """What keys are computed from: the input, and the last output unless the config leaves it out."""
        return torch.cat([x, output], -1) if self.config.see_output else x

    def spread(self, key: Complex[Tensor, "batch d"]) -> Complex[Tensor, "batch copies d"]:
        """The key as each copy sees it, gathered once for reading and writing."""
        return key.index_select(-1, self.permutations.flatten()).unflatten(-1, tuple(self.permutations.shape))

    def read(
        self, memory: Complex[Tensor, "batch copies d"], key: Complex[Tensor, "batch d"]
    ) -> Float[Tensor, "batch h"]:
        """What a memory holds under a key, as H real numbers."""
        return as_real(holographic.read(memory, key, self.permutations))

    def forward(
        self, x: Float[Tensor, "batch input"], state: AMState, extra: Float[Tensor, "batch extra"] | None = None
    ) -> tuple[Float[Tensor, "batch hidden"], AMState]:
        """One step.

        Args:
            x: [batch, N].
            state: of the last step.
            extra: further input to the wrapped cell; zeros when None.

        Returns:
            The output h, [batch, H], and the new state.
        """
        key, *others = self.key(x, state.output).unbind(1)
        if extra is None and self.extra:
            extra = x.new_zeros(x.shape[0], self.extra)
        return self.step(x, state, key, [*(self.read(state.memory, other) for other in others), extra])

    def step(
        self, x: Tensor, state: AMState, key: Complex[Tensor, "batch d"], extras: list[Tensor | None]
    ) -> tuple[Tensor, AMState]:
        """Read, let the wrapped cell take a step, write the change."""
        keys = self.spread(key)
        before = as_real(holographic.unbind(keys, state.memory).mean(-2))
        own = [state.output] if self.hands_in else []
        seen = torch.cat([x, *own, *(extra for extra in extras if extra is not None)], -1)
        inner = self.cell.initial_state(0)
        y, after = self.cell(seen, type(inner)(before, *state.rest))
        change = as_complex(after.memory - before)
        memory = state.memory + holographic.bind(keys, change.unsqueeze(-2))
        return y, AMState(memory, y, tuple(after[1:]))

    def sequence(
        self, xs: Float[Tensor, "batch time input"], state: AMState | None = None, mask: Tensor | None = None
    ) -> tuple[Float[Tensor, "batch time hidden"], AMState]:
        """The same as `unroll` on this cell, faster where a kernel fits (a GRU, one key); further inputs are 0."""
        if self.weights is None:
            return unroll(self, xs, state, mask)
        state = self.initial_state(xs.shape[0]) if state is None else state
        ys, memory, output = am_gru(xs, state.memory, state.output, self.weights, self.permutations, mask)
        return ys, AMState(memory, output)

    @property
    def weights(self) -> Weights | None:
        """For the kernel; None where it does not fit."""
        other_keys = self.config.read_keys or self.config.normalise_keys or self.config.bound_multiplies
        if not isinstance(self.cell, GRUCell) or other_keys or not self.config.see_output:
            return None
        gates, candidate = self.cell.gates, self.cell.candidate
        return Weights(self.keys.weight, gates.weight, gates.bias, candidate.weight, candidate.bias)


class DualState(NamedTuple):
    """What a Dual AM-RNN carries along.

    Attributes:
        own: of the AM-RNN that reads the second sequence.
        source: the memory that the first sequence left, complex, [batch, copies, H/2]; it is only read.
    """

    own: AMState
    source: Tensor


class DualAMRNN(nn.Module):
    """An AM-RNN over the second sequence that also reads the memory of the first.

    Args:
        config: see `AMRNNConfig`; ``share_key`` reads both memories with one key.

    Source: weissenborn2016, Eq. 10
    """

    def __init__(self, config: AMRNNConfig) -> None:
        super().__init__()
        self.config = config
        self.rnn = AMRNN(config, extra=config.hidden_size)
        seen = self.rnn.keys.in_features
        self.source_key = None if config.share_key else nn.Linear(seen, config.hidden_size, bias=False)
        if config.separate_init:
            draw_apart(self.rnn.cell, config.hidden_size, self.source_key)

    def initial_state(self, batch_size: int) -> DualState:
        """Both memories empty; hand in the first sequence's memory with `beside`."""
        own = self.rnn.initial_state(batch_size)
        return DualState(own, torch.zeros_like(own.memory))

    def beside(self, source: Complex[Tensor, "batch copies d"]) -> DualState:
        """The state before the second sequence: an empty memory beside the one that the first sequence left."""
        return DualState(self.rnn.initial_state(source.shape[0]), source)

    def forward(
        self, x: Float[Tensor, "batch input"], state: DualState
    ) -> tuple[Float[Tensor, "batch hidden"], DualState]:
        """One step: read φ from the source memory, then one AM-RNN step with φ as a further input.

        Args:
            x: [batch, N].
            state: of the last step.

        Returns:
            The output h, [batch, H], and the new state.
        """
        key, *others = self.keys(x, state.own.output)
        found = [self.rnn.read(state.own.memory, other) for other in others[: self.config.read_keys]]
        phi = self.read_source(x, state, key)
        y, own = self.rnn.step(x, state.own, key, [*found, phi])
        return y, DualState(own, state.source)

    def first(
        self, xs: Float[Tensor, "batch time input"], mask: Tensor | None = None
    ) -> tuple[Float[Tensor, "batch time hidden"], AMState]:
        """Read the first sequence with the same weights. There is no memory beside it yet, so φ is 0."""
        return self.rnn.sequence(xs, None, mask)

    def sequence(
        self, xs: Float[Tensor, "batch time input"], state: DualState, mask: Tensor | None = None
    ) -> tuple[Float[Tensor, "batch time hidden"], DualState]:
        """The same as `unroll` on this cell, faster where a kernel fits (a GRU, one shared key)."""
        weights = self.rnn.weights
        if weights is None or self.source_key is not None:
            return unroll(self, xs, state, mask)
        own, permutations = state.own, self.rnn.permutations
        ys, memory, output = am_gru(xs, own.memory, own.output, weights, permutations, mask, state.source)
        return ys, DualState(AMState(memory, output), state.source)

    def keys(self, x: Tensor, output: Tensor) -> tuple[Complex[Tensor, "batch d"], ...]:
        """The keys of the own memory, as `AMRNN.key`, then r' where the other memory has a key of its own."""
        if self.source_key is None:
            return self.rnn.key(x, output).unbind(1)
        seen = self.rnn.seen(x, output)
        own, other = self.rnn.keys(seen).unflatten(-1, (-1, self.config.hidden_size)), self.source_key(seen)
        both = torch.cat([own, other.unsqueeze(1)], 1)
        return finish(crossed(own, other) if self.config.crossed_keys else as_complex(both), self.config).unbind(1)

    def read_source(self, x: Tensor, state: DualState, key: Complex[Tensor, "batch d"]) -> Float[Tensor, "batch h"]:
        """φ: what the first sequence's memory holds under r', or under r where the key is shared."""
        return self.rnn.read(state.source, key if self.source_key is None else self.keys(x, state.own.output)[-1])


def as_complex(real: Float[Tensor, "*batch h"]) -> Complex[Tensor, "*batch d"]:
    """H real numbers as H/2 complex ones: the first half real, the second imaginary parts.

    Autocast makes numbers of half size, of which there are no complex ones to reckon with: they become single.
    """
    real = real.float() if real.dtype in (torch.bfloat16, torch.float16) else real
    return torch.complex(*real.chunk(2, -1))


def as_real(value: Complex[Tensor, "*batch d"]) -> Float[Tensor, "*batch h"]:
    """H/2 complex numbers as H real ones, the inverse of `as_complex`."""
    return torch.cat([value.real, value.imag], -1)
