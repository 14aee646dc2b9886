"""The Colab test: run the generated notebooks where there is only the wheel, and what Colab would have.

python3 tools/colab_test.py [--fresh]

Builds sdist and wheel, looks into the wheel, installs it into build/colab-env, a clean environment, and executes
each notebook there with a fresh kernel, in a folder away from the repository. The environment is kept for the next
time; the wheel is installed anew each time. --fresh makes the environment anew as well.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import environment
from _common import ROOT, Stop, cores, entry, minutes, run, timed, venv_python

FOLDER = ROOT / "build" / "colab-env"
DIST = ROOT / "build" / "colab-dist"
# What a Colab runtime has before our set-up cell runs, and what executes the notebooks here.
COLAB = ("numpy", "matplotlib", "tqdm", "ipykernel", "ipywidgets", "pytest", "pytest-xdist", "nbmake")
KEPT = ("torch", "numpy")
TIMEOUT = 120
ELSEWHERE = ("PYTHONPATH", "PYTHONHOME", "MEMLIB_DATA", "MEMLIB_RESULTS", "JUPYTER_PATH", "JUPYTER_CONFIG_DIR")


def python() -> Path:
    """Return the clean environment's Python."""
    return FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def clean() -> dict[str, str]:
    """Return this process's environment variables without those that lead to the repository or to data."""
    variables = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    variables.setdefault("OMP_NUM_THREADS", "1")
    empty = {"MEMLIB_CACHE": str(FOLDER / "no-data"), "PYTHONNOUSERSITE": "1"}
    return {**variables, **empty, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def call(*words: object, cwd: Path = ROOT) -> str:
    """Run a command in the clean environment and return what it printed; stop where it fails."""
    command = [str(word) for word in words]
    done = subprocess.run(command, cwd=cwd, env=clean(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Stop(f"{' '.join(command)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def pip(*words: object) -> str:
    """Call the clean environment's pip install."""
    return call(python(), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input", *words)


def notebooks() -> list[Path]:
    """Return the generated notebooks."""
    found = sorted((ROOT / "notebooks").glob("*.ipynb"))
    if not found:
        raise Stop("notebooks/ holds no .ipynb; make them first: make notebooks")
    return found


def extras(paths: list[Path]) -> list[str]:
    """Return the extras of memlib that the chapters name in their front matter."""
    read = (json.loads(path.read_text(encoding="utf-8"))["metadata"] for path in paths)
    return sorted({extra for metadata in read for extra in metadata.get("memlib", {}).get("extras", [])})


def build() -> Path:
    """Build the sdist, and from it the wheel; return the wheel."""
    shutil.rmtree(DIST, ignore_errors=True)
    command = [venv_python(), "-m", "build", "--no-isolation", "--outdir", DIST, ROOT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    wheels = list(DIST.glob("memlib-*.whl"))
    if done.returncode or len(wheels) != 1 or not list(DIST.glob("memlib-*.tar.gz")):
        raise Stop(f"The wheel and the sdist could not be built.\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return wheels[0]


def missing_or_stray(names: list[str], wanted: list[str]) -> list[str]:
    """Return what is wrong with the files of a wheel: what it lacks of `wanted`, and what it should not hold."""
    wrong = [f"it lacks {name}" for name in wanted if name not in names]
    for name in names:
        top = name.split("/")[0]
        file = name.split("/")[-1]
        info = top.startswith("memlib-") and top.endswith(".dist-info")
        if not (top == "memlib" or info) or "/tests/" in name or file.startswith("test_") or file == "conftest.py":
            wrong.append(f"it should not hold {name}")
    return wrong


def inspect(wheel: Path) -> None:
    """Stop where the wheel lacks a file of memlib's, or holds a test."""
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "memlib").rglob("*") if path.is_file()]
    wanted = ["memlib/py.typed", *(name for name in files if name.endswith((".py", ".js", ".css")))]
    with zipfile.ZipFile(wheel) as archive:
        wrong = missing_or_stray(archive.namelist(), sorted(set(wanted)))
    if wrong:
        raise Stop(f"{wheel.name}:\n  " + "\n  ".join(wrong))


def requirements(wheel: Path) -> str:
    """Return what the wheel asks for, as its metadata say."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(name).decode().splitlines()
    return "\n".join(line for line in lines if line.startswith(("Requires-", "Provides-Extra")))


def versions() -> dict[str, str]:
    """Return the versions of what the wheel must not replace."""
    code = f"from importlib.metadata import version; print(*map(version, {KEPT!r}))"
    return dict(zip(KEPT, call(python(), "-c", code).split(), strict=True))


def install(wheel: Path, wanted: list[str], fresh: bool) -> None:
    """Make the clean environment, unless it stands; install the wheel; stop where it replaces torch or numpy."""
    constraints = ROOT / "constraints.txt"
    what = f"{wheel}[{','.join(wanted)}]" if wanted else str(wheel)
    parts = (sys.version, constraints.read_text(encoding="utf-8"), requirements(wheel), *wanted, *COLAB)
    stamp = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    mark = FOLDER / "memlib-stamp"
    if not fresh and python().exists() and mark.exists() and mark.read_text(encoding="utf-8") == stamp:
        before = versions()
    else:
        venv.create(FOLDER, with_pip=True, clear=FOLDER.exists(), symlinks=os.name != "nt")
        pip("-c", constraints, environment.torch_pin())
        pip("-c", constraints, *COLAB)
        before = versions()
        pip("-c", constraints, what)
        mark.write_text(stamp, encoding="utf-8")
    pip("--force-reinstall", "--no-deps", wheel)
    # As the set-up cell does it: no constraints. Nothing may be left to install but memlib itself.
    report = json.loads(call(python(), "-m", "pip", "install", "-q", "--dry-run", "--report", "-", what))
    more = [item["metadata"]["name"] for item in report["install"] if item["metadata"]["name"] != "memlib"]
    if versions() != before or more:
        raise Stop(f"Installing memlib would replace {more or before}; it must leave Colab's packages alone.")


def execute(paths: list[Path]) -> int:
    """Run each notebook with its own kernel, two at a time, away from the repository; print its seconds."""
    with tempfile.TemporaryDirectory(prefix="memlib-colab-") as name:
        folder = Path(name).resolve()
        for path in paths:
            shutil.copy2(path, folder)
        shutil.copy2(ROOT / "book" / "_ext" / "kernel_sockets.py", folder / "conftest.py")
        found = Path(call(python(), "-c", "import memlib; print(memlib.__file__)", cwd=folder).strip())
        if FOLDER.resolve() not in found.resolve().parents:
            raise Stop(f"memlib was imported from {found}, not from the wheel in {FOLDER}")
        options = ["--nbmake", f"--nbmake-timeout={TIMEOUT}", "--nbmake-kernel=python3", "-p", "no:cacheprovider"]
        options += ["-n", str(min(2, cores()))]
        report = folder / "report.xml"
        command = [python(), "-m", "pytest", "-q", f"--rootdir={folder}", f"--junitxml={report}", *options, folder]
        words = [str(word) for word in command]
        status = subprocess.run(words, cwd=folder, env=clean(), check=False).returncode
        if report.exists():
            for case in ElementTree.parse(report).iter("testcase"):
                state = "FAILED" if case.find("failure") is not None or case.find("error") is not None else "passed"
                print(f"{minutes(float(case.get('time', 0))):>8}  {state}  {case.get('name')}")
    return status


def main() -> int:
    """Build, inspect, install, execute; return 0 when all notebooks pass."""
    parser = argparse.ArgumentParser(description="Run the notebooks as Colab would.")
    parser.add_argument("--fresh", action="store_true", help="make the clean environment anew")
    options, _ = parser.parse_known_args()
    environment.ensure()
    paths = notebooks()
    if run([venv_python(), "tools/notebooks.py", "--check"]) != 0:
        raise Stop("The notebooks are not in order; what is wrong stands above.")
    with timed("wheel and sdist"):
        wheel = build()
        inspect(wheel)
    with timed(f"clean environment {FOLDER}"):
        install(wheel, extras(paths), options.fresh)
    with timed("notebooks in the clean environment"):
        return execute(paths)


if __name__ == "__main__":
    entry(main)
