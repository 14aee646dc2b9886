"""The Metalearned Neural Memory against its equations, one row, head and layer at a time."""

import pytest
import torch
from torch.autograd import gradcheck

from memlib.models.baselines.metalearned_memory import MetalearnedNeuralMemory, MNMConfig, MNMState, recall, write
from memlib.models.baselines.token_model import detach


@pytest.fixture(autouse=True)
def doubles():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(8)
    yield
    torch.set_default_dtype(torch.float32)


def small(**options) -> MetalearnedNeuralMemory:
    settings = {"embedding_size": 5, "hidden_size": 6, "memory_size": 4, "heads": 2}
    return MetalearnedNeuralMemory(MNMConfig(11, **{**settings, **options}))


def random_state(model: MetalearnedNeuralMemory, batch: int) -> MNMState:
    return MNMState(*(torch.randn(t.shape, requires_grad=True) for t in model.initial_state(batch)))


def ask(weights: list[torch.Tensor], z: torch.Tensor) -> torch.Tensor:
    for w in weights[:-1]:
        z = torch.tanh(w @ z)
    return weights[-1] @ z


def naive(model, tokens, state) -> tuple[torch.Tensor, torch.Tensor, list]:
    """One row: a loop over steps, layers and heads, weights as [out, in]."""
    size, heads = model.config.memory_size, model.config.heads
    c, h, value, weights = state
    weights = [w.T for w in weights]
    logits, errors = [], []
    for token in tokens:
        x = model.embedding.weight[token]
        raw = model.gates_of_token(x) + model.gates_of_state(torch.cat([value, h]))
        i, f, g, o = raw.chunk(4)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        said = torch.tanh(model.interact.weight @ h + model.interact.bias)
        beta = torch.sigmoid(model.rate(said[:size]))
        scale = 2 / (heads * size) if model.config.write_scale == "mean" else 1
        triples = [said[size * (1 + 3 * n) : size * (4 + 3 * n)].split(size) for n in range(heads)]
        new = [w.clone() for w in weights]
        for key, written, _ in triples:
            wanted = model.targets(written).split(size)
            z = key
            for layer, w in enumerate(weights):
                answer = w @ z if layer == len(weights) - 1 else torch.tanh(w @ z)
                new[layer] = new[layer] - beta * scale * torch.outer(answer - wanted[layer], z)
                z = answer
        weights = new

        value = sum(ask(weights, query) for _, _, query in triples) / heads
        errors.append(sum(((ask(weights, key) - written) ** 2).mean() for key, written, _ in triples) / heads)
        logits.append(model.output(model.combine(torch.cat([h, value]))))
    return torch.stack(logits), torch.stack(errors), [c, h, value, torch.stack([w.T for w in weights])]


@pytest.mark.parametrize(
    "options",
    [{}, {"write_scale": "one"}, {"memory_layers": 1, "heads": 1}, {"write_error": 2.5, "learned_start": True}],
)
def test_the_model_is_its_equations_in_outputs_state_and_gradients(options: dict) -> None:
    model, tokens = small(**options), torch.randint(11, (3, 5))
    state = random_state(model, 3)
    ours = model.run(tokens, state)
    rows = [naive(model, tokens[row], [t[row] for t in state]) for row in range(3)]
    logits = torch.stack([row[0] for row in rows])
    extra = model.config.write_error * torch.stack([row[1] for row in rows]).mean()
    torch.testing.assert_close(ours.logits, logits, rtol=0, atol=1e-12)
    torch.testing.assert_close(ours.extra_loss, extra, rtol=0, atol=1e-12)
    ends = [torch.stack(parts) for parts in zip(*(row[2] for row in rows), strict=True)]
    pulls = [torch.randn_like(t) for t in ends]
    for a, b in zip(ours.state, ends, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)
    of, pull = [*state, *(p for n, p in model.named_parameters() if n != "start")], torch.randn_like(logits)
    a, b = (
        torch.autograd.grad([value, loss, *last], of, [pull, torch.tensor(0.7), *pulls])
        for value, loss, last in ((ours.logits, ours.extra_loss, ours.state), (logits, extra, ends))
    )
    for x, y in zip(a, b, strict=True):
        torch.testing.assert_close(x, y, rtol=0, atol=1e-10)


