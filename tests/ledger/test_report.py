"""The report in words, and the page that Sphinx makes of it."""

import io
import re
import sys
from pathlib import Path

import pytest
import torch

from memlib.experiments import registry
from memlib.experiments.experiment import Published
from memlib.ledger import published, records, report
from memlib.ledger.runs import run
from memlib.ledger.sitting import Sitting
from tests.experiments import tiny

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    for name in ("RESULTS", "CACHE", "RUNS"):
        monkeypatch.setenv(f"MEMLIB_{name}", str(tmp_path / name.lower()))
    monkeypatch.setattr(records, "checkout_results", lambda: None)
    return tmp_path


@pytest.fixture
def points(monkeypatch):
    experiment = tiny.experiment()
    monkeypatch.setitem(registry.EXPERIMENTS, experiment.name, experiment)
    return experiment


def train(experiment, profile="full", seeds=(1, 2, 3), **how):
    return run(experiment, profile, seeds, Sitting(device=torch.device("cpu"), **how))


def test_an_entry_before_and_after(points):
    before = report.entry(points)
    assert (before.verdict.word, before.ours, before.published) == ("not run", "", "80 %")
    assert before.command == "memlib run points/perceptron --profile full"
    runs = train(points)
    after = report.entry(points)
    figures = sorted(record["figures"]["accuracy"] for record in runs)
    low, middle, high = figures
    assert after.ours == f"best of 3: {high:.1f} %; median {middle:.1f} ({low:.1f} to {high:.1f})"
    seconds = report.duration(sorted(record["seconds"]["train"] for record in runs)[1])
    worked = report.duration(sorted(record["seconds"]["processor"] for record in runs)[1])
    assert after.budget == f"120 of 120 updates; training {seconds} a seed ({worked} of one processor)"
    assert after.hardware.endswith("CPU cores")
    assert after.verdict.word == "held"


def test_one_seed_and_two_figures(points):
    both = (Published("accuracy", 80.0), Published("accuracy", 99.0, own=True))
    train(points, seeds=(1,))
    entry = report.entry(tiny.experiment(published=both))
    assert entry.published == "accuracy: 80 %; accuracy: own: at least 99 %"
    assert entry.ours.count("(one seed)") == 2


def test_a_small_figure_of_another_metric_has_two_digits_and_no_unit(points, monkeypatch):
    cosine = Published("cosine", 0.3, higher_is_better=False, own=True)
    experiment = tiny.experiment(published=(cosine,))
    ours = report._ours(cosine, (0.123, 0.456, 0.2), report._unit(experiment, cosine))
    assert ours == "best of 3: 0.12; median 0.20 (0.12 to 0.46)"
    assert report.entry(experiment).published == "own: at most 0.3"


def test_an_unfinished_run_shows_no_figure(points):
    train(points, seeds=(1,), minutes=0.00001)
    entry = report.entry(points)
    assert entry.ours == ""
    assert entry.verdict.word == "partial"
    assert "unfinished after" in entry.verdict.reasons[0]


def test_other_experiments_with_a_like_name_are_not_mixed_in(points, monkeypatch):
    longer = tiny.experiment(name="points/perceptron.full")
    monkeypatch.setitem(registry.EXPERIMENTS, longer.name, longer)
    train(longer, seeds=(1,))
    assert report.runs_of(points) == []


@pytest.mark.parametrize(("seconds", "text"), [(0, "1 s"), (89, "89 s"), (720, "12 min"), (12600, "3.5 h")])
def test_durations(seconds, text):
    assert report.duration(seconds) == text


def page(root: Path, directive: str = "ledger-table") -> tuple[str, str]:
    """Build the small page; returns it and the warnings."""
    pytest.importorskip("sphinx")
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    warnings = io.StringIO()
    config = {
        "extensions": ["myst_parser", "sphinxcontrib.bibtex", "ledger_page"],
        # Said outright: another Sphinx in the same process, with myst-nb, changes the default for all.
        "source_suffix": {".md": "markdown"},
        "bibtex_bibfiles": ["references.bib"],
        "bibtex_reference_style": "author_year",
        "html_theme": "basic",
    }
    (root / "index.md").write_text(f"# Ledger\n\n```{{{directive}}}\n```\n\n```{{bibliography}}\n```\n")
    (root / "references.bib").write_text((ROOT / "book/references.bib").read_text(encoding="utf-8"))
    with patch_docutils(str(root)), docutils_namespace():
        out = root / "out"
        app = Sphinx(str(root), None, str(out), str(out / "trees"), "html", config, None, warnings)
        app.build()
    return (out / "index.html").read_text(encoding="utf-8"), warnings.getvalue()


def test_the_page_is_made_from_records(points, tmp_path, monkeypatch):
    line = published.Line("H6", "Table 1", "Perceptron", "80 %", points.name)
    law = published.Line("H1", "Eq. 1", "A law", "own: exact", "", tests="tests/mechanisms/test_holographic.py")
    quoted = published.Line("H6", "Table 1", "Another", "86.3 %", "", "quoted from elsewhere")
    far = published.Section("Far away", (), (published.Line("S1", "", "All models", "own: seconds", ""),))
    sections = (published.Section("Sums", ("weissenborn2016",), (line, law, quoted)), far)
    monkeypatch.setattr(published, "sections", lambda: sections)
    root = tmp_path / "book"
    root.mkdir()
    text, warnings = page(root)
    assert warnings == ""
    assert "Weissenborn" in text
    assert "<strong>not run</strong>: quoted from elsewhere" in text
    assert "<strong>tested</strong>" in text
    assert "memlib run points/perceptron --profile full" in text.replace('</span> <span class="pre">', " ")
    assert text.count("<table") == 2
    assert text.count("ledger-full") == text.count("ledger-short") == 1

    train(points, profile="quick")
    text, warnings = page(root)
    assert warnings == ""
    assert "<strong>partial</strong>: 40 of 120 updates" in text
    assert "best of 3: " in text

    file = tmp_path / "results/points.perceptron.quick.1.json"
    good = file.read_text()
    file.write_text(good.replace('"hidden": 8', '"hidden": 9'))
    text, warnings = page(root)
    assert "settings.hidden is 9" in warnings
    assert "its record was refused" in text
    file.write_text(good)
    assert page(root)[1] == ""


def test_the_verdicts_are_counted_papers_and_own_goals_apart(points, tmp_path, monkeypatch):
    lines = (
        published.Line("H6", "Table 1", "Perceptron", "80 %", points.name),
        published.Line("H6", "Table 1", "Another", "86.3 %", "", "quoted from elsewhere"),
        published.Line("H1", "Eq. 1", "A law", "own: exact", "", tests="tests/mechanisms/test_holographic.py"),
        published.Line("F8", "Fig. 3", "A picture", "own: drawn", "", "see chapter 11"),
    )
    monkeypatch.setattr(published, "sections", lambda: (published.Section("Sums", (), lines),))
    train(points, profile="quick")
    root = tmp_path / "book"
    root.mkdir()
    text, warnings = page(root, "ledger-count")
    assert "WARNING: could not find bibtex key" not in warnings
    rows = [re.findall(r"<p>(.*?)</p>", one) for one in re.findall(r"<tr.*?</tr>", text, re.S)]
    words = ["held", "did not hold", "partial", "not run", "measured", "tested", "lines"]
    assert rows[0][-7:] == words
    assert dict(zip(words, rows[1][1:], strict=True)) == dict(zip(words, "0011002", strict=True))
    assert dict(zip(words, rows[2][1:], strict=True)) == dict(zip(words, "0000011", strict=True))
