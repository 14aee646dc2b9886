"""Split stories, and stories without one composition of words."""

from memlib.tasks import catbabi
from memlib.tasks.catbabi import Samples
from memlib.tasks.catbabi_stream import UNSEEN, Encoded, in_order
from memlib.tasks.catbabi_variants import composed, sentences, split, without

TEXT = (
    "mary went to the garden . where is mary ? garden john left . is mary in the garden ? yes "
    "mary went to the office . where is john ? garden"
)
WORDS = TEXT.split(" ")
STORIES = Samples([(1, WORDS), (4, ["john", "is", "in", "the", "garden", "."])], "two stories")
PAIR = ("mary", "garden")


def test_a_question_and_its_answer_are_one_sentence():
    assert [" ".join(WORDS[begin:end]) for begin, end in sentences(WORDS)] == [
        "mary went to the garden .",
        "where is mary ? garden",
        "john left .",
        "is mary in the garden ? yes",
        "mary went to the office .",
        "where is john ? garden",
    ]


def test_split_stories_have_one_question_and_all_statements_above_it():
    assert [(task, " ".join(words)) for task, words in split(STORIES)] == [
        (1, "mary went to the garden . where is mary ? garden"),
        (1, "mary went to the garden . john left . is mary in the garden ? yes"),
        (1, "mary went to the garden . john left . mary went to the office . where is john ? garden"),
    ]
    many = catbabi.generated(20, seed=1)
    assert len(split(many)) == many.questions == split(many).questions
    assert split(many).source == "generated stories of bAbI's tasks 1, 2, 3, one question a story"


def test_questions_about_the_pair_are_found_and_scored_apart():
    assert [WORDS[place - 1 : place + 2] for place in composed(PAIR)(WORDS)] == [
        ["mary", "?", "garden"],
        ["garden", "?", "yes"],
    ]
    data = Encoded(STORIES, catbabi.vocabulary(STORIES), composed(PAIR))
    (window,) = in_order(data, 1, 60)
    assert window.tasks[window.answers].tolist() == [1 + UNSEEN, 1 + UNSEEN, 1]
    assert int((window.tasks > UNSEEN).sum()) == 2


def test_a_story_with_the_pair_in_one_sentence_is_left_out():
    assert list(without(STORIES, PAIR)) == [STORIES[1]]
    assert len(without(STORIES, ("mary", "kitchen"))) == 2
    many = catbabi.generated(60, seed=1)
    fewer = without(many, PAIR)
    assert 0 < len(fewer) < len(many)
    for _, words in fewer:
        for begin, end in sentences(words):
            assert not {"mary", "garden"} <= {*words[begin:end]}
    assert fewer.source.endswith("without garden and mary in a sentence")
