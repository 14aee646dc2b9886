"""The directive `{benchmarks}`: what each benchmark's record says, or the command where there is none.

A record that cannot be read is a warning, hence an error of the book's build. One that was made with other settings
than the benchmark has now is not shown: the page says so.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from typing import Any

from docutils import nodes
from ledger_page import row, sentence, text
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from memlib.benchmarks import registry, words
from memlib.benchmarks.benchmark import Benchmark
from memlib.ledger import records

LOGGER = logging.getLogger(__name__)
Record = Mapping[str, Any]


class Benchmarks(SphinxDirective):
    """Renders a section for each benchmark; takes no argument and no content."""

    def run(self) -> list[nodes.Node]:
        """Read the records and return the sections."""
        found, problems = collect()
        for problem in problems:
            LOGGER.warning("%s", problem, location=(self.env.docname, self.lineno))
        state = getattr(self.env, "benchmarks_page_state", {})
        self.env.benchmarks_page_state = {**state, self.env.docname: fingerprint(found)}
        return [section(benchmark, found.get(benchmark.name)) for benchmark in registry.BENCHMARKS.values()]


def collect() -> tuple[dict[str, Record], list[str]]:
    """The records by the names of their benchmarks, and what is wrong with those that cannot be read."""
    found, problems = {}, []
    for benchmark in registry.BENCHMARKS.values():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                record = records.load(benchmark.record)
        except records.RecordError as error:
            problems.append(str(error))
            continue
        if record is not None:
            found[benchmark.name] = record
    return found, problems


def fingerprint(found: Mapping[str, Record]) -> str:
    """Of everything that the page shows."""
    return hashlib.sha256(repr((list(registry.BENCHMARKS.values()), found)).encode()).hexdigest()


def section(benchmark: Benchmark, record: Record | None) -> nodes.section:
    """What there is to say of one benchmark."""
    name = f"benchmark-{nodes.make_id(benchmark.name)}"
    made = nodes.section(ids=[name], names=[name])
    made += nodes.title("", benchmark.title)
    made += nodes.paragraph("", benchmark.question)
    command = nodes.literal(benchmark.command, benchmark.command)
    if record is None:
        made += nodes.paragraph("", "", nodes.strong("", "Not run yet."), nodes.Text(" To run it: "), command)
        return made
    if words.stale(benchmark, record):
        said = " It was run with other settings than it has now. To run it again: "
        made += nodes.paragraph("", "", nodes.strong("", "Out of date."), nodes.Text(said), command)
        return made
    if record["goals"]:
        made += nodes.bullet_list("", *(_goal(goal) for goal in record["goals"]))
    for case in record["cases"]:
        made += nodes.paragraph("", "", nodes.strong("", case["title"]))
        made += table(case)
    made += nodes.paragraph("", "", nodes.Text(f"{words.setting(record)} To run it again: "), command)
    return made


def _goal(goal: Record) -> nodes.list_item:
    return nodes.list_item("", sentence(words.verdict(goal).capitalize(), words.goal(goal)))


def table(case: Record) -> nodes.table:
    """One case: a line for each side, a column for each number of threads."""
    rows = case["rows"]
    sides = list(dict.fromkeys(one["side"] for one in rows))
    threads = [n for n in dict.fromkeys(one["threads"] for one in rows) if any("seconds" in one for one in rows)]
    heads = ["Side", *(f"{n} thread{'s' if n > 1 else ''}" for n in threads), "Memory", "More"]
    widths = [22, *([24] * len(threads)), 20, 18]
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in widths), cols=len(heads))
    group += nodes.thead("", row([[nodes.paragraph("", head)] for head in heads]))
    body = nodes.tbody()
    for side in sides:
        own = [one for one in rows if one["side"] == side]
        timed = [text(*words.duration(one, case)) for n in threads for one in own if one["threads"] == n]
        more = text(*(f"{key}: {value}" for key, value in own[0]["about"].items()))
        body += row([text(own[0]["title"]), *timed, text(*words.memory(own[0])), more])
    group += body
    kind = "ledger-full" if threads else "ledger-short"
    return nodes.table("", group, classes=["colwidths-given", "ledger", kind])


def outdated(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Read the page again when a record or a benchmark changed."""
    state = getattr(env, "benchmarks_page_state", {})
    if not state:
        return []
    found, problems = collect()
    return [name for name, seen in state.items() if name in env.found_docs and (problems or seen != fingerprint(found))]


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is read again or gone."""
    getattr(env, "benchmarks_page_state", {}).pop(docname, None)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive; the tables' style is the ledger's."""
    app.add_directive("benchmarks", Benchmarks)
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", purge)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
