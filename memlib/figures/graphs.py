"""Still pictures of a family and of a graph, each with one path through it."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt

from memlib.figures import palette

Places = Mapping[Any, tuple[float, float]]


def family_picture(parents: Mapping[str, tuple[str, str]], places: Places, path: Sequence[str]) -> Any:
    """Draw a family: couples joined by a line, children hanging from its middle, a path of arrows over it.

    Args:
        parents: from a child to mother and father, as `memlib.tasks.family_tree.Family` has it.
        places: (x, y) of everybody who is drawn.
        path: who the arrows lead from and to.

    Returns:
        The figure.
    """
    fig, ax = plt.subplots(figsize=(5.2, 3.0))
    for mother, father in dict.fromkeys(parents.values()):
        (x, y), (u, _) = places[mother], places[father]
        ax.plot([x, u], [y, y], color=palette.line, linestyle="solid")
        for child in (one for one, both in parents.items() if both == (mother, father)):
            (a, b), middle = places[child], (x + u) / 2
            ax.plot([middle, middle, a, a], [y, y - 0.5, y - 0.5, b], color=palette.line, linestyle="solid")
    for one, other in itertools.pairwise(path):
        _arrow(ax, places[one], places[other], strong=True)
    plain = {"facecolor": palette.paper, "edgecolor": "none", "pad": 1.5}
    for name, (x, y) in places.items():
        weight = "bold" if name in path else "normal"
        ax.text(x, y, name, ha="center", va="center", weight=weight, bbox=plain)
    _fit(ax, places, (0.6, 0.35))
    return fig


def graph_picture(edges: Collection[tuple[Any, Any, Any]], places: Places, path: Collection[Any]) -> Any:
    """Draw a directed graph, the edges of a path strong.

    Args:
        edges: (from, name, to).
        places: (x, y) of each node.
        path: those of the edges that are strong.

    Returns:
        The figure.
    """
    fig, ax = plt.subplots(figsize=(5.2, 3.6))
    for edge in edges:
        _arrow(ax, places[edge[0]], places[edge[2]], strong=edge in path, bend=0.14)
    ring = {"boxstyle": "circle", "facecolor": palette.paper, "edgecolor": palette.ink}
    for node, (x, y) in places.items():
        ax.text(x, y, str(node), ha="center", va="center", weight="bold", bbox=ring)
    _fit(ax, places, (0.1, 0.1))
    return fig


def _arrow(ax: Any, start: tuple[float, float], end: tuple[float, float], *, strong: bool, bend: float = 0.0) -> None:
    look = {
        "arrowstyle": "->",
        "color": palette.high if strong else palette.line,
        "lw": 2.4 if strong else 1.1,
        "shrinkA": 12,
        "shrinkB": 12,
        "connectionstyle": f"arc3,rad={bend}",
    }
    ax.annotate("", end, start, arrowprops=look)


def _fit(ax: Any, places: Places, margin: tuple[float, float]) -> None:
    xs, ys = zip(*places.values(), strict=True)
    ax.set(xlim=(min(xs) - margin[0], max(xs) + margin[0]), ylim=(min(ys) - margin[1], max(ys) + margin[1]))
    ax.axis("off")
