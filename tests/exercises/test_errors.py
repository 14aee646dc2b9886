"""What a card says of an error: a hint that fits its kind; and what it says of a function that never ends."""

import math
import threading
import time

import pytest
import torch

from memlib.exercises import patience
from memlib.exercises.ch01 import check_capacity, check_delta_write, check_recall
from memlib.exercises.ch02 import check_bound, check_circular_convolution, check_copies
from tests.exercises import answers_ch01, answers_ch01_capacity, answers_ch02, answers_ch02_copies

recall = answers_ch01.recall


def misspelt_name(memory, key):
    return memry.mT @ key


def misspelt_method(memory, key):
    return memory.einsun(key)


def misspelt_function(memory, key):
    return torch.einsun("kv,k->v", memory, key)


def too_few_arguments(memory, key):
    return torch.swapaxes(memory) @ key


def two_kinds(memory, key):
    return memory + "key"


@pytest.mark.parametrize(
    ("function", "kind", "words"),
    [
        (misspelt_name, "NameError", "the name in the message"),
        (misspelt_method, "AttributeError", "after the dot"),
        (misspelt_function, "AttributeError", "after the dot"),
        (too_few_arguments, "TypeError", "documentation of what it calls"),
        (two_kinds, "TypeError", "documentation of what it calls"),
        (lambda memory, key: key.float() @ memory, "RuntimeError", "dtypes"),
        (lambda memory, key: math.exp(1e6), "OverflowError", "exponential"),
        (lambda memory, key: 1 / 0, "ZeroDivisionError", "divisor 0"),
        (lambda memory, key: math.exp(memory), "", "take one number"),
        (lambda memory, key: memory.mT @ key[:1], "RuntimeError", "Print the shapes"),
        (lambda memory, key: memory[7], "IndexError", "Print the shapes"),
        (lambda memory, key: memory[7], "IndexError", "the last one has the number n - 1"),
        (lambda memory, key: (memory.mT > 0) @ (key > 0), "'Bool'", "`.double()`"),
    ],
)
def test_a_hint_fits_the_error(function, kind, words):
    card = check_recall(function)
    assert (card.status, card.code) == ("wrong", "exception"), repr(card)
    assert kind in card.message
    assert words in card.hint, card.hint


def test_where_no_tensor_goes_in_no_shape_is_asked_for():
    card = check_capacity(lambda dim, error: math.sqrt(-dim))
    assert "numbers that go into it" in card.hint


def test_pythons_max_is_explained():
    card = check_bound(lambda key: key / max(1, key.abs()))
    assert "Boolean value" in card.message
    assert "Python's `max`" in card.hint
    assert "entry by entry" in card.hint


def test_the_hint_on_batches_shows_where_only_batches_fail():
    for by_pair in (lambda memory, key: memory.T @ key, lambda memory, key: torch.einsum("kv,k->v", memory, key)):
        card = check_recall(by_pair)
        assert card.code == "no-batch"
        assert card.message.startswith("Right for one key, but not for a batch of 5 memories.")
        assert card.hint.startswith("Count axes from the end (-1, -2)")


def test_a_misspelt_name_in_the_branch_for_batches_keeps_its_own_hint():
    def typo(memory, key):
        return recall(memory, key) if key.dim() == 1 else recal(memory, key)

    card = check_recall(typo)
    assert card.code == "exception"
    assert "misspelt" in card.hint


def test_a_scaled_key_is_shown_on_the_case_by_hand():
    def scaled(memory, key, value, strength):
        return answers_ch01.delta_write(memory, key / key.norm(dim=-1, keepdim=True), value, strength)

    card = check_delta_write(scaled)
    assert card.code == "normalised-key"
    assert card.message.startswith("You scaled the key to length 1 first.")
    assert dict(card.details)["expected"] == "[[-4, 8], [1, 1], [0, 2]]"
    assert dict(card.details)["got"] == "[[2, 4], [1, 1], [0, 2]]"


def test_a_float_that_is_wrong_is_told_to_be_both():
    card = check_capacity(lambda dim, error: math.sqrt((dim - 1) / error))
    assert "whole number" in card.message
    assert "The value is off as well: for dim = 100, error = 0.33, expected 11." in card.message
    right_but = check_capacity(lambda dim, error: torch.tensor(answers_ch01_capacity.capacity(dim, error)))
    assert right_but.code == "type"
    assert "off" not in right_but.message


def test_none_may_be_a_right_answer_and_a_wrong_one():
    def late(items, dim, noise):
        return None if dim == 1 else answers_ch02_copies.copies_needed(items, dim, noise)

    card = check_copies(late)
    assert card.code == "wrong-value"
    assert card.message.endswith("For items = 4, dim = 1, noise = 5.0, expected 1, got None.")
    assert "Some number is enough" in card.hint
    assert check_copies(lambda items, dim, noise: None).code == "stub"
    assert check_copies(lambda items, dim, noise: print(items)).code == "no-return"


def test_the_transform_counts_under_any_name():
    from torch.fft import irfft as back
    from torch.fft import rfft as there

    assert check_circular_convolution(lambda a, b: back(there(a) * there(b), n=a.shape[-1])).status == "passed"
    card = check_circular_convolution(answers_ch02.convolution_by_loop)
    assert (card.status, card.code) == ("wrong", "no-fft")
    assert card.message.startswith("The numbers are right. Now write it with the Fourier transform")


def search(items, dim, noise):
    copies = 1
    while (items - 1) * (1 / copies + (1 - 1 / copies) / dim) > noise:
        copies += 1
    return copies


def test_a_search_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(patience, "SECONDS", 0.2)
    started = time.process_time()
    card = check_copies(search)
    assert time.process_time() - started < 2
    assert (card.status, card.code) == ("wrong", "exception")
    assert "still running after 0.2 seconds" in card.message
    assert "of `search`" in card.message
    assert card.message.startswith("Right for items = 10, dim = 64 and noise = 1.0, but not for items = 10")
    assert "A loop does not end" in card.hint


def test_waiting_is_not_counted(monkeypatch):
    monkeypatch.setattr(patience, "SECONDS", 0.05)

    def waits(memory, key):
        time.sleep(0.1)
        return recall(memory, key)

    assert check_recall(waits).status == "passed"


def test_outside_the_main_thread_a_check_works_without_the_timer():
    cards = []
    thread = threading.Thread(target=lambda: cards.append(check_recall(recall)))
    thread.start()
    thread.join()
    assert cards[0].status == "passed"
