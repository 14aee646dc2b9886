"""What a public function raises stands in its docstring, and every argument that it describes is one of its own."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1] / "memlib"
# Words that point to errors told elsewhere: those of `forward`, of a class, of a sentence above.
ELSEWHERE = re.compile(r"errors? (as|are|that)|Raises? [A-Z]\w+Error|[A-Z]\w+Error (that|where|of)", re.IGNORECASE)
QUIET = {"NotImplementedError", "KeyboardInterrupt", "AssertionError", "Exit"}


def own(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions in it, and without what it catches itself."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.Try | ast.ClassDef):
            yield child
            yield from own(child)


def functions() -> list[tuple[str, ast.FunctionDef]]:
    found = []
    for file in sorted(ROOT.rglob("*.py")):
        if not {"exercises", "figures"} & set(file.parts):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name[0] != "_"]
            for node in [*tree.body, *(one for kind in classes for one in kind.body)]:
                if isinstance(node, ast.FunctionDef) and node.name[0] != "_" and ast.get_docstring(node):
                    found.append((f"{file.relative_to(ROOT)}: {node.name}", node))
    return found


def faults(name: str, node: ast.FunctionDef) -> Iterator[str]:
    told = ast.get_docstring(node) or ""
    calls = [one.exc.func for one in own(node) if isinstance(one, ast.Raise) and isinstance(one.exc, ast.Call)]
    raised = {call.id for call in calls if isinstance(call, ast.Name) and call.id[0].isupper()} - QUIET
    checked = any(ast.unparse(one) == "checked" for one in node.decorator_list) and "Raises:" not in told
    untold = raised - set(re.findall(r"\w+", told.partition("Raises:")[2]))
    if untold and not checked and not ELSEWHERE.search(told):
        yield f"{name} raises {', '.join(untold)} and does not say so"
    described = re.split(r"\n\s*(?:Returns|Raises|Yields|Source):", told.partition("Args:\n")[2])[0]
    given = node.args
    names = {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg) if one}
    for odd in set(re.findall(r"^ {4}(\w+):", described, re.MULTILINE)) - names:
        yield f"{name} describes {odd}, which it does not take"


def test_docstrings_are_true() -> None:
    found = functions()
    assert len(found) > 500
    assert [fault for name, node in found for fault in faults(name, node)] == []


def test_the_test_finds_faults() -> None:
    text = 'def f(a):\n    """Do.\n\n    Args:\n        b: what.\n    """\n    raise ValueError("a")'
    wrong = ast.parse(text).body[0]
    assert isinstance(wrong, ast.FunctionDef)
    told = ["f raises ValueError and does not say so", "f describes b, which it does not take"]
    assert list(faults("f", wrong)) == told
