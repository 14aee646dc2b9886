"""Ask Sphinx for the numbers and the references of the book, without executing or writing anything.

`read_book(root, out)` reads the whole book as Jupyter Book would, so that the numbers are those of the built
pages, and `Book.page(docname)` returns what one chapter needs. Cells are not executed, hence have no outputs,
hence would make no figures: before a page is read, each cell with a figure's caption is replaced by a figure.
"""

from __future__ import annotations

import html
import io
import logging
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from notebook_blocks import ConversionError, parse
from pybtex.plugin import find_plugin
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.dummy import DummyBuilder
from sphinx.util.docutils import docutils_namespace, patch_docutils

PLACEHOLDER = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


@dataclass(frozen=True)
class Part:
    """A piece of a resolved reference: its text as Markdown, its address, whether Sphinx found its target."""

    text: str
    uri: str = ""
    found: bool = False


@dataclass
class Page:
    """What the built book knows about one chapter."""

    docname: str
    root: Path
    references: dict[str, list[Part]] = field(default_factory=dict)
    equations: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    sections: list[str] = field(default_factory=list)
    bibliography: list[str] = field(default_factory=list)


class NumbersBuilder(DummyBuilder):
    """Reads and numbers; writes nothing."""

    name = "numbers"
    epilog = ""
    supported_data_uri_images = True
    supported_remote_images = True

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """The address of a page, as the HTML builder makes it."""
        return f"{docname}.html"

    def write(self, *args: Any, **kwargs: Any) -> None:
        """Write nothing."""


@dataclass
class Book:
    """A book that Sphinx has read."""

    app: Sphinx
    warnings: str

    def page(self, docname: str) -> Page:
        """The numbers and references of the page `docname`; KeyError where the book has no such page."""
        env = self.app.env
        if docname not in env.found_docs:
            raise KeyError(f"{docname} is no page of the book: add it to the table of contents")
        doctree = env.get_doctree(docname)
        page = Page(docname, Path(self.app.srcdir), equations=_equations(self.app))
        page.bibliography = _bibliography(self.app, docname)
        _number(self.app, doctree, page)
        wrapped = _wrap(doctree)
        env.apply_post_transforms(doctree, docname)
        for key, node in wrapped:
            page.references.setdefault(key, list(_parts(node)))
        return page


def read_book(root: Path, out: Path, config: dict[str, Any] | None = None) -> Book:
    """Read the book at `root`, with Jupyter Book's settings or those of `config`; caches below `out`."""
    root, out = root.resolve(), out.resolve()
    settings = dict(config) if config is not None else _jupyter_book_settings(root)
    settings["extensions"] = [*settings["extensions"], "notebook_numbers"]
    settings["nb_execution_mode"] = "off"
    out.mkdir(parents=True, exist_ok=True)
    warnings = io.StringIO()
    try:
        with patch_docutils(str(root)), docutils_namespace():
            app = Sphinx(
                srcdir=str(root),
                confdir=None,
                outdir=str(out / "out"),
                doctreedir=str(out / "doctrees"),
                buildername="numbers",
                confoverrides=settings,
                status=None,
                warning=warnings,
            )
            toc = yaml.dump(site.as_json()) if (site := getattr(app.config, "external_site_map", None)) else ""
            if settings.get("use_multitoc_numbering") and "numbered: true" in toc:
                app.setup_extension("sphinx_multitoc_numbering")
            app.build()
    finally:
        logging.getLogger("sphinx").handlers.clear()
        (out / "warnings.txt").write_text(warnings.getvalue(), encoding="utf-8")
    return Book(app, warnings.getvalue())


def _jupyter_book_settings(root: Path) -> dict[str, Any]:
    from jupyter_book.config import get_final_config

    settings, _ = get_final_config(
        user_yaml=root / "_config.yml",
        cli_config={"external_toc_path": str(root / "_toc.yml"), "latex_individualpages": False},
        sourcedir=root,
    )
    return settings


def _equations(app: Sphinx) -> dict[str, str]:
    numbers = {}
    for label, (docname, number) in app.env.get_domain("math").equations.items():
        if app.config.math_numfig and app.config.numfig:
            table = app.env.toc_fignumbers.get(docname, {}).get("displaymath", {})
            numbers[label] = _dotted(table.get(nodes.make_id(f"equation-{label}"), ()))
        else:
            numbers[label] = str(number)
    return numbers


