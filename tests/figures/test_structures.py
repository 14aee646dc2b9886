"""Loops through points and graphs with weights: what is drawn, and in which style."""

import matplotlib.pyplot as plt
import pytest
import torch

from memlib.figures.structures import STYLES, draw_loops, draw_weights

POINTS = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
EDGES = ((0, 1, 2.4), (1, 2, 3.6), (2, 3, 9.0), (3, 0, 1.0))


def test_each_loop_is_closed_and_in_its_style() -> None:
    fig, ax = plt.subplots()
    draw_loops(ax, POINTS, trivial=[0, 2, 1, 3], right=[0, 1, 2], answered=[])
    thin, strong, dots = ax.lines
    assert list(thin.get_xdata()) == [0, 1, 1, 0, 0]
    assert list(strong.get_ydata()) == [0, 0, 1, 0]
    assert (thin.get_linewidth(), strong.get_linewidth()) == (1, 2)
    assert (dots.get_linestyle(), len(dots.get_xdata())) == ("None", 4)
    plt.close(fig)


def test_an_unknown_style_is_explained() -> None:
    fig, ax = plt.subplots()
    with pytest.raises(ValueError, match="expected styles of trivial, right, answered; got best"):
        draw_loops(ax, POINTS, best=[0, 1])
    plt.close(fig)


@pytest.mark.parametrize(("chosen", "said"), [((), ["2", "4", "9", "1"]), (EDGES[:2], ["2", "4"])])
def test_weights_stand_at_their_edges(chosen: tuple[tuple[int, int, float], ...], said: list[str]) -> None:
    fig, ax = plt.subplots()
    draw_weights(ax, EDGES, POINTS, chosen)
    assert [text.get_text() for text in ax.texts] == said
    strong = [line for line in ax.lines if line.get_linewidth() == STYLES["right"]["linewidth"]]
    assert len([line for line in strong if line.get_linestyle() == "-"]) == len(chosen)
    assert ax.texts[0].get_position() == pytest.approx((0.38, 0))
    plt.close(fig)
