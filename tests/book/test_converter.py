"""The converter on a small book: everything that authors may write, and the numbers of the built pages."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import small_book
from nbformat import NotebookNode
from small_book import SMALL

pytest.importorskip("jupytext")
from colab_notebooks import convert, site_of, text_of
from notebook_numbers import Book, read_book

ADDRESS = "https://github.com/owner/course"
SITE = "https://owner.github.io/course"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return read_book(SMALL, tmp_path_factory.mktemp("numbers"), small_book.settings())


@pytest.fixture(scope="module")
def first(book: Book) -> NotebookNode:
    return convert(SMALL / "notebooks/01_first.md", book, version="1.2.3")


@pytest.fixture(scope="module")
def filled(book: Book) -> NotebookNode:
    return convert(SMALL / "notebooks/01_first.md", book, version="1.2.3", address=ADDRESS, site=SITE)


def prose(notebook: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def code(notebook: NotebookNode, tag: str) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code" and tag in cell.metadata.get("tags", [])]


EXPECTED = [
    "# 1. First things",
    "## 1.1. Writing",
    "## 1.2. Onwards",
    "See Second things, Writing, and the\nsecond chapter. A remark.",
    "A price in `{eq}` code and `$x$` code. Inline $a_{i}^{2}$ stays, and so does \\$5.",
    "$$\nM = \\sum_i v_i k_i^\\top\n\\tag{1.1}\n$$",
    "$$\n\\begin{split}\na &= b \\\\\nc &= d\n\\end{split}\n\\tag{1.2}\n$$",
    "$$\ne = mc^2\n$$",
    "By (1.1) and (1.2), and later (2.1); [Plate, 1995] and Hebb [1949]\nand [Hebb, 1949, Plate, 1995] say",
    "say more about crosstalk.",
    '> **Note.**\n>\n> A note with (1.1):\n>\n> ```python\n> print("kept")\n> ```',
    "> **Tip.**\n>\n> Short.",
    "> **Important.**\n>\n> First words\n> go on.",
    "> **Warning.**\n>\n> Mind this.",
    "> **See also.**\n>\n> [a page](https://example.org/x_(y)) and the second and writing.",
    "> **A title with $x$.**\n>\n> Body.",
    "<details>\n<summary>Folded</summary>\n\nInside.\n\n</details>",
    "> **Definition 1.1 (Recall).**\n>\n> Read with (1.1).",
    "> **Proposition 1.1.**\n>\n> The noise grows, see Definition 1.1.\n>\n> $$\n> x = y\n> \\tag{1.3}\n> $$",
    "> **Theorem 1.1 (Capacity).**\n>\n> It ends. By (1.3).",
    "> **Proof.**\n>\n> Count Fig. 1.1.",
    "**Figure 1.1.** A line, after Plate [1995].",
    "![A square.](data:image/svg+xml;base64,",
    "**Figure 1.2.** A square; compare Fig. 1.1 and Table 1.1.",
    "**Table 1.1.** Sizes of crosstalk\n\n| name | $\\vert x\\vert $ |\n| --- | --- |\n| one | a \\| b |",
    "**Exercise 1.1. Recall it (★★, 10 minutes)**",
    "<details>\n<summary>Hint 1: use <code>einsum</code></summary>\n\nLook at (1.1).\n\n</details>",
    "<details>\n<summary>Solution to Exercise 1.1</summary>\n\nSum over the keys.\n\n```python\ndef recall(memory,",
    "    return memory * key\n```\n\n</details>",
    "1. a list with Second things\n\n   > **Tip.**\n   >\n   > inside a list\n\n2. Exercise 1.1 and Exercise 1.1.",
    "## References\n\n- Donald O. Hebb. The organization of behavior. *Wiley*, 1949.\n- Tony A. Plate.",
]


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda text: text[:30])
def test_everything_that_authors_may_write(first: NotebookNode, expected: str) -> None:
    assert expected in prose(first)


@pytest.mark.parametrize(
    "gone", ["{eq}`eq", "<!--", "not for readers", "nor this", ")=", ":::", "exercise-", "eq-write"]
)
def test_no_myst_is_left(first: NotebookNode, gone: str) -> None:
    assert gone not in prose(first)


def test_the_notebook_is_valid_and_holds_no_outputs(first: NotebookNode) -> None:
    nbformat.validate(nbformat.reads(text_of(first), as_version=4))
    assert all(not c.outputs and c.execution_count is None for c in first.cells if c.cell_type == "code")
    assert first.metadata.kernelspec.name == "python3"
    assert first.metadata.colab.name == "01_first.ipynb"
    assert first.metadata.memlib == {"source": "01_first.md", "extras": ["widgets"], "minutes_cpu": 0.1}
    ids = [cell.id for cell in first.cells]
    assert len(set(ids)) == len(ids)


def test_converting_twice_gives_the_same_file(book: Book, first: NotebookNode) -> None:
    again = convert(SMALL / "notebooks/01_first.md", book, version="1.2.3")
    assert text_of(again) == text_of(first)


def test_equal_cells_have_different_ids_and_an_insertion_keeps_the_others(write: Callable[[str], NotebookNode]) -> None:
    same = "```{code-cell} ipython3\n1 + 1\n```\n\n"
    before = write(f"# T\n\n{same}{same}last\n")
    after = write(f"# T\n\nnew\n\n{same}{same}last\n")
    ids = [cell.id for cell in before.cells]
    assert len(set(ids)) == len(ids)
    assert set(ids) < {cell.id for cell in after.cells}


def test_hiding_becomes_hiding_in_jupyter_and_colab(first: NotebookNode) -> None:
    (hidden,) = code(first, "wide")
    assert hidden.metadata.jupyter == {"source_hidden": True}
    assert hidden.metadata.cellView == "form"
    assert hidden.metadata.tags == ["wide"]
    assert "mystnb" not in hidden.metadata


def test_stub_and_check_stay_cells_and_the_solution_does_not(first: NotebookNode) -> None:
    assert "raise NotImplementedError" in code(first, "exercise")[0].source
    assert code(first, "check")[0].source == 'print("not attempted")'
    assert not code(first, "solution")
    assert not [cell for cell in first.cells if cell.cell_type == "code" and "memory * key" in cell.source]


def test_the_setup_cell_installs_nothing_while_the_address_is_unset(first: NotebookNode) -> None:
    cell = first.cells[1]
    assert first.cells[0].source == "# 1. First things"
    assert cell.metadata.tags == ["setup"]
    assert len(cell.source.split("\n")) == 2
    assert "run_line_magic" not in cell.source
    exec(cell.source, {})  # memlib is there: nothing happens
    with pytest.raises(ModuleNotFoundError, match=r'no public address yet.*clone.*pip install -e "\.\[widgets\]"'):
        exec(cell.source.replace('"memlib"', '"memlib_that_is_not_there"'), {})


def test_the_setup_cell_asks_for_the_tag_with_the_extras(filled: NotebookNode) -> None:
    calls: list[tuple[str, str]] = []

    class Shell:
        def run_line_magic(self, name: str, line: str) -> None:
            calls.append((name, line))

    source = filled.cells[1].source
    assert len(source.split("\n")) == 2
    exec(source, {"get_ipython": Shell})
    assert calls == []
    exec(source.replace('find_spec("memlib")', "None"), {"get_ipython": Shell})
    assert calls == [("pip", f'install --quiet "memlib[widgets] @ git+{ADDRESS}@v1.2.3"')]


def test_references_to_other_pages_are_links_where_the_book_has_an_address(filled: NotebookNode) -> None:
    text = prose(filled)
    assert f"[Read this chapter in the book]({SITE}/notebooks/01_first.html)" in text
    assert f"See [Second things]({SITE}/notebooks/02_second.html), Writing" in text
    assert f"later [(2.1)]({SITE}/notebooks/02_second.html#equation-eq-later); [[Plate, 1995]({SITE}/book/gl" in text
    assert f"[crosstalk]({SITE}/book/glossary.html#term-crosstalk)" in text
    assert f"[the second]({SITE}/notebooks/02_second.html) and writing." in text
    assert "By (1.1) and" in text


@pytest.mark.parametrize(
    ("address", "site"),
    [
        (ADDRESS, SITE),
        (f"{ADDRESS}.git", SITE),
        ("https://github.com/Owner/owner.github.io", "https://owner.github.io"),
        ("https://example.org/owner/course", ""),
        ("", ""),
    ],
)
def test_the_address_of_the_book_follows_from_that_of_the_repository(address: str, site: str) -> None:
    assert site_of(address) == site


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], NotebookNode]:
    """Convert the small book's first chapter with another text in it."""
    root = tmp_path / "book"
    shutil.copytree(SMALL, root)

    def converted(text: str) -> NotebookNode:
        (root / "notebooks/01_first.md").write_text(small_book.HEADER + text, encoding="utf-8")
        return convert(
            root / "notebooks/01_first.md", read_book(root, tmp_path / "out", small_book.settings()), version="1"
        )

    return converted


