"""The converter stops on what the Colab notebook could not show, and says where."""

import shutil
from pathlib import Path

import pytest
import small_book
from small_book import HEADER, SMALL

pytest.importorskip("jupytext")
from colab_notebooks import convert
from notebook_blocks import ConversionError
from notebook_numbers import read_book

START = HEADER.count("\n") + 3  # the line of TEXT below
CELL = "```{code-cell} ipython3\n1\n```"

WRONG = [
    ("```{margin}\nx\n```", 0, r"unknown directive \{margin\}: authors use .*prf:theorem"),
    ("fine\n\n````{note}\nfine\n\n```{eval-rst}\nx\n```\n````", 5, r"unknown directive \{eval-rst\}"),
    (f"fine\n\n{CELL}\n\nfine\n\n```{{glue}} x\n```", 8, r"unknown directive \{glue\}"),
    ("- item\n\n  ```{sidebar} x\n  ```", 2, r"unknown directive \{sidebar\}"),
    ("- ```{note}\n  x\n  ```", 0, "must begin its own line"),
    ("one\ntwo {sup}`x`", 1, r"unknown role \{sup\}: authors may use eq, numref"),
    ("{ref}`no-such-label`", 0, r"\{ref\}`no-such-label` points to nothing"),
    ("one\n{eq}`no-such-equation`", 1, "points to nothing"),
    ("{numref}`no-such-figure`", 0, "points to nothing"),
    ("{doc}`99_later`", 0, "points to nothing"),
    ("{cite}`nobody1900`", 0, "points to nothing"),
    ("{term}`nothing`", 0, "points to nothing"),
    ("[x](99_later.md)", 0, "leads to no page"),
    ("[](02_second.md)", 0, "has no text"),
    ("{eq}`open", 0, "is never closed"),
    ("```{note}\nopen", 0, "is never closed"),
    ("$$\nx", 0, "an equation is never closed"),
    ("<!-- open", 0, "comment is never closed"),
    ("$$\na\n\nb\n$$", 0, "a blank line inside an equation"),
    ("\\begin{align}\na\n\\end{align}", 0, r"a bare \\begin"),
    ("```{math}\nx \\tag{1}\n```", 0, "use a label"),
    ("```{dropdown} Use `x`\ny\n```", 0, "fence this directive with :::"),
    ("a note[^1]\n\n[^1]: below", 2, "footnote"),
    ("a note[^1]", 0, "footnote"),
    ("{.big}\ntext", 0, "attributes are not on the authors' list"),
    ("{{ version }}", 0, "substitution is not on the authors' list"),
    ("```{figure} nothing.png\n:alt: x\n```", 0, "there is no image nothing.png"),
    ("![](../images/square.svg)", 0, "no alternative text"),
    ("```{list-table}\n* - a\n  - b\n* - c\n```", 3, "this row has 1 cells, the first one 2"),
    ("```{solution-start} ex-none\n```\n\n```{solution-end}\n```", 0, "no exercise of this page has that label"),
]


@pytest.mark.parametrize(("text", "offset", "message"), WRONG, ids=lambda value: str(value)[:24])
def test_it_stops_and_names_file_and_line(tmp_path: Path, text: str, offset: int, message: str) -> None:
    root = tmp_path / "book"
    shutil.copytree(SMALL, root)
    chapter = root / "notebooks/01_first.md"
    chapter.write_text(f"{HEADER}# Title\n\n{text}\n", encoding="utf-8")
    book = read_book(root, tmp_path / "out", small_book.settings())
    with pytest.raises(ConversionError, match=message) as caught:
        convert(chapter, book, version="1")
    assert str(caught.value).startswith(f"{chapter}:{START + offset}: ")


def test_a_chapter_outside_the_table_of_contents(tmp_path: Path) -> None:
    root = tmp_path / "book"
    shutil.copytree(SMALL, root)
    (root / "index.md").write_text("# Empty\n", encoding="utf-8")
    book = read_book(root, tmp_path / "out", {**small_book.settings(), "exclude_patterns": ["notebooks"]})
    with pytest.raises(KeyError, match="add it to the table of contents"):
        convert(root / "notebooks/01_first.md", book, version="1")


def test_extras_must_be_a_list(tmp_path: Path) -> None:
    root = tmp_path / "book"
    shutil.copytree(SMALL, root)
    chapter = root / "notebooks/01_first.md"
    text = chapter.read_text(encoding="utf-8").replace("extras: [widgets]", "extras: widgets")
    chapter.write_text(text, encoding="utf-8")
    book = read_book(root, tmp_path / "out", small_book.settings())
    with pytest.raises(ConversionError, match="must be a list"):
        convert(chapter, book, version="1")
