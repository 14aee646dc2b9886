import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.figures.bare_page import listen, page_of, show

Node = Callable[..., Any]


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """``node("crosstalk", "unit(x)", x=[3, 4])``: the value of one expression in the page's own code."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed: the widgets' mathematics is not compared (Debian: apt install nodejs)")
    base = pytest.importorskip("memlib.figures.base", reason='needs pip install "memlib[widgets]"')

    def run(module: str, expression: str, **arguments: Any) -> Any:
        code = tmp_path / f"{module}.mjs"
        code.write_text(base.module(module), encoding="utf-8")
        script = (
            f"import * as maths from {json.dumps(code.as_uri())};"
            "const chunks = []; for await (const chunk of process.stdin) chunks.push(chunk);"
            "const given = JSON.parse(Buffer.concat(chunks).toString());"
            f"const names = [...Object.keys(maths).filter((n) => n !== 'default'), ...Object.keys(given)];"
            f"const call = new Function(...names, {json.dumps(f'return {expression}')});"
            "const all = { ...maths, ...given };"
            "console.log(JSON.stringify(call(...names.map((name) => all[name]))));"
        )
        done = subprocess.run(
            [program, "--input-type=module", "-e", script],
            input=json.dumps(arguments),
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def open_page(contexts: Callable[..., Any], tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """``open_page(widgets, width=390)``; at the end nothing was printed, thrown, or fetched."""
    opened = []

    def open_(*widgets: Any, width: int = 800, reduced_motion: str = "no-preference", **options: Any) -> Any:
        file = tmp_path / f"page{len(opened)}.html"
        file.write_text(page_of(*widgets), encoding="utf-8")
        page = contexts(width=width, **options).new_page()
        opened.append((page, listen(page)))
        page.emulate_media(reduced_motion=reduced_motion)
        show(page, file.as_uri())
        return page

    yield open_
    for page, _ in opened:
        page.close()
    assert [complaints for _, complaints in opened if complaints] == []
