"""The stages of addressing against loops over numbers, and at their edges."""

import math

import pytest
import torch

from memlib.mechanisms import addressing
from memlib.mechanisms.addressing import (
    blend,
    content,
    erase_add,
    erase_add_heads,
    interpolate,
    read,
    sharpen,
    shift,
    similarity,
)


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def weights(seed: int, *shape: int) -> torch.Tensor:
    return draw(seed, *shape).softmax(-1)


def positive(seed: int, *shape: int) -> torch.Tensor:
    return draw(seed, *shape).abs() + 0.1


def assert_same(actual: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)


def looped_similarity(memory, key, epsilon):
    found = torch.empty(len(memory), dtype=memory.dtype)
    for i, slot in enumerate(memory):
        product = sum(m * k for m, k in zip(slot, key, strict=True))
        lengths = (sum(m * m for m in slot) + epsilon) * (sum(k * k for k in key) + epsilon)
        found[i] = product / math.sqrt(lengths)
    return found


def looped_content(memory, key, strength, epsilon=1e-8):
    raised = [math.exp(strength * float(cosine)) for cosine in looped_similarity(memory, key, epsilon)]
    return torch.tensor([value / sum(raised) for value in raised], dtype=memory.dtype)


def looped_shift(given, kernel):
    slots, half = len(given), len(kernel) // 2
    moved = torch.zeros(slots, dtype=given.dtype)
    for i in range(slots):
        for offset in range(-half, half + 1):
            moved[i] += given[(i - offset) % slots] * kernel[offset + half]
    return moved


def looped_sharpen(given, power):
    total = sum(float(w) ** power for w in given)
    return torch.tensor([float(w) ** power / total for w in given], dtype=given.dtype)


def looped_write(memory, given, erase, add):
    after = memory.clone()
    for i in range(memory.shape[0]):
        for j in range(memory.shape[1]):
            after[i, j] = memory[i, j] * (1 - given[i] * erase[j]) + given[i] * add[j]
    return after


def test_content_equals_its_loops() -> None:
    memory, key = draw(1, 6, 4), draw(2, 4)
    assert_same(similarity(memory, key), looped_similarity(memory, key, 1e-8))
    assert_same(content(memory, key, torch.tensor([2.5], dtype=torch.float64)), looped_content(memory, key, 2.5))


def test_heads_are_a_leading_axis() -> None:
    memory, keys, strengths = draw(1, 2, 6, 4), draw(2, 2, 3, 4), positive(3, 2, 3, 1)
    found = content(memory.unsqueeze(1), keys, strengths)
    assert found.shape == (2, 3, 6)
    for batch in range(2):
        for head in range(3):
            expected = looped_content(memory[batch], keys[batch, head], float(strengths[batch, head]))
            assert_same(found[batch, head], expected)


def test_content_is_blind_to_lengths_and_finds_the_slot_itself() -> None:
    memory = draw(1, 8, 5)
    found = content(memory, 7 * memory[3], torch.tensor([200.0], dtype=torch.float64))
    assert found[3] > 1 - 1e-6
    assert_same(similarity(3 * memory, memory[3], 0.0), similarity(memory, memory[3], 0.0))
    assert similarity(memory, memory[3], 0.0)[3].item() == pytest.approx(1, abs=1e-12)


def test_a_zero_vector_is_like_nothing_and_has_a_gradient() -> None:
    memory, key = draw(1, 4, 3), draw(2, 3)
    memory[1] = 0
    memory.requires_grad_()
    assert similarity(memory, key)[1] == 0
    content(memory, key, torch.ones(1, dtype=torch.float64))[0].backward()
    assert memory.grad.isfinite().all()
    silent = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    found = content(memory.detach(), silent, torch.ones(1, dtype=torch.float64))
    assert_same(found, torch.full((4,), 0.25, dtype=torch.float64))
    found[0].backward()
    assert silent.grad.isfinite().all()
    assert silent.grad.abs().max() > 0


def test_a_strength_of_zero_looks_everywhere_alike() -> None:
    found = content(draw(1, 5, 3), draw(2, 3), torch.zeros(1, dtype=torch.float64))
    assert_same(found, torch.full((5,), 0.2, dtype=torch.float64))