def _number(app: Sphinx, doctree: nodes.document, page: Page) -> None:
    """The numbers of all things on the page, per kind and in the order of the page."""
    domains = [app.env.get_domain("std"), app.env.get_domain("prf")]
    table = app.env.toc_fignumbers.get(page.docname, {})
    ordered: dict[str, list[str]] = defaultdict(list)
    sections = app.env.toc_secnumbers.get(page.docname, {})
    for node in doctree.findall(nodes.Element):
        if isinstance(node, nodes.section) and isinstance(node.next_node(descend=True), nodes.title):
            anchor = f"#{node['ids'][0]}" if page.sections else ""
            page.sections.append(_dotted(sections.get(anchor) or ()))
            continue
        known = [domain.enumerable_nodes.get(type(node)) for domain in domains]
        kind = next((entry[0] for entry in known if entry), None)
        if kind and node["ids"]:
            number = next((_dotted(table[kind][i]) for i in node["ids"] if i in table.get(kind, {})), "")
            if number:
                ordered[kind].append(number)
                page.labels.update(dict.fromkeys([*node["ids"], *node["names"]], number))
    page.numbers = dict(ordered)


def _bibliography(app: Sphinx, docname: str) -> list[str]:
    """The works that the page cites, as items of a Markdown list, in the bibliography's order."""
    domain = app.env.get_domain("cite")
    cited = {target.key for ref in domain.citation_refs if ref.docname == docname for target in ref.targets}
    markdown = find_plugin("pybtex.backends", "markdown")()
    entries = {c.key: c.formatted_entry.text.render(markdown) for c in domain.citations if c.key in cited}
    plain = [re.sub(r"\\([().-])", r"\1", html.unescape(" ".join(entry.split()))) for entry in entries.values()]
    return [f"- {entry}" for entry in plain]


def _dotted(number: tuple[int, ...]) -> str:
    return ".".join(map(str, number))


def _wrap(doctree: nodes.document) -> list[tuple[str, nodes.Element]]:
    """Put a marked element around each reference, so that what Sphinx makes of it can be found again."""
    wrapped = []
    for node in list(doctree.findall(addnodes.pending_xref)):
        link = node.get("reftype") == "myst"
        key = f"link:{node['reftarget']}" if link else " ".join(node.rawsource.split())
        holder = nodes.inline()
        node.replace_self(holder)
        holder += node
        wrapped.append((key, holder))
    return wrapped


def _parts(node: nodes.Node, uri: str = "", found: bool = False) -> list[Part]:
    """Flatten a resolved reference into pieces of Markdown, each with its address."""
    if isinstance(node, nodes.Text):
        return [Part(re.sub(r"([*$`])", r"\\\1", node.astext()), uri, found)]
    if isinstance(node, nodes.math):
        return [Part(f"${node.astext()}$", uri, found)]
    if isinstance(node, nodes.reference):
        uri, found = node.get("refuri") or f"#{node.get('refid', '')}", True
    parts = [part for child in node.children for part in _parts(child, uri, found)]
    marks = {nodes.emphasis: "*", nodes.strong: "**"}.get(type(node), "")
    joined = "".join(part.text for part in parts)
    if isinstance(node, nodes.reference):
        parts = [Part(joined, uri, True)]
    if marks and joined:
        return [Part(f"{marks}{joined}{marks}", uri, found)]
    if isinstance(node, nodes.literal) and len(parts) == 1:
        return [Part(f"`{node.astext()}`", uri, found)]
    return parts


def figures_without_outputs(app: Sphinx, docname: str, content: list[str]) -> None:
    """Replace each cell with a figure's caption by a figure with that caption (event `source-read`)."""
    if "mystnb" not in content[0]:
        return
    lines = content[0].split("\n")
    try:
        blocks = parse(lines, 1, Path(app.env.doc2path(docname)))
    except ConversionError:
        return
    for block in reversed(blocks):
        figure = block.options.get("mystnb", {}).get("figure") if block.name == "code-cell" else None
        if figure:
            name = [f":name: {figure['name']}"] if figure.get("name") else []
            caption = str(figure.get("caption", "")).strip()
            new = [f"````{{figure}} {PLACEHOLDER}", *name, "", caption, "````"]
            lines[block.line - 1 : block.end_line] = new
    content[0] = "\n".join(lines)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the builder and the placeholder figures."""
    app.add_builder(NumbersBuilder)
    app.connect("source-read", figures_without_outputs)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True}
