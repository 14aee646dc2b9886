"""The Relational Memory Core against loops over heads and rows, and the number of its weights."""

import math

import pytest
import torch

from memlib.models.baselines.relational_memory_core import RelationalMemoryCore, RMCConfig

OPTIONS = [
    {},
    {"gates": "slot", "blocks": 2},
    {"gates": "none", "layers": 3, "final_relu": True},
    {"joint_norm": True, "shared_layers": True, "final_relu": True, "readout": [5]},
]


def small(**options) -> RelationalMemoryCore:
    torch.manual_seed(3)
    config = RMCConfig(3, 2, slots=3, heads=2, head_size=4, **options)
    model = RelationalMemoryCore(config).double()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.6)
    return model


def normed(rows: torch.Tensor, norm: torch.nn.LayerNorm, joint: bool) -> torch.Tensor:
    """Layer norm of [rows, width], over all of it or row by row."""
    if joint:
        middle = rows.mean()
        return (rows - middle) / ((rows - middle).square().mean() + norm.eps).sqrt() * norm.weight + norm.bias
    done = []
    for row in rows:
        spread = ((row - row.mean()).square().mean() + norm.eps).sqrt()
        done.append((row - row.mean()) / spread * norm.weight + norm.bias)
    return torch.stack(done)


def looped(model: RelationalMemoryCore, inputs: torch.Tensor) -> torch.Tensor:
    """One sequence, step by step, head by head, row by row."""
    config, cell = model.config, model.cell
    memory = torch.zeros(config.slots, config.width, dtype=inputs.dtype)
    for slot in range(config.slots):
        memory[slot, slot] = 1
    logits = []
    for x in inputs:
        given = model.inputs.weight @ x + model.inputs.bias
        rows = torch.stack([*memory, given])
        for _ in range(config.blocks):
            projected = torch.stack([cell.project.weight @ row + cell.project.bias for row in rows])
            projected = normed(projected, cell.norm_project, config.joint_norm)
            found = torch.zeros_like(rows)
            for head in range(config.heads):
                start = head * 3 * config.head_size
                q, k, v = projected[:, start : start + 3 * config.head_size].split(config.head_size, 1)
                for i in range(len(rows)):
                    scores = torch.stack([q[i] @ k[j] / math.sqrt(config.head_size) for j in range(len(rows))])
                    shares = scores.exp() / scores.exp().sum()
                    place = slice(head * config.head_size, (head + 1) * config.head_size)
                    found[i, place] = sum(share * value for share, value in zip(shares, v, strict=True))
            rows = normed(rows + found, cell.norm_attended, config.joint_norm)
            inner = rows
            for number in range(config.layers):
                layer = cell.layers[0 if config.shared_layers else number]
                inner = torch.stack([layer.weight @ row + layer.bias for row in inner])
                if number + 1 < config.layers or config.final_relu:
                    inner = inner.clamp(min=0)
            rows = normed(rows + inner, cell.norm_layers, config.joint_norm)
        after = []
        for slot in range(config.slots):
            new = rows[slot]
            if cell.gates_of_memory is not None:
                raw = cell.gates_of_memory.weight @ memory[slot].tanh()
                raw = raw + model.gates_of_inputs.weight @ given + model.gates_of_inputs.bias
                take, keep = raw[: len(raw) // 2], raw[len(raw) // 2 :]
                new = take.sigmoid() * new.tanh() + keep.sigmoid() * memory[slot]
            after.append(new)
        memory = torch.stack(after)
        logits.append(model.output(torch.cat(after)))
    return torch.stack(logits)


@pytest.mark.parametrize("options", OPTIONS)
def test_it_equals_its_loops_in_values_and_gradients(options) -> None:
    model = small(**options)
    inputs = torch.randn(2, 3, 3, dtype=torch.float64, requires_grad=True)
    pull = torch.randn(2, 3, 2, dtype=torch.float64)
    fast, slow = model(inputs)[0], torch.stack([looped(model, row) for row in inputs])
    torch.testing.assert_close(fast, slow)
    wanted = [inputs, *model.parameters()]
    for ours, theirs in zip(*(torch.autograd.grad((out * pull).sum(), wanted) for out in (fast, slow)), strict=True):
        torch.testing.assert_close(ours, theirs)
        assert ours.abs().sum() > 0


def test_a_sequence_in_parts_is_the_sequence() -> None:
    model, inputs = small(), torch.randn(2, 5, 3, dtype=torch.float64)
    whole, end = model(inputs)
    first, state = model(inputs[:, :2])
    second, state = model(inputs[:, 2:], tuple(state))
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(state, end)


def test_the_slots_have_no_order_but_their_start() -> None:
    model, inputs = small(), torch.randn(2, 4, 3, dtype=torch.float64)
    start, turned = model.initial_state(2), [2, 0, 1]
    memory = model(inputs, start)[1].memory
    other = model(inputs, type(start)(start.memory[:, turned]))[1].memory
    torch.testing.assert_close(other, memory[:, turned])


def test_the_numbers_of_weights() -> None:
    width = 256
    model = RelationalMemoryCore(RMCConfig.paper(40, 8))
    attention, layers, gates = 3 * width * (width + 1), 2 * width * (width + 1), 2 * width * (2 * width + 1)
    norms = 2 * (3 + 1 + 1) * width
    readout = (8 * width + 1) * 256 + 3 * 257 * 256 + 257 * 8
    assert model.size() == attention + layers + gates + norms + 41 * width + readout
    # Of the three readings of the size that Le et al. print, the one nearest to their 2.8 million weights.
    sizes = {
        size: RelationalMemoryCore(RMCConfig.le2020(24, 22, head_size=size)).size() / 1e6 for size in (16, 64, 128)
    }
    assert {size: round(count, 1) for size, count in sizes.items()} == {16: 0.2, 64: 2.5, 128: 9.7}
    assert RMCConfig.le2020(24, 22).head_size == 64
    port = RMCConfig.port(24, 22, head_size=64)
    assert (port.joint_norm, port.shared_layers, port.final_relu) == (True, True, True)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected inputs \[batch, time, 3\]"):
        small()(torch.randn(2, 5, 4).double())
    with pytest.raises(ValueError, match="expected gates in unit, slot, none; got 'memory'"):
        RMCConfig(3, 2, gates="memory")
    with pytest.raises(ValueError, match="expected heads >= 1, got 0"):
        RMCConfig(3, 2, heads=0)
    with pytest.raises(ValueError, match="widths of at least 1 in readout"):
        RMCConfig(3, 2, readout=(0,))
