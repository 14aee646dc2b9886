import re
from collections import Counter
from random import Random

import numpy as np
import pytest

from memlib.tasks.entailment_logic import Claims, Fact, consistent, label
from memlib.tasks.entailment_pairs import CONTRADICTION, ENTAILMENT, NEUTRAL, counts, encode
from memlib.tasks.entailment_words import ACTIVITIES, KINDS, PLACES, QUESTIONS, VOCABULARY, meaning, members
from memlib.tasks.entailment_world import generate, vocabulary
from tests.tasks.small_models import ABOVE, NOUNS, Worlds, holds

# (can hold, can fail) in the worlds where the premise holds -> label
MEANS = {(True, False): ENTAILMENT, (True, True): NEUTRAL, (False, True): CONTRADICTION}


def fact(sentence):
    """A fact from its words, in a form that is enough for the sentences below."""
    found = re.fullmatch(
        r"(all|not all|some|two|no) ((?:(?:small|big|happy|sad|wet|dry) )*)(\w+) (do not )?(\w+)"
        r"(?: (?:in the )?(\w+))?",
        sentence,
    )
    quantifier, adjectives, kind, negated, activity, place = found.groups()
    made = Fact(quantifier, tuple(adjectives.split()), kind, bool(negated), activity, place)
    assert " ".join(made.words) == sentence
    return made


@pytest.mark.parametrize(
    ("premise", "hypothesis", "expected"),
    [
        ("some poodles sprint", "some dogs run", ENTAILMENT),
        ("some dogs run", "some poodles run", NEUTRAL),
        ("no dogs run", "no poodles sprint", ENTAILMENT),
        ("no poodles sprint", "no dogs run", NEUTRAL),
        ("all dogs sprint", "all poodles run", ENTAILMENT),
        ("all dogs run", "all animals run", NEUTRAL),
        ("all dogs run", "some dogs run", ENTAILMENT),
        ("all dogs run", "two dogs run", NEUTRAL),
        ("two dogs run", "some dogs run", ENTAILMENT),
        ("all dogs run", "no dogs run", CONTRADICTION),
        ("all dogs run", "not all dogs run", CONTRADICTION),
        ("no dogs run", "not all dogs run", ENTAILMENT),
        ("not all poodles run", "not all dogs run", ENTAILMENT),
        ("some dogs do not run", "not all dogs run", ENTAILMENT),
        ("two dogs do not move", "two dogs do not run", ENTAILMENT),
        ("all dogs sleep", "no dogs run", ENTAILMENT),
        ("all dogs sleep", "some poodles run", CONTRADICTION),
        ("some dogs sleep", "some dogs run", NEUTRAL),
        ("some small dogs run in the park", "some dogs run outside", ENTAILMENT),
        ("all dogs run", "all small dogs run", ENTAILMENT),
        ("all small dogs run", "all dogs run", NEUTRAL),
        ("all dogs run in the park", "no dogs run inside", ENTAILMENT),
        ("no dogs run outside", "two small poodles run in the park", CONTRADICTION),
        ("all dogs run", "some cats run", NEUTRAL),
    ],
)
def test_labels_that_everybody_can_check(premise, hypothesis, expected):
    assert label([fact(premise)], fact(hypothesis)) == expected


@pytest.mark.parametrize(
    ("premise", "hypothesis", "expected"),
    [
        (["some dogs run", "some cats run"], "two animals run", ENTAILMENT),
        (["some dogs run", "some animals run"], "two animals run", NEUTRAL),
        (["some dogs run", "some animals sprint"], "two animals run", NEUTRAL),
        (["some dogs jog", "some dogs sprint"], "two dogs run", ENTAILMENT),
        (["some small dogs run", "some happy dogs run"], "two dogs run", NEUTRAL),
        (["some small dogs run", "some happy dogs run", "no small happy animals run"], "two dogs run", ENTAILMENT),
        (["all dogs run", "two dogs do not sleep"], "two dogs run", ENTAILMENT),
        (["two poodles move", "no dogs move outside", "all dogs run"], "two poodles run inside", NEUTRAL),
    ],
)
def test_labels_from_several_facts(premise, hypothesis, expected):
    assert label([fact(one) for one in premise], fact(hypothesis)) == expected


def test_premises_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="contradicts itself"):
        label([fact("all dogs run"), fact("no dogs move")], fact("some cats sleep"))
    # No world has a small dog here, and the hypothesis speaks of them.
    with pytest.raises(ValueError, match="without members"):
        label([fact("all small animals sleep"), fact("no dogs rest")], fact("all small dogs run"))


def test_at_most_one_is_shared():
    dogs, small = meaning("dogs"), meaning("small")
    one = Claims(one=dogs)
    assert consistent([one, Claims(least=(dogs & small, 1)), Claims(least=(dogs, 1))])
    assert not consistent([one, Claims(least=(dogs, 2))])
    assert consistent([one, Claims(least=(small, 2))])
    assert not consistent([one, Claims(least=(dogs & small, 1)), Claims(least=(dogs & ~small, 1))])


def test_the_words_mean_what_their_tree_says():
    words = [word for tree in QUESTIONS for word in members(tree)]
    assert [word for word in words if word in (*ABOVE, *ABOVE.values())] == [
        word for tree in (KINDS, ACTIVITIES, PLACES) for word in members(tree)
    ]
    for tree in (KINDS, ACTIVITIES, PLACES):
        for one in members(tree):
            for other in members(tree):
                below, apart = holds(one, other), not (holds(one, other) or holds(other, one))
                assert (meaning(other) & ~meaning(one) == 0) == below
                assert (meaning(other) & meaning(one) == 0) == apart
    # Room for what has no name: poodles and hounds are not all dogs.
    assert meaning("dogs") & ~(meaning("poodles") | meaning("hounds"))


