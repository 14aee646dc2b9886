"""A small transformer for the step tasks, causal or looking both ways: what a memory is to be compared with.

Each layer is attention between the steps of one sequence, then a feed-forward part; each part takes the layer norm of
its input and adds to it. Position enters as sines, so that no length is too long to be read, though it may be too long
to be understood.

Source: vaswani2017, Sec. 3
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from memlib.mechanisms.attention import attention_weights, dot_scores, soft_read
from memlib.models.baselines.transformer_xl import positions
from memlib.models.steps import check_steps


@dataclass(frozen=True)
class SmallTransformerConfig:
    """How a small transformer is built.

    Attributes:
        width_in: of the inputs.
        width_out: of the outputs; they are logits.
        width: of the layers.
        heads: of the attention; they share out the width.
        inner_size: of the feed-forward part.
        layers: their number.
        causal: each step sees itself and earlier ones only.
        dropout: of what each part adds.
    """

    width_in: int
    width_out: int
    width: int = 64
    heads: int = 4
    inner_size: int = 128
    layers: int = 2
    causal: bool = True
    dropout: float = 0.0

    def __post_init__(self) -> None:
        for name in ("width_in", "width_out", "width", "heads", "inner_size", "layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"SmallTransformerConfig: expected {name} >= 1, got {getattr(self, name)}.")
        if self.width % (2 * self.heads):
            raise ValueError(
                f"SmallTransformerConfig: expected an even width for each head; {self.heads} heads cannot share "
                f"{self.width} so."
            )
        if not 0 <= self.dropout < 1:
            raise ValueError(f"SmallTransformerConfig: expected 0 <= dropout < 1, got {self.dropout}.")


class Layer(nn.Module):
    """Attention between steps, then a feed-forward part.

    Args:
        config: of the model.
    """

    def __init__(self, config: SmallTransformerConfig) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.query_key_value, self.combine = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, config.inner_size), nn.Linear(config.inner_size, width)
        self.norm, self.last_norm = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(
        self, xs: Float[Tensor, "batch time width"], seen: Bool[Tensor, "batch one time time"] | None
    ) -> tuple[Tensor, Tensor]:
        """The next layer's input [batch, time, width], and the weights [batch, heads, time, time].

        Args:
            xs: the layer's input.
            seen: True where a step (third axis) may see another (last axis); None where all see all.
        """
        split = self.query_key_value(self.norm(xs)).unflatten(-1, (3, self.config.heads, -1))
        query, key, value = split.permute(2, 0, 3, 1, 4)
        weights = attention_weights(dot_scores(query, key, scaled=True), seen)
        xs = xs + self._drop(self.combine(soft_read(weights, value).transpose(1, 2).flatten(2)))
        return xs + self._drop(self.narrow(self.widen(self.last_norm(xs)).relu())), weights

    def _drop(self, xs: Tensor) -> Tensor:
        return functional.dropout(xs, self.config.dropout, self.training)


class SmallTransformer(nn.Module):
    """See the module's text.

    Args:
        config: see `SmallTransformerConfig`.
    """

    def __init__(self, config: SmallTransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.project = nn.Linear(config.width_in, config.width)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)
        self.output = nn.Linear(config.width, config.width_out)

    def forward(
        self,
        inputs: Float[Tensor, "batch time width_in"],
        state: Tensor | None = None,
        mask: Bool[Tensor, "batch time"] | None = None,
    ) -> tuple[Float[Tensor, "batch time width_out"], Tensor]:
        """Read a sequence, all its steps at once.

        Args:
            inputs: [batch, time, width_in].
            state: the inputs so far, [batch, steps, width_in], for a causal model; at the start None. They are read
                again: a transformer keeps no summary.
            mask: [batch, time], False at padding, which no step sees; without a state only. Each row's first step is
                no padding.

        Returns:
            Logits [batch, time, width_out], 0 at padding, and the inputs so far.

        Raises:
            ValueError: a shape does not fit, a model that looks both ways gets a state, or a row begins with padding.
        """
        logits, inputs, _ = self._run(inputs, state, mask)
        return logits, inputs

    def trace(
        self,
        inputs: Float[Tensor, "batch time width_in"],
        state: Tensor | None = None,
        mask: Bool[Tensor, "batch time"] | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The same, and the weights of all layers over all steps so far, [layers, batch, heads, steps, steps]."""
        return self._run(inputs, state, mask)

    def size(self) -> int:
        """How many weights are trained."""
        return sum(weight.numel() for weight in self.parameters())

    def _run(self, inputs: Tensor, state: Tensor | None, mask: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        time = self._check(inputs, state, mask)
        if state is not None:
            inputs = torch.cat([state, inputs], 1)
        steps = torch.arange(inputs.shape[1], device=inputs.device)
        seen = None if mask is None else mask[:, None, None, :]
        if self.config.causal:
            earlier = (steps <= steps.unsqueeze(1))[None, None]
            seen = earlier if seen is None else earlier & seen
        xs = self.project(inputs) + positions(steps.to(inputs.dtype), self.config.width)
        weights = []
        for layer in self.layers:
            xs, where = layer(xs, seen)
            weights.append(where)
        logits = self.output(self.norm(xs[:, -time:]))
        if mask is not None:
            logits = logits.masked_fill(~mask.unsqueeze(-1), 0.0)
        return logits, inputs, torch.stack(weights)

    def _check(self, inputs: Tensor, state: Tensor | None, mask: Tensor | None) -> int:
        check_steps(self, inputs, self.config.width_in)
        if state is not None and not self.config.causal:
            raise ValueError("SmallTransformer: a model that looks both ways reads whole sequences; give no state.")
        if state is not None and (state.ndim != 3 or state.shape[::2] != inputs.shape[::2] or mask is not None):
            raise ValueError("SmallTransformer: expected a state of the same batch and width, and no mask beside it.")
        if mask is not None and (mask.shape != inputs.shape[:2] or not bool(mask[:, 0].all())):
            raise ValueError(
                f"SmallTransformer: expected a mask {tuple(inputs.shape[:2])} whose rows begin with True, "
                f"got {tuple(mask.shape)}."
            )
        return inputs.shape[1]