def test_the_numbers_are_those_of_the_built_pages(tmp_path: Path, first: NotebookNode) -> None:
    small_book.build_html(SMALL, tmp_path, "colab_notebooks")
    assert not (tmp_path / "colab").exists()  # the address is unset: the committed notebooks will do
    page = (tmp_path / "html/notebooks/01_first.html").read_text(encoding="utf-8")
    text = prose(first)
    equations = re.findall(r'class="eqno">\((.*?)\)', page)
    assert re.findall(r"\\tag\{(.*?)\}", text) == equations == ["1.1", "1.2", "1.3"]
    for built, ours in (("Fig.", "Figure"), ("Table", "Table"), ("Exercise", "Exercise"), ("Theorem", "Theorem")):
        numbers = re.findall(rf'class="caption-number">{re.escape(built)} ([\d.]+) ', page)
        assert numbers, built
        assert re.findall(rf"\*\*{ours} (\d+\.\d+)", text) == numbers
    sections = re.findall(r'<h\d><span class="section-number">([\d.]+)\. ', page)
    assert re.findall(r"^#+ ([\d.]+)\. ", text, re.MULTILINE) == sections == ["1", "1.1", "1.2"]


def test_a_build_with_an_address_fills_the_notebooks_in(
    tmp_path: Path, filled: NotebookNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "book"
    shutil.copytree(SMALL, root)
    (root / "memlib").mkdir()
    (root / "memlib/__init__.py").write_text('__version__ = "1.2.3"\n', encoding="utf-8")
    monkeypatch.setenv("MEMLIB_ADDRESS", ADDRESS)
    small_book.build_html(root, tmp_path, "colab_notebooks")
    assert (tmp_path / "colab/01_first.ipynb").read_text(encoding="utf-8") == text_of(filled)
    assert (tmp_path / "colab/02_second.ipynb").exists()
