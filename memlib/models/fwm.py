"""The Fast Weight Memory: an LSTM that writes associations into a tensor and reads them in rounds (Schlag et al. 2021).

Words are embedded, an LSTM reads them, and from its state come two keys, a value and a strength: what the two keys
recalled is replaced by the value. Then a query is read in rounds, each reading the next round's query, so that a → b
and b → c give c. Deviations of the authors' code from the paper are options of `FWMConfig`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from memlib.models.fwm_cell import FastWeightMemory, FWMCell, FWMState
from memlib.models.fwm_config import FWMConfig
from memlib.models.recurrent import unroll
from memlib.models.steps import readable

__all__ = ["FWM", "FWMCell", "FWMConfig", "FWMState", "FastWeightMemory"]

# The authors' names, and ours.
OFFICIAL = {
    "embedding.weight": "embedding.weight",
    "rnn.cells.0.lstm.W_ih": "cell.lstm.weight_ih_l0",
    "rnn.cells.0.lstm.W_hh": "cell.lstm.weight_hh_l0",
    "rnn.cells.0.lstm.bias": "cell.lstm.bias_ih_l0",
    "rnn.cells.0.W_write.weight": "cell.memory.write.weight",
    "rnn.cells.0.W_write.bias": "cell.memory.write.bias",
    "rnn.cells.0.W_read.weight": "cell.memory.read.weight",
    "rnn.cells.0.W_read.bias": "cell.memory.read.bias",
    "rnn.cells.0.linear.weight": "cell.memory.out.weight",
    "rnn.cells.0.linear.bias": "cell.memory.out.bias",
    "linear.weight": "linear.weight",
}


class FWM(nn.Module):
    """A word-level model with a Fast Weight Memory.

    Args:
        config: see `FWMConfig`; the paper's when None.

    Source: schlag2021, Sec. 3.1
    """

    def __init__(self, config: FWMConfig | None = None) -> None:
        super().__init__()
        self.config = config = FWMConfig.paper() if config is None else config
        self.embedding = nn.Embedding(config.vocabulary, config.embedding_size)
        self.cell = FWMCell(config)
        self.linear = nn.Linear(config.hidden_size, config.vocabulary, bias=False)
        nn.init.xavier_normal_(self.linear.weight)

    def initial_state(self, batch_size: int) -> FWMState:
        """Zeros."""
        return self.cell.initial_state(batch_size)

    def size(self) -> int:
        """Number of weights that are learned."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)

    def forward(
        self,
        tokens: Int[Tensor, "batch time"],
        state: FWMState | None = None,
        mask: Bool[Tensor, "batch time"] | None = None,
        scored: Bool[Tensor, "batch time"] | None = None,
    ) -> tuple[Float[Tensor, "batch time vocabulary"], FWMState]:
        """Scores of the next word at each step, by the parallel form.

        Args:
            tokens: word numbers.
            state: left by the last window, detached; zeros when None. A plain tuple, as a checkpoint gives it, will do.
            mask: False on padding, where the state stays as it is and the scores are 0; None for no padding.
            scored: where scores are wanted; elsewhere they are 0, which spares the reads. None for everywhere.

        Returns:
            Logits [batch, time, vocabulary], and the state after the window.

        Raises:
            TypeError: tokens are no whole numbers.
            ValueError: tokens has no two axes or a number outside the vocabulary, the state another number of rows, or
                mask or scored another shape.
        """
        state = _check(self.config.vocabulary, tokens, state, mask, scored)
        steps = None if scored is None else _places(scored)
        ys, state = self.cell.sequence(self.embedding(tokens), state, mask, steps)
        logits = self.linear(ys)
        if scored is None or steps is None:
            return logits, state
        chosen = scored if mask is None else scored & mask
        wide = logits.new_zeros(*tokens.shape, logits.shape[-1])
        wide = wide.scatter(1, steps.unsqueeze(-1).expand_as(logits), logits)
        return torch.where(chosen.unsqueeze(-1), wide, 0.0), state

    def step_by_step(
        self,
        tokens: Int[Tensor, "batch time"],
        state: FWMState | None = None,
        mask: Bool[Tensor, "batch time"] | None = None,
    ) -> tuple[Float[Tensor, "batch time vocabulary"], FWMState]:
        """The same by one plain step after another: what the parallel form is measured against."""
        state = _check(self.config.vocabulary, tokens, state, mask, None)
        ys, state = unroll(self.cell, self.embedding(tokens), state, mask)
        return self.linear(ys), state

    @classmethod
    def from_official(cls, parameters: Mapping[str, Tensor], config: FWMConfig | None = None) -> "FWM":
        """Take the parameters of the authors' model of concatenated bAbI.

        Args:
            parameters: its state_dict.
            config: options that the parameters do not show (``residual``); sizes are read from the parameters.

        Returns:
            A model that gives the authors' outputs, in the parameters' precision.

        Raises:
            KeyError: a parameter is missing.
            ValueError: the three axes of the memory differ in size.
        """
        missing = sorted(set(OFFICIAL) - set(parameters))
        if missing:
            raise KeyError(f"from_official: expected the authors' parameter names; {', '.join(missing)} missing.")
        vocabulary, embedding_size = parameters["embedding.weight"].shape
        hidden, d = parameters["rnn.cells.0.linear.weight"].shape
        written, read = (parameters[f"rnn.cells.0.W_{name}.bias"].shape[0] for name in ("write", "read"))
        if written != 3 * d + 1 or read % d:
            raise ValueError(
                f"from_official: expected keys as wide as values ({d}): {3 * d + 1} rows of W_write, got {written}; "
                f"a multiple of {d} rows of W_read, got {read}."
            )
        config = FWMConfig.official(memory_size=d) if config is None else config
        config = replace(
            config,
            vocabulary=vocabulary,
            embedding_size=embedding_size,
            hidden_size=hidden,
            memory_size=d,
            reads=read // d - 1,
        )
        model = cls(config).to(parameters["embedding.weight"].dtype)
        ours = {name: parameters[theirs].detach().clone() for theirs, name in OFFICIAL.items()}
        # Their forget gate adds 1 at every step; here it stands in the bias.
        ours["cell.lstm.bias_ih_l0"][hidden : 2 * hidden] += 1.0
        model.load_state_dict(ours | {"cell.lstm.bias_hh_l0": torch.zeros_like(ours["cell.lstm.bias_ih_l0"])})
        return model


