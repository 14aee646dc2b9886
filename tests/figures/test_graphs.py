"""The pictures of families and graphs hold everybody, and the path alone is strong."""

import matplotlib.pyplot as plt
import pytest

from memlib.figures import palette
from memlib.figures.graphs import family_picture, graph_picture


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def drawn(fig):
    names = [text for text in fig.axes[0].texts if text.get_text()]
    strong = [text for text in fig.axes[0].texts if not text.get_text() and text.arrow_patch.get_linewidth() > 2]
    return names, strong


def test_a_family():
    parents = {"Anne": ("Jane", "Eric"), "Tom": ("Jane", "Eric"), "Jane": ("Clara", "Ian")}
    places = {"Anne": (0, 0), "Tom": (2, 0), "Jane": (0, 1), "Eric": (2, 1), "Clara": (0, 2), "Ian": (1, 2)}
    names, strong = drawn(family_picture(parents, places, ["Anne", "Jane", "Ian"]))
    assert {name.get_text() for name in names} == set(places)
    assert {name.get_text() for name in names if name.get_weight() == "bold"} == {"Anne", "Jane", "Ian"}
    assert [(arrow.xyann, arrow.xy) for arrow in strong] == [((0, 0), (0, 1)), ((0, 1), (1, 2))]


def test_a_graph():
    edges = [(1, "a", 2), (2, "b", 3), (1, "c", 3)]
    fig = graph_picture(edges, {1: (0, 0), 2: (1, 0), 3: (1, 1)}, edges[:2])
    names, strong = drawn(fig)
    assert [name.get_text() for name in names] == ["1", "2", "3"]
    assert len(strong) == 2
    assert all(arrow.arrow_patch.get_edgecolor()[:3] == pytest.approx(_rgb(palette.high)) for arrow in strong)


def _rgb(colour):
    from matplotlib.colors import to_rgb

    return to_rgb(colour)
