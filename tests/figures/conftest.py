import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
