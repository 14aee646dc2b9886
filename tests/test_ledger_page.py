"""What the ledger page says of a record is what the record says, and no published figure is left out."""

import json
import re
from pathlib import Path

import pytest

from memlib.experiments import registry
from memlib.experiments.experiment import Experiment
from memlib.ledger import published

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "book" / "ledger.md").read_text(encoding="utf-8")
RECORD = json.loads((ROOT / "results" / "holographic-babi.json").read_text(encoding="utf-8"))
ROW = re.compile(r"^\* - `(\w+)`\n  - ([\d,]+)\n  - (\d+)\n  - (.+)\n  - (.+)$", re.M)


def points(task: int) -> dict[tuple[str, int, int], dict[str, float]]:
    return {(p["rule"], p["dim"], p["copies"]): p["accuracy"] for p in RECORD["points"] if p["task"] == task}


def cell(accuracy: dict[str, float]) -> str:
    mean, least, most = (f"{100 * accuracy[key]:.1f}" for key in ("mean", "min", "max"))
    return f"{mean} ({least} to {most})"


def test_the_table_is_the_records() -> None:
    rows = ROW.findall(PAGE)
    assert len(rows) == 12
    for rule, width, copies, first, second in rows:
        key = (rule, int(width.replace(",", "")), int(copies))
        assert first == cell(points(1)[key])
        assert second == cell(points(2)[key])


def test_the_settings_are_the_records() -> None:
    settings, data = RECORD["settings"], RECORD["data"]
    assert RECORD["finished"]
    assert data["source"] == "bAbI v1.2 en-valid-10k"
    assert set(data["stories"].values()) == {200}
    assert set(data["questions"].values()) == {1000}
    assert (len(settings["dims"]), min(settings["dims"]), max(settings["dims"])) == (8, 8, 1024)
    assert (len(settings["copies"]), min(settings["copies"]), max(settings["copies"])) == (5, 1, 16)
    assert len(RECORD["seeds"]) == 5


def test_what_is_read_off_the_table_is_so() -> None:
    limit = RECORD["limits"]["1"]["add_without_noise"]
    assert f"stays near {100 * limit:.0f} % on task 1" in PAGE
    latest = RECORD["limits"]["1"]["latest_fact_only"]
    assert f"gives {100 * latest:.1f} % on task 1" in PAGE
    wide = [key for key in points(1) if key[1] >= 64]
    for key in wide:
        rule, _, copies = key
        mean = points(1)[key]["mean"]
        if rule == "add":
            assert abs(mean - limit) < 0.03
        if rule == "overwrite" and copies == 1:
            assert abs(mean - latest) < 0.01
        if rule == "overwrite" and copies >= 4:
            assert min(mean, points(2)[key]["mean"]) > 0.95
        if rule == "replace":
            assert min(mean, points(2)[key]["mean"]) > 0.95


# Every row of the book's list of systems.
ROWS = [
    f"{letter}{number}"
    for letter, last in {"H": 10, "A": 9, "O": 13, "F": 12, "C": 4, "S": 3}.items()
    for number in range(1, last + 1)
]
LINES = [line for section in published.sections() for line in section.lines]


def test_every_row_of_the_list_of_systems_has_a_line() -> None:
    assert len(ROWS) == 51
    assert {line.row for line in LINES} == set(ROWS)


@pytest.mark.parametrize(
    ("row", "figures"),
    [
        ("H6", ["80.9", "81.4", "83.5", "81.9", "86.3"]),
        ("H7", ["82.9", "84.4", "85.4"]),
        ("O5", ["84 %", "95 %", "98 %", "25 %", "91 %", "13 %"]),
        ("O7", ["96.85", "89.15", "89.92", "89.42", "93.72", "37.93"]),
        ("O8", ["93.43", "72.38", "76.70", "83.59", "66.71"]),
        ("O10", ["0.39 ± 0.18", "12.8", "5.6", "1.34", "1.12", "0.55"]),
        ("F5", ["96.75", "80.88", "87.66", "88.97", "13.22"]),
        ("F6", ["93.04", "80.15", "90.23", "69.3", "0 ± 0", "160.3"]),
        ("F9", ["107.1", "83.4"]),
        ("F10", ["57.3", "56.50", "54.48", "61.65", "55.52", "63.26"]),
        ("C4", ["34.2 %"]),
    ],
)
def test_the_published_figures_are_there(row: str, figures: list[str]) -> None:
    shown = "; ".join(line.figure for line in LINES if line.row == row)
    assert [figure for figure in figures if figure not in shown] == []


