"""Finding one's way: search, downloads, keyboard, and the same pages from a folder, over file://."""

import json
import re
from pathlib import Path

import pytest
from controls import first_control, press
from opening import CHAPTERS

FIRST = "01_associative_memory"


@pytest.mark.parametrize("over_file", [False, True], ids=["http", "file"])
def test_search_finds_a_term_in_its_chapter(page, site, over_file: bool) -> None:
    tab = page(CHAPTERS[-1], offline_file=over_file)
    tab.locator("button.search-button__button:visible").first.click()
    field = tab.locator(".search-button__search-container input[type=search]")
    field.fill("crosstalk")
    field.press("Enter")
    tab.wait_for_selector("#search-results li a")
    links = [link.get_attribute("href") for link in tab.locator("#search-results li a").all()]
    assert any(f"notebooks/{FIRST}.html" in link for link in links), links
    goal = tab.locator(f"#search-results a[href*='{FIRST}.html']").first
    goal.click()
    tab.wait_for_url(f"**/{FIRST}.html**")
    assert "crosstalk" in tab.locator("article").inner_text().lower()
    if site.vendored:
        assert (tab.record.outside, tab.record.missing) == ([], [])


def test_search_says_when_there_is_nothing(page) -> None:
    tab = page("search.html?q=xyzzyqwert")
    tab.wait_for_function("() => document.querySelector('#search-results').textContent.includes('did not match')")
    assert tab.locator("#search-results li a").count() == 0


def test_the_download_button_gives_the_notebook(chapter, site) -> None:
    tab = chapter.tab("wide")
    button = tab.locator(".dropdown-download-buttons > button")
    button.click()
    link = tab.locator("a.btn-download-notebook-button")
    assert link.is_visible()
    got = tab.request.get(f"{site.url}/colab/{Path(chapter.name).stem}.ipynb")
    assert link.evaluate("(it) => it.href") == got.url
    assert got.ok
    assert json.loads(got.text())["nbformat"] == 4
    button.click()
    tab.mouse.move(640, 700)  # under the pointer the list stays open
    link.wait_for(state="hidden")


def test_a_chapter_lives_over_file(chapter) -> None:
    tab = chapter.tab("file")
    formulas = tab.locator("script[type^='math/'], mjx-container").count()
    assert formulas > 20
    assert tab.locator("div.math:not(:has(mjx-container))").count() == 0
    figure = tab.locator(".ml-fig").first
    drawn = "(figure) => figure.querySelector('.ml-status').textContent + figure.querySelector('.ml-stage').innerHTML"
    before = figure.evaluate(drawn)
    press(tab, first_control(figure))
    assert figure.evaluate(drawn) != before
    assert (tab.record.outside, tab.record.errors) == ([], [])


def test_the_skip_link_leads_to_the_text(page) -> None:
    tab = page(CHAPTERS[0], reduced=True)
    tab.keyboard.press("Tab")
    link = tab.locator(":focus")
    assert "skip" in link.inner_text().lower()
    box = link.bounding_box()
    assert box["y"] >= 0
    assert box["height"] > 15
    tab.keyboard.press("Enter")
    tab.wait_for_url("**#main-content")
    tab.keyboard.press("Tab")
    assert tab.evaluate("() => Boolean(document.activeElement.closest('main'))"), "the next Tab is in the text"


LOOK = """(it) => { const of = (s) => [s.outlineStyle === 'none' ? '' : s.outlineWidth + s.outlineColor, s.boxShadow,
  s.borderColor, s.backgroundColor, s.color, s.textDecorationLine, s.textDecorationColor].join('|');
  return of(getComputedStyle(it)) + of(getComputedStyle(it.parentElement)); }"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_focus_can_be_seen_wherever_it_goes(page, dark: bool) -> None:
    tab = page(CHAPTERS[0], dark=dark, reduced=True)
    order = tab.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')].filter(
             (it) => it.getClientRects().length && !it.disabled && it.tabIndex >= 0).length"""
    )
    assert order > 40
    unseen, visited = [], set()
    for _ in range(order):
        tab.keyboard.press("Tab")
        it = tab.evaluate_handle("() => document.activeElement").as_element()
        name = it.evaluate("(it) => it === document.body ? '' : it.outerHTML.replace(/\\s+/g, ' ').slice(0, 110)")
        kind = re.sub(r'(href|id|data-[\w-]+|title|aria-[\w-]+)="[^"]*"', "", name)[:60]
        if not name or kind in visited:
            continue
        visited.add(kind)
        seen = it.evaluate(LOOK)
        tab.evaluate("() => { window.was = document.activeElement; window.was.blur(); }")
        rest = it.evaluate(LOOK)
        tab.evaluate("() => window.was.focus({ preventScroll: true, focusVisible: true })")
        if seen == rest:
            unseen.append(name)
    assert len(visited) > 8
    assert not unseen, "no sign of the focus on:\n" + "\n".join(unseen)


def test_the_root_leads_to_the_first_page(page, site) -> None:
    tab = page("search.html")
    tab.goto(f"{site.url}/")
    tab.wait_for_url("**/book/start_here.html")
    assert tab.locator("article h1").inner_text()
    assert tab.record.errors == []
