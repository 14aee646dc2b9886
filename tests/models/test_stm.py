"""Two memories: the fast path equals the steps and the equations; the authors' parameters give their outputs."""

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from memlib.mechanisms.item_memory import numerical_rank
from memlib.models.stm import STM, STMConfig, STMState
from memlib.models.stm_official import names

SMALL: dict[str, Any] = {"size": 5, "queries": 3, "relation_size": 6, "read_size": 4, "hidden_sizes": (7, 6)}
BATCH, TIME = 3, 6


def draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def made(config: STMConfig) -> STM:
    """A model none of whose parameters is where it starts, so that every one of them matters."""
    model = STM(config).double()
    generator = torch.Generator().manual_seed(7)
    for parameter in model.parameters():
        spread = 1 / parameter.shape[-1] ** 0.5 if parameter.ndim > 1 else 0.5
        parameter.data += spread * torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return model


def carried(model: STM) -> STMState:
    return STMState(*(draw(seed, *part.shape) for seed, part in enumerate(model.initial_state(BATCH), 5)))


CONFIGS = {
    "paper": STMConfig.paper(4, 2, **SMALL),
    "official": STMConfig.official(4, 2, **SMALL),
    "paper, added": STMConfig.paper(4, 2, **SMALL, gates=False),
    "official, added": STMConfig.official(4, 2, **SMALL, gates=False),
    "paper, no transfer": STMConfig.paper(4, 2, **SMALL, transfer="none"),
    "paper, found": STMConfig.paper(4, 2, **SMALL, transfer="found", squash_pair=True, learned_start=True),
    "paper, decay": STMConfig.paper(4, 2, **SMALL, relational_blend="decay", squash_gates=False),
    "paper, columns": STMConfig.paper(4, 2, **SMALL, mixed_axis="columns", read_contract="rows"),
    "official, memory": STMConfig.official(4, 2, **SMALL, transfer="memory", mixed_axis="rows", write_with="both"),
    "one query": STMConfig.official(4, 2, **SMALL | {"queries": 1}, read_contract="columns"),
    "overwritten": STMConfig.official(4, 2, **SMALL, blend_learned=(False, False, True)),
    "table": STMConfig.paper(4, 2, **SMALL, embedding=3, projector_hidden=4),
}


