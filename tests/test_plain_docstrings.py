"""The extension that lets autodoc read plain docstrings."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "book" / "_ext"))
pytest.importorskip("sphinx")
import plain_docstrings


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Gives |r|² x for `bound` keys.", r"Gives \|r\|² x for ``bound`` keys."),
        ("Keys [*shape] of ``random_keys(n, d)``.", r"Keys [\*shape] of ``random_keys(n, d)``."),
        ("A name_ that ends so, a_b that does not.", r"A name\_ that ends so, a_b that does not."),
        ("  * `add`: a * b", r"  * ``add``: a \* b"),
        ("    Source: weissenborn2016, Eq. 4", "    *Source:* :cite:t:`weissenborn2016`, Eq. 4"),
        ("Source: widrow1960; le2020, App. C", "*Source:* :cite:t:`widrow1960`; :cite:t:`le2020`, App. C"),
    ],
)
def test_a_line_reads_as_it_stands(line: str, expected: str) -> None:
    assert plain_docstrings.plain(line) == expected


def test_a_module_begins_with_its_name() -> None:
    lines = ["Attention over `n` items."]
    plain_docstrings.process(None, "module", "memlib.mechanisms.attention", None, None, lines)
    assert lines == ["Module ``memlib.mechanisms.attention``", "", "Attention over ``n`` items."]


def test_a_class_shows_its_own_init() -> None:
    class Base:
        def __new__(cls, *args: object, **kwargs: object) -> "Base":
            return super().__new__(cls)

    class Own(Base):
        def __init__(self, width: int = 3, *, rule: str = "hebb") -> None: ...

    assert plain_docstrings.own_signature(None, "class", "Own", Own, None, "", "") == (
        "(width: int = 3, *, rule: str = 'hebb')",
        "",
    )
    assert plain_docstrings.own_signature(None, "class", "Base", Base, None, "", "") is None
