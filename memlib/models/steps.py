"""What a model that runs along sequences of vectors asks of its inputs, and of the state that it goes on from."""

from typing import Any

import torch
from torch import Tensor, nn


def check_steps(model: nn.Module, inputs: Tensor, width: int | None, state: Any = None, axis: int = 0) -> None:
    """Refuse inputs or a state that do not fit a model. Steps aside under ``torch.compile``.

    Args:
        model: named in the errors; its first weight says which numbers and which device it works with.
        inputs: expected as [batch, time, width], with at least one step.
        width: None where the model does not know it.
        state: to go on from: a tensor, or tuples of tensors; None at a start.
        axis: of the state's first tensor, along which its rows lie.

    Raises:
        ValueError: another shape or device, or a state of another number of rows.
        TypeError: another kind or size of number. Under autocast, which casts by itself, any floating-point will do.
    """
    if torch.compiler.is_compiling():
        return
    name, weight = type(model).__name__, next(model.parameters())
    if inputs.ndim != 3 or inputs.shape[1] == 0 or width not in (None, inputs.shape[2]):
        raise ValueError(
            f"{name}: expected inputs [batch, time, {'width' if width is None else width}] with at least one step, "
            f"got {tuple(inputs.shape)}."
        )
    if not inputs.is_floating_point():
        raise TypeError(f"{name}: expected floating-point inputs, got {inputs.dtype}; call .float() on them.")
    if inputs.device != weight.device:
        raise ValueError(
            f"{name}: expected inputs on {weight.device}, where the model is, got {inputs.device}; call .to on one."
        )
    if inputs.dtype != (kind := weight.dtype.to_real()) and not torch.is_autocast_enabled(weight.device.type):
        raise TypeError(f"{name}: expected inputs of {kind}, as the model's weights, got {inputs.dtype}: .to({kind}).")
    if state is not None and (rows := _first(state).shape[axis]) != len(inputs):
        raise ValueError(
            f"{name}: expected a state of {len(inputs)} rows, as inputs has; got {rows}. "
            "A batch of another size starts from state=None."
        )


def check_words(model: nn.Module, words: Tensor, name: str, vocabulary: int, rows: int | None = None) -> None:
    """Refuse numbers of words that do not fit a model.

    Args:
        model: named in the errors.
        words: expected as [rows, words], with at least one in a row.
        name: of the argument.
        vocabulary: how many words there are.
        rows: how many rows there must be; any number when None.

    Raises:
        TypeError: they are no whole numbers.
        ValueError: another shape, or a word that is none; on a GPU a look at the values would cost too much.
    """
    whose = f"{type(model).__name__}: expected {name}"
    if words.is_floating_point() or words.dtype == torch.bool:
        raise TypeError(f"{whose} of whole numbers, got {words.dtype}; call .long() on them.")
    if words.ndim != 2 or words.shape[1] == 0 or rows not in (None, len(words)):
        raise ValueError(
            f"{whose} [{'rows' if rows is None else rows}, words] with at least one word, got {tuple(words.shape)}."
        )
    if readable(words) and words.numel() and not 0 <= int(words.min()) <= int(words.max()) < vocabulary:
        raise ValueError(f"{whose} of words from 0 to {vocabulary - 1}; build the model with the vocabulary's size.")


def readable(tokens: Tensor) -> bool:
    """Whether a look at the values costs nothing: on the CPU, outside of torch.compile, which would break its graph."""
    return tokens.device.type == "cpu" and not torch.compiler.is_compiling()


def as_kind(kind: Any, state: Any) -> Any:
    """A state as named tuples again, where it went through a checkpoint, which keeps their values in plain ones.

    Args:
        kind: a state of the right kind, such as the model's own start.
        state: of the same structure.

    Raises:
        ValueError: it is of another structure.
    """
    if not isinstance(kind, tuple):
        return state
    if not isinstance(state, tuple | list) or len(state) != len(kind):
        raise ValueError(f"expected a state like {type(kind).__name__}, of {len(kind)} parts; got {_told(state)}.")
    parts = [as_kind(one, other) for one, other in zip(kind, state, strict=True)]
    return type(kind)(*parts) if hasattr(kind, "_fields") else tuple(parts)


def _first(state: Any) -> Tensor:
    while not isinstance(state, Tensor):
        state = state[0]
    return state


def _told(state: Any) -> str:
    return f"{type(state).__name__} of {len(state)}" if isinstance(state, tuple | list) else type(state).__name__