@pytest.mark.parametrize("start", ["own", "carried"])
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_the_fast_path_equals_the_steps(config: STMConfig, start: str) -> None:
    model = made(config)
    results = []
    for run in (model.step_by_step, model):
        inputs = draw(1, BATCH, TIME, 4).requires_grad_()
        given = [] if start == "own" else [part.requires_grad_() for part in carried(model)]
        outputs, state = run(inputs, STMState(*given) if given else None)
        loss = sum((part * draw(8, *part.shape)).sum() for part in (outputs, *state))
        wanted = [inputs, *given, *model.parameters()]
        results.append((outputs, state, torch.autograd.grad(loss, wanted, allow_unused=True, materialize_grads=True)))
    slow, fast = results
    torch.testing.assert_close(fast[:2], slow[:2], rtol=0, atol=1e-10)
    torch.testing.assert_close(fast[2], slow[2], rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("sizes", [(6, 4), (40, 4)], ids=["maps composed", "maps apart"])
@pytest.mark.parametrize("preset", [STMConfig.paper, STMConfig.official])
def test_distilling_where_it_is_scored_alone_changes_no_score_and_no_gradient(preset: Any, sizes: Any) -> None:
    relation, read = sizes
    model = made(preset(4, 2, **SMALL | {"relation_size": relation, "read_size": read}))
    inputs = draw(1, BATCH, TIME, 4)
    scored = torch.tensor([[0, 1, 0, 0, 1, 0], [0, 0, 0, 0, 1, 0], [0] * 6]).bool()
    slow, last = model.step_by_step(inputs)
    weights = draw(3, *slow.shape) * scored.unsqueeze(-1)
    expected = torch.autograd.grad((slow * weights).sum(), list(model.parameters()), allow_unused=True)
    fast, same = model(inputs, None, scored)
    torch.testing.assert_close(fast, slow * scored.unsqueeze(-1), rtol=0, atol=1e-10)
    torch.testing.assert_close(same, last, rtol=0, atol=1e-10)
    gradients = torch.autograd.grad((fast * weights).sum(), list(model.parameters()), allow_unused=True)
    for got, wanted in zip(gradients, expected, strict=True):
        torch.testing.assert_close(*(torch.zeros(1) if g is None else g for g in (got, wanted)), rtol=1e-8, atol=1e-9)
    shared, _ = model(inputs, None, scored[0])
    torch.testing.assert_close(shared[:, scored[0]], slow[:, scored[0]], rtol=0, atol=1e-10)


def test_nothing_scored_still_moves_the_memories() -> None:
    model = made(CONFIGS["paper"])
    outputs, state = model(draw(1, BATCH, TIME, 4), None, torch.zeros(TIME, dtype=torch.bool))
    assert (outputs == 0).all()
    assert (state.relations != 0).any()


def test_two_windows_with_the_state_carried_equal_one() -> None:
    for config in CONFIGS.values():
        model, inputs = made(config), draw(1, BATCH, TIME, 4)
        whole, last = model(inputs)
        first, state = model(inputs[:, :2])
        second, state = model(inputs[:, 2:], tuple(state))
        torch.testing.assert_close((torch.cat([first, second], 1), state), (whole, last), rtol=0, atol=1e-10)


def looped_step(model: STM, x: Tensor, items: Tensor, relations: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Eq. 4-14 for one row, entry by entry, with the paper's options."""
    cell, (n, d, _) = model.cell, relations.shape
    f1, f2, f3 = cell.to_left(x), cell.to_key(x), cell.to_choice(x)
    takes, keeps = cell.gate_drive.weight.chunk(2)
    take_u, keep_u = cell.gate_memory.weight.chunk(2)
    written = torch.empty_like(items)
    for i in range(d):
        for j in range(d):
            held = torch.stack([items[m, j].tanh() for m in range(d)])
            take = torch.sigmoid(takes[i] @ x + take_u[i] @ held + cell.take_bias)
            keep = torch.sigmoid(keeps[i] @ x + keep_u[i] @ held + cell.forget_bias)
            written[i, j] = keep * items[i, j] + take * f1[i] * f2[j]
    raised = [math.exp(f) for f in f3.tolist()]
    weights = [one / sum(raised) for one in raised]
    read = [sum(weights[s] * relations[s, i, j] * f2[j] for s in range(n) for j in range(d)) for i in range(d)]
    joined = written + cell.read_blend * torch.stack([torch.stack([v * f for f in f2]) for v in read])
    kinds = []
    for kind, maps in enumerate(cell.to_items.weight.chunk(3)):
        rows = torch.stack([sum(w[m] * joined[m] for m in range(d)) for w in maps])
        spread = rows.var(-1, correction=0, keepdim=True)
        rows = (rows - rows.mean(-1, keepdim=True)) / (spread + 1e-5).sqrt()
        kinds.append(rows * cell.norm_gain[kind] + cell.norm_shift[kind])
    q, k, v = kinds
    new = relations.clone()
    for s in range(n):
        for j in range(n):
            for a in range(d):
                for b in range(d):
                    new[s, a, b] += cell.relational_blend[0] * torch.tanh(q[s, a] * k[j, a]) * v[j, b]
    handed = cell.transfer.weight @ new.reshape(n * d, d) + cell.transfer.bias.unsqueeze(-1)
    features = torch.cat([cell.distil.weight @ new[s].reshape(d * d) + cell.distil.bias for s in range(n)])
    out = cell.features.weight @ features + cell.features.bias
    return model.output(out), written + cell.transfer_blend * handed, new


def test_the_paper_s_model_equals_its_equations_in_loops() -> None:
    model, inputs = made(STMConfig.paper(4, 2, **SMALL)), draw(1, 2, 3, 4)
    outputs, state = model(inputs)
    for row in range(2):
        items, relations = torch.zeros(5, 5, dtype=torch.float64), torch.zeros(3, 5, 5, dtype=torch.float64)
        for t in range(3):
            y, items, relations = looped_step(model, inputs[row, t], items, relations)
            torch.testing.assert_close(outputs[row, t], y, rtol=1e-10, atol=1e-10)
        torch.testing.assert_close((state.items[row], state.relations[row]), (items, relations), rtol=1e-10, atol=1e-10)


FIXTURE = Path(__file__).parent / "fixtures" / "stm_official.safetensors"
OPTIONS: dict[str, dict[str, Any]] = {"gated": {}, "added": {"gates": False}, "layered": {"blend_start": (1, 0, 0)}}


def recorded(case: str, dtype: torch.dtype = torch.float64) -> dict[str, Tensor]:
    """What the authors' code gave (the repository and the commit stand in the file's header)."""
    return starting_with({name: tensor.to(dtype) for name, tensor in load_file(FIXTURE).items()}, f"{case}.")


def starting_with(tensors: dict[str, Tensor], start: str) -> dict[str, Tensor]:
    return {name.removeprefix(start): t for name, t in tensors.items() if name.startswith(start)}


@pytest.mark.parametrize("path", ["forward", "step_by_step"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-4)])
@pytest.mark.parametrize("case", OPTIONS)
def test_the_authors_parameters_give_the_authors_outputs(
    path: str, dtype: torch.dtype, tolerance: float, case: str
) -> None:
    theirs = recorded(case, dtype)
    parameters = starting_with(theirs, "parameters.")
    model = STM.from_official(parameters, STMConfig.official(1, 1, **OPTIONS[case]))
    state, loss, window = None, torch.zeros((), dtype=dtype), 0
    while their := starting_with(theirs, f"{window}."):
        outputs, state = getattr(model, path)(their["inputs"], state)
        expected = (their["outputs"], STMState(their["items"], their["relations"]))
        torch.testing.assert_close((outputs, state), expected, rtol=tolerance, atol=tolerance)
        loss, window = loss + (outputs * their["weights"]).sum(), window + 1
    assert window == (2 if case == "gated" else 1)
    gradients, wanted = starting_with(theirs, "gradients."), dict(model.named_parameters())
    ours = names(parameters)
    found = torch.autograd.grad(loss, [wanted[ours[name]] for name in gradients])
    for (name, gradient), got in zip(gradients.items(), found, strict=True):
        gradient = gradient.T if got.shape != gradient.shape else gradient
        assert (got - gradient).norm() < tolerance * (1 + gradient.norm()), name


def test_the_recording_names_where_it_comes_from() -> None:
    with safe_open(FIXTURE, "pt") as file:
        told = file.metadata()
    assert told["repository"] == "thaihungle/SAM"
    assert re.fullmatch("7fc2b18d[0-9a-f]{32}", told["commit"])


def test_a_table_of_vectors_comes_along() -> None:
    parameters = starting_with(recorded("gated"), "parameters.")
    plain = STM.from_official(parameters)
    table, symbols = draw(3, 9, 6), torch.randint(9, (2, 4), generator=torch.Generator().manual_seed(1))
    model = STM.from_official(parameters | {"emb.weight": table})
    one_hot = torch.nn.functional.one_hot(symbols, 9).double()
    torch.testing.assert_close(model(one_hot), plain(table[symbols]), rtol=0, atol=1e-12)


def test_parameters_that_do_not_fit_are_refused() -> None:
    parameters = starting_with(recorded("gated"), "parameters.")
    with pytest.raises(KeyError, match=r"out\.bias missing"):
        STM.from_official({name: p for name, p in parameters.items() if name != "out.bias"})
    with pytest.raises(ValueError, match="one round a step"):
        STM.from_official(parameters | {"alpha11": parameters["alpha10"]})
    with pytest.raises(ValueError, match="layer_norm = 'joint', got 'items'"):
        STM.from_official(parameters, STMConfig.official(6, 5, layer_norm="items"))
    with pytest.raises(ValueError, match="fix its blend at 0"):
        STM.from_official(parameters, STMConfig.official(6, 5, transfer="none"))


@pytest.mark.parametrize("case", OPTIONS)
def test_the_size_is_the_authors(case: str) -> None:
    parameters = starting_with(recorded(case), "parameters.")
    model = STM.from_official(parameters, STMConfig.official(1, 1, **OPTIONS[case]))
    assert model.size() == sum(p.numel() for p in parameters.values())


# What the authors' code counts for the settings of its published runs.
PUBLISHED: dict[str, tuple[tuple[int, int], dict[str, Any], int]] = {
    "copy and priority sort": ((34, 32), {}, 1_170_965),
    "convex hull, as told": ((24, 22), {}, 1_167_675),
    "convex hull, as in the settings": ((24, 22), {"size": 128}, 2_010_395),
    "the same with empty memories at first": ((24, 22), {"size": 128, "learned_start": False}, 1_862_939),
    "Nth farthest": ((40, 8), {"size": 128, "gates": False}, 2_012_813),
    "associative retrieval": ((100, 10), {"queries": 2}, 1_028_063),
    "relational recall": (
        (34, 32),
        {"size": 72, "queries": 16, "relation_size": 72, "blend_learned": (False, False, True)},
        684_259,
    ),
    "bAbI": (
        (64, 64),
        {"size": 90, "queries": 20, "projector_hidden": 80, "blend_learned": (False, True, False)},
        1_366_181,
    ),
}


@pytest.mark.parametrize("task", PUBLISHED)
def test_the_sizes_of_the_published_runs(task: str) -> None:
    widths, options, weights = PUBLISHED[task]
    assert STM(STMConfig.official(*widths, **options)).size() == weights


def test_the_paper_s_model_has_what_its_equations_have() -> None:
    d, n, nr = 96, 8, 96
    # f1, f2, f3; W and U of two gates, b of both; W_q, W_k, W_v; a gain and a shift for each; G1, G2, G3; the blends.
    expected = (2 * d + n) * 35 + 2 * 34 * d + 2 * d * d + 2 + 3 * n * d + 6 * d
    expected += d * (n * d + 1) + nr * (d * d + 1) + 64 * (n * nr + 1) + 128 * 65 + 128 * 129 + 32 * 129 + 3
    assert STM(STMConfig.paper(34, 32)).size() == expected


def test_the_rank_of_the_distillation() -> None:
    model = made(CONFIGS["paper"])
    weights = model.cell.distil.weight
    assert model.distillation_rank() == pytest.approx(numerical_rank(weights).item())
    assert 1 < model.distillation_rank() < 6
    weights.data = torch.outer(draw(1, 6), draw(2, 25))
    assert model.distillation_rank() == pytest.approx(1)


OTHERWISE: list[dict[str, Any]] = [
    {"write_with": "first"},
    {"squash_pair": True},
    {"gates": False},
    {"gate_drive": "projection"},
    {"squash_gates": False},
    {"forget_bias": 1.0},
    {"mixed_axis": "columns"},
    {"layer_norm": "joint"},
    {"read_contract": "rows"},
    {"relational_blend": "decay"},
    {"transfer": "found"},
    {"transfer": "none"},
    {"blend_start": (0.5, 1.0, 1.0)},
    {"gate_biases": True},
    {"learned_start": True},
    {"projector_hidden": 3},
]


@pytest.mark.parametrize("option", OTHERWISE, ids=lambda option: next(iter(option)))
def test_every_option_changes_what_comes_out(option: dict[str, Any]) -> None:
    def scores(config: STMConfig) -> Tensor:
        torch.manual_seed(1)
        model = STM(config).double()
        with torch.no_grad():
            return model.cell.read(model(draw(1, BATCH, TIME, 4))[1].relations)

    plain = STMConfig.paper(4, 2, **SMALL, blend_start=(0.8, 1.0, 1.0))
    assert (scores(replace(plain, **option)) - scores(plain)).abs().max() > 1e-4


def test_presets_and_what_replaces_them() -> None:
    paper, official = STMConfig.paper(4, 2), STMConfig.official(4, 2)
    assert paper == STMConfig(4, 2)
    assert paper.relational_blend == "gain"
    assert official.relational_blend == "decay"
    assert official.blend_start == (0, 0, 0)
    assert STMConfig.official(4, 2, gates=False, blend_start=[1, 0, 0]).blend_start == (1, 0, 0)
    start = STM(official).initial_state(2)
    assert torch.equal(start.items[0], start.items[1])
    assert (STM(paper).initial_state(2).relations == 0).all()


@pytest.mark.parametrize(
    "option",
    [
        {"queries": 0},
        {"embedding": -1},
        {"transfer": "all"},
        {"hidden_sizes": (0,)},
        {"blend_start": (1.0, 1.0)},
    ],
    ids=lambda option: next(iter(option)),
)
def test_impossible_settings_are_refused(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        STMConfig(4, 2, **option)


def test_wrong_inputs_are_named() -> None:
    model = STM(CONFIGS["paper"])
    with pytest.raises(TypeError, match="floating-point inputs"):
        model(torch.zeros(2, 3, 4, dtype=torch.long))
    with pytest.raises(ValueError, match=r"inputs \[batch, time, 4\]"):
        model(torch.zeros(2, 3, 5))
    with pytest.raises(ValueError, match="`scored` of booleans"):
        model(torch.zeros(2, 3, 4), None, torch.zeros(2, 4, dtype=torch.bool))
    with pytest.raises(ValueError, match="state of 2 rows"):
        model(torch.zeros(2, 3, 4), model.initial_state(3))
