"""``memlib doctor``: what is here, what is missing, and the command that mends it."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import memlib
from memlib.data import DATASETS, cache, find
from memlib.ledger import records
from memlib.ledger.machine import installed

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)['\"]")
# What each extra is for; extras that are missing here are listed with their packages alone.
PURPOSES = {
    "widgets": "interactive figures in Jupyter and Colab",
    "data": "fetching data sets",
    "text": "text data sets",
    "rl": "reinforcement learning tasks",
    "cluster": "sweeps over many machines",
    "gpu": "Triton kernels",
    "book": "building the book",
    "dev": "tests and checks",
}
# What each program is for, and how to get it.
PROGRAMS = {
    "node": (
        "the tests of the figures' scripts",
        "On Debian: sudo apt install nodejs; elsewhere install Node.js from its home page",
    ),
    "npm": (
        "vendoring the book's scripts",
        "On Debian: sudo apt install npm; elsewhere it comes with Node.js",
    ),
    "chromium": (
        "the browser tests",
        "On Debian: sudo apt install chromium; elsewhere install Chromium or Chrome",
    ),
}
NO_RESULTS = " is no folder yet: a run makes it; unset it to use the checkout's results"
# The names under which a browser of the Chromium family may be installed.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        state: ``ok``, ``missing`` (optional) or ``broken`` (required).
        what: what was looked at.
        detail: what was found, or the command that mends it.
    """

    state: str
    what: str
    detail: str


def _python() -> Finding:
    state = "ok" if sys.version_info >= (3, 11) else "broken"
    hint = "" if state == "ok" else "; memlib needs Python 3.11 or newer"
    return Finding(state, "python", f"{platform.python_version()} on {platform.system()} {platform.machine()}{hint}")


def _listed() -> tuple[bool, list[str]]:
    """Whether memlib is installed, and its requirements as its metadata, or else the checkout's, list them."""
    try:
        return True, requires("memlib") or []
    except PackageNotFoundError:
        project = tomllib.loads((Path(memlib.__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project.get("optional-dependencies", {}).items()
    return False, project["dependencies"] + [f"{one}; extra == '{name}'" for name, some in extras for one in some]


def _by_extra(listed: list[str]) -> dict[str, list[str]]:
    """Extra -> names of packages; the required ones under ''."""
    found: dict[str, list[str]] = {"": []}
    for line in listed:
        name, extra = _NAME.match(line), _EXTRA.search(line)
        if name:
            found.setdefault(extra[1] if extra else "", []).append(name[0])
    return found


def _package(package: str) -> Finding:
    """A required package: installed, and it imports."""
    found = installed(package)
    if found is None:
        return Finding("broken", package, f"not installed: pip install {package}")
    try:
        import_module(package.replace("-", "_"))
    except Exception as error:
        return Finding("broken", package, f"{found} does not import ({type(error).__name__}: {error})")
    return Finding("ok", package, found)


def _packages() -> Iterator[Finding]:
    here, requirements = _listed()
    state, hint = ("ok", "") if here else ("missing", ", not installed but run from its folder: pip install .")
    yield Finding(state, "memlib", f"{memlib.__version__}{hint}")
    listed = _by_extra(requirements)
    for package in listed.pop(""):
        yield _package(package)
    for extra, packages in listed.items():
        absent = [one for one in packages if installed(one) is None]
        purpose = f" ({PURPOSES[extra]})" if extra in PURPOSES else ""
        if absent:
            detail = f"without {', '.join(absent)}{purpose}: pip install 'memlib[{extra}]'"
            yield Finding("missing", f"extra {extra}", detail)
        else:
            yield Finding("ok", f"extra {extra}", f"{len(packages)} of {len(packages)} packages{purpose}")


def _device() -> Finding:
    device = memlib.device()
    threads = import_module("torch").get_num_threads()
    return Finding("ok", "device", f"{device}; {os.cpu_count()} CPU cores, torch threads: {threads}")


def _profile() -> Finding:
    return Finding("ok", "profile", memlib.profile())


def _data() -> Iterator[Finding]:
    given = os.environ.get("MEMLIB_DATA")
    if given and not Path(given).expanduser().is_dir():
        hint = f"{given} is no folder: set it to the folder that holds the data sets, or unset it to use {cache()}"
        yield Finding("missing", "MEMLIB_DATA", hint)
    else:
        yield Finding("ok", "MEMLIB_DATA", given or f"not set; the cache is {cache()}")
    for name, dataset in DATASETS.items():
        root = find(name)
        size = f"{dataset.sources[0].megabytes:g} MB" if dataset.sources else "from files of your own"
        fetch = f"not here: memlib data {name}   ({dataset.title}, {size})"
        yield Finding("ok", f"data {name}", str(root)) if root else Finding("missing", f"data {name}", fetch)


def _program(name: str) -> Finding:
    path = next(filter(None, map(shutil.which, BROWSERS if name == "chromium" else (name,))), None)
    if path is None:
        purpose, remedy = PROGRAMS[name]
        return Finding("missing", name, f"not here, needed only for {purpose}. {remedy}.")
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        said = "does not say its version"
    return Finding("ok", name, f"{said.splitlines()[0] if said else 'does not say its version'} ({path})")


def _records() -> Iterator[Finding]:
    if given := os.environ.get("MEMLIB_RESULTS"):
        state, hint = ("ok", "") if Path(given).expanduser().is_dir() else ("missing", NO_RESULTS)
        yield Finding(state, "MEMLIB_RESULTS", f"{given}{hint}")
    names = records.names()
    if not names:
        yield Finding(
            "missing", "records", "none here; in a checkout they stand in results: memlib run holographic-babi"
        )
    for name in names:
        record = records.load(name) or {}
        source = (record.get("data") or {}).get("source", "no data")
        ended = "finished" if record.get("finished") else "not finished"
        yield Finding("ok", f"record {name}", f"{ended}, on {source}")


def examine() -> Iterator[Finding]:
    """Look at everything, one finding after the other; a check that fails itself is a finding too."""
    checks: list[tuple[str, Callable[[], Finding | Iterator[Finding]]]] = [
        ("python", _python),
        ("packages", _packages),
        ("device", _device),
        ("profile", _profile),
        ("data", _data),
        *((name, lambda name=name: _program(name)) for name in PROGRAMS),
        ("records", _records),
    ]
    for what, check in checks:
        try:
            found = check()
            yield from [found] if isinstance(found, Finding) else found
        except Exception as error:
            yield Finding("broken", what, str(error) or type(error).__name__)


def report(say: Callable[[str], None]) -> int:
    """Say every finding, a line each, and a last line that sums up.

    Returns:
        0 when all that is required works, else 1.
    """
    found = []
    for finding in examine():
        found.append(finding)
        mark = {"ok": "  ", "missing": "- ", "broken": "! "}[finding.state]
        say(f"{mark}{finding.what:<18} {finding.detail}")
    broken = [finding.what for finding in found if finding.state == "broken"]
    missing = sum(finding.state == "missing" for finding in found)
    if broken:
        say(f"\nBroken: {', '.join(broken)}. The lines marked ! say what to do.")
    else:
        optional = f" Optional and missing: {missing}, marked -." if missing else ""
        say(f"\nAll that memlib needs is here.{optional}")
    return 1 if broken else 0
