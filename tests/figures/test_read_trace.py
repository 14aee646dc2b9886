"""The matches of the reads are the model's own: they give its reads, its answer, and what the plain loop gives."""

import pytest
import torch
from torch import Tensor

from memlib.figures.read_trace import rounds, trace
from memlib.kernels.fast_weights import write
from memlib.mechanisms import fast_weights
from memlib.models.fwm import FWM, FWMConfig

SIZES = {"vocabulary": 9, "embedding_size": 5, "hidden_size": 7, "memory_size": 4}


def model_of(**options) -> FWM:
    torch.manual_seed(3)
    model = FWM(FWMConfig(**SIZES, **options)).double()
    with torch.no_grad():  # loud enough for the bound to act
        model.cell.memory.write.weight.mul_(4)
        model.cell.memory.read.weight.mul_(4)
    return model


def text(steps: int = 12) -> Tensor:
    return torch.randint(9, (steps,), generator=torch.Generator().manual_seed(4))


@torch.no_grad()
def by_hand(model: FWM, words: Tensor, step: int, state=None) -> tuple[list[Tensor], Tensor]:
    """The found n of each round and the memory, with the memory really there."""
    state = model.initial_state(1) if state is None else state
    for word in words[: step + 1]:
        _, state = model.cell(model.embedding(word)[None], state)
    said = model.cell.memory.signals(state.output)
    query, found = said.query, []
    for entity in said.entities.unbind(-2):
        pair = (query, entity)
        pair = fast_weights.concatenated(*pair) if model.config.concatenate_keys else pair
        query = fast_weights.layer_norm(fast_weights.tensor_read(state.memory, *pair))
        found.append(query[0])
    return found, state.memory


OPTIONS = [{}, {"residual": False, "write_scale": 0.25, "squash_first_query": False}, {"concatenate_keys": True}]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("step", [0, 7, 11])
def test_the_matches_give_the_models_reads_and_its_answer(options: dict, step: int) -> None:
    model, words = model_of(**options), text()
    seen = trace(model, words, step)
    found, _ = by_hand(model, words, step)
    assert seen.rounds.matches.shape == (3, step + 1)
    read = seen.rounds.matches @ seen.rounds.changes + seen.rounds.before
    torch.testing.assert_close(fast_weights.layer_norm(read), torch.stack(found))
    torch.testing.assert_close(seen.rounds.found, torch.stack(found))
    torch.testing.assert_close(seen.probabilities, model(words[None])[0][0, step].softmax(-1))
    assert torch.equal(seen.rounds.before, torch.zeros_like(seen.rounds.before))


def test_a_memory_from_before_the_first_word_has_its_part() -> None:
    model, words = model_of(), text(20)
    _, state = model(words[None, :8])
    state = type(state)(*(part.detach() for part in state))
    seen = trace(model, words[8:], 11, state)
    found, _ = by_hand(model, words[8:], 11, state)
    torch.testing.assert_close(seen.rounds.found, torch.stack(found))
    torch.testing.assert_close(seen.probabilities, model(words[None])[0][0, 19].softmax(-1))
    read = seen.rounds.matches @ seen.rounds.changes + seen.rounds.before
    torch.testing.assert_close(fast_weights.layer_norm(read), torch.stack(found))
    assert seen.rounds.before.abs().max() > 1e-3


def test_what_the_bound_has_left_is_in_the_matches() -> None:
    generator = torch.Generator().manual_seed(5)
    s, r, v = torch.randn(3, 1, 6, 4, generator=generator, dtype=torch.float64)
    memory = torch.zeros(4, 4, 4, dtype=torch.float64)
    bounds = []
    for step in range(6):
        memory = fast_weights.tensor_write(memory, s[0, step], r[0, step], v[0, step], 0.9)
        bounds.append(memory.norm().clamp(min=1))
        memory = memory / bounds[-1]
    assert min(bounds[1:]) > 1
    writes = write(torch.zeros(1, 4, 4, 4).double(), s, r, v, torch.full((1, 6, 1), 0.9).double())
    seen = rounds(writes, s[0, 2], r[0, 2:3], 5)
    left = torch.stack([1 / torch.stack(bounds[i:]).prod() for i in range(6)])
    torch.testing.assert_close(seen.matches[0], (s[0] @ s[0, 2]) * (r[0] @ r[0, 2]) * left)
    torch.testing.assert_close(seen.parts, seen.matches * writes.changes[0].norm(dim=-1))


@pytest.mark.parametrize(
    ("words", "step", "message"),
    [
        ([1, 2, 9], 0, "numbers from 0 to 8"),
        ([1, 2], 2, "a step from 0 to 1"),
        ([], 0, "one text of whole numbers"),
        ([[1]], 0, "one text of whole numbers"),
        ([0.5], 0, "one text of whole numbers"),
    ],
)
def test_wrong_texts_are_explained(words: list, step: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        trace(model_of(), words, step)


def test_writes_of_several_sequences_are_refused() -> None:
    s, r, v = torch.randn(3, 2, 6, 4)
    writes = write(torch.zeros(2, 4, 4, 4), s, r, v, torch.ones(2, 6, 1))
    with pytest.raises(ValueError, match="one sequence and a step from 0 to 5, got 2 and 1"):
        rounds(writes, s[0, 0], r[0], 1)
