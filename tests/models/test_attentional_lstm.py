"""The LSTM that looks back, against a loop over its past."""

import pytest
import torch

from memlib.models.baselines.attentional_lstm import AttentionalLSTM


@pytest.fixture
def model() -> AttentionalLSTM:
    torch.manual_seed(4)
    return AttentionalLSTM(3, 2, hidden_size=5, score_size=4).double()


def looped(model: AttentionalLSTM, inputs: torch.Tensor) -> torch.Tensor:
    """One row, step by step, with the gates written out."""
    hidden, memory = (torch.zeros(5, dtype=torch.float64) for _ in range(2))
    past, logits = [], []
    for x in inputs:
        found = torch.zeros(8, dtype=torch.float64)
        if past:
            query = model.of_query.weight @ hidden + model.of_query.bias
            scores = torch.stack([(query + model.of_past.weight @ row).tanh() @ model.score for row in past])
            shares = scores.exp() / scores.exp().sum()
            found = sum(share * row for share, row in zip(shares, past, strict=True))
        write, keep, content, show = model.cell.gates(torch.cat([x, found, hidden])).chunk(4)
        memory = keep.sigmoid() * memory + write.sigmoid() * content.tanh()
        hidden = show.sigmoid() * memory.tanh()
        past.append(torch.cat([x, hidden]))
        logits.append(model.output(torch.cat([hidden, found])))
    return torch.stack(logits)


def test_it_equals_its_loops_in_values_and_gradients(model: AttentionalLSTM) -> None:
    inputs = torch.randn(2, 6, 3, dtype=torch.float64, requires_grad=True)
    pull = torch.randn(2, 6, 2, dtype=torch.float64)
    fast, slow = model(inputs)[0], torch.stack([looped(model, row) for row in inputs])
    torch.testing.assert_close(fast, slow)
    wanted = [inputs, *model.parameters()]
    for ours, theirs in zip(*(torch.autograd.grad((out * pull).sum(), wanted) for out in (fast, slow)), strict=True):
        torch.testing.assert_close(ours, theirs)
        assert ours.abs().sum() > 0


def test_a_sequence_in_parts_is_the_sequence(model: AttentionalLSTM) -> None:
    inputs = torch.randn(2, 7, 3, dtype=torch.float64)
    whole, end = model(inputs)
    first, state = model(inputs[:, :3])
    second, state = model(inputs[:, 3:], tuple(state))
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    for ours, theirs in zip(state, end, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_it_looks_at_earlier_steps_only(model: AttentionalLSTM) -> None:
    inputs = torch.randn(2, 5, 3, dtype=torch.float64)
    logits, state, weights = model.trace(inputs)
    assert weights.shape == (2, 5, 5)
    assert (weights.triu() == 0).all()
    torch.testing.assert_close(weights[:, 1:].sum(-1), torch.ones(2, 4, dtype=torch.float64))
    assert state.past.shape == (2, 5, 8)
    changed = inputs.clone()
    changed[:, 3] += 1
    assert torch.equal(model(changed)[0][:, :3], logits[:, :3])


def test_what_does_not_fit_is_refused(model: AttentionalLSTM) -> None:
    with pytest.raises(ValueError, match=r"expected inputs \[batch, time, 3\]"):
        model(torch.randn(2, 5, 4).double())
    with pytest.raises(ValueError, match="expected a state of 2 rows, as inputs has; got 1"):
        model(torch.randn(2, 5, 3).double(), model.initial_state(1))
    assert model.size() == sum(p.numel() for p in model.parameters())
