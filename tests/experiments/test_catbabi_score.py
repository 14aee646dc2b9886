"""The figures of catbAbI: pooled over answers, with the state that goes on from window to window."""

import math

import pytest
import torch
from torch import nn

from memlib.experiments import catbabi_models, catbabi_runs, schlag2021
from memlib.experiments.catbabi_score import Score, detached, first_row, read, score
from memlib.models.fwm import FWM, FWMConfig, FWMState
from memlib.tasks.catbabi_stream import UNSEEN, Window, in_order, in_parts
from memlib.training import seed_all

CPU = torch.device("cpu")


class Same(nn.Module):
    """Gives every word the same chances, but a word that it is told of more; counts in its state what it has read."""

    def __init__(self, words, favourite):
        super().__init__()
        self.favourite = favourite
        self.words = nn.Parameter(torch.zeros(words))
        self.seen = []

    def forward(self, tokens, state=None, mask=None):
        logits = self.words.expand(*tokens.shape, -1).clone()
        logits[..., self.favourite] += math.log(3.0)
        before = torch.zeros(len(tokens)) if state is None else state[0]
        self.seen.append(before)
        return logits, (before + (tokens != 0).sum(1),)


def window(tokens, targets, tasks):
    tokens, targets, tasks = (torch.tensor(one) for one in (tokens, targets, tasks))
    return Window(tokens, targets, tasks, tokens == 2, None)


def test_accuracy_and_perplexity_are_pooled_over_answers():
    # 5 words, of which word 4 has three times the chance of another: 3/7 against 1/7.
    seen = (
        window([[1, 2, 2, 3]], [[2, 4, 4, 1]], [[7, 7, 7, 7]]),
        window([[3, 2, 3, 3]], [[2, 1, 3, 1]], [[9, 9, 9, 9]]),
    )
    qa = score(Same(5, 4), seen, "qa", CPU).figures(tasks=True)
    assert qa["accuracy"] == pytest.approx(100 * 2 / 3)
    loss = (2 * math.log(7 / 3) + math.log(7)) / 3
    assert qa["loss"] == pytest.approx(loss, rel=1e-6)
    assert qa["perplexity"] == pytest.approx(math.exp(loss), rel=1e-6)
    assert (qa["accuracy_task_7"], qa["accuracy_task_9"], qa["accuracy_mean_of_tasks"]) == (100.0, 0.0, 50.0)
    assert "accuracy_unseen" not in qa
    lm = score(Same(5, 4), seen, "lm", CPU).figures()
    assert (lm["accuracy"], lm["perplexity"]) == (qa["accuracy"], qa["perplexity"])
    every = (2 * math.log(7 / 3) + 6 * math.log(7)) / 8
    assert lm["loss"] == pytest.approx(every, rel=1e-6)
    assert lm["perplexity_all_words"] == pytest.approx(math.exp(every), rel=1e-6)
    with pytest.raises(ValueError, match="at least one question mark"):
        Score("qa").figures()


def test_questions_apart_count_for_their_task_and_by_themselves():
    seen = [window([[2, 2, 2]], [[4, 1, 4]], [[3, 3 + UNSEEN, 3 + UNSEEN]])]
    figures = score(Same(5, 4), seen, "qa", CPU).figures(tasks=True)
    assert figures["accuracy_task_3"] == pytest.approx(200 / 3)
    assert (figures["accuracy_unseen"], figures["unseen_answers"]) == (50.0, 2.0)


def test_states_are_cut_off_and_rebuilt():
    generator = torch.Generator().manual_seed(0)
    model = FWM(FWMConfig.official(vocabulary=9, embedding_size=4, hidden_size=6, memory_size=3))
    tokens = torch.randint(1, 9, (2, 5), generator=generator)
    here = Window(tokens, tokens, torch.ones_like(tokens), tokens == 2, None)
    _, state, _ = read(model, here, None, "lm")
    assert state.output.requires_grad
    cut = detached(state)
    assert isinstance(cut, FWMState)
    assert not any(part.requires_grad for part in cut)
    again = first_row(cut, 3)
    assert again.memory.shape == (3, 3, 3, 3)
    assert torch.equal(again.output[2], cut.output[0])
    logits, _, _ = read(model, here, tuple(cut), "lm")
    assert torch.equal(logits, read(model, here, cut, "lm")[0])


def test_many_rows_answer_about_as_one_row():
    """A row that begins in the middle of the text has no memory of what came before: only that differs."""
    stories = catbabi_runs.data(False, 12, "whole")
    seed_all(3)
    model = catbabi_models.build("fwm", len(stories.ids), schlag2021.FWM.small).eval()
    one, four = (
        score(model, windows, "qa", CPU) for windows in (in_parts(stories.test, 1, 30), in_parts(stories.test, 4, 30))
    )
    same = score(model, in_order(stories.test, 1, 30), "qa", CPU)
    assert one.figures(tasks=True) == same.figures(tasks=True)
    assert one.total.tolist() == four.total.tolist()
    assert four.figures()["loss"] == pytest.approx(one.figures()["loss"], rel=0.05)
    assert four.figures()["loss"] != one.figures()["loss"]
