"""The figures that live on the page: with no kernel, by key, mouse and touch, in both themes, with their words."""

from itertools import pairwise
from typing import Any

import pytest

STATE = (
    "(figure) => [figure.querySelector('.ml-status').textContent, figure.querySelector('.ml-stage').innerHTML].join()"
)
VIEWS = 'script[type="application/vnd.jupyter.widget-view+json"]'
RANGE = 'input[type="range"]:not([disabled])'
LEAST = {
    "01_associative_memory": 1,
    "02_holographic_memory": 2,
    "10_fast_weights": 1,
    "11_fast_weight_memory": 1,
    "12_fast_weights_that_explore": 1,
    "13_fast_weights_in_language": 1,
}


@pytest.fixture
def drawn(shared_page, site):
    """A maker of the chapters' figures: every chapter's page, with its figures."""

    def opened(**how: Any):
        for name in site.chapters:
            tab = shared_page(name, **how)
            figures = tab.locator(".ml-fig").all()
            views = tab.locator(VIEWS).count()
            assert len(figures) == views, f"{name}: {views} figures promised, {len(figures)} drawn: {tab.record.errors}"
            yield name, tab, figures

    return opened


def state(figure: Any) -> str:
    return figure.evaluate(STATE)


def press(tab: Any, control: Any) -> None:
    """Move a slider by one with the keyboard, to whichever side there is room."""
    control.focus()
    full = control.evaluate("(it) => Number(it.value) >= Number(it.max)")
    tab.keyboard.press("ArrowLeft" if full else "ArrowRight")


def at(control: Any, share: float) -> dict[str, float]:
    """A point on a slider."""
    box = control.bounding_box()
    return {"x": box["width"] * share, "y": box["height"] / 2}


def test_each_chapter_draws_its_figures_without_a_kernel(drawn) -> None:
    for name, tab, figures in drawn():
        assert len(figures) >= LEAST.get(name.split("/")[1].removesuffix(".html"), 1), name
        assert "Error" not in " ".join(tab.locator(".widget-subarea").all_inner_texts())
        for figure in figures:
            assert figure.locator(".ml-stage svg *").count() > 20, name
            assert figure.bounding_box()["height"] > 200, name


def test_each_answers_a_key_and_a_click(drawn) -> None:
    for name, tab, figures in drawn():
        for i, figure in enumerate(figures):
            slider = figure.locator(RANGE).first
            seen = [state(figure)]
            press(tab, slider)
            seen.append(state(figure))
            slider.click(position=at(slider, 0.75))
            seen.append(state(figure))
            button = figure.locator("button:not([aria-disabled=true])").first
            if button.count():
                button.click()
                seen.append(state(figure))
            assert all(a != b for a, b in pairwise(seen)), (name, i)
        assert not tab.record.errors, name


def test_each_answers_a_finger(drawn) -> None:
    for name, tab, figures in drawn(width=390, touch=True):
        for i, figure in enumerate(figures):
            slider = figure.locator(RANGE).first
            slider.scroll_into_view_if_needed()
            before = state(figure)
            slider.tap(position=at(slider, 0.8))
            assert state(figure) != before, (name, i)
            for choice in figure.locator("label:has(input[type=radio]:not(:checked))").all()[:1]:
                before = state(figure)
                choice.tap()
                assert state(figure) != before, (name, i, "choice")
        assert not tab.record.errors, name


def test_nothing_moves_by_itself_where_the_reader_asked_for_that(drawn) -> None:
    for name, tab, figures in drawn(reduced=True):
        for figure in figures:
            press(tab, figure.locator(RANGE).first)
            moving = figure.evaluate(
                """(figure) => [figure, ...figure.querySelectorAll('*')].filter((it) => {
                  const style = getComputedStyle(it);
                  const longest = (text) => Math.max(...text.split(',').map(parseFloat));
                  return longest(style.transitionDuration) > 0.001
                    || (style.animationName !== 'none' && longest(style.animationDuration) > 0.001);
                }).map((it) => it.outerHTML.slice(0, 80))"""
            )
            assert not moving, name
            running = (
                "(figure) => figure.getAnimations({ subtree: true }).filter((it) => it.playState === 'running').length"
            )
            assert figure.evaluate(running) == 0, name


COLOURED = ".ml-fig, .ml-fig svg text, .ml-plot svg"
COLOURS = """(coloured) => [document.body, ...document.querySelectorAll(coloured)].map((it) => {
  const style = getComputedStyle(it);
  return it.localName === 'text' ? style.fill : it.localName === 'svg' ? style.color : style.backgroundColor;
})"""


def test_the_theme_button_changes_the_figures_without_a_reload(drawn) -> None:
    for name, tab, _ in drawn(reduced=True):
        tab.evaluate("() => { window.stayed = true; }")
        theme = "() => document.documentElement.dataset.theme"
        seen = {tab.evaluate(theme): tab.evaluate(COLOURS, COLOURED)}
        button = tab.locator(".bd-header-article .theme-switch-button")
        for _ in range(3):
            button.click()
            tab.wait_for_timeout(120)
            seen[tab.evaluate(theme)] = tab.evaluate(COLOURS, COLOURED)
        assert set(seen) == {"light", "dark"}, name
        same = [i for i, (a, b) in enumerate(zip(seen["light"], seen["dark"], strict=True)) if a == b]
        assert not same, (name, same)
        assert len(seen["light"]) > 5
        assert tab.evaluate("() => window.stayed"), "the page was loaded anew"


def test_each_says_in_words_what_it_shows(drawn) -> None:
    for name, tab, figures in drawn():
        for figure in figures:
            label = figure.get_attribute("aria-label") or ""
            assert len(label) > 10, name
            assert figure.locator(".ml-status[aria-live=polite]").inner_text().strip(), label
            words = figure.locator("details.ml-words")
            assert not words.locator("p").first.is_visible(), label
            words.locator("summary").focus()
            tab.keyboard.press("Enter")
            assert words.locator("p").first.is_visible(), label
            assert len(words.inner_text()) > 200, label
            for drawing in figure.locator("svg[role=img]").all():
                assert len(drawing.get_attribute("aria-label") or "") > 10, label
            assert figure.locator("svg:not([role=img], [role=img] svg, [aria-hidden=true])").count() == 0, label


def test_a_finger_can_take_each_control(drawn) -> None:
    for name, _, figures in drawn(width=390, touch=True):
        for figure in figures:
            small = figure.evaluate(
                """(figure) => [...figure.querySelectorAll('button, select, summary, input[type=range], label')].filter(
                  (it) => it.getClientRects().length && it.getBoundingClientRect().height < 24).map(
                  (it) => it.outerHTML.slice(0, 80))"""
            )
            assert not small, name


def test_dark_figures_are_neither_dimmed_nor_framed(page, site) -> None:
    for name in site.chapters:
        tab = page(name, dark=True, reduced=True)
        wrong = tab.evaluate(
            """() => [...document.querySelectorAll('article :is(figure, figure > *, img, .ml-plot, .ml-plot svg)')]
              .filter((it) => {
                const style = getComputedStyle(it);
                return style.filter !== 'none' || !/rgba.*, 0[)]|transparent/.test(style.backgroundColor);
              }).map((it) => it.outerHTML.slice(0, 80))"""
        )
        assert not wrong, name
