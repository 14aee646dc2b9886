"""Execute a notebook again whenever something that its outputs rest on has changed.

Jupyter's execution cache looks at a notebook's cells alone, and Sphinx at its source: both would keep old outputs after
a change of memlib, of a recorded result, of the pinned versions, of the profile or of the data at hand. So the cache's
folder is named by a hash of all these; a change of the name makes Sphinx read every page again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

PARTS = (("memlib", ("*.py", "*.js", "*.css", "*.json")), ("results", ("*.json", "*.safetensors")))
SETTINGS = {"MEMLIB_PROFILE": "quick", "MEMLIB_DATA": "", "MEMLIB_RESULTS": ""}  # and what each is where it is not set


def inputs(root: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of everything that the outputs rest on, in a fixed order."""
    for folder, patterns in PARTS:
        files = {path for pattern in patterns for path in (root / folder).rglob(pattern)}
        for path in sorted(files):
            yield path.relative_to(root).as_posix(), path.read_bytes()
    yield "constraints.txt", (root / "constraints.txt").read_bytes()
    for name, unset in SETTINGS.items():
        yield name, (os.environ.get(name) or unset).encode()
    data = os.environ.get("MEMLIB_DATA")
    if data and Path(data).is_dir():
        yield "data", " ".join(sorted(path.name for path in Path(data).iterdir())).encode()


def fingerprint(root: Path) -> str:
    """Return the hash that names the cache."""
    digest = hashlib.sha256()
    for name, content in inputs(root):
        digest.update(f"{name} {len(content)} ".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def name_cache(app: Sphinx, config: Config) -> None:
    """Point the execution cache at the folder for the present inputs, and delete the others."""
    caches = Path(app.outdir).parent.parent / "cache"
    current = caches / fingerprint(Path(app.srcdir))
    config.nb_execution_cache_path = str(current)
    if caches.is_dir():
        for other in caches.iterdir():
            if other != current:
                shutil.rmtree(other, ignore_errors=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the handler."""
    app.connect("config-inited", name_cache, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
