"""A Fast Weight Memory for agents: it acts with the list of its own writes, and learns from whole episodes in parallel.

The memory starts empty, and after t steps it is a sum of t terms, F = Σ k1_i ⊗ k2_i ⊗ u_i, however many numbers F has.
While t is small it is cheaper to keep the terms: a write and a read each cost a few products with t keys. The bound of
the norm divides all changes u_i, and the norm is known without F: ‖F + k uᵀ‖² = ‖F‖² + 2 r·u + ‖k‖²‖u‖², where r is
what the key recalled.

Source: schlag2021, Eq. 1-8; schlag2021, Sec. 4.2
"""

from collections.abc import Mapping
from math import inf
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from memlib.kernels.fast_weights import write_scan
from memlib.mechanisms.fast_weights import layer_norm
from memlib.models.fwm_cell import FWMCell
from memlib.models.fwm_config import FWMConfig

# The authors' names of the agent's memory, and ours.
OFFICIAL = {
    "rnn.weight_ih_l0": "fwm.lstm.weight_ih_l0",
    "rnn.weight_hh_l0": "fwm.lstm.weight_hh_l0",
    "rnn.bias_ih_l0": "fwm.lstm.bias_ih_l0",
    "rnn.bias_hh_l0": "fwm.lstm.bias_hh_l0",
    "fwm.W_write.weight": "fwm.memory.write.weight",
    "fwm.W_write.bias": "fwm.memory.write.bias",
    "fwm.W_read.weight": "fwm.memory.read.weight",
    "fwm.W_read.bias": "fwm.memory.read.bias",
    "linear.weight": "fwm.memory.out.weight",
    "linear.bias": "fwm.memory.out.bias",
}


class EpisodeState(NamedTuple):
    """The writes of an episode so far, and the LSTM's state.

    Attributes:
        output: h of the LSTM, [batch, hidden].
        cell: c of the LSTM, [batch, hidden].
        key1: k1 of every write, [batch, time, d].
        key2: k2 of every write, [batch, time, d].
        changes: u of every write, as much of it as is left, [batch, time, d].
        square_norm: ‖F‖², [batch, 1].
    """

    output: Tensor
    cell: Tensor
    key1: Tensor
    key2: Tensor
    changes: Tensor
    square_norm: Tensor

    @property
    def memory(self) -> Float[Tensor, "batch d1 d2 d"]:
        """F itself."""
        return torch.einsum("bti,btj,btk->bijk", self.key1, self.key2, self.changes)


def agent_config(input_size: int, hidden_size: int = 32, memory_size: int = 16, reads: int = 3) -> FWMConfig:
    """The memory of the published agent: writes divided by d, strength plus 1, no tanh in the reads, a residual.

    Source: schlag2021, Sec. 4.2
    """
    return FWMConfig.official(
        embedding_size=input_size,
        hidden_size=hidden_size,
        memory_size=memory_size,
        reads=reads,
        squash_entities=False,
        residual=True,
        forget_bias=0.0,
    )


