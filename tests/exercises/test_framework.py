"""What a student's function can do to the check, and what the card then says."""

import functools
import html.parser
import sys

import pytest
import torch

from memlib.exercises import Card
from memlib.exercises.ch01 import check_capacity, check_delta_write, check_recall
from memlib.exercises.ch02 import check_unbind
from memlib.exercises.words import kind, value
from tests.exercises import answers_ch01

recall = answers_ch01.recall


def test_a_stub_called_by_the_function_is_named():
    def read(memory, key):
        raise NotImplementedError

    def recall(memory, key):
        return read(memory, key)

    card = check_recall(recall)
    assert (card.status, card.code) == ("not attempted", "calls-a-stub")
    assert "`read`" in card.message


def test_a_missing_operation_of_torch_is_no_stub():
    class Missing:
        def __call__(self, memory, key):
            return torch.ops.aten.add.Tensor(memory.to("meta"), 1).tolist()

    card = check_recall(Missing())
    assert (card.status, card.code) == ("wrong", "exception")
    assert "NotImplementedError" in card.message


def test_a_forgotten_return_is_told():
    def recall(memory, key):
        (memory * key.unsqueeze(-1)).sum(-2)

    card = check_recall(recall)
    assert (card.status, card.code) == ("wrong", "no-return")


@pytest.mark.parametrize("thing", [3, torch.ones(2), "recall", [recall]])
def test_what_is_no_function_is_told(thing):
    card = check_recall(thing)
    assert (card.status, card.code) == ("wrong", "not-a-function")
    assert "check_recall(recall)" in card.hint


def test_other_callables_are_taken():
    class Memory:
        def __call__(self, memory, key):
            return recall(memory, key)

        def method(self, memory, key, scale=1.0):
            return scale * recall(memory, key)

    assert check_recall(Memory()).status == "passed"
    assert check_recall(Memory().method).status == "passed"
    assert check_recall(functools.partial(recall)).status == "passed"
    assert check_recall(lambda *tensors: recall(*tensors)).status == "passed"
    assert check_recall(torch.jit.ignore(recall)).status == "passed"
    assert check_unbind(torch.mul).code == "no-conjugate"


def test_leaving_and_endless_recursion_do_not_leave_the_check():
    def leaves(memory, key):
        sys.exit(1)

    def endless(memory, key):
        return endless(memory, key)

    assert "SystemExit" in check_recall(leaves).message
    assert "RecursionError" in check_recall(endless).message


def test_a_keyboard_interrupt_does():
    def interrupted(memory, key):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_recall(interrupted)


def test_a_result_that_cannot_be_looked_at_does_not_break_the_check():
    class Evil:
        def __repr__(self):
            raise RuntimeError("no")

    assert check_recall(lambda memory, key: Evil()).code == "type"
    assert check_capacity(lambda dim, error: float("nan")).code == "type"
    assert check_recall(lambda memory, key: recall(memory, key).to("meta")).status == "wrong"
    assert check_recall(lambda memory, key: recall(memory, key).to_sparse()).status == "passed"


def test_printing_shows_once_and_warnings_not_at_all(capsys, recwarn):
    def chatty(memory, key):
        print("shape", tuple(memory.shape))
        return torch.complex(recall(memory, key), torch.zeros_like(recall(memory, key))).to(torch.float64)

    assert check_recall(chatty).status == "passed"
    assert capsys.readouterr().out == "shape (3, 2)\n"
    assert not recwarn.list


def test_a_result_with_a_history_is_compared():
    weight = torch.ones((), dtype=torch.float64, requires_grad=True)
    assert check_recall(lambda memory, key: weight * recall(memory, key)).status == "passed"
    assert check_recall(lambda memory, key: weight + recall(memory, key)).code == "wrong-values"


