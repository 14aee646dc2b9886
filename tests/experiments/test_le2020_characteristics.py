"""Table 10 as data, and the cells of it that can be measured."""

import pytest
import torch
from torch import Tensor

from memlib.experiments import le2020_characteristics
from memlib.experiments.le2020_characteristics import PROPERTIES, cells
from memlib.experiments.step_models import MODELS

TABLE = {
    "RNN, LSTM": "YNYY",
    "NTM, DNC": "YNYN",
    "RMC": "YYYN",
    "Transformer": "NYNN",
    "UT": "NYYN",
    "Attentional LSTM": "NYYN",
    "STM": "YYYY",
}
SMALL = {
    "RNN, LSTM": [("lstm", {"hidden_size": 5, "layers": 1})],
    "NTM, DNC": [
        ("ntm", {"slots": 4, "width": 3, "hidden_size": 5}),
        ("dnc", {"slots": 4, "width": 3, "heads": 1, "hidden_size": 5}),
    ],
    "RMC": [("rmc", {"slots": 3, "heads": 2, "head_size": 2})],
    "Attentional LSTM": [("alstm", {"hidden_size": 5, "score_size": 3})],
    "STM": [("stm", {"size": 4, "queries": 2, "relation_size": 3, "read_size": 4, "hidden_sizes": [4]})],
}
MEASURED = [(name, options) for models in SMALL.values() for name, options in models]


def leaves(state) -> list[Tensor]:
    if isinstance(state, Tensor):
        return [state]
    return [] if state is None else [leaf for part in state for leaf in leaves(part)]


def moved(state, change):
    if isinstance(state, Tensor):
        return change(state)
    if state is None:
        return None
    parts = [moved(part, change) for part in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)


def built(name, options):
    torch.manual_seed(2)
    return MODELS[name](3, 2, **options).double()


def test_the_papers_answers_are_the_papers() -> None:
    told = dict.fromkeys(TABLE, "")
    for cell in cells():
        told[cell.model] += "Y" if cell.paper else "N"
    assert told == TABLE
    assert [cell.property for cell in cells()] == [*PROPERTIES] * len(TABLE)
    assert all(len(cell.reason) > 10 for cell in cells())
    assert {cell.model for cell in cells() if cell.ground == "measured"} == set(SMALL)
    # Where we answer otherwise than the paper, the ground must say so.
    assert all(cell.paper == cell.ours or cell.ground == "disputed" for cell in cells())


@pytest.mark.parametrize(("name", "options"), MEASURED, ids=lambda one: one if isinstance(one, str) else "")
def test_the_state_has_a_fixed_size_or_grows(name, options) -> None:
    model, inputs = built(name, options), torch.randn(1, 50, 3, dtype=torch.float64)
    sizes = [sum(leaf.numel() for leaf in leaves(model(inputs[:, :steps])[1])) for steps in (1, 2, 50)]
    if name == "alstm":
        assert sizes[2] - sizes[1] == 48 * (sizes[1] - sizes[0]) > 0
    else:
        assert sizes[0] == sizes[1] == sizes[2]


@pytest.mark.parametrize(("name", "options"), MEASURED, ids=lambda one: one if isinstance(one, str) else "")
def test_the_state_depends_on_the_state_before(name, options) -> None:
    model, inputs = built(name, options), torch.randn(1, 4, 3, dtype=torch.float64)
    _, state = model(inputs[:, :3])
    other = moved(state, lambda part: part + 0.1 * torch.ones_like(part))
    after, elsewhere = (leaves(model(inputs[:, 3:], one)[1]) for one in (state, other))
    assert any((a[..., -1, :] != b[..., -1, :]).any() for a, b in zip(after, elsewhere, strict=True) if a.ndim > 1)
    # In the attentional LSTM old rows stay as they are handed over: what it computes itself must differ, too.
    assert not torch.equal(model(inputs[:, 3:], state)[0], model(inputs[:, 3:], other)[0])


def test_relations_between_what_is_stored() -> None:
    """A change in one slot, or in one row of the items, reaches all others in one step."""
    x = torch.randn(1, 1, 3, dtype=torch.float64)
    rmc = built(*SMALL["RMC"][0])
    memory = rmc(x)[1].memory
    changed = memory.clone()
    changed[:, 0] += torch.randn(4, dtype=torch.float64)
    before, after = (rmc(x, (one,))[1].memory for one in (memory, changed))
    assert ((before - after).abs().amax(2) > 1e-9).all()
    stm = built(*SMALL["STM"][0])
    _, state = stm(x)
    changed = state.items.clone()
    changed[:, 0] += torch.randn(4, dtype=torch.float64)
    before, after = (stm(x, (items, state.relations))[1].relations for items in (state.items, changed))
    assert ((before - after).abs().amax((2, 3)) > 1e-9).all()


def test_a_malformed_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="expected property, yes or no twice"):
        le2020_characteristics._cell("STM", ["fixed", "yes", "perhaps", "argued", "so"])
