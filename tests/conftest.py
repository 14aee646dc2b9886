"""Shape annotations are checked at run time in tests, and only here."""

import pytest
import torch
from jaxtyping import install_import_hook

install_import_hook("memlib.mechanisms", "beartype.beartype")


@pytest.fixture
def generator() -> torch.Generator:
    """A seeded source of randomness."""
    return torch.Generator().manual_seed(20)
