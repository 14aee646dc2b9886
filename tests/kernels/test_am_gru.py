"""The fast AM-GRU equals the plain cell: outputs, state, gradients, with masks and carried states."""

import pytest
import torch

from memlib.models.am_config import AMRNNConfig
from memlib.models.am_rnn import AMRNN, AMState, DualAMRNN, DualState
from memlib.models.recurrent import unroll


def draw(seed: int, *shape: int, complex_: bool = False) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.complex128 if complex_ else torch.float64)


def grads(module, outputs) -> list[torch.Tensor]:
    ys, memory, output = outputs
    total = (ys * draw(9, *ys.shape)).sum() + memory.abs().square().sum() + output.sum()
    return list(torch.autograd.grad(total, list(module.parameters())))


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("dual", [False, True])
def test_equal_to_the_plain_cell(masked: bool, dual: bool) -> None:
    torch.manual_seed(4)
    config = AMRNNConfig(5, 8, copies=3)
    xs = draw(1, 4, 6, 5)
    mask = torch.arange(6) < torch.tensor([6, 4, 1, 3]).unsqueeze(1) if masked else None
    own = AMState(draw(2, 4, 3, 4, complex_=True), draw(3, 4, 8))
    if dual:
        cell = DualAMRNN(config).double()
        state = DualState(own, draw(5, 4, 3, 4, complex_=True))
    else:
        cell, state = AMRNN(config).double(), own
    slow, fast = unroll(cell, xs, state, mask), cell.sequence(xs, state, mask)

    def parts(result):
        ys, last = result
        last = last.own if dual else last
        return ys, last.memory, last.output

    torch.testing.assert_close(parts(fast), parts(slow), rtol=0, atol=1e-12)
    torch.testing.assert_close(grads(cell, parts(fast)), grads(cell, parts(slow)), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("options", [{"cell": "lstm"}, {"read_keys": 1}, {"normalise_keys": True}])
def test_where_no_kernel_fits_the_plain_cell_runs(options) -> None:
    torch.manual_seed(4)
    cell = AMRNN(AMRNNConfig(5, 8, copies=3, **options)).double()
    xs = draw(1, 2, 4, 5)
    assert cell.weights is None
    torch.testing.assert_close(cell.sequence(xs)[0], unroll(cell, xs)[0])


def test_an_own_key_runs_the_plain_cell() -> None:
    torch.manual_seed(4)
    cell = DualAMRNN(AMRNNConfig(5, 8, copies=3, share_key=False)).double()
    state = cell.beside(draw(5, 2, 3, 4, complex_=True))
    xs = draw(1, 2, 4, 5)
    torch.testing.assert_close(cell.sequence(xs, state)[0], unroll(cell, xs, state)[0])


@pytest.mark.parametrize("masked", [False, True])
def test_without_gradients_it_goes_window_by_window(masked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memlib.kernels.am_gru.WINDOW", 4)
    torch.manual_seed(4)
    cell = DualAMRNN(AMRNNConfig(5, 8, copies=3)).double()
    xs, state = draw(1, 3, 11, 5), cell.beside(draw(5, 3, 3, 4, complex_=True))
    mask = torch.arange(11) < torch.tensor([11, 3, 8]).unsqueeze(1) if masked else None
    whole, last = cell.sequence(xs, state, mask)
    with torch.no_grad():
        parts, end = cell.sequence(xs, state, mask)
    torch.testing.assert_close(parts, whole, rtol=0, atol=1e-12)
    torch.testing.assert_close(end.own.memory, last.own.memory, rtol=0, atol=1e-12)
    torch.testing.assert_close(end.own.output, last.own.output, rtol=0, atol=1e-12)
