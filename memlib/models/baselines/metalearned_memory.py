"""Metalearned Neural Memory: the memory is a small network, and to write is to change its weights.

An LSTM looks at the token and at what was read before, and gives for each of its heads a key to write under, a value to
write, and a key to read with, and one rate β for all. How are the weights to change so that the memory maps the key to
the value? Back-propagation through the memory would do. The local rule (MNM-p) does without it: a learned linear map
says, from the value alone, what each layer ought to answer, and each layer takes one step of the delta rule:

    W_l ← W_l - β c Σ_heads (z_l - t_l) z_(l-1)ᵀ.

Here z_l is what layer l answers to the key (z_0 is the key), t_l its target, and c a fixed scale. After the write the
memory reads; the mean over the heads goes to the output and, a step later, to the LSTM. The mean square of what the new
memory answers to the written key minus the written value is the write's error, and a part of the loss: it trains the
map that gives the targets.

Source: munkhdalai2019
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from memlib.kernels.local_writes import Shared, local_writes
from memlib.models.baselines.padding import run_padded
from memlib.models.baselines.token_model import Reading, TokenModel

SCALES = ("mean", "one")


@dataclass(frozen=True)
class MNMConfig:
    """How a Metalearned Neural Memory is built.

    Attributes:
        vocabulary_size: number of tokens.
        embedding_size: of the word vectors.
        hidden_size: of the LSTM.
        memory_size: of keys and values and of every layer of the memory.
        memory_layers: of the memory.
        heads: keys and values written, and keys read, at each step.
        write_scale: c. "mean" gives 2 / (heads · memory_size), as if each layer went down the gradient of a mean square
            over heads and entries; public implementations divide so. "one" leaves the step as it is.
        write_error: the weight of the writes' error in the loss.
        learned_start: train the memory's first weights; if not, they stay as drawn.
    """

    vocabulary_size: int
    embedding_size: int = 256
    hidden_size: int = 256
    memory_size: int = 100
    memory_layers: int = 3
    heads: int = 3
    write_scale: str = "mean"
    write_error: float = 1.0
    learned_start: bool = False

    def __post_init__(self) -> None:
        sizes = (
            self.vocabulary_size,
            self.embedding_size,
            self.hidden_size,
            self.memory_size,
            self.memory_layers,
            self.heads,
        )
        if min(sizes) < 1 or self.write_error < 0:
            raise ValueError(
                "MNMConfig: expected a write_error of at least 0 and sizes above 0 (vocabulary_size, embedding_size, "
                f"hidden_size, memory_size, memory_layers, heads); got {self.write_error} and {sizes}."
            )
        if self.write_scale not in SCALES:
            raise ValueError(f"MNMConfig: expected write_scale of {', '.join(SCALES)}; got {self.write_scale!r}.")

    @classmethod
    def paper(cls, vocabulary_size: int = 180, **options: Any) -> "MNMConfig":
        """As on catbAbI (schlag2021, App. F.2): three layers of 100. The three heads stand in the labels of Fig. 10.

        Tab. 1 prints 1.1M weights and 30.5k activations; this gives 1,099,689, and 30,512 in the memory's weights and
        the LSTM's state.
        """
        return replace(cls(vocabulary_size), **options)


class MNMState(NamedTuple):
    """What a Metalearned Neural Memory carries along.

    Attributes:
        memory: the LSTM's c, [batch, hidden].
        output: the LSTM's h, [batch, hidden].
        value: what was read last, [batch, memory].
        weights: of the memory, [batch, layers, memory (in), memory (out)].
    """

    memory: Tensor
    output: Tensor
    value: Tensor
    weights: Tensor


def recall(weights: tuple[Tensor, ...], keys: Tensor) -> list[Tensor]:
    """Ask the memory: every layer's answer, the last one without tanh.

    Args:
        weights: of the layers, [batch, in, out] each.
        keys: [batch, heads, in].

    Returns:
        z_1 to z_L, [batch, heads, out] each.
    """
    answers: list[Tensor] = []
    for weight in weights[:-1]:
        keys = torch.bmm(keys, weight).tanh()
        answers.append(keys)
    return [*answers, torch.bmm(keys, weights[-1])]


def write(weights: tuple[Tensor, ...], keys: Tensor, targets: Tensor, strength: Tensor) -> tuple[Tensor, ...]:
    """One step of the delta rule in every layer, all from the weights before it.

    Args:
        weights: of the layers, [batch, in, out] each.
        keys: [batch, heads, in].
        targets: of each layer, [batch, heads, layers, out].
        strength: β c, [batch, 1, 1].

    Returns:
        The new weights.
    """
    answers = recall(weights, keys)
    return tuple(
        torch.baddbmm(weight, seen.mT, strength * (answer - target), alpha=-1)
        for weight, seen, answer, target in zip(weights, [keys, *answers[:-1]], answers, targets.unbind(2), strict=True)
    )


class MetalearnedNeuralMemory(TokenModel):
    """The whole model; see the module's text.

    Args:
        config: see `MNMConfig`.
    """

    start: Tensor

    def __init__(self, config: MNMConfig) -> None:
        super().__init__(config.vocabulary_size)
        self.config, hidden, size = config, config.hidden_size, config.memory_size
        self.scale = 2 / (config.heads * size) if config.write_scale == "mean" else 1.0
        self.embedding = nn.Embedding(config.vocabulary_size, config.embedding_size)
        self.gates_of_token = nn.Linear(config.embedding_size, 4 * hidden)
        self.gates_of_state = nn.Linear(size + hidden, 4 * hidden)
        self.interact = nn.Linear(hidden, (3 * config.heads + 1) * size)
        self.rate = nn.Linear(size, 1)
        self.targets = nn.Linear(size, config.memory_layers * size)
        self.combine = nn.Linear(hidden + size, hidden)
        self.output = nn.Linear(hidden, config.vocabulary_size, bias=False)
        start = torch.empty(config.memory_layers, size, size).uniform_(-(size**-0.5), size**-0.5)
        if config.learned_start:
            self.start = nn.Parameter(start)
        else:
            self.register_buffer("start", start)
        nn.init.xavier_normal_(self.output.weight)
        bound = hidden**-0.5
        for layer in (self.gates_of_token, self.gates_of_state):
            nn.init.uniform_(layer.weight, -bound, bound)
            nn.init.zeros_(layer.bias)

    def initial_state(self, batch_size: int) -> MNMState:
        """Zeros, and the memory's first weights."""
        zeros = self.start.new_zeros(batch_size, self.config.hidden_size)
        value = self.start.new_zeros(batch_size, self.config.memory_size)
        return MNMState(zeros, zeros, value, self.start.expand(batch_size, -1, -1, -1))

    def read(self, tokens: Tensor, state: MNMState, mask: Tensor | None) -> Reading:
        """Read a window; what depends on the tokens alone is computed for all steps at once."""
        ys, state = run_padded(self._advance, self.gates_of_token(self.embedding(tokens)), state, mask)
        errors = ys[..., -1] if mask is None else ys[..., -1][mask]
        extra = self.config.write_error * errors.mean() if errors.numel() else ys.new_zeros(())
        return Reading(self.output(self.combine(ys[..., :-1])), state, extra)

    def _advance(self, gates: Tensor, state: MNMState) -> tuple[Tensor, MNMState]:
        """All steps at once; the outputs are those of `step`."""
        shared = Shared(
            self.gates_of_state.weight,
            self.interact.weight,
            self.interact.bias,
            self.rate.weight,
            self.rate.bias,
            self.targets.weight,
            self.targets.bias,
        )
        window = local_writes(
            gates + self.gates_of_state.bias, *state, shared=shared, heads=self.config.heads, scale=self.scale
        )
        ys = torch.cat([window.outputs, window.values, window.errors.unsqueeze(-1)], -1).transpose(0, 1)
        return ys, MNMState(window.memory, window.outputs[-1], window.values[-1], window.weights)

    def step(self, gates: Tensor, state: MNMState) -> tuple[Tensor, MNMState]:
        """One step, as the equations have it; windows go through `memlib.kernels.local_writes` instead.

        Args:
            gates: what the token gives to the LSTM's gates, [batch, 4 hidden].
            state: of the last step.

        Returns:
            h, the value read, and the write's error, side by side, [batch, hidden + memory + 1]; and the new state.
        """
        raw = gates + self.gates_of_state(torch.cat([state.value, state.output], -1))
        write_gate, keep, content, show = raw.chunk(4, -1)
        memory = keep.sigmoid() * state.memory + write_gate.sigmoid() * content.tanh()
        output = show.sigmoid() * memory.tanh()
        value, weights, error = self._use(output, state.weights.unbind(1))
        return torch.cat([output, value, error], -1), MNMState(memory, output, value, torch.stack(weights, 1))

    def _use(self, output: Tensor, weights: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...], Tensor]:
        """Write and read once: the value read, the new weights, the write's error [batch, 1]."""
        heads, size = self.config.heads, self.config.memory_size
        parts = self.interact(output).tanh()
        strength = self.scale * self.rate(parts[:, :size]).sigmoid().unsqueeze(-1)
        keys, values, queries = parts[:, size:].unflatten(-1, (heads, 3, size)).unbind(2)
        targets = self.targets(values).unflatten(-1, (-1, size))
        weights = write(weights, keys, targets, strength)
        found, again = recall(weights, torch.cat([queries, keys], 1))[-1].chunk(2, 1)
        error = (again - values).square().mean((1, 2)).unsqueeze(-1)
        return found.mean(1), weights, error