def _places(scored: Bool[Tensor, "batch time"]) -> Int[Tensor, "batch queries"]:
    """The scored steps of each row first, filled up with others to the width of the fullest row."""
    width = max(1, int(scored.sum(1).max()))
    return (~scored).long().argsort(dim=1, stable=True)[:, :width]


def _check(vocabulary: int, tokens: Tensor, state: Any, mask: Tensor | None, scored: Tensor | None) -> FWMState | None:
    """The state as it should be; errors where something else is not."""
    if tokens.is_floating_point() or tokens.dtype == torch.bool:
        raise TypeError(f"FWM: expected tokens that are whole numbers, got {tokens.dtype}; call .long() on them.")
    if tokens.ndim != 2 or 0 in tokens.shape:
        raise ValueError(
            f"FWM: expected tokens [batch, time] with at least one row and step, got {tuple(tokens.shape)}."
        )
    if readable(tokens) and not 0 <= int(tokens.min()) <= int(tokens.max()) < vocabulary:
        raise ValueError(
            f"FWM: expected tokens from 0 to {vocabulary - 1}, got {int(tokens.min())} to {int(tokens.max())}; "
            "build the model with the vocabulary's size."
        )
    for name, flags in (("mask", mask), ("scored", scored)):
        if flags is not None and (flags.shape != tokens.shape or flags.dtype != torch.bool):
            raise ValueError(
                f"FWM: expected `{name}` of booleans {tuple(tokens.shape)}, got {flags.dtype} {tuple(flags.shape)}."
            )
    if state is None:
        return None
    state = FWMState(*state)
    if len(state.memory) != len(tokens):
        raise ValueError(f"FWM: expected a state of {len(tokens)} rows, as tokens has; got {len(state.memory)}.")
    return state
