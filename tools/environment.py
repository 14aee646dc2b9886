"""Make .venv from the pinned constraints, or leave it alone when nothing changed.

python3 tools/environment.py
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import venv

from _common import ROOT, Stop, entry, run, timed, venv_dir, venv_python

EXTRAS = "book,widgets,data,text,rl,dev"


def stamp() -> str:
    """Return the hash of all that decides what the environment holds."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {sys.platform} {EXTRAS}".encode())
    for name in ("constraints.txt", "pyproject.toml"):
        digest.update((ROOT / name).read_text(encoding="utf-8").encode())
    return digest.hexdigest()


def torch_pin() -> str:
    """Return the exact requirement of torch in constraints.txt, such as torch==2.13.0."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    found = re.search(r"^torch==\S+", text, re.MULTILINE)
    if not found:
        raise Stop("constraints.txt pins no torch; it must hold a line such as torch==2.13.0.")
    return found.group(0)


def create() -> None:
    """Make an empty environment at venv_dir(), in place of one that does not work."""
    folder = venv_dir()
    if folder.exists() and not (folder / "pyvenv.cfg").exists() and any(folder.iterdir()):
        raise Stop(f"{folder} is no Python environment; move it away and try again.")
    try:
        venv.create(folder, with_pip=True, clear=folder.exists(), symlinks=sys.platform != "win32")
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Stop(
            f"The environment {folder} could not be made: {error}\n"
            "On Debian and Ubuntu, install the package python3-venv first."
        ) from error


def pip(*words: str) -> None:
    """Call the environment's pip, and stop where it fails."""
    common = ("--disable-pip-version-check", "--no-input")
    if run([venv_python(), "-m", "pip", "install", "-qq", *common, *words]) != 0:
        raise Stop(f"pip could not install: {' '.join(words)}\nIs the network there? Then try again.")


def ensure() -> None:
    """Make the environment if it is missing or out of date."""
    mark = venv_dir() / "memlib-stamp"
    wanted = stamp()
    if venv_python().exists() and mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    with timed(f"environment {venv_dir()}"):
        if not venv_python().exists() or run([venv_python(), "-c", "import pip"]) != 0:
            print("making it (a few minutes the first time)", flush=True)
            create()
        else:
            print("bringing it up to date with constraints.txt and pyproject.toml", flush=True)
        # torch first, by its exact pin: any other requirement may bring a build of several GB.
        pip("-c", "constraints.txt", torch_pin())
        pip("-c", "constraints.txt", "-e", f".[{EXTRAS}]")
        mark.write_text(wanted, encoding="utf-8")


def main() -> int:
    """Make the environment and say where it is."""
    ensure()
    print(f"environment: {venv_python()}")
    return 0


if __name__ == "__main__":
    entry(main)