@pytest.mark.parametrize("options", [{}, {"memory_layers": 2, "heads": 3}])
def test_a_window_is_its_plain_steps_in_outputs_state_and_gradients(options: dict) -> None:
    model, tokens = small(**options), torch.randint(11, (3, 20))
    state = random_state(model, 3)
    gates = model.gates_of_token(model.embedding(tokens))
    ours, end = model._advance(gates, state)
    plain, last = [], state
    for gate in gates.unbind(1):
        y, last = model.step(gate, last)
        plain.append(y)
    plain = torch.stack(plain, 1)
    for a, b in zip([ours, *end], [plain, *last], strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)
    of = [*state, *(p for n, p in model.named_parameters() if not n.startswith(("combine", "output")))]
    for chosen in ([0], [1], [2, 3], [4], [0, 1, 2, 3, 4]):
        pulls = [torch.randn_like([plain, *last][i]) for i in chosen]
        a, b = (
            torch.autograd.grad([t[i] for i in chosen], of, pulls, retain_graph=True, materialize_grads=True)
            for t in ([ours, *end], [plain, *last])
        )
        for x, y in zip(a, b, strict=True):
            torch.testing.assert_close(x, y, rtol=0, atol=1e-10)


def test_windows_with_a_carried_state_are_the_whole_stream() -> None:
    model, tokens = small(), torch.randint(11, (3, 12))
    whole, last = model(tokens)
    first, state = model(tokens[:, :5])
    second, end = model(tokens[:, 5:], tuple(detach(state)))
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=0, atol=1e-12)
    torch.testing.assert_close(end, last, rtol=0, atol=1e-12)


def test_padding_anywhere_holds_the_state_and_counts_in_no_error() -> None:
    model, tokens = small(), torch.randint(11, (4, 7))
    mask = torch.rand(4, 7) > 0.4
    mask[0], mask[1], mask[2] = True, False, torch.tensor([True] * 3 + [False] * 4)
    before = detach(random_state(model, 4))
    reading, total, count = model.run(tokens, before, mask), 0.0, 0
    assert (reading.logits[~mask] == 0).all()
    for row in range(4):
        own = MNMState(*(t[row : row + 1] for t in before))
        kept = tokens[row : row + 1, mask[row]]
        if kept.shape[1]:
            alone = model.run(kept, own)
            torch.testing.assert_close(reading.logits[row, mask[row]], alone.logits[0], rtol=0, atol=1e-12)
            own, total, count = alone.state, total + alone.extra_loss * kept.shape[1], count + kept.shape[1]
        for whole, mine in zip(reading.state, own, strict=True):
            torch.testing.assert_close(whole[row], mine[0], rtol=0, atol=1e-12)
    torch.testing.assert_close(reading.extra_loss, total / count)
    nothing = model.run(tokens, before, torch.zeros_like(mask))
    torch.testing.assert_close(nothing.state, before)
    assert nothing.extra_loss == 0
    assert (nothing.logits == 0).all()


def test_with_one_layer_the_write_is_the_delta_rule() -> None:
    """Unit keys, targets that are the values, β c = 1: the new memory answers with the value, exactly."""
    key = torch.nn.functional.normalize(torch.randn(2, 1, 4), dim=-1)
    value, weights = torch.randn(2, 1, 4), (torch.randn(2, 4, 4),)
    new = write(weights, key, value.unsqueeze(2), torch.ones(2, 1, 1))
    torch.testing.assert_close(recall(new, key)[-1], value)
    half = write(weights, key, value.unsqueeze(2), torch.full((2, 1, 1), 0.5))
    torch.testing.assert_close(recall(half, key)[-1], (value + recall(weights, key)[-1]) / 2)


def test_gradients_of_a_write() -> None:
    weights = tuple(torch.randn(2, 3, 3, requires_grad=True) for _ in range(3))
    given = torch.randn(2, 2, 3, requires_grad=True), torch.randn(2, 2, 3, 3, requires_grad=True)
    strength = torch.rand(2, 1, 1, requires_grad=True)
    assert gradcheck(lambda a, b, c, *rest: write((a, b, c), *rest), (*weights, *given, strength))


def test_the_papers_numbers() -> None:
    model = MetalearnedNeuralMemory(MNMConfig.paper())
    assert model.size() == 1_099_689
    assert MetalearnedNeuralMemory(MNMConfig.paper(200)).size() == 1_109_929
    assert MetalearnedNeuralMemory(MNMConfig.paper(200, learned_start=True)).size() == 1_139_929
    state = model.initial_state(1)
    assert state.weights.numel() + state.memory.numel() + state.output.numel() == 30_512


def test_bad_settings_are_explained() -> None:
    with pytest.raises(ValueError, match="write_scale of mean, one; got 'half'"):
        MNMConfig(11, write_scale="half")
    with pytest.raises(ValueError, match="sizes above 0"):
        MNMConfig(11, heads=0)
