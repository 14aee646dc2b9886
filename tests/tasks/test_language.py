"""Readers of text, rows, windows, and names that recur."""

import math
import runpy
import sys
from pathlib import Path

import pytest
import torch

from memlib.data import DATASETS, DataError, fetch, find
from memlib.data.places import cache
from memlib.tasks import language
from memlib.tasks.language import FIRST, LATER, PLAIN
from memlib.tasks.text_windows import Windows

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {
    "train": " \n = Mira = \n \n the fox sees the fox . \n",
    "valid": " the dog sees Mira . \n",
    "test": " Orlo the fox \n\n",
}


def folder_of(texts, path, pattern="{}.txt"):
    path.mkdir(parents=True, exist_ok=True)
    for partition, text in texts.items():
        (path / pattern.format(partition)).write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("pattern", language.FILES)
def test_every_line_gives_its_words_and_an_end(pattern, tmp_path):
    text = language.read(folder_of(TEXTS, tmp_path, pattern), "a text")
    assert " ".join(text.words(text.train)) == "<eos> = Mira = <eos> <eos> the fox sees the fox . <eos>"
    assert " ".join(text.words(text.test)) == "Orlo the fox <eos> <eos>"
    # Most frequent first, then as they come; words of other parts last.
    assert text.vocabulary == ("<eos>", "=", "the", "fox", "Mira", "sees", ".", "dog", "Orlo")


def test_what_is_missing_is_named(tmp_path):
    folder_of({"train": "a\n", "valid": "b\n"}, tmp_path)
    with pytest.raises(DataError, match=r"holds no test\.txt or wiki\.test\.tokens or ptb\.test\.txt"):
        language.read(tmp_path, "a text")
    with pytest.raises(ValueError, match="expected a partition of train, valid, test; got 'dev'"):
        language.file_of(tmp_path, "dev")
    with pytest.raises(ValueError, match="expected a text of wikitext-2, ptb; got 'enwik8'"):
        language.load("enwik8")


@pytest.mark.data
def test_wikitext_2_has_its_published_counts():
    if find("wikitext-2", "train.txt") is None and find("wikitext-2", "wiki.train.tokens") is None:
        pytest.skip("needs MEMLIB_DATA with WikiText-2")
    text = language.load("wikitext-2")
    assert [part.numel() for part in (text.train, text.valid, text.test)] == [2_088_628, 217_646, 245_569]
    assert len(text.vocabulary) == 33_278
    assert " ".join(text.words(text.test[:8])) == "<eos> = Robert <unk> = <eos> <eos> Robert"
    names = language.rare_names(text)
    marks = language.mark(text.test, names)
    assert int((marks == LATER).sum()) == 6518
    assert int((marks == FIRST).sum()) == 1913


def test_another_text_under_the_name_is_refused(tmp_path, monkeypatch):
    folder_of(TEXTS, tmp_path / "wikitext-2")
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"is not WikiText-2: expected \(33278, 2088628"):
        language.load("wikitext-2")


class TestPennTreebank:
    """Nobody may pass it on: it is taken in from files that somebody has."""

    @pytest.fixture(autouse=True)
    def places(self, tmp_path, monkeypatch):
        monkeypatch.setenv("MEMLIB_CACHE", str(tmp_path / "cache"))
        monkeypatch.delenv("MEMLIB_DATA", raising=False)
        monkeypatch.setitem(language.SIZES, "ptb", (9, 13, 6, 5))

    def test_it_cannot_be_fetched_and_the_message_says_what_to_do(self):
        with pytest.raises(DataError, match=r"cannot be fetched.*python data_scripts/ptb\.py FOLDER"):
            fetch("ptb")
        assert DATASETS["ptb"].sources == ()

    def test_files_that_somebody_has_are_checked_and_copied(self, tmp_path, monkeypatch, capsys):
        mine = folder_of(TEXTS, tmp_path / "mine", "ptb.{}.txt")
        monkeypatch.setattr(sys, "argv", ["ptb.py", str(mine)])
        runpy.run_path(str(ROOT / "data_scripts/ptb.py"), run_name="__main__")
        assert "Linguistic Data Consortium" in capsys.readouterr().out
        assert find("ptb") == cache() / "ptb"
        assert torch.equal(language.load("ptb").train, language.read(mine, "mine").train)

    def test_other_files_are_not(self, tmp_path, monkeypatch):
        mine = folder_of({**TEXTS, "test": "one word more\n"}, tmp_path / "mine")
        monkeypatch.setattr(sys, "argv", ["ptb.py", str(mine)])
        with pytest.raises(SystemExit, match=r"memlib: what lies in .* is not Penn Treebank"):
            runpy.run_path(str(ROOT / "data_scripts/ptb.py"), run_name="__main__")
        assert find("ptb") is None


