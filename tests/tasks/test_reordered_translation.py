"""The toy translation: its grammar by hand, and what every drawn pair keeps."""

import pytest
import torch

from memlib.tasks.reordered_translation import (
    ADJECTIVES,
    ARTICLES,
    NOUNS,
    SOURCE_IDS,
    TARGET_IDS,
    VERBS,
    Translation,
    batch,
    encode,
    sentence,
    translate,
)
from memlib.tasks.sequence_pairs import END, NOWHERE, PAD


def words(text: str) -> list[str]:
    return text.split()


def test_a_translation_by_hand() -> None:
    found = translate(words("the red dog sees a small house"))
    assert found.target == words("lo kan rubo un dom pik ge lor")
    assert found.alignment == [0, 2, 1, 4, 6, 5, 3, 3]
    found = translate(words("a old quiet queen likes the cat and the boat hears a tree"))
    assert found.target == [
        "una",
        "rega",
        "vet",
        "tas",
        "la",
        "mia",
        "ama",
        "et",
        "lo",
        "nav",
        "una",
        "arba",
        "ge",
        "aud",
    ]
    assert found.alignment == [0, 3, 1, 2, 5, 6, 4, 7, 8, 9, 11, 12, 10, 10]


def test_drawn_sentences_follow_the_rules(generator: torch.Generator) -> None:
    task, meant = Translation(), {}
    for forms in (ADJECTIVES, VERBS):
        meant |= {word: {translation} for word, translation in forms.items()}
    meant |= {word: {translation} for word, (translation, _) in NOUNS.items()}
    meant |= {word: set(forms.values()) for word, forms in ARTICLES.items()} | {"and": {"et"}}
    seen = set()
    for _ in range(300):
        one = sentence(task, generator)
        assert len(one.target) == len(one.alignment)
        assert set(one.alignment) == set(range(len(one.source)))
        for place, word in enumerate(one.source):
            written = [t for t, a in zip(one.target, one.alignment, strict=True) if a == place]
            assert " ".join(written) in meant[word]
            seen.add(word)
    assert seen == set(SOURCE_IDS)


def test_an_article_cannot_be_translated_alone() -> None:
    assert translate(words("the dog sees the cat")).target[0] == "lo"
    assert translate(words("the cat sees the cat")).target[0] == "la"


def test_a_batch_is_the_sentences_as_numbers(generator: torch.Generator) -> None:
    task = Translation(clauses=1, adjectives=1)
    pairs = batch(task, 50, generator)
    assert pairs.target.max() < task.target_vocabulary
    assert pairs.source.max() < task.source_vocabulary
    again = batch(task, 50, torch.Generator().manual_seed(20))
    assert torch.equal(pairs.source, again.source)
    two = encode([translate(words("the dog sees a cat")), translate(words("a cat likes the red dog"))])
    assert two.source[0].tolist() == [SOURCE_IDS[w] for w in words("the dog sees a cat")] + [PAD]
    assert two.target[0].tolist() == [TARGET_IDS[w] for w in words("lo kan una mia ge lor")] + [END]
    assert two.alignment[1].tolist() == [0, 1, 3, 5, 4, 2, NOWHERE]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dog sees a cat", "an article at place 0 .* found 'dog'"),
        ("the red sees a cat", "a noun at place 2 .* found 'sees'"),
        ("the dog", "a verb at place 2 .* found the end"),
        ("the dog sees a cat or", "'and' or the end at place 5"),
    ],
)
def test_what_is_no_sentence_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        translate(words(text))


def test_sizes_that_make_no_task_are_refused() -> None:
    with pytest.raises(ValueError, match="clauses as a whole number of at least 1"):
        Translation(clauses=0)
    with pytest.raises(ValueError, match="at most 6 adjectives"):
        Translation(adjectives=7)
