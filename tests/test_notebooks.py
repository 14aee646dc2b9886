"""The chapters and the notebooks that were generated from them are in order."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.md"))
EXTRAS = {"widgets", "data", "text", "rl", "cluster", "gpu"}


def tool(name: str) -> ModuleType:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        return __import__(name)
    finally:
        sys.path.remove(str(ROOT / "tools"))


def header(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])


def test_there_are_chapters() -> None:
    assert SOURCES


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_source_has_the_header_of_a_text_notebook(path: Path) -> None:
    front = header(path)
    assert front["jupytext"]["text_representation"]["format_name"] == "myst"
    assert front["kernelspec"]["name"] == "python3"
    assert set(front["memlib"]["extras"]) <= EXTRAS


def test_no_two_chapters_have_the_same_number() -> None:
    numbers = [path.name[:2] for path in SOURCES]
    assert len(set(numbers)) == len(numbers)


def test_the_generated_notebooks_are_in_order() -> None:
    command = [sys.executable, str(ROOT / "tools" / "notebooks.py"), "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def notebook(**cell: object) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": "1", **cell}]})


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "01_a.ipynb is not there"),
        ({"01_a.ipynb": notebook(outputs=[])}, ""),
        ({"01_a.ipynb": notebook(outputs=[], other=1)}, "01_a.ipynb is stale"),
        ({"01_a.ipynb": notebook(outputs=[{"text": "1"}])}, r"01_a.ipynb holds outputs in cells \[0\]"),
        ({"01_a.ipynb": notebook(outputs=[], execution_count=3)}, "01_a.ipynb holds outputs"),
        ({"01_a.ipynb": notebook(outputs=[]), "09_b.ipynb": "{}"}, "09_b.ipynb has no source 09_b.md"),
    ],
)
def test_what_is_out_of_order_is_said(tmp_path: Path, files: dict[str, str], message: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = tool("notebooks").problems(tmp_path, {"01_a.ipynb": notebook(outputs=[])})
    assert len(found) == bool(message)
    if message:
        with pytest.raises(AssertionError, match=message):
            raise AssertionError(found[0])


def test_the_committed_notebooks_never_get_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    notebooks = tool("notebooks")
    monkeypatch.setattr(sys, "argv", ["notebooks.py", "--address", "https://github.com/owner/course"])
    with pytest.raises(notebooks.Stop, match="name another folder with --out"):
        notebooks.main()


def test_the_wheel_may_hold_memlib_and_nothing_else() -> None:
    check = tool("colab_test").missing_or_stray
    fine = ["memlib/py.typed", "memlib/figures/a.js", "memlib-0.1.0.dist-info/RECORD"]
    assert check(fine, fine[:2]) == []
    assert check(fine, ["memlib/b.js"]) == ["it lacks memlib/b.js"]
    for stray in ("tests/test_a.py", "memlib/test_a.py", "memlib/tests/a.py", "memlib/conftest.py", "tools/a.py"):
        assert check([*fine, stray], []) == [f"it should not hold {stray}"]


def test_the_clean_environment_sees_neither_data_nor_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONPATH", "MEMLIB_DATA", "MEMLIB_RESULTS"):
        monkeypatch.setenv(name, str(ROOT))
    variables = tool("colab_test").clean()
    assert not {"PYTHONPATH", "MEMLIB_DATA", "MEMLIB_RESULTS"} & set(variables)
    assert variables["OMP_NUM_THREADS"]
