"""The preset `official` against the authors' own cells: their parameters give their outputs."""

import json
from pathlib import Path

import pytest
import torch

from memlib.models.am_official import from_official
from memlib.models.am_rnn import AMRNN, DualAMRNN

FIXTURE = json.loads((Path(__file__).parent / "fixtures/dual_am_rnn.json").read_text(encoding="utf-8"))
CASES = FIXTURE["cases"]


def tensors(case, dtype=torch.float64):
    names = ("premise", "premise_outputs", "memory", "hypothesis", "hypothesis_outputs", "own_memory")
    found = {name: torch.tensor(case[name], dtype=dtype) for name in names}
    return found, {name: torch.tensor(value, dtype=dtype) for name, value in case["parameters"].items()}


def memory_of(theirs, copies):
    """Theirs: the real parts of all copies, then the imaginary ones."""
    real, imaginary = theirs.unflatten(-1, (2, copies, -1)).unbind(1)
    return torch.complex(real, imaginary)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-4)])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['read_keys']}-{case['wrapped']}")
def test_their_parameters_give_their_outputs(case, dtype, tolerance):
    told, parameters = tensors(case, dtype)
    close = {"rtol": 0, "atol": tolerance}
    dual = from_official(parameters, case["copies"], wrapped=case["wrapped"])
    assert isinstance(dual, DualAMRNN)
    assert dual.config.read_keys == case["read_keys"]
    ys, state = dual.first(told["premise"])
    torch.testing.assert_close(ys, told["premise_outputs"], **close)
    torch.testing.assert_close(state.memory, memory_of(told["memory"], case["copies"]), **close)
    zs, last = dual.sequence(told["hypothesis"], dual.beside(state.memory))
    torch.testing.assert_close(zs, told["hypothesis_outputs"], **close)
    torch.testing.assert_close(last.own.memory, memory_of(told["own_memory"], case["copies"]), **close)


def test_a_cell_that_is_not_dual():
    told, parameters = tensors(CASES[0])
    alone = from_official({name: value for name, value in parameters.items() if "Dual" not in name}, CASES[0]["copies"])
    assert isinstance(alone, AMRNN)
    torch.testing.assert_close(alone.sequence(told["premise"])[0], told["premise_outputs"], rtol=0, atol=1e-10)


@pytest.mark.parametrize("case", CASES[:2], ids=lambda case: f"{case['read_keys']}")
def test_without_the_crossed_keys_the_outputs_are_others(case):
    told, parameters = tensors(case)
    dual = from_official(parameters, case["copies"])
    source = memory_of(told["memory"], case["copies"])
    plain = DualAMRNN(type(dual.config)(**{**vars(dual.config), "crossed_keys": False})).double()
    plain.load_state_dict(dual.state_dict())
    zs, _ = plain.sequence(told["hypothesis"], plain.beside(source))
    assert (zs - told["hypothesis_outputs"]).abs().max() > 1e-3


def test_missing_and_unknown_parameters_are_named():
    _, parameters = tensors(CASES[0])
    wrong = {("Gate/weights" if name == "Gates/fully_connected/weights" else name): p for name, p in parameters.items()}
    with pytest.raises(ValueError, match="missing: Gates/weights; unknown: Gate/weights"):
        from_official(wrong, 3)
