"""Every page of the built book in a real browser: nothing leaves the machine, sticks out, or is unnamed."""

import pytest


def report(found: dict[str, list[str]]) -> None:
    """Fail with every offender of every page at once."""
    lines = [f"  {page}  {what}" for page, wrong in found.items() for what in wrong]
    assert not lines, f"{len(lines)} found:\n" + "\n".join(lines)


def test_the_book_has_its_pages(site) -> None:
    assert len(site.chapters) >= 2
    assert len(site.pages) >= 10


@pytest.mark.parametrize("kind", ["outside", "missing"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_no_request_leaves_the_machine_and_none_fails(site, survey, width: str, kind: str) -> None:
    if not site.vendored:
        pytest.skip("the pages' scripts were not vendored (npm was missing), so they come from public CDNs")
    report({name: getattr(survey, width)(name)[kind] for name in site.everything})


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_console_is_quiet(site, survey, width: str) -> None:
    found = {name: getattr(survey, width)(name) for name in site.everything}
    report({name: seen["errors"] + seen["warnings"] for name, seen in found.items()})


@pytest.mark.parametrize("what", ["width 390", "width 640", "boxes 390", "boxes 640", "equations 390", "equations 640"])
def test_everything_fits_a_phone_and_a_page_zoomed_twice(site, survey, what: str) -> None:
    report({name: survey.narrow(name)[what] for name in site.everything})


@pytest.mark.parametrize("what", ["width", "equations", "formulas", "pictures"])
def test_wide_pages_are_whole(site, survey, what: str) -> None:
    report({name: survey.wide(name)[what] for name in site.everything})


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_axe_finds_nothing_serious(site, survey, axe_source: str, look: str) -> None:
    kind = {"phone": survey.narrow}.get(look, survey.wide)
    report({name: kind(name)["axe" if look == "phone" else look] for name in site.everything})


def test_each_page_says_its_language_and_its_title(site, survey) -> None:
    titles = {name: survey.wide(name)["title"][0] for name in site.everything}
    assert all(survey.wide(name)["language"] == ["en"] for name in titles)
    assert all(title.endswith("Neural Memory") for title in titles.values()), titles
    assert len(set(titles.values())) == len(titles), titles
    for name in site.pages:
        headings = survey.wide(name)["heading"]
        assert len(headings) == 1, (name, headings)
        heading = headings[0].replace("#", "").strip()
        assert titles[name].startswith(heading), (titles[name], heading)