def test_the_registered_wikitext_2_lists_its_files():
    (source,) = DATASETS["wikitext-2"].sources
    assert set(source.entries()) == {"README", "train.txt", "valid.txt", "test.txt"}


def test_rows_are_pieces_of_the_text():
    rows = language.batchify(torch.arange(23), 4)
    assert rows.tolist() == [[5 * r + c for c in range(5)] for r in range(4)]
    with pytest.raises(ValueError, match="at least two tokens for each of 12 rows, got 23"):
        language.batchify(torch.arange(23), 12)


class TestWindows:
    def test_an_epoch_is_the_text_once(self):
        rows = language.batchify(torch.randint(1000, (4 * 1000,)), 4)
        windows = Windows(rows, 70, seed=1)
        seen, targets, fresh = [], [], []
        while windows.epoch == 0:
            expected = windows.upcoming
            window = next(windows)
            assert window.tokens.shape == window.targets.shape == (4, expected)
            seen.append(window.tokens)
            targets.append(window.targets)
            fresh.append(window.fresh)
        assert torch.equal(torch.cat(seen, 1), rows[:, :-1])
        assert torch.equal(torch.cat(targets, 1), rows[:, 1:])
        assert fresh == [True] + [False] * (len(fresh) - 1)
        assert next(windows).fresh

    def test_lengths_are_those_of_the_published_rule(self):
        windows = Windows(torch.zeros(1, 10**6, dtype=torch.long), 70, seed=2)
        lengths = torch.tensor([next(windows).tokens.shape[1] for _ in range(6000)]).double()
        assert lengths.max() == 80
        assert lengths.min() >= 5
        halved = (lengths < 52).double().mean().item()
        assert halved == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 6000))
        usual, short = lengths[lengths >= 52], lengths[lengths < 52]
        # Whole numbers below what was drawn: half less on average.
        assert usual.mean().item() == pytest.approx(69.5, abs=0.3)
        assert short.mean().item() == pytest.approx(34.5, abs=1.2)
        assert usual.std().item() == pytest.approx(5.0, abs=0.3)

    def test_it_goes_on_where_it_was_left(self):
        rows = language.batchify(torch.randint(1000, (2000,)), 2)
        windows, again = Windows(rows, 20, seed=3), Windows(rows, 20, seed=4)
        for _ in range(70):
            next(windows)
        again.load_state_dict(windows.state_dict())
        for _ in range(60):
            one, other = next(windows), next(again)
            assert torch.equal(one.tokens, other.tokens)
            assert one.fresh == other.fresh

    def test_without_variation_all_are_equal(self):
        windows = Windows(torch.arange(21).unsqueeze(0), 8, seed=0, vary=False)
        assert [next(windows).tokens.shape[1] for _ in range(4)] == [8, 8, 4, 8]

    def test_a_text_too_short_is_refused(self):
        with pytest.raises(ValueError, match="at least two columns"):
            Windows(torch.zeros(3, 1, dtype=torch.long), 5, seed=0)


def test_names_that_recur_are_marked():
    # 7 and 8 are names; 8 comes again too late, 7 twice in time.
    ids = torch.tensor([1, 7, 2, 8, 7, 3, 1, 1, 7, 2, 2, 2, 8])
    names = torch.zeros(9, dtype=torch.bool)
    names[7:] = True
    expected = [PLAIN, FIRST, PLAIN, PLAIN, LATER, PLAIN, PLAIN, PLAIN, LATER, PLAIN, PLAIN, PLAIN, PLAIN]
    assert language.mark(ids, names, within=5).tolist() == expected
    assert language.mark(ids, names, within=9)[[3, 12]].tolist() == [FIRST, LATER]
    assert language.mark(ids, names, within=2).tolist() == [PLAIN] * 13


def test_rare_names_begin_with_a_capital_and_are_rare():
    texts = {"train": ["The", "fox", "met", "Mira", ".", "The", "Mira", "The"], "valid": ["Orlo"], "test": ["fox"]}
    text = language.corpus(texts, "a text")
    rare = language.rare_names(text, most=2)
    assert {word for word, is_name in zip(text.vocabulary, rare, strict=True) if is_name} == {"Mira", "Orlo"}


def test_a_text_without_tokens_is_refused():
    with pytest.raises(ValueError, match="expected texts that are not empty for train, valid, test"):
        language.corpus({"train": ["a"], "valid": [], "test": ["b"]}, "a text")
