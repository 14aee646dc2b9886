"""A hop as a cell: against loops over facts, with few touched slots, and inside adaptive computation time."""

import math

import pytest
import torch

from memlib.models.act import ACT, ACTConfig
from memlib.models.hop_cell import HopCell
from memlib.tasks.chains import Chains

TASK = Chains(5, (0, 3))


def network(touched=None, **options):
    torch.manual_seed(0)
    return ACT(HopCell(5, 6, touched), 12, 5, ACTConfig(**options)).double()


def drawn(batch=6):
    return TASK.draw(batch, torch.Generator().manual_seed(1)).inputs.double()


def plain(cell, row, hops, touched):
    """One row: hop after hop, slot by slot; the features of each."""
    facts = [fact.tolist() for fact in row[: 5 * 11].view(5, 11)]
    start = row[5 * 11 :].tolist().index(1)
    keys = [cell.keys.weight[:, fact[:5].index(1)] for fact in facts]
    values = [cell.values.weight[:, fact[5:].index(1)] for fact in facts]
    question, made = cell.asked.weight[:, start], []
    for _ in range(hops):
        scores = [float((question @ key).detach()) for key in keys]
        kept = sorted(range(5), key=lambda i: -scores[i])[:touched]
        total = sum(math.exp(scores[i]) for i in kept)
        found = sum(math.exp(scores[i]) / total * values[i] for i in kept)
        made.append(torch.cat([question, found]))
        question = cell.onward.weight @ question + found
    return made


@pytest.mark.parametrize("touched", [None, 1, 3])
def test_hops_equal_plain_loops(touched) -> None:
    given = drawn()
    for hops in (1, 2, 4):
        model = network(touched, fixed=hops)
        expected = torch.stack([model.output(plain(model.cell, row[0], hops, touched)[-1]) for row in given])
        torch.testing.assert_close(model(given)[0][:, 0], expected, rtol=1e-12, atol=1e-12)


def test_the_number_of_hops_is_a_rows_own_and_its_answer_their_mean() -> None:
    model, given = network(maximum=6, halting_bias=-1.0), drawn(30)
    torch.nn.init.normal_(model.halting.weight)
    thought = model.ponder(given)
    assert thought.steps.unique().numel() > 2
    for row in range(5):
        hops = int(thought.steps[row, 0])
        made = [model.output(one) for one in plain(model.cell, given[row, 0], hops, None)]
        mean = sum(w * one for w, one in zip(thought.weights[row, 0, :hops], made, strict=True))
        torch.testing.assert_close(thought.outputs[row, 0], mean, rtol=1e-10, atol=1e-10)


def test_touching_all_slots_is_touching_as_many_as_there_are() -> None:
    given = drawn()
    assert torch.equal(network(None, fixed=2)(given)[0], network(5, fixed=2)(given)[0])


def test_wrong_numbers_are_named() -> None:
    with pytest.raises(ValueError, match="at least 1, got 5, 6 and 0"):
        HopCell(5, 6, 0)
