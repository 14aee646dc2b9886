"""The register of discrepancies: entries are complete and name what is there; its page shows what was measured."""

import dataclasses
import io
import re
import sys
from pathlib import Path

import pytest

from memlib.experiments import discrepancies_le2020, discrepancies_schlag2021, discrepancies_weissenborn2016, registry
from memlib.experiments.experiment import Experiment
from memlib.ledger import effects, records, register

from . import test_effects

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "memlib/ledger/discrepancies/weissenborn2016.toml"
TEXT = FILE.read_text(encoding="utf-8")
ENTRIES = [(paper, entry) for paper in register.papers() for entry in paper.entries]
# What the presets of a config ask for; and the preset whose options the runs of a paper have, but for one.
SIZES = {"AMRNNConfig": (4, 6), "STMConfig": (4, 6)}
START = {"weissenborn2016": "paper", "schlag2021": "official", "le2020": "official"}


def preset(config: type, name: str) -> object:
    return getattr(config, name)(*SIZES.get(config.__name__, ()))


@pytest.mark.parametrize(("paper", "entry"), ENTRIES, ids=lambda one: getattr(one, "id", ""))
def test_an_entry_names_an_option_and_what_measures_it(paper, entry):
    options = {field.name for field in dataclasses.fields(entry.config)}
    assert entry.option in options or (entry.no_effect and not entry.option)
    if entry.seen:
        file, _, test = entry.seen.partition("::")
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8")
    if entry.no_effect:
        return
    experiment = registry.get(entry.experiment)
    assert effects.changed(experiment, effects.baseline_of(experiment)) == [entry.option]
    value = experiment.settings["options"][entry.option]
    start = preset(entry.config, START[paper.key])
    assert getattr(start, entry.option) != value, "the variant changes nothing"


def test_every_variant_of_the_paper_stands_in_the_register():
    named = {entry.experiment for _, entry in ENTRIES}
    for module in (discrepancies_weissenborn2016, discrepancies_schlag2021, discrepancies_le2020):
        variants = {one.name for one in module.EXPERIMENTS if isinstance(one, Experiment) and one.baseline}
        assert variants
        assert variants <= named


def test_what_the_authors_code_does_otherwise_is_in_the_register():
    """Every option in which the two presets differ has an entry."""
    for paper in register.papers():
        for config in {paper.config, *(entry.config for entry in paper.entries)}:
            ours, theirs = preset(config, "paper"), preset(config, "official")
            differ = {f.name for f in dataclasses.fields(config) if getattr(ours, f.name) != getattr(theirs, f.name)}
            assert differ <= {entry.option for entry in paper.entries if entry.config is config}
            assert differ


def test_every_paper_is_there_once():
    assert [paper.key for paper in register.papers()] == ["le2020", "schlag2021", "weissenborn2016"]
    assert len({(paper.key, entry.id) for paper, entry in ENTRIES}) == len(ENTRIES)


def test_an_entry_without_an_option_has_nothing_to_measure():
    text = TEXT.replace('option = "read_keys"\nexperiment = "discrepancies/dual-am-gru-read-key"', 'no_effect = "none"')
    (entry,) = [one for one in register.parse(text, "good.toml").entries if one.id == "read-keys"]
    assert (entry.option, entry.experiment, entry.no_effect) == ("", "", "none")


def test_an_entry_may_name_an_option_of_another_class():
    told = 'config = "memlib.models.fwm_config:FWMConfig"\noption = "residual"\nno_effect = "none"'
    text = TEXT.replace('option = "read_keys"\nexperiment = "discrepancies/dual-am-gru-read-key"', told)
    paper = register.parse(text, "good.toml")
    assert [one.config.__name__ for one in paper.entries if one.config is not paper.config] == ["FWMConfig"]


