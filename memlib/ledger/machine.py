"""Where a run happened: the hardware in words, the versions, and the commit."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

import memlib


def hardware(device: torch.device | str = "cpu") -> str:
    """The machine in words, such as ``NVIDIA T4, 4 CPU cores`` or ``2 CPU cores``.

    Args:
        device: that was computed on.
    """
    device = torch.device(device)
    cores = f"{os.cpu_count()} CPU cores"
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, {cores}"
    return cores if device.type == "cpu" else f"{device.type.upper()} device, {cores}"


def versions() -> dict[str, str | None]:
    """Of memlib, Python, torch and numpy."""
    return {
        "memlib": memlib.__version__,
        "python": platform.python_version(),
        "torch": installed("torch"),
        "numpy": installed("numpy"),
    }


def commit() -> str | None:
    """The checkout's commit, with ``+changes`` when tracked files of memlib differ from it; None without git."""
    root = Path(memlib.__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return None
    try:
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True)
        changed = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no", "--", "memlib"],
            cwd=root, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.stdout.strip() + ("+changes" if changed.stdout.strip() else "")


def installed(package: str) -> str | None:
    """The version of a package as its metadata gives it; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
