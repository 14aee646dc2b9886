"""The errata of schlag2021 on its world of graphs: what the listing tests, and what it lets through.

Worked out here with loops, without the library's sampler tests; `book/errata.md` cites these tests by name.
"""

import itertools

import pytest
import torch

from memlib.tasks import graph_sampler


def ring(places: int) -> torch.Tensor:
    return torch.eye(places).double().roll(1, 1)


def squared(table: torch.Tensor) -> torch.Tensor:
    """As printed: squared as many times as there are places; only zero or not matters."""
    for _ in range(len(table)):
        table = ((table @ table) > 0).double()
    return table


def walked(table: torch.Tensor) -> torch.Tensor:
    """1 where a walk leads, staying included."""
    found = torch.eye(len(table)).double()
    for start in range(len(table)):
        waiting = [start]
        while waiting:
            here = waiting.pop()
            new = [j for j in range(len(table)) if table[here, j] and not found[start, j]]
            found[start, new] = 1
            waiting += new
    return found


@pytest.mark.parametrize("places", [2, 3, 4, 5, 7])
def test_listing1_rejects_rings_where_all_can_be_reached(places: int) -> None:
    assert walked(ring(places)).all()
    assert not squared(ring(places)).all()


def test_listing1_with_the_identity_tests_what_is_meant() -> None:
    generator = torch.Generator().manual_seed(0)
    seen = set()
    for _ in range(300):
        table = (torch.rand(5, 5, generator=generator) < 0.35).double().fill_diagonal_(0)
        mended = squared(table + torch.eye(5).double())
        assert torch.equal(mended, walked(table))
        seen.add((bool(mended.all()), bool(squared(table).all())))
    assert {(True, True), (False, False)} <= seen
    assert (False, True) not in seen


def test_listing1_lets_two_actions_lead_to_the_same_place() -> None:
    draw = graph_sampler.drawing(2)
    graphs = [graph_sampler.sample(draw) for _ in range(400)]
    twins = [
        any(a == b != place for place, row in enumerate(graph.tolist()) for a, b in itertools.combinations(row, 2))
        for graph in graphs
    ]
    assert 0.68 < sum(twins) / len(twins) < 0.84


def test_app_i_four_steps_reach_everything() -> None:
    """A shortest way passes no place twice; a ring needs all four."""
    within = [torch.linalg.matrix_power(ring(5) + torch.eye(5).double(), steps) > 0 for steps in (3, 4)]
    assert not within[0].all()
    assert within[1].all()
    draw = graph_sampler.drawing(3)
    assert max(int(graph_sampler.distances(graph_sampler.sample(draw)).max()) for _ in range(300)) == 4
