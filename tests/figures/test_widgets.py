import re
import subprocess
import sys
from typing import Any

import pytest
import torch
from traitlets import TraitError

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import (
    ChainedReadsWidget,
    CrosstalkWidget,
    DualMemoryWidget,
    HolographicWidget,
    NavigationWidget,
    OverwriteWidget,
    StoryWidget,
    WordLossesWidget,
)
from memlib.figures.base import module, phases, unit_circle

WIDGETS = (
    ChainedReadsWidget,
    CrosstalkWidget,
    HolographicWidget,
    NavigationWidget,
    OverwriteWidget,
    StoryWidget,
    WordLossesWidget,
)


@pytest.mark.parametrize("widget", WIDGETS)
def test_the_module_is_one_file_that_asks_for_nothing(widget: Any) -> None:
    source = widget._esm
    assert "import" not in re.findall(r"^\w+", source, re.M)
    assert source.count("export default { render };") == 1
    assert set(re.findall(r"https?://[^\s\"`]+", source)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in widget._css
    assert "@import" not in widget._css
    names = re.findall(r"^export function (\w+)", source, re.M)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("widget", WIDGETS)
def test_no_rule_reaches_beyond_the_figure(widget: Any) -> None:
    rules = re.sub(r"/\*.*?\*/", "", widget._css, flags=re.S)
    for selector in re.findall(r"([^{}]+)\{[^{}]*\}", rules):
        assert ".ml-fig" in selector, selector


@pytest.mark.parametrize("widget", WIDGETS)
def test_same_seed_same_numbers(widget: Any) -> None:
    assert widget(seed=4).data == widget(seed=4).data
    assert widget(seed=4).data != widget(seed=5).data
    assert type(widget()).__name__ in repr(widget())
    assert " at 0x" not in repr(widget())


def test_crosstalk_data_are_as_described() -> None:
    data = CrosstalkWidget(5, widths=(4, 6), depth=3, width=6, stored=5, asked=2, rule="delta", seed=1).data
    assert [len(data["keys"]), len(data["keys"][0]), len(data["values"][0])] == [5, 6, 3]
    assert data["widths"] == [4, 6]
    assert all(number == round(number, 4) for row in data["keys"] for number in row)


def test_phases_survive_the_journey() -> None:
    angles = HolographicWidget(seed=2).data["keys"]
    assert phases(unit_circle(angles)) == angles
    torch.testing.assert_close(unit_circle(angles).abs(), torch.ones(12, 12, dtype=torch.float64))


def test_story_in_the_readers_own_words() -> None:
    story = [("Ada", "lab", "Ada is in the lab."), ("Bo", "hall", "Bo is in the hall."), ("Ada", "hall", "She left.")]
    data = StoryWidget(story, person="Bo").data
    assert data["facts"] == [[0, 0], [1, 1], [0, 1]]
    assert data["sentences"][2] == "She left."


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CrosstalkWidget(1), "patterns to be a whole number >= 2, got 1"),
        (lambda: CrosstalkWidget(width=7), r"width in \(8, 16, 32, 64\).*width=7"),
        (lambda: CrosstalkWidget(stored=25), "stored and asked <= 24"),
        (lambda: CrosstalkWidget(rule="hop"), "'hop'"),
        (lambda: CrosstalkWidget(widths=()), "widths"),
        (lambda: HolographicWidget(items=13), "items <= 12"),
        (lambda: HolographicWidget(copies=0), "copies to be a whole number >= 1"),
        (lambda: HolographicWidget(items=2, asked=3), "asked <= items"),
        (lambda: StoryWidget([]), r"\(person, place, sentence\)"),
        (lambda: StoryWidget(3), r"expected story as a list of \(person, place, sentence\), got 3"),  # type: ignore[arg-type]
        (lambda: StoryWidget(["abc"]), r"\(person, place, sentence\), got \['abc'\]"),  # type: ignore[list-item]
        (lambda: StoryWidget([("Bo", "hall", 3)]), r"\(person, place, sentence\)"),  # type: ignore[list-item]
        (lambda: CrosstalkWidget(widths=8), "widths as a list of whole numbers, got 8"),  # type: ignore[arg-type]
        (lambda: StoryWidget(person="Eve"), r"person in \['Mary', 'John', 'Sandra'\].*'Eve'"),
        (lambda: StoryWidget(step=11), "step <= 10"),
        (lambda: StoryWidget(copies=5), "copies <= 4; .*copies=5"),
        (lambda: StoryWidget(copies=0), "copies to be a whole number >= 1, got 0"),
        (lambda: StoryWidget(most_copies=0), "most_copies to be a whole number >= 1, got 0"),
    ],
)
def test_wrong_arguments_are_explained(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("widget", [CrosstalkWidget, HolographicWidget, StoryWidget, DualMemoryWidget])
@pytest.mark.parametrize("seed", ["x", 1.5, None, True])
def test_a_seed_is_a_whole_number(widget: Any, seed: Any) -> None:
    with pytest.raises(ValueError, match=f"{widget.__name__}: expected seed to be a whole number, got {seed!r}"):
        widget(seed=seed)


def test_copies_start_at_the_most_and_can_be_read_back() -> None:
    assert StoryWidget().copies == 4
    assert StoryWidget(most_copies=6).copies == 6
    assert StoryWidget(copies=1).copies == 1
    assert len(StoryWidget(copies=1).data["permutations"]) == 4
    assert CrosstalkWidget(rule="sweeps").rule == "sweeps"


def test_a_rule_that_does_not_exist_cannot_be_set_later() -> None:
    with pytest.raises(TraitError):
        CrosstalkWidget().rule = "other"


def test_a_file_that_two_files_need_comes_once() -> None:
    assert module("story").count("export function bind(") == 1
    assert module("story").count("export function svg(") == 1


def test_without_the_extra_figures_import_and_widgets_say_what_to_install() -> None:
    program = (
        "import sys; sys.modules['anywidget'] = None\n"
        "from memlib.figures import *\n"
        "import memlib.figures as figures\n"
        "assert callable(show) and callable(use_style)\n"
        "try: figures.CrosstalkWidget\n"
        "except ImportError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert 'pip install "memlib[widgets]"' in done.stdout


def test_an_unknown_name_is_an_attribute_error() -> None:
    import memlib.figures

    with pytest.raises(AttributeError, match="no attribute 'PlotWidget'"):
        _ = memlib.figures.PlotWidget
