"""Families: relations by hand, parts that share no family, and batches that say what the questions say."""

import random

import pytest
import torch

from memlib.tasks import family_questions as asking
from memlib.tasks.choices import figures
from memlib.tasks.family_questions import FamilyTree, encode
from memlib.tasks.family_tree import MEN, NAMES, RELATIONS, WOMEN, Family, Question, family

# Mary and her brother Tom are children of Jane and John; Mary and Adam have Anne and Bob. Jane is Ruth's daughter.
SMALL = Family({
    "Jane": ("Ruth", "Carl"),
    "Henry": ("Ruth", "Carl"),
    "Mary": ("Jane", "John"),
    "Tom": ("Jane", "John"),
    "Anne": ("Mary", "Adam"),
    "Bob": ("Mary", "Adam"),
})  # fmt: skip


def test_who_is_annes_maternal_grandfather() -> None:
    assert SMALL.answers("Anne", "maternal grandfather") == ("Mary", "John")
    asked = asking.question(random.Random(1), SMALL, "Anne", "maternal grandfather", 8)
    assert str(asked) == "Who is Anne's maternal grandfather?"
    assert {("Anne", "mother", "Mary"), ("Mary", "father", "John")} <= set(asked.facts)
    assert len(asked.facts) == len(set(asked.facts)) == 8
    assert asked.answers == ("Mary", "John")


@pytest.mark.parametrize(
    ("person", "relation", "answers"),
    [
        ("Anne", "mother", ("Mary",)),
        ("Ruth", "son", ("Henry",)),
        ("Anne", "brother", ("Mary", "Bob")),
        ("Bob", "sister", ("Mary", "Anne")),
        ("Anne", "maternal uncle", ("Mary", "Jane", "Tom")),
        ("Bob", "maternal great-uncle", ("Mary", "Jane", "Ruth", "Henry")),
        ("Jane", "daughter's son", ("Mary", "Bob")),
        ("Anne", "maternal grandmother's father", ("Mary", "Jane", "Carl")),
        ("Mary", "father", ("John",)),
        ("John", "father", None),
        ("Anne", "paternal grandfather", None),
        # His mother's only son is Bob himself.
        ("Bob", "brother", None),
    ],
)
def test_relations_by_hand(person: str, relation: str, answers: tuple[str, ...] | None) -> None:
    assert SMALL.answers(person, relation) == answers


def test_facts_are_told_both_ways() -> None:
    assert len(SMALL.facts) == 4 * 6
    assert {("Anne", "mother", "Mary"), ("Mary", "daughter", "Anne"), ("Adam", "son", "Bob")} <= set(SMALL.facts)
    assert set(SMALL.people) == {"Anne", "Bob", "Mary", "Adam", "Tom", "Jane", "John", "Ruth", "Carl", "Henry"}


def test_relations_have_one_to_four_steps_and_no_two_are_the_same() -> None:
    lengths = [len(path) for path in RELATIONS.values()]
    assert sorted(set(lengths)) == [1, 2, 3, 4]
    assert len(set(RELATIONS.values())) == len(RELATIONS) == 36


@pytest.mark.parametrize("people", [3, 5, 8, 16, 24])
def test_a_family_is_consistent(people: int) -> None:
    rng = random.Random(people)
    for _ in range(60):
        drawn = family(rng, people)
        assert len(drawn.people) <= people
        for child, (mother, father) in drawn.parents.items():
            assert mother in WOMEN
            assert father in MEN
            assert child not in (mother, father)
            # Who is born later has parents who were there before; brother and sister do not marry.
            born = list(drawn.parents)
            assert all(born.index(one) < born.index(child) for one in (mother, father) if one in born)
            both = drawn.parents.get(mother), drawn.parents.get(father)
            assert both == (None, None) or both[0] != both[1]
        # Every step from a person leads to one other person.
        assert len({(first, step) for first, step, _ in drawn.facts}) == len(drawn.facts)
    with pytest.raises(ValueError, match="3 to 24 people"):
        family(rng, 25)


