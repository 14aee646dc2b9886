"""The figure on halting: its numbers are memlib's, its words say what happened."""

from typing import Any

import pytest
import torch
from torch import Tensor

from memlib.mechanisms.halting import chance_weights, halting_weights, ponder_cost, ponder_gradient
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import HaltingWidget

STATES = [
    [0.1, 0.3, 0.5, 0.8, 0.4, 0.6],
    [1.0, 0.5, 0.5, 0.5, 0.5, 0.5],
    [0.05, 0.1, 0.0, 0.2, 0.1, 0.3],
    [0.5, 0.45, 0.05, 0.9, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
]


def double(numbers: Any) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


@pytest.mark.parametrize("given", STATES)
def test_a_spent_budget_is_memlibs(node: Node, given: list[float]) -> None:
    found = node("halting", "budget(h, 0.01)", h=given)
    weights, steps, remainder = halting_weights(double(given), 0.01)
    assert found["steps"] == steps.item()
    torch.testing.assert_close(double(found["weights"]), weights)
    assert found["remainder"] == pytest.approx(remainder.item())
    assert found["cost"] == pytest.approx(ponder_cost(steps, remainder).item())
    assert found["gradient"] == ponder_gradient(double(given), 0.01).tolist()


@pytest.mark.parametrize("given", STATES)
def test_chances_are_memlibs_and_their_gradient_is_autograds(node: Node, given: list[float]) -> None:
    found = node("halting", "chance(h)", h=given)
    h = double(given).requires_grad_()
    weights = chance_weights(h)
    average = (weights * torch.arange(1, 7)).sum()
    torch.testing.assert_close(double(found["weights"]), weights.detach())
    assert found["cost"] == pytest.approx(average.item())
    torch.testing.assert_close(double(found["gradient"]), torch.autograd.grad(average, h)[0])


@pytest.mark.parametrize("rule", ["budget", "chance"])
@pytest.mark.parametrize("given", STATES)
def test_the_words_say_what_happened(node: Node, given: list[float], rule: str) -> None:
    said, lead, question = node(
        "halting", "[sentence(state), ...questionFor(state)]", state={"rule": rule, "h": given, "epsilon": 0.01}
    )
    assert lead.startswith("Before you ")
    assert question.endswith("?")
    assert not any(word in said + lead + question for word in ("undefined", "NaN"))
    if rule == "budget":
        steps = halting_weights(double(given), 0.01)[1].item()
        assert f"after {'one step' if steps == 1 else f'{steps} steps'}" in said


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"chances": [0.5] * 5}, "expected 6 chances from 0 to 1"),
        ({"chances": [0.5] * 5 + [1.5]}, "expected 6 chances"),
        ({"rule": "luck"}, "rule of budget, chance; got 'luck'"),
    ],
)
def test_wrong_arguments_are_explained(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        HaltingWidget(**given)
