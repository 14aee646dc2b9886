"""Vectors and matrices as cells, in matplotlib: the same grammar as in the widgets."""

from numbers import Real

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from memlib.figures import palette


def _table(numbers: ArrayLike) -> NDArray[np.float64]:
    """The numbers as rows and columns, checked."""
    expected = "draw_cells: expected finite numbers [columns] or [rows, columns]"
    try:
        table = np.asarray(numbers)
    except ValueError:
        raise ValueError(f"{expected}, got rows of different lengths.") from None
    if table.dtype.kind == "c":
        raise TypeError(f"{expected}, got complex ones: draw their real part, angle or modulus.")
    if table.dtype.kind not in "biuf":
        raise TypeError(f"{expected}, got {numbers!r}.")
    table = table[None] if table.ndim == 1 else table
    if table.ndim != 2 or table.size == 0:
        raise ValueError(f"{expected}, got shape {table.shape}.")
    if wrong := int(np.sum(~np.isfinite(table))):
        raise ValueError(f"{expected}, got NaN or infinity in {wrong} of {table.size} cells.")
    return table.astype(float)


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
        TypeError: ax is no axes, or numbers or largest are no real numbers.
        ValueError: numbers have another shape or hold NaN or infinity, or largest is not above 0.
    """
    if not isinstance(ax, Axes):
        raise TypeError(f"draw_cells: expected matplotlib axes first (plt.subplots()[1]), got {type(ax)}.")
    table = _table(numbers)
    if largest is not None and not isinstance(largest, Real):
        raise TypeError(f"draw_cells: expected largest as a number > 0, got {largest!r}.")
    full = float(np.abs(table).max()) or 1.0 if largest is None else float(largest)
    if not 0 < full < np.inf:
        raise ValueError(f"draw_cells: expected a finite largest > 0, got {largest}.")
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
