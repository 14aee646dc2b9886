"""The scripts behind make, and the book's extensions: what can be tested without building anything."""

import gc
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import nbclient
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch):
    """Import a script of tools/ or an extension of book/_ext/ by its name."""
    for folder in ("tools", "book/_ext"):
        monkeypatch.syspath_prepend(str(ROOT / folder))
    before = set(sys.modules)

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    yield load
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith((str(ROOT / "tools"), str(ROOT / "book"))):
            del sys.modules[name]


def test_the_address_comes_from_the_environment_else_from_the_configuration(tool, monkeypatch, tmp_path) -> None:
    common = tool("_common")
    monkeypatch.setattr(common, "ROOT", tmp_path)
    monkeypatch.delenv("MEMLIB_ADDRESS", raising=False)
    config = tmp_path / "_config.yml"
    config.write_text('title: x\nrepository:\n  url: ""\n  branch: main\n')
    assert common.address() == ""
    config.write_text('repository:\n  branch: main\n  # a word\n  url: "https://github.com/one/two.git"\nhtml: {}\n')
    assert common.address() == "https://github.com/one/two"
    monkeypatch.setenv("MEMLIB_ADDRESS", "https://github.com/three/four/")
    assert common.address() == "https://github.com/three/four"


def test_an_unknown_profile_is_refused_in_plain_words(tool, monkeypatch) -> None:
    common = tool("_common")
    monkeypatch.setenv("MEMLIB_PROFILE", "huge")
    with pytest.raises(common.Stop, match="must be one of: quick, full"):
        common.profile()
    monkeypatch.setenv("MEMLIB_PROFILE", "full")
    assert common.html_dir() == ROOT / "build" / "full" / "_build" / "html"


def test_a_failed_step_stops_only_what_needs_it(tool, capsys, tmp_path) -> None:
    common = tool("_common")
    steps = common.Steps("trial")
    assert steps.do("first", lambda: 0)
    assert not steps.do("second", lambda: 3)
    assert not steps.do("third", lambda: pytest.fail("it ran"), ("second",))
    assert steps.do("fourth", lambda: None, ("first",))
    report = tmp_path / "report.xml"
    report.write_text('<testsuites><testsuite tests="9" failures="1" errors="0" skipped="2"/></testsuites>')
    steps.count(report)
    assert steps.finish() == 1
    said = capsys.readouterr().out
    assert re.search(r"third +not run .*needs: second", said)
    assert "steps: 1 failed, 2 passed, 1 not run; tests: 1 failed, 6 passed, 2 skipped in" in said


def test_a_stop_inside_a_step_is_a_failure_with_its_reason(tool, capsys) -> None:
    common = tool("_common")

    def stop() -> int:
        raise common.Stop("no npm here")

    steps = common.Steps("trial")
    steps.do("only", stop)
    assert steps.finish() == 1
    assert re.search(r"only +FAILED .*no npm here", capsys.readouterr().out)


def test_the_environment_is_made_anew_when_a_pin_changes(tool, monkeypatch, tmp_path) -> None:
    environment = tool("environment")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    pins = tmp_path / "constraints.txt"
    pins.write_text("numpy==1\ntorch==2.13.0\n")
    before = environment.stamp()
    assert environment.torch_pin() == "torch==2.13.0"
    assert environment.stamp() == before
    pins.write_text("numpy==2\ntorch==2.13.0\n")
    assert environment.stamp() != before
    pins.write_text("numpy==2\n")
    with pytest.raises(tool("_common").Stop, match="pins no torch"):
        environment.torch_pin()


def test_without_npm_the_cdns_are_named(tool, monkeypatch, capsys, tmp_path) -> None:
    vendor = tool("vendor")
    monkeypatch.setattr(vendor, "VENDOR", tmp_path / "vendor")
    monkeypatch.setenv("MEMLIB_NO_NPM", "1")
    assert vendor.ensure() is False
    assert "public CDNs" in capsys.readouterr().out


def test_the_server_answers_this_machine_only(tool, monkeypatch, tmp_path) -> None:
    serve = tool("serve")
    monkeypatch.setattr(serve, "html_dir", lambda: tmp_path)
    with pytest.raises(tool("_common").Stop, match="make book"):
        serve.server()
    (tmp_path / "index.html").write_text("x")
    httpd = serve.server()
    assert httpd.server_address[0] == "127.0.0.1"
    httpd.server_close()


CHAPTER = """# Title

```{code-cell} ipython3
:tags: [exercise]

def f(x):
    return x
```

Words.

````{code-cell} ipython3
---
mystnb:
  figure:
    caption: one
---
g = {  'a':1 }
````
"""


