"""TPR-RNN against its equations in loops, what its three writes do, its chain of reads, how many weights it has."""

import pytest
import torch
from torch.nn.functional import one_hot

from memlib.models.baselines.tensor_inference import TensorInference
from memlib.models.baselines.tpr_rnn import TPRRNN, TPRConfig, TPRState


def small() -> TPRRNN:
    torch.manual_seed(8)
    model = TPRRNN(TPRConfig(3, 2, entity_size=4, role_size=3, hidden_size=5)).double()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.7)
    return model


def read(memory, entity, role):
    found = torch.zeros(memory.shape[2], dtype=memory.dtype)
    for i in range(memory.shape[0]):
        for j in range(memory.shape[1]):
            found = found + entity[i] * role[j] * memory[i, j]
    return found


def added(memory, entity, role, value):
    new = memory.clone()
    for i in range(memory.shape[0]):
        for j in range(memory.shape[1]):
            new[i, j] = new[i, j] + entity[i] * role[j] * value
    return new


def named(network, x):
    first, _, second, _ = network
    return (second.weight @ (first.weight @ x + first.bias).tanh() + second.bias).tanh()


def looped(model, inputs):
    """One sequence, each write by itself."""
    memory, logits = torch.zeros(4, 3, 4, dtype=inputs.dtype), []
    for x in inputs:
        e1, e2, r1, r2, r3 = (named(network, x) for network in model.signals)
        written, moved, linked = read(memory, e1, r1), read(memory, e1, r2), read(memory, e2, r3)
        memory = added(memory, e1, r1, e2 - written)
        memory = added(memory, e1, r2, written - moved)
        memory = added(memory, e2, r3, e1 - linked)
        entity, *roles = (named(network, x) for network in model.inference.signals)
        total = torch.zeros(4, dtype=inputs.dtype)
        for role, norm in zip(roles, model.inference.norms, strict=True):
            found = read(memory, entity, role)
            spread = ((found - found.mean()).square().mean() + 1e-7).sqrt()
            entity = (found - found.mean()) / spread * norm.gain + norm.bias
            total = total + entity
        logits.append(model.output.weight @ total)
    return torch.stack(logits)


def test_it_equals_its_loops_in_values_and_gradients() -> None:
    model = small()
    inputs = torch.randn(2, 4, 3, dtype=torch.float64, requires_grad=True)
    pull = torch.randn(2, 4, 2, dtype=torch.float64)
    fast, slow = model(inputs)[0], torch.stack([looped(model, row) for row in inputs])
    torch.testing.assert_close(fast, slow)
    wanted = [inputs, *model.parameters()]
    for ours, theirs in zip(*(torch.autograd.grad((out * pull).sum(), wanted) for out in (fast, slow)), strict=True):
        torch.testing.assert_close(ours, theirs)
        assert ours.abs().sum() > 0


def test_gradients_by_differences() -> None:
    model, inputs = small(), torch.randn(1, 2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda xs: model(xs)[0], (inputs,))


def test_a_sequence_in_parts_is_the_sequence() -> None:
    model, inputs = small(), torch.randn(2, 5, 3, dtype=torch.float64)
    whole, end = model(inputs)
    first, state = model(inputs[:, :2])
    second, state = model(inputs[:, 2:], tuple(state))
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(state, end)


def test_only_what_is_wanted_is_read() -> None:
    model, inputs = small(), torch.randn(2, 5, 3, dtype=torch.float64)
    scored = torch.zeros(2, 5, dtype=torch.bool)
    scored[0, 2] = scored[1, 4] = True
    whole, some = model(inputs)[0], model(inputs, scored=scored)[0]
    torch.testing.assert_close(some[:, [2, 4]], whole[:, [2, 4]])
    assert (some[:, [0, 1, 3]] == 0).all()


def test_a_masked_sentence_changes_nothing() -> None:
    model, inputs = small(), torch.randn(2, 4, 3, dtype=torch.float64)
    mask = torch.tensor([[True, False, True, False], [True] * 4])
    after = model.story(inputs, mask=mask)[-1]
    torch.testing.assert_close(after[0], model.story(inputs[:1, [0, 2]])[-1][0])
    torch.testing.assert_close(after[1], model.story(inputs[1:])[-1][0])


def test_the_three_writes_with_orthogonal_names() -> None:
    """Mary is first in the garden, then in the kitchen: write, move and link back are all there."""
    model = small()
    mary, garden, kitchen = one_hot(torch.tensor([0, 1, 2]), 4).double()
    here, before, who = one_hot(torch.arange(3), 3).double()
    memory = torch.zeros(1, 4, 3, 4, dtype=torch.float64)
    for place in (garden, kitchen):
        keys = torch.stack([mary, place])[None]
        change = model.change(memory, keys, torch.stack([here, before, who])[None])
        memory = memory + torch.einsum("bke,bkrf->berf", keys, change)
    assert torch.equal(read(memory[0], mary, here), kitchen)
    assert torch.equal(read(memory[0], mary, before), garden)
    assert torch.equal(read(memory[0], kitchen, who), mary)
    # The old place still says that Mary is there: nothing takes a link back away.
    assert torch.equal(read(memory[0], garden, who), mary)


def test_a_chain_of_reads_follows_the_facts() -> None:
    """The milk is with Mary, Mary is in the garden: two reads answer where the milk is."""
    reader = TensorInference(3, entity_size=5, role_size=2, hidden_size=4).double()
    entities, roles = torch.eye(5, dtype=torch.float64), torch.eye(2, dtype=torch.float64)
    milk, mary, garden = entities[:3]
    memory = torch.einsum("ne,nr,nf->erf", *map(torch.stack, ([milk, mary], [roles[0], roles[0]], [mary, garden])))
    for network, said in zip(reader.signals, (milk, roles[0], roles[0], roles[1]), strict=True):
        for weight in network.parameters():
            torch.nn.init.zeros_(weight)
        network[2].bias.data.copy_(torch.atanh(said * (1 - 1e-12)))
    first, second, third = reader.finds(torch.randn(3, dtype=torch.float64), memory)
    # The norm shifts a find, so that the chain leads to the largest entry.
    assert (first.argmax(), second.argmax()) == (1, 2)
    torch.testing.assert_close(reader(torch.randn(3, dtype=torch.float64), memory), first + second + third)


def test_the_number_of_weights() -> None:
    model = TPRRNN(TPRConfig.paper(40, 8))
    story = 5 * 41 * 40 + 41 * (2 * 90 + 3 * 20)
    question = 4 * 41 * 40 + 41 * (90 + 3 * 20) + 2 * 3
    assert model.size() == story + question + 90 * 8
    assert model.initial_state(1).memory.numel() == 162_000


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected inputs \[batch, time, 3\]"):
        small()(torch.randn(2, 5, 4).double())
    with pytest.raises(ValueError, match="expected role_size >= 1, got 0"):
        TPRConfig(3, 2, role_size=0)
    with pytest.raises(ValueError, match="above 0"):
        TensorInference(3, 0)
    with pytest.raises(ValueError, match=r"expected a memory \(2, 4, 3, 4\), got \(2, 3, 4, 4\)"):
        small().inference(torch.randn(2, 3).double(), torch.randn(2, 3, 4, 4).double())
    assert TPRState(torch.zeros(1)).memory.shape == (1,)
