"""Tests of the pages of the API: what a chapter imports stands there, once, under its right name."""

import ast
import importlib
import inspect
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import yaml

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "book").glob("api_*.md"))
DIRECTIVE = re.compile(r"^\.\. auto(module|class):: (\S+)\n((?:   :.*\n)*)", re.MULTILINE)
OPTIONS = re.compile(r"^---\n.*?^---\n", re.MULTILINE | re.DOTALL)
CELL = re.compile(r"^```\{code-cell\}.*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def shown() -> list[tuple[str, str, list[str]]]:
    """Kind, full name and named members (none: all) of each entry, over all pages."""
    found = []
    for path in PAGES:
        for kind, name, options in DIRECTIVE.findall(path.read_text(encoding="utf-8")):
            members = re.search(r":members:(.*)", options)
            found.append(
                (kind, name, [word.strip() for word in members[1].split(",") if word.strip()] if members else [])
            )
    return found


def imported() -> set[tuple[str, str]]:
    """Module and name of everything that the chapters' cells import from memlib."""
    names = set()
    for path in sorted((ROOT / "notebooks").glob("*.md")):
        for cell in CELL.findall(path.read_text(encoding="utf-8")):
            code = "\n".join(
                line for line in OPTIONS.sub("", cell).splitlines() if not line.startswith((":", "%", "!"))
            )
            for node in ast.walk(ast.parse(code)):
                if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "memlib":
                    names |= {(str(node.module), alias.name) for alias in node.names}
    return names


def test_what_a_chapter_imports_is_on_a_page_of_the_api() -> None:
    modules = {name: members for kind, name, members in shown() if kind == "module"}
    classes = {name for kind, name, _ in shown() if kind == "class"}
    missing = []
    for place, name in sorted(imported()):
        module = importlib.import_module(place)
        thing = getattr(module, name) if hasattr(module, name) else importlib.import_module(f"{place}.{name}")
        if isinstance(thing, ModuleType):
            known = thing.__name__ in modules
        elif inspect.isclass(thing) or inspect.isroutine(thing):
            homes = {place, thing.__module__}
            known = any(home in modules and name in (modules[home] or [name]) for home in homes)
            known = known or bool(classes & {f"{home}.{name}" for home in homes})
        else:
            continue  # a constant is told of by the module that holds it
        if not known:
            missing.append(f"{place}.{name}")
    assert missing == []


def test_every_entry_exists_and_stands_once() -> None:
    entries = shown()
    assert len(entries) > 150
    assert [name for name, count in Counter(name for _, name, _ in entries).items() if count > 1] == []
    for kind, name, members in entries:
        place = name if kind == "module" else name.rpartition(".")[0]
        module = importlib.import_module(place)
        for member in members if kind == "module" else [name.rpartition(".")[2]]:
            assert hasattr(module, member), f"{place} has no {member}"


def test_a_class_on_its_own_says_where_it_is_imported_from() -> None:
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"^\.\. autoclass:: (\S+)$", text, re.MULTILINE):
            assert f"Module ``{name.rpartition('.')[0]}``" in text, f"{path.name}: the module of {name}"


def test_every_page_is_in_the_contents_and_on_the_first_page() -> None:
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    library = next(part["chapters"] for part in contents["parts"] if part["caption"] == "Library")
    names = [Path(chapter["file"]).name for chapter in library]
    assert names[0] == "api"
    assert sorted(names[1:]) == [path.stem for path in PAGES]
    assert re.findall(r"<(api_\w+)>`", (ROOT / "book/api.md").read_text(encoding="utf-8")) == names[1:]
