"""What Jupyter Book's pages need to be clean, offline and accessible.

- the vendored scripts are referred to from any depth; where they were not vendored, the public CDNs are used;
- sphinx-thebe's scripts, unused here, are dropped: they declare a constant twice, an error on every page;
- the theme's build templates, which it leaves among the pages, are deleted.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.builders.html._assets import _JavaScript
from sphinx.config import Config

VENDOR = re.compile(r"^(?:_static/)?(?:\.\./)+vendor/")


def choose_scripts(app: Sphinx, config: Config) -> None:
    """Fall back to the public CDNs where the pages' scripts were not vendored."""
    vendored = (Path(app.srcdir) / "book" / "site_root" / "vendor" / "require.js").exists()
    if vendored and os.environ.get("MEMLIB_VENDORED") != "0":
        return
    from myst_nb.core.config import ipywidgets_js_factory
    from sphinx.ext.mathjax import MATHJAX_URL

    config.mathjax_path = MATHJAX_URL
    config.nb_ipywidgets_js = ipywidgets_js_factory()
    config.html_extra_path = []


def mend_scripts(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Drop thebe, and let the vendored scripts be found from a page at any depth."""
    pathto = context["pathto"]

    def mended(script: Any) -> Any:
        name = str(getattr(script, "filename", script) or "")
        if not VENDOR.search(name):
            return script
        attributes = {
            key: pathto("vendor/", 1) if VENDOR.search(str(value)) else value
            for key, value in script.attributes.items()
        }
        return _JavaScript(VENDOR.sub("vendor/", name), priority=script.priority, **attributes)

    context["script_files"] = [mended(script) for script in context["script_files"] if not is_thebe(script)]
    context["css_files"] = [style for style in context["css_files"] if not is_thebe(style)]


def is_thebe(asset: Any) -> bool:
    """Say whether a script or a style sheet is sphinx-thebe's."""
    said = f"{getattr(asset, 'filename', asset)} {getattr(asset, 'attributes', {}).get('body', '')}"
    return "thebe" in said.lower()


def drop_templates(app: Sphinx, error: Exception | None) -> None:
    """Delete the theme's templates from the site: they are no pages, and a reader's browser cannot show them."""
    if not error:
        for path in Path(app.outdir, "_static").glob("*webpack-macros.html"):
            path.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the handlers."""
    app.connect("config-inited", choose_scripts, priority=100)
    app.connect("html-page-context", mend_scripts, priority=900)
    app.connect("build-finished", drop_templates)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
