"""Neural memory: the mechanisms, their models, their papers' tasks, and which published numbers hold."""

from typing import Any

from memlib.runtime import budget, device, profile

__version__ = "0.1.0"

__all__ = ["__version__", "budget", "device", "pretrained", "profile"]

# The package stands below everything else, so what lies higher up is imported when it is asked for.
_LATE = {"pretrained": "memlib.ledger.pretrained"}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"memlib has no {name!r}; it has {', '.join(__all__)}.")
    from importlib import import_module

    return getattr(import_module(_LATE[name]), name)
