"""Each option of the AM-RNN against a loop written from its rule: values and gradients, in float64."""

import dataclasses

import pytest
import torch

from memlib.models.am_config import AMRNNConfig
from memlib.models.am_rnn import AMRNN, DualAMRNN
from memlib.models.pair_classifier import build

N, H, D, COPIES, BATCH, TIME = 3, 6, 3, 4, 2, 4


@pytest.fixture(autouse=True)
def doubles():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(5)
    yield
    torch.set_default_dtype(torch.float32)


def complex_mul(a, b):
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def conj(a):
    return a[0], -a[1]


class Loop:
    """One pair of sequences, example by example, in real halves; the rules stand here a second time."""

    def __init__(self, dual: DualAMRNN) -> None:
        self.dual, self.rnn, self.options = dual, dual.rnn, dual.config
        self.orders = [order.tolist() for order in dual.rnn.permutations]

    def modulus(self, key):
        length = (key[0] ** 2 + key[1] ** 2).sqrt()
        most = torch.clamp(length, min=1.0)
        if self.options.normalise_keys:
            return key[0] / length, key[1] / length
        if self.options.bound_multiplies:
            return key[0] * most, key[1] * most
        return key[0] / most, key[1] / most

    def keys(self, x, h, first):
        """The key that writes, then as they multiply: those that only read, and the one for the other memory."""
        seen = torch.cat([x, h]) if self.options.see_output else x
        own = self.rnn.keys.weight @ seen
        count = 1 + self.options.read_keys
        parts = [(own[i * H : i * H + D], own[i * H + D : (i + 1) * H]) for i in range(count)]
        if not first and self.dual.source_key is not None:
            other = self.dual.source_key.weight @ seen
            if self.options.crossed_keys:
                numbers = [*torch.cat([part[0] for part in parts]), *torch.cat([part[1] for part in parts]), *other]
                half = len(numbers) // 2
                real, imaginary = numbers[:half], numbers[half:]
                parts = [
                    (torch.stack(real[i * D : (i + 1) * D]), torch.stack(imaginary[i * D : (i + 1) * D]))
                    for i in range(count + 1)
                ]
            else:
                parts.append((other[:D], other[D:]))
        parts = [self.modulus(part) for part in parts]
        write, readers = parts[0], parts[1:]
        if self.options.conjugate_reads:
            readers = [conj(key) for key in readers]
        return write, readers

    def read(self, memory, key):
        total = (torch.zeros(D), torch.zeros(D))
        for order, copy in zip(self.orders, memory, strict=True):
            product = complex_mul((key[0][order], key[1][order]), copy)
            total = (total[0] + product[0] / COPIES, total[1] + product[1] / COPIES)
        return torch.cat(total)

    def run(self, xs, source):
        """Outputs and the memory left; ``source`` is None while the first sequence is read."""
        memory, h, outputs = [(torch.zeros(D), torch.zeros(D))] * COPIES, torch.zeros(H), []
        gates, candidate = self.rnn.cell.gates, self.rnn.cell.candidate
        for x in xs:
            write, readers = self.keys(x, h, source is None)
            before = self.read(memory, conj(write))
            found = [self.read(memory, key) for key in readers[: self.options.read_keys]]
            phi = torch.zeros(H)
            if source is not None:
                own = len(readers) > self.options.read_keys
                phi = self.read(source, readers[-1] if own else conj(write))
            inside = [x, *([h] if self.options.see_output else []), *found, phi]
            both = torch.sigmoid(gates.weight @ torch.cat([*inside, before]) + gates.bias)
            reset, update = both[:H], both[H:]
            wanted = torch.tanh(candidate.weight @ torch.cat([*inside, reset * before]) + candidate.bias)
            change = update * (wanted - before)
            h = before + change
            outputs.append(h)
            pair = (change[:D], change[D:])
            added = [complex_mul((write[0][order], write[1][order]), pair) for order in self.orders]
            memory = [(a[0] + b[0], a[1] + b[1]) for a, b in zip(memory, added, strict=True)]
        return torch.stack(outputs), memory


