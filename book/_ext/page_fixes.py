"""What Jupyter Book's pages need to be clean, offline and accessible.

- the vendored scripts are referred to from any depth; where they were not vendored, the public CDNs are used;
- sphinx-thebe's scripts, unused here, are dropped: they declare a constant twice, an error on every page;
- index.html is a whole page that leads to the first one;
- what is no page of this build is deleted: the theme's templates, pages whose source is gone.
"""

from __future__ import annotations

import os
import re
import shutil
from html import escape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.builders.html._assets import _JavaScript
from sphinx.config import Config

PRELOAD = re.compile(r'<link rel="preload" as="font"[^>]*>\n?')
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


def drop_leftovers(app: Sphinx, error: Exception | None) -> None:
    """Delete what is no page: the theme's templates, and pages of earlier builds whose source is gone.

    Nor do pages ask for fonts ahead of time: from file:// a browser refuses that, and says so on the console.
    """
    if error or app.builder.format != "html":
        return
    site = Path(app.outdir)
    if not app.config.html_extra_path:
        shutil.rmtree(site / "vendor", ignore_errors=True)
    for path in site.glob("_static/*webpack-macros.html"):
        path.unlink()
    for path in site.glob("**/*.html"):
        text = path.read_text(encoding="utf-8")
        if PRELOAD.search(text):
            path.write_text(PRELOAD.sub("", text), encoding="utf-8")
    for folder in ("book", "notebooks"):
        for path in site.glob(f"{folder}/*.html"):
            if path.relative_to(site).with_suffix("").as_posix() not in app.env.found_docs:
                path.unlink()


def write_index(app: Sphinx, error: Exception | None) -> None:
    """Write index.html, which leads to the first page, as a whole page with a language, a title and an icon."""
    root = app.config.root_doc
    if error or app.builder.format != "html" or root == "index":
        return
    first, title = escape(f"{root}.html"), escape(app.config.html_title)
    icon = escape(f"_static/{Path(app.config.html_favicon).name}")
    text = f"""<!DOCTYPE html>
<html lang="{escape(app.config.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="0; url={first}">
<title>{title}</title>
<link rel="icon" href="{icon}">
</head>
<body><main><h1>{title}</h1><p>The book begins here: <a href="{first}">{title}</a></p></main></body>
</html>
"""
    Path(app.outdir, "index.html").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the handlers."""
    app.connect("config-inited", choose_scripts, priority=100)
    app.connect("html-page-context", mend_scripts, priority=900)
    app.connect("build-finished", drop_leftovers, priority=900)
    app.connect("build-finished", write_index, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
