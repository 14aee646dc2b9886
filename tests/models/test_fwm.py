"""The Fast Weight Memory: its parallel path equals its steps; its options do what they say."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from memlib.models.fwm import FWM, OFFICIAL, FWMConfig, FWMState

SMALL = {"vocabulary": 11, "embedding_size": 6, "hidden_size": 7, "memory_size": 4}


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def words(batch: int, steps: int) -> torch.Tensor:
    return torch.randint(0, 11, (batch, steps), generator=torch.Generator().manual_seed(3))


def carried(model: FWM, batch: int) -> FWMState:
    empty = model.initial_state(batch)
    memory = draw(4, *empty.memory.shape)
    memory = memory / memory.flatten(1).norm(dim=1).view(-1, 1, 1, 1) * 0.9
    return FWMState(memory, draw(5, *empty.output.shape).tanh(), draw(6, *empty.cell.shape))


def gradients(model: FWM, logits: torch.Tensor, state: FWMState) -> tuple[torch.Tensor, ...]:
    loss = (logits * draw(8, *logits.shape)).sum() + sum((part * draw(9, *part.shape)).sum() for part in state)
    return torch.autograd.grad(loss, [p for p in model.parameters() if p.requires_grad])


PRESETS = [
    FWMConfig.paper(**SMALL),
    FWMConfig.official(**SMALL),
    FWMConfig.paper(**SMALL, reads=1, squash_entities=False),
    FWMConfig.official(**SMALL, concatenate_keys=True),
]
RAGGED = torch.arange(20) < torch.tensor([20, 13, 0, 1, 19]).unsqueeze(1)
HOLED = RAGGED & (torch.arange(20) % 7 != 3)


@pytest.mark.parametrize("config", PRESETS, ids=["paper", "official", "one read", "concatenated"])
@pytest.mark.parametrize("mask", [None, RAGGED, HOLED], ids=["full", "ragged", "holes"])
def test_the_parallel_path_equals_the_steps(config: FWMConfig, mask: torch.Tensor | None) -> None:
    torch.manual_seed(1)
    model = FWM(config).double()
    tokens, state = words(5, 20), carried(model, 5)
    slow, fast = model.step_by_step(tokens, state, mask), model(tokens, state, mask)
    torch.testing.assert_close(fast, slow, rtol=0, atol=1e-10)
    torch.testing.assert_close(gradients(model, *fast), gradients(model, *slow), rtol=1e-8, atol=1e-9)


FIXTURE = Path(__file__).parent / "fixtures" / "fwm_official.safetensors"


def recorded(dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """What the authors' code gave (the repository and the commit stand in the file's header)."""
    return {k: v.to(dtype) if v.is_floating_point() else v for k, v in load_file(FIXTURE).items()}


def starting_with(tensors: dict[str, torch.Tensor], start: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(start): t for name, t in tensors.items() if name.startswith(start)}


@pytest.mark.parametrize("path", ["forward", "step_by_step"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-4)])
def test_the_authors_parameters_give_the_authors_outputs(path: str, dtype: torch.dtype, tolerance: float) -> None:
    theirs = recorded(dtype)
    model = FWM.from_official(starting_with(theirs, "parameters."))
    state, loss, norms = None, torch.zeros((), dtype=dtype), []
    for window in ("0.", "1."):
        their = starting_with(theirs, window)
        logits, state = getattr(model, path)(their["tokens"], state, their["live"])
        loss = loss + (logits * their["weights"]).sum()
        expected = (their["logits"], FWMState(their["memory"], their["output"], their["cell"]))
        torch.testing.assert_close((logits, state), expected, rtol=0, atol=tolerance)
        norms.append(state.memory.flatten(1).norm(dim=1))
    assert torch.cat(norms).amax() > 0.999
    gradients = starting_with(theirs, "gradients.")
    wanted = dict(model.named_parameters())
    ours = torch.autograd.grad(loss, [wanted[name] for name in OFFICIAL.values()])
    for name, gradient in zip(OFFICIAL, ours, strict=True):
        distance = (gradient - gradients[name]).norm() / gradients[name].norm()
        assert distance < tolerance, (name, distance)


def test_the_recording_names_where_it_comes_from() -> None:
    with safe_open(FIXTURE, "pt") as file:
        told = file.metadata()
    assert told["repository"] == "ischlag/Fast-Weight-Memory-public"
    assert re.fullmatch("[0-9a-f]{40}", told["commit"])


def test_parameters_under_other_names_are_refused() -> None:
    parameters = starting_with(recorded(torch.float64), "parameters.")
    bias = parameters.pop("rnn.cells.0.lstm.bias")
    with pytest.raises(KeyError, match=r"rnn\.cells\.0\.lstm\.bias missing"):
        FWM.from_official(parameters)
    parameters |= {"rnn.cells.0.lstm.bias": bias, "rnn.cells.0.W_write.bias": bias[:18]}
    with pytest.raises(ValueError, match="19 rows of W_write, got 18"):
        FWM.from_official(parameters)


def test_reading_where_it_is_scored_alone_changes_no_score_and_no_gradient() -> None:
    torch.manual_seed(1)
    model, tokens = FWM(FWMConfig.official(**SMALL)).double(), words(5, 20)
    scored = torch.rand(5, 20, generator=torch.Generator().manual_seed(2)) < 0.3
    scored[4] = False
    everywhere, last = model(tokens, carried(model, 5), RAGGED)
    sparse, same = model(tokens, carried(model, 5), RAGGED, scored)
    torch.testing.assert_close(sparse, everywhere * (scored & RAGGED).unsqueeze(-1), rtol=0, atol=1e-12)
    torch.testing.assert_close(same, last, rtol=0, atol=1e-12)
    weights = draw(7, *everywhere.shape) * (scored & RAGGED).unsqueeze(-1)
    learned = [p for p in model.parameters() if p.requires_grad]
    both = [torch.autograd.grad((logits * weights).sum(), learned) for logits in (sparse, everywhere)]
    torch.testing.assert_close(*both, rtol=1e-9, atol=1e-12)


def test_nothing_scored_is_no_error() -> None:
    model = FWM(FWMConfig.official(**SMALL)).double()
    logits, state = model(words(5, 20), None, None, torch.zeros(5, 20, dtype=torch.bool))
    assert (logits == 0).all()
    assert (state.memory != 0).any()


def test_two_windows_with_the_state_carried_equal_one() -> None:
    torch.manual_seed(1)
    model, tokens = FWM(FWMConfig.paper(**SMALL)).double(), words(5, 20)
    whole, last = model(tokens, None, HOLED)
    first, state = model(tokens[:, :8], None, HOLED[:, :8])
    second, state = model(tokens[:, 8:], tuple(state), HOLED[:, 8:])
    torch.testing.assert_close((torch.cat([first, second], 1), state), (whole, last), rtol=0, atol=1e-10)


def test_padding_leaves_the_state_of_a_finished_row_alone() -> None:
    model = FWM(FWMConfig.official(**SMALL)).double()
    state = carried(model, 5)
    _, after = model(words(5, 20), state, RAGGED)
    for before, now in zip(state, after, strict=True):
        assert torch.equal(now[2], before[2])
        assert not torch.equal(now[0], before[0])


def test_the_size_is_the_authors() -> None:
    torch.manual_seed(1)
    theirs = starting_with(recorded(torch.float64), "parameters.")
    assert FWM.from_official(theirs).size() == sum(p.numel() for p in theirs.values())
    # 180 words of 256; an LSTM of 256 with one bias; 97 and 128 rows over 256; 32 to 256; 256 to 180.
    expected = 180 * 256 + 1024 * (512 + 1) + (97 + 128) * 257 + 256 * 33 + 180 * 256
    assert FWM(FWMConfig.official()).size() == expected


@pytest.mark.parametrize(
    "option",
    [
        {"write_scale": 0.25},
        {"strength_bias": 1.0},
        {"squash_first_query": False},
        {"squash_entities": False},
        {"residual": False},
        {"forget_bias": 1.0},
        {"reads": 2},
        {"concatenate_keys": True},
    ],
    ids=lambda option: next(iter(option)),
)
def test_every_option_changes_what_comes_out(option: dict[str, Any]) -> None:
    def scores(config: FWMConfig) -> torch.Tensor:
        torch.manual_seed(1)
        return FWM(config).double()(words(5, 20))[0]

    plain = FWMConfig.paper(**SMALL)
    assert (scores(replace(plain, **option)) - scores(plain)).abs().max() > 1e-4


def test_presets_and_what_replaces_them() -> None:
    official = FWMConfig.official()
    assert official.write_scale == 1 / 32
    assert (official.strength_bias, official.forget_bias) == (1, 1)
    assert not official.residual
    assert not official.squash_first_query
    assert FWMConfig.official(memory_size=16).write_scale == 1 / 16
    assert FWMConfig.official(residual=True).residual
    paper = FWMConfig.paper()
    assert paper == FWMConfig()
    assert (paper.write_scale, paper.strength_bias, paper.forget_bias) == (1, 0, 0)
    assert paper.residual
    assert paper.squash_first_query


@pytest.mark.parametrize("option", [{"reads": 0}, {"memory_size": 0}, {"vocabulary": 0}, {"write_scale": 0.0}])
def test_impossible_settings_are_refused(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        FWMConfig(**option)


def test_wrong_inputs_are_named() -> None:
    model = FWM(FWMConfig.paper(**SMALL))
    with pytest.raises(ValueError, match=r"tokens \[batch, time\]"):
        model(torch.zeros(5, dtype=torch.long))
    with pytest.raises(ValueError, match="`mask` of booleans"):
        model(words(5, 20), None, torch.ones(5, 20))
    with pytest.raises(ValueError, match="`scored` of booleans"):
        model(words(5, 20), None, None, RAGGED[:, :3])
    with pytest.raises(TypeError, match="whole numbers"):
        model(torch.zeros(5, 20))
    with pytest.raises(ValueError, match="tokens from 0 to 10"):
        model(words(5, 20) + 5)
    with pytest.raises(ValueError, match="state of 5 rows"):
        model(words(5, 20), model.initial_state(4))
