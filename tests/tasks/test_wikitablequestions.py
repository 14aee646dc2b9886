"""WikiTableQuestions: what texts say, the reader on small and on real files, and questions for a programmer."""

import pytest

from memlib.data import DataError, find, lookup
from memlib.tasks import wikitablequestions
from memlib.tasks.table_encoding import encode, hardness, is_right, named, spoken, tokens, vocabulary
from memlib.tasks.table_programs import OPERATIONS, Step, run
from memlib.tasks.table_values import date, derived, exact_number, kind, normalise, number, on_a_line, right, same
from memlib.tasks.tables import collate
from memlib.tasks.wikitablequestions import WikiQuestion, WikiTable, load, read_questions, read_table, unescape


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Café” (film) [2]", "cafe"),
        ("  United\n States ", "united states"),
        ("Rome†", "rome"),
        ("2–1", "2-1"),
        ("(a)", "(a)"),
        ("[3]", "[3]"),
        ("St. John's.", "st. john's"),
        ('"A" and "B"', '"a" and "b"'),
        ("", ""),
        ("...", "."),
        ("Ärger", "arger"),
    ],
)
def test_texts_are_made_alike(text, expected) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("text", "leading", "exact"),
    [
        ("12,467", 12467, 12467),
        ("$1,250.50 million", 1250.5, None),
        ("4th, Western", 4, None),
        ("-3.5", -3.5, -3.5),
        ("−7", -7, -7),
        (".5", 0.5, 0.5),
        ("+2", 2, 2),
        ("1,2,3", 1, None),
        ("about 5", None, None),
        ("5-2", 5, None),
        ("A4", None, None),
        ("", None, None),
        ("nan", None, None),
    ],
)
def test_numbers(text, leading, exact) -> None:
    assert (number(text), exact_number(text)) == (leading, exact)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-10-04", (2016, 10, 4)),
        ("4 October 2016", (2016, 10, 4)),
        ("Oct. 4th, 2016", (2016, 10, 4)),
        ("February 2012", (2012, 2, None)),
        ("21 Dec", (None, 12, 21)),
        ("May 3", (None, 5, 3)),
        ("2016", None),
        ("2016-13-01", None),
        ("32 March 2001", None),
        ("Marching", None),
        ("next May 3", None),
    ],
)
def test_dates(text, expected) -> None:
    assert date(text) == expected


def test_dates_lie_on_a_line_in_their_order() -> None:
    told = ["December 1999", "2000-01-01", "3 January 2000", "Feb 2000", "28 February 2000", "31 December 2000"]
    places = [on_a_line(date(text)) for text in told]
    assert places == sorted(places)
    assert len(set(places)) == len(places)
    assert all(2000 <= place < 2001 for place in places[1:])


def test_kinds_of_columns() -> None:
    assert kind(["1", "2nd", "3 (injured)", "", "none"]) == "number"
    assert kind(["1", "two", "three"]) == "text"
    assert kind(["May 3", "4 June", "unknown", "5 June"]) == "date"
    assert kind(["", " "]) == "text"
    assert derived(["1st", "?", "1,000", "7"]) == ("number", [1.0, None, 1000.0, 7.0])
    assert derived(["2000-01-01", "2001-01-01", "2002-01-01", "?"]) == ("date", [2000.0, 2001.0, 2002.0, None])
    assert derived(["red", "5 red", "blue", "x"]) == ("text", [None] * 4)


def test_when_answers_are_the_same() -> None:
    assert same("Café", "cafe")
    assert same("12,467", "12467.0")
    assert same("4 October 2016", "2016-10-04")
    assert not same("4", "4 years")
    assert not same("October 2016", "2016")
    assert right(["b", "A"], ["a", "B"])
    assert right(["a", "a"], ["A"])
    assert not right(["a", "b"], ["a"])
    assert not right(["a"], ["a", "b"])
    assert not right([], ["a"])
    assert right(["3.0"], ["3"])
    # Two ways to write one text are one value.
    assert right(["a", "A."], ["a"])


HEADER = "id\tutterance\tcontext\ttargetValue\n"
TABLE = (
    '"Year","City \\"x\\"","Gold\\\\Medals"\n"2004","Rome, Italy","1"\n"2008","Oslo\nNorway","12"\n"2012","Rome","2"\n'
)


