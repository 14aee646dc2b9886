"""The figure of the fork: its arithmetic is memlib's, its words say what happened."""

import itertools
import re
from typing import Any

import pytest
import torch

from memlib.mechanisms.attention import expected_reward, reinforce_loss
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import ForkWidget


def given(seed: int = 7) -> tuple[dict[str, Any], torch.Tensor, torch.Tensor]:
    data = ForkWidget(seed=seed).data
    return data, *(torch.tensor(data[name], dtype=torch.float64) for name in ("scores", "rewards"))


def test_the_gradient_and_one_draw_are_memlibs(node: Node) -> None:
    data, scores, rewards = given()
    scores.requires_grad_()
    expected_reward(scores.softmax(0), rewards).backward()
    shown = node("fork", "play(data, 300, b)", data=data, b=-1.7)
    torch.testing.assert_close(torch.tensor(shown["exact"], dtype=torch.float64), scores.grad)
    for side, baseline in zip(shown["sides"], (0.0, -1.7), strict=True):
        leaf = scores.detach().clone().requires_grad_()
        taken = torch.tensor(shown["taken"])
        reinforce_loss(leaf.softmax(0).expand(300, -1), taken, rewards[taken], baseline).mean().backward()
        assert leaf.grad is not None
        torch.testing.assert_close(torch.tensor(side["estimate"], dtype=torch.float64), -leaf.grad)
        assert scores.grad is not None
        off = (-leaf.grad - scores.grad).norm() / scores.grad.norm()
        assert side["off"][-1] == pytest.approx(off.item())


def test_the_law_is_the_spread_of_many_draws(node: Node) -> None:
    data, scores, _ = given()
    for baseline in (0.0, -2.0):
        law = node("fork", "variance(softmaxOf(data.scores), data.rewards, b)", data=data, b=baseline)
        seen = node(
            "fork",
            "(() => { const w = softmaxOf(data.scores); const g = exactGradient(w, data.rewards);"
            "const all = drawBranches(w, 20000, 3).map((s) => oneDraw(w, s, data.rewards[s] - b));"
            "return all.reduce((t, one) => t + one.reduce((u, x, j) => u + (x - g[j]) ** 2, 0), 0) / 20000; })()",
            data=data,
            b=baseline,
        )
        assert seen == pytest.approx(law, rel=0.1)
    found = node("fork", "drawBranches(softmaxOf(data.scores), 20000, 5)", data=data)
    shares = torch.bincount(torch.tensor(found), minlength=5) / 20000
    torch.testing.assert_close(shares.double(), scores.softmax(0), atol=0.02, rtol=0)


def test_the_default_baseline_is_the_mean_reward_and_calms(node: Node) -> None:
    data, scores, rewards = given()
    widget = ForkWidget()
    assert widget.baseline == pytest.approx(float(scores.softmax(0) @ rewards), abs=0.051)
    shown = node("fork", "play(data, 0, b)", data=data, b=widget.baseline)
    assert shown["sides"][1]["spread"] < shown["sides"][0]["spread"] / 1.5


def test_words_and_questions(node: Node) -> None:
    data, _, _ = given()
    labels = set(node("fork", "LABELS").values())
    for draws, baseline in itertools.product((0, 1, 12, 150, 1000), (-5.0, -2.1, 0.0, 1.0)):
        made = "({ ...play(data, n, b), rewards: data.rewards, baseline: b })"
        said = node("fork", f"sentence({made})", data=data, n=draws, b=baseline)
        assert said.startswith("Nothing is drawn yet" if not draws else f"After {draws} draw")
        assert not re.search("undefined|NaN|Infinity", said)
        act, text = node("fork", f"questionFor({made})", data=data, n=draws, b=baseline)
        assert (act[:11], act[-1], text[-1]) == ("Before you ", ":", "?")
        assert set(re.findall("“([^”]+)”", act)) <= labels


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"draws": 1001}, "expected draws <= 1000, got 1001"),
        ({"draws": -1}, "draws to be a whole number >= 0"),
        ({"baseline": 3}, "baseline to be a number from -5 to 1, got 3"),
        ({"seed": "x"}, "expected seed to be a whole number"),
    ],
)
def test_wrong_arguments_are_explained(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ForkWidget(**arguments)