@pytest.mark.parametrize(("distractors", "number", "individuals", "least"), [(0, 600, 4, 600), (1, 240, 6, 60)])
def test_every_small_world_agrees_with_the_labels(distractors, number, individuals, least):
    # Two individuals a sentence are enough to make it true and the others too: these sizes decide the label exactly.
    checked = Counter()
    for pair in generate(number, seed=31, distractors=distractors):
        worlds = Worlds(pair.premise, pair.hypothesis)
        every = worlds.all_worlds(individuals, limit=80_000)
        if every is not None:
            assert MEANS[worlds.verdicts(every)] == pair.label, str(pair)
            checked[pair.label] += 1
    assert checked.total() >= least
    assert min(checked.values()) >= least / 6


def any_fact(random):
    """A fact of few words, so that facts have to do with each other."""
    quantifier = random.choice(["all", "not all", "some", "two", "no"])
    return Fact(
        quantifier,
        random.choice([(), (), ("small",), ("small", "happy")]),
        random.choice(["animals", "dogs", "poodles", "cats"]),
        quantifier in ("some", "two") and random.random() < 0.3,
        random.choice(["move", "run", "sleep"]),
        random.choice([None, None, "outside", "park"]),
    )


@pytest.mark.parametrize(("facts", "number", "individuals"), [(1, 700, 4), (2, 250, 6)])
def test_every_small_world_agrees_on_facts_that_nobody_chose(facts, number, individuals):
    random, seen = Random(facts), Counter()
    while seen.total() < number:
        premise, hypothesis = [any_fact(random) for _ in range(facts)], any_fact(random)
        told = " and ".join(" ".join(one.words) for one in premise)
        worlds = Worlds((*told.split(), "."), (*hypothesis.words, "."))
        every = worlds.all_worlds(individuals, limit=60_000)
        if every is None:
            continue
        verdict = worlds.verdicts(every)
        if verdict == (False, False):
            with pytest.raises(ValueError, match="contradicts itself"):
                label(premise, hypothesis)
        else:
            assert label(premise, hypothesis) == MEANS[verdict], f"{told} | {' '.join(hypothesis.words)}"
        seen[verdict] += 1
    assert min(seen[verdict] for verdict in MEANS) > number / 20


def test_random_worlds_agree_with_the_labels_of_long_premises():
    random = np.random.default_rng(5)
    seen = Counter()
    for pair in generate(150, seed=33, distractors=(2, 5)):
        worlds = Worlds(pair.premise, pair.hypothesis)
        can_hold = can_fail = False
        for individuals in (6, 10, 16, 24):
            verdicts = worlds.verdicts(worlds.possible_worlds(4000, individuals, random))
            can_hold, can_fail = can_hold or verdicts[0], can_fail or verdicts[1]
        assert not (can_hold and pair.label == CONTRADICTION), str(pair)
        assert not (can_fail and pair.label == ENTAILMENT), str(pair)
        seen[pair.label, can_hold, can_fail] += 1
    # Most neutral pairs are seen both to hold and to fail, most others the one way that they can.
    assert seen[NEUTRAL, True, True] >= 25
    assert seen[ENTAILMENT, True, False] >= 25
    assert seen[CONTRADICTION, False, True] >= 25


def test_the_labels_are_balanced():
    pairs = generate(3000, seed=1)
    assert set(counts(pairs).values()) == {1000}
    for at in range(0, 3000, 3):
        three = pairs[at : at + 3]
        assert len({pair.hypothesis for pair in three}) == 1
        assert {pair.label for pair in three} == {0, 1, 2}


def test_the_same_seed_gives_the_same_pairs():
    assert generate(30, seed=3) == generate(30, seed=3)
    assert generate(30, seed=3) == generate(60, seed=3)[:30]
    assert generate(30, seed=3) != generate(30, seed=4)


def test_two_seeds_share_few_pairs():
    train, test = generate(3000, seed=5), generate(600, seed=6)
    both = {pair[:2] for pair in train}
    assert sum(pair[:2] in both for pair in test) / len(test) < 0.02


def test_the_number_of_distractors():
    def facts(pair):
        return 1 + sum(word in ("and", "but", "while") for word in pair.premise)

    assert {facts(pair) for pair in generate(60, seed=1, distractors=0)} == {1}
    assert {facts(pair) for pair in generate(60, seed=1, distractors=8)} == {9}
    pairs = generate(300, seed=1, distractors=(1, 3))
    assert {facts(pair) for pair in pairs} == {2, 3, 4}
    assert len({(facts(pair), pair.label) for pair in pairs}) == 9
    assert np.mean([len(pair.premise) for pair in generate(60, seed=1, distractors=8)]) > 45


@pytest.mark.parametrize(("count", "distractors"), [(0, 1), (5, -1), (5, (3, 1)), (5, (-1, 2))])
def test_bad_settings(count, distractors):
    with pytest.raises(ValueError, match=r"expected (count as|distractors as)"):
        generate(count, 0, distractors)


def test_the_vocabulary_is_closed_and_used():
    pairs = generate(3000, seed=8)
    words = {word for pair in pairs for word in pair.premise + pair.hypothesis}
    assert words == set(VOCABULARY)
    assert 60 <= len(VOCABULARY) <= 100
    assert len(vocabulary()) == len(VOCABULARY) + 1
    assert min(id for pair in encode(pairs, vocabulary()) for id in pair.premise + pair.hypothesis) == 1


def test_nouns_of_the_check_are_those_of_the_world():
    assert set(NOUNS) == set(members(KINDS))
