"""Matplotlib figures for pages that may be light or dark."""

from cycler import cycler
from matplotlib import rcParams

from memlib.figures import palette


def use_style() -> None:
    """Set matplotlib up for `show`: the book's colours, thin axes, no frame, room for the labels.

    Widths are meant for a text column: a figure is 6.4 inches wide (614 pixels on the page) by default.
    """
    rcParams.update(
        {
            "figure.figsize": (6.4, 3.4),
            "figure.facecolor": "none",
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "none",
            "axes.facecolor": "none",
            "axes.edgecolor": palette.ink,
            "axes.labelcolor": palette.ink,
            "axes.titlecolor": palette.ink,
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
            "axes.labelsize": 11,
            "axes.linewidth": 0.8,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": cycler(color=[colour for colour, _ in palette.series])
            + cycler(linestyle=[dash for _, dash in palette.series]),
            "font.size": 11,
            "text.color": palette.ink,
            "xtick.color": palette.ink,
            "ytick.color": palette.ink,
            "xtick.labelsize": 10,
            "ytick.labelsize": 10,
            "grid.color": palette.ink,
            "grid.alpha": 0.15,
            "grid.linewidth": 0.8,
            "lines.linewidth": 2.0,
            "lines.markersize": 6,
            "patch.edgecolor": palette.ink,
            "hatch.color": palette.ink,
            "legend.frameon": False,
            "boxplot.flierprops.color": palette.ink,
            "image.cmap": "viridis",
        }
    )