def test_families_of_one_part_are_never_met_in_another() -> None:
    rng, parts = random.Random(2), {"training": set(), "validation": set(), "test": set()}
    for _ in range(800):
        drawn = family(rng, 8)
        parts[drawn.part].add(frozenset(drawn.facts))
    assert not parts["training"] & (parts["test"] | parts["validation"])
    assert not parts["test"] & parts["validation"]
    assert 40 < len(parts["test"]) < 130
    assert Family(dict(reversed(SMALL.parents.items()))).part == SMALL.part


@pytest.mark.parametrize("part", ["training", "validation", "test"])
def test_questions_can_be_answered_from_what_is_told(part: str) -> None:
    rng, task = random.Random(3), FamilyTree(facts=12, part=part)
    lengths = set()
    for _ in range(40):
        one = asking.ask(rng, task)
        told = {(first, step): last for first, step, last in one.facts}
        person = one.person
        for step, answer in zip(RELATIONS[one.relation], one.answers, strict=True):
            person = told[person, step]
            assert person == answer
        assert len(one.facts) <= 12
        lengths.add(len(one.answers))
    assert lengths == {1, 2, 3, 4}


def test_a_batch_by_hand() -> None:
    short = Question((("Anne", "mother", "Mary"),), "Anne", "mother", ("Mary",))
    long = Question(
        (("Mary", "father", "John"), ("Anne", "mother", "Mary")), "Anne", "maternal grandfather", ("Mary", "John")
    )
    episode = encode([short, long])
    assert episode.inputs.shape == (2, 5, asking.WIDTH_IN)
    assert episode.targets.shape == (2, 5, len(NAMES))
    assert not episode.inputs[0, 0].any()  # the shorter telling begins later
    told = [asking.PERSON["Mary"], asking.RELATION["father"], asking.OTHER["John"]]
    assert episode.inputs[1, 0].nonzero().flatten().tolist() == sorted(told)
    asked = [asking.PERSON["Anne"], asking.RELATION["maternal grandfather"], asking.QUESTION_FLAG]
    assert episode.inputs[1, 2].nonzero().flatten().tolist() == sorted(asked)
    assert episode.inputs[1, 3].nonzero().flatten().tolist() == [asking.ANSWER_FLAG]
    assert episode.mask.tolist() == [[False, False, False, True, False], [False, False, False, True, True]]
    assert [NAMES[i] for i in episode.targets[1, 3:].argmax(-1)] == ["Mary", "John"]


def test_an_answer_counts_only_if_every_step_is_right() -> None:
    episode = FamilyTree(steps=2, shortest=2, facts=4, people=10).draw(8, torch.Generator().manual_seed(1))
    perfect = 5 * episode.targets
    assert figures(perfect, episode, len(NAMES))["accuracy"] == 100
    wrong = perfect.clone()
    wrong[3, -1] = wrong[3, -1].roll(1)  # the last step of one of eight
    found = FamilyTree().score(wrong, episode)
    assert found["accuracy"] == 100 * 7 / 8
    assert found["steps"] == 100 * 15 / 16
    expected = torch.nn.functional.cross_entropy(wrong[episode.mask], episode.targets[episode.mask].argmax(-1))
    torch.testing.assert_close(FamilyTree().loss(wrong, episode), expected)


def test_the_same_seed_gives_the_same_batch() -> None:
    one, same, other = (FamilyTree().draw(4, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(one, same, strict=True))
    assert one.inputs.shape != other.inputs.shape or not torch.equal(one.inputs, other.inputs)


def test_wrong_settings_are_said_in_words() -> None:
    with pytest.raises(ValueError, match="steps <= 4"):
        FamilyTree(steps=5)
    with pytest.raises(ValueError, match="unknown part 'held-out'"):
        FamilyTree(part="held-out")
    with pytest.raises(ValueError, match="no relation 'aunt'"):
        SMALL.answers("Anne", "aunt")
    with pytest.raises(ValueError, match="has no brother"):
        asking.question(random.Random(1), SMALL, "Bob", "brother", 4)
    with pytest.raises(ValueError, match="let there be more people"):
        asking.ask(random.Random(1), FamilyTree(shortest=4, people=3))
