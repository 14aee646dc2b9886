"""Every page of the built book in a real browser: nothing leaves the machine, sticks out, or is unnamed."""

import re

import pytest
from opening import CHAPTERS, EVERYTHING, PAGES

KINDS = pytest.mark.parametrize("kind", ["wide", "narrow"])


def report(found: dict[str, list[str]]) -> None:
    """Fail with every offender of every check at once."""
    lines = [f"  {check}: {what}" for check, wrong in found.items() for what in wrong]
    assert not lines, f"{len(lines)} found:\n" + "\n".join(lines)


@pytest.mark.book
def test_the_book_has_its_pages(site) -> None:
    assert len(CHAPTERS) >= 2
    assert len(PAGES) >= 10
    assert site.pages == sorted(PAGES)


@pytest.mark.book
def test_each_page_has_a_title_of_its_own(site) -> None:
    titles = [re.search("<title>(.*?)</title>", (site.folder / name).read_text("utf-8"), re.DOTALL) for name in PAGES]
    assert len({title[1].strip() for title in titles}) == len(EVERYTHING) - 2


@KINDS
def test_no_request_leaves_the_machine_and_none_fails(site, visit, kind: str) -> None:
    if not site.vendored:
        pytest.skip("the pages' scripts were not vendored (npm was missing), so they come from public CDNs")
    found = visit.found(kind)
    report({check: found[check] for check in ("outside", "missing")})


@KINDS
def test_the_console_is_quiet(visit, kind: str) -> None:
    found = visit.found(kind)
    report({check: found[check] for check in ("errors", "warnings")})


def test_everything_fits_a_phone_and_a_page_zoomed_twice(visit) -> None:
    found = visit.found("narrow")
    report(
        {
            f"{check} {size}": found[f"{check} {size}"]
            for check in ("width", "boxes", "equations")
            for size in (390, 640)
        }
    )


def test_wide_pages_are_whole(visit) -> None:
    found = visit.found("wide")
    report({check: found[check] for check in ("width", "equations", "formulas", "pictures", "dimmed")})


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_axe_finds_nothing_serious(visit, axe_source: str, look: str) -> None:
    found = visit.found("narrow" if look == "phone" else "wide")
    report({look: found["axe" if look == "phone" else look]})


def test_it_says_its_language_and_its_title(visit) -> None:
    found = visit.found("wide")
    assert found["language"] == ["en"]
    assert found["title"][0].endswith("Neural Memory")
    if visit.name in PAGES:
        assert len(found["heading"]) == 1
        assert found["title"][0].startswith(found["heading"][0].replace("#", "").strip())
