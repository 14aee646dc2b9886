"""Collect which function computes which paper's equation, and which tests use it. Reads files; imports nothing.

A public function of `memlib/mechanisms` names its sources in its docstring, in a line of its own:

    Source: plate1995, Eq. 3
    Source: widrow1960; le2020, App. C

that is `Source:`, then one or more sources with `;` between them. A source is a key of the bibliography, and after a
comma, where the paper has one, the place: `Eq. 3`, `Eqs. 3, 4`, `Sec. 2.2`, `App. C`, `Alg. 1`, `Tab. 2`, `p. 7`. A
long line goes on in the next one, indented further. Several `Source:` lines are allowed. Other folders of `memlib` may
have such lines too; there they are collected, but not required. Packages below a folder are read as well.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

REQUIRED = "mechanisms"
FOLDERS = (REQUIRED, "kernels", "models")
NO_MECHANISMS = {"__init__.py", "lerp.py", "shapes.py"}  # what mechanisms are made with
LINE = re.compile(r"^([ \t]*)Source:[ \t]*(.*(?:\n\1[ \t]+\S.*)*)", re.MULTILINE)
SOURCE = re.compile(r"^(?P<paper>[a-z][\w-]*)(?:,\s*(?P<place>(?:Eqs?|Sec|App|Alg|Tab|Fig|Prop|p|pp)\.\s*\S.*))?$")


@dataclass(frozen=True)
class Source:
    """A place in a paper; `place` is empty where no single equation is meant."""

    paper: str
    place: str = ""


@dataclass
class Function:
    """A public function of memlib, where it stands, its sources, and the tests that use it, most telling first."""

    name: str
    file: str
    line: int
    sources: list[Source] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Problem:
    """Something to mend, with its place."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def sources(docstring: str) -> list[Source]:
    """The sources that a docstring names; ValueError where a line does not follow the grammar."""
    found = []
    for line in LINE.finditer(inspect.cleandoc(docstring)):
        for part in " ".join(line[2].split()).rstrip(".").split(";"):
            source = SOURCE.match(part.strip())
            if source is None:
                raise ValueError(f"{part.strip()!r} is no source: write 'Source: key' or 'Source: key, Eq. 3'")
            found.append(Source(source["paper"], source["place"] or ""))
    return found


def collect(root: Path, papers: set[str]) -> tuple[list[Function], list[Problem]]:
    """The functions with a source below `root`, and what is missing; `papers` are the bibliography's keys."""
    functions: list[Function] = []
    problems: list[Problem] = []
    for folder in FOLDERS:
        for path in sorted((root / "memlib" / folder).rglob("*.py")):
            if path.name not in NO_MECHANISMS:
                _read(path, root, folder == REQUIRED, functions, problems)
    uses = _tests(root, {function.name for function in functions})
    for function in functions:
        function.tests = _most_telling(function, uses)
        if not function.tests and function.name.startswith(f"memlib.{REQUIRED}."):
            problems.append(Problem(function.file, function.line, f"no test below tests/ uses {function.name}"))
        for source in function.sources:
            if source.paper not in papers:
                message = f"{source.paper} is no key of the bibliography"
                problems.append(Problem(function.file, function.line, message))
    return functions, problems


def _read(path: Path, root: Path, required: bool, functions: list[Function], problems: list[Problem]) -> None:
    file = path.relative_to(root).as_posix()
    module = ".".join(path.relative_to(root).with_suffix("").parts)
    kinds = (ast.FunctionDef,) if required else (ast.FunctionDef, ast.ClassDef)
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, kinds) or node.name.startswith("_"):
            continue
        function = Function(f"{module}.{node.name}", file, node.lineno)
        try:
            function.sources = sources(ast.get_docstring(node) or "")
        except ValueError as error:
            problems.append(Problem(file, node.lineno, f"{node.name}: {error}"))
            continue
        if function.sources:
            functions.append(function)
        elif required:
            message = f"the docstring of {node.name} has no line 'Source: key, Eq. n'"
            problems.append(Problem(file, node.lineno, message))


def _most_telling(function: Function, uses: dict[str, set[str]]) -> list[str]:
    """The tests that use it: first those of the file that mirrors its own, and those about few functions."""
    mirror = function.file.replace("memlib/", "tests/").rpartition("/")
    own = f"{mirror[0]}/test_{mirror[2]}::"
    tests = [test for test, names in uses.items() if function.name in names]
    return sorted(tests, key=lambda test: (not test.startswith(own), len(uses[test]), test))


def _tests(root: Path, names: set[str]) -> dict[str, set[str]]:
    """Each test (`tests/.../test_x.py::test_y`) and which of `names` it uses, by itself or through its helpers."""
    uses: dict[str, set[str]] = {}
    for path in sorted((root / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        aliases = _imports(tree)
        defined = _defined(tree)
        direct = {name: _used(nodes, aliases) for name, nodes in defined.items()}
        for name in defined:
            if name.rpartition(".")[2].startswith("test_"):
                found = _reached(name, direct) & names
                if found:
                    test = name.replace(".", "::")
                    uses[f"{path.relative_to(root).as_posix()}::{test}"] = found
    return uses


def _imports(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for, in full: `recall` -> `memlib.mechanisms.associative.recall`."""
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            aliases |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                aliases[alias.asname or first] = alias.name if alias.asname else first
    return aliases


def _defined(tree: ast.Module) -> dict[str, list[ast.AST]]:
    """What stands at the top of a test file, by name: functions, methods as `Class.name`, assignments."""
    defined: dict[str, list[ast.AST]] = defaultdict(list)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            defined[node.name].append(node)
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    defined[f"{node.name}.{method.name}"] += [method, *node.decorator_list]
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for name in (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)):
                defined[name].append(node)
    return dict(defined)


def _used(nodes: list[ast.AST], aliases: dict[str, str]) -> set[str]:
    """Every name that is used, bare, and in full where it was imported."""
    found = set()
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if isinstance(node, (ast.Name, ast.Attribute)):
            first, _, rest = ast.unparse(node).partition(".")
            full = aliases.get(first, first)
            found.add(f"{full}.{rest}" if rest else full)
        elif isinstance(node, ast.arg):
            found.add(node.arg)  # a fixture of the same file
    return found


def _reached(name: str, direct: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    seen = {name}
    while waiting:
        used = direct[waiting.pop()]
        found |= used
        new = (used & direct.keys()) - seen
        seen |= new
        waiting += new
    return found
