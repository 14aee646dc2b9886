"""Allocation and links against loops over numbers, their gradients, and what must always hold of them."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd import gradcheck

from memlib.mechanisms import allocation

sizes = st.integers(1, 7)
seeds = st.integers(0, 2**31)


def source(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def uniform(seed: int, *shape: int) -> Tensor:
    return torch.rand(*shape, generator=source(seed), dtype=torch.float64)


def weighting(seed: int, *shape: int) -> Tensor:
    """Not negative, of sum at most 1: a softmax, scaled."""
    drawn = torch.randn(*shape, generator=source(seed), dtype=torch.float64)
    return (2 * drawn).softmax(-1) * uniform(seed + 1, *shape[:-1], 1)


def assert_same(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)


# The equations as loops, of one row.


def looped_retention(gates: Tensor, reads: Tensor) -> Tensor:
    kept = torch.ones_like(reads[0])
    for head in range(len(gates)):
        for slot in range(reads.shape[1]):
            kept[slot] = kept[slot] * (1 - gates[head] * reads[head, slot])
    return kept


def sorted_allocation(used: Tensor) -> Tensor:
    """As printed: by the sorted list of the slots; what is sorted first is multiplied first."""
    order = sorted(range(len(used)), key=used.tolist().__getitem__)
    result = [used.new_zeros(())] * len(used)
    for place, slot in enumerate(order):
        product = used.new_ones(())
        for earlier in order[:place]:
            product = product * used[earlier]
        result[slot] = (1 - used[slot]) * product
    return torch.stack(result)


def looped_link(link: Tensor, precedence: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    new, last = torch.zeros_like(link), torch.zeros_like(precedence)
    for i in range(len(weights)):
        last[i] = (1 - sum(weights)) * precedence[i] + weights[i]
        for j in range(len(weights)):
            if i != j:
                new[i, j] = (1 - weights[i] - weights[j]) * link[i, j] + weights[i] * precedence[j]
    return new, last


def looped_directions(link: Tensor, reads: Tensor) -> tuple[Tensor, Tensor]:
    forward, backward = torch.zeros_like(reads), torch.zeros_like(reads)
    for head in range(reads.shape[0]):
        for i in range(reads.shape[1]):
            for j in range(reads.shape[1]):
                forward[head, i] += link[i, j] * reads[head, j]
                backward[head, i] += link[j, i] * reads[head, j]
    return forward, backward


def test_oneplus_is_at_least_one() -> None:
    values = 30 * torch.randn(50, generator=source(1), dtype=torch.float64)
    expected = torch.tensor([1 + math.log1p(math.exp(float(x))) for x in values], dtype=torch.float64)
    assert_same(allocation.oneplus(values), expected)
    assert (allocation.oneplus(torch.tensor([-1e4, 1e4])) == torch.tensor([1.0, 1e4 + 1])).all()


@settings(deadline=None, max_examples=25)
@given(heads=sizes, slots=sizes, seed=seeds)
def test_retention_and_usage_are_the_loops(heads: int, slots: int, seed: int) -> None:
    gates, reads = uniform(seed, 3, heads), weighting(seed + 1, 3, heads, slots)
    kept = allocation.retention(gates, reads)
    assert_same(kept, torch.stack([looped_retention(*row) for row in zip(gates, reads, strict=True)]))
    before, weights = uniform(seed + 3, 3, slots), weighting(seed + 4, 3, slots)
    used = allocation.usage(before, weights, kept)
    expected = torch.stack([
        torch.stack([(u + w - u * w) * k for u, w, k in zip(*row, strict=True)])
        for row in zip(before, weights, kept, strict=True)
    ])  # fmt: skip
    assert_same(used, expected)
    assert (used >= 0).all()
    assert (used <= 1).all()
    assert (kept <= 1).all()


@settings(deadline=None, max_examples=40)
@given(slots=st.integers(1, 12), seed=seeds, ties=st.booleans())
def test_allocation_is_the_sorted_product(slots: int, seed: int, ties: bool) -> None:
    used = uniform(seed, 3, slots)
    if ties:
        used = (used * 3).round() / 3  # many equal ones, some of them 0 or 1
    offered = allocation.allocate(used)
    assert_same(offered, torch.stack([sorted_allocation(row) for row in used]))
    assert (offered >= 0).all()
    assert_same(offered.sum(-1), 1 - used.prod(-1))


def test_the_gradient_takes_the_order_as_constant() -> None:
    used = uniform(3, 2, 6).requires_grad_()
    weights = uniform(4, 2, 6)
    (ours,) = torch.autograd.grad((allocation.allocate(used) * weights).sum(), used)
    expected = torch.stack([sorted_allocation(row) for row in used])
    (theirs,) = torch.autograd.grad((expected * weights).sum(), used)
    assert_same(ours, theirs)


def test_the_gradient_passes_a_free_slot() -> None:
    # A usage of 0 in a product: a logarithm alone would be infinite, a division by it no number.
    used = torch.tensor([0.5, 0.0, 0.7], requires_grad=True)
    (found,) = torch.autograd.grad(allocation.allocate(used)[2], used)
    torch.testing.assert_close(found, torch.tensor([0.0, 0.3 * 0.5, 0.0]))
    twice = torch.tensor([0.0, 0.0, 0.7], requires_grad=True)
    (found,) = torch.autograd.grad(allocation.allocate(twice)[2], twice)
    assert (found.abs() < 1e-19).all()


@pytest.mark.parametrize(
    ("used", "offered"),
    [
        ([1.0, 1.0, 1.0], [0.0, 0.0, 0.0]),
        ([0.0, 0.0, 0.0], [1.0, 0.0, 0.0]),
        ([1.0, 0.0, 1.0], [0.0, 1.0, 0.0]),
        ([0.25], [0.75]),
        ([0.5, 0.5], [0.5, 0.25]),
    ],
)
def test_allocation_by_hand(used: list[float], offered: list[float]) -> None:
    torch.testing.assert_close(allocation.allocate(torch.tensor(used)), torch.tensor(offered))


def test_equal_slots_are_offered_in_their_order_again_and_again() -> None:
    used, offers = torch.zeros(5), []
    for _ in range(5):
        offered = allocation.allocate(used)
        used = allocation.usage(used, offered, torch.ones(5))
        offers.append(offered)
    assert torch.equal(torch.stack(offers), torch.eye(5))
    assert torch.equal(allocation.allocate(used), torch.zeros(5))


def test_allocation_of_many_slots_is_precise_in_single_numbers() -> None:
    used = 0.9 + 0.1 * uniform(5, 4, 128)
    offered = allocation.allocate(used.float())
    torch.testing.assert_close(offered.double(), allocation.allocate(used), rtol=2e-4, atol=1e-7)


@settings(deadline=None, max_examples=25)
@given(slots=sizes, seed=seeds)
def test_write_weights_mix_content_and_allocation(slots: int, seed: int) -> None:
    content, offered = weighting(seed, 3, slots), weighting(seed + 2, 3, slots)
    which, whether = uniform(seed + 4, 3, 1), uniform(seed + 5, 3, 1)
    weights = allocation.write_weights(content, offered, which, whether)
    assert_same(weights, whether * (which * offered + (1 - which) * content))
    assert (weights >= 0).all()
    assert (weights.sum(-1) <= 1 + 1e-12).all()
    assert (allocation.write_weights(content, offered, which, 0 * whether) == 0).all()
    assert_same(allocation.write_weights(content, offered, 0 * which, 1 + 0 * whether), content)


@settings(deadline=None, max_examples=25)
@given(slots=sizes, heads=sizes, seed=seeds)
def test_links_and_directions_are_the_loops_and_stay_in_bounds(slots: int, heads: int, seed: int) -> None:
    link, last = torch.zeros(2, slots, slots, dtype=torch.float64), torch.zeros(2, slots, dtype=torch.float64)
    for step in range(6):
        weights = weighting(seed + 10 * step, 2, slots)
        expected = [looped_link(*row) for row in zip(link, last, weights, strict=True)]
        link, last = allocation.link(link, last, weights)
        assert_same(link, torch.stack([one for one, _ in expected]))
        assert_same(last, torch.stack([one for _, one in expected]))
        assert (link >= 0).all()
        assert (link.diagonal(dim1=-2, dim2=-1) == 0).all()
        for axis in (-1, -2):
            assert (link.sum(axis) <= 1 + 1e-12).all()
        assert (last.sum(-1) <= 1 + 1e-12).all()
    reads = weighting(seed + 99, 2, heads, slots)
    expected = [looped_directions(*row) for row in zip(link, reads, strict=True)]
    forward, backward = allocation.directions(link, reads)
    assert_same(forward, torch.stack([one for one, _ in expected]))
    assert_same(backward, torch.stack([one for _, one in expected]))


def test_precedence_is_what_was_written_last() -> None:
    before, weights = weighting(1, 4, 5), weighting(3, 4, 5)
    kept = torch.stack([1 - sum(row) for row in weights]).unsqueeze(-1)
    assert_same(allocation.precede(before, weights), kept * before + weights)
    assert_same(allocation.precede(before, 0 * weights), before)


def test_links_lead_through_what_was_written_in_its_order() -> None:
    order, slots = [2, 0, 3, 1], 5
    link, last = torch.zeros(slots, slots), torch.zeros(slots)
    for slot in order:
        link, last = allocation.link(link, last, torch.nn.functional.one_hot(torch.tensor(slot), slots).float())
    reads = torch.nn.functional.one_hot(torch.tensor([order[0], order[-1]]), slots).float()
    ahead, back = [reads[0].argmax().item()], [reads[1].argmax().item()]
    on, off = reads, reads
    for _ in order[1:]:
        on, off = allocation.directions(link, on)[0], allocation.directions(link, off)[1]
        ahead.append(on[0].argmax().item())
        back.append(off[1].argmax().item())
    assert ahead == order
    assert back == order[::-1]
    assert on[0].sum() == 1
    # Behind the last one lies nothing.
    assert allocation.directions(link, on)[0][0].sum() == 0


def test_a_read_mixes_three_ways() -> None:
    backward, content, forward = (weighting(i, 2, 3, 5) for i in (1, 3, 5))
    modes = torch.randn(2, 3, 3, generator=source(7), dtype=torch.float64).softmax(-1)
    mixed = allocation.read_modes(backward, content, forward, modes)
    for row in range(2):
        for head in range(3):
            back, like, on = modes[row, head]
            expected = back * backward[row, head] + like * content[row, head] + on * forward[row, head]
            assert_same(mixed[row, head], expected)
    assert (mixed.sum(-1) <= 1 + 1e-12).all()


@pytest.mark.parametrize(
    ("function", "inputs"),
    [
        (allocation.oneplus, [uniform(1, 2, 3)]),
        (allocation.retention, [uniform(1, 2, 3), weighting(2, 2, 3, 4)]),
        (allocation.usage, [uniform(1, 2, 4), weighting(2, 2, 4), uniform(3, 2, 4)]),
        (allocation.allocate, [uniform(1, 2, 6)]),
        (allocation.write_weights, [weighting(i, 2, 4) for i in (1, 3)] + [uniform(i, 2, 1) for i in (5, 6)]),
        (allocation.precede, [weighting(1, 2, 4), weighting(3, 2, 4)]),
        (allocation.link, [uniform(1, 2, 4, 4), weighting(2, 2, 4), weighting(4, 2, 4)]),
        (allocation.directions, [uniform(1, 2, 4, 4), weighting(2, 2, 3, 4)]),
        (allocation.read_modes, [weighting(i, 2, 3, 4) for i in (1, 3, 5)] + [weighting(7, 2, 3, 3)]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_gradients(function, inputs) -> None:
    assert gradcheck(function, [tensor.requires_grad_() for tensor in inputs])


def test_wrong_shapes_are_said_in_words() -> None:
    with pytest.raises(ValueError, match="slots = 5"):
        allocation.usage(uniform(1, 4), uniform(2, 5), uniform(3, 4))
    with pytest.raises(ValueError, match="slots"):
        allocation.link(uniform(1, 4, 3), uniform(2, 3), uniform(3, 3))
