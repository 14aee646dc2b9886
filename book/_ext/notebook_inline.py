"""Rewrite the inside of a paragraph for Colab: roles and links resolved, mathematics and code left alone."""

from __future__ import annotations

import base64
import mimetypes
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from notebook_blocks import ConversionError

if TYPE_CHECKING:
    from notebook_numbers import Page

ROLES = ("eq", "numref", "ref", "doc", "cite", "cite:t", "cite:p", "term", "prf:ref")
LARGEST_IMAGE = 400_000

TOKEN = re.compile(
    r"""
      (?P<escape>\\.)
    | \{(?P<role>[A-Za-z][\w:.-]*)\}(?P<tick>`+)(?P<content>.+?)(?P=tick)(?!`)
    | (?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))
    | (?P<math>\$\$.+?\$\$|\$(?=\S)(?:\\.|[^$\\])+?\$)
    | (?P<substitution>\{\{.+?\}\})
    | (?P<footnote>\[\^[^\]]+\])
    | (?P<auto><(?:project:|path:|inv:|myst:|\#)[^>\s]*>)
    | (?P<image>!?)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]
      \((?P<target>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+"[^"]*")?\)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass
class Inline:
    """Rewrites paragraphs of the page `page`; links to other pages need the book's address `site`."""

    page: Page
    path: Path
    site: str = ""

    def text(self, source: str, line: int) -> str:
        """Rewrite `source`, one or more paragraphs, whose first line is line `line` of the file."""
        parts: list[str] = []
        for paragraph in re.split(r"(\n[^\S\n]*\n)", source):
            parts.append(self._paragraph(paragraph, line))
            line += paragraph.count("\n")
        return "".join(parts)

    def _paragraph(self, source: str, line: int) -> str:
        parts: list[str] = []
        last = 0
        for token in TOKEN.finditer(source):
            here = line + source.count("\n", 0, token.start())
            parts.append(self._plain(source[last : token.start()], here))
            parts.append(self._token(token, here))
            last = token.end()
        parts.append(self._plain(source[last:], line))
        return "".join(parts)

    def _plain(self, source: str, line: int) -> str:
        if broken := re.search(r"\{[A-Za-z][\w:.-]*\}`", source):
            raise ConversionError(self.path, line, f"the role {broken[0]} is never closed: add `")
        return source

    def _token(self, token: re.Match[str], line: int) -> str:
        if token["role"]:
            return self._role(token["role"], " ".join(token["content"].split()), line)
        if token["target"] is not None:
            if token["image"]:
                return self.image(token["target"], token["text"], line)
            return self._link(token["text"], token["target"], line)
        for kind in ("substitution", "footnote", "auto"):
            if token[kind]:
                raise ConversionError(self.path, line, f"{token[0]}: {kind} is not on the authors' list")
        return token[0]

    def _role(self, role: str, content: str, line: int) -> str:
        if role not in ROLES:
            known = ", ".join(ROLES)
            raise ConversionError(self.path, line, f"unknown role {{{role}}}: authors may use {known}")
        parts = self.page.references.get(f":{role}:`{content}`")
        if not parts or not any(part.found for part in parts):
            raise ConversionError(self.path, line, f"{{{role}}}`{content}` points to nothing in the book")
        return "".join(self._linked(part.text, part.uri) for part in parts)

    def _linked(self, text: str, uri: str) -> str:
        if re.match(r"^[a-z]+:", uri):
            return f"[{text}]({uri})"
        if not uri or uri.startswith("#") or not self.site:
            return text
        folder = posixpath.dirname(self.page.docname)
        return f"[{text}]({self.site.rstrip('/')}/{posixpath.normpath(posixpath.join(folder, uri))})"

    def _link(self, text: str, target: str, line: int) -> str:
        text = self.text(text, line)
        if re.match(r"^(https?|mailto):", target):
            return f"[{text}]({target})"
        if not text.strip():
            raise ConversionError(self.path, line, f"[]({target}) has no text: write one, or use {{ref}}")
        if target.startswith("#"):
            parts = self.page.references.get(f"link:{target[1:]}", [])
            return self._linked(text, parts[0].uri if parts else "")
        name, _, anchor = target.partition("#")
        file = (self.path.parent / name).resolve()
        if file.suffix not in {".md", ".ipynb"} or not file.is_file():
            raise ConversionError(self.path, line, f"the link to {target} leads to no page of the book")
        page = posixpath.splitext(name)[0] + ".html"
        return self._linked(text, f"{page}#{anchor}" if anchor else page)

    def image(self, target: str, alt: str, line: int) -> str:
        """An image as Markdown; one from the repository travels inside the notebook."""
        if not alt.strip():
            raise ConversionError(self.path, line, f"the image {target} has no alternative text")
        return f"![{alt}]({self.image_address(target, line)})"

    def image_address(self, target: str, line: int) -> str:
        """The address of an image: itself on the web, else its bytes as a data address."""
        if re.match(r"^https?:", target):
            return target
        file = self.page.root / target[1:] if target.startswith("/") else self.path.parent / target
        if not file.is_file():
            raise ConversionError(self.path, line, f"there is no image {target}")
        data = file.read_bytes()
        if len(data) > LARGEST_IMAGE:
            size = f"{len(data):,} bytes, more than {LARGEST_IMAGE:,}"
            raise ConversionError(self.path, line, f"the image {target} has {size}: make it smaller")
        kind = mimetypes.guess_type(file.name)[0] or "image/png"
        return f"data:{kind};base64,{base64.b64encode(data).decode()}"
