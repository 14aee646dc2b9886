"""Vectors and matrices as cells, in matplotlib: the same grammar as in the widgets."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from memlib.figures import palette


def draw_cells(ax: Axes, numbers: ArrayLike, *, largest: float | None = None) -> None:
    """Draw a vector (a row of cells) or a matrix (rows of cells) into axes of its own.

    Orange is positive, blue with a dash negative, grey zero; the stronger the colour, the larger the number. With
    `show`, the colours follow light and dark pages, which an image (``imshow``) cannot.

    Args:
        ax: axes that hold nothing else; ticks and frame go.
        numbers: [columns] or [rows, columns], finite real numbers; a tensor on the CPU will do.
        largest: the size drawn in full colour; the largest of the numbers when None. Give panels that are to be
            compared the same one.

    Raises:
        ValueError: numbers have another shape or hold NaN or infinity, or largest is not above 0.
    """
    table = np.asarray(numbers, dtype=float)
    table = table[None] if table.ndim == 1 else table
    if table.ndim != 2 or table.size == 0 or not np.isfinite(table).all():
        raise ValueError(f"draw_cells: expected finite numbers [columns] or [rows, columns], got shape {table.shape}.")
    full = float(np.abs(table).max()) or 1.0 if largest is None else largest
    if not full > 0:
        raise ValueError(f"draw_cells: expected largest > 0, got {largest}.")
    rows, columns = table.shape
    for (i, j), number in np.ndenumerate(table):
        strength = min(1.0, abs(number) / full) ** 0.75
        colour = to_rgba(palette.low if number < 0 else palette.high, strength)
        ax.add_patch(Rectangle((j, i), 1, 1, facecolor=palette.zero, edgecolor="none"))
        ax.add_patch(Rectangle((j, i), 1, 1, facecolor=colour, edgecolor=palette.paper, linewidth=1))
        if number < 0 and strength > 0.15:
            ax.plot([j + 0.36, j + 0.64], [i + 0.5, i + 0.5], color=palette.ink, linewidth=1.2, linestyle="solid")
    ax.set(xlim=(-0.05, columns + 0.05), ylim=(rows + 0.05, -0.05), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
