"""What an exercise is made of: the cases that it is tried on, the reference, and the mistakes that the check knows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class Case:
    """One set of inputs.

    Attributes:
        name: in words, to follow "for": "one key", "a batch of 5 keys".
        inputs: the arguments, in order.
        batch: whether it has batch dimensions in front.
    """

    name: str
    inputs: tuple[Any, ...]
    batch: bool = False

    def fresh(self) -> tuple[Any, ...]:
        """The inputs again, as copies that may be spoilt."""
        return tuple(item.clone() if isinstance(item, Tensor) else item for item in self.inputs)


@dataclass(frozen=True)
class Mistake:
    """A known mistake.

    Attributes:
        code: its stable name.
        answer: what a function with this mistake returns; it may fail on some cases, as such a function would, and
            gives ANYTHING on those that say nothing about this mistake.
        message: what was done, in words that teach.
        hint: what to think about next.
        calls: a function of torch that a function with this mistake calls, such as "conj"; it tells apart two mistakes
            with the same results. Any function may have made it where this is empty.
    """

    code: str
    answer: Callable[..., Any]
    message: str
    hint: str
    calls: str = ""


class _Anything:
    """Stands for any result."""

    def __repr__(self) -> str:
        return "ANYTHING"


# What the answer of a mistake gives on a case that says nothing about this mistake.
ANYTHING: Any = _Anything()


@dataclass(frozen=True)
class Manner:
    """A way of reaching the result that the exercise asks for.

    Attributes:
        kept: whether it was kept, from the names of torch's functions that were called.
        code: the stable name of not keeping it.
        message: what to say where the values are right, but it was not kept.
        hint: what to do next.
    """

    kept: Callable[[frozenset[str]], bool]
    code: str
    message: str
    hint: str


@dataclass(frozen=True)
class Exercise:
    """An exercise as its check sees it.

    Attributes:
        name: of the function to write.
        arguments: their names, in order.
        reference: the library's function.
        cases: makes the cases, the simplest first; always the same ones.
        example: a small case that can be followed by hand.
        mistakes: the likeliest first.
        lesson: what is understood once it is right; one sentence.
        manner: how the result must be reached; None where any way is good.
        results: their names in order, where the function returns several.
        advice: the hint for wrong values that no known mistake explains; a general one where it is empty.
        check: what stands after ``check_`` in the name of the check, where that is not the function's name.
    """

    name: str
    arguments: tuple[str, ...]
    reference: Callable[..., Any]
    cases: Callable[[], Sequence[Case]]
    example: Case
    mistakes: Sequence[Mistake]
    lesson: str
    manner: Manner | None = None
    results: tuple[str, ...] = ()
    advice: str = ""
    check: str = ""