def test_papers_are_in_the_bibliography():
    keys = set(re.findall(r"^@\w+\{(\w+),", (ROOT / "book/references.bib").read_text(encoding="utf-8"), re.M))
    assert {paper.key for paper in register.papers()} <= keys


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('option = "read_keys"', 'option = "readkeys"', "AMRNNConfig has no option 'readkeys'; it has: .*read_keys"),
        ('option = "read_keys"\n', "", "'read-keys': option is missing or empty"),
        ('id = "read-keys"', 'id = "read-keys"\ncolour = "red"', "colour is unknown, expected one of id, title"),
        ('id = "read-keys"', 'id = "Read keys"', "expected an id of small letters"),
        ('id = "read-keys"', 'id = "last-output"', "each id may stand once; found more often: last-output"),
        ("dual-am-gru-read-key", "dual-am-gru-reed-key", "no variant of an experiment is called 'discrep"),
        ('"discrepancies/dual-am-gru-read-key"', '"snli/gru-shared"', "no variant of an experiment is called 'snli"),
        ("dual-am-gru-read-key", "dual-am-gru-unit-keys", "unit-keys changes normalise_keys, not read_keys"),
        ('experiment = "discrepancies/dual-am-gru-read-key"\n', "", "either experiment or no_effect, and not both"),
        ('id = "read-keys"', 'id = "read-keys"\nseen = "tests/x.py"', r"expected seen as tests/.*, got 'tests/x.py'"),
        ('where = "Sec. 3.2"', "where = 3", "expected words, got something else for where"),
        ('commit = "18b6973', 'commit = "main', "expected commit as 40 hexadecimal digits"),
        ("am_config:AMRNNConfig", "am_config:Nothing", "expected config as module:Class"),
        ("[[entries]]", "[entries", "bad.toml is no valid TOML"),
        ('paper = "weissenborn2016"', "", "paper is missing or empty"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_explained(old, new, message):
    assert old in TEXT
    with pytest.raises(register.DiscrepancyError, match=message):
        register.parse(TEXT.replace(old, new, 1), "bad.toml")


def page(root: Path) -> tuple[str, str]:
    """Build the small page; returns it and the warnings."""
    pytest.importorskip("sphinx")
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    warnings = io.StringIO()
    config = {
        "extensions": ["myst_parser", "sphinxcontrib.bibtex", "discrepancies_page"],
        "source_suffix": {".md": "markdown"},
        "myst_enable_extensions": ["dollarmath"],
        "bibtex_bibfiles": ["references.bib"],
        "bibtex_reference_style": "author_year",
        "html_theme": "basic",
        "root_doc": "index",
    }
    (root / "index.md").write_text(
        "# Register\n\n```{discrepancies}\n```\n\n```{bibliography}\n```\n\n[e](errata.md)\n"
    )
    (root / "errata.md").write_text("---\norphan: true\n---\n\n# Errata\n")
    (root / "references.bib").write_text((ROOT / "book/references.bib").read_text(encoding="utf-8"))
    with patch_docutils(str(root)), docutils_namespace():
        out = root / "out"
        app = Sphinx(str(root), None, str(out), str(out / "trees"), "html", config, None, warnings)
        app.build()
    return (out / "index.html").read_text(encoding="utf-8"), warnings.getvalue()


def test_the_page_shows_every_entry_and_what_was_measured(tmp_path, monkeypatch):
    results, root = tmp_path / "results", tmp_path / "book"
    root.mkdir()
    monkeypatch.setenv("MEMLIB_RESULTS", str(results))
    monkeypatch.setattr(records, "checkout_results", lambda: None)
    text, warnings = page(root)
    assert warnings == ""
    for paper, entry in ENTRIES:
        assert f'id="{paper.key}-{entry.id}"' in text
    plain = re.sub(r"<[^>]+>", "", text)
    assert plain.count("not measured yet") == len([entry for _, entry in ENTRIES if entry.experiment])
    assert "memlib run discrepancies/dual-am-gru-read-key --profile quick" in plain
    assert "NavigationConfig.reset_timer_on_goal" in plain
    assert "tests/tasks/test_catbabi.py::test_the_published_counts_of_validation_and_test" in plain
    assert "{cite" not in plain
    assert "`" not in plain

    for name, accuracy in (("snli/dual-am-gru-shared", 61.0), ("discrepancies/dual-am-gru-read-key", 62.5)):
        test_effects.leave(registry.get(name), 1, accuracy)
    test_effects.leave(registry.get("discrepancies/dual-am-gru-growing-keys"), 1, None, stopped="diverged: nan. Try")
    text, warnings = page(root)
    assert warnings == ""
    plain = re.sub(r"<[^>]+>", "", text)
    assert "+1.5 points: 62.5 (one seed) against 61.0 (one seed); 1,800 updates" in plain
    assert "Seed 1 stopped after 7 updates: nan." in plain
    assert plain.count("not measured yet") == len([entry for _, entry in ENTRIES if entry.experiment]) - 2

    file = results / "discrepancies.dual-am-gru-read-key.quick.1.json"
    file.write_text(file.read_text().replace('"hidden": 100', '"hidden": 9'))
    assert "settings.hidden is 9" in page(root)[1]
