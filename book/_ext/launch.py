"""The header's buttons: Download and Colab both give the notebook that was generated for Colab.

The public address of the repository comes from MEMLIB_ADDRESS (set by tools/book.py), else from `repository: url`
in _config.yml. While neither is set there is no Colab button and no link to a repository: nothing points nowhere.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
BRANCH = "colab"
FOLDER = "colab"
GITHUB = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+)")
CHAPTER = re.compile(r"notebooks/(\d\d_\w+)")


def address(config: Config) -> str:
    """Return the repository's public address, "" while it is unset."""
    given = os.environ.get("MEMLIB_ADDRESS", config.html_theme_options.get("repository_url") or "")
    return str(given).strip().rstrip("/").removesuffix(".git")


def colab_address(repository: str, name: str) -> str | None:
    """Return where Colab opens a notebook of a repository on GitHub; None for another host or none."""
    found = GITHUB.fullmatch(repository)
    if not found:
        return None
    owner, repo = found.groups()
    return f"https://colab.research.google.com/github/{owner}/{repo}/blob/{BRANCH}/notebooks/{name}.ipynb"


def set_address(app: Sphinx, config: Config) -> None:
    """Give the theme the address, and its repository buttons only where there is one."""
    options = config.html_theme_options
    options["repository_url"] = address(config)
    known = bool(GITHUB.fullmatch(options["repository_url"]))
    if options["repository_url"] and not known:
        LOGGER.warning("the address %r is not of the form https://github.com/OWNER/REPO", options["repository_url"])
        options["repository_url"] = ""
    options["use_repository_button"] = options["use_issues_button"] = known


def set_buttons(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Put the Colab notebook in place of the raw source in a page's header."""
    buttons = context.get("header_buttons")
    if buttons is None:
        return
    chapter = CHAPTER.fullmatch(page)
    for group in buttons:
        if group.get("label") == "download-buttons":
            kept = [button for button in group["buttons"] if button["label"] == "download-pdf-button"]
            group["buttons"] = [download_button(context, chapter[1]), *kept] if chapter else kept
    colab = colab_address(app.config.html_theme_options["repository_url"], chapter[1]) if chapter else None
    if colab:
        buttons.insert(
            0,
            {
                "type": "link",
                "url": colab,
                "text": "Colab",
                "icon": "_static/images/logo_colab.png",
                "tooltip": "Open this chapter's notebook in Colab",
                "label": "launch-colab-button",
            },
        )


def download_button(context: dict[str, Any], name: str) -> dict[str, str]:
    """Return the button that downloads a chapter's notebook."""
    return {
        "type": "link",
        "url": context["pathto"](f"{FOLDER}/{name}.ipynb", 1),
        "text": ".ipynb",
        "icon": "fas fa-code",
        "tooltip": "Download this chapter's notebook",
        "label": "download-notebook-button",
    }


def copy_notebooks(app: Sphinx, error: Exception | None) -> None:
    """Copy the chapters' generated notebooks to the site."""
    if error or app.builder.format != "html":
        return
    target = Path(app.outdir) / FOLDER
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for page in sorted(app.env.found_docs):
        chapter = CHAPTER.fullmatch(page)
        if not chapter:
            continue
        source = notebook(app, chapter[1])
        if source.exists():
            shutil.copy2(source, target / source.name)
        else:
            LOGGER.warning("%s is not there; make it with: make notebooks", source)


def notebook(app: Sphinx, name: str) -> Path:
    """Return a chapter's notebook: the one filled in for this address where the build made one, else the committed."""
    filled = Path(app.outdir).parent / FOLDER / f"{name}.ipynb"
    return filled if filled.exists() else Path(app.srcdir) / "notebooks" / f"{name}.ipynb"


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the handlers."""
    app.connect("config-inited", set_address, priority=100)
    app.connect("html-page-context", set_buttons, priority=900)
    app.connect("build-finished", copy_notebooks, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
