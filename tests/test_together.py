"""Tests that share a page or a build are one group; all others are free."""

import pytest

from tests.together import group


@pytest.mark.parametrize(
    ("nodeid", "wanted"),
    [
        ("tests/browser/test_pages.py::test_the_console_is_quiet[01_associative_memory-wide]", "01_associative_memory"),
        ("tests/browser/test_pages.py::test_axe[dark-notation]", "notation"),
        ("tests/browser/test_pages.py::test_it_says[search]", "search"),
        ("tests/browser/test_reading.py::test_focus[dark]", None),
        ("tests/browser/test_reading.py::test_skip_link", None),
        (
            "tests/book/test_built_book.py::test_with_an_address_the_pages_say_the_same",
            "tests/book/test_built_book.py::test_with_an_address",
        ),
        ("tests/exercises/test_chapters.py::test_it[notation]", None),
    ],
)
def test_the_group_of_a_test(nodeid: str, wanted: str | None) -> None:
    assert group(nodeid) == (wanted or nodeid)
