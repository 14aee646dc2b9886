"""Delete what was built: pages, caches, vendored scripts. Keeps .venv; --all deletes that too.

python3 tools/clean.py [--all]
"""

from __future__ import annotations

import shutil
import sys

from _common import ROOT, entry, venv_dir

BUILT = ("build", "dist", "book/site_root/vendor", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")


def main() -> int:
    """Delete the folders that exist, naming each."""
    folders = [ROOT / name for name in BUILT]
    if "--all" in sys.argv[1:]:
        folders.append(venv_dir())
    for folder in folders:
        if folder.exists():
            print(f"deleting {folder}")
            shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    entry(main)
