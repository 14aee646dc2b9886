import re
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from memlib.figures import draw_cells, palette, show, use_style

ALT = "Error against the number of patterns"


@pytest.fixture(autouse=True)
def style():
    with mpl.rc_context():
        use_style()
        yield
        plt.close("all")


def drawing(seed: int = 1) -> Figure:
    fig, ax = plt.subplots()
    ax.plot(np.random.default_rng(seed).normal(size=12), **palette.role("key"))
    ax.scatter([1, 2], [0.3, 0.4], color="black")
    ax.set(xlabel="items", title="error $k_i$")
    ax.grid(True)
    return fig


def test_the_text_follows_the_page_and_nothing_is_black_or_white() -> None:
    svg = show(drawing(), alt=ALT).svg
    assert "currentColor" in svg
    assert f"var(--ml-key, {palette.key})" in svg
    for colour in (palette.ink, palette.paper, "#000000", "#ffffff"):
        assert colour not in svg


def test_it_is_an_image_with_a_name_that_fits_its_column() -> None:
    root = ElementTree.fromstring(show(drawing(), alt='An "error" &\n grows <fast>').svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'An "error" & grows <fast>'
    assert "width:100%" in root.get("style", "")
    assert "max-width:614px" in root.get("style", "")
    assert "height:auto" in root.get("style", "")
    assert "transparent" in root.get("style", "")
    assert "width" not in root.keys() and "height" not in root.keys()  # noqa: SIM118, PT018


def test_no_font_no_address_no_rule_for_the_whole_page() -> None:
    html = show(drawing(), alt=ALT)._repr_html_()
    assert "<text" not in html
    assert "font" not in html
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", html) == []
    assert "*{" not in html
    assert set(re.findall(r"\.[a-z-]+(?=\{)", html)) == {".ml-plot"}


def test_the_same_figure_gives_the_same_bytes_and_is_closed() -> None:
    fig = drawing()
    first = show(fig, alt=ALT)._repr_html_()
    assert not plt.fignum_exists(fig.number)
    assert show(drawing(), alt=ALT)._repr_html_() == first


def ids(svg: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', svg))


def test_ids_are_its_own_and_every_reference_finds_its_target() -> None:
    shown = [show(drawing(), alt=ALT), show(drawing(), alt=ALT, name="again"), show(drawing(2), alt=ALT)]
    for i, one in enumerate(shown):
        found = re.findall(r'\bid="([^"]+)"', one.svg)
        assert len(found) == len(set(found)) > 5
        wanted = set(re.findall(r'(?:href="|url\()#([^")]+)', one.svg))
        assert wanted
        assert wanted <= ids(one.svg)
        assert all(not ids(one.svg) & ids(other.svg) for other in shown[:i])


@pytest.mark.parametrize("alt", ["", "  ", "A plot."])
def test_a_figure_without_words_is_refused(alt: str) -> None:
    with pytest.raises(ValueError, match="a sentence of at least 15 characters"):
        show(drawing(), alt=alt)


def test_axes_are_no_figure() -> None:
    with pytest.raises(TypeError, match=r"expected a matplotlib Figure.*ax\.figure"):
        show(drawing().axes[0], alt=ALT)  # type: ignore[arg-type]


def test_words_are_text() -> None:
    with pytest.raises(TypeError, match=r"expected alt as a sentence.*got 3"):
        show(drawing(), alt=3)  # type: ignore[arg-type]


def test_plain_text_says_what_it_shows() -> None:
    assert repr(show(drawing(), alt=ALT)) == f"Figure: {ALT}"


def test_an_image_keeps_its_transparent_zero() -> None:
    fig, ax = plt.subplots()
    ax.imshow(np.random.default_rng(0).normal(size=(3, 4)), cmap=palette.diverging, vmin=-2, vmax=2)
    assert "data:image/png;base64" in show(fig, alt="A table of random numbers").svg


def test_cells_follow_the_page_and_mark_the_negative_ones() -> None:
    fig, ax = plt.subplots()
    draw_cells(ax, [[0.5, -2.0, 0.0], [1.0, -0.7, 2.0]])
    assert len(ax.lines) == 2
    svg = show(fig, alt="Two rows of three cells").svg
    assert svg.count("var(--ml-zero,") == 6
    assert svg.count("var(--ml-low,") == 2
    assert svg.count("var(--ml-high,") == 3


@pytest.mark.parametrize("numbers", [[], 3.0, [[1.0, float("nan")]], np.ones((2, 2, 2))])
def test_cells_refuse_what_is_no_table(numbers: object) -> None:
    with pytest.raises(ValueError, match="expected finite numbers"):
        draw_cells(plt.subplots()[1], numbers)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="largest > 0"):
        draw_cells(plt.subplots()[1], [1.0], largest=0)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([1j, 2.0], "got complex ones"),
        (["a", "b"], "got \\['a', 'b'\\]"),
        ("abc", "got 'abc'"),
        ([None], "got \\[None\\]"),
    ],
)
def test_cells_want_real_numbers(numbers: Any, said: str) -> None:
    with pytest.raises(TypeError, match=f"expected finite numbers.*{said}"):
        draw_cells(plt.subplots()[1], numbers)


def test_cells_say_what_the_trouble_is() -> None:
    ax = plt.subplots()[1]
    with pytest.raises(ValueError, match="NaN or infinity in 2 of 4 cells"):
        draw_cells(ax, [[1.0, float("nan")], [float("inf"), 2.0]])
    with pytest.raises(ValueError, match="rows of different lengths"):
        draw_cells(ax, [[1.0, 2.0], [3.0]])
    with pytest.raises(TypeError, match="expected matplotlib axes first"):
        draw_cells(ax.figure, [1.0])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected largest as a number > 0, got '2'"):
        draw_cells(ax, [1.0], largest="2")  # type: ignore[arg-type]
    for wrong in (float("nan"), float("inf"), -1.0):
        with pytest.raises(ValueError, match="expected a finite largest > 0"):
            draw_cells(ax, [1.0], largest=wrong)
