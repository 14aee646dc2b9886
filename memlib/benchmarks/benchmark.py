"""A benchmark as data: which sides do which work, and what is asked of their ratios.

Nothing here measures anything. `memlib.benchmarks.harness` starts each side in a process of its own and lets the sides
take turns; `memlib.benchmarks.worker` is what runs in that process. A benchmark is a module with a `Benchmark` called
``BENCHMARK`` (or several, ``BENCHMARKS``) and one small function a side, listed in `memlib.benchmarks.registry`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

QUANTITIES = ("time", "peak", "added", "working")


@dataclass(frozen=True)
class Work:
    """What a side does, made ready: only `call` is measured.

    Attributes:
        call: does the work once; called many times.
        kept: bytes of the result that any implementation must hold at the end, such as the outputs. What a call needs
            besides is its working memory.
        describe: from the last result to what the table says of this side, such as its number of weights.
    """

    call: Callable[[], Any]
    kept: int = 0
    describe: Callable[[Any], dict[str, int | float | str]] = lambda result: {}


Make = Callable[[Mapping[str, Any]], Work]


@dataclass(frozen=True)
class Side:
    """One of those compared.

    Attributes:
        name: in small letters.
        title: in words, for the table.
        make: from the settings to the work; draws from torch's global generator, seeded alike for every side.
        settings: JSON values that this side changes in the case's.
    """

    name: str
    title: str
    make: Make
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Product:
    """Matrix products [rows, inner] x [inner, columns], ``batch`` of them at once, ``times`` times."""

    rows: int
    inner: int
    columns: int
    batch: int = 1
    times: int = 1


@dataclass(frozen=True)
class Case:
    """One comparison at equal settings.

    Attributes:
        name: in small letters.
        title: in words.
        sides: at least one; where times are taken, they take turns in this order.
        reference: the side that the others' times are divided by.
        settings: JSON values, handed to every side.
        timed: whether times are taken; else each side works once, with the most threads, for its memory alone.
        bound: the matrix products that no implementation can do without: their time is measured as one more side.
        agree: if given, the first result of every side is a number, and they may differ by this much, relatively:
            sides that do not compute the same are refused.
    """

    name: str
    title: str
    sides: tuple[Side, ...]
    reference: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    timed: bool = True
    bound: tuple[Product, ...] = ()
    agree: float | None = None

    def __post_init__(self) -> None:
        names = [side.name for side in self.sides]
        if self.reference not in names or len(set(names)) < len(names) or BOUND in names:
            raise ValueError(
                f"case {self.name}: expected sides of different names, none of them {BOUND!r}, "
                f"and {self.reference!r} among them; got {', '.join(names)}."
            )

    def settings_of(self, side: str) -> dict[str, Any]:
        """The settings of one side.

        Raises:
            ValueError: there is no such side.
        """
        return {**self.settings, **self.side(side).settings}

    def side(self, name: str) -> Side:
        """The side of that name, the bound among them.

        Raises:
            ValueError: there is none.
        """
        for side in self.sides:
            if side.name == name:
                return side
        if name == BOUND and self.bound:
            from memlib.benchmarks.products import products

            return Side(BOUND, "the matrix products alone", lambda settings: products(self.bound))
        raise ValueError(f"case {self.name} has no side {name!r}; it has: {', '.join(s.name for s in self.sides)}.")


BOUND = "bound"


@dataclass(frozen=True)
class Goal:
    """A ratio to reach: ``side`` divided by ``than``, of one quantity, at every number of threads.

    Attributes:
        text: in words, such as "an AM-GRU takes at most three times as long as a GRU of its size".
        case: the case's name.
        side: the side's name.
        than: another side's name, or "bound".
        at_most: the ratio may not be above; None where it is a goal from below.
        at_least: the ratio may not be below.
        quantity: "time", "peak" (memory of the whole process), "added" (what the work added to it) or "working"
            (what it added beyond the result itself).
    """

    text: str
    case: str
    side: str
    than: str
    at_most: float | None = None
    at_least: float | None = None
    quantity: str = "time"

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES or (self.at_most is None) == (self.at_least is None):
            raise ValueError(f"goal {self.text!r}: expected a quantity of {', '.join(QUANTITIES)}, and one limit.")


@dataclass(frozen=True)
class Benchmark:
    """Cases that are measured in one run and make one record, ``bench.<name>``.

    Attributes:
        name: on the command line.
        module: where it stands, so that the sides' processes can import it: ``__name__``.
        title: in words.
        question: what it answers, in a few sentences for the book.
        cases: in the order in which they are measured.
        goals: what is asked of the ratios.
        rounds: how many turns each side takes.
        block_seconds: how long a turn lasts at least; a call that takes longer is made once.
        minutes: how long all of it takes, in words for the list.
    """

    name: str
    module: str
    title: str
    question: str
    cases: tuple[Case, ...]
    goals: tuple[Goal, ...] = ()
    rounds: int = 5
    block_seconds: float = 0.4
    minutes: str = "a minute"

    @property
    def record(self) -> str:
        """The name of its record."""
        return f"bench.{self.name}"

    @property
    def timed(self) -> bool:
        """Whether any times are taken, hence an idle machine is asked for."""
        return any(case.timed for case in self.cases)

    @property
    def command(self) -> str:
        """What runs it."""
        return f"memlib bench {self.name}"

    def case(self, name: str) -> Case:
        """The case of that name.

        Raises:
            ValueError: there is none.
        """
        for case in self.cases:
            if case.name == name:
                return case
        raise ValueError(f"{self.name} has no case {name!r}; it has: {', '.join(case.name for case in self.cases)}.")

    def settings(self) -> dict[str, Any]:
        """What its record must hold: by case and side, the settings."""
        return {case.name: {side.name: case.settings_of(side.name) for side in case.sides} for case in self.cases}
