"""Where and how long to compute: the device, and the two profiles of every chapter."""

import os
from types import SimpleNamespace
from typing import Any

import torch

PROFILES = ("quick", "full")


def device() -> torch.device:
    """The best device at hand: CUDA, then Apple's MPS, then the CPU.

    MPS has no float64 and no complex matrix products: code that needs either says so and stays on the CPU.
    """
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def profile() -> str:
    """The profile that ``MEMLIB_PROFILE`` names: ``quick`` (the default, for two CPU cores) or ``full``.

    Raises:
        ValueError: when the variable holds anything else.
    """
    name = os.environ.get("MEMLIB_PROFILE") or "quick"
    if name not in PROFILES:
        raise ValueError(
            f"MEMLIB_PROFILE is {name!r}; expected 'quick' or 'full'. "
            "Unset it for the quick profile, or set MEMLIB_PROFILE=full."
        )
    return name


def budget(*, quick: dict[str, Any], full: dict[str, Any]) -> SimpleNamespace:
    """Pick one of a chapter's two budgets by the profile; both must name the same settings.

    Returns:
        A namespace: ``budget(quick={"steps": 10}, full={"steps": 1000}).steps`` is 10 in the quick profile.

    Raises:
        TypeError: when a budget is no dict.
        ValueError: when the two budgets do not name the same settings.
    """
    for name, given in (("quick", quick), ("full", full)):
        if not isinstance(given, dict):
            raise TypeError(f"expected {name} as a dict, such as {{'steps': 10}}; got {given!r}.")
    if quick.keys() != full.keys():
        odd = sorted(quick.keys() ^ full.keys())
        raise ValueError(f"both profiles must set the same names; only one of them sets {', '.join(odd)}.")
    return SimpleNamespace(**(full if profile() == "full" else quick))
