"""Fast weights on vectors, with fixed and with learned decay: loops, parts of sequences, numbers of weights."""

import pytest
import torch

from memlib.models.baselines.step_fast_weights import StepFastWeights, StepFastWeightsConfig
from memlib.models.baselines.weinet import WeiNet, WeiNetConfig
from memlib.models.recurrent import unroll

KINDS = {
    "weinet": lambda **options: WeiNet(WeiNetConfig(3, 2, embedding_size=4, hidden_size=5, **options)),
    "ba": lambda **options: StepFastWeights(StepFastWeightsConfig(3, 2, embedding_size=4, hidden_size=5, **options)),
}


def small(kind: str, **options):
    torch.manual_seed(5)
    model = KINDS[kind](**options).double()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    return model


def looped(model, inputs: torch.Tensor) -> torch.Tensor:
    """One sequence; the matrix entry by entry."""
    cell, config = model.cell, model.config
    size = config.hidden_size
    h, memory = torch.zeros(size, dtype=inputs.dtype), [[torch.zeros((), dtype=inputs.dtype)] * size] * size
    f = torch.relu if config.activation == "relu" else torch.tanh
    logits = []
    for x in inputs:
        new = []
        for i in range(size):
            row = []
            for j in range(size):
                decay, rate = config.decay, config.rate
                if isinstance(model, WeiNet):
                    decay, rate = cell.keep[i, j], cell.rate[i, j]
                    decay = 1 / (1 + (-decay).exp()) if config.bounded else decay
                row.append(decay * memory[i][j] + rate * h[i] * h[j])
            new.append(row)
        memory = new
        embedded = model.embedding.weight @ x
        drive = cell.slow.weight @ h + cell.slow.bias + model.drive.weight @ embedded + model.drive.bias
        h = f(drive)
        for _ in range(config.steps):
            total = torch.stack([drive[j] + sum(h[i] * memory[i][j] for i in range(size)) for j in range(size)])
            spread = ((total - total.mean()).square().mean() + 1e-5).sqrt()
            h = f((total - total.mean()) / spread)
        logits.append(model.output.weight @ h + model.output.bias)
    return torch.stack(logits)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{"steps": 2}, {"activation": "tanh", "decay": 0.8, "rate": 0.9}])
def test_they_equal_their_loops_in_values_and_gradients(kind, options) -> None:
    model = small(kind, **options)
    same(model)


def test_a_bounded_decay_equals_its_loop() -> None:
    model = small("weinet", bounded=True)
    same(model)
    assert ((model.cell.decay() > 0) & (model.cell.decay() < 1)).all()


def same(model) -> None:
    inputs = torch.randn(2, 4, 3, dtype=torch.float64, requires_grad=True)
    pull = torch.randn(2, 4, 2, dtype=torch.float64)
    fast, slow = model(inputs)[0], torch.stack([looped(model, row) for row in inputs])
    torch.testing.assert_close(fast, slow)
    wanted = [inputs, *model.parameters()]
    for ours, theirs in zip(*(torch.autograd.grad((out * pull).sum(), wanted) for out in (fast, slow)), strict=True):
        torch.testing.assert_close(ours, theirs)
        assert ours.abs().sum() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_in_parts_is_the_sequence(kind) -> None:
    model, inputs = small(kind), torch.randn(2, 6, 3, dtype=torch.float64)
    whole, end = model(inputs)
    first, state = model(inputs[:, :2])
    second, state = model(inputs[:, 2:], tuple(state))
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(tuple(state), tuple(end))
    torch.testing.assert_close(model(inputs, model.initial_state(2))[0], whole)


def test_with_equal_entries_a_weinet_is_fast_weights() -> None:
    learned, fixed = small("weinet"), small("ba")
    with torch.no_grad():
        learned.cell.keep.fill_(0.95)
        learned.cell.rate.fill_(0.5)
    fixed.load_state_dict(
        {name: value for name, value in learned.state_dict().items() if name not in ("cell.keep", "cell.rate")}
    )
    inputs = torch.randn(2, 6, 3, dtype=torch.float64)
    torch.testing.assert_close(learned(inputs), fixed(inputs))
    hs, _ = unroll(fixed.cell, fixed.drive(fixed.embedding(inputs)))
    torch.testing.assert_close(fixed(inputs)[0], fixed.output(hs))


def test_the_starts_and_the_numbers_of_weights() -> None:
    fixed, learned = StepFastWeights(StepFastWeightsConfig(37, 10)), WeiNet(WeiNetConfig(37, 10))
    assert fixed.size() == 37 * 100 + 2 * 100 * 101 + 10 * 101
    assert learned.size() == fixed.size() + 2 * 100**2
    torch.testing.assert_close(WeiNet(WeiNetConfig(3, 2, bounded=True)).cell.decay(), torch.full((100, 100), 0.95))
    bare = WeiNet(WeiNetConfig(3, 2, embedding_size=0, hidden_size=4))
    assert bare.size() == 4 * 4 + 4 * 5 + 2 * 16 + 2 * 5


def test_what_does_not_fit_is_refused() -> None:
    for kind, name in (("weinet", "WeiNet"), ("ba", "StepFastWeights")):
        with pytest.raises(ValueError, match=rf"{name}: expected inputs \[batch, time, 3\]"):
            small(kind)(torch.randn(2, 5, 4).double())
    with pytest.raises(ValueError, match=r"below 1 where it is bounded; got 1\.0"):
        WeiNetConfig(3, 2, bounded=True, decay=1.0)
    with pytest.raises(ValueError, match="an activation of relu, tanh; got 'gelu'"):
        WeiNetConfig(3, 2, activation="gelu")
    with pytest.raises(ValueError, match="hidden_size above 0"):
        WeiNetConfig(3, 2, hidden_size=0)
    with pytest.raises(ValueError, match="width_out >= 1, got 0"):
        StepFastWeightsConfig(3, 0)
    with pytest.raises(ValueError, match=r"a decay from 0 to 1, got 1\.5"):
        StepFastWeightsConfig(3, 2, decay=1.5)