@pytest.fixture
def root(tmp_path, monkeypatch):
    place = tmp_path / "wikitablequestions"
    (place / "data").mkdir(parents=True)
    (place / "csv" / "200-csv").mkdir(parents=True)
    (place / "data" / "training.tsv").write_text(
        HEADER + "nt-0\twhich cities won 1 or 2 golds?\tcsv/200-csv/0.csv\tRome, Italy|a\\pb\n"
        "nt-1\thow many years is rome in the list?\tcsv/200-csv/0.csv\t2\n",
        encoding="utf-8",
    )
    (place / "csv" / "200-csv" / "0.csv").write_text(TABLE, encoding="utf-8")
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path))
    monkeypatch.setenv("MEMLIB_CACHE", str(tmp_path / "cache"))
    wikitablequestions._table.cache_clear()
    return place


def test_small_files_are_read(root) -> None:
    first, second = load("train")
    assert first == WikiQuestion("nt-0", "which cities won 1 or 2 golds?", "csv/200-csv/0.csv", ("Rome, Italy", "a|b"))
    assert second.answers == ("2",)
    table = wikitablequestions.table(first.table)
    assert table.header == ("Year", 'City "x"', "Gold\\Medals")
    assert table.column(1) == ["Rome, Italy", "Oslo\nNorway", "Rome"]
    assert unescape("a\\nb\\\\n") == "a\nb\\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nt-2\twhat?\tcsv/0.csv", r"line 4: expected 4 filled fields"),
        ("nt-2\t\tcsv/0.csv\t1", r"line 4: expected 4 filled fields"),
        ("nt-2\twhat?\tcsv/0.csv\ta\\x", r"line 4: expected .* got a backslash before 'x'"),
    ],
)
def test_a_damaged_line_is_named(root, line, said) -> None:
    path = root / "data" / "training.tsv"
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ValueError, match=said):
        read_questions(path)


def test_what_is_no_file_of_the_set(root) -> None:
    (root / "data" / "other.tsv").write_text("a\tb\n")
    with pytest.raises(ValueError, match="line 1: expected the header"):
        read_questions(root / "data" / "other.tsv")
    with pytest.raises(DataError, match="memlib data wikitablequestions"):
        read_questions(root / "none.tsv")
    with pytest.raises(DataError, match="memlib data wikitablequestions"):
        read_table(root / "none.csv")
    with pytest.raises(DataError, match="memlib data wikitablequestions"):
        load("test")
    with pytest.raises(ValueError, match="partition of train, test, seen, train-1"):
        load("dev")
    with pytest.raises(ValueError, match="below the data set's folder"):
        wikitablequestions.table("../secret.csv")
    (root / "odd.csv").write_text('"a","b"\n"1"\n')
    with pytest.raises(ValueError, match="row 2: expected 2 cells as in the header, got 1"):
        read_table(root / "odd.csv")
    (root / "odd.csv").write_text('"a","b"\n')
    with pytest.raises(ValueError, match="at least one row"):
        read_table(root / "odd.csv")


def test_a_question_for_a_programmer(root) -> None:
    table = wikitablequestions.table("csv/200-csv/0.csv")
    question = load("train")[1]
    one = encode(question, table)
    assert one.words == ("how", "many", "years", "is", "rome", "in", "the", "list", "?")
    assert one.name_matches == (True, False, False)
    assert one.values == ((2004.0, None, 1.0), (2008.0, None, 12.0), (2012.0, None, 2.0))
    assert one.matches == ((False, True, False), (False, False, False), (False, True, False))
    # A count of rows, or the cell that shows a 2: only one of the two is meant.
    assert one.scalar == 2
    assert one.cells == (frozenset({(2, 2)}),)
    assert run([Step("select", 1), Step("count")], one.values, one.texts, one.matches).scalar == 2
    assert is_right(2.0, question, table)
    assert not is_right([(2, 0)], question, table)
    assert spoken([(1, 1)], table) == ["Oslo\nNorway"]
    hard = hardness(question, table)
    assert hard["kinds"] == ["number", "text", "number"]
    assert hard["ways"] == {"count": True, "cells": [1]}
    assert (hard["named"], hard["words"]) == (2, 8)
    cut = encode(question, table, rows=2)
    assert (len(cut.values), cut.cells, cut.scalar) == (2, (), 2)


