"""The figures that live on the page: with no kernel, by key, mouse and touch, in both themes, with their words."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from controls import first_control, press
from opening import look
from visit import Visit

from tests.chromium import still

STATE = (
    "(figure) => [figure.querySelector('.ml-status').textContent, figure.querySelector('.ml-stage').innerHTML].join()"
)
VIEWS = 'script[type="application/vnd.jupyter.widget-view+json"]'
LEAST = {
    "01_associative_memory": 1,
    "02_holographic_memory": 2,
    "04_attention": 2,
    "05_neural_turing_machine": 2,
    "06_differentiable_neural_computer": 1,
    "07_memory_networks": 1,
    "08_outer_product_attention": 1,
    "09_two_memories": 1,
    "10_fast_weights": 1,
    "11_fast_weight_memory": 1,
    "12_fast_weights_that_explore": 1,
    "13_fast_weights_in_language": 1,
    "14_adaptive_computation_time": 1,
    "15_neural_programmer": 1,
}


@pytest.fixture
def figures(chapter: Visit) -> Callable[[str], list[Any]]:
    """`figures("wide")`: the figures of a chapter's page, all that it promises."""

    def of(kind: str) -> list[Any]:
        tab = chapter.tab(kind)
        found = tab.locator(".ml-fig").all()
        views = tab.locator(VIEWS).count()
        assert len(found) == views, f"{views} figures promised, {len(found)} drawn: {tab.record.errors}"
        return found

    return of


def state(figure: Any) -> str:
    return figure.evaluate(STATE)


def at(control: Any, share: float) -> dict[str, float]:
    """A point on a control."""
    box = control.bounding_box()
    return {"x": box["width"] * share, "y": box["height"] / 2}


def test_each_chapter_draws_its_figures_without_a_kernel(chapter, figures) -> None:
    assert len(figures("wide")) >= LEAST.get(Path(chapter.name).stem, 1)
    assert "Error" not in " ".join(chapter.tab("wide").locator(".widget-subarea").all_inner_texts())
    for figure in figures("wide"):
        assert figure.locator(".ml-stage svg *").count() > 20
        assert figure.bounding_box()["height"] > 200


def test_each_answers_a_key_and_a_click(chapter, figures) -> None:
    tab = chapter.tab("wide")
    for i, figure in enumerate(figures("wide")):
        slider = first_control(figure)
        seen = [state(figure)]
        press(tab, slider)
        seen.append(state(figure))
        slider.click(position=at(slider, 0.75))
        seen.append(state(figure))
        button = figure.locator("button:not([aria-disabled=true], [aria-pressed=true])").first
        if button.count():
            button.click()
            seen.append(state(figure))
        assert all(a != b for a, b in pairwise(seen)), i
    assert not tab.record.errors


def test_each_answers_a_finger(chapter, figures) -> None:
    for i, figure in enumerate(figures("narrow")):
        slider = first_control(figure)
        slider.scroll_into_view_if_needed()
        before = state(figure)
        slider.tap(position=at(slider, 0.8))
        assert state(figure) != before, i
        for choice in figure.locator("label:has(input[type=radio]:not(:checked))").all()[:1]:
            before = state(figure)
            choice.tap()
            assert state(figure) != before, (i, "choice")
    assert not chapter.tab("narrow").record.errors


@pytest.fixture
def reduced(chapter: Visit) -> Iterator[Any]:
    """The wide page of a reader who asked for no motion."""
    tab = chapter.tab("wide")
    look(tab, reduced=True)
    yield tab
    look(tab)


def test_nothing_moves_by_itself_where_the_reader_asked_for_that(reduced, figures) -> None:
    for figure in figures("wide"):
        press(reduced, first_control(figure))
        moving = figure.evaluate(
            """(figure) => [figure, ...figure.querySelectorAll('*')].filter((it) => {
              const style = getComputedStyle(it);
              const longest = (text) => Math.max(...text.split(',').map(parseFloat));
              return longest(style.transitionDuration) > 0.001
                || (style.animationName !== 'none' && longest(style.animationDuration) > 0.001);
            }).map((it) => it.outerHTML.slice(0, 80))"""
        )
        assert not moving
        running = (
            "async (figure) => { for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);"
            " return figure.getAnimations({ subtree: true }).filter((it) => it.playState === 'running').length; }"
        )
        assert figure.evaluate(running) == 0


COLOURED = ".ml-fig, .ml-fig svg text, .ml-plot svg"
COLOURS = """(coloured) => [document.body, ...document.querySelectorAll(coloured)].map((it) => {
  const style = getComputedStyle(it);
  return it.localName === 'text' ? style.fill : it.localName === 'svg' ? style.color : style.backgroundColor;
})"""


def test_the_theme_button_changes_the_figures_without_a_reload(reduced) -> None:
    reduced.evaluate("() => { window.stayed = true; }")
    theme = "() => document.documentElement.dataset.theme"
    seen = {reduced.evaluate(theme): reduced.evaluate(COLOURS, COLOURED)}
    button = reduced.locator(".bd-header-article .theme-switch-button")
    for _ in range(3):  # light, dark, and what the system says
        button.click()
        still(reduced)
        seen[reduced.evaluate(theme)] = reduced.evaluate(COLOURS, COLOURED)
    assert set(seen) == {"light", "dark"}
    assert reduced.evaluate("() => document.documentElement.dataset.mode") == "auto"
    same = [i for i, (a, b) in enumerate(zip(seen["light"], seen["dark"], strict=True)) if a == b]
    assert not same
    assert len(seen["light"]) > 5
    assert reduced.evaluate("() => window.stayed"), "the page was loaded anew"


def test_each_says_in_words_what_it_shows(chapter, figures) -> None:
    for figure in figures("wide"):
        label = figure.get_attribute("aria-label") or ""
        assert len(label) > 10
        assert figure.locator(".ml-status[aria-live=polite]").inner_text().strip(), label
        words = figure.locator("details.ml-words")
        assert not words.locator("p").first.is_visible(), label
        words.locator("summary").focus()
        chapter.tab("wide").keyboard.press("Enter")
        assert words.locator("p").first.is_visible(), label
        assert len(words.inner_text()) > 200, label
        for drawing in figure.locator("svg[role=img]").all():
            assert len(drawing.get_attribute("aria-label") or "") > 10, label
        assert figure.locator("svg:not([role=img], [role=img] svg, [aria-hidden=true])").count() == 0, label


def test_a_finger_can_take_each_control(figures) -> None:
    for figure in figures("narrow"):
        small = figure.evaluate(
            """(figure) => [...figure.querySelectorAll('button, select, summary, input[type=range], label')].filter(
              (it) => it.getClientRects().length && it.getBoundingClientRect().height < 24).map(
              (it) => it.outerHTML.slice(0, 80))"""
        )
        assert not small
