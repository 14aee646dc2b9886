"""The parallel form of the Fast Weight Memory equals the step-by-step form: outputs, state, gradients."""

import pytest
import torch

from memlib.kernels import fast_weights as kernel
from memlib.kernels.fast_weights import trilinear
from memlib.mechanisms.fast_weights import bound_norm, chained_read, tensor_read, tensor_write

Tensors = list[torch.Tensor]


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def inputs(batch: int, steps: int, d: int, e: int, rounds: int, size: float) -> Tensors:
    """Memory, keys, value, strength, query, entities; ``size`` decides whether writes exceed the norm."""
    given = [
        draw(1, batch, d, e, d) * size / d**1.5,
        (draw(2, batch, steps, d) * size).tanh(),
        (draw(3, batch, steps, e) * size).tanh(),
        (draw(4, batch, steps, d) * size).tanh(),
        draw(5, batch, steps, 1).sigmoid() / d,
        draw(6, batch, steps, d),
        draw(7, batch, steps, rounds, e).tanh(),
    ]
    return [tensor.requires_grad_() for tensor in given]


def step_by_step(memory, key1, key2, value, strength, query, entities, mask=None):
    outputs, norms = [], []
    for t in range(key1.shape[1]):
        new = tensor_write(memory, key1[:, t], key2[:, t], value[:, t], strength[:, t])
        norms.append(new.flatten(1).norm(dim=1))
        new = bound_norm(new)
        memory = new if mask is None else torch.where(mask[:, t].view(-1, 1, 1, 1), new, memory)
        outputs.append(chained_read(memory, query[:, t], entities[:, t]))
    return torch.stack(outputs, 1), memory, torch.stack(norms, 1)


def gradients(given: Tensors, outputs: torch.Tensor, memory: torch.Tensor) -> tuple[torch.Tensor, ...]:
    loss = (outputs * draw(8, *outputs.shape)).sum() + (memory * draw(9, *memory.shape)).sum()
    return torch.autograd.grad(loss, given)


def assert_gradients(actual: tuple[torch.Tensor, ...], expected: tuple[torch.Tensor, ...], tolerance: float) -> None:
    names = ["memory", "key1", "key2", "value", "strength", "query", "entities"]
    for name, one, other in zip(names, actual, expected, strict=False):
        assert (one - other).norm() <= tolerance * other.norm(), name


