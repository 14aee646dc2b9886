"""Chapters are numbered by their file names, whichever of them stand."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sphinx.testing.util import SphinxTestApp
from sphinx.util.docutils import docutils_namespace

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
import chapter_numbers

CHAPTER = """
{title}
=======

See :numref:`fig-{label}`.

One section
-----------

.. figure:: dot.png
   :name: fig-{label}

   A dot.
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SphinxTestApp]:
    root = tmp_path_factory.mktemp("numbers")
    (root / "conf.py").write_text("extensions = ['chapter_numbers']\nnumfig = True\nroot_doc = 'index'\n")
    (root / "index.rst").write_text(
        "Start\n=====\n\n.. toctree::\n   :numbered: 2\n\n   notebooks/02_two\n   notebooks/10_ten\n   other\n"
    )
    (root / "other.rst").write_text("Other\n=====\n\nA page.\n")
    (root / "notebooks").mkdir()
    for name, title in (("02_two", "Two"), ("10_ten", "Ten")):
        (root / "notebooks" / f"{name}.rst").write_text(CHAPTER.format(title=title, label=name[3:]))
    (root / "notebooks" / "dot.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with docutils_namespace():
        app = SphinxTestApp("html", srcdir=root)
        app.build()
        yield app
        app.cleanup()


def test_sections_and_figures_carry_the_number_of_the_file(site: SphinxTestApp) -> None:
    assert site.env.toc_secnumbers["notebooks/10_ten"] == {"": (10,), "#one-section": (10, 1)}
    assert site.env.toc_secnumbers["notebooks/02_two"] == {"": (2,), "#one-section": (2, 1)}
    page = (Path(site.outdir) / "notebooks" / "10_ten.html").read_text()
    assert "Fig. 10.1" in page
    assert "10.1. </span>One section" in page
    assert ">10. Ten</a>" in (Path(site.outdir) / "index.html").read_text()


def test_other_pages_keep_what_sphinx_counts(site: SphinxTestApp) -> None:
    assert site.env.toc_secnumbers["other"] == {"": (3,)}
    assert chapter_numbers.number_of("book/10_things") is None


def test_nothing_is_renumbered_twice(site: SphinxTestApp) -> None:
    assert chapter_numbers.renumber(site, site.env) == []
