"""Take the exercises out of a chapter's source: stub, check and solution of each, as code."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@dataclass(frozen=True)
class ChapterExercise:
    stub: str
    check: str
    solution: str

    @property
    def check_name(self) -> str:
        """check_recall, also where the cell says ch01.check_recall(recall)."""
        function = self._call().func
        return function.attr if isinstance(function, ast.Attribute) else function.id

    @property
    def function_name(self) -> str:
        return self._call().args[0].id

    def _call(self) -> Any:
        (statement,) = ast.parse(self.check).body
        return statement.value


def chapter_path(number: int) -> Path | None:
    return next(iter(sorted(NOTEBOOKS.glob(f"{number:02d}_*.md"))), None)


def exercises_of(text: str) -> list[ChapterExercise]:
    """The exercises in order; an exercise cell without its check or solution is an error."""
    tagged = [(tag, source) for tag, source in _cells(text) if tag]
    tags = [tag for tag, _ in tagged]
    expected = ["exercise", "check", "solution"] * (len(tags) // 3)
    assert tags == expected, f"each exercise needs a stub, a check and a solution in this order; found {tags}"
    sources = [source for _, source in tagged]
    return [ChapterExercise(*sources[i : i + 3]) for i in range(0, len(sources), 3)]


def imports_of(text: str) -> str:
    """Every import statement of the chapter, so that a cell can be run alone."""
    statements = []
    for _, source in _cells(text):
        lines = [line for line in source.splitlines() if not line.startswith(("%", "!"))]
        body = ast.parse("\n".join(lines)).body
        statements += [ast.unparse(node) for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    return "\n".join(statements)


def _cells(text: str) -> list[tuple[str, str]]:
    import jupytext

    notebook = jupytext.reads(text, fmt="md:myst")
    kinds = {"exercise", "check", "solution"}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [(next(iter(kinds & set(cell.metadata.get("tags", []))), ""), cell.source) for cell in code]