def padding(batch: int, steps: int) -> torch.Tensor:
    """A full row, one that ends early, one that never starts, one with a hole."""
    mask = torch.ones(batch, steps, dtype=torch.bool)
    mask[1, steps // 3 :] = False
    mask[2] = False
    mask[3, steps // 4 : steps // 2] = False
    return mask


@pytest.mark.parametrize(("size", "exceeds"), [(0.2, "never"), (1.0, "sometimes"), (3.0, "often")])
@pytest.mark.parametrize("masked", [False, True])
def test_equal_to_the_steps(size: float, exceeds: str, masked: bool) -> None:
    given = inputs(4, 24, 5, 3, 3, size)
    mask = padding(4, 24) if masked else None
    outputs, memory, norms = step_by_step(*given, mask=mask)
    above = (norms > 1).double().mean().item()
    assert {"never": above == 0, "sometimes": 0.02 < above < 0.5, "often": above > 0.5}[exceeds], above
    fast = kernel.fast_weights(*given, mask=mask)
    torch.testing.assert_close(fast, (outputs, memory), rtol=0, atol=1e-10)
    assert_gradients(gradients(given, *fast), gradients(given, outputs, memory), 1e-10)


@pytest.mark.parametrize("size", [0.3, 2.0])
def test_two_windows_of_200_with_a_carried_memory_equal_400_steps(size: float) -> None:
    given = inputs(4, 400, 6, 6, 3, size)
    mask = padding(4, 400)
    mask[1, 250:] = False
    outputs, memory, _ = step_by_step(*given, mask=mask)
    first, carried = kernel.fast_weights(given[0], *(x[:, :200] for x in given[1:]), mask=mask[:, :200])
    second, last = kernel.fast_weights(carried, *(x[:, 200:] for x in given[1:]), mask=mask[:, 200:])
    fast = torch.cat([first, second], 1), last
    torch.testing.assert_close(fast, (outputs, memory), rtol=0, atol=1e-9)
    assert_gradients(gradients(given, *fast), gradients(given, outputs, memory), 1e-8)


def test_in_single_precision_it_strays_no_further_than_the_layer_norm_makes_it() -> None:
    given = inputs(4, 200, 8, 8, 3, 1.5)
    outputs, memory, _ = step_by_step(*given)
    single = [x.detach().float() for x in given]
    found, last = kernel.fast_weights(*single)
    torch.testing.assert_close(found.double(), outputs, rtol=0, atol=2e-4)
    torch.testing.assert_close(last.double(), memory, rtol=0, atol=1e-6)


def strong(steps: int) -> Tensors:
    """Keys near ±1 in every entry and full strength: each write replaces nearly all of the memory."""
    given = inputs(2, steps, 8, 8, 2, 8.0)
    given[4] = torch.ones(2, steps, 1, dtype=torch.float64).requires_grad_()
    return given


def test_where_the_memory_is_rescaled_beyond_all_numbers_nothing_overflows() -> None:
    given = strong(150)
    outputs, memory, _ = step_by_step(*given)
    fast = kernel.fast_weights(*given)
    torch.testing.assert_close(fast, (outputs, memory), rtol=0, atol=1e-9)
    assert_gradients(gradients(given, *fast), gradients(given, outputs, memory), 1e-8)
    writes = kernel.write(*(x.detach().float() for x in given[:5]))
    assert writes.logs[:, -1].min() > 120, "exp of this is no single-precision number"
    assert not ((writes.left > 0) & (writes.left < 1e-30)).any(), "small numbers make processors slow"
    assert torch.isfinite(writes.changes).all()


def test_reads_at_chosen_steps_equal_reads_at_all() -> None:
    given = inputs(3, 20, 5, 4, 3, 1.5)
    writes, query, entities = kernel.write(*given[:5]), given[5], given[6]
    steps = torch.tensor([[0, 3, 19], [7, 7, 2], [19, 1, 0]])
    rows = torch.arange(3).unsqueeze(1)
    everywhere = kernel.chained_reads(writes, query, entities)[rows, steps]
    chosen = kernel.chained_reads(writes, query[rows, steps], entities[rows, steps], steps)
    torch.testing.assert_close(chosen, everywhere, rtol=0, atol=1e-12)
    both = [torch.autograd.grad((y * draw(8, 3, 3, 5)).sum(), given, retain_graph=True) for y in (chosen, everywhere)]
    assert_gradients(*both, 1e-10)


def test_a_read_equals_the_mechanism_on_the_memory_of_its_step() -> None:
    given = inputs(2, 9, 5, 4, 1, 1.5)
    writes = kernel.write(*given[:5])
    found = kernel.read(writes, given[5], given[6][:, :, 0])
    for t in range(9):
        memory = kernel.last_memory(kernel.write(given[0], *(x[:, : t + 1] for x in given[1:5])))
        expected = tensor_read(memory, given[5][:, t], given[6][:, t, 0])
        torch.testing.assert_close(found[:, t], expected, rtol=0, atol=1e-12)


def test_the_derivative_of_the_scan_is_that_of_differences() -> None:
    memory, key1, key2, value, strength, *_ = inputs(2, 6, 3, 3, 1, 2.0)
    live = torch.tensor([[True] * 6, [True, False, True, True, False, False]])

    def scan(memory, gram, start, value, strength):
        found = kernel.write_scan(gram, start, value, strength * live, memory.square().sum((1, 2, 3)), live)
        return found.changes, found.logs

    gram = ((key1 @ key1.mT) * (key2 @ key2.mT)).detach().requires_grad_()
    start = trilinear.read_memory(memory, key1, key2).detach().requires_grad_()
    found = scan(memory, gram, start, value, strength[..., 0])
    assert (found[1].diff(dim=1) > 0).any()
    assert torch.autograd.gradcheck(scan, (memory, gram, start, value, strength[..., 0].detach().requires_grad_()))


@pytest.mark.parametrize("block", [1, 100, 10_000])
def test_the_sums_over_the_memory_equal_einsum_however_they_are_cut(block: int, monkeypatch) -> None:
    monkeypatch.setattr(trilinear, "BLOCK", block)
    memory, first, second, value = (
        x.requires_grad_() for x in (draw(1, 3, 4, 2, 5), draw(2, 3, 6, 4), draw(3, 3, 6, 2), draw(4, 3, 6, 5))
    )
    torch.testing.assert_close(
        trilinear.read_memory(memory, first, second), torch.einsum("nabv,nta,ntb->ntv", memory, first, second)
    )
    torch.testing.assert_close(
        trilinear.sum_writes(first, second, value), torch.einsum("nta,ntb,ntv->nabv", first, second, value)
    )
    assert torch.autograd.gradcheck(trilinear.read_memory, (memory, first, second))
    assert torch.autograd.gradcheck(trilinear.sum_writes, (first, second, value))


def test_the_whole_is_differentiated_as_differences_say() -> None:
    given = inputs(2, 5, 3, 2, 2, 2.0)
    assert torch.autograd.gradcheck(kernel.fast_weights, given)
