"""The kernels of two memories: the plain forms' numbers, derivatives by hand, and nothing large kept."""

from collections.abc import Callable

import pytest
import torch
from torch.autograd import gradcheck

from memlib.kernels import two_memories
from memlib.kernels.two_memories import pairs
from memlib.mechanisms.item_memory import association, gated_item_write, item_gate
from memlib.mechanisms.outer_product import outer_product_attention
from memlib.mechanisms.relational_memory import distil, relational_read, transfer

BATCH, TIME, NQ, NKV, D = 2, 4, 2, 3, 3


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def tried(*shapes: tuple[int, ...]) -> tuple[torch.Tensor, ...]:
    return tuple(draw(seed, *shape).requires_grad_() for seed, shape in enumerate(shapes))


def assert_same(actual: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)


ITEMS = ((BATCH, D, D), (BATCH, D), (BATCH, D), (BATCH, 2 * D), (2 * D, D), (6, D))


@pytest.mark.parametrize("squash_pair", [True, False])
@pytest.mark.parametrize("squash_gates", [True, False])
def test_the_gated_write_equals_the_equations_and_has_their_derivatives(squash_pair: bool, squash_gates: bool) -> None:
    items, content, place, drive, gates, maps = given = tried(*ITEMS)
    # The mixed axis is the first in the equations, the last here.
    take, forget = (
        item_gate(items.mT, d, w, squash=squash_gates) for d, w in zip(drive.chunk(2, -1), gates.chunk(2), strict=True)
    )
    pair = association(place, content)
    expected = gated_item_write(items.mT, pair.tanh() if squash_pair else pair, forget, take)
    written, found = two_memories.write_items(*given, squash_pair, squash_gates)
    assert_same(written, expected.mT)
    assert_same(found, (maps @ expected).mT)
    assert gradcheck(lambda *g: two_memories.write_items(*g, squash_pair, squash_gates), given)


@pytest.mark.parametrize("contract", ["columns", "rows"])
def test_asking_the_pairs_is_asking_their_sum(contract: str) -> None:
    shapes = (BATCH, NQ, D), (BATCH, NKV, D), (BATCH, NKV, D), (BATCH, TIME, D), (BATCH, TIME, NQ), (D, NQ * D)
    q, k, v, key, choice, weights = given = tried(*shapes)
    summed = outer_product_attention(q, k, v).unsqueeze(1)
    found, mapped = two_memories.consult(q, k, v, key, choice.softmax(-1), weights, contract)
    assert_same(found, relational_read(summed, choice, key, contract))
    assert_same((v.mT @ mapped).mT, transfer(summed.squeeze(1), weights.unflatten(-1, (NQ, D))))
    assert gradcheck(lambda *g: two_memories.consult(*g, contract), given)
    none_left, _ = two_memories.consult(q, k, v, key[:, :0], choice[:, :0], weights, contract)
    assert none_left.shape == (BATCH, 0, D)


PAIRS = ((BATCH, TIME, NQ, D), (BATCH, TIME, NKV, D), (BATCH, TIME, NKV, D))


@pytest.fixture(params=[1, 10**6], ids=["row by row", "all rows"])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "AT_ONCE", request.param)


@pytest.mark.usefixtures("at_once")
def test_the_stored_pairs_are_their_sum() -> None:
    q, k, v = given = tried(*PAIRS)
    assert_same(two_memories.stored_pairs(q, k, v), outer_product_attention(q, k, v).sum(1))
    assert gradcheck(two_memories.stored_pairs, given)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("ends", [[3], [1, 2], [0, 1, 2, 3]], ids=str)
@pytest.mark.parametrize("groups", [NQ, 1])
def test_features_of_segments(ends: list[int], groups: int) -> None:
    q, k, v, weights = given = tried(*PAIRS, (3, NQ // groups * D * D))
    steps = outer_product_attention(q, k, v)
    bounds = zip([-1, *ends], ends, strict=False)
    sums = torch.stack([steps[:, first + 1 : end + 1].sum(1) for first, end in bounds], 1)
    expected = distil(sums, weights.unflatten(-1, (D, D))) if groups > 1 else sums.flatten(2).unsqueeze(2) @ weights.T
    assert_same(two_memories.distil_pairs(q, k, v, weights, ends), expected)
    assert gradcheck(lambda *g: two_memories.distil_pairs(*g, ends), given)


def largest_kept(call: Callable[[], torch.Tensor]) -> int:
    """Numbers in the largest tensor that is kept for the way back."""
    sizes = [0]

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        sizes.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        call()
    return max(sizes)


def test_no_gate_is_kept() -> None:
    given = tried((BATCH, 8, 8), (BATCH, 8), (BATCH, 8), (BATCH, 16), (16, 8), (6, 8))
    assert largest_kept(lambda: two_memories.write_items(*given)[0]) == BATCH * 8 * 8


def test_neither_matrices_nor_matched_entries_are_kept() -> None:
    n, d = 4, 8
    q, k, v = tried(*[(BATCH, TIME, n, d)] * 3)
    weights = draw(9, 2, d * d).requires_grad_()
    small = BATCH * TIME * n * d
    assert largest_kept(lambda: two_memories.distil_pairs(q, k, v, weights, [3])) <= small
    assert largest_kept(lambda: two_memories.stored_pairs(q, k, v)) <= small
    assert largest_kept(lambda: outer_product_attention(q, k, v)) >= small * n
