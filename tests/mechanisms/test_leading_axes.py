"""What every mechanism promises of the axes in front: they broadcast, they may be empty, `vmap` may take them away."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any, get_args

import pytest
import torch

from memlib import mechanisms
from memlib.mechanisms.attention import attention_weights
from memlib.mechanisms.halting import divergence, halting_weights
from memlib.mechanisms.shapes import Expected, _expected

# Arguments that are no tensors, and axes that must fit each other across names.
PLAIN = {"beta": 1.5, "slots": 4, "memory": 5, "share": 0.1}
SIZES = {"dk": 3, "dv": 4, "d": 5, "dq": 4, "n": 6, "slots": 6, "offsets": 3, "memory": 7}
DRAWN = {"hard_sample", "noisy_ages", "geometric_prior", "position_weights", "centred_position_weights"}
TRANSFORMED = {"circular_convolution", "circular_correlation"}  # torch's own FFT refuses an empty batch


def public() -> list[Callable[..., Any]]:
    names = [m.name for m in pkgutil.iter_modules(mechanisms.__path__) if m.name != "shapes"]
    modules = [importlib.import_module(f"memlib.mechanisms.{name}") for name in names]
    found = [f for m in modules for _, f in inspect.getmembers(m, inspect.isfunction) if f.__module__ == m.__name__]
    return [f for f in found if f.__name__[0] != "_" and f.__name__ not in DRAWN and expected_of(f)]


def expected_of(function: Any) -> dict[str, Expected]:
    annotations = function.__wrapped__.__annotations__
    made = {name: _expected(name, annotation) for name, annotation in annotations.items() if name != "return"}
    return {name: expected for name, expected in made.items() if expected is not None}


def broadcasts(function: Any, name: str) -> bool:
    annotation = function.__wrapped__.__annotations__[name]
    tensor = next(option for option in (annotation, *get_args(annotation)) if hasattr(option, "dim_str"))
    return tensor.dim_str.startswith("*#")


def tensor(expected: Expected, leading: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    shape = [int(axis) if axis.isdigit() else SIZES.get(axis, 3) for axis in expected.axes]
    shape = [*leading, *shape] if expected.batched else shape
    if expected.kind == "Bool":
        return torch.rand(shape, generator=generator) < 2
    if expected.kind == "Int":
        return torch.randint(0, 2, shape, generator=generator)
    kind = torch.complex128 if expected.kind == "Complex" else torch.float64
    return torch.rand(shape, generator=generator, dtype=torch.float64).to(kind) * 0.8 + 0.1


def inputs(function: Any, leading: Callable[[str], tuple[int, ...]]) -> tuple[dict[str, Any], list[str]]:
    """All arguments of a function, and the names of those that have axes in front."""
    generator, expectations = torch.Generator().manual_seed(3), expected_of(function)
    given: dict[str, Any] = {n: tensor(e, leading(n), generator) for n, e in expectations.items()}
    parameters = inspect.signature(function.__wrapped__).parameters.values()
    missing = [p.name for p in parameters if p.default is p.empty and p.name not in given]
    return given | {name: PLAIN[name] for name in missing}, [n for n, e in expectations.items() if e.batched]


def tensors(result: Any) -> list[torch.Tensor]:
    return [result] if isinstance(result, torch.Tensor) else [t for part in result for t in tensors(part)]


def grown(result: list[torch.Tensor], full: list[torch.Tensor]) -> list[torch.Tensor]:
    return [torch.broadcast_to(t, other.shape) for t, other in zip(result, full, strict=True)]


@pytest.mark.parametrize("function", public(), ids=lambda f: f"{f.__module__.split('.')[-1]}.{f.__name__}")
def test_axes_in_front(function: Any) -> None:
    _, names = inputs(function, lambda _: ())
    for odd in [name for name in names if broadcasts(function, name)] if len(names) > 1 else ():
        for own, others in (((), (2, 3)), ((1,), (2, 3)), ((2, 1), (1, 3))):
            given, _ = inputs(function, lambda name, own=own, others=others, odd=odd: own if name == odd else others)
            count = {n: given[n].ndim - len(own if n == odd else others) for n in names}
            full = given | {n: given[n].expand(2, 3, *given[n].shape[given[n].ndim - count[n] :]) for n in names}
            expected = tensors(function(**full))
            torch.testing.assert_close(grown(tensors(function(**given)), expected), expected)
    if function.__name__ not in TRANSFORMED:
        given, _ = inputs(function, lambda _: (0,))
        assert all(0 in t.shape for t in tensors(function(**given)))
    given, names = inputs(function, lambda _: (2,))
    rest = {name: value for name, value in given.items() if name not in names}
    mapped = torch.func.vmap(lambda *parts: function(**dict(zip(names, parts, strict=True)), **rest))
    torch.testing.assert_close(tensors(mapped(*(given[n] for n in names))), tensors(function(**given)))


def test_a_mask_may_be_mapped_over_and_stand_on_meta() -> None:
    scores = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    mask = torch.tensor([[True, True, False]] * 4)
    torch.testing.assert_close(torch.func.vmap(attention_weights)(scores, mask), attention_weights(scores, mask))
    assert attention_weights(scores.to("meta"), mask.to("meta")).is_meta


def test_what_is_not_a_number_shows() -> None:
    """A network that has come to NaN must not seem to halt at its first step, nor to agree with its prior."""
    probabilities = torch.tensor([0.2, torch.nan, 0.5, 0.9])
    weights, steps, remainder = halting_weights(probabilities)
    assert weights.isnan().any()
    assert remainder.isnan()
    assert steps == 4
    assert divergence(probabilities, torch.full((4,), 0.25)).isnan()
