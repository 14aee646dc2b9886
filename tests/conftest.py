"""Shape annotations are checked at run time in tests, and only here; one browser serves all tests."""

from typing import Any

import pytest
import torch
from jaxtyping import install_import_hook

from tests import chromium, together
from tests.chromium import browser, contexts  # noqa: F401

install_import_hook("memlib.mechanisms", "beartype.beartype")
LONGEST = "test_the_generated_notebooks_are_in_order"  # reads the whole book, for a minute


@pytest.fixture
def generator() -> torch.Generator:
    """A seeded source of randomness."""
    return torch.Generator().manual_seed(20)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser, so that the daily tests leave them out; begin with the longest test."""
    chromium.mark(items)
    items.sort(key=lambda item: item.name != LONGEST)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep together what belongs together, where `--dist loadscope` asks for it."""
    return together.scheduler(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_sessionfinish() -> None:
    """End the browser."""
    chromium.stop()
