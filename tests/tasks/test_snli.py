import json

import pytest

from memlib.data import DataError, find
from memlib.tasks import snli
from memlib.tasks.entailment_pairs import LABELS, Pair, PairBatch, WordList, collate, counts, encode, pair_length
from memlib.tasks.snli import development_split, load, read, tokens
from memlib.training import Epochs


def entry(label="neutral", one="( ( A dog ) ( runs . ) )", two="( An ( animal sleeps ) )", **more):
    return json.dumps({"gold_label": label, "sentence1_binary_parse": one, "sentence2_binary_parse": two, **more})


JSONL = [
    entry(sentence1="A dog runs.", sentence2="An animal sleeps", annotator_labels=["neutral"], pairID="1.jpg#0r1n"),
    entry("-"),
    entry("contradiction", two="( Nobody ( ( -LRB- ( at ( all -RRB- ) ) ) . ) )"),
]
TSV = ["neutral\tA dog runs . \tAn animal sleeps", "contradiction\tA dog runs . \tNobody ( at all ) ."]
EXPECTED = [
    Pair(("a", "dog", "runs", "."), ("an", "animal", "sleeps"), 1),
    Pair(("a", "dog", "runs", "."), ("nobody", "(", "at", "all", ")", "."), 2),
]


@pytest.fixture
def write(tmp_path):
    def make(name, rows, end="\n"):
        (tmp_path / name).write_bytes("".join(row + end for row in rows).encode())
        return tmp_path / name

    return make


def test_the_labels_have_a_fixed_order():
    assert LABELS == ("entailment", "neutral", "contradiction")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_both_formats_give_the_same_pairs(write, end):
    published, table = read(write("dev.jsonl", JSONL, end)), read(write("dev.tsv", TSV, end))
    assert published == table == EXPECTED
    assert (published.dropped, table.dropped) == (1, 0)
    assert published.source == "dev.jsonl"


def test_case_is_kept_when_asked(write):
    (first, _) = read(write("dev.tsv", TSV), lower=False)
    assert (first.premise[0], first.hypothesis[0]) == ("A", "An")


def test_a_separator_of_lines_inside_a_sentence_is_not_one(write):
    rows = ["neutral\tA dog\x85 runs .\tA dog\u2028 runs ."]
    assert len(read(write("dev.tsv", rows))) == 1


def test_tokens_are_the_leaves():
    assert tokens("( ( ( The -LRB- ) old ) ( -RRB- ( `` man '' ) ) )") == ("The", "(", "old", ")", "``", "man", "''")
    assert tokens("dog") == ("dog",)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "expected a JSON object"),
        ("[1]", "expected a JSON object with the texts gold_label"),
        (json.dumps({"gold_label": "neutral", "sentence1": "x", "sentence2": "y"}), "sentence1_binary_parse"),
        (entry(label="maybe"), r"expected a label of entailment, neutral, contradiction or -, got 'maybe'"),
        (entry(one="( )"), "at least one token"),
        (entry(two="( ( A dog )"), "as many opening as closing brackets"),
        ("", "expected a JSON object"),
    ],
)
def test_a_bad_line_of_json_is_named(write, row, said):
    path = write("dev.jsonl", [*JSONL, row, JSONL[0]])
    with pytest.raises(ValueError, match=rf"dev\.jsonl, line 4: .*{said}"):
        read(path)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("neutral\tonly one", "got 2 parts"),
        ("neutral\ta\tb\tc", "got 4 parts"),
        ("1\ta\tb", "expected a label"),
        ("neutral\t \tb", "at least one token"),
        ("", "got 1 parts"),
    ],
)
def test_a_bad_row_of_the_table_is_named(write, row, said):
    path = write("dev.tsv", [*TSV, row, TSV[0]])
    with pytest.raises(ValueError, match=rf"dev\.tsv, line 3: .*{said}"):
        read(path)


def test_bytes_that_are_no_text_are_named(write, tmp_path):
    write("dev.tsv", TSV)
    (tmp_path / "dev.tsv").write_bytes(b"neutral\ta\tb\nneutral\t\xff\tb\n")
    with pytest.raises(ValueError, match=r"dev\.tsv is no text in UTF-8"):
        read(tmp_path / "dev.tsv")


def test_what_is_no_file_of_pairs(write, tmp_path):
    with pytest.raises(ValueError, match="is empty"):
        read(write("dev.tsv", []))
    with pytest.raises(ValueError, match=r"ends with \.jsonl or \.tsv"):
        read(write("dev.txt", TSV))
    with pytest.raises(DataError, match="memlib data snli"):
        read(tmp_path / "none.tsv")


