"""Figures for the book and its notebooks: matplotlib drawn into the page, and widgets that need no kernel.

The widgets need the extra ``memlib[widgets]``; everything else here works without it.
"""

from importlib import import_module
from typing import Any

from memlib.figures import palette
from memlib.figures.cells import draw_cells
from memlib.figures.inline_svg import InlineFigure, show
from memlib.figures.style import use_style

_WIDGETS = {
    "AddressingWidget": "addressing",
    "AllocationWidget": "allocation",
    "AlignmentWidget": "alignment",
    "ChainedReadsWidget": "chained_reads",
    "CrosstalkWidget": "crosstalk",
    "DualMemoryWidget": "dual_memory",
    "ForkWidget": "fork",
    "HaltingWidget": "halting",
    "HolographicWidget": "holographic",
    "HopsWidget": "hops",
    "NavigationWidget": "navigation",
    "NoticingWidget": "noticing",
    "OverwriteWidget": "overwrite",
    "ProgramsWidget": "programs",
    "StoryWidget": "story",
    "TapeWidget": "tape",
    "TwoMemoriesWidget": "two_memories",
    "WordLossesWidget": "word_losses",
}

# Not the widgets: a star import must work without their extra.
__all__ = ["InlineFigure", "draw_cells", "palette", "show", "use_style"]


def __dir__() -> list[str]:
    return sorted([*__all__, *_WIDGETS])


def __getattr__(name: str) -> Any:
    if name not in _WIDGETS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_WIDGETS[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name not in ("anywidget", "ipywidgets", "traitlets"):
            raise
        raise ImportError(f'{name} needs the widgets extra: pip install "memlib[widgets]"') from error