OPTIONS = [
    {},
    {"read_keys": 2},
    {"share_key": False},
    {"share_key": False, "crossed_keys": True},
    {"share_key": False, "crossed_keys": True, "read_keys": 1},
    {"share_key": False, "conjugate_reads": False, "read_keys": 1},
    {"see_output": False},
    {"see_output": False, "share_key": False},
    {"normalise_keys": True},
    {"bound_multiplies": True},
    {"normalise_keys": True, "share_key": False},
    {"update_bias": -1.0},
    {"separate_init": True},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_an_option_is_its_rule(options) -> None:
    dual = DualAMRNN(AMRNNConfig(N, H, COPIES, **options))
    for weights in dual.parameters():  # long keys, so that their modulus is really limited
        torch.nn.init.normal_(weights, std=0.7)
    xs, ys = torch.randn(BATCH, TIME, N), torch.randn(BATCH, TIME, N)
    first, state = dual.first(xs)
    second, _ = dual.sequence(ys, dual.beside(state.memory))
    weighing = torch.randn(2, BATCH, TIME, H)
    ours = torch.autograd.grad((first * weighing[0] + second * weighing[1]).sum(), list(dual.parameters()))
    loop = Loop(dual)
    total = torch.zeros(())
    for b in range(BATCH):
        outputs, memory = loop.run(xs[b], None)
        torch.testing.assert_close(first[b], outputs)
        torch.testing.assert_close(torch.view_as_real(state.memory[b]), _pairs(memory))
        others, _ = loop.run(ys[b], memory)
        torch.testing.assert_close(second[b], others)
        total = total + (outputs * weighing[0, b] + others * weighing[1, b]).sum()
    theirs = torch.autograd.grad(total, list(dual.parameters()))
    torch.testing.assert_close(ours, theirs)
    assert all(gradient.abs().max() > 0 for gradient in ours)


def _pairs(memory):
    return torch.stack([torch.stack(copy, -1) for copy in memory])


def test_the_kernel_runs_only_where_it_fits() -> None:
    fits = [AMRNN(AMRNNConfig(N, H, COPIES, **options)).weights is not None for options in OPTIONS]
    other = {"read_keys", "see_output", "normalise_keys", "bound_multiplies"}
    assert fits == [not other & options.keys() for options in OPTIONS]


def test_keys_that_only_read_may_be_conjugated_without_a_difference() -> None:
    """The sign of the weights of their imaginary parts takes it up: why the register measures nothing there."""
    options = {"share_key": False, "read_keys": 1}
    plain = DualAMRNN(AMRNNConfig(N, H, COPIES, **options))
    turned = DualAMRNN(AMRNNConfig(N, H, COPIES, conjugate_reads=False, **options))
    turned.load_state_dict(plain.state_dict())
    xs, source = torch.randn(BATCH, TIME, N), torch.randn(BATCH, COPIES, D, dtype=torch.complex128)
    ys = plain.sequence(xs, plain.beside(source))[0]
    assert (turned.sequence(xs, turned.beside(source))[0] - ys).abs().max() > 1e-3
    with torch.no_grad():
        turned.rnn.keys.weight[H + D :] *= -1
        turned.source_key.weight[D:] *= -1
    torch.testing.assert_close(turned.sequence(xs, turned.beside(source))[0], ys)


def test_the_update_gate_alone_starts_elsewhere() -> None:
    bias = AMRNN(AMRNNConfig(N, H, gate_bias=0.5, update_bias=-1.0)).cell.gates.bias
    assert bias.tolist() == [0.5] * H + [-1.0] * H
    assert AMRNN(AMRNNConfig(N, H)).cell.gates.bias.tolist() == [1.0] * (2 * H)


def test_weights_drawn_apart_follow_their_own_width() -> None:
    wide, hidden = 200, 100
    for separate in (False, True):
        dual = DualAMRNN(AMRNNConfig(wide, hidden, separate_init=separate, share_key=False))
        gates = dual.rnn.cell.gates.weight
        joint, columns = wide + 3 * hidden, slice(wide + hidden, wide + 2 * hidden)
        fans = (hidden, joint - hidden) if separate else (joint, joint)
        rest = torch.cat([gates[:, : columns.start], gates[:, columns.stop :]], 1)
        for part, fan in zip((gates[:, columns], rest), fans, strict=True):
            most = (6 / (fan + 2 * hidden)) ** 0.5
            assert 0.99 * most < part.abs().max() <= most
    most = (6 / (wide + 2 * hidden)) ** 0.5
    assert 0.99 * most < dual.source_key.weight.abs().max() <= most


def test_the_presets() -> None:
    assert AMRNNConfig.paper(N, H) == AMRNNConfig(N, H)
    official = AMRNNConfig.official(N, H, copies=2)
    assert dataclasses.asdict(official) == {
        **dataclasses.asdict(AMRNNConfig(N, H, copies=2)),
        "share_key": False,
        "crossed_keys": True,
        "conjugate_reads": False,
        "separate_init": True,
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crossed_keys": True}, "crossed_keys needs two keys"),
        ({"normalise_keys": True, "bound_multiplies": True}, "exclude each other"),
        ({"cell": "lstm", "update_bias": 0.0}, "update gate; a cell 'lstm' has none"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        AMRNNConfig(N, H, **options)


def test_an_lstm_takes_the_options_too() -> None:
    options = {"cell": "lstm", "share_key": False, "separate_init": True, "see_output": False}
    dual = DualAMRNN(AMRNNConfig(N, H, COPIES, **options))
    assert dual.rnn.cell.input_size == N + H  # φ; its own last output is a part of the LSTM's state
    ys, state = dual.first(torch.randn(BATCH, TIME, N))
    assert dual.sequence(torch.randn(BATCH, TIME, N), dual.beside(state.memory))[0].shape == (BATCH, TIME, H)
    assert ys.abs().min() > 0


def test_a_classifier_takes_the_options_of_a_memory() -> None:
    model = build("dual-am-gru-shared", 9, 6, read_keys=1, share_key=False, crossed_keys=True)
    assert model.bottom.cell.config.read_keys == 1
    with pytest.raises(ValueError, match="'gru-shared' has no memory, hence no option read_keys"):
        build("gru-shared", 9, 6, read_keys=1)
