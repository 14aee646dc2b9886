"""A recurrent network whose state lives in a holographic memory: AM-RNN, and the Dual AM-RNN for pairs of sequences.

At each step a key is computed from the input and the last output; the memory is read with it; any recurrent cell takes
one step on what was read; and the *change* is written back under the same key (Weissenborn 2016, Eq. 5-10). For a key
of modulus 1 that is a delta rule of strength 1: the wrapped cell finds under this key exactly what it left there.

Deviations, each an option of `AMRNNConfig`: see its attributes. Vectors of H real numbers are H/2 complex ones.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn

from memlib.mechanisms import holographic
from memlib.models.recurrent import GRUCell, LSTMCell

CELLS = {"gru": GRUCell, "lstm": LSTMCell}


@dataclass(frozen=True)
class AMRNNConfig:
    """How an AM-RNN is built.

    Attributes:
        input_size: N, of x.
        hidden_size: H, of the wrapped cell; even, because H real numbers are H/2 complex ones.
        copies: N_c of the memory.
        cell: "gru" or "lstm".
        read_keys: further keys that are only read with; what they find goes to the cell beside the input (the authors'
            code has them, the paper does not).
        share_key: of the Dual AM-RNN: read the first sequence's memory with the key of the second's own (r' = r).
        gate_bias: of a GRU's gates at the start. The authors' code starts at 1, which opens the update gate, though its
            comment says that it starts by not updating.
        normalise_keys: give keys modulus 1 where the paper's `bound` gives at most 1.
        seed: of the permutations.
    """

    input_size: int
    hidden_size: int
    copies: int = 8
    cell: str = "gru"
    read_keys: int = 0
    share_key: bool = True
    gate_bias: float = 1.0
    normalise_keys: bool = False
    seed: int = 123

    def __post_init__(self) -> None:
        if self.hidden_size < 2 or self.hidden_size % 2:
            raise ValueError(f"AMRNNConfig: expected an even hidden_size of at least 2, got {self.hidden_size}.")
        if self.cell not in CELLS:
            raise ValueError(f"AMRNNConfig: expected cell to be one of {', '.join(CELLS)}; got {self.cell!r}.")
        if self.copies < 1 or self.input_size < 1 or self.read_keys < 0:
            raise ValueError(
                "AMRNNConfig: expected copies >= 1, input_size >= 1 and read_keys >= 0; "
                f"got {self.copies}, {self.input_size} and {self.read_keys}."
            )

    @classmethod
    def paper(cls, input_size: int, hidden_size: int, **options: Any) -> "AMRNNConfig":
        """As the paper has it: 8 copies, one key."""
        return cls(input_size, hidden_size, **options)

    @classmethod
    def official(cls, input_size: int, hidden_size: int, **options: Any) -> "AMRNNConfig":
        """As the authors' code has it by default; what it adds, `read_keys`, is off there too."""
        return cls(input_size, hidden_size, **{"read_keys": 0, "gate_bias": 1.0, **options})


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
        self.config = config
        size, seen = config.hidden_size, config.input_size + config.hidden_size
        self.keys = nn.Linear(seen, (1 + config.read_keys) * size, bias=False)
        nn.init.xavier_uniform_(self.keys.weight)
        inside = seen + config.read_keys * size + extra
        # An LSTM reads its last output itself; handing it in once is enough.
        inside -= size if config.cell == "lstm" else 0
        options = {"gate_bias": config.gate_bias} if config.cell == "gru" else {}
        self.cell = CELLS[config.cell](inside, size, **options)  # type: ignore[assignment]
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
        keys = as_complex(self.keys(torch.cat([x, output], -1)).unflatten(-1, (-1, self.config.hidden_size)))
        return keys / keys.abs().clamp(min=1e-6) if self.config.normalise_keys else holographic.bound(keys)

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
            extra: further input to the wrapped cell.

        Returns:
            The output h, [batch, H], and the new state.
        """
        key, *others = self.key(x, state.output).unbind(1)
        return self.step(x, state, key, [*(self.read(state.memory, other) for other in others), extra])

    def step(
        self, x: Tensor, state: AMState, key: Complex[Tensor, "batch d"], extras: list[Tensor | None]
    ) -> tuple[Tensor, AMState]:
        """Read, let the wrapped cell take a step, write the change."""
        keys = self.spread(key)
        before = as_real(holographic.unbind(keys, state.memory).mean(-2))
        own = [] if self.config.cell == "lstm" else [state.output]
        seen = torch.cat([x, *own, *(extra for extra in extras if extra is not None)], -1)
        inner = self.cell.initial_state(0)
        y, after = self.cell(seen, type(inner)(before, *state.rest))
        change = as_complex(after.memory - before)
        memory = state.memory + holographic.bind(keys, change.unsqueeze(-2))
        return y, AMState(memory, y, tuple(after[1:]))


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
        seen = config.input_size + config.hidden_size
        self.source_key = None if config.share_key else nn.Linear(seen, config.hidden_size, bias=False)

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
        key, *others = self.rnn.key(x, state.own.output).unbind(1)
        found = [self.rnn.read(state.own.memory, other) for other in others]
        phi = self.read_source(x, state, key)
        y, own = self.rnn.step(x, state.own, key, [*found, phi])
        return y, DualState(own, state.source)

    def read_source(self, x: Tensor, state: DualState, key: Complex[Tensor, "batch d"]) -> Float[Tensor, "batch h"]:
        """φ: what the first sequence's memory holds under r', or under r where the key is shared."""
        if self.source_key is not None:
            key = holographic.bound(as_complex(self.source_key(torch.cat([x, state.own.output], -1))))
        return self.rnn.read(state.source, key)


def as_complex(real: Float[Tensor, "*batch h"]) -> Complex[Tensor, "*batch d"]:
    """H real numbers as H/2 complex ones: the first half real, the second imaginary parts."""
    return torch.complex(*real.chunk(2, -1))


def as_real(value: Complex[Tensor, "*batch d"]) -> Float[Tensor, "*batch h"]:
    """H/2 complex numbers as H real ones, the inverse of `as_complex`."""
    return torch.cat([value.real, value.imag], -1)
