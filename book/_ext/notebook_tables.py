"""Render a `{list-table}` as a Markdown table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from notebook_blocks import Block, ConversionError

if TYPE_CHECKING:
    from notebook_markdown import Markdown

ROW = re.compile(r"^\s*[*-]\s+(?P<rest>[*-](?:\s.*)?)$")
CELL = re.compile(r"^\s*[*-](?:\s+(?P<text>.*))?$")


def list_table(markdown: Markdown, block: Block) -> str:
    """A pipe table; its title, with its number, as a paragraph above."""
    rows = _rows(markdown, block)
    columns = len(rows[0][1])
    for line, cells in rows:
        if len(cells) != columns:
            message = f"this row has {len(cells)} cells, the first one {columns}"
            raise ConversionError(markdown.path, line, message)
    header_rows = int(block.options.get("header-rows", 0) or 0)
    if header_rows > 1:
        raise ConversionError(markdown.path, block.line, "a table may have one header row, not more")
    stubs = int(block.options.get("stub-columns", 0) or 0)
    table = [[_cell(markdown, text, line) for text in cells] for line, cells in rows]
    head = table.pop(0) if header_rows else [""] * columns
    table = [[f"**{c}**" if c and i < stubs else c for i, c in enumerate(cells)] for cells in table]
    lines = [_pipes(head), _pipes(["---"] * columns), *map(_pipes, table)]
    if block.argument:
        lines = [markdown.caption("table", block.argument, block.line), "", *lines]
    return "\n".join(lines)


def _rows(markdown: Markdown, block: Block) -> list[tuple[int, list[str]]]:
    rows: list[tuple[int, list[str]]] = []
    for number, line in enumerate(block.lines, block.body_line):
        if row := ROW.match(line):
            rows.append((number, []))
            line = row["rest"]
        if not line.strip():
            continue
        if not rows:
            raise ConversionError(markdown.path, number, "a list-table begins with '* - first cell'")
        cell = CELL.match(line)
        if cell and (row or _indent(line) == _first_cell(block.lines)):
            rows[-1][1].append((cell["text"] or "").strip())
        else:
            rows[-1][1][-1] += " " + line.strip()
    if not rows:
        raise ConversionError(markdown.path, block.line, "a list-table without rows")
    return rows


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _first_cell(lines: list[str]) -> int:
    """How far the cells of a row stand in: the place of the second mark in `* - cell`."""
    first = next(line for line in lines if ROW.match(line))
    return first.index("-", _indent(first) + 1)


def _cell(markdown: Markdown, text: str, line: int) -> str:
    text = markdown.inline.text(text, line)
    parts = re.split(r"(\$[^$]+\$)", text)
    return "".join(
        part.replace("\\|", "\\Vert ").replace("|", "\\vert ") if part.startswith("$") else part.replace("|", "\\|")
        for part in parts
    )


def _pipes(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