@pytest.mark.parametrize("layout", ["snli/snli_1.0", "snli", "snli_1.0", ""])
def test_load_finds_either_format_and_prefers_the_published_one(layout, write, tmp_path, monkeypatch):
    place = tmp_path / "data" / layout
    place.mkdir(parents=True)
    monkeypatch.setenv("MEMLIB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MEMLIB_CACHE", str(tmp_path / "cache"))
    with pytest.raises(DataError, match="memlib data snli"):
        load("dev")
    write("a.tsv", TSV).rename(place / "snli_dev.tsv")
    assert load("dev").file == place / "snli_dev.tsv"
    write("a.jsonl", JSONL).rename(place / "snli_1.0_dev.jsonl")
    assert load("dev").file == place / "snli_1.0_dev.jsonl"
    assert load("dev").source == "SNLI 1.0 dev"
    with pytest.raises(ValueError, match="partition of train, dev, test"):
        load("valid")


def made_up(count):
    return [Pair((f"premise{i // 3}",), (f"hypothesis{i}",), i % 3) for i in range(count)]


def test_the_split_of_the_development_pairs():
    pairs = made_up(300)
    train, held_out = development_split(pairs, seed=1, held_out=50)
    assert sorted(train + held_out) == sorted(pairs)
    assert 50 <= len(held_out) <= 52
    assert not {pair.premise for pair in train} & {pair.premise for pair in held_out}
    assert train == [pair for pair in pairs if pair in set(train)]
    assert (train, held_out) == development_split(pairs, seed=1, held_out=50)
    assert held_out != development_split(pairs, seed=2, held_out=50)[1]
    for bad in (0, 300):
        with pytest.raises(ValueError, match="held_out from 1 to 299"):
            development_split(pairs, seed=1, held_out=bad)


WORDS = WordList(["a", "b", "c", "d"])


def test_a_batch():
    pairs = [Pair(("a", "b", "c"), ("d",), 2), Pair(("b",), ("c", "a"), 0)]
    batch = collate(encode(pairs, WORDS))
    assert isinstance(batch, PairBatch)
    assert batch.premise.tolist() == [[1, 2, 3], [2, 0, 0]]
    assert batch.premise_length.tolist() == [3, 1]
    assert batch.hypothesis.tolist() == [[4, 0], [3, 1]]
    assert batch.hypothesis_length.tolist() == [1, 2]
    assert batch.label.tolist() == [2, 0]
    assert {part.dtype for part in batch} == {batch.label.dtype}
    assert batch.to("cpu").premise.tolist() == batch.premise.tolist()


def test_bad_batches_and_words():
    for bad in ([], encode([Pair((), ("a",), 0)], WORDS)):
        with pytest.raises(ValueError, match="at least one"):
            collate(bad)
    with pytest.raises(KeyError, match="e"):
        encode([Pair(("e",), ("a",), 0)], WORDS)
    with pytest.raises(ValueError, match="come twice: a"):
        WordList(["a", "b", "a"])


def test_with_the_stream_of_batches_each_pair_comes_once_an_epoch():
    pairs = [Pair(tuple("abcd"[: 1 + i % 4]), tuple("dcba"[: 1 + i % 3]), i % 3) for i in range(100)]
    stream = Epochs(encode(pairs, WORDS), 8, collate, 3, pair_length)
    seen = []
    for _ in range(len(stream)):
        batch = next(stream)
        rows = zip(
            batch.premise, batch.premise_length, batch.hypothesis, batch.hypothesis_length, batch.label, strict=True
        )
        for premise, n, hypothesis, m, label in rows:
            assert (premise[n:] == 0).all()
            assert (hypothesis[m:] == 0).all()
            seen.append((tuple(premise[:n].tolist()), tuple(hypothesis[:m].tolist()), label.item()))
    assert sorted(seen) == sorted(tuple(pair) for pair in encode(pairs, WORDS))


def real(partition):
    here = any(find("snli", name) for name in (f"snli_1.0_{partition}.jsonl", f"snli_{partition}.tsv"))
    reason = f"SNLI's {partition} is not here: set MEMLIB_DATA, or fetch it with: memlib data snli"
    return pytest.mark.skipif(not here, reason=reason)


@pytest.mark.data
@pytest.mark.parametrize(
    ("partition", "expected"),
    [
        pytest.param("dev", (3329, 3235, 3278), marks=real("dev")),
        pytest.param("test", (3368, 3219, 3237), marks=real("test")),
    ],
)
def test_the_real_counts(partition, expected):
    pairs = load(partition)
    assert tuple(counts(pairs).values()) == expected
    assert pairs.dropped == (10_000 - sum(expected) if pairs.file.suffix == ".jsonl" else 0)


@pytest.mark.data
@real("train")
def test_the_real_training_pairs():
    pairs = load("train")
    assert (len(pairs), pairs.dropped) == (549_367, 785)


@pytest.mark.data
@real("dev")
def test_the_real_development_pairs_divided():
    pairs = load("dev")
    train, held_out = snli.development_split(pairs, seed=0)
    assert len(train) + len(held_out) == 9842
    assert 1000 <= len(held_out) <= 1002
    shares = [number / len(held_out) for number in counts(held_out).values()]
    assert max(shares) < 0.36


@pytest.mark.data
@real("dev")
def test_the_real_files_are_tokenised():
    words = {word for pair in load("dev") for word in pair.premise + pair.hypothesis}
    assert not {word for word in words if len(word) > 1 and word[-1] in ",;?!"}
    assert not words & set(snli.BRACKETS)
