"""The rules of the house, as tests: floors, sizes, words, dependencies, and files that must agree with each other."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import memlib

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

MODELS = {"runtime", "mechanisms", "kernels", "models"}
TASKS = {"runtime", "data", "tasks"}
TRAINING = MODELS | TASKS | {"training"}
LEDGER = TRAINING | {"experiments", "ledger"}
# What the files of each floor may import; a floor may always import itself and the bare package.
FLOORS: dict[str, set[str]] = {
    "": {"runtime"},
    "runtime": set(),
    "mechanisms": {"runtime"},
    "kernels": {"runtime", "mechanisms"},
    "models": MODELS,
    "data": {"runtime"},
    "tasks": TASKS,
    "training": TRAINING,
    "experiments": TRAINING,
    "ledger": LEDGER,
    "exercises": {"runtime", "mechanisms", "models"},
    "figures": LEDGER,
    "benchmarks": LEDGER,
    "doctor": LEDGER | {"exercises", "figures"},
    "cli": LEDGER | {"benchmarks", "doctor", "exercises", "figures"},
}


def floor_of(path: Path) -> str:
    """The floor that a file of memlib stands on: its folder, or its own name at the top; '' for the package."""
    parts = path.relative_to(ROOT / "memlib").parts
    name = parts[0].removesuffix(".py")
    return "" if name == "__init__" else name


def imported_floors(source: str, package: tuple[str, ...] = ("memlib",)) -> set[str]:
    """The floors that a module imports, anywhere in it; ``package`` is the package that it stands in."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        for parts in (name.split(".") for name in names):
            if parts[0] == "memlib" and len(parts) > 1 and not parts[1].startswith("__"):
                found.add(parts[1])
    return found


MODULES = sorted((ROOT / "memlib").rglob("*.py"))
AT_THE_TOP = set(FLOORS) | set(memlib.__all__)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    floor = floor_of(path)
    assert floor in FLOORS, f"{floor} is no floor of the plan; give it a place in FLOORS and in book/design.md."
    package = path.relative_to(ROOT).parent.parts
    imported = imported_floors(path.read_text(encoding="utf-8"), package)
    assert imported <= AT_THE_TOP, f"memlib holds no {sorted(imported - AT_THE_TOP)}."
    upwards = (imported & set(FLOORS)) - FLOORS[floor] - {floor}
    assert not upwards, f"{floor or 'memlib'} may import {sorted(FLOORS[floor])}, not {sorted(upwards)}."


@pytest.mark.parametrize(
    ("source", "package", "expected"),
    [
        ("import memlib.cli", ("memlib", "data"), {"cli"}),
        ("from memlib import tasks", ("memlib",), {"tasks"}),
        ("from memlib.tasks.babi import read", ("memlib",), {"tasks"}),
        ("def f():\n    from memlib.ledger import records", ("memlib",), {"ledger"}),
        ("from ..models import x", ("memlib", "mechanisms"), {"models"}),
        ("from .shapes import checked", ("memlib", "mechanisms"), {"mechanisms"}),
        ("from memlib import __version__\nimport torch", ("memlib",), set()),
    ],
)
def test_imports_are_seen_however_they_are_written(source: str, package: tuple[str, ...], expected: set[str]) -> None:
    assert imported_floors(source, package) == expected


LIMITED = [
    p for folder in ("memlib", "book/_ext", "data_scripts", "tools") for p in sorted((ROOT / folder).rglob("*.py"))
]


@pytest.mark.parametrize("path", LIMITED, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 250, f"{lines} lines; a file holds one idea in at most 250. Split it."


def tracked() -> list[Path]:
    """The files that git keeps, without pictures and other binary ones."""
    if not (ROOT / ".git").exists():
        pytest.skip("this copy is no git checkout: there is no list of tracked files.")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:4096]]


# Written in two pieces, so that this file passes its own test.
FORBIDDEN = {
    "a developer's folder": r"(?<![\w.])/(?:ro" r"ot|wo" r"rk|ho" r"me/\w+|Us" r"ers/\w+)/",
    "a folder beside the repository": r"\.\./sha" r"red",
    "the host of a package registry": r"registry\.npm"
    r"js|files\.python"
    r"hosted|pypi\.org/sim"
    r"ple|yarn"
    r"pkg\.com",
    "a word about how the project is made": r"(?i)(?<!scope=\")\bsess" r"ions?\b|\bchat" r"gpt\b|\bAI[ -]assist",
    "an e-mail address": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b",
}
ALLOWED = {"a folder beside the repository": {".ci/run"}}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = []
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if name in ALLOWED.get(what, set()):
            continue
        text = path.read_text(encoding="utf-8")
        found += [f"{name}:{text.count(chr(10), 0, m.start()) + 1}: {m.group()}" for m in pattern.finditer(text)]
    assert not found, f"{what} stands in: " + "; ".join(found[:10])


