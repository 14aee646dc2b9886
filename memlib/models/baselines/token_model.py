"""What the baselines that read a stream of tokens share: one way to call them, checks in plain words, padding.

``model(tokens, state, mask) -> (logits, state)``. A stream is read window by window: hand the state of one window,
detached, to the next.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from memlib.models.steps import readable


class Reading(NamedTuple):
    """What a model makes of a window.

    Attributes:
        logits: of the next token, [batch, time, vocabulary]; 0 at padding.
        state: after the window.
        extra_loss: what the model's own terms add to the loss, a number; 0 where it has none.
    """

    logits: Tensor
    state: Any
    extra_loss: Tensor


class TokenModel(nn.Module):
    """A model of token streams. A subclass has `initial_state` and `read`.

    Args:
        vocabulary_size: number of tokens.
    """

    def __init__(self, vocabulary_size: int) -> None:
        super().__init__()
        self.vocabulary_size = vocabulary_size

    def initial_state(self, batch_size: int) -> Any:
        """The state before the first token of a stream, every tensor with the batch first."""
        raise NotImplementedError

    def read(self, tokens: Tensor, state: Any, mask: Tensor | None) -> Reading:
        """Read a window that has been checked; ``mask`` is None where nothing is padding."""
        raise NotImplementedError

    def forward(
        self,
        tokens: Int[Tensor, "batch time"],
        state: Any = None,
        mask: Bool[Tensor, "batch time"] | None = None,
    ) -> tuple[Float[Tensor, "batch time vocabulary"], Any]:
        """Predict the next token after each token of a window.

        Args:
            tokens: [batch, time], numbers from 0 to vocabulary - 1.
            state: after the window before; a stream starts from None. A plain tuple, as a checkpoint gives it, will do.
            mask: [batch, time], False at padding: there the row's state stays as it is and its logits are 0.

        Returns:
            Logits [batch, time, vocabulary], and the state after the window.

        Raises:
            TypeError: tokens hold no whole numbers, or the mask no booleans.
            ValueError: a shape does not fit, a token lies outside the vocabulary, or the state is of another batch.
        """
        return self.run(tokens, state, mask)[:2]

    def run(
        self,
        tokens: Int[Tensor, "batch time"],
        state: Any = None,
        mask: Bool[Tensor, "batch time"] | None = None,
    ) -> Reading:
        """The same, with what the model's own terms add to the loss; arguments and errors as in `forward`."""
        self._check(tokens, mask)
        if state is None:
            state = self.initial_state(tokens.shape[0])
        else:
            state = type(self.initial_state(1))(*state)
            first = next(_tensors(state))
            if first.shape[0] != tokens.shape[0]:
                raise ValueError(
                    f"{type(self).__name__}: the state is of {first.shape[0]} rows, the tokens of {tokens.shape[0]}; "
                    "start a batch of another size from state=None."
                )
        if mask is not None and bool(mask.all()):
            mask = None
        reading = self.read(tokens, state, mask)
        if mask is None:
            return reading
        return reading._replace(logits=reading.logits.masked_fill(~mask.unsqueeze(-1), 0.0))

    def size(self) -> int:
        """The number of weights; a tensor that is used twice counts once."""
        return sum(p.numel() for p in self.parameters())

    def _check(self, tokens: Tensor, mask: Tensor | None) -> None:
        name = type(self).__name__
        if tokens.is_floating_point() or tokens.is_complex() or tokens.dtype == torch.bool:
            raise TypeError(
                f"{name}: expected tokens that are whole numbers, got {tokens.dtype}; call .long() on them."
            )
        if tokens.ndim != 2 or 0 in tokens.shape:
            raise ValueError(
                f"{name}: expected tokens [batch, time] with at least one row and step, got {tuple(tokens.shape)}."
            )
        if readable(tokens) and not 0 <= int(tokens.min()) <= int(tokens.max()) < self.vocabulary_size:
            raise ValueError(
                f"{name}: expected tokens from 0 to {self.vocabulary_size - 1}, got {int(tokens.min())} to "
                f"{int(tokens.max())}; build the model with the vocabulary's size."
            )
        if mask is None:
            return
        if mask.dtype != torch.bool:
            raise TypeError(f"{name}: expected a mask of booleans, False at padding, got {mask.dtype}.")
        if mask.shape != tokens.shape:
            raise ValueError(f"{name}: expected a mask of shape {tuple(tokens.shape)}, got {tuple(mask.shape)}.")


def detach(state: Any) -> Any:
    """A state cut off from the window that made it, for the next window to start from."""
    return mapped(Tensor.detach, state)


def _tensors(state: Any) -> Any:
    if isinstance(state, Tensor):
        yield state
    else:
        for part in state:
            yield from _tensors(part)


def mapped(function: Any, *states: Any) -> Any:
    """Apply a function of tensors to states of one kind, part by part."""
    if isinstance(states[0], Tensor):
        return function(*states)
    parts = [mapped(function, *part) for part in zip(*states, strict=True)]
    return type(states[0])(*parts) if hasattr(states[0], "_fields") else tuple(parts)
