from pathlib import Path

import pytest
from matplotlib.colors import to_rgb

from memlib import figures
from memlib.figures import palette

PAGES = {"light": ("#ffffff",), "dark": ("#14181e", "#121212")}
TEXT = ("key", "value", "query", "memory", "noise", "soft", "ink", "low", "high")


def luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a: str, b: str) -> float:
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def seen_without_red_green(colour: str) -> tuple[float, float]:
    """Lightness and the blue-yellow axis: what is left to a reader who does not tell red from green."""
    red, green, blue = to_rgb(colour)
    return luminance(colour) ** (1 / 3), blue - (0.6 * green + 0.4 * red)


@pytest.mark.parametrize("theme", PAGES)
@pytest.mark.parametrize("name", TEXT)
def test_text_in_a_colour_can_be_read_on_its_page(name: str, theme: str) -> None:
    for page in PAGES[theme]:
        assert contrast(getattr(palette.COLOURS[name], theme), page) >= 4.5


@pytest.mark.parametrize("theme", PAGES)
def test_hairlines_are_seen_and_cells_at_full_strength_stand_out_from_zero(theme: str) -> None:
    colour = {name: getattr(pair, theme) for name, pair in palette.COLOURS.items()}
    assert contrast(colour["line"], PAGES[theme][0]) >= 3
    assert min(contrast(colour[name], colour["zero"]) for name in ("low", "high")) >= 3
    assert contrast(colour["soft"], colour["zero"]) >= 4.5
    assert contrast(colour["ink"], colour["zero"]) >= 7


@pytest.mark.parametrize("theme", PAGES)
def test_high_and_low_differ_without_red_and_green(theme: str) -> None:
    low, high = (seen_without_red_green(getattr(palette.COLOURS[name], theme)) for name in ("low", "high"))
    assert abs(low[1] - high[1]) > 0.5


def test_every_role_has_cues_beside_its_colour() -> None:
    roles = palette.ROLES.values()
    for cue in ("colour", "letter", "marker"):
        assert len({getattr(role, cue) for role in roles}) == len(palette.ROLES)
    assert len({str(dash) for _, dash in palette.series}) == len(palette.series)


def test_zero_is_transparent_and_the_ends_are_the_two_colours() -> None:
    assert palette.diverging(0.5)[3] < 0.01
    assert palette.diverging(0.0) == pytest.approx((*to_rgb(palette.low), 1.0))
    assert palette.diverging(1.0) == pytest.approx((*to_rgb(palette.high), 1.0))
    assert palette.diverging(0.75)[3] == pytest.approx(0.5, abs=0.02)


def test_a_role_draws_itself_and_an_unknown_one_is_named() -> None:
    assert palette.role("query", marker=True)["marker"] == "D"
    assert palette.role("key")["color"] == palette.key
    with pytest.raises(ValueError, match=r"one of key, value.*'valeu'"):
        palette.role("valeu")


def test_css_covers_every_theme_that_the_pages_use() -> None:
    css = palette.css_variables(".x", ("key",))
    for sign in ("data-theme=", "data-jp-theme-light=", "html[theme=", "prefers-color-scheme:dark"):
        assert sign in css
    assert css.count(palette.COLOURS["key"].dark) == 2
    assert "prefers" not in palette.css_variables(".x", system=False)


def test_the_authors_guide_names_every_colour() -> None:
    guide = (Path(__file__).resolve().parents[2] / "book" / "authors_guide.md").read_text(encoding="utf-8")
    for name, pair in palette.COLOURS.items():
        assert f"`{name}`" in guide
        if name not in ("ink", "paper"):
            assert f"`{pair.light}`" in guide
            assert f"`{pair.dark}`" in guide
            assert getattr(palette, name) == pair.light


def test_the_authors_guide_names_every_interactive_figure() -> None:
    guide = (Path(__file__).resolve().parents[2] / "book" / "authors_guide.md").read_text(encoding="utf-8")
    assert [name for name in dir(figures) if name.endswith("Widget") and f"    {name},\n" not in guide] == []
