"""The checks themselves: each finds what is wrong on a page made to be wrong, and leaves a good page alone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import page_checks
import pytest
from opening import open_page

GOOD = """
  <p>Words.</p><img alt="A grey square" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="20" height="20">
  <svg role="img" aria-label="A line that rises" width="20" height="20"><path d="M0,20L20,0"/></svg>
  <figure id="fig-a"><figcaption>A caption</figcaption></figure>
  <div class="scroll" tabindex="0" style="overflow-x:auto">
    <table><tr><td style="min-width:600px">wide</td></tr></table></div>
  <div class="math" style="display:flex">
    <mjx-container display="true" style="display:block;flex:1;min-width:0;overflow-x:auto">
    <mjx-math style="display:inline-block;width:200px">x</mjx-math></mjx-container><span class="eqno">(1.1)</span></div>
"""
PAGE = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>T</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>body {{ margin: 0 }}</style></head>
<body><main><article class="bd-article"><h1>T</h1>{0}</article></main></body></html>"""


@pytest.fixture
def show(contexts: Callable[..., Any], tmp_path: Path) -> Iterator[Callable[[str], Any]]:
    """A maker of small pages at 390 px."""
    tabs = []

    def shown(body: str) -> Any:
        (tmp_path / "page.html").write_text(PAGE.format(body), encoding="utf-8")
        place = SimpleNamespace(folder=tmp_path, url="http://127.0.0.1:9")
        tabs.append(open_page(contexts(width=390), place, "page.html", offline_file=True))
        return tabs[-1]

    yield shown
    for tab in tabs:
        tab.close()


def every(tab: Any) -> list[str]:
    return (
        page_checks.wider_than_the_screen(tab)
        + page_checks.equations_that_do_not_fit(tab)
        + page_checks.equations_that_failed(tab)
        + page_checks.boxes_that_do_not_scroll(tab)
        + page_checks.pictures_without_words(tab)
    )


def test_a_good_page_passes(show, axe_source) -> None:
    tab = show(GOOD)
    assert every(tab) == []
    assert page_checks.against_axe(tab, axe_source) == []
    assert (tab.record.outside, tab.record.errors, tab.record.warnings) == ([], [], [])


BAD = {
    '<div id="broad" style="width:500px">x</div>': "#broad “x”: the page is 500 px wide on a screen of 390",
    GOOD.replace("width:200px", "width:500px"): "is 500 px wide in a box of",
    GOOD.replace("min-width:0;overflow-x:auto", "min-width:500px"): "its number is not to be seen",
    '<p id="p"><mjx-container><mjx-math style="display:inline-block;width:500px">x</mjx-math></mjx-container></p>': (
        "sticks out of #p by"
    ),
    '<div class="math" id="raw">\\[x\\]</div>': "#raw “\\[x\\]”: is not set",
    '<mjx-merror data-mjx-error="Missing }">x</mjx-merror>': "Missing }",
    GOOD.replace("overflow-x:auto", "overflow-x:hidden"): "is too wide and does not scroll in a box",
    GOOD.replace(' tabindex="0"', ""): "scrolls, but not by keyboard",
    GOOD.replace('alt="A grey square" ', ""): "has no alternative text",
    GOOD.replace("A grey square", "plot.png"): "its text is a file name",
    GOOD.replace('aria-label="A line that rises"', ""): "a drawing without a name",
    GOOD.replace('role="img"', ""): 'a drawing without role="img"',
    GOOD.replace("A caption", ""): "#fig-a: a figure without a caption",
    '<div class="cell_output"><div class="ml-plot">x</div></div>': "no figure with a caption",
}


@pytest.mark.parametrize(("body", "wanted"), BAD.items(), ids=[wanted[:32] for wanted in BAD.values()])
def test_what_is_wrong_is_named(show, body: str, wanted: str) -> None:
    assert [what for what in every(show(body)) if wanted in what], every(show(body))


def test_axe_is_heard(show, axe_source: str) -> None:
    found = page_checks.against_axe(show('<p style="color:#999">pale</p><input type="text">'), axe_source)
    assert any("color-contrast" in what for what in found)
    assert any("label" in what for what in found)


def test_what_leaves_the_machine_is_written_down(show) -> None:
    tab = show(
        '<img alt="Nothing" src="https://example.org/a.png"><script>console.warn("mind"); throw Error("no")</script>'
    )
    assert tab.record.outside == ["https://example.org/a.png"]
    assert any("no" in error for error in tab.record.errors)
    assert tab.record.warnings == ["mind"]
