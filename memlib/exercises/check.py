"""Run a student's function on an exercise's cases and turn what happens into a card."""

from collections.abc import Callable, Sequence
from typing import Any

from memlib.exercises import words
from memlib.exercises.calls import Outcome, call, computes, signature_problem, stub_raised
from memlib.exercises.card import Card
from memlib.exercises.compare import same
from memlib.exercises.diagnose import why_wrong
from memlib.exercises.exercise import Exercise
from memlib.exercises.manner import torch_functions


def check(exercise: Exercise, function: Callable[..., Any]) -> Card:
    """Check a function against an exercise. Nothing that the function does or raises leaves this call.

    Args:
        exercise: what was asked for.
        function: the student's function.

    Returns:
        The card: not attempted, passed, or wrong with the reason.
    """
    try:
        return _check(exercise, function)
    except Exception as error:
        return Card(
            exercise.name,
            "wrong",
            "not-comparable",
            f"The check could not compare your result: `{type(error).__name__}`: {words.shorten(str(error))}",
            "Return an ordinary result of the type that the docstring names.",
        )


def _check(exercise: Exercise, function: Callable[..., Any]) -> Card:
    name, arguments = exercise.name, exercise.arguments
    if function is None or function is Ellipsis:
        return _not_attempted(name)
    if not callable(function):
        return Card(
            name,
            "wrong",
            "not-a-function",
            f"The check needs your function, and got {words.kind(function)}.",
            f"Pass the function by its name, without calling it: `check_{exercise.check or name}({name})`.",
        )
    if problem := signature_problem(function, arguments):
        expected = f"def {name}({', '.join(arguments)}):"
        return Card(name, "wrong", "signature", problem, "Keep the first line of the stub.", (("expected", expected),))

    cases = exercise.cases()
    wanted = [exercise.reference(*case.fresh()) for case in cases]
    none_is_an_answer = any(want is None for want in wanted)
    outcomes: list[Outcome] = []
    for case in cases:
        outcomes.append(call(function, case, arguments, quiet=bool(outcomes)))
        if card := _stub(exercise, function, outcomes[-1]):
            return card
        if _empty(outcomes[-1]) and not none_is_an_answer:
            return _nothing(exercise, function, outcomes[-1])
        if isinstance(outcomes[-1].error, TimeoutError):
            wanted = wanted[: len(outcomes)]
            break
    if all(map(_empty, outcomes)):
        return _nothing(exercise, function, outcomes[0])
    if card := _in_place(exercise, outcomes):
        return card
    if all(o.error is None and same(o.result, want) for o, want in zip(outcomes, wanted, strict=True)):
        return _manner(exercise, function, outcomes) or Card(
            name, "passed", "passed", f"Right for {_listed(outcomes)}. {exercise.lesson}"
        )
    return why_wrong(exercise, function, outcomes, wanted)


def _listed(outcomes: Sequence[Outcome]) -> str:
    names = [outcome.case.name for outcome in outcomes]
    if len(names) > 6:
        return f"all {len(names)} cases"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _not_attempted(name: str) -> Card:
    return Card(
        name,
        "not attempted",
        "stub",
        f"Write the body of `{name}` in the cell above, run it, then run this cell again. "
        "The chapter goes on without it.",
    )


def _stub(exercise: Exercise, function: Callable[..., Any], outcome: Outcome) -> Card | None:
    """The card of a function that stops at a stub: itself, or another one that it calls."""
    name = exercise.name
    raised_in = stub_raised(function, outcome.error)
    if raised_in and raised_in != getattr(function, "__name__", raised_in):
        return Card(
            name,
            "not attempted",
            "calls-a-stub",
            f"Your function calls `{raised_in}`, which is still a stub.",
            f"Write `{raised_in}` first, or use the library's.",
        )
    return _not_attempted(name) if raised_in else None


def _empty(outcome: Outcome) -> bool:
    """Whether a call left nothing behind: no result, no error, no change of an input."""
    nothing = outcome.result is None or outcome.result is Ellipsis
    return nothing and outcome.error is None and not outcome.changed


def _nothing(exercise: Exercise, function: Callable[..., Any], outcome: Outcome) -> Card:
    """The card of a function that gives nothing: a stub, or a forgotten return."""
    if outcome.result is Ellipsis or not computes(function):
        return _not_attempted(exercise.name)
    return Card(
        exercise.name,
        "wrong",
        "no-return",
        "Your function computes something, but returns nothing (None).",
        "End it with `return` and the result.",
    )


def _manner(exercise: Exercise, function: Callable[..., Any], outcomes: Sequence[Outcome]) -> Card | None:
    """The card of a function whose values are right, but that did not reach them as the exercise asks."""
    manner = exercise.manner
    if manner is None or manner.kept(torch_functions(function, outcomes[0].case)):
        return None
    return Card(exercise.name, "wrong", manner.code, manner.message, manner.hint)


def _in_place(exercise: Exercise, outcomes: Sequence[Outcome]) -> Card | None:
    changed = next((outcome.changed for outcome in outcomes if outcome.changed), ())
    if not changed:
        return None
    which = " and ".join(f"`{name}`" for name in changed)
    return Card(
        exercise.name,
        "wrong",
        "in-place",
        f"Your function changes its input {which}. Whoever called it still holds that tensor, and gradients need "
        "the old one.",
        "Make a new tensor: `memory + change` instead of `memory += change`; no `add_`, `copy_` or assignment to an "
        "index of an input.",
    )
