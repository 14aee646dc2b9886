"""Two memories: items, and the relations between them, which outer-product self-attention makes (Le et al. 2020).

Each input is written into an item memory, a matrix of associations. SAM takes queries, keys and values out of it and
relates them; its result goes into a relational memory, a matrix for each query. That one gives the output, and hands
on to the items. Deviations of the authors' code from the paper are options of `STMConfig`.
"""

from collections.abc import Mapping
from itertools import pairwise

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from memlib.mechanisms.item_memory import numerical_rank
from memlib.models import stm_official
from memlib.models.recurrent import unroll
from memlib.models.steps import check_steps
from memlib.models.stm_cell import STMCell, STMState
from memlib.models.stm_config import STMConfig
from memlib.models.stm_sequence import run_sequence

__all__ = ["STM", "STMCell", "STMConfig", "STMState"]


class STM(nn.Module):
    """The model on whole sequences.

    Args:
        config: see `STMConfig`.

    Source: le2020, Sec. 2.3
    """

    def __init__(self, config: STMConfig) -> None:
        super().__init__()
        self.config = config
        self.cell = STMCell(config)
        sizes = (config.read_size, *config.hidden_sizes)
        layers = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), nn.ReLU())]
        self.output = nn.Sequential(*layers, nn.Linear(sizes[-1], config.width_out))

    def initial_state(self, batch_size: int) -> STMState:
        """The state before the first step."""
        return self.cell.initial_state(batch_size)

    def size(self) -> int:
        """Number of weights that are learned."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)

    def distillation_rank(self) -> float:
        """How many directions the weights of G2 use, of at most nr: the numerical rank.

        Source: le2020, App. G
        """
        return float(numerical_rank(self.cell.distil.weight.detach()))

    def forward(
        self,
        inputs: Float[Tensor, "batch time width_in"],
        state: STMState | None = None,
        scored: Bool[Tensor, "*batch time"] | None = None,
    ) -> tuple[Float[Tensor, "batch time width_out"], STMState]:
        """Run along a sequence, by the fast form.

        Args:
            inputs: [batch, time, width_in].
            state: before the first step; the model's own start when None. A plain tuple will do.
            scored: where outputs are wanted, [time] or [batch, time]. Elsewhere they are 0, which spares the
                distillation. None for everywhere.

        Returns:
            Logits [batch, time, width_out] and the last state.

        Raises:
            TypeError: the inputs are no floating-point numbers.
            ValueError: the inputs have not three axes, no row or no step, or another width; the state has another
                number of rows; or scored has another shape.
        """
        state = self._check(inputs, state, scored)
        if scored is None:
            ys, state = run_sequence(self.cell, inputs, state, range(inputs.shape[1]))
            return self.output(ys), state
        chosen = scored.expand(inputs.shape[:2])
        steps = chosen.any(0).nonzero().squeeze(-1)
        ys, state = run_sequence(self.cell, inputs, state, steps.tolist())
        answers = self.output(ys)
        wide = answers.new_zeros(*inputs.shape[:2], answers.shape[-1]).index_copy(1, steps, answers)
        return torch.where(chosen.unsqueeze(-1), wide, 0.0), state

    def step_by_step(
        self, inputs: Float[Tensor, "batch time width_in"], state: STMState | None = None
    ) -> tuple[Float[Tensor, "batch time width_out"], STMState]:
        """The same by one plain step after another: what the fast form is measured against."""
        ys, state = unroll(self.cell, inputs, self._check(inputs, state, None))
        return self.output(ys), state

    @classmethod
    def from_official(cls, parameters: Mapping[str, Tensor], config: STMConfig | None = None) -> "STM":
        """Take the parameters of the authors' model.

        Args:
            parameters: its state_dict. An ``emb.weight`` among them becomes the table of vectors for one-hot inputs.
            config: options that the parameters do not show: ``gates``, and the blends that are not learned; sizes and
                what is learned are read from the parameters. `STMConfig.official` when None.

        Returns:
            A model that gives the authors' outputs, in the parameters' precision.

        Raises:
            KeyError: a parameter is missing.
            ValueError: the authors' model takes more than one round a step, or the configuration does not fit.
        """
        config = stm_official.configuration(parameters, config)
        model = cls(config).to(parameters["out.weight"].dtype)
        model.load_state_dict(model.state_dict() | stm_official.renamed(parameters))
        return model

    def _check(self, inputs: Tensor, state: STMState | None, scored: Tensor | None) -> STMState | None:
        """The state as it should be; errors where something else is not."""
        width = self.config.width_in
        if inputs.ndim != 3 or 0 in inputs.shape or inputs.shape[-1] != width:
            raise ValueError(
                f"STM: expected inputs [batch, time, {width}] with at least one row and step, "
                f"got {tuple(inputs.shape)}."
            )
        check_steps(self, inputs, width, state)
        if scored is not None and (
            scored.dtype != torch.bool or tuple(scored.shape) not in (inputs.shape[:2], inputs.shape[1:2])
        ):
            raise ValueError(
                f"STM: expected `scored` of booleans {tuple(inputs.shape[:2])} or {tuple(inputs.shape[1:2])}, "
                f"got {scored.dtype} {tuple(scored.shape)}."
            )
        return None if state is None else STMState(*state)
