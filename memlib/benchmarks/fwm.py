"""What the Fast Weight Memory gains when its memory is never built: a whole training iteration on catbAbI's sizes.

Source: schlag2021, App. F
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.nn import functional

from memlib.benchmarks.benchmark import BOUND, Benchmark, Case, Goal, Product, Side, Work
from memlib.models.fwm import FWM, FWMConfig, FWMState

Settings = Mapping[str, Any]
SIZES = {"vocabulary": 200, "embedding_size": 256, "hidden_size": 256, "memory_size": 32, "reads": 3}
TIME = 200


def parallel(settings: Settings) -> Work:
    """The library's way: attention over the writes of the window."""
    return _iteration(settings, lambda model: model)


def step_by_step(settings: Settings) -> Work:
    """The straightforward way: the whole memory written, bounded and read at each step."""
    return _iteration(settings, lambda model: model.step_by_step)


def _iteration(settings: Settings, way: Callable[[FWM], Callable[..., Any]]) -> Work:
    """Forward, loss on every word, backward, Adam; the state goes on to the next call, cut off."""
    model = FWM(FWMConfig.official(**{name: settings[name] for name in SIZES}))
    run = way(model)
    tokens, targets = torch.randint(settings["vocabulary"], (2, settings["batch"], settings["time"]))
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    state: list[FWMState | None] = [None]

    def call() -> Any:
        logits, after = run(tokens, state[0])
        loss = functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        state[0] = FWMState(*(part.detach() for part in after))
        return loss.detach()

    return Work(
        call, describe=lambda loss: {"weights": f"{model.size():,}", "state": f"{_numbers(state[0]):,} numbers"}
    )


def _numbers(state: FWMState | None) -> int:
    """Of one row."""
    return 0 if state is None else sum(part[0].numel() for part in state)


def products(batch: int, time: int = TIME) -> tuple[Product, ...]:
    """The matrix products of one iteration that no implementation can do without, of all words at once where it can.

    Entry by entry work is left out, and so is whatever a row has of its own but a product: what each word reads of
    the first memory is taken over the pairs of a key.
    """
    words, e, h, d = batch * time, SIZES["embedding_size"], SIZES["hidden_size"], SIZES["memory_size"]
    reads, vocabulary = SIZES["reads"], SIZES["vocabulary"]
    signals = 3 * d + 1 + d + reads * d
    half = time // 2  # of a triangle

    def layer(inner: int, columns: int) -> tuple[Product, ...]:
        """Outputs, the inputs' derivative, the weights' derivative."""
        return (
            Product(words, inner, columns),
            Product(words, columns, inner),
            Product(inner, words, columns),
        )

    return (
        # LSTM: inputs at once, the state step by step, forward and back; its weights' derivative at once.
        *layer(e, 4 * h),
        Product(batch, h, 4 * h, times=time),
        Product(batch, 4 * h, h, times=time),
        Product(h, words, 4 * h),
        # Keys, values, strengths, queries and relations.
        *layer(h, signals),
        # Gram: entities and relations; back, one product each.
        Product(time, d, time, batch, times=2),
        Product(time, time, d, batch, times=2),
        # The scan and its way back, as triangles; the Gram matrix's derivative.
        Product(time, half, d, batch, times=2),
        Product(time, d, time, batch),
        # Each round: two scores and a sum; back, two products for each of them.
        Product(time, d, time, batch, times=3 * reads),
        Product(time, time, d, batch, times=6 * reads),
        # What the keys and the queries find in the first memory, and back; the last memory.
        Product(time, d * d, d, batch, times=1 + reads),
        Product(time, d, d * d, batch, times=1 + reads),
        Product(d * d, time, d, batch),
        # From the last read to the hidden state, and to the words.
        *layer(d, h),
        *layer(h, vocabulary),
    )


SIDES = (Side("plain", "step by step", step_by_step), Side("ours", "attention over the writes", parallel))


def _of_batch(name: str, batch: int, question: str, minutes: str) -> Benchmark:
    case = "iteration"
    return Benchmark(
        name=name,
        module=__name__,
        title=f"Fast Weight Memory, {batch} rows of {TIME} words",
        question=question,
        cases=(
            Case(
                case,
                f"One training iteration, {batch} rows of {TIME} words, state carried",
                SIDES,
                "plain",
                {**SIZES, "batch": batch, "time": TIME},
                bound=products(batch),
                agree=1e-4,
            ),
        ),
        goals=(
            Goal("at least 15 times as fast as step by step", case, "plain", "ours", at_least=15),
            Goal("at most 1.2 times the matrix products alone", case, "ours", BOUND, at_most=1.2),
            Goal(
                "step by step needs at least 13 times the memory", case, "plain", "ours", at_least=13, quantity="added"
            ),
        ),
        rounds=3,
        minutes=minutes,
    )


_QUESTION = (
    "The memory of the FWM holds 32 x 32 x 32 numbers for each row of a batch. Step by step, all of them are written, "
    "bounded and read at every word. The library never builds it within a window. What is gained, in time and in "
    "memory, over a whole training iteration on catbAbI's sizes (forward, backward, Adam)? Both sides compute the same "
    "loss."
)
BENCHMARKS = (
    _of_batch("fwm", 64, _QUESTION + " Step by step needs about 10 GB; see `fwm-small` for less.", "three minutes"),
    _of_batch("fwm-small", 16, _QUESTION + " The same with a quarter of the rows.", "a minute"),
)
