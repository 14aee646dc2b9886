"""The figure on overwriting on a bare page with no kernel: keys, touch, widths, themes, and what it says."""

from typing import Any

import pytest

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import OverwriteWidget
from tests.figures.test_widgets_in_browser import CLASHES, browser, open_page, picture, pytestmark  # noqa: F401


def status(page: Any) -> str:
    return page.inner_text(".ml-status")


def test_every_control_answers_the_keyboard(open_page: Any) -> None:  # noqa: F811
    page = open_page(OverwriteWidget(times=2, alike=0.3))
    controls = page.locator(".ml-controls :is(button, select, input[type=range], input[type=radio]:checked)")
    assert controls.count() == 9
    for i in range(9):
        control = controls.nth(i)
        kind = control.evaluate("node => node.type")
        before = (picture(page), status(page), page.evaluate("JSON.stringify(models[0].state)"))
        control.focus()
        key = {"button": "Enter", "range": "ArrowLeft", "select-one": "ArrowUp" if i == 1 else "ArrowDown"}
        page.keyboard.press(key.get(kind, "ArrowDown"))
        assert picture(page) != before[0], (i, kind)
        assert status(page) != before[1], (i, kind)
        assert page.evaluate("JSON.stringify(models[0].state)") != before[2], (i, kind)


def test_mary_moves_to_the_garden_then_john_follows(open_page: Any) -> None:  # noqa: F811
    page = open_page(OverwriteWidget(strength=1.0), has_touch=True, width=390)
    page.get_by_role("button", name="Write once").tap()
    assert status(page).startswith("After 1 write Mary reads the garden.")
    page.locator(".ml-controls select").first.select_option("John")
    assert page.evaluate("models[0].get('history')") == [[0, 3, 1, 1, "delta"]]
    assert status(page).startswith("John reads the office.")
    page.get_by_role("button", name="Write once").tap()
    assert status(page).startswith("After 1 write John reads the garden.")
    page.get_by_label("Likeness of the keys").press("ArrowRight")
    assert "0.10" in status(page)
    page.get_by_role("button", name="Start again").tap()
    assert page.evaluate("[models[0].get('times'), models[0].get('history')]") == [0, []]
    assert status(page).startswith("John reads the office.")


def test_the_strength_acts_under_the_thumb(open_page: Any) -> None:  # noqa: F811
    page = open_page(OverwriteWidget(times=1, strength=0.95))
    seen = []
    for _ in range(3):
        seen.append(status(page))
        page.get_by_label("Strength β").press("ArrowRight")
    assert "0.05 of the kitchen and 0.95 of the garden" in seen[0]
    assert "Mary reads the garden" in seen[1]
    assert "−0.05 of the kitchen and 1.05 of the garden" in seen[2]


def test_an_explosion_is_drawn_on_a_logarithmic_scale_and_stops(open_page: Any) -> None:  # noqa: F811
    page = open_page(OverwriteWidget(strength=2.5, length=2.0))
    assert page.get_by_text("error", exact=True).is_visible()
    page.get_by_role("button", name="Write 10 times").click()
    assert page.get_by_text("error (log)", exact=True).is_visible()
    assert "beyond 2" in status(page)
    for name in ("Write once", "Write 10 times"):
        assert page.get_by_role("button", name=name).get_attribute("aria-disabled") == "true"
    state = page.evaluate("JSON.stringify(models[0].state)")
    page.get_by_role("button", name="Write once").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("JSON.stringify(models[0].state)") == state


@pytest.mark.parametrize(("width", "larger"), [(1200, 1), (390, 1), (320, 1), (390, 2)])
def test_nothing_scrolls_sideways(open_page: Any, width: int, larger: int) -> None:  # noqa: F811
    page = open_page(OverwriteWidget(times=9, strength=2.5, alike=0.3), width=width, has_touch=True)
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", f"{100 * larger}%")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate("""[...document.querySelectorAll('.ml-fig, .ml-fig *')].filter((node) => {
        const box = node.getBoundingClientRect();
        return box.width && (box.right > innerWidth + 1 || box.left < -1);
    }).map((node) => node.outerHTML.slice(0, 120))""")
    assert wide == []


def test_what_is_touched_is_large_enough(open_page: Any) -> None:  # noqa: F811
    page = open_page(OverwriteWidget(), width=390, has_touch=True, is_mobile=True)
    small = page.evaluate("""[...document.querySelectorAll(
        '.ml-fig :is(button, select, input[type=range], summary), .ml-choice label'
    )].filter((node) => node.getBoundingClientRect().height < 44).map((node) => node.outerHTML.slice(0, 120))""")
    assert small == []


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("rule", ["delta", "hebb"])
def test_nothing_is_written_over_something_else(open_page: Any, rule: str, width: int) -> None:  # noqa: F811
    page = open_page(OverwriteWidget(rule=rule), width=width, reduced_motion="reduce")
    found = page.evaluate(
        f"""() => [0, 0.3, 0.9].flatMap((alike) => [0.5, 1, 1.9, 2.5].flatMap((strength) =>
            [1, 2].flatMap((length) => [0, 1, 3, 10, 20].flatMap((times) => {{
                Object.entries({{ alike, strength, length, times }}).forEach(([n, v]) => models[0].set(n, v));
                return ({CLASHES})().map((what) => [alike, strength, length, times, what]);
            }}))))"""
    )
    assert found == []


def test_no_text_lies_on_another_in_the_other_pictures(open_page: Any) -> None:  # noqa: F811
    page = open_page(OverwriteWidget(times=7, strength=2.5, length=1.5, alike=0.9), width=390)
    found = page.evaluate("""() => [...document.querySelectorAll('.ml-picture')].flatMap((picture) => {
        const texts = [...picture.querySelectorAll('text')].filter((it) => it.textContent);
        const box = (it) => it.getBoundingClientRect();
        return texts.flatMap((a, i) => texts.slice(i + 1).filter((b) => {
            const [p, q] = [box(a), box(b)];
            return p.left + 1 < q.right && q.left + 1 < p.right && p.top + 4 < q.bottom && q.top + 4 < p.bottom;
        }).map((b) => `${a.textContent} / ${b.textContent}`));
    })""")
    assert found == []


def test_theme_follows_the_page(open_page: Any) -> None:  # noqa: F811
    page = open_page(OverwriteWidget(), reduced_motion="reduce")
    ground = "getComputedStyle(document.querySelector('.ml-fig')).backgroundColor"
    light = page.evaluate(ground)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert (light, page.evaluate(ground)) == ("rgb(255, 255, 255)", "rgb(20, 24, 30)")
