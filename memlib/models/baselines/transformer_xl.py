"""The Transformer-XL: attention over the window and over what every layer made of the windows before.

Position enters only as the distance between query and key, so that a memory may be older than any window was long. For
query i and key j, both counted from the start of the memory, the score is

    (q_i + u)·k_j + (q_i + v)·R(i - j),

with a key R(δ) for each distance δ, made of sines and cosines, and two learned vectors u and v for each head. All
distances are scored at once, and one shift of each row by its own number of places puts them where they belong.

Source: dai2019, Sec. 3
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from memlib.models.baselines.dropouts import embed, locked
from memlib.models.baselines.padding import left_aligned, put_back
from memlib.models.baselines.token_model import Reading, TokenModel
from memlib.models.baselines.transformer_xl_config import TransformerXLConfig

__all__ = ["TransformerXL", "TransformerXLConfig", "TransformerXLState", "positions", "relative_shift"]


class TransformerXLState(NamedTuple):
    """What a Transformer-XL carries along.

    Attributes:
        hidden: the last inputs of each layer, [batch, layers, steps, width]; the newest step is the last.
        filled: how many of the steps hold something, [batch].
    """

    hidden: Tensor
    filled: Tensor


def relative_shift(
    scores: Float[Tensor, "*batch queries distances"],
) -> Float[Tensor, "*batch queries distances"]:
    """Move each query's scores from the order of distances to the order of keys.

    With n queries that are the last n of m keys, column c of the input belongs to the distance m - 1 - c. Entry (i, j)
    of the result is that of the distance between query i and key j, (m - n + i) - j: each row moves left by n - 1 - i.
    A column of padding in front of each row and another way to cut the same numbers into rows do that without indices.

    Args:
        scores: [..., n, m].

    Returns:
        [..., n, m]; entries whose key comes after their query hold numbers without meaning.
    """
    rows, columns = scores.shape[-2:]
    return functional.pad(scores, (1, 0)).flatten(-2)[..., rows:].unflatten(-1, (rows, columns))


def positions(distances: Float[Tensor, " steps"], width: int) -> Float[Tensor, "steps width"]:
    """Sines, then cosines, of each distance, at wavelengths from 2π to nearly 10000 · 2π."""
    rates = torch.exp(
        torch.arange(0, width, 2, device=distances.device, dtype=distances.dtype) * -math.log(1e4) / width
    )
    angles = distances.unsqueeze(-1) * rates
    return torch.cat([angles.sin(), angles.cos()], -1)


class RelativeLayer(nn.Module):
    """Attention with relative positions, then a feed-forward part; each is added to its input and layer-normalised.

    Args:
        config: of the model.
    """

    def __init__(self, config: TransformerXLConfig) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.query, self.key_value = nn.Linear(width, width, bias=False), nn.Linear(width, 2 * width, bias=False)
        self.distance_key = nn.Linear(width, width, bias=False)
        self.combine = nn.Linear(width, width, bias=False)
        self.widen, self.narrow = nn.Linear(width, config.inner_size), nn.Linear(config.inner_size, width)
        self.norm, self.last_norm = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(
        self,
        xs: Float[Tensor, "batch time width"],
        before: Float[Tensor, "batch memory width"],
        places: Float[Tensor, "keys width"],
        biases: tuple[Tensor, Tensor],
        hidden: Bool[Tensor, "batch time keys"],
    ) -> Float[Tensor, "batch time width"]:
        """Read a window.

        Args:
            xs: the layer's inputs, [batch, time, width].
            before: its inputs of the windows before, [batch, memory, width].
            places: the positions of all distances, the largest first, [memory + time, width].
            biases: u and v, [heads, 1, width / heads] each.
            hidden: True where a query must not see a key, [batch, time, memory + time].
        """
        heads, scale = self.config.heads, 1 / math.sqrt(self.config.width // self.config.heads)

        def split(t: Tensor) -> Tensor:
            return t.unflatten(-1, (heads, -1)).movedim(-2, 0)

        content, place = (bias.unsqueeze(1) for bias in biases)
        query = split(self.query(xs))
        # In two parts, because the memory, once detached, asks for no gradient.
        both = torch.cat([self.key_value(before), self.key_value(xs)], 1)
        keys, values = (split(t) for t in both.chunk(2, -1))
        # Every row asks for the same distances: one product a head for the whole batch.
        by_distance = (scale * (query + place)).flatten(1, 2) @ split(self.distance_key(places)).mT
        scores = relative_shift(by_distance.unflatten(1, query.shape[1:3]))
        scores = scores + (scale * (query + content)) @ keys.mT
        weights = scores.masked_fill_(hidden, -torch.inf).softmax(-1)
        if self.training and self.config.attention_dropout:
            weights = functional.dropout(weights, self.config.attention_dropout)
        found = self.combine((weights @ values).movedim(0, -2).flatten(-2))
        xs = self.norm(xs + self._drop(found))
        return self.last_norm(xs + self._drop(self.narrow(self._drop(self.widen(xs).relu()))))

    def _drop(self, xs: Tensor) -> Tensor:
        if self.config.locked:
            return locked(xs, self.config.dropout, self.training)
        return functional.dropout(xs, self.config.dropout, self.training)


class TransformerXL(TokenModel):
    """The whole model; see the module's text. The caller detaches the state, as with every model here.

    Args:
        config: see `TransformerXLConfig`.
    """

    def __init__(self, config: TransformerXLConfig) -> None:
        super().__init__(config.vocabulary_size)
        self.config, size, width = config, config.embedding_size, config.width
        self.embedding = nn.Embedding(config.vocabulary_size, size)
        self.project = nn.Identity() if size == width else nn.Linear(size, width, bias=False)
        self.layers = nn.ModuleList(RelativeLayer(config) for _ in range(config.layers))
        self.content_bias, self.place_bias = (
            nn.Parameter(torch.empty(config.heads, 1, width // config.heads)) for _ in range(2)
        )
        if config.tied:
            self.output_bias = nn.Parameter(torch.zeros(config.vocabulary_size))
        else:
            self.output = nn.Linear(width, config.vocabulary_size, bias=False)
        for name, weights in self.named_parameters():
            if weights.ndim > 1:
                nn.init.normal_(weights, std=config.spread * width**-0.5)
            elif "norm" not in name:
                nn.init.zeros_(weights)
        if isinstance(self.project, nn.Linear):
            nn.init.normal_(self.project.weight, std=size**-0.5)

    def initial_state(self, batch_size: int) -> TransformerXLState:
        """An empty memory."""
        hidden = self.embedding.weight.new_zeros(batch_size, self.config.layers, 0, self.config.width)
        return TransformerXLState(hidden, torch.zeros(batch_size, dtype=torch.long, device=hidden.device))

    def read(self, tokens: Tensor, state: TransformerXLState, mask: Tensor | None) -> Reading:
        """Read a window, all its steps at once."""
        config, order = self.config, None
        lengths = torch.full_like(state.filled, tokens.shape[1])
        if mask is not None:
            order, lengths = left_aligned(mask)
            tokens = tokens.gather(1, order)
        xs = self.project(embed(self.embedding, tokens, config.token_dropout, self.training)) * math.sqrt(config.width)
        xs = locked(xs, config.input_dropout, self.training)
        steps, memory = tokens.shape[1], state.hidden.shape[2]
        away = torch.arange(memory + steps - 1, -1, -1, device=xs.device, dtype=xs.dtype)
        places, hidden, inputs = positions(away, config.width), self._hidden(steps, memory, state.filled), []
        for number, layer in enumerate(self.layers):
            inputs.append(xs)
            xs = layer(xs, state.hidden[:, number], places, (self.content_bias, self.place_bias), hidden)
        state = self._remember(state, torch.stack(inputs, 1), lengths)
        xs = locked(xs, config.output_dropout, self.training)
        xs = xs if order is None else put_back(xs, order)
        return Reading(self._logits(xs), state, xs.new_zeros(()))

    def _hidden(self, steps: int, memory: int, filled: Tensor) -> Tensor:
        """Keys that a query must not see: later ones, empty ones, and with `same_span` those too far away."""
        query = torch.arange(memory, memory + steps, device=filled.device).unsqueeze(-1)
        key = torch.arange(memory + steps, device=filled.device)
        hidden = key > query
        if self.config.same_span:
            hidden = hidden | (query - key > self.config.memory)
        return hidden | (key < memory - filled.view(-1, 1, 1))

    def _remember(self, state: TransformerXLState, inputs: Tensor, lengths: Tensor) -> TransformerXLState:
        """The last steps of memory and window together, each row's own, the newest at the end."""
        memory, steps = state.hidden.shape[2], inputs.shape[2]
        size = min(self.config.memory, memory + steps)
        every = torch.cat([state.hidden, inputs], 2)
        first = memory + lengths - size
        index = (first.unsqueeze(1) + torch.arange(size, device=lengths.device)).clamp(min=0)
        kept = every.gather(2, index[:, None, :, None].expand(-1, every.shape[1], -1, every.shape[3]))
        return TransformerXLState(kept, (state.filled + lengths).clamp(max=size))

    def _logits(self, xs: Tensor) -> Tensor:
        if not self.config.tied:
            return self.output(xs)
        if isinstance(self.project, nn.Linear):
            xs = xs @ self.project.weight
        return functional.linear(xs, self.embedding.weight, self.output_bias)
