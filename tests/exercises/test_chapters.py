"""The exercises that are printed in the chapters: the stub is not attempted, the printed solution passes."""

import importlib
import inspect
import re

import pytest

from tests.exercises.chapter_cells import chapter_path, exercises_of, imports_of

pytest.importorskip("jupytext")
NUMBERS = [1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13]


@pytest.fixture(scope="module", params=NUMBERS, ids=lambda number: f"ch{number:02d}")
def chapter(request):
    path = chapter_path(request.param)
    if path is None:
        pytest.skip(f"chapter {request.param} is not written")
    text = path.read_text(encoding="utf-8")
    return importlib.import_module(f"memlib.exercises.ch{request.param:02d}"), text


def defined(code, exercise, imports):
    scope: dict = {}
    exec(compile(imports, "imports", "exec"), scope)
    exec(compile(code, f"cell of {exercise.function_name}", "exec"), scope)
    return scope[exercise.function_name]


def test_the_chapter_and_the_checks_belong_together(chapter):
    checks, text = chapter
    printed = [exercise.check_name for exercise in exercises_of(text)]
    assert len(printed) == len(set(printed))
    assert set(printed) == set(checks.__all__)


def test_stub_and_solution(chapter):
    checks, text = chapter
    imports = imports_of(text)
    exercises = exercises_of(text)
    assert len(exercises) >= 4
    for exercise in exercises:
        check = getattr(checks, exercise.check_name)
        stub, solution = (defined(code, exercise, imports) for code in (exercise.stub, exercise.solution))
        card = check(stub)
        assert (card.status, card.code) == ("not attempted", "stub"), exercise.function_name
        assert check(solution).status == "passed", repr(check(solution))
        assert inspect.signature(stub) == inspect.signature(solution)
        assert "returns:" in inspect.getdoc(stub)
        for argument in inspect.signature(stub).parameters:
            assert f"{argument}:" in inspect.getdoc(stub)


def test_each_exercise_has_stars_minutes_two_hints_and_a_folded_solution(chapter):
    _, text = chapter
    start = r"```\{exercise-start\} ([^\n]+)\n:label: (ex-[\w-]+)\n```\n"
    starts = re.findall(start + r"(.*?)```\{exercise-end\}", text, re.S)
    assert len(starts) == len(exercises_of(text)) == text.count("{exercise-start}")
    for title, label, body in starts:
        assert re.search(r", ★{1,3}, \d+ minutes$", title), title
        assert [body.count(f"{{dropdown}} Hint {number}") for number in (1, 2)] == [1, 1], label
        assert re.search(rf"\{{solution-start\}} {label}\n:class: dropdown\n", text), label


def test_the_librarys_source_holds_no_solution(chapter):
    checks, text = chapter
    for exercise in exercises_of(text):
        source = inspect.getsource(importlib.import_module(getattr(checks, exercise.check_name).__module__))
        assert exercise.solution.strip() not in source
        assert f"def {exercise.function_name}(" not in source
