"""Generate the notebooks for Colab from the chapters, and check that the committed ones are in order.

python3 tools/notebooks.py                                writes notebooks/*.ipynb
python3 tools/notebooks.py --check                        fails where one is stale, holds outputs or has no source
python3 tools/notebooks.py --address https://github.com/OWNER/REPO --out DIR
                                                          writes them to DIR, with the public address filled in

The committed notebooks never hold the public address. --site names the book's own address, where it is not
https://OWNER.github.io/REPO.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import environment
from _common import ROOT, Stop, entry, run, venv_dir, venv_python

CHAPTERS = "[0-9][0-9]_*"
NUMBERS = ROOT / "build" / "numbers"


def sources() -> list[Path]:
    """Return the chapters."""
    return sorted((ROOT / "notebooks").glob(f"{CHAPTERS}.md"))


def generated(address: str = "", site: str = "") -> dict[str, str]:
    """Return the text of each chapter's notebook, by its file's name; needs the environment's own Python."""
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    from colab_notebooks import convert, site_of, text_of, version_of
    from notebook_blocks import ConversionError
    from notebook_numbers import read_book
    from sphinx.errors import SphinxError

    try:
        book = read_book(ROOT, NUMBERS)
        return {
            f"{path.stem}.ipynb": text_of(
                convert(path, book, version=version_of(ROOT), address=address, site=site or site_of(address))
            )
            for path in sources()
        }
    except (ConversionError, KeyError, SphinxError) as wrong:
        raise Stop(f"{wrong.args[0]}\nWhat Sphinx said while it read the book: {NUMBERS / 'warnings.txt'}") from wrong


def problems(folder: Path, wanted: dict[str, str]) -> list[str]:
    """Return what is wrong with the notebooks of a folder, a line each."""
    wrong = []
    for name in sorted(set(wanted) | {path.name for path in folder.glob("*.ipynb")}):
        path = folder / name
        if name not in wanted:
            wrong.append(f"{name} has no source {path.stem}.md beside it: delete it")
            continue
        if not path.exists():
            wrong.append(f"{name} is not there: run make notebooks")
            continue
        text = path.read_text(encoding="utf-8")
        if cells := with_outputs(text):
            wrong.append(f"{name} holds outputs in cells {cells}: run make notebooks")
        elif text != wanted[name]:
            wrong.append(f"{name} is stale: change {path.stem}.md, never the notebook, then run make notebooks")
    return wrong


def with_outputs(text: str) -> list[int]:
    """Return the places of the cells that hold outputs or an execution count."""
    cells = json.loads(text)["cells"]
    return [i for i, cell in enumerate(cells) if cell.get("outputs") or cell.get("execution_count") is not None]


def write(folder: Path, wanted: dict[str, str]) -> list[str]:
    """Write the notebooks that changed, and return their names."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in wanted.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return changed


def main() -> int:
    """Generate or check, inside the environment."""
    parser = argparse.ArgumentParser(description="Generate the notebooks for Colab.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where something is not in order")
    parser.add_argument("--address", default="", help="public address of the repository, for the set-up cell")
    parser.add_argument("--site", default="", help="address of the book, for links to its pages")
    parser.add_argument("--out", type=Path, default=ROOT / "notebooks", help="folder to write to")
    options = parser.parse_args()
    if options.address and options.out.resolve() == ROOT / "notebooks":
        raise Stop("The committed notebooks never hold the public address: name another folder with --out.")
    if Path(sys.prefix).resolve() != venv_dir():
        environment.ensure()
        return run([venv_python(), Path(__file__).resolve(), *sys.argv[1:]], cwd=Path.cwd())
    os.chdir(ROOT)
    wanted = generated(options.address, options.site)
    if options.check:
        wrong = problems(options.out, wanted)
        print("\n".join(wrong) or f"{len(wanted)} notebooks are in order")
        return 1 if wrong else 0
    changed = write(options.out, wanted)
    print(f"{len(wanted)} notebooks, {len(changed)} written: {', '.join(changed) or 'none had changed'}")
    return 0


if __name__ == "__main__":
    entry(main)
