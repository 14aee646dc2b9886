"""The directive `{ledger-table}`: every published figure beside what our records say, a table for each group of papers.

`{ledger-count}` counts the verdicts in one small table.
A record that is broken or contradicts its experiment is a warning, hence an error of the book's build.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from memlib.experiments import registry
from memlib.ledger import published, report
from memlib.ledger.records import RecordError
from memlib.ledger.verdict import HELD, MEASURED, MISSED, NOT_RUN, PARTIAL

LOGGER = logging.getLogger(__name__)
TESTED = "tested"
FULL = (("Row", 9), ("System", 19), ("Published", 13), ("Ours", 16), ("Verdict", 20), ("Budget, hardware, command", 23))
COUNTED = (HELD, MISSED, PARTIAL, NOT_RUN, MEASURED, TESTED)
SHORT = (("Row", 7), ("System", 40), ("Published", 38), ("Verdict", 15))


class LedgerTable(SphinxDirective):
    """Renders the tables; takes no argument and no content."""

    def run(self) -> list[nodes.Node]:
        """Read the records and return a section for each group of papers."""
        entries, problems = collect()
        for problem in problems:
            LOGGER.warning("%s", problem, location=(self.env.docname, self.lineno))
        remember(self.env, entries, problems)
        return [self._section(section, entries) for section in published.sections()]

    def _section(self, section: published.Section, entries: dict[str, report.Entry]) -> nodes.section:
        found = nodes.section(ids=[f"ledger-{nodes.make_id(section.title)}"], names=[f"ledger {section.title.lower()}"])
        found += nodes.title("", section.title)
        if section.papers:
            cited, _ = self.state.inline_text(f"{{cite:t}}`{','.join(section.papers)}`", self.lineno)
            found += nodes.paragraph("", "", *cited)
        found += table(section, entries)
        return found


class LedgerCount(SphinxDirective):
    """Renders the small table of verdicts; takes no argument and no content."""

    def run(self) -> list[nodes.Node]:
        """Count the lines; what is wrong with a record is said by the other directive."""
        entries, problems = collect()
        remember(self.env, entries, problems)
        counts = count(entries)
        heads = ["", *COUNTED, "lines"]
        group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in (20, *[10] * 7)), cols=len(heads))
        group += nodes.thead("", row([[nodes.paragraph("", head)] for head in heads]))
        body = nodes.tbody()
        for kind, words in counts.items():
            told = [kind, *(str(words[word]) for word in COUNTED), str(words.total())]
            body += row([[nodes.paragraph("", text)] for text in told])
        group += body
        return [nodes.table("", group, classes=["colwidths-given", "ledger"])]


def count(entries: dict[str, report.Entry]) -> dict[str, Counter[str]]:
    """How many lines have which word: those with a paper's figure, and those with a goal of our own.

    Lines that only lead to another page are left out.
    """
    found: dict[str, Counter[str]] = {"figures of papers": Counter(), "goals of our own": Counter()}
    for line in (line for section in published.sections() for line in section.lines):
        entry = entries.get(line.experiment)
        if line.tests or entry or not line.note.startswith("see "):
            word = TESTED if line.tests else entry.verdict.word if entry else report.NOT_RUN
            found["goals of our own" if line.figure.startswith("own") else "figures of papers"][word] += 1
    return found


def remember(env: BuildEnvironment, entries: dict[str, report.Entry], problems: list[str]) -> None:
    """What the page that is being read was made from."""
    state = getattr(env, "ledger_page_state", {})
    env.ledger_page_state = {**state, env.docname: (fingerprint(entries), bool(problems))}  # type: ignore[attr-defined]


def collect() -> tuple[dict[str, report.Entry], list[str]]:
    """What there is to say of each experiment, by name; and what is wrong with the records."""
    entries, problems = {}, []
    for name, experiment in registry.EXPERIMENTS.items():
        try:
            entries[name] = report.entry(experiment)
        except RecordError as error:
            problems.append(str(error))
    return entries, problems


def fingerprint(entries: dict[str, report.Entry]) -> str:
    """Of everything that the tables show."""
    return hashlib.sha256(repr((published.sections(), entries)).encode()).hexdigest()


def table(section: published.Section, entries: dict[str, report.Entry]) -> nodes.table:
    """One group's table: with our figures where any of its lines has an experiment, else a narrow one."""
    full = any(line.experiment for line in section.lines)
    columns = FULL if full else SHORT
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for _, width in columns), cols=len(columns))
    group += nodes.thead("", row([[nodes.paragraph("", head)] for head, _ in columns]))
    body = nodes.tbody()
    for line in section.lines:
        body += row(cells(line, entries.get(line.experiment), full))
    group += body
    return nodes.table("", group, classes=["colwidths-given", "ledger", "ledger-full" if full else "ledger-short"])


def cells(line: published.Line, entry: report.Entry | None, full: bool) -> list[list[nodes.Node]]:
    """The cells of one line."""
    place = [nodes.paragraph("", line.row)] + ([nodes.paragraph("", line.place)] if line.place else [])
    start = [place, text(line.system), text(line.figure)]
    if not full:
        return [*start, verdict(line, entry)]
    if entry is None:
        return [*start, [], verdict(line, entry), []]
    command = nodes.paragraph("", "", nodes.literal(entry.command, entry.command))
    return [*start, text(entry.ours), verdict(line, entry), [*text(entry.budget, entry.hardware), command]]


def verdict(line: published.Line, entry: report.Entry | None) -> list[nodes.Node]:
    """The verdict's word, and what is to be said with it."""
    if line.tests:
        return [sentence(TESTED, ""), nodes.paragraph("", "", nodes.literal(line.tests, line.tests))]
    if entry is None and line.note.startswith("see "):  # shown elsewhere
        return text(line.note[0].upper() + line.note[1:])
    if entry is None:
        return [sentence(report.NOT_RUN, line.note or ("its record was refused" if line.experiment else ""))]
    return [sentence(entry.verdict.word, "; ".join((*entry.verdict.reasons, *([line.note] if line.note else []))))]


def sentence(word: str, rest: str) -> nodes.paragraph:
    """A word in bold, and what follows it."""
    return nodes.paragraph("", "", nodes.strong(word, word), nodes.Text(f": {unbroken(rest)}" if rest else ""))


def text(*lines: str) -> list[nodes.Node]:
    """A paragraph for each line that is not empty."""
    return [nodes.paragraph("", unbroken(line)) for line in lines if line]


def unbroken(line: str) -> str:
    """Keep a figure and its per cent sign on one line."""
    return line.replace(" %", "\u00a0%")


def row(cells: list[list[nodes.Node]]) -> nodes.row:
    """A row of a table."""
    return nodes.row("", *(nodes.entry("", *cell) for cell in cells))


def outdated(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Read the page again when a record or an experiment changed."""
    state = getattr(env, "ledger_page_state", {})
    if not state:
        return []
    entries, _ = collect()
    return [name for name, seen in state.items() if name in env.found_docs and seen != (fingerprint(entries), False)]


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is read again or gone."""
    getattr(env, "ledger_page_state", {}).pop(docname, None)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive and the tables' style."""
    app.add_directive("ledger-table", LedgerTable)
    app.add_directive("ledger-count", LedgerCount)
    app.add_css_file("ledger.css")
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", purge)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
