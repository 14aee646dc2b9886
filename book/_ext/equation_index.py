"""The directive `{equation-index}`: a table for each paper, from its equations to functions, to their tests.

The grammar of the docstrings' `Source:` lines stands in equation_sources.py. A public mechanism without a source or
without a test, and a source that the bibliography does not have, are warnings, hence errors of the book's build.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from docutils import nodes
from equation_sources import Function, Source, collect
from pybtex.database import Entry, parse_file
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

LOGGER = logging.getLogger(__name__)
SHOWN = 3


class FunctionName(nodes.Inline, nodes.TextElement):
    """A function's name, which becomes a link where the API page describes the function."""


class EquationIndex(SphinxDirective):
    """Renders the index; takes no argument and no content."""

    def run(self) -> list[nodes.Node]:
        """Collect, warn about what is missing, and return a section for each paper."""
        bibliography = papers(self.env)
        functions, problems = collect(Path(self.env.srcdir), set(bibliography))
        for problem in problems:
            LOGGER.warning("%s", problem.message, location=f"{self.env.srcdir}/{problem.file}:{problem.line}")
        state = getattr(self.env, "equation_index_state", {})
        self.env.equation_index_state = {**state, self.env.docname: (repr(functions), bool(problems))}
        rows: dict[str, list[tuple[Source, Function]]] = defaultdict(list)
        for function in functions:
            for source in function.sources:
                rows[source.paper].append((source, function))
        known = [key for key in rows if key in bibliography]
        ordered = sorted(known, key=lambda key: (bibliography[key].fields.get("year", ""), key))
        return [self._paper(key, bibliography[key], rows[key]) for key in ordered]

    def _paper(self, key: str, entry: Entry, rows: list[tuple[Source, Function]]) -> nodes.section:
        section = nodes.section(ids=[f"equations-{nodes.make_id(key)}"], names=[f"equations {key}"])
        section += nodes.title("", heading(entry))
        cited, _ = self.state.inline_text(f"{{cite:p}}`{key}`", self.lineno)
        title = re.sub(r"[{}]", "", entry.fields.get("title", ""))
        section += nodes.paragraph("", "", nodes.Text(f"{title} "), *cited)
        section += table(sorted(rows, key=lambda row: (natural(row[0].place), row[1].name)))
        return section


def papers(env: BuildEnvironment) -> dict[str, Entry]:
    """The bibliography: its entries by key."""
    entries: dict[str, Entry] = {}
    for name in env.config.bibtex_bibfiles:
        entries |= dict(parse_file(str(Path(env.srcdir) / name)).entries)
    return entries


def heading(entry: Entry) -> str:
    """A paper's heading: `Plate (1995)`, `Kohonen and Oja (1972)`, `Le et al. (2020)`."""
    names = [" ".join(person.last_names) for person in entry.persons.get("author", [])]
    who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return re.sub(r"[{}]", "", f"{who or entry.key} ({entry.fields.get('year', 'no year')})")


def natural(place: str) -> list[tuple[bool, int, str]]:
    """Sort `Eq. 10` behind `Eq. 9`, and what names no place last."""
    if not place:
        return [(True, 0, "")]
    return [(False, int(part or 0), "") if part.isdigit() else (False, 0, part) for part in re.split(r"(\d+)", place)]


def table(rows: list[tuple[Source, Function]]) -> nodes.table:
    """The table of one paper."""
    heads = [nodes.paragraph("", text) for text in ("Place", "Function", "Tests that use it")]
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in (14, 34, 52)), cols=3)
    group += nodes.thead("", nodes.row("", *(nodes.entry("", head) for head in heads)))
    body = nodes.tbody()
    for source, function in rows:
        place = nodes.paragraph("", source.place or "the paper as a whole")
        cells = [[place], [nodes.paragraph("", "", FunctionName(function.name, function.name))], tests(function)]
        body += nodes.row("", *(nodes.entry("", *cell) for cell in cells))
    group += body
    return nodes.table("", group, classes=["equation-index"])


def tests(function: Function) -> list[nodes.Node]:
    """The first few tests, a line each, and how many more there are."""
    lines = [nodes.paragraph("", "", nodes.literal(test, test)) for test in function.tests[:SHOWN]]
    if more := len(function.tests) - SHOWN:
        lines += [nodes.paragraph("", f"and {more} more")] if more > 0 else []
    return lines


def link(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make each function's name a link to the API page, or plain code where that page does not hold it."""
    objects = app.env.get_domain("py").objects
    for node in list(doctree.findall(FunctionName)):
        name = node.astext()
        short = nodes.literal(name, name.removeprefix("memlib.mechanisms."), classes=["xref", "py", "py-func"])
        if entry := objects.get(name):
            node.replace_self(make_refnode(app.builder, docname, entry.docname, entry.node_id, short, name))
        else:
            node.replace_self(short)


def outdated(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Read the page again when a source, a test or a problem changed."""
    state = getattr(env, "equation_index_state", {})
    if not state:
        return []
    functions, _ = collect(Path(env.srcdir), set(papers(env)))
    return [name for name, seen in state.items() if name in env.found_docs and seen != (repr(functions), False)]


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is read again or gone."""
    getattr(env, "equation_index_state", {}).pop(docname, None)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_node(FunctionName)
    app.add_directive("equation-index", EquationIndex)
    app.connect("doctree-resolved", link)
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", purge)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