def test_only_the_code_of_a_chapter_is_linted_and_lines_stay_true(tool) -> None:
    lines = tool("lint_notebooks").code_only(CHAPTER).split("\n")
    source = CHAPTER.split("\n")
    assert [line for line in lines if line] == ["def f(x):", "    return x", "g = {  'a':1 }"]
    assert all(source[index] == line for index, line in enumerate(lines) if line)


def test_a_chapter_is_laid_out_cell_by_cell(tool, monkeypatch) -> None:
    linter = tool("lint_notebooks")
    monkeypatch.setenv("MEMLIB_VENV", sys.prefix)
    new = linter.laid_out(CHAPTER)
    assert 'g = {"a": 1}\n````\n' in new
    assert new.replace('{"a": 1}', "{  'a':1 }") == CHAPTER
    assert linter.laid_out(new) == new


@pytest.mark.parametrize(
    ("repository", "wanted"),
    [
        (
            "https://github.com/one/two",
            "https://colab.research.google.com/github/one/two/blob/colab/notebooks/01_a.ipynb",
        ),
        ("https://example.org/one/two", None),
        ("", None),
    ],
)
def test_the_colab_button_opens_the_branch_colab(tool, repository: str, wanted: str | None) -> None:
    assert tool("launch").colab_address(repository, "01_a") == wanted


def test_outputs_are_made_anew_when_what_they_rest_on_changes(tool, monkeypatch, tmp_path) -> None:
    fingerprint = tool("execution_cache").fingerprint
    for name in ("MEMLIB_PROFILE", "MEMLIB_DATA", "MEMLIB_RESULTS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "constraints.txt").write_text("torch==2\n")
    (tmp_path / "memlib").mkdir()
    code = tmp_path / "memlib" / "a.py"
    code.write_text("x = 1\n")
    seen = [fingerprint(tmp_path), fingerprint(tmp_path)]
    assert seen[0] == seen[1]
    monkeypatch.setenv("MEMLIB_PROFILE", "quick")  # what it is where nothing is said
    assert fingerprint(tmp_path) == seen[0]
    code.write_text("x = 2\n")
    seen.append(fingerprint(tmp_path))
    (tmp_path / "constraints.txt").write_text("torch==3\n")
    seen.append(fingerprint(tmp_path))
    monkeypatch.setenv("MEMLIB_PROFILE", "full")
    seen.append(fingerprint(tmp_path))
    (tmp_path / "babi").mkdir()
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path))
    seen.append(fingerprint(tmp_path))
    assert len(set(seen)) == len(seen) - 1


@pytest.mark.skipif(os.name == "nt", reason="only ports there")
def test_kernels_are_talked_to_through_files_that_go_with_them(tool, monkeypatch) -> None:
    sockets = tool("kernel_sockets")
    monkeypatch.setattr(nbclient.NotebookClient, "create_kernel_manager", nbclient.NotebookClient.create_kernel_manager)
    sockets.use_files()
    asked = "from ipykernel.kernelapp import IPKernelApp as app; print(app.instance().transport, app.instance().ip)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(asked)])
    nbclient.execute(notebook, kernel_name="python3")
    transport, sockets_at = notebook.cells[0].outputs[0].text.split()
    assert transport == "ipc"
    gc.collect()
    assert not Path(sockets_at).parent.exists()


def test_each_make_target_is_one_line_that_calls_a_script() -> None:
    text = (ROOT / "Makefile").read_text()
    targets = dict(re.findall(r"^([a-z-]+):\n\t(.+)$", text, re.MULTILINE))
    assert set(targets) == {"book", "serve", "test", "check", "test-long", "notebooks", "clean"}
    for line in targets.values():
        found = re.fullmatch(r"\$\(PYTHON\) (tools/\w+\.py)", line)
        assert found, line
        assert (ROOT / found[1]).exists()
    assert text.count("\n\t") == len(targets)


def test_the_scripts_begin_with_the_standard_library_alone() -> None:
    """A fresh machine has nothing else when it runs them."""
    own = {path.stem for path in (ROOT / "tools").glob("*.py")}
    for path in (ROOT / "tools").glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            found = re.match(r"(?:from|import) (\w+)", line)
            if found:
                assert found[1] in own | sys.stdlib_module_names, f"{path.name}: {line}"


def test_the_lock_file_names_no_registry() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert not re.search(r'https?://[^"]*(registry|npmjs)', text)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_the_ci_script_can_be_run_and_reads_as_bash() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