def test_interpolation_equals_its_loops_and_its_ends_are_exact() -> None:
    new, old, gate = weights(1, 5), weights(2, 5), torch.tensor([0.3], dtype=torch.float64)
    assert_same(interpolate(new, old, gate), torch.stack([0.3 * a + 0.7 * b for a, b in zip(new, old, strict=True)]))
    assert torch.equal(interpolate(new, old, torch.zeros(1, dtype=torch.float64)), old)
    assert torch.equal(interpolate(new, old, torch.ones(1, dtype=torch.float64)), new)


@pytest.mark.parametrize("width", [1, 3, 5, 7])
def test_a_shift_equals_its_loops(width: int) -> None:
    given, kernel = weights(1, 7), weights(2, width)
    assert_same(shift(given, kernel), looped_shift(given, kernel))


def test_a_shift_of_one_moves_to_the_next_slot_around_the_ring() -> None:
    one, nothing = torch.ones(1), torch.zeros(1)
    given = torch.tensor([0.0, 0.25, 0.0, 0.75])
    assert shift(given, torch.cat([nothing, nothing, one])).tolist() == [0.75, 0.0, 0.25, 0.0]
    assert shift(given, torch.cat([one, nothing, nothing])).tolist() == [0.25, 0.0, 0.75, 0.0]
    assert shift(given, torch.cat([nothing, one, nothing])).tolist() == given.tolist()


@pytest.mark.parametrize("width", [1, 3, 5])
def test_each_head_of_a_batch_has_a_shift_of_its_own(width: int) -> None:
    given, kernel = weights(1, 2, 3, 6), weights(2, 2, 3, width)
    moved = shift(given, kernel)
    for batch in range(2):
        for head in range(3):
            assert_same(moved[batch, head], looped_shift(given[batch, head], kernel[batch, head]))
    assert_same(moved.sum(-1), torch.ones(2, 3, dtype=torch.float64))


@pytest.mark.parametrize(("slots", "width"), [(4, 2), (3, 5), (1, 3)])
def test_a_kernel_that_does_not_fit_is_refused(slots: int, width: int) -> None:
    with pytest.raises(ValueError, match=rf"odd width, at most as long as the memory of {slots} slots?; got width"):
        shift(weights(1, slots), weights(2, width))


def test_a_memory_of_one_slot_is_always_looked_at() -> None:
    memory, one = draw(1, 1, 3), torch.ones(1, dtype=torch.float64)
    found = content(memory, draw(2, 3), positive(3, 1))
    moved = sharpen(shift(interpolate(found, one, weights(4, 1)), one), 1 + positive(5, 1))
    assert_same(moved, one)
    assert_same(read(memory, moved), memory[0])


@pytest.mark.parametrize("power", [1.0, 2.0, 17.5])
def test_sharpening_equals_its_loops(power: float) -> None:
    given = weights(1, 6)
    assert_same(sharpen(given, torch.tensor([power], dtype=torch.float64)), looped_sharpen(given, power))


def test_sharpening_with_a_huge_power_ends_at_a_point_and_keeps_ties() -> None:
    given = torch.tensor([0.2, 0.3, 0.3, 0.2, 0.0]).requires_grad_()
    power = torch.tensor([5000.0], requires_grad=True)
    sharp = sharpen(given, power)
    assert sharp.tolist() == [0, 0.5, 0.5, 0, 0]
    sharp[1].backward()
    assert given.grad.isfinite().all()
    assert power.grad.isfinite().all()
    tiny = sharpen(torch.full((4,), 1e-30), torch.tensor([40.0]))
    assert tiny.tolist() == [0.25] * 4


def test_sharpening_with_zero_weights_has_finite_gradients() -> None:
    given = torch.tensor([0.0, 0.7, 0.0, 0.3], requires_grad=True)
    power = torch.tensor([2.0], requires_grad=True)
    sharpen(given, power)[1].backward()
    assert given.grad.isfinite().all()
    # d/dγ of 0.7^γ / (0.7^γ + 0.3^γ) is p (1 - p) log(0.7 / 0.3).
    p = 0.49 / 0.58
    assert power.grad.item() == pytest.approx(p * (1 - p) * math.log(7 / 3), rel=1e-5)
    assert sharpen(torch.zeros(3), torch.tensor([2.0])).tolist() == [0, 0, 0]


