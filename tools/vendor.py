"""Fetch from npm the scripts that the pages carry with them, so that they work offline.

python3 tools/vendor.py

Writes book/site_root/vendor/ (not committed) and build/axe.min.js (for the tests only).
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from _common import ROOT, Stop, entry, run, timed

VENDOR = ROOT / "book" / "site_root" / "vendor"
AXE = ROOT / "build" / "axe.min.js"
INPUTS = ("package.json", "package-lock.json", ".npmrc", "tools/vendor.py", "book/_ext/widgets_local.js")
MATHJAX = (
    "tex-mml-chtml.js",
    "output/chtml/fonts/woff-v2",
    "input/tex/extensions",
    "a11y",
    "sre/mathmaps/base.json",
    "sre/mathmaps/en.json",
)
NO_NPM = (
    "npm is not there, so the pages will load MathJax and the widget manager from public CDNs:\n"
    "they need a network to be read. To mend it, install Node.js (which brings npm) and build again."
)


def stamp() -> str:
    """Return the hash of all that decides what is vendored."""
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update((ROOT / name).read_text(encoding="utf-8").encode())
    return digest.hexdigest()


def npm() -> str | None:
    """Return the path of npm, or None (also when MEMLIB_NO_NPM is set, to try that case)."""
    return None if os.environ.get("MEMLIB_NO_NPM") else shutil.which("npm")


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder, making the folders above it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy2(source, target)


def fill(modules: Path, target: Path) -> None:
    """Copy what the pages need out of node_modules."""
    manager = modules / "@jupyter-widgets" / "html-manager" / "dist"
    copy(modules / "requirejs" / "require.js", target / "require.js")
    copy(manager / "embed-amd.js", target / "embed-amd.js")
    for font in manager.glob("*.woff2"):
        copy(font, target / "@jupyter-widgets" / "html-manager" / "dist" / font.name)
    copy(modules / "anywidget" / "dist" / "index.js", target / "anywidget.js")
    for part in MATHJAX:
        copy(modules / "mathjax" / "es5" / part, target / "mathjax" / part)
    copy(ROOT / "book" / "_ext" / "widgets_local.js", target / "widgets-local.js")


def ensure() -> bool:
    """Vendor the scripts if they are missing or out of date; False where the CDNs must do."""
    mark = VENDOR / "stamp.txt"
    wanted = stamp()
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted and AXE.exists():
        return True
    program = npm()
    if program is None:
        print(NO_NPM, flush=True)
        return False
    with timed("the pages' scripts, from npm"):
        work = ROOT / "build" / "npm"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy2(ROOT / name, work / name)
        flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        if run([program, "ci", *flags], cwd=work) != 0:
            raise Stop(
                "npm could not fetch the pages' scripts (above). With no network, "
                "build with MEMLIB_NO_NPM=1: the pages then use public CDNs."
            )
        shutil.rmtree(VENDOR, ignore_errors=True)
        fill(work / "node_modules", VENDOR)
        copy(work / "node_modules" / "axe-core" / "axe.min.js", AXE)
        mark.write_text(wanted, encoding="utf-8")
        shutil.rmtree(work, ignore_errors=True)
    return True


def main() -> int:
    """Vendor the scripts and say where they are."""
    if ensure():
        print(f"vendored: {VENDOR}")
    return 0


if __name__ == "__main__":
    entry(main)
