"""The Associative LSTM: a holographic memory in the place of an LSTM's cell, forgotten as a whole.

Danihelka et al. (2016) gate the entire array: c_s ← g_f ⊙ c_s + (P_s r_i) ⊛ (g_i ⊙ u). One forget gate acts on
everything that the array holds, whichever key it was written under. Weissenborn (2016, Sec. 2) objects to just that,
and writes through keys alone. ``forget="keyed"`` builds his alternative on the same network: what the write key
retrieves is scaled down before the write, and nothing else is touched.

Source: danihelka2016; weissenborn2016, Sec. 2
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from memlib.mechanisms import holographic
from memlib.models.am_rnn import as_complex, as_real


@dataclass(frozen=True)
class AssociativeLSTMConfig:
    """How an Associative LSTM is built.

    Attributes:
        input_size: of x.
        hidden_size: H, even: H/2 complex numbers.
        copies: N_c.
        forget: "array" scales the whole memory by the forget gate, as Danihelka et al. do; "keyed" scales only what the
            write key retrieves.
        forget_bias: of the forget gate at the start.
        seed: of the permutations.
    """

    input_size: int
    hidden_size: int
    copies: int = 8
    forget: str = "array"
    forget_bias: float = 1.0
    seed: int = 123

    def __post_init__(self) -> None:
        if self.forget not in ("array", "keyed"):
            raise ValueError(f"AssociativeLSTMConfig: expected forget 'array' or 'keyed', got {self.forget!r}.")
        if self.hidden_size < 2 or self.hidden_size % 2 or self.copies < 1 or self.input_size < 1:
            raise ValueError(
                "AssociativeLSTMConfig: expected an even hidden_size of at least 2, copies >= 1 and input_size >= 1; "
                f"got {self.hidden_size}, {self.copies} and {self.input_size}."
            )


class AssociativeState(NamedTuple):
    """What an Associative LSTM carries along.

    Attributes:
        memory: c, complex, [batch, copies, H/2].
        output: h, [batch, H].
    """

    memory: Tensor
    output: Tensor


class AssociativeLSTM(nn.Module):
    """One layer; see the module's text.

    Args:
        config: see `AssociativeLSTMConfig`.
    """

    permutations: Tensor

    def __init__(self, config: AssociativeLSTMConfig) -> None:
        super().__init__()
        self.config = config
        half = config.hidden_size // 2
        # forget, input and output gate (one for each complex number), write key, read key, content (two numbers each)
        self.layer = nn.Linear(config.input_size + config.hidden_size, 9 * half)
        nn.init.xavier_uniform_(self.layer.weight)
        nn.init.zeros_(self.layer.bias)
        nn.init.constant_(self.layer.bias[:half], config.forget_bias)
        generator = torch.Generator().manual_seed(config.seed)
        self.register_buffer("permutations", holographic.permutations(config.copies, half, generator))

    def initial_state(self, batch_size: int) -> AssociativeState:
        """Zeros."""
        zeros = self.layer.weight.new_zeros(batch_size, self.config.hidden_size)
        empty = zeros.new_zeros(batch_size, self.config.copies, self.config.hidden_size // 2)
        return AssociativeState(torch.complex(empty, empty), zeros)

    def forward(
        self, x: Float[Tensor, "batch input"], state: AssociativeState
    ) -> tuple[Float[Tensor, "batch hidden"], AssociativeState]:
        """One step.

        Args:
            x: [batch, input].
            state: of the last step.

        Returns:
            The output h, [batch, H], and the new state.
        """
        half = self.config.hidden_size // 2
        parts = self.layer(torch.cat([x, state.output], -1)).split([half] * 3 + [2 * half] * 3, -1)
        keep, write, show = (gate.sigmoid() for gate in parts[:3])
        write_key, read_key, content = (holographic.bound(as_complex(part)) for part in parts[3:])
        memory = self.forget(state.memory, write_key, keep)
        memory = holographic.write(memory, write_key, write * content, self.permutations)
        # The read key is learned as it is used: the conjugate of `read` undoes the one taken here.
        found = holographic.read(memory, read_key.conj(), self.permutations)
        output = as_real(show * holographic.bound(found))
        return output, AssociativeState(memory, output)

    def forget(self, memory: Tensor, key: Tensor, keep: Tensor) -> Tensor:
        """Scale the array, or only what the key retrieves, by the forget gate [batch, H/2]."""
        if self.config.forget == "array":
            return keep.unsqueeze(-2) * memory
        found = holographic.read(memory, key, self.permutations)
        return holographic.write(memory, key, (keep - 1) * found, self.permutations)
