"""Turn a matplotlib figure into SVG that lives in the page: its text takes the page's colour, light or dark."""

import hashlib
import io
import re
from html import escape

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from memlib.figures import palette

SHORTEST_ALT = 15
_PIXELS_PER_POINT = 4 / 3
_STYLE = re.compile(r'style="([^"]*)"')
_ID = re.compile(r'\bid="([^"]+)"')


class InlineFigure:
    """A drawn figure: a notebook, a page and Colab show it as inline SVG. See `show`."""

    def __init__(self, svg: str, alt: str) -> None:
        self.svg = svg
        self.alt = alt

    def _repr_html_(self) -> str:
        names = tuple(name for name in palette.COLOURS if f"var(--ml-{name}," in self.svg)
        variables = palette.css_variables(".ml-plot", names, system=False).replace("\n", "") if names else ""
        style = f"<style>{variables}</style>" if variables else ""
        return f'<div class="ml-plot">{style}{self.svg}</div>'

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"


def show(fig: Figure, alt: str = "", *, name: str = "") -> InlineFigure:
    """Draw a figure into the page as SVG that follows light and dark, and close it. Make it a cell's last line.

    Black and `palette.ink` become the page's text colour, white and `palette.paper` its background, the palette's other
    colours their twins for light and dark. Letters are drawn as paths, so no font is needed. The same figure gives the
    same bytes.

    Args:
        fig: a matplotlib figure.
        alt: what the figure shows, in words, for those who do not see it: a sentence with its message.
        name: needed only where a page shows the very same figure twice: tells their ids apart.

    Returns:
        An object that Jupyter, Colab and the book display.

    Raises:
        TypeError: fig is no matplotlib figure, or alt no text.
        ValueError: alt is missing or too short to say anything.
    """
    if not isinstance(fig, Figure):
        raise TypeError(f"show: expected a matplotlib Figure (plt.subplots()[0], or ax.figure), got {type(fig)}.")
    if not isinstance(alt, str):
        raise TypeError(f"show: expected alt as a sentence that says what the figure shows, got {alt!r}.")
    alt = " ".join(alt.split())
    if len(alt) < SHORTEST_ALT:
        raise ValueError(
            f"show: alt is {alt!r}; expected a sentence of at least {SHORTEST_ALT} characters that says what the "
            'figure shows, for example show(fig, alt="Error grows with the number of stored patterns").'
        )
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "memlib", "svg.image_inline": True}):
        fig.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(fig)
    return InlineFigure(_inline(buffer.getvalue(), alt, name), alt)


def _inline(drawing: str, alt: str, name: str) -> str:
    """Cut the SVG out of its file, colour it, and make its ids its own."""
    head = re.search(r'<svg\b[^>]*viewBox="([^"]+)"[^>]*>', drawing)
    if head is None:
        raise ValueError("show: matplotlib wrote no SVG that can be read; expected an <svg> with a viewBox.")
    body = drawing[head.end() : drawing.rindex("</svg>")]
    body = re.sub(
        r"<metadata>.*?</metadata>|<!--.*?-->|<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", body, flags=re.S
    )
    body = body.replace("xlink:href", "href")
    body = _STYLE.sub(lambda match: f'style="{_recolour(match[1])}"', body)
    mark = hashlib.sha256(f"{name}\n{alt}\n{body}".encode()).hexdigest()[:10]
    ids = set(_ID.findall(body))
    body = re.sub(
        r'(\bid="|href="#|url\(#)([^")]+)',
        lambda match: match[1] + (f"ml{mark}-{match[2]}" if match[2] in ids else match[2]),
        body,
    )
    tight = re.sub(r">\s+<", "><", body.strip())
    width = round(float(head[1].split()[2]) * _PIXELS_PER_POINT)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{head[1]}" role="img" aria-label="{escape(alt)}" '
        f'fill="currentColor" stroke-linejoin="round" stroke-linecap="butt" '
        f'style="width:100%;max-width:{width}px;height:auto;display:block;margin:0 auto;background:transparent">'
        f"{tight}</svg>"
    )


def _recolour(style: str) -> str:
    for name, colour in palette.COLOURS.items():
        if name not in ("ink", "paper"):
            style = style.replace(colour.light, f"var(--ml-{name}, {colour.light})")
    page = "var(--pst-color-background, var(--jp-layout-color0, Canvas))"
    style = re.sub(rf"({palette.paper}|#ffffff)\b", page, style)
    return re.sub(rf"({palette.ink}|#000000)\b", "currentColor", style)
