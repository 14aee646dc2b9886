"""Say why a result is wrong: a known mistake by its name, else what differs, shown on a case small enough to follow."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any

from torch import Tensor

from memlib.exercises import words
from memlib.exercises.calls import Outcome, call, describe_error, swapped_names
from memlib.exercises.card import Card
from memlib.exercises.compare import EXACT, LOOSE, close, plain, same, worst
from memlib.exercises.errors import hint_for
from memlib.exercises.exercise import ANYTHING, Exercise, Mistake
from memlib.exercises.manner import torch_functions

_BATCH_HINT = (
    "Count axes from the end (-1, -2): whatever stands in front of them is the batch. `.mT` swaps the last two axes "
    "only; `.T` turns all of them round."
)


def why_wrong(
    exercise: Exercise, function: Callable[..., Any], outcomes: Sequence[Outcome], wanted: Sequence[Any]
) -> Card:
    """The card for a function that is wrong on at least one case."""
    name = exercise.name
    if takes := swapped_names(function, exercise.arguments):
        return Card(
            name,
            "wrong",
            "argument-order",
            f"Your function takes ({', '.join(takes)}); the check gives ({', '.join(exercise.arguments)}).",
            "Keep the order of the stub's first line.",
        )
    if mistake := _known_mistake(exercise, function, outcomes, wanted):
        return Card(name, "wrong", mistake.code, mistake.message, mistake.hint, _worked(exercise, function))
    pairs = list(zip(outcomes, wanted, strict=True))
    bad = [(o, w) for o, w in pairs if o.error is not None or not same(o.result, w)]
    outcome, want = bad[0]
    code, message, hint, details = _difference(exercise, function, outcome, want)
    right = [o.case.name for o, w in pairs if not any(o is other for other, _ in bad)]
    if right and all(o.case.batch for o, _ in bad) and not isinstance(outcome.error, NameError):
        code, hint = "no-batch", _BATCH_HINT
    if right:
        message = f"Right for {right[0]}, but not for {outcome.case.name}. {message}"
    return Card(name, "wrong", code, message, hint, details)


def _known_mistake(
    exercise: Exercise, function: Callable[..., Any], outcomes: Sequence[Outcome], wanted: Sequence[Any]
) -> Mistake | None:
    """The first mistake that gives what the function gave, wherever the function gave anything."""
    ran = [(o, want) for o, want in zip(outcomes, wanted, strict=True) if o.error is None]
    for mistake in exercise.mistakes:
        told_apart = False
        for outcome, want in ran:
            try:
                answer = mistake.answer(*outcome.case.fresh())
            except Exception:
                break
            if answer is ANYTHING:
                continue
            if not same(outcome.result, answer):
                break
            told_apart = told_apart or not same(answer, want)
        else:
            if told_apart and (not mistake.calls or mistake.calls in torch_functions(function, ran[0][0].case)):
                return mistake
    return None


def _worked(exercise: Exercise, function: Callable[..., Any]) -> tuple[tuple[str, str], ...]:
    """The example by hand: what goes in, what should come out, what came; nothing where the two agree."""
    want = exercise.reference(*exercise.example.fresh())
    outcome = call(function, exercise.example, exercise.arguments, quiet=True)
    if outcome.error is not None or same(outcome.result, want):
        return ()
    return (
        ("for example", words.inputs(exercise.arguments, exercise.example.inputs)),
        ("expected", words.value(want)),
        ("got", words.value(outcome.result)),
    )


def _difference(
    exercise: Exercise, function: Callable[..., Any], outcome: Outcome, want: Any
) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    """Code, message, hint and details for one case that went wrong in a way that no known mistake explains."""
    shapes = words.shapes(exercise.arguments, outcome.case.inputs)
    if outcome.error is not None:
        message = f"Your function stopped with {describe_error(function, outcome.error)}."
        tensors = any(isinstance(item, Tensor) for item in outcome.case.inputs)
        return "exception", message, hint_for(outcome.error, tensors), (("called with", shapes),)
    if isinstance(want, tuple):
        return _several(exercise, function, outcome, want)
    if isinstance(want, float):
        return _float(outcome.result, want, shapes, exercise.advice)
    if not isinstance(want, Tensor):
        return _number(outcome.result, want, shapes, exercise.advice)
    return _tensor(exercise, function, outcome, want)


def _tensor(
    exercise: Exercise, function: Callable[..., Any], outcome: Outcome, want: Tensor
) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    """Code, message, hint and details where a tensor was wanted."""
    got, shapes = outcome.result, words.shapes(exercise.arguments, outcome.case.inputs)
    if not isinstance(got, Tensor):
        message = f"Expected a torch tensor, got {words.kind(got)}."
        return "type", message, _type_hint(got), ()
    details = (("called with", shapes), ("expected", words.kind(want)), ("got", words.kind(got)))
    if got.shape != want.shape:
        message = f"Wrong shape: expected {words.shape(want)}, got {words.shape(got)}."
        return "shape", message, "Which axis of the inputs should the result still have?", details
    if got.dtype != want.dtype:
        agree = "The values agree. " if close(got, want, LOOSE) else ""
        return "dtype", f"Wrong kind of number. {agree}", _dtype_hint(got, want), details
    if bool((~plain(got).isfinite() & plain(want).isfinite()).any()):
        message = "Right shape, but your result holds NaN or infinity."
        return "not-finite", message, "Look for a division by zero, or an exponential that overflows.", details[:1]
    if close(got, want, LOOSE):
        message = "Right shape and nearly the right values; they are off by more than rounding explains."
        hint = "Look for a conversion to float32, or a small constant that was added to avoid a division by zero."
        return "precision", message, hint, _entry(got, want, details[0])
    shown = _worked(exercise, function) or _entry(got, want, details[0])
    hint = exercise.advice or "Follow the numbers by hand on the case that is shown."
    return "wrong-values", "Right shape, but wrong values.", hint, shown


def _several(
    exercise: Exercise, function: Callable[..., Any], outcome: Outcome, want: tuple[Any, ...]
) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    """Code, message, hint and details where several results were wanted: of the first one that is wrong."""
    got, names = outcome.result, ", ".join(exercise.results)
    if not isinstance(got, tuple | list) or len(got) != len(want):
        message = f"Expected {len(want)} results, ({names}); got {words.kind(got)}."
        return "results", message, f"End with `return {names}`.", ()
    right = [same(one, other) for one, other in zip(got, want, strict=True)]
    wrong = right.index(False)
    part = replace(outcome, result=got[wrong])
    code, message, hint, details = _difference(exercise, function, part, want[wrong])
    kept = "".join(f" Your `{name}` is right." for name, good in zip(exercise.results, right, strict=True) if good)
    return code, f"`{exercise.results[wrong]}`: {message}{kept}", hint, details


def _float(got: Any, want: float, inputs: str, advice: str) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    """Code, message, hint and details where a float was wanted."""
    if not isinstance(got, float):
        message = f"Expected a number (float), got {words.kind(got)}."
        if not same(_as_float(getattr(got, "real", got)), want, LOOSE):
            message += f" The value is off as well: for {inputs}, expected {want:.4g}."
        return "type", message, _float_hint(got), ()
    if same(got, want, LOOSE):
        message = "Nearly the right value; it is off by more than rounding explains."
        hint = (
            "A search or a rounded number comes close; the exact answer is a formula. If yours is one, look for a "
            "conversion to float32, or for a small constant that was added to avoid a division by zero."
        )
        return "precision", message, hint, (("expected", f"{want:.10g}"), ("got", f"{got:.10g}"))
    hint = advice or "Follow the numbers by hand on a small case."
    return "wrong-value", f"For {inputs}, expected {want:.4g}, got {got:.4g}.", hint, ()


def _float_hint(got: Any) -> str:
    """How to make a float out of something else."""
    if isinstance(got, complex) or (isinstance(got, Tensor) and got.dtype.is_complex):
        return "Take the real part, then `.item()`: it makes a float out of a tensor with one entry."
    if isinstance(got, Tensor):
        return "Add `.item()`: it makes a float out of a tensor with one entry."
    if isinstance(got, Integral):
        return "Return a float; do not round."
    return "Return one float."


def _number(got: Any, want: int | None, inputs: str, advice: str) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    """Code, message, hint and details where a whole number (or None) was wanted."""
    expected = f"for {inputs}, expected {want}"
    if want is None:
        return "wrong-value", f"F{expected[1:]}, got {words.value(got)}.", "No number is enough there: return None.", ()
    if got is not None and (not isinstance(got, Integral) or isinstance(got, bool)):
        message = f"Expected a whole number (int), got {words.kind(got)}."
        if _as_float(got) != want:
            message += f" The value is off as well: {expected}."
        return "type", message, "Return an int.", ()
    hint = advice or "Put your answer back into the condition, then try the next whole number."
    if got is None:
        hint = "Some number is enough there. Which is the smallest?"
    return "wrong-value", f"F{expected[1:]}, got {words.value(got)}.", hint, ()


def _as_float(got: Any) -> float:
    """What a result is worth as a number; NaN where it is none."""
    try:
        return float(got)
    except Exception:
        return math.nan


def _entry(got: Tensor, want: Tensor, called: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    index = worst(got, want)
    digits = ".10g" if close(got, want, LOOSE) and not close(got, want, EXACT) else ".4g"
    where = f"at {list(index)}"
    expected, came = want[index].item(), got[index].item()
    return called, (f"expected {where}", f"{expected:{digits}}"), ("got", f"{came:{digits}}")


def _type_hint(got: Any) -> str:
    if isinstance(got, list | tuple) and len(got) > 1 and all(isinstance(part, Tensor) for part in got):
        return "`torch.stack` makes one tensor of parts of equal shape."
    if isinstance(got, tuple):
        return "A comma at the end of the line makes a tuple. Return one tensor."
    if type(got).__name__ == "ndarray":
        return "Stay in torch all the way: no `.numpy()` and no `np.` function, or gradients are lost."
    return "Compute with torch operations on the whole tensors; no `.tolist()`, no `.item()`."


def _dtype_hint(got: Tensor, want: Tensor) -> str:
    if want.dtype.is_complex and not got.dtype.is_complex:
        return "The result is complex: look for a `.real` or an `.abs()` that drops half of each entry."
    if got.dtype.is_complex and not want.dtype.is_complex:
        return "The result is real: take the real part at the end."
    return (
        "The result has the dtype of the inputs. Look for `torch.tensor`, `torch.zeros` or `.float()`, which make "
        "float32; `torch.zeros_like(x)` follows x."
    )
