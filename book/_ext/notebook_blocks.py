"""Cut MyST text into blocks: prose, directives, other fences, equations, targets.

This is the part of MyST that the book's authors use, and no more. Whatever looks like MyST but is not on the
list raises `ConversionError`, which names the file and the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FENCE = re.compile(r"^(?P<indent>\s*)(?P<marks>`{3,}|~{3,}|:{3,})(?P<info>.*)$")
DIRECTIVE = re.compile(r"^\{(?P<name>[^}\s]+)\}(?P<argument>.*)$")
OPTION = re.compile(r"^:(?P<key>[A-Za-z][\w-]*):(?:\s+(?P<value>.*))?$")
TARGET = re.compile(r"^\s*\([^()\s][^()]*\)=\s*$")
MATH_LABEL = re.compile(r"^\s*(?:\((?P<label>[^()\s]+)\))?\s*$")
HIDDEN_FENCE = re.compile(r"(?:`{3,}|:{3,})\s*\{[A-Za-z]")


class ConversionError(Exception):
    """A chapter holds something that the Colab notebook cannot show; says where and what to do."""

    def __init__(self, path: Path | str, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path, self.line, self.message = Path(path), line, message


@dataclass
class Block:
    """One block: `kind` is text, directive, fence, math or target; `line` counts from 1 in the file."""

    kind: str
    line: int
    lines: list[str] = field(default_factory=list)
    name: str = ""
    argument: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    indent: str = ""
    body_line: int = 0
    end_line: int = 0


def parse(lines: list[str], first: int, path: Path) -> list[Block]:
    """Cut `lines`, whose first one is line `first` of the file `path`, into blocks."""
    blocks: list[Block] = []
    text: Block | None = None
    index, in_comment = 0, False
    while index < len(lines):
        line, number = lines[index], first + index
        if not in_comment:
            block, used = _special(lines, index, number, path)
            if block is not None:
                text = None
                blocks.append(block)
                index += used
                continue
        line, in_comment = _without_comment(line, in_comment)
        _reject(line, number, path)
        if text is None:
            text = Block("text", number)
            blocks.append(text)
        text.lines.append(line)
        text.end_line = number
        index += 1
    if in_comment:
        raise ConversionError(path, first + len(lines) - 1, "an html comment is never closed: add -->")
    return blocks


def _special(lines: list[str], index: int, number: int, path: Path) -> tuple[Block | None, int]:
    line = lines[index]
    if fence := FENCE.match(line):
        if fence["marks"][0] != "`" or "`" not in fence["info"]:
            return _fence(lines, index, number, path, fence)
        if DIRECTIVE.match(fence["info"].strip()):
            raise ConversionError(path, number, "a title with a backtick: fence this directive with ::: instead")
    elif line.lstrip().startswith("$$"):
        return _math(lines, index, number, path)
    elif TARGET.match(line):
        return Block("target", number, end_line=number), 1
    return None, 0


def _fence(lines: list[str], index: int, number: int, path: Path, fence: re.Match[str]) -> tuple[Block, int]:
    indent, marks, info = fence["indent"], fence["marks"], fence["info"].strip()
    closing = re.compile(rf"^\s*{re.escape(marks[0])}{{{len(marks)},}}\s*$")
    body: list[str] = []
    for line in lines[index + 1 :]:
        if closing.match(line):
            break
        body.append(line[len(indent) :] if line.startswith(indent) else line.lstrip())
    else:
        raise ConversionError(path, number, f"{marks}{info} is never closed: add a line {marks}")
    used = len(body) + 2
    directive = DIRECTIVE.match(info)
    if directive is None:
        if marks[0] == ":":
            raise ConversionError(path, number, f"{marks}{info} is no directive: write {marks}{{name}}")
        block = Block("fence", number, lines[index : index + used], info, indent=indent)
    else:
        options, body, skipped = _options(body, number, path)
        argument = directive["argument"].strip()
        block = Block("directive", number, body, directive["name"], argument, options, indent)
        block.body_line = number + 1 + skipped
    block.end_line = number + used - 1
    return block, used


def _options(body: list[str], number: int, path: Path) -> tuple[dict[str, Any], list[str], int]:
    """The options at the head of a directive: `:key: value` lines, or YAML between two lines `---`."""
    options: dict[str, Any] = {}
    if body and body[0].strip() == "---":
        ends = [i for i, line in enumerate(body[1:], 1) if line.strip() == "---"]
        if not ends:
            raise ConversionError(path, number + 1, "the options' --- is never closed")
        try:
            options = yaml.safe_load("\n".join(body[1 : ends[0]])) or {}
        except yaml.YAMLError as error:
            raise ConversionError(path, number + 1, f"the options are no YAML: {error}") from error
        skipped = ends[0] + 1
    else:
        skipped = 0
        for line in body:
            option = OPTION.match(line.strip())
            if option is None:
                break
            options[option["key"]] = (option["value"] or "").strip()
            skipped += 1
    while skipped < len(body) and not body[skipped].strip():
        skipped += 1
    return options, body[skipped:], skipped


def _math(lines: list[str], index: int, number: int, path: Path) -> tuple[Block, int]:
    """An equation between `$$` and `$$`, perhaps with a label: `$$ (label)`."""
    first = lines[index]
    indent = first[: len(first) - len(first.lstrip())]
    rest = first.strip()[2:]
    body: list[str] = []
    for offset, line in enumerate([rest, *lines[index + 1 :]]):
        before, closed, after = line.partition("$$")
        body.append(before.strip())
        if closed:
            label = MATH_LABEL.match(after)
            if label is None:
                raise ConversionError(path, number + offset, f"text after an equation: {after.strip()!r}")
            options = {"label": label["label"]} if label["label"] else {}
            body = [part for i, part in enumerate(body) if part or 0 < i < len(body) - 1]
            block = Block("math", number, body, options=options, indent=indent)
            block.body_line, block.end_line = number, number + offset
            return block, offset + 1
    raise ConversionError(path, number, "an equation is never closed: add $$")


def _without_comment(line: str, in_comment: bool) -> tuple[str, bool]:
    kept = ""
    while line:
        if in_comment:
            _, found, line = line.partition("-->")
            in_comment = not found
        else:
            before, found, line = line.partition("<!--")
            kept += before
            in_comment = bool(found)
    if kept.startswith("%"):
        kept = ""
    return kept.rstrip(), in_comment


def _reject(line: str, number: int, path: Path) -> None:
    if HIDDEN_FENCE.search(line):
        raise ConversionError(path, number, "a directive must begin its own line")
    if re.match(r"^\s*\\begin\{", line):
        raise ConversionError(path, number, "a bare \\begin{...}: put it between $$ and $$ or into {math}")
    if re.match(r"^\s*\{[.#][^}]*\}\s*$", line):
        raise ConversionError(path, number, f"{line.strip()}: attributes are not on the authors' list")
    if re.match(r"^\s*\[\^[^\]]+\]:", line):
        raise ConversionError(path, number, "footnotes are not on the authors' list")
