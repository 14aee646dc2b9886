"""README.md: its badges follow the address, its links lead somewhere, its example runs."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
sys.path.insert(0, str(ROOT / "tools"))
import badges  # noqa: E402
from _common import Stop, address  # noqa: E402


def test_badges_are_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEMLIB_ADDRESS", raising=False)
    assert badges.with_badges(README, address()) == README, "write them with: python3 tools/badges.py"


def test_badges_without_an_address_point_at_no_repository() -> None:
    assert len(badges.badges("")) == 3
    assert "github" not in " ".join(badges.badges(""))


def test_badges_with_an_address() -> None:
    text = " ".join(badges.badges("https://github.com/Some-One/a.book"))
    assert "(https://some-one.github.io/a.book/)" in text
    assert badges.pages("https://example.org/x/y") == ""


def test_a_readme_without_the_block_is_an_error() -> None:
    with pytest.raises(Stop, match="<!-- badges -->"):
        badges.with_badges("# Title\n", "")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^()\s#]+)[^()]*\)", text)
    inside = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert [target for target in inside if not (ROOT / target).exists()] == []


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in ("README.md", "CONTRIBUTING.md", "book/design.md", "book/start_here.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"`make ([\w-]+)`|^make ([\w-]+)$", text, re.M):
            assert re.search(rf"^{''.join(target)}:", makefile, re.M), f"{name} names make {''.join(target)}."


def test_the_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.S)
    names: dict[str, object] = {}
    exec(example, names)
    read = names["holographic"].read(names["memory"], names["keys"][0], names["orders"])  # type: ignore[attr-defined, index]
    error = (read - names["values"][0]).abs().square().mean()  # type: ignore[index]
    # Two foreign pairs and 8 copies: the law gives 2 (1/8 + (1 - 1/8)/512) = 0.253.
    assert 0.15 < float(error) < 0.36


@pytest.mark.parametrize("name", ["README.md", "book/start_here.md"])
def test_every_chapter_is_named(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    chapters = re.findall(r"file: (notebooks/\w+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert chapters
    assert [chapter for chapter in chapters if chapter not in text] == []