def test_numbers_and_answers_in_a_question() -> None:
    table = WikiTable(("Name", "Time"), (("Ada (UK)", "2:30"), ("Émile", "4 May 1990"), ("ada", "1990-05-04")))
    one = encode(WikiQuestion("x", "Who, of three, ran before 4 May 1,990?", "", ("Ada", "4 May 1990")), table)
    assert one.words == ("who", ",", "of", "#", ",", "ran", "before", "#", "may", "#", "?")
    assert one.numbers == ((3, 3.0), (7, 4.0), (9, 1990.0))
    assert one.scalar is None
    assert one.cells == (frozenset({(0, 0), (2, 0)}), frozenset({(1, 1), (2, 1)}))
    none = encode(WikiQuestion("x", "Is it?", "", ("yes",)), table)
    assert (none.scalar, none.cells) == (None, ())
    half = encode(WikiQuestion("x", "Who?", "", ("Ada", "Bob")), table)
    assert half.cells == ()
    assert encode(WikiQuestion("x", "How many?", "", ("7",)), table).scalar is None
    shown = hardness(WikiQuestion("x", "Who?", "", ("Ada",)), table)
    assert shown["written_otherwise"] == ["Ada (UK)", "ada"]


def test_what_a_question_names() -> None:
    asked = tokens("How many flew to Los Angeles in the 3rd week of 2013?")
    assert asked[-3:] == ("of", "2013", "?")
    assert "3rd" in asked
    assert named("Los Angeles", asked)
    assert named("United States, Los Angeles", asked)
    assert named("2013", asked)
    assert not named("Los", tokens("floss"))
    assert not named("13", asked)
    assert not named("in", asked)
    assert not named("", asked)


def test_words_are_numbered_by_how_often_they_come(root) -> None:
    table = wikitablequestions.table("csv/200-csv/0.csv")
    encoded = [encode(question, table) for question in load("train")]
    words = vocabulary(encoded, least=2)
    assert words["year"] >= 2
    assert sorted(words.values()) == list(range(2, 2 + len(words)))
    assert "rome" not in words
    batch = collate(encoded, words, OPERATIONS)
    assert batch.has_scalar.tolist() == [False, True]
    assert batch.has_cells.tolist() == [False, True]
    assert (batch.operations == -1).all()


def test_the_data_set_is_known() -> None:
    known = lookup("wikitablequestions")
    (source,) = known.sources
    paths = list(source.entries())
    assert sum(path.startswith("csv/") for path in paths) == 2108
    assert {"data/training.tsv", "data/pristine-unseen-tables.tsv", "LICENSE"} <= set(paths)


@pytest.mark.data
@pytest.mark.skipif(find("wikitablequestions", "data/training.tsv") is None, reason="set MEMLIB_DATA to its folder")
def test_the_real_files() -> None:
    counts = {name: len(load(name)) for name in ("train", "test", "seen", "train-1", "dev-1", "train-5", "dev-5")}
    assert counts == {
        "train": 14152, "test": 4344, "seen": 3537, "train-1": 11321, "dev-1": 2831, "train-5": 11316, "dev-5": 2836,
    }  # fmt: skip
    train, test = load("train"), load("test")
    assert sum(len(question.answers) > 1 for question in train) == 445
    tables = [{question.table for question in part} for part in (train, test)]
    assert not tables[0] & tables[1]
    assert (train[0].id, train[0].answers) == ("nt-0", ("2004",))
    first = wikitablequestions.table(train[0].table)
    assert (first.header[0], len(first.rows)) == ("Year", 10)
    assert [kind(first.column(place)) for place in range(7)] == [
        "number", "number", "text", "number", "text", "number", "number",
    ]  # fmt: skip
    encoded = [encode(question, wikitablequestions.table(question.table)) for question in train[:50]]
    assert sum(one.scalar is not None or bool(one.cells) for one in encoded) >= 40
