"""The directive `{runtime-table}`: how long each chapter took to execute, and with which versions.

The same figures are written to runtime.json beside the pages; a test reads them.
"""

from __future__ import annotations

import json
import os
import platform
from importlib import metadata
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

LIMIT_SECONDS = 25
PACKAGES = ("memlib", "torch", "numpy", "matplotlib", "anywidget", "jupyter-book", "Sphinx", "myst-nb")


class RuntimeTable(nodes.General, nodes.Element):
    """Stands where the tables go until every notebook was executed."""


class RuntimeTableDirective(SphinxDirective):
    """Marks the place of the tables."""

    def run(self) -> list[nodes.Node]:
        """Return the placeholder."""
        pages = getattr(self.env, "runtime_pages", set())
        self.env.runtime_pages = pages | {self.env.docname}  # type: ignore[attr-defined]
        return [RuntimeTable()]


def seconds(env: BuildEnvironment) -> dict[str, float]:
    """Return the seconds that each notebook's execution took, by page name."""
    found = {}
    for page in sorted(env.found_docs):
        data = NbMetadataCollector.get_exec_data(env, page)
        if data and data.get("runtime") is not None:
            found[page] = round(float(data["runtime"]), 1)
    return found


def setting() -> dict[str, str]:
    """Return the versions and the machine that the book was built with."""
    said = {"profile": os.environ.get("MEMLIB_PROFILE") or "quick", "Python": platform.python_version()}
    for package in PACKAGES:
        said[package] = metadata.version(package)
    said["system"] = f"{platform.system()} on {platform.machine()}"
    said["processors"] = str(os.cpu_count())
    said["threads"] = os.environ.get("OMP_NUM_THREADS", "not set")
    return said


def table(head: tuple[str, str], rows: list[tuple[nodes.Node, str]]) -> nodes.table:
    """Return a table of two columns."""
    group = nodes.tgroup(cols=2)
    group += [nodes.colspec(colwidth=3), nodes.colspec(colwidth=1)]

    def row(first: nodes.Node, second: str) -> nodes.row:
        return nodes.row(
            "", nodes.entry("", nodes.paragraph("", "", first)), nodes.entry("", nodes.paragraph("", second))
        )

    group += nodes.thead("", row(nodes.Text(head[0]), head[1]))
    group += nodes.tbody("", *(row(*cells) for cells in rows))
    return nodes.table("", group)


def fill(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the tables in the placeholder's place."""
    for place in list(doctree.findall(RuntimeTable)):
        chapters: list[tuple[nodes.Node, str]] = []
        for name, taken in seconds(app.env).items():
            link = nodes.reference("", app.env.titles[name].astext(), internal=True)
            link["refuri"] = app.builder.get_relative_uri(page, name)
            chapters.append((link, f"{taken:.1f}"))
        versions: list[tuple[nodes.Node, str]] = [(nodes.Text(name), said) for name, said in setting().items()]
        place.replace_self([table(("Chapter", "Seconds"), chapters), table(("Part", "Version"), versions)])


def refresh(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have the page written again whenever a notebook was executed."""
    return (
        sorted(getattr(env, "runtime_pages", set()) & env.found_docs) if NbMetadataCollector.new_exec_data(env) else []
    )


def write_json(app: Sphinx, error: Exception | None) -> None:
    """Write the figures beside the pages."""
    if not error and app.builder.format == "html":
        said = {"limit_seconds": LIMIT_SECONDS, "seconds": seconds(app.env), "setting": setting()}
        (Path(app.outdir) / "runtime.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive and connect the handlers."""
    app.add_node(RuntimeTable)
    app.add_directive("runtime-table", RuntimeTableDirective)
    app.connect("env-updated", refresh)
    app.connect("doctree-resolved", fill)
    app.connect("build-finished", write_json)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
