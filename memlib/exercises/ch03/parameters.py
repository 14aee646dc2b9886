"""Exercise: how many numbers a layer with an associative memory has to learn."""

from collections.abc import Callable
from typing import Any

import torch

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Mistake
from memlib.models.am_rnn import AMRNN, AMRNNConfig

_SETTINGS = ((3, 2), (5, 4), (2, 10), (50, 20), (100, 108))


def _cases() -> list[Case]:
    return [Case(f"inputs = {n} and hidden = {h}", (n, h)) for n, h in _SETTINGS]


def _counted(inputs: int, hidden: int) -> int:
    """Counted on the library's layer; drawing its weights leaves torch's randomness as it was."""
    with torch.random.fork_rng(devices=[]):
        layer = AMRNN(AMRNNConfig(inputs, hidden))
    return sum(weights.numel() for weights in layer.parameters())


def _off_by(difference: Callable[[int, int], int]) -> Callable[[int, int], int]:
    """A mistake that counts this much more, or less."""
    return lambda inputs, hidden: _counted(inputs, hidden) + difference(inputs, hidden)


_MISTAKES = (
    Mistake(
        "key-bias",
        _off_by(lambda n, h: h),
        "You gave the key layer a bias. It has none.",
        "Only the gates and the candidate have biases.",
    ),
    Mistake(
        "two-vectors",
        _off_by(lambda n, h: -3 * h * h),
        "You let the cell see two vectors. It sees three: the input, the last output, and the state that the memory "
        "gave. In a plain GRU the last two are the same; here they are not.",
        "How wide is what the gates see?",
    ),
    Mistake(
        "one-gate",
        _off_by(lambda n, h: -(n + 2 * h) * h - h),
        "One layer of H outputs is missing. A GRU has two gates, update and reset, and the candidate besides.",
        "The layer of the gates has 2H outputs, the candidate's H.",
    ),
    Mistake(
        "one-gate",
        _off_by(lambda n, h: -(n + 2 * h) * h),
        "You counted the weights of one gate. A GRU has two, update and reset, besides the candidate.",
        "The layer of the gates has 2H outputs.",
    ),
    Mistake(
        "no-biases",
        _off_by(lambda n, h: -3 * h),
        "The weights are all there, but the biases are missing.",
        "One number for each output of the gates and of the candidate.",
    ),
    Mistake(
        "two-biases",
        _off_by(lambda n, h: 3 * h),
        "You counted two biases for each gate, as PyTorch's `GRU` has them: one beside the weights of its input, one "
        "beside those of its state. Here each output has one.",
        "Three layers with H outputs each: how many biases is that?",
    ),
    Mistake(
        "torch-gru",
        _off_by(lambda n, h: 3 * h - 3 * h * h),
        "That is a key layer and PyTorch's own `GRUCell(inputs, hidden)`. This cell differs twice: it sees three "
        "vectors, the input, the last output and the state from the memory; and it has one bias for each output, not "
        "two.",
        "How wide is what the gates see, and how many biases are there?",
    ),
    Mistake(
        "no-key",
        _off_by(lambda n, h: -(n + h) * h),
        "The key layer is missing: that is the wrapped cell alone.",
        "What makes the key of each step, and from what?",
    ),
    Mistake(
        "key-from-input",
        _off_by(lambda n, h: -h * h),
        "You made the key from the input alone. It is made from the input and the last output.",
        "How wide is what the key layer sees?",
    ),
    Mistake(
        "key-halved",
        _off_by(lambda n, h: -(n + h) * h // 2),
        "You gave the key layer H/2 outputs. The key has H/2 complex entries, and each is two real numbers.",
        "Count real numbers.",
    ),
    Mistake(
        "key-doubled",
        _off_by(lambda n, h: (n + h) * h),
        "You counted the key layer twice: H complex entries would be 2H numbers, or you have one key for reading and "
        "one for writing. The key has H/2 complex entries, and one key does both.",
        "H numbers leave the key layer.",
    ),
)

PARAMETERS = Exercise(
    name="parameters",
    arguments=("inputs", "hidden"),
    reference=_counted,
    cases=_cases,
    example=Case("by hand", (3, 2)),
    mistakes=_MISTAKES,
    lesson="The number of copies does not stand in it: a larger memory has nothing more to learn.",
    advice="Count layer by layer: inputs times outputs, and one bias for each output where there is a bias.",
)


def check_parameters(function: Callable[..., Any]) -> Card:
    """Check `parameters(inputs: int, hidden: int) -> int`, the number of weights and biases of an AM-GRU layer.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(PARAMETERS, function)
