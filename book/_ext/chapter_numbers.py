"""A chapter's number comes from its file name: ``notebooks/10_fast_weights`` is chapter 10, whichever others stand.

Sphinx counts the pages of a numbered table of contents. As long as some chapters are not written, that number would
change with every new one, and with it each reference that a reader wrote down.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector

CHAPTER = re.compile(r"^notebooks/(\d\d)_")
# After Sphinx has counted (500).
PRIORITY = 600


def number_of(docname: str) -> int | None:
    """The number in a chapter's file name; None for a page that is no chapter."""
    found = CHAPTER.match(docname)
    return int(found[1]) if found else None


def renumber(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Put the chapters' own numbers in the place of the counted ones, and number figures and equations anew.

    Returns:
        The pages whose numbers changed by it, so that they are written again.
    """
    changed = []
    for docname, sections in env.toc_secnumbers.items():
        number = number_of(docname)
        if number is None or not any(counted and counted[0] != number for counted in sections.values()):
            continue
        env.toc_secnumbers[docname] = {
            anchor: (number, *counted[1:]) if counted else counted for anchor, counted in sections.items()
        }
        for node in (env.titles[docname], *env.tocs[docname].findall(nodes.reference)):
            if node.get("secnumber"):
                node["secnumber"] = (number, *node["secnumber"][1:])
        changed.append(docname)
    if changed:
        changed += TocTreeCollector().assign_figure_numbers(env)
    return sorted(set(changed))


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("env-get-updated", renumber, priority=PRIORITY)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
