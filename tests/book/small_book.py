"""A small book with every directive and role of the authors' list, read and built as the real one is."""

import io
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SMALL = Path(__file__).parent / "fixtures" / "small"
sys.path.insert(0, str(ROOT / "book" / "_ext"))

HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  name: python3
---

"""


def settings() -> dict[str, Any]:
    return {
        "extensions": ["myst_nb", "sphinx_design", "sphinx_exercise", "sphinx_proof", "sphinxcontrib.bibtex"],
        "myst_enable_extensions": ["amsmath", "attrs_block", "attrs_inline", "colon_fence", "dollarmath"],
        "bibtex_bibfiles": ["references.bib"],
        "bibtex_reference_style": "author_year",
        "root_doc": "index",
        "numfig": True,
        "exclude_patterns": ["_build"],
    }


def build_html(root: Path, out: Path, *extensions: str) -> None:
    """Execute the small book and write its pages to `out/html`."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    warnings = io.StringIO()
    config = {**settings(), "nb_execution_mode": "force", "html_theme": "basic"}
    config["extensions"] = [*config["extensions"], *extensions]
    with patch_docutils(str(root)), docutils_namespace():
        app = Sphinx(str(root), None, str(out / "html"), str(out / "trees"), "html", config, None, warnings)
        app.build()
    assert app.statuscode == 0, warnings.getvalue()
