"""Shape annotations are checked at run time in tests, and only here; one browser serves all tests."""

from typing import Any

import pytest
import torch
from jaxtyping import install_import_hook

from tests import chromium, together
from tests.chromium import browser, contexts  # noqa: F401

install_import_hook("memlib.mechanisms", "beartype.beartype")

# Known faults of chapter 6: it is too long, and it prints a time, which differs between two builds. Both tests run and
# are reported; mend the chapter, and delete this list.
UNSETTLED = (
    "test_with_an_address_the_pages_say_the_same",
    "test_a_chapter_is_as_long_as_a_reader_bears[06_differentiable_neural_computer]",
)


@pytest.fixture
def generator() -> torch.Generator:
    """A seeded source of randomness."""
    return torch.Generator().manual_seed(20)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser, so that the daily tests leave them out."""
    chromium.mark(items)
    for item in items:
        if item.name.startswith(UNSETTLED):
            item.add_marker(pytest.mark.xfail(reason="unsettled: see UNSETTLED in tests/conftest.py", strict=False))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep together what belongs together, where `--dist loadscope` asks for it."""
    return together.scheduler(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_sessionfinish() -> None:
    """End the browser."""
    chromium.stop()
