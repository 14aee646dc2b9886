"""Nested states (dicts, lists, tuples of tensors and plain values) as named tensors and JSON, and back: no pickle."""

from typing import Any

import torch
from torch import Tensor

PLAIN = (bool, int, float, str, type(None))


def flatten(state: Any, name: str = "") -> tuple[dict[str, Tensor], Any]:
    """Take the tensors out of a nested state.

    Args:
        state: dicts (keys: strings or whole numbers), lists, tuples, tensors, numbers, strings, booleans, None.
        name: what the tensors' names begin with.

    Returns:
        The tensors by name, copied to the CPU, complex ones as pairs of reals; and a JSON value that says where each
        of them belongs.

    Raises:
        TypeError: the state holds something else; the message says where.
    """
    tensors: dict[str, Tensor] = {}

    def visit(value: Any, path: str) -> Any:
        if isinstance(value, Tensor):
            copy = torch.view_as_real(value) if value.is_complex() else value
            tensors[path] = copy.detach().to("cpu", copy=True).contiguous()
            return {"tensor": path, "complex": value.is_complex()}
        if isinstance(value, dict):
            if not all(isinstance(key, str | int) for key in value):
                raise TypeError(f"state{path}: expected keys that are strings or whole numbers, got {list(value)!r}.")
            return {"dict": [[key, visit(item, f"{path}/{key}")] for key, item in value.items()]}
        if isinstance(value, list | tuple):
            kind = "list" if isinstance(value, list) else "tuple"
            return {kind: [visit(item, f"{path}/{i}") for i, item in enumerate(value)]}
        if isinstance(value, PLAIN):
            return value
        raise TypeError(
            f"state{path} is a {type(value).__name__}; a checkpoint holds tensors, numbers, strings, booleans, None, "
            "and dicts, lists and tuples of them."
        )

    return tensors, visit(state, name)


def restore(tensors: dict[str, Tensor], skeleton: Any) -> Any:
    """Put the tensors back: the inverse of `flatten`, on the CPU.

    Raises:
        KeyError: a tensor that the JSON names is missing.
    """
    if not isinstance(skeleton, dict):
        return skeleton
    if "tensor" in skeleton:
        tensor = tensors[skeleton["tensor"]]
        return torch.view_as_complex(tensor) if skeleton["complex"] else tensor
    if "dict" in skeleton:
        return {key: restore(tensors, item) for key, item in skeleton["dict"]}
    kind = list if "list" in skeleton else tuple
    return kind(restore(tensors, item) for item in next(iter(skeleton.values())))


def on_device(value: Any, device: torch.device) -> Any:
    """Move the tensors of a nested carry to a device."""
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {key: on_device(item, device) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(on_device(item, device) for item in value)
    return value
