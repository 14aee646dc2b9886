"""The colours of the book, once for matplotlib, for inline SVG and for the widgets.

Each colour has a twin for dark pages. A matplotlib figure is drawn in the light one; `memlib.figures.show` then
replaces it by a CSS variable, so that the figure follows the page. Text in any of them has a contrast of at least
4.5 : 1 on the page it is drawn on. The hues follow Okabe and Ito, darkened or lightened for that contrast.
"""

from typing import Any, NamedTuple

from matplotlib.colors import LinearSegmentedColormap, to_rgb


class Colour(NamedTuple):
    """One colour on a light and on a dark page."""

    light: str
    dark: str


INK = "#010203"  #: text, axes, outlines: becomes the colour of the page's own text
PAPER = "#fefefd"  #: halos and gaps: becomes the page's background

KEY = "#007a59"
VALUE = "#8a5f00"
QUERY = "#a3407c"
MEMORY = "#1b1f24"
NOISE = "#6b6f76"
LOW = "#0072b2"  #: a negative number
HIGH = "#c44f00"  #: a positive number
ZERO = "#e8eaee"  #: nothing: the neutral middle
SOFT = "#555b63"  #: secondary text
LINE = "#8a9099"  #: hairlines

COLOURS: dict[str, Colour] = {
    "key": Colour(KEY, "#2fc79b"),
    "value": Colour(VALUE, "#f0b83c"),
    "query": Colour(QUERY, "#e39ac6"),
    "memory": Colour(MEMORY, "#f0f2f5"),
    "noise": Colour(NOISE, "#a3a9b3"),
    "low": Colour(LOW, "#56b4e9"),
    "high": Colour(HIGH, "#ff8a4c"),
    "zero": Colour(ZERO, "#2c333d"),
    "soft": Colour(SOFT, "#b0b7c2"),
    "line": Colour(LINE, "#6f7885"),
    "ink": Colour("#1b1f24", "#f0f2f5"),
    "paper": Colour("#ffffff", "#14181e"),
}


class Role(NamedTuple):
    """How one role looks: its colour, and cues that do not need colour."""

    colour: str
    letter: str
    marker: str
    dash: Any


ROLES: dict[str, Role] = {
    "key": Role(KEY, "k", ">", "solid"),
    "value": Role(VALUE, "v", "o", (0, (7, 2))),
    "query": Role(QUERY, "q", "D", (0, (4, 2, 1, 2))),
    "memory": Role(MEMORY, "M", "s", "solid"),
    "noise": Role(NOISE, "ε", "^", (0, (2, 2))),
}

#: For several lines in one plot: each has its colour and its dashes.
SERIES: tuple[tuple[str, Any], ...] = (
    (LOW, "solid"),
    (HIGH, (0, (6, 2))),
    (KEY, (0, (2, 1.5))),
    (QUERY, (0, (6, 2, 1.5, 2))),
    (VALUE, (0, (9, 2))),
    (NOISE, (0, (1, 1.5))),
)

#: Numbers around zero. Zero is transparent, so that the page shows through: light or dark.
DIVERGING = LinearSegmentedColormap.from_list(
    "memlib_diverging", [(*to_rgb(LOW), 1.0), (*to_rgb(LOW), 0.0), (*to_rgb(HIGH), 0.0), (*to_rgb(HIGH), 1.0)]
)
#: Numbers from zero up.
SEQUENTIAL = LinearSegmentedColormap.from_list("memlib_sequential", [(*to_rgb(LOW), 0.0), (*to_rgb(LOW), 1.0)])

#: What says that a page is dark: pydata's theme, JupyterLab, Colab, VS Code.
_DARK = (
    'html[data-theme="dark"]',
    'body[data-jp-theme-light="false"]',
    'html[theme="dark"]',
    "body.vscode-dark",
)
_UNSAID = "html:not([data-theme]):not([theme]) body:not([data-jp-theme-light]):not(.vscode-light)"


def role(name: str, *, marker: bool = False) -> dict[str, Any]:
    """Keyword arguments for ``plt.plot`` that draw a line in a role's colour and dashes.

    Args:
        name: ``key``, ``value``, ``query``, ``memory`` or ``noise``.
        marker: also give the role's marker.

    Raises:
        ValueError: there is no such role.
    """
    if name not in ROLES:
        raise ValueError(f"role: expected one of {', '.join(ROLES)}; got {name!r}.")
    look = ROLES[name]
    arguments = {"color": look.colour, "linestyle": look.dash}
    return {**arguments, "marker": look.marker} if marker else arguments


def css_variables(selector: str, names: tuple[str, ...] = tuple(COLOURS), *, system: bool = True) -> str:
    """The colours as CSS custom properties ``--ml-<name>`` on a selector, with their dark twins.

    Args:
        selector: a class such as ``.ml-fig``.
        names: the colours wanted.
        system: where the page says nothing of its theme, follow the reader's system.
    """
    light = "".join(f"--ml-{name}:{COLOURS[name].light};" for name in names)
    dark = "".join(f"--ml-{name}:{COLOURS[name].dark};" for name in names)
    rules = [f"{selector}{{{light}}}", ",".join(f"{page} {selector}" for page in _DARK) + f"{{{dark}}}"]
    if system:
        rules.append(f"@media (prefers-color-scheme:dark){{{_UNSAID} {selector}{{{dark}}}}}")
    return "\n".join(rules)
