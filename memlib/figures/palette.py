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


ink = "#010203"  #: text, axes, outlines: becomes the colour of the page's own text
paper = "#fefefd"  #: halos and gaps: becomes the page's background

key = "#007a59"
value = "#8a5f00"
query = "#a3407c"
memory = "#1b1f24"
noise = "#6b6f76"
low = "#0072b2"  #: a negative number
high = "#c44f00"  #: a positive number
zero = "#e8eaee"  #: nothing: the neutral middle
neutral = soft = "#555b63"  #: secondary text, and lines that only help the eye
line = "#8a9099"  #: hairlines

COLOURS: dict[str, Colour] = {
    "key": Colour(key, "#2fc79b"),
    "value": Colour(value, "#f0b83c"),
    "query": Colour(query, "#e39ac6"),
    "memory": Colour(memory, "#f0f2f5"),
    "noise": Colour(noise, "#a3a9b3"),
    "low": Colour(low, "#56b4e9"),
    "high": Colour(high, "#ff8a4c"),
    "zero": Colour(zero, "#2c333d"),
    "soft": Colour(soft, "#b0b7c2"),
    "line": Colour(line, "#6f7885"),
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
    "key": Role(key, "k", ">", "solid"),
    "value": Role(value, "v", "o", (0, (7, 2))),
    "query": Role(query, "q", "D", (0, (4, 2, 1, 2))),
    "memory": Role(memory, "M", "s", "solid"),
    "noise": Role(noise, "ε", "^", (0, (2, 2))),
}

#: For several lines in one plot: each has its colour and its dashes.
series: tuple[tuple[str, Any], ...] = (
    (low, "solid"),
    (high, (0, (6, 2))),
    (key, (0, (2, 1.5))),
    (query, (0, (6, 2, 1.5, 2))),
    (value, (0, (9, 2))),
    (noise, (0, (1, 1.5))),
)
cycle = tuple(colour for colour, _ in series)  #: the colours alone

#: Numbers around zero. Zero is transparent, so that the page shows through: light or dark.
diverging = LinearSegmentedColormap.from_list(
    "memlib_diverging",
    [(0, (*to_rgb(low), 1.0)), (0.5, (*to_rgb(low), 0.0)), (0.5, (*to_rgb(high), 0.0)), (1, (*to_rgb(high), 1.0))],
)
#: Numbers from zero up.
sequential = LinearSegmentedColormap.from_list("memlib_sequential", [(*to_rgb(low), 0.0), (*to_rgb(low), 1.0)])

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
