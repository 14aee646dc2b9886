"""Render the blocks of a chapter as Markdown that Colab and Jupyter show: one method per directive."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from notebook_blocks import Block, ConversionError, parse
from notebook_inline import Inline
from notebook_numbers import Page
from notebook_tables import list_table

ADMONITIONS = {
    "note": "Note",
    "tip": "Tip",
    "important": "Important",
    "warning": "Warning",
    "seealso": "See also",
    "admonition": "",
}
NUMBERED = ("prf:definition", "prf:proposition", "prf:theorem")
GATES = ("exercise-start", "exercise-end", "solution-start", "solution-end")
KNOWN = (
    *("code-cell", "math", *ADMONITIONS, "dropdown", *NUMBERED, "prf:proof"),
    *(*GATES, "figure", "list-table"),
)


@dataclass(frozen=True)
class Gate:
    """The begin (`opens` holds its summary) or the end of a solution, which may hold code cells."""

    line: int
    opens: str = ""


@dataclass
class Markdown:
    """Renders the text of one page; takes the numbers of figures and the like in the page's order."""

    page: Page
    path: Path
    site: str = ""
    used: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.inline = Inline(self.page, self.path, self.site)

    def pieces(self, source: str, line: int) -> list[str | Gate]:
        """Render a cell's text, whose first line is line `line` of the file: texts, and gates between them."""
        found: list[str | Gate] = []
        texts: list[str] = []
        for block in parse(source.split("\n"), line, self.path):
            if block.name in ("solution-start", "solution-end"):
                found += [self._joined(texts), self._gate(block)]
                texts = []
            else:
                texts.append(self._block(block, top=True))
        found.append(self._joined(texts))
        return [piece for piece in found if piece != ""]

    def number(self, kind: str, line: int) -> str:
        """The next number of this kind of thing (`figure`, `exercise`, `theorem` ...) on the page."""
        numbers = self.page.numbers.get(kind, [])
        if self.used[kind] >= len(numbers):
            raise ConversionError(self.path, line, f"the book gives no number to this {kind}")
        self.used[kind] += 1
        return numbers[self.used[kind] - 1]

    def caption(self, kind: str, text: str, line: int) -> str:
        """A caption with its number, as its own paragraph."""
        title = f"**{kind.title()} {self.number(kind, line)}.**"
        return f"{title} {self.inline.text(text.strip(), line)}".rstrip()

    def finish(self) -> None:
        """Check that everything that the book numbers on this page was met."""
        for kind, numbers in self.page.numbers.items():
            if kind in ("displaymath", "section", "code-block") or self.used[kind] == len(numbers):
                continue
            message = f"the book numbers {len(numbers)} of kind {kind}, the notebook {self.used[kind]}"
            raise ConversionError(self.path, 1, message)

    def body(self, lines: list[str], line: int) -> str:
        """Render what stands inside a directive."""
        return self._joined([self._block(block) for block in parse(lines, line, self.path)])

    @staticmethod
    def _joined(texts: list[str]) -> str:
        return re.sub(r"\n{3,}", "\n\n", "\n\n".join(text for text in texts if text.strip())).strip("\n")

    def _block(self, block: Block, top: bool = False) -> str:
        if block.kind == "target":
            return ""
        if block.kind == "fence":
            return "\n".join(block.lines)
        if block.kind == "text":
            text = self.inline.text("\n".join(block.lines), block.line)
            return self._headings(text, block.line) if top else text
        text = self._math(block) if block.kind == "math" else self._directive(block, top)
        return "\n".join(block.indent + line if line else line for line in text.split("\n"))

    def _headings(self, text: str, line: int) -> str:
        def numbered(match: re.Match[str]) -> str:
            index = self.used["heading"]
            self.used["heading"] += 1
            number = self.page.sections[index] if index < len(self.page.sections) else ""
            return f"{match[1]} {number}. {match[2]}" if number else match[0]

        return re.sub(r"^(#{1,6})[ \t]+(.*)$", numbered, text, flags=re.MULTILINE)

    def _directive(self, block: Block, top: bool) -> str:
        name = block.name
        if name not in KNOWN:
            known = ", ".join(KNOWN)
            raise ConversionError(self.path, block.line, f"unknown directive {{{name}}}: authors use {known}")
        if name == "code-cell" or (name in GATES and not top):
            raise ConversionError(self.path, block.line, f"{{{name}}} must not stand inside something else")
        if name == "math":
            return self._math(block)
        if name in ADMONITIONS:
            return self._admonition(block)
        if name in NUMBERED:
            return self._theorem(block)
        if name == "list-table":
            return list_table(self, block)
        methods = {
            "dropdown": self._dropdown,
            "prf:proof": self._proof,
            "exercise-start": self._exercise,
            "exercise-end": lambda _: "",
            "figure": self._figure,
        }
        return methods[name](block)

    def _title(self, block: Block) -> str:
        return self.inline.text(block.argument, block.line)

    def _math(self, block: Block) -> str:
        lines = [block.argument, *block.lines] if block.argument else list(block.lines)
        source = "\n".join(line.strip() for line in lines).strip()
        if re.search(r"\n\s*\n", source):
            raise ConversionError(self.path, block.line, "a blank line inside an equation: make it two")
        if "\\tag" in source or "nowrap" in block.options:
            raise ConversionError(self.path, block.line, "an equation with \\tag or :nowrap:: use a label")
        if "\\\\" in source and "\\begin" not in source:
            source = f"\\begin{{split}}\n{source}\n\\end{{split}}"
        label = block.options.get("label")
        if label:
            if not self.page.equations.get(label):
                raise ConversionError(self.path, block.line, f"the book gives no number to equation {label}")
            source += f"\n\\tag{{{self.page.equations[label]}}}"
        return f"$$\n{source}\n$$"

    def _admonition(self, block: Block) -> str:
        lines, line = block.lines, block.body_line
        title = ADMONITIONS[block.name]
        if block.name == "admonition":
            title = self._title(block)
        elif block.argument:
            lines, line = [block.argument, *lines], line - 1
        body = self.body(lines, line)
        if "dropdown" in str(block.options.get("class", "")):
            return details(title, body)
        return quote(f"**{title}.**" if title[-1:] not in ".?!:" else f"**{title}**", body)

    def _dropdown(self, block: Block) -> str:
        body = self.body(block.lines, block.body_line)
        return details(self._title(block) or "More", body, "open" in block.options)

    def _theorem(self, block: Block) -> str:
        kind = block.name.removeprefix("prf:")
        number = "" if "nonumber" in block.options else f" {self.number(kind, block.line)}"
        title = f" ({self._title(block)})" if block.argument else ""
        return quote(f"**{kind.title()}{number}{title}.**", self.body(block.lines, block.body_line))

    def _proof(self, block: Block) -> str:
        lines = [block.argument, *block.lines] if block.argument else block.lines
        return quote("**Proof.**", self.body(lines, block.body_line))

    def _exercise(self, block: Block) -> str:
        number = "" if "nonumber" in block.options else f" {self.number('exercise', block.line)}"
        title = f" {self._title(block)}" if block.argument else ""
        heading = f"**Exercise{number}.{title}**"
        return self._joined([heading, self.body(block.lines, block.body_line)])

    def _gate(self, block: Block) -> Gate:
        if block.name == "solution-end":
            return Gate(block.line)
        if block.argument not in self.page.labels:
            message = f"a solution to {block.argument!r}: no exercise of this page has that label"
            raise ConversionError(self.path, block.line, message)
        return Gate(block.line, f"Solution to Exercise {self.page.labels[block.argument]}")

    def _figure(self, block: Block) -> str:
        alt = str(block.options.get("alt", ""))
        image = self.inline.image(block.argument, alt, block.line)
        if width := block.options.get("width"):
            address = self.inline.image_address(block.argument, block.line)
            image = f'<img src="{address}" alt="{html.escape(alt)}" width="{html.escape(str(width))}">'
        caption = "\n".join(block.lines).strip()
        return self._joined([image, self.caption("figure", caption, block.body_line) if caption else ""])


def quote(title: str, body: str) -> str:
    """A block quote under a bold title."""
    lines = [title, "", *body.split("\n")] if body else [title]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def details(summary: str, body: str, unfolded: bool = False) -> str:
    """Folded text; the blank lines let Markdown work inside the tags."""
    title = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(summary, quote=False))
    tag = "<details open>" if unfolded else "<details>"
    return f"{tag}\n<summary>{title}</summary>\n\n{body}\n\n</details>"
