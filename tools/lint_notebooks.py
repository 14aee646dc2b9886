"""Ruff on the code cells of the chapters (notebooks/*.md): mistakes by line, and layout cell by cell.

python3 tools/lint_notebooks.py [--fix] [FILE ...]

--fix  lay the cells out as ruff does
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from _common import ROOT, Stop, entry, venv_bin

CELL = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{code-cell\}[^\n]*\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL
)
OPTIONS = re.compile(r"\A(?:---\n.*?^---\n|(?::[\w-]+:[^\n]*\n)+)?\n*", re.MULTILINE | re.DOTALL)
# In a chapter each cell brings what it needs, an exercise defines a name again, and jaxtyping's shapes are strings.
# Cells are laid out for a page and for Colab: what is longer than this is cut off on the page.
WIDTH = "line-length = 79"
RULES = ("--select=E,F,W,B,UP,C4", "--ignore=E402,F811,B018,B905,C408,F722,F821")


def cells(text: str) -> list[tuple[int, int]]:
    """Return where the code of each cell begins and ends in a chapter's text."""
    found = []
    for cell in CELL.finditer(text):
        options = OPTIONS.match(cell["body"])
        found.append((cell.start("body") + (options.end() if options else 0), cell.end("body")))
    return found


def code_only(text: str) -> str:
    """Return the chapter with everything but its code made empty, so that line numbers stay true."""
    out, last = [], 0
    for start, end in cells(text):
        out += ["\n" * text.count("\n", last, start), text[start:end]]
        last = end
    return "".join(out)


def mistakes(path: Path, text: str) -> bool:
    """Print what ruff finds in a chapter; True where there is anything."""
    name = path.relative_to(ROOT).with_suffix(".py").as_posix()
    command = [str(venv_bin("ruff")), "check", "--quiet", "--output-format=concise", *RULES]
    said = subprocess.run(
        [*command, "--stdin-filename", name, "-"],
        input=code_only(text),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    print(said.stdout.replace(name, path.relative_to(ROOT).as_posix()) + said.stderr, end="")
    return said.returncode != 0


def laid_out(text: str) -> str:
    """Return the chapter with its cells laid out as ruff does."""
    places = cells(text)
    sources = [text[start:end].rstrip("\n") for start, end in places]
    notebook = {
        "cells": [
            {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
            for source in sources
        ],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chapter.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        command = [
            str(venv_bin("ruff")),
            "format",
            "--quiet",
            "--config",
            str(ROOT / "pyproject.toml"),
            "--config",
            WIDTH,
            str(path),
        ]
        if subprocess.run(command, check=False).returncode:
            raise Stop("ruff could not lay out the cells (above)")
        new = ["".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    for (start, end), old, source in reversed(list(zip(places, sources, new, strict=True))):
        if source != old:
            text = text[:start] + source + "\n" + text[end:]
    return text


def main() -> int:
    """Check the chapters, or lay them out."""
    parser = argparse.ArgumentParser(description="Ruff on the chapters' code cells.")
    parser.add_argument("--fix", action="store_true", help="lay the cells out as ruff does")
    parser.add_argument("files", nargs="*", type=Path, help="chapters (default: all)")
    options = parser.parse_args()
    wrong = False
    for path in [file.resolve() for file in options.files] or sorted((ROOT / "notebooks").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        new = laid_out(text)
        if new != text and options.fix:
            path.write_text(new, encoding="utf-8")
            print(f"{path.name}: laid out")
            text = new
        elif new != text:
            print(f"{path.name}: cells not laid out; mend with: {sys.executable} tools/lint_notebooks.py --fix")
            wrong = True
        wrong |= mistakes(path, text)
    return int(wrong)


if __name__ == "__main__":
    entry(main)
