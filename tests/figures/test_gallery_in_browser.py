"""All figures of the gallery on one page, looked at together: widths, sizes, letters, themes, motion, names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

import memlib.figures
from tests.chromium import still
from tests.figures.bare_page import larger, listen, page_of, show
from tests.figures.gallery import FIGURES

EACH = pytest.mark.parametrize("name", FIGURES)
LOOKS = {"1200": (1200, 1), "390": (390, 1), "320": (320, 1), "390, letters twice as large": (390, 2)}
Found = dict[str, list[list[str]]]

# Each takes the figure and names what is wrong in it.
OUTSIDE = """(figure) => [figure, ...figure.querySelectorAll('*')].filter((node) => {
  const [box, frame] = [node.getBoundingClientRect(), figure.getBoundingClientRect()];
  const [left, right] = [Math.max(frame.left, 0), Math.min(frame.right, innerWidth)];
  return box.width && (box.right > right + 1 || box.left < left - 1);
}).map((node) => node.outerHTML.slice(0, 120))"""
LETTERS = """(figure) => [...figure.querySelectorAll('.ml-picture')].flatMap((picture) => {
  const texts = [...picture.querySelectorAll('text')].filter((it) => it.textContent && it.checkVisibility());
  const boxes = new Map(texts.map((it) => [it, it.getBoundingClientRect()]));
  return texts.flatMap((a, i) => texts.slice(i + 1).filter((b) => {
    const [p, q] = [boxes.get(a), boxes.get(b)];
    return p.left + 1 < q.right && q.left + 1 < p.right && p.top + 4 < q.bottom && q.top + 4 < p.bottom;
  }).map((b) => `${a.textContent} / ${b.textContent}`));
})"""
GROUND = "(figure) => [getComputedStyle(figure).backgroundColor]"
MOVING = """(figure) => [...figure.querySelectorAll('*')].filter(
  (it) => getComputedStyle(it).transitionDuration !== '0s').map((it) => it.outerHTML.slice(0, 120))"""
UNNAMED = """(figure) => [
  ...(figure.getAttribute('aria-label') ? [] : ['the figure']),
  ...(figure.querySelector('.ml-status').getAttribute('aria-live') === 'polite' ? [] : ['what it says']),
  ...[...figure.querySelectorAll('svg')].filter(
    (it) => it.getAttribute('role') !== 'img' || !(it.getAttribute('aria-label')?.length > 15)),
  ...[...figure.querySelectorAll('input, select')].filter((it) => !it.labels?.[0]?.innerText),
  ...[...figure.querySelectorAll('.ml-words')].filter((it) => it.textContent.length <= 300),
].map((it) => it.outerHTML?.slice(0, 120) ?? it)"""
SMALL = """(figure) => {
  const high = (it) => it.getBoundingClientRect().height;
  const taken = [...figure.querySelectorAll('button, select, input[type=range], summary, .ml-choice label')];
  const pressed = [...figure.querySelectorAll('.ml-token')];
  return [...taken.filter((it) => high(it) < 44), ...pressed.filter((it) => high(it) < 24)].map(
    (it) => it.outerHTML.slice(0, 120));
}"""


def of_all(page: Any, question: str) -> list[list[str]]:
    """The question's answer for every figure in turn."""
    return page.evaluate(f"[...document.querySelectorAll('.ml-fig')].map({question})")


@pytest.fixture(scope="module")
def open_gallery(contexts: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """``open_gallery(width=390)``: the page with all figures, and what it complained of."""
    file = tmp_path_factory.mktemp("gallery") / "page.html"
    file.write_text(page_of(*(make() for make in FIGURES.values())), encoding="utf-8")

    def opened(**options: Any) -> Any:
        page = contexts(**options).new_page()
        complaints = listen(page)
        show(page, file.as_uri())
        assert page.locator(".ml-fig").count() == len(FIGURES), complaints
        return page, complaints

    return opened


@pytest.fixture(scope="module")
def seen(open_gallery: Callable[..., Any]) -> Found:
    """Every answer, by question; the page is opened once with touch, and once as a phone opens it."""
    page, complaints = open_gallery(width=1200, has_touch=True)
    found: Found = {}
    for look, (width, times) in LOOKS.items():
        page.set_viewport_size({"width": width, "height": 900})
        larger(page, times)
        still(page)
        found[f"outside {look}"] = of_all(page, OUTSIDE)
        found[f"letters {look}"] = of_all(page, LETTERS)
        found[f"page {look}"] = [[page.evaluate("document.documentElement.scrollWidth")]]
    larger(page, 1)
    found["names"] = of_all(page, UNNAMED)
    page.emulate_media(reduced_motion="reduce")
    found["moving"] = of_all(page, MOVING)
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        found[theme] = of_all(page, GROUND)
    page.close()
    page, more = open_gallery(width=390, has_touch=True, is_mobile=True)
    found["small"] = of_all(page, SMALL)
    page.close()
    found["complaints"] = [[*complaints, *more]]
    return found


def about(seen: Found, question: str, name: str) -> list[str]:
    return seen[question][list(FIGURES).index(name)]


def test_the_gallery_holds_every_figure() -> None:
    assert {type(make()).__name__ for make in FIGURES.values()} == set(memlib.figures._WIDGETS)


def test_nothing_is_printed_thrown_or_fetched(seen: Found) -> None:
    assert seen["complaints"] == [[]]


@EACH
def test_nothing_scrolls_sideways(seen: Found, name: str) -> None:
    assert {look: wrong for look in LOOKS if (wrong := about(seen, f"outside {look}", name))} == {}


def test_the_page_is_no_wider_than_the_screen(seen: Found) -> None:
    assert {look: width for look in LOOKS if (width := seen[f"page {look}"][0][0]) > LOOKS[look][0]} == {}


@EACH
def test_what_is_touched_is_large_enough(seen: Found, name: str) -> None:
    assert about(seen, "small", name) == []


@EACH
def test_no_text_lies_on_another(seen: Found, name: str) -> None:
    assert {look: wrong for look in LOOKS if (wrong := about(seen, f"letters {look}", name))} == {}


@EACH
def test_theme_and_motion_follow_the_page(seen: Found, name: str) -> None:
    grounds = (about(seen, "light", name), about(seen, "dark", name))
    assert grounds == (["rgb(255, 255, 255)"], ["rgb(20, 24, 30)"])
    assert about(seen, "moving", name) == []


@EACH
def test_everything_has_a_name(seen: Found, name: str) -> None:
    assert about(seen, "names", name) == []


BAD = """<figure class="ml-fig"><p class="ml-status"></p><button style="height: 20px">x</button><input>
<div class="ml-picture" style="width: 2000px; transition: all 1s"><svg><text y="20">one</text><text y="22">two</text>
</svg></div></figure>"""


def test_each_question_finds_what_is_wrong(contexts: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(f"<!doctype html><body>{BAD}", encoding="utf-8")
    page = contexts(width=390).new_page()
    page.goto((tmp_path / "page.html").as_uri())
    wanted = {OUTSIDE: "ml-picture", MOVING: "ml-picture", SMALL: "<button", UNNAMED: "<input"}
    assert [part for question, part in wanted.items() if part not in "".join(of_all(page, question)[0])] == []
    assert {"the figure", "what it says"} < set(of_all(page, UNNAMED)[0])
    assert of_all(page, LETTERS) == [["one / two"]]
    page.close()
