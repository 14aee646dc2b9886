"""The built book, read as files: what each page may load, the downloads, the chapters' size, a public address."""

import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import jupytext
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.md"))
STEMS = [path.stem for path in SOURCES]
QUIET = {"NO_COLOR": "1", "PYTHONWARNINGS": "ignore::DeprecationWarning", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
ADDRESS = "https://github.com/someone/somewhere"
COLAB = f"https://colab.research.google.com/github/someone/somewhere/blob/colab/notebooks/{STEMS[0]}.ipynb"
HEADER = re.compile(r'<div class="article-header-buttons">.*?<div id="searchbox">', re.DOTALL)


class Page(HTMLParser):
    """What a page loads by itself, what it links to, its classes and ids, and the text of its article."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.classes: set[str] = set()
        self.words: list[str] = []
        self.inside = self.script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {key: value or "" for key, value in attrs}
        self.ids.add(told.get("id", ""))
        self.classes |= set(told.get("class", "").split())
        self.inside = self.inside or tag == "article"
        self.script = tag in ("script", "style")
        if tag == "a":
            self.links.append(told.get("href", ""))
        self.loads += [told[key] for key in ("src", "srcset", "poster", "data") if told.get(key) and tag != "a"]
        if tag == "link" and told.get("rel") not in ("canonical", "next", "prev", "index", "search", "author"):
            self.loads.append(told.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "article"
        self.script = False

    def handle_data(self, data: str) -> None:
        if self.inside and not self.script:
            self.words.append(data)

    @property
    def outside(self) -> list[str]:
        """What it would load from elsewhere."""
        return [place for place in self.loads if re.match(r"(https?:)?//", place)]


@pytest.fixture(scope="module")
def pages(book_html: Path) -> dict[str, Page]:
    found = [*book_html.glob("*.html"), *book_html.glob("book/*.html"), *book_html.glob("notebooks/*.html")]
    return {path.relative_to(book_html).as_posix(): Page(path.read_text(encoding="utf-8")) for path in found}


def public_address() -> str:
    """The address that the book was built with."""
    given = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    return os.environ.get("MEMLIB_ADDRESS", given)


def test_no_page_asks_another_machine_for_anything(book_html: Path, pages: dict[str, Page]) -> None:
    if not (book_html / "vendor" / "require.js").exists():
        pytest.skip("the pages' scripts were not vendored (npm was missing), so they come from public CDNs")
    assert not {name: page.outside for name, page in pages.items() if page.outside}
    sheets = list((book_html / "_static").rglob("*.css"))
    assert sheets
    wrong = [
        path.name for path in sheets if re.search(r"(@import|url\()\s*[\"']?(https?:)?//", path.read_text("utf-8"))
    ]
    assert not wrong


def test_a_page_that_asks_is_found() -> None:
    told = '<link rel="stylesheet" href="//cdn.example/a.css"><a href="https://example.org">x</a><img src="a.png">'
    assert Page(told).outside == ["//cdn.example/a.css"]
    assert Page('<link rel="preconnect" href="https://fonts.example">').outside == ["https://fonts.example"]


def test_every_page_leads_to_every_other(pages: dict[str, Page]) -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    wanted = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    own = [name for name in pages if "/" in name]
    assert sorted(own) == sorted(f"{name}.html" for name in wanted)
    for name in own:
        links = {link.split("#")[0].rsplit("/", 1)[-1] for link in pages[name].links}
        missing = {other.split("/")[1] for other in own if other != name} - links
        assert not missing, name


def test_download_gives_the_committed_notebook(book_html: Path) -> None:
    if public_address():
        pytest.skip("with a public address the notebooks' set-up cells are filled in")
    assert STEMS
    for stem in STEMS:
        given = (book_html / "colab" / f"{stem}.ipynb").read_bytes()
        assert given == (ROOT / "notebooks" / f"{stem}.ipynb").read_bytes(), stem


def test_without_an_address_no_button_leads_nowhere(pages: dict[str, Page]) -> None:
    if public_address():
        pytest.skip("this book has a public address")
    for name, page in pages.items():
        buttons = {it for it in page.classes if re.match(r"btn-(launch|source)", it)}
        assert not buttons, name
        assert not [link for link in page.links if "colab.research" in link or link in ("", "https://github.com/")], (
            name
        )


def test_pages_hold_no_error_output(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert not page.classes & {"stderr", "traceback", "system-message", "problematic"}, name
    for stem in STEMS:
        assert not re.search(
            r"Traceback|Warning:|(?<!\")\bnan\b(?!\")", "".join(pages[f"notebooks/{stem}.html"].words)
        ), stem


@pytest.mark.parametrize("source", SOURCES, ids=STEMS)
def test_every_labelled_equation_has_its_number(book_html: Path, source: Path) -> None:
    html = (book_html / "notebooks" / f"{source.stem}.html").read_text(encoding="utf-8")
    labels = re.findall(r"^:label: (eq-[\w-]+)|^\$\$ \((eq-[\w-]+)\)", source.read_text(encoding="utf-8"), re.MULTILINE)
    numbers = {}
    for label in filter(None, (a or b for a, b in labels)):
        found = re.search(rf'id="equation-{label}">\s*<span class="eqno">\(([\d.]+)\)', html)
        assert found, label
        numbers[label] = found[1]
    assert len(numbers) >= 3
    assert len(set(numbers.values())) == len(numbers), numbers
    assert all(number.startswith(f"{int(source.stem[:2])}.") for number in numbers.values()), numbers


def sizes(source: Path) -> tuple[int, int]:
    """The words of prose and the lines of code of a chapter, its exercises left out."""
    text = re.sub(
        r"^```+\{exercise-start\}.*?^```+\{exercise-end\}\n```+|^```+\{solution-start\}.*?^```+\{solution-end\}\n```+",
        "",
        source.read_text(encoding="utf-8"),
        flags=re.DOTALL | re.MULTILINE,
    )
    cells = jupytext.reads(text, fmt="md:myst").cells
    code = [line for cell in cells if cell.cell_type == "code" for line in cell.source.splitlines() if line.strip()]
    prose = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
    prose = re.sub(r"\$\$[^$]*\$\$|\$[^$]*\$|^:\w+:.*$|^`{3,}.*$|<!--[\s\S]*?-->", " ", prose, flags=re.MULTILINE)
    return len(re.findall(r"[A-Za-zÀ-ÿ][\w’'-]*", prose)), len(code)


@pytest.mark.parametrize("source", SOURCES, ids=STEMS)
def test_a_chapter_is_as_long_as_a_reader_bears(source: Path, book_html: Path, record_property) -> None:
    words, lines = sizes(source)
    record_property("words", words)
    record_property("lines of code", lines)
    assert 1500 <= words <= 3500, f"{words} words of prose"
    assert 100 <= lines <= 400, f"{lines} lines of code"


def test_no_chapter_says_by_hand_where_its_data_come_from(book_html: Path, pages: dict[str, Page]) -> None:
    for source in SOURCES:
        text = source.read_text(encoding="utf-8")
        assert not re.search(r"source: *(the )?(real )?(babi|simulat)", text, re.IGNORECASE), source.stem
    said = re.findall(r"source: ([^\n]+)", "".join(pages["notebooks/02_holographic_memory.html"].words))
    said = [line for line in said if "{" not in line]
    assert said, "chapter 2 names where its stories come from"
    assert all(re.search(r"bAbI|simulat", line) for line in said), said


@pytest.mark.parametrize("source", SOURCES, ids=STEMS)
def test_every_captioned_cell_drew_its_figure(source: Path, pages: dict[str, Page]) -> None:
    """A cell that only prints, for want of trained weights say, leaves its caption without a figure."""
    cells = re.findall(r"^```\{code-cell\} ipython3\n---\n(.*?)\n---\n", source.read_text("utf-8"), re.DOTALL | re.M)
    figures = [yaml.safe_load(cell).get("mystnb", {}).get("figure") for cell in cells]
    names = {figure["name"] for figure in figures if figure}
    assert names, "every chapter draws"
    assert names <= pages[f"notebooks/{source.stem}.html"].ids


@pytest.fixture(scope="module")
def addressed(book_html: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same book built once more with a public address; outputs and unchanged pages are taken over."""
    work = tmp_path_factory.mktemp("addressed")
    built = book_html.parents[1]
    if book_html.name != "html" or not (built / "_build" / ".doctrees").exists():
        pytest.skip("the pages stand without their build folder, so they cannot be built again quickly")
    shutil.copytree(built, work, dirs_exist_ok=True)
    program = "from jupyter_book.cli.main import main; main()"
    vendored = "1" if (book_html / "vendor" / "require.js").exists() else "0"
    env = {**os.environ, "MEMLIB_ADDRESS": ADDRESS, "MEMLIB_VENDORED": vendored, **QUIET}
    words = [sys.executable, "-c", program, "build", str(ROOT), "-n", "--path-output", str(work)]
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Executing notebook" not in done.stdout + done.stderr, "the outputs were not taken over"
    return work / "_build" / "html"


def test_with_an_address_colab_opens_the_chapter(addressed: Path) -> None:
    first = addressed / "notebooks" / f"{STEMS[0]}.html"
    assert COLAB in Page(first.read_text(encoding="utf-8")).links
    for stem in STEMS:
        notebook = json.loads((addressed / "colab" / f"{stem}.ipynb").read_text(encoding="utf-8"))
        setup = next(cell for cell in notebook["cells"] if "setup" in cell["metadata"].get("tags", []))
        assert f"git+{ADDRESS}@v" in "".join(setup["source"])


def test_with_an_address_the_pages_say_the_same(addressed: Path, book_html: Path) -> None:
    for path in sorted(book_html.glob("*/*.html")):
        name = path.relative_to(book_html)
        if name.parts[0] not in ("book", "notebooks") or name.name == "runtime.html":
            continue
        one, two = (Page(HEADER.sub("", (root / name).read_text(encoding="utf-8"))) for root in (book_html, addressed))
        assert "".join(one.words).split() == "".join(two.words).split(), name
        assert one.links == two.links, name
