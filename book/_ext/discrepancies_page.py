"""The directive `{discrepancies}`: paper, authors' code, our option and its measured effect, an entry for each.

A record that is broken or contradicts its experiment is a warning, hence an error of the book's build.
"""

from __future__ import annotations

import hashlib
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from memlib.experiments import registry
from memlib.experiments.experiment import Experiment
from memlib.ledger import effects, register
from memlib.ledger.records import RecordError

LOGGER = logging.getLogger(__name__)
NOT_MEASURED = "not measured yet"
DIVERGED = "diverged"
WITHIN = "The medians are no further apart than the seeds of one of the two."
# What is known of an experiment: its effect, and what became of runs that did not finish.
Found = tuple[effects.Effect | None, list[str]]


class Discrepancies(SphinxDirective):
    """Renders the register; takes no argument and no content."""

    def run(self) -> list[nodes.Node]:
        """Read the entries and the records, and return a section for each paper."""
        found, problems = collect()
        for problem in problems:
            LOGGER.warning("%s", problem, location=(self.env.docname, self.lineno))
        state = getattr(self.env, "discrepancies_state", {})
        self.env.discrepancies_state = {**state, self.env.docname: (fingerprint(found), bool(problems))}
        return [self._paper(paper, found) for paper in register.papers()]

    def _paper(self, paper: register.Paper, found: dict[str, Found]) -> nodes.section:
        section = _section(f"discrepancies-{paper.key}", paper.title)
        read = f"{{cite:t}}`{paper.key}`. The code that was read: `{paper.repository}` at commit `{paper.commit[:12]}`."
        section += nodes.paragraph("", "", *self._inline(read))
        options = f"The options are those of `{_path(paper.config)}`{others(paper)}."
        section += nodes.paragraph("", "", *self._inline(options))
        for entry in paper.entries:
            section += self._entry(paper, entry, found.get(entry.experiment))
        return section

    def _entry(self, paper: register.Paper, entry: register.Discrepancy, found: Found | None) -> nodes.section:
        section = _section(f"{paper.key}-{entry.id}", entry.title)
        rows = [
            ("The paper", [self._inline(entry.paper + (f" ({entry.where})" if entry.where else ""))]),
            ("The code", [self._inline(f"{entry.code} (`{entry.file}`)")]),
        ]
        if entry.option:
            owner = "" if entry.config is paper.config else f"{entry.config.__name__}."
            rows.append(("Our option", [self._inline(f"`{owner}{entry.option}`")]))
        rows.append(("Effect", self._effect(entry, found)))
        if entry.seen:
            rows.append(("Seen in", [self._inline(f"`{entry.seen}`")]))
        if entry.remark:
            rows.append(("Remark", [self._inline(entry.remark)]))
        terms = nodes.definition_list(classes=["discrepancy"])
        for term, texts in rows:
            paragraphs = [nodes.paragraph("", "", *text) for text in texts]
            terms += nodes.definition_list_item("", nodes.term("", term), nodes.definition("", *paragraphs))
        section += terms
        return section

    def _effect(self, entry: register.Discrepancy, found: Found | None) -> list[list[nodes.Node]]:
        if entry.no_effect:
            return [self._inline(entry.no_effect[0].upper() + entry.no_effect[1:])]
        effect, stopped = found or (None, [])
        lines = [f"{line[0].upper()}{line[1:]}." for line in stopped]
        if effect is None and DIVERGED in " ".join(stopped):
            lines = [f"**{DIVERGED}**.", *(line.replace(f"{DIVERGED}: ", "") for line in lines)]
        elif effect is None:
            lines.append(f"**{NOT_MEASURED}**: `{entry.command}`")
        else:
            lines.append(
                f"**{effect}**. Data: {effect.source}. Experiments: `{entry.experiment}` against `{_other(entry)}`."
            )
            lines += [WITHIN] if effect.within_seeds else []
        return [self._inline(line) for line in lines]

    def _inline(self, text: str) -> list[nodes.Node]:
        return self.state.inline_text(text, self.lineno)[0]


def others(paper: register.Paper) -> str:
    """The further classes whose options the paper's entries name, in words."""
    found = dict.fromkeys(entry.config for entry in paper.entries if entry.config is not paper.config)
    return "".join(f", or of `{_path(one)}` where its name stands before the option" for one in found)


def _path(config: type) -> str:
    return f"{config.__module__}.{config.__name__}"


def _section(name: str, title: str) -> nodes.section:
    section = nodes.section(ids=[nodes.make_id(name)], names=[name])
    section += nodes.title("", title)
    return section


def _other(entry: register.Discrepancy) -> str:
    experiment = registry.get(entry.experiment)
    return experiment.baseline if isinstance(experiment, Experiment) else ""


def collect() -> tuple[dict[str, Found], list[str]]:
    """What is known of each entry's experiment, by name; and what is wrong with the records."""
    found: dict[str, Found] = {}
    problems = []
    for entry in (entry for paper in register.papers() for entry in paper.entries if entry.experiment):
        experiment = registry.get(entry.experiment)
        if isinstance(experiment, Experiment):
            try:
                found[entry.experiment] = effects.effect(experiment), effects.stopped(experiment)
            except RecordError as error:
                problems.append(str(error))
    return found, problems


def fingerprint(found: dict[str, Found]) -> str:
    """Of everything that the page shows."""
    return hashlib.sha256(repr((register.papers(), found)).encode()).hexdigest()


def outdated(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Read the page again when an entry or a record changed."""
    state = getattr(env, "discrepancies_state", {})
    if not state:
        return []
    found, _ = collect()
    return [name for name, seen in state.items() if name in env.found_docs and seen != (fingerprint(found), False)]


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is read again or gone."""
    getattr(env, "discrepancies_state", {}).pop(docname, None)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("discrepancies", Discrepancies)
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", purge)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