def test_every_trained_experiment_has_one_line_with_its_row_place_and_figure() -> None:
    for experiment in registry.EXPERIMENTS.values():
        if isinstance(experiment, Experiment) and not experiment.baseline:  # variants stand in the register
            (line,) = [line for line in LINES if line.experiment == experiment.name]
            assert (line.row, line.place) == (experiment.row, experiment.where)
            assert [one for one in experiment.published if str(one) not in line.figure] == []


def test_the_tests_that_stand_for_a_record_exist() -> None:
    named = {line.tests for line in LINES if line.tests}
    assert named
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_the_papers_are_in_the_bibliography() -> None:
    keys = set(re.findall(r"^@\w+\{(\w+),", (ROOT / "book/references.bib").read_text(encoding="utf-8"), re.M))
    assert {paper for section in published.sections() for paper in section.papers} <= keys


def test_a_line_that_names_no_experiment_is_refused() -> None:
    with pytest.raises(ValueError, match="no experiment is called 'snli/gru'"):
        published._line(["H6", "Table 1", "GRU", "81.9", "snli/gru", ""])
    with pytest.raises(ValueError, match="expected row, place"):
        published._line(["H6", "Table 1"])


def test_the_page_holds_no_figures_of_papers_by_hand() -> None:
    assert "```{ledger-table}" in PAGE
    assert not re.search(r"84\.4|82\.9", PAGE)


def test_what_the_page_says_of_the_premises_memory_is_the_records() -> None:
    record = json.loads((ROOT / "results" / "snli-premise-memory.json").read_text(encoding="utf-8"))
    found, data = record["accuracy"], record["data"]
    part = PAGE.split("### A Dual AM-GRU without its premise's memory")[1].split("\n### ")[0]
    rows = re.findall(r"^\* - (.+)\n  - (.+)$", part, re.M)[1:]
    spread = "{mean:.1f} ({min:.1f} to {max:.1f})"
    assert [figure for _, figure in rows] == [
        f"{found['as_it_is']:.1f}",
        f"{found['emptied']:.1f}",
        spread.format_map(found["other_memory"]),
        spread.format_map(found["other_premise"]),
        f"{found['one_label']:.1f}",
    ]
    assert f"{data['pairs']:,} test pairs, {data['premises']:,} premises" in part
    assert f"`{record['trained']['name']}`" in part
    assert f"falls by {found['as_it_is'] - found['emptied']:.1f} points" in part


def test_what_the_page_says_of_sentences_taken_out_is_the_records() -> None:
    record = json.loads((ROOT / "results" / "attention-deletion.json").read_text(encoding="utf-8"))
    found = record["counts"]["all"]
    part = PAGE.split("### Sentences taken out of their stories")[1]
    rows = re.findall(r"^\* - (.+)\n  - (.+)\n  - (.+)$", part, re.M)[1:]
    pairs = ("right questions", "high_unchanged high", "low_changed low", "grounds_low grounds", "strongest right")
    assert [row[1:] for row in rows] == [tuple(f"{found[one]:,}" for one in pair.split()) for pair in pairs]
    assert f"it is {record['settings']['high']} or more" in part
    assert f"it is below {record['settings']['low']} in every hop" in part
    assert f"`{record['trained']['name']}`" in part
    assert f"{100 * found['high_unchanged'] / found['high']:.1f} % of such sentences" in part
