"""Exercises as a reader meets them: not attempted, hints and solution folded, opened by key."""

import re

import pytest


@pytest.fixture
def exercises(chapter):
    """The exercises of a chapter's page."""
    found = chapter.tab("wide").locator(".exercise.admonition").all()
    assert len(found) >= 4
    return found


def test_each_is_untouched_and_says_how_hard_and_long_it_is(chapter, exercises) -> None:
    for exercise in exercises:
        title = exercise.locator(".admonition-title").inner_text()
        assert re.search(r"★+.*\b\d+ minutes", title), title
        assert "NotImplementedError" in exercise.locator(".tag_exercise pre").inner_text(), title
        card = exercise.locator(".tag_check .memlib-card")
        assert card.count() == 1, title
        assert card.is_visible(), title
        assert card.get_attribute("data-status") == "not attempted", title
        assert "not attempted" in card.inner_text().lower(), title
    assert chapter.tab("wide").locator(".memlib-card:not([data-status='not attempted'])").count() == 0


def test_hints_are_folded_and_open_by_key(chapter, exercises) -> None:
    for exercise in exercises:
        hints = exercise.locator("details").all()
        title = exercise.locator(".admonition-title").inner_text()
        assert len(hints) >= 2, title
        for hint in hints:
            body = hint.locator(".sd-summary-content")
            assert not body.is_visible(), title
            hint.locator("summary").focus()
            chapter.tab("wide").keyboard.press("Enter")
            assert body.is_visible(), title
            assert len(body.inner_text().strip()) > 20, title


def test_solutions_are_folded_and_open_by_key(chapter, exercises) -> None:
    tab = chapter.tab("wide")
    solutions = tab.locator(".solution.admonition").all()
    assert len(solutions) == len(exercises)
    for exercise, solution in zip(exercises, solutions, strict=True):
        function = re.search(r"def (\w+)\(", exercise.locator(".tag_exercise pre").inner_text())[1]
        goal = solution.locator(".admonition-title a").get_attribute("href")
        assert goal == f"#{exercise.get_attribute('id')}"
        code = solution.locator(".tag_solution pre").first
        switch = solution.locator("button.toggle-button")
        assert not code.is_visible(), function
        assert switch.get_attribute("aria-expanded") == "false", function
        switch.focus()
        tab.keyboard.press("Enter")
        assert code.is_visible(), function
        assert switch.get_attribute("aria-expanded") == "true", function
        assert f"def {function}(" in code.inner_text(), function
        assert "NotImplementedError" not in code.inner_text(), function
        tab.keyboard.press("Enter")
        assert not code.is_visible(), function
    assert not tab.record.errors


def test_a_solution_opens_by_touch_on_its_title(chapter) -> None:
    tab = chapter.tab("narrow")
    solution = tab.locator(".solution.admonition").first
    title = solution.locator(".admonition-title").first
    title.locator("a").tap()
    assert tab.url.endswith(title.locator("a").get_attribute("href"))
    assert not tab.record.errors, "the link in the title"
    title.tap(position={"x": 12, "y": 12})
    assert solution.locator(".tag_solution pre").first.is_visible()