class FWMCore(nn.Module):
    """An LSTM with a Fast Weight Memory, for `NavigationAgent`.

    The LSTM starts as torch's does, with two biases that both learn: so it is in the agents' code.

    Args:
        config: see `FWMConfig`; the input is as wide as an embedding. `agent_config` gives the published agent's.

    Raises:
        ValueError: the keys are to be concatenated.
    """

    def __init__(self, config: FWMConfig) -> None:
        super().__init__()
        if config.concatenate_keys:
            raise ValueError("FWMCore: expected keys that are multiplied; FWMCell has concatenated ones.")
        self.config, self.width = config, config.hidden_size
        self.fwm = FWMCell(config)
        self.fwm.lstm.reset_parameters()
        self.fwm.lstm.bias_hh_l0.requires_grad_(True)

    @classmethod
    def from_official(cls, parameters: Mapping[str, Tensor]) -> "FWMCore":
        """Take the parameters of the memory of the authors' agent; it gives their outputs, in their precision.

        Args:
            parameters: the state_dict of its recurrent part.

        Raises:
            KeyError: a parameter is missing.
        """
        if missing := sorted(set(OFFICIAL) - set(parameters)):
            raise KeyError(f"from_official: expected the authors' parameter names; {', '.join(missing)} missing.")
        inputs = parameters["rnn.weight_ih_l0"].shape[1]
        hidden, d = parameters["linear.weight"].shape
        reads = parameters["fwm.W_read.bias"].shape[0] // d - 1
        core = cls(agent_config(inputs, hidden, d, reads)).to(parameters["linear.weight"].dtype)
        core.load_state_dict({ours: parameters[theirs] for theirs, ours in OFFICIAL.items()})
        return core

    def initial_state(self, batch_size: int) -> EpisodeState:
        """Nothing written."""
        weight = self.fwm.memory.out.weight
        hidden = weight.new_zeros(batch_size, self.width)
        none = weight.new_zeros(batch_size, 0, self.config.memory_size)
        return EpisodeState(hidden, hidden, none, none, none, weight.new_zeros(batch_size, 1))

    def forward(
        self, x: Float[Tensor, "batch input"], state: EpisodeState | None = None
    ) -> tuple[Float[Tensor, "batch hidden"], EpisodeState]:
        """One step, in time proportional to the steps so far.

        Args:
            x: the input.
            state: the episode so far; an empty memory when None.
        """
        state = self.initial_state(x.shape[0]) if state is None else state
        hidden, cell = self._lstm(x, state)
        said = self.fwm.memory.signals(hidden)
        key1, key2 = (
            torch.cat([old, new.unsqueeze(1)], 1) for old, new in ((state.key1, said.key1), (state.key2, said.key2))
        )
        # Against all second keys at once: the new second key, and the entities of all reads.
        seconds = torch.cat([said.key2.unsqueeze(1), said.entities], 1) @ key2.mT
        gram = (said.key1.unsqueeze(1) @ key1.mT) * seconds[:, :1]
        recalled = (gram[..., :-1] @ state.changes).squeeze(1)
        change = said.strength * (said.value - recalled)
        norm = state.square_norm + ((2 * recalled + gram[..., -1] * change) * change).sum(1, keepdim=True)
        bound = norm.clamp(min=1)
        changes = torch.cat([state.changes, change.unsqueeze(1)], 1) * bound.rsqrt().unsqueeze(-1)
        query = said.query.unsqueeze(1)
        for scores in seconds[:, 1:].split(1, 1):
            query = layer_norm(((query @ key1.mT) * scores) @ changes)
        y = self.fwm.memory.out(query.squeeze(1))
        y = y + hidden if self.config.residual else y
        return y, EpisodeState(hidden, cell, key1, key2, changes, norm / bound)

    def _lstm(self, x: Tensor, state: EpisodeState) -> tuple[Tensor, Tensor]:
        w: Any = self.fwm.lstm
        return torch.lstm_cell(
            x, (state.output, state.cell), w.weight_ih_l0, w.weight_hh_l0, w.bias_ih_l0, w.bias_hh_l0
        )

    def sequence(
        self, xs: Float[Tensor, "batch time input"], state: None = None
    ) -> tuple[Float[Tensor, "batch time hidden"], EpisodeState]:
        """A whole episode from its beginning, in parallel: the kernel's scan and reads, without a first memory.

        Args:
            xs: the inputs.
            state: nothing but None.

        Returns:
            The outputs, and the state after the last step.

        Raises:
            ValueError: a state was given.
        """
        if state is not None:
            raise ValueError("FWMCore: expected an episode from its beginning, hence no state.")
        hidden, (output, cell) = self.fwm.lstm(xs)
        said = self.fwm.memory.signals(hidden)
        key1, key2, value = said.key1, said.key2, said.value
        gram = (key1 @ key1.mT) * (key2 @ key2.mT)
        live = torch.ones(value.shape[:2], dtype=torch.bool, device=value.device)
        nothing = torch.zeros_like(value)
        scan = write_scan(gram, nothing, value, said.strength.squeeze(-1), nothing[:, 0, 0], live)
        changes, logs = scan.changes, scan.logs
        before = nn.functional.pad(logs, (1, 0))[:, :-1]
        # P_{i-1} / P_t: what is left of write i at step t.
        ages = before.unsqueeze(1) - logs.unsqueeze(2)
        fade = ages.masked_fill(torch.ones_like(ages[0], dtype=torch.bool).triu(1), -inf).exp()
        query = said.query
        for entity in said.entities.unbind(-2):
            query = layer_norm(((query @ key1.mT) * (entity @ key2.mT) * fade) @ changes)
        ys = self.fwm.memory.out(query)
        ys = ys + hidden if self.config.residual else ys
        left = changes * torch.exp(before - logs[:, -1:]).unsqueeze(-1)
        norm = (gram * (left @ left.mT)).sum((1, 2)).unsqueeze(-1)
        return ys, EpisodeState(output[0], cell[0], key1, key2, left, norm)
