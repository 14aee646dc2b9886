"""Still pictures of what a model may be asked to build: loops through points, and a graph whose edges have weights."""

from collections.abc import Collection, Sequence
from typing import Any

from matplotlib.axes import Axes
from torch import Tensor

from memlib.figures import palette

Edge = tuple[int, int, float]
STYLES: dict[str, dict[str, Any]] = {
    "trivial": {"color": palette.line, "linestyle": "solid", "linewidth": 1},
    "right": {"color": palette.memory, "linestyle": "solid", "linewidth": 2},
    "answered": {"color": palette.query, "linestyle": ":", "linewidth": 3},
}


def draw_loops(ax: Axes, points: Tensor, **loops: Sequence[int]) -> None:
    """Points, and closed ways through some of them, each in its style.

    Args:
        ax: axes of their own; ticks and frame go.
        points: [points, 2].
        loops: under ``trivial`` (thin), ``right`` (strong) and ``answered`` (dotted): places of points in order. An
            empty one is left out.

    Raises:
        ValueError: there is no such style.
    """
    _known(loops)
    for style, order in loops.items():
        if len(order):
            line = points[[*order, order[0]]].tolist()
            ax.plot([x for x, _ in line], [y for _, y in line], **STYLES[style])
    ax.plot(points[:, 0].tolist(), points[:, 1].tolist(), "o", color=palette.ink, markersize=4)
    _bare(ax)


def draw_weights(ax: Axes, edges: Collection[Edge], places: Tensor, chosen: Collection[Edge] = ()) -> None:
    """A graph without directions; each edge with its weight, or only the chosen ones, which are strong.

    Args:
        ax: axes of their own; ticks and frame go.
        edges: two nodes and a weight.
        places: of each node, [nodes, 2].
        chosen: some of the edges.
    """
    box = {"facecolor": palette.paper, "edgecolor": "none", "pad": 1}
    for edge in edges:
        (x, y), (u, v) = places[list(edge[:2])].tolist()
        ax.plot([x, u], [y, v], **STYLES["right" if edge in chosen else "trivial"])
        if not chosen or edge in chosen:
            where = 0.62 * x + 0.38 * u, 0.62 * y + 0.38 * v
            ax.text(*where, f"{edge[2]:.0f}", ha="center", va="center", bbox=box, fontsize=10)
    ax.plot(places[:, 0].tolist(), places[:, 1].tolist(), "o", color=palette.ink, markersize=5)
    _bare(ax)


def _known(loops: Collection[str]) -> None:
    unknown = sorted(set(loops) - set(STYLES))
    if unknown:
        raise ValueError(f"draw_loops: expected styles of {', '.join(STYLES)}; got {', '.join(unknown)}.")


def _bare(ax: Axes) -> None:
    ax.set(aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