def test_right_in_the_simple_case_is_said():
    def one_only(memory, key):
        if memory.dim() > 2:
            raise ValueError("no batches, please")
        return recall(memory, key)

    card = check_recall(one_only)
    assert card.code == "no-batch"
    assert card.message.startswith("Right for one key, but not for a batch of 5 memories.")
    assert "no batches, please" in card.message


def test_wrong_values_are_shown_on_a_case_by_hand():
    card = check_recall(lambda memory, key: recall(memory, key) + 1)
    assert card.details == (
        ("for example", "memory = [[1, 2], [3, 4], [5, 6]], key = [1, 0, -1]"),
        ("expected", "[-4, -4]"),
        ("got", "[-3, -3]"),
    )


def test_types_shapes_and_dtypes_are_named_as_expected_and_got():
    card = check_recall(lambda memory, key: recall(memory, key).float())
    assert dict(card.details)["expected"] == "a tensor of shape [2] and dtype float64"
    assert dict(card.details)["got"] == "a tensor of shape [2] and dtype float32"
    assert "NumPy" in check_recall(lambda memory, key: recall(memory, key).numpy()).message
    assert "a tuple of 1" in check_recall(lambda memory, key: (recall(memory, key),)).message
    assert "expected [2], got [1, 2]" in check_recall(lambda memory, key: recall(memory, key)[None]).message


def test_a_hint_does_not_depend_on_how_the_function_fails_elsewhere():
    def by_matrix(memory, key, value, strength):
        return memory + strength * torch.outer(key, value)

    assert check_delta_write(by_matrix).code == "hebbian"


class Tags(html.parser.HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.open, self.attributes, self.text = [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


CARDS = [
    (lambda memory, key: None, "○", "Not attempted yet"),
    (recall, "✓", "Passed"),
    (lambda memory, key: memory @ key, "△", "Not right yet"),
]


@pytest.mark.parametrize(("function", "icon", "word"), CARDS)
def test_the_card_says_its_status_by_icon_and_word(function, icon, word):
    card = check_recall(function)
    page = Tags(card._repr_html_())
    assert page.open == []
    assert page.attributes[0][1]["role"] == "status"
    assert page.attributes[0][1]["data-code"] == card.code
    assert page.text.startswith(f"{icon}{word}: recall")
    assert repr(card).startswith(f"{icon} {word}: recall\n")
    assert card.message.replace("`", "") in page.text
    assert card.hint.replace("`", "") in page.text
    assert card.message in repr(card)
    assert card.hint in repr(card)
    styles = " ".join(attributes.get("style", "") for _, attributes in page.attributes)
    assert "url(" not in styles
    assert all(part in styles for part in ("color:inherit", "background:transparent"))


def test_an_unattempted_card_has_no_colour_of_warning():
    grey = check_recall(None)._repr_html_()
    assert "#c2571a" not in grey
    assert "#7a7a7a" in grey


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("edge", ["#7a7a7a", "#1f8a70", "#c2571a"])
@pytest.mark.parametrize("page", ["#ffffff", "#121212"])
def test_the_edge_is_seen_on_light_and_on_dark(edge, page):
    light, dark = sorted((luminance(edge), luminance(page)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_what_a_student_writes_cannot_break_the_page():
    def recall(memory, key):
        raise ValueError('<script>alert("x")</script> `<b>`')

    page = check_recall(recall)._repr_html_()
    assert "<script" not in page
    assert "<b>" not in page
    assert Tags(page).open == []
    assert Tags(Card("<i>", "wrong", '"<i>', "<i>", "<i>", (("<i>", "<i>"),))._repr_html_()).open == []


def test_words():
    assert value(torch.tensor([[1.0, 2.5], [1 / 3, -0.0]])) == "[[1, 2.5], [0.333, 0]]"
    assert value(torch.tensor([1 + 2j, -0.5j, 3 + 0j, 0j])) == "[1+2j, -0.5j, 3, 0]"
    assert value(torch.zeros(5, 5)) == "a tensor of shape [5, 5]"
    assert kind(None) == "nothing (None)"
    assert kind({1}) == "an object of type `set`"
