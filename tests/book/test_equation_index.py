"""The equation index: what is collected, what is missing, and the page that Sphinx makes of it."""

import io
from pathlib import Path

import pytest
import small_book

pytest.importorskip("sphinx")
from equation_index import heading, natural
from equation_sources import Function, Source, collect, sources
from pybtex.database import Entry, Person, parse_file

BIB = """@article{plate1995, author = {Plate, Tony A.}, title = {Holographic}, journal = {J}, year = {1995}}
@article{hebb1949, author = {Hebb, Donald O.}, title = {Organisation}, journal = {J}, year = {1949}}
"""
MECHANISMS = '''"""Two mechanisms."""


def bind(a, b):
    """Bind.

    Source: plate1995, Eq. 10; hebb1949
    """
    return a * b


def unbind(a, b):
    """Unbind.

    Source: plate1995,
        Eq. 9
    """
    return b / a


def _private(a):
    return a
'''
TESTS = """import pytest
from memlib.mechanisms import binding
from memlib.mechanisms.binding import unbind as undo

CASES = [(binding.bind, 1)]


def helper(a):
    return binding.bind(a, a)


@pytest.mark.parametrize(("function", "argument"), CASES)
def test_table(function, argument):
    assert function


def test_helper():
    assert helper(2) == 4


class TestBoth:
    def test_inverse(self):
        assert undo(2, binding.bind(2, 3)) == 3


def test_neither():
    bind = unbind = 1
    assert bind == unbind
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "memlib/mechanisms/__init__.py": "",
        "memlib/mechanisms/shapes.py": "def checked(f):\n    return f\n",
        "memlib/mechanisms/binding.py": MECHANISMS,
        "tests/mechanisms/test_binding.py": TESTS,
        "tests/test_far.py": "from memlib.mechanisms import binding\n\n\ndef test_far():\n    assert binding.bind\n",
        "references.bib": BIB,
        "index.md": "# Index\n\n```{equation-index}\n```\n\n```{bibliography}\n```\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


PAPERS = {"plate1995", "hebb1949"}


def test_functions_sources_and_tests_are_collected(root: Path) -> None:
    functions, problems = collect(root, PAPERS)
    assert problems == []
    bind, unbind = functions
    assert bind == Function(
        "memlib.mechanisms.binding.bind",
        "memlib/mechanisms/binding.py",
        4,
        [Source("plate1995", "Eq. 10"), Source("hebb1949")],
        [
            "tests/mechanisms/test_binding.py::test_helper",
            "tests/mechanisms/test_binding.py::test_table",
            "tests/mechanisms/test_binding.py::TestBoth::test_inverse",
            "tests/test_far.py::test_far",
        ],
    )
    assert unbind.sources == [Source("plate1995", "Eq. 9")]
    assert unbind.tests == ["tests/mechanisms/test_binding.py::TestBoth::test_inverse"]


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("Source: plate1995, Eq. 10; hebb1949", "", 4, "the docstring of bind has no line 'Source: key, Eq. n'"),
        ("hebb1949", "nobody1900", 4, "nobody1900 is no key of the bibliography"),
        ("Eq. 10", "equation ten", 4, "bind: 'plate1995, equation ten' is no source"),
        ("def _private", "def public", 21, "the docstring of public has no line"),
    ],
)
def test_what_is_missing_is_a_problem(root: Path, before: str, after: str, line: int, message: str) -> None:
    path = root / "memlib/mechanisms/binding.py"
    path.write_text(path.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    _, problems = collect(root, PAPERS)
    assert [(p.file, p.line) for p in problems] == [("memlib/mechanisms/binding.py", line)]
    assert message in problems[0].message


def test_a_mechanism_without_a_test_is_a_problem(root: Path) -> None:
    (root / "tests/mechanisms/test_binding.py").unlink()
    _, problems = collect(root, PAPERS)
    assert [p.message for p in problems] == ["no test below tests/ uses memlib.mechanisms.binding.unbind"]


def test_models_may_have_sources_but_need_none(root: Path) -> None:
    (root / "memlib/models").mkdir()
    text = (
        'class NTM:\n    """A machine.\n\n    Source: hebb1949, Sec. 2\n    """\n\n\nclass Other:\n    """Another."""\n'
    )
    (root / "memlib/models/ntm.py").write_text(text, encoding="utf-8")
    functions, problems = collect(root, PAPERS)
    assert problems == []
    assert functions[-1].name == "memlib.models.ntm.NTM"
    assert functions[-1].sources == [Source("hebb1949", "Sec. 2")]


def test_packages_below_a_folder_are_read(root: Path) -> None:
    (root / "memlib/kernels/fast/deep").mkdir(parents=True)
    text = 'def scan():\n    """Do it.\n\n    Source: hebb1949, Eq. 7\n    """\n'
    for name in ("fast/scan.py", "fast/deep/scan.py"):
        (root / "memlib/kernels" / name).write_text(text, encoding="utf-8")
    functions, problems = collect(root, PAPERS)
    assert problems == []
    found = {one.name: one.file for one in functions if one.sources == [Source("hebb1949", "Eq. 7")]}
    assert found == {
        "memlib.kernels.fast.scan.scan": "memlib/kernels/fast/scan.py",
        "memlib.kernels.fast.deep.scan.scan": "memlib/kernels/fast/deep/scan.py",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Do it.\n\nSource: plate1995", [Source("plate1995")]),
        ("Do it.\n\n    Source: le2020, Eqs. 3, 4.\n", [Source("le2020", "Eqs. 3, 4")]),
        ("Source: a1990, App. C\nSource: b1991, Alg. 1", [Source("a1990", "App. C"), Source("b1991", "Alg. 1")]),
        ("The Source: of all", []),
        ("", []),
    ],
)
def test_the_grammar(text: str, expected: list[Source]) -> None:
    assert sources(text) == expected


def test_order_and_headings() -> None:
    assert sorted(["Sec. 2", "Eq. 10", "", "Eq. 9"], key=natural) == ["Eq. 9", "Eq. 10", "Sec. 2", ""]
    people = [Person("Plate, Tony A."), Person("Hebb, Donald"), Person("Le, Hung")]
    names = [heading(Entry("book", {"year": "1995"}, {"author": people[:count]})) for count in (1, 2, 3)]
    assert names == ["Plate (1995)", "Plate and Hebb (1995)", "Plate et al. (1995)"]


def page(root: Path, **settings: object) -> tuple[str, str, int]:
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    config = {
        **small_book.settings(),
        "extensions": ["myst_nb", "sphinxcontrib.bibtex", "equation_index"],
        "html_theme": "basic",
        "nitpicky": True,
        **settings,
    }
    warnings = io.StringIO()
    with patch_docutils(str(root)), docutils_namespace():
        out = root / "_build"
        app = Sphinx(
            str(root), None, str(out), str(out), "html", config, None, warnings, warningiserror=True, keep_going=True
        )
        app.build()
    return (out / "index.html").read_text(encoding="utf-8"), warnings.getvalue(), app.statuscode


def test_the_page_groups_by_paper_and_links_what_the_api_page_holds(root: Path) -> None:
    text = "# Index\n\n```{equation-index}\n```\n\n```{py:function} memlib.mechanisms.binding.bind(a, b)\n```\n\n"
    (root / "index.md").write_text(f"{text}```{{bibliography}}\n```\n", encoding="utf-8")
    built, warnings, status = page(root)
    assert (warnings, status) == ("", 0)
    order = ["Hebb (1949)", "the paper as a whole", "Plate (1995)", "Eq. 9", "Eq. 10", "and 1 more"]
    places = [built.index(words, built.index("</h1>")) for words in order]
    assert places[:5] == sorted(places[:5])
    assert 'href="#memlib.mechanisms.binding.bind"' in built
    assert 'href="#memlib.mechanisms.binding.unbind"' not in built
    assert "binding.unbind" in built
    assert "tests/mechanisms/test_binding.py::TestBoth::test_inverse" in built


def test_a_missing_source_fails_the_build_each_time_until_it_is_mended(root: Path) -> None:
    path = root / "memlib/mechanisms/binding.py"
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("Source: plate1995,\n        Eq. 9", ""), encoding="utf-8")
    for _ in range(2):
        _, warnings, status = page(root)
        assert status == 1
        assert "binding.py:12: WARNING: the docstring of unbind has no line" in warnings
    path.write_text(good, encoding="utf-8")
    assert page(root)[1:] == ("", 0)


def test_every_public_function_of_the_mechanisms_names_its_source() -> None:
    root = Path(__file__).parents[2]
    papers = set(parse_file(root / "book/references.bib").entries)
    functions, problems = collect(root, papers)
    assert len(functions) > 50
    assert [str(problem) for problem in problems] == []