def test_reading_equals_its_loops() -> None:
    memory, given = draw(1, 5, 3), weights(2, 5)
    expected = sum(given[i] * memory[i] for i in range(5))
    assert_same(read(memory, given), expected)
    heads = weights(3, 2, 4, 5)
    found = read(draw(4, 2, 5, 3).unsqueeze(1), heads)
    assert_same(found, heads @ draw(4, 2, 5, 3))


def test_writing_equals_its_loops_and_leaves_the_memory_alone() -> None:
    memory, given = draw(1, 5, 3), weights(2, 5)
    erase, add = torch.rand(3, generator=torch.Generator().manual_seed(3), dtype=torch.float64), draw(4, 3)
    before = memory.clone()
    assert_same(erase_add(memory, given, erase, add), looped_write(memory, given, erase, add))
    assert torch.equal(memory, before)


def test_several_heads_erase_and_then_add() -> None:
    memory, given = draw(1, 5, 3), weights(2, 2, 5)
    erase, add = draw(3, 2, 3).sigmoid(), draw(4, 2, 3)
    erased = looped_write(looped_write(memory, given[0], erase[0], 0 * add[0]), given[1], erase[1], 0 * add[1])
    expected = erased + sum(given[h].unsqueeze(-1) * add[h] for h in range(2))
    assert_same(erase_add_heads(memory, given, erase, add), expected)
    assert_same(erase_add_heads(memory, given.flip(0), erase.flip(0), add.flip(0)), expected)
    assert_same(
        erase_add_heads(memory, given[:1], erase[:1], add[:1]), looped_write(memory, given[0], erase[0], add[0])
    )


def test_a_blend_replaces_what_is_looked_at() -> None:
    memory, given, value = draw(1, 5, 3), weights(2, 5), draw(3, 3)
    expected = torch.stack([(1 - given[i]) * memory[i] + given[i] * value for i in range(5)])
    assert_same(blend(memory, given, value), expected)
    sure = torch.zeros(5, dtype=torch.float64)
    sure[2] = 1
    after = blend(memory, sure, value)
    assert torch.equal(after[2], value)
    assert torch.equal(after[[0, 1, 3, 4]], memory[[0, 1, 3, 4]])


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("similarity", (draw(1, 2, 4, 3), draw(2, 2, 3))),
        ("content", (draw(1, 2, 4, 3), draw(2, 2, 3), positive(3, 2, 1))),
        ("interpolate", (weights(1, 2, 4), weights(2, 2, 4), draw(3, 2, 1).sigmoid())),
        ("shift", (weights(1, 2, 5), weights(2, 2, 3))),
        ("shift", (weights(1, 2, 5), weights(2, 2, 5))),
        ("sharpen", (weights(1, 2, 4), 1 + positive(2, 2, 1))),
        ("read", (draw(1, 2, 4, 3), weights(2, 2, 4))),
        ("erase_add", (draw(1, 2, 4, 3), weights(2, 2, 4), draw(3, 2, 3).sigmoid(), draw(4, 2, 3))),
        ("erase_add_heads", (draw(1, 2, 4, 3), weights(2, 2, 2, 4), draw(3, 2, 2, 3).sigmoid(), draw(4, 2, 2, 3))),
        ("blend", (draw(1, 2, 4, 3), weights(2, 2, 4), draw(3, 2, 3))),
    ],
)
def test_gradients(name: str, inputs: tuple[torch.Tensor, ...]) -> None:
    given = [one.clone().requires_grad_() for one in inputs]
    assert torch.autograd.gradcheck(getattr(addressing, name), given)


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(ValueError, match="content: `key` has shape"):
        content(draw(1, 4, 3), draw(2, 2), positive(3, 1))
    with pytest.raises(ValueError, match="interpolate: `previous`"):
        interpolate(weights(1, 4), weights(2, 5), positive(3, 1))