def test_the_lock_file_names_no_registry() -> None:
    lock = ROOT / "package-lock.json"
    if not lock.exists():
        pytest.skip("there is no package-lock.json.")
    assert '"resolved"' not in lock.read_text(encoding="utf-8")


def requirements() -> list[Requirement]:
    extras = PYPROJECT["optional-dependencies"].values()
    return [Requirement(line) for group in [PYPROJECT["dependencies"], *extras] for line in group]


def test_memlib_needs_little() -> None:
    needed = {Requirement(line).name for line in PYPROJECT["dependencies"]}
    assert needed == {"torch", "numpy", "einops", "jaxtyping", "tqdm", "matplotlib", "safetensors", "typer"}


def test_the_extras_are_those_of_the_design() -> None:
    assert set(PYPROJECT["optional-dependencies"]) == {"book", "text", "widgets", "data", "rl", "cluster", "gpu", "dev"}


@pytest.mark.parametrize(("name", "versions"), [("torch", ["2.11.0", "2.13.0"]), ("numpy", ["1.26.4", "2.4.6"])])
def test_what_colab_brings_is_good_enough(name: str, versions: list[str]) -> None:
    found = next(r for r in requirements() if r.name == name)
    assert [v for v in versions if v not in found.specifier] == []


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_dependencies_are_ranges(requirement: Requirement) -> None:
    assert requirement.specifier, "a dependency without a lower bound"
    # torchtext 0.6.0 is the last pure-Python release and the only one meant.
    if requirement.name != "torchtext":
        assert all(part.operator not in {"==", "==="} for part in requirement.specifier)


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_constraints_pin_every_dependency(requirement: Requirement) -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line.split("#")[0]) for line in lines if line.split("#")[0].strip()]
    pin = next((p for p in pins if canonicalize_name(p.name) == canonicalize_name(requirement.name)), None)
    assert pin is not None, f"constraints.txt does not pin {requirement.name}."
    (specifier,) = pin.specifier
    assert specifier.operator == "=="
    assert specifier.version in requirement.specifier


def test_results_stay_small() -> None:
    size = sum(path.stat().st_size for path in (ROOT / "results").rglob("*") if path.is_file())
    assert size < 40 * 2**20, f"results/ holds {size / 2**20:.1f} MB; the limit is 40."


def test_the_citation_names_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == memlib.__version__
    assert f"## {memlib.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def pages(entry: object) -> list[str]:
    """Every page that a table of contents names."""
    if isinstance(entry, list):
        return [page for item in entry for page in pages(item)]
    if not isinstance(entry, dict):
        return []
    own = [value for key, value in entry.items() if key in {"root", "file"}]
    return own + [page for key, value in entry.items() if isinstance(value, list) for page in pages(value)]


def test_every_page_of_the_contents_exists() -> None:
    named = pages(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))
    assert "book/start_here" in [name.removesuffix(".md") for name in named]
    assert [
        n for n in named if not any((ROOT / f"{n.removesuffix('.md')}{end}").exists() for end in (".md", ".rst"))
    ] == []
    assert len(named) == len(set(named))
    too_deep = [name for name in named if len(Path(name).parts) != 2]
    assert not too_deep, f"every page stands exactly one folder deep; not so: {too_deep}"


def test_no_prose_page_is_left_out() -> None:
    named = {Path(n).stem for n in pages(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))}
    assert {page.stem for page in (ROOT / "book").glob("*.md")} <= named


def test_every_source_line_names_a_reference() -> None:
    keys = set(re.findall(r"^@\w+\{(\w+),", (ROOT / "book/references.bib").read_text(encoding="utf-8"), re.M))
    for path in MODULES:
        for line in re.findall(r"^\s+Source: (.+)$", path.read_text(encoding="utf-8"), re.M):
            named = re.findall(r"\b([a-z]+\d{4}[a-z]*)\b", line)
            assert named, f"{path.name}: 'Source: {line}' names no key of references.bib."
            assert set(named) <= keys, f"{path.name}: references.bib has no {sorted(set(named) - keys)}."
