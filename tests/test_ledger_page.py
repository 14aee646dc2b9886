"""What the ledger page says of a record is what the record says."""

import json
import re
from pathlib import Path

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
