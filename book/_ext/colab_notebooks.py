"""Turn a chapter (a MyST text notebook) into a notebook for Colab.

    book = read_book(root, root / "build/numbers")
    notebook = convert(root / "notebooks/01_name.md", book, version="0.1.0")

Numbers, references and citations are those of the built book. The notebook has no outputs. Its first cell after
the title is the set-up cell. `ConversionError` names file and line of whatever the notebook could not show.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode
from notebook_blocks import ConversionError
from notebook_markdown import Gate, Markdown, details
from notebook_numbers import Book
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

HIDDEN_SOURCE = {"hide-input", "remove-input", "hide-cell", "remove-cell"}
HIDDEN_OUTPUT = {"hide-output", "remove-output", "hide-cell", "remove-cell"}
UNSET = (
    "memlib is not installed here. This book has no public address yet, so this cell cannot install it: "
    "clone the repository, run  pip install -e {what}  in its folder, and start this notebook again."
)


def convert(path: Path, book: Book, *, version: str, address: str = "", site: str = "") -> NotebookNode:
    """Convert the chapter `path` of `book`.

    `address` is the repository's public address, from which the set-up cell installs the tag `v<version>`; without
    it the cell installs nothing. `site` is the book's address, for links to its other pages.
    """
    source = path.read_text(encoding="utf-8")
    read = jupytext.reads(source, fmt="md:myst")
    starts = _starts(source)
    header = dict(read.metadata.get("memlib", {}))
    page = book.page(path.resolve().relative_to(Path(book.app.srcdir)).with_suffix("").as_posix())
    cells = _cells(read.cells, starts, Markdown(page, path, site))
    if not cells or not cells[0].source.startswith("# "):
        raise ConversionError(path, 1, "a chapter begins with its title: # Title")
    cells[:1] = _below_title(cells[0], _setup_cell(path, header, address, version), site, page.docname)
    if page.bibliography:
        cells.append(nbformat.v4.new_markdown_cell("\n".join(["## References", "", *page.bibliography])))
    _identify(cells)
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=_metadata(path, header))
    notebook.nbformat_minor = 5
    nbformat.validate(notebook)
    return notebook


def site_of(address: str) -> str:
    """The address of the book that a repository on GitHub publishes; "" for another host or none."""
    found = re.fullmatch(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?", address)
    if not found:
        return ""
    owner, name = found[1].lower(), found[2]
    return f"https://{owner}.github.io" + ("" if name.lower() == f"{owner}.github.io" else f"/{name}")


def text_of(notebook: NotebookNode) -> str:
    """The notebook as the file holds it."""
    return nbformat.writes(notebook, indent=1) + "\n"


def _starts(source: str) -> list[int]:
    """The line (from 1) at which each cell begins."""
    from jupytext.myst import myst_to_notebook

    starts = []
    lines = source.split("\n")
    mapped = myst_to_notebook(source, add_source_map=True)
    for cell, start in zip(mapped.cells, mapped.metadata.source_map, strict=True):
        while cell.cell_type == "markdown" and not lines[start].strip():
            start += 1
        starts.append(start + 1)
    return starts


def _cells(read: list[NotebookNode], starts: list[int], markdown: Markdown) -> list[NotebookNode]:
    cells: list[NotebookNode] = []
    solution: Gate | None = None
    inside: list[str] = []
    for cell, start in zip(read, starts, strict=True):
        if cell.cell_type == "raw":
            raise ConversionError(markdown.path, start, "a raw cell is not on the authors' list")
        if cell.cell_type == "code":
            figure = (cell.metadata.get("mystnb") or {}).get("figure") or {}
            below = _caption(markdown, figure, start)
            if solution:
                inside += [f"```python\n{cell.source}\n```", *below]
            else:
                cells.append(_code(cell))
                cells += map(nbformat.v4.new_markdown_cell, below)
            continue
        for piece in markdown.pieces(cell.source, start):
            if isinstance(piece, str):
                if solution:
                    inside.append(piece)
                else:
                    cells.append(nbformat.v4.new_markdown_cell(piece))
            elif bool(piece.opens) == bool(solution):
                wrong = "begins inside a solution" if solution else "ends that did not begin"
                raise ConversionError(markdown.path, piece.line, f"a solution {wrong}")
            elif piece.opens:
                solution, inside = piece, []
            else:
                text = details(solution.opens, "\n\n".join(inside)) if solution else ""
                cells.append(nbformat.v4.new_markdown_cell(text))
                solution = None
    if solution:
        raise ConversionError(markdown.path, solution.line, "this solution never ends: add {solution-end}")
    markdown.finish()
    return cells


def _caption(markdown: Markdown, figure: dict[str, Any], line: int) -> list[str]:
    if not figure.get("caption"):
        return []
    return [markdown.caption("figure", str(figure["caption"]), line)]


def _code(cell: NotebookNode) -> NotebookNode:
    """A code cell; hiding in the book becomes hiding in Jupyter and Colab."""
    metadata = {key: value for key, value in cell.metadata.items() if key not in ("mystnb", "jupyter")}
    tags = set(metadata.get("tags", []))
    hidden = dict(cell.metadata.get("jupyter", {}))
    if tags & HIDDEN_SOURCE:
        hidden["source_hidden"] = True
        metadata["cellView"] = "form"
    if tags & HIDDEN_OUTPUT:
        hidden["outputs_hidden"] = True
    if hidden:
        metadata["jupyter"] = hidden
    kept = [tag for tag in metadata.pop("tags", []) if tag not in HIDDEN_SOURCE | HIDDEN_OUTPUT]
    if kept:
        metadata["tags"] = kept
    return nbformat.v4.new_code_cell(cell.source, metadata=metadata)


def _below_title(first: NotebookNode, setup: NotebookNode, site: str, docname: str) -> list[NotebookNode]:
    title, _, rest = first.source.partition("\n")
    if site:
        title += f"\n\n[Read this chapter in the book]({site.rstrip('/')}/{docname}.html)"
    cells = [nbformat.v4.new_markdown_cell(title), setup]
    return [*cells, nbformat.v4.new_markdown_cell(rest.strip("\n"))] if rest.strip() else cells


def _setup_cell(path: Path, header: dict[str, Any], address: str, version: str) -> NotebookNode:
    """Two lines. A plain `pip install` under memlib's ranges leaves Colab's torch and numpy alone."""
    extras = header.get("extras", [])
    if not isinstance(extras, list) or not all(isinstance(extra, str) for extra in extras):
        raise ConversionError(path, 1, "memlib: extras: must be a list of names, such as [widgets]")
    what = f"[{','.join(extras)}]" if extras else ""
    lines = ["from importlib.util import find_spec"]
    if address:
        wanted = f'"memlib{what} @ git+{address.rstrip("/").removesuffix(".git")}@v{version}"'
        command = f'get_ipython().run_line_magic("pip", {f"install --quiet {wanted}"!r})'
    else:
        message = UNSET.format(what=f'".{what}"' if what else ".")
        command = f"raise ModuleNotFoundError({message!r})"
    lines.append(f'if find_spec("memlib") is None: {command}')
    return nbformat.v4.new_code_cell("\n".join(lines), metadata={"tags": ["setup"]})


def _identify(cells: list[NotebookNode]) -> None:
    """Give each cell an id made from its content, and from its place among cells of the same content."""
    seen: Counter[str] = Counter()
    for cell in cells:
        content = f"{cell.cell_type}\n{cell.source}"
        place = seen[content]
        seen[content] += 1
        cell.id = hashlib.sha256(f"{place}\n{content}".encode()).hexdigest()[:12]


def _metadata(path: Path, header: dict[str, Any]) -> dict[str, Any]:
    return {
        "colab": {"name": f"{path.stem}.ipynb", "provenance": [], "toc_visible": True},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "memlib": {"source": path.name, **header},
    }


def fill(app: Sphinx, error: Exception | None) -> None:
    """Beside the built pages, write the notebooks with the public address filled in, where there is one."""
    if error or app.builder.name != "html":
        return
    from launch import CHAPTER, FOLDER, address

    public = address(app.config)
    folder = Path(app.outdir).parent / FOLDER
    for old in folder.glob("*.ipynb"):
        old.unlink()
    if not public:
        return
    version = version_of(Path(app.srcdir))
    for name in filter(CHAPTER.fullmatch, sorted(app.env.found_docs)):
        path = Path(app.env.doc2path(name))
        try:
            notebook = convert(path, Book(app, ""), version=version, address=public, site=site_of(public))
        except ConversionError as wrong:
            raise ExtensionError(str(wrong)) from wrong
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{path.stem}.ipynb").write_text(text_of(notebook), encoding="utf-8")


def version_of(root: Path) -> str:
    """The version that memlib/__init__.py of the repository `root` names."""
    text = (root / "memlib" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__\s*=\s*"([^"]+)"', text, re.MULTILINE)
    if not found:
        raise ValueError("memlib/__init__.py names no __version__")
    return found[1]


def setup(app: Sphinx) -> dict[str, Any]:
    """After the pages are built, fill the notebooks in; the Download button then gives those (launch.py)."""
    app.connect("build-finished", fill, priority=800)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
