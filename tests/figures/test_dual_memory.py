"""The premise written and read: the page's numbers are memlib's, and the recording is what the model does."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from memlib.figures.dual_trace import trace
from memlib.mechanisms import holographic
from memlib.models.am_rnn import AMRNNConfig, DualAMRNN, as_complex, as_real
from memlib.models.pair_classifier import PairClassifier, build
from memlib.models.recurrent import unroll
from tests.figures.conftest import Node

pytest.importorskip("anywidget", reason='needs pip install "memlib[widgets]"')

from memlib.figures import DualMemoryWidget
from memlib.figures.dual_memory import HYPOTHESIS, PREMISE, from_polar, polar

EXACT = {"rtol": 1e-12, "atol": 1e-12}
PREMISE_IDS, HYPOTHESIS_IDS = [1, 2, 3, 4, 5], [6, 2, 7]
WORDS = (["two", "dogs", "run", "and", "bark"], ["some", "dogs", "sleep"])


@pytest.fixture
def model() -> PairClassifier:
    torch.manual_seed(3)
    return build("dual-am-gru-shared", 20, 12, copies=3).double().eval()


def of(model: PairClassifier, **options: Any) -> DualMemoryWidget:
    return DualMemoryWidget.from_model(model, *WORDS, PREMISE_IDS, HYPOTHESIS_IDS, **options)


def heat(data: dict[str, Any], copies: int, alike: bool = False) -> tuple[Tensor, Tensor, Tensor]:
    """By memlib: the memory after the premise, the reads, and their cosines with what was written."""
    keys, contents, asking = (from_polar(data[name]) for name in ("premise_keys", "changes", "hypothesis_keys"))
    if alike:
        keys, asking = keys[:1].expand_as(keys), keys[:1].expand_as(asking)
    orders = torch.tensor(data["permutations"])[:copies]
    memory = torch.zeros(copies, keys.shape[1], dtype=torch.complex128)
    for key, content in zip(keys, contents, strict=True):
        memory = holographic.write(memory, key, content, orders)
    reads = torch.stack([holographic.read(memory, key, orders) for key in asking])
    cosines = torch.cosine_similarity(as_real(reads).unsqueeze(1), as_real(contents), dim=-1)
    return memory, reads, cosines


def seen_by_the_page(node: Node, data: dict[str, Any], copies: int, mode: str) -> dict[str, Any]:
    names = ("premise_keys", "changes", "hypothesis_keys")
    return node(
        "dual_memory",
        "(([writing, asking], contents, used) => { const m = memoriesAlong(writing, contents, used).at(-1);"
        " return { memory: m, reads: asking.map((key) => reading(m, key, contents, used)) }; })"
        "(keysFor(fromPolar(premise_keys), fromPolar(hypothesis_keys), mode), fromPolar(changes),"
        " permutations.slice(0, copies))",
        **{name: data[name] for name in names},
        permutations=data["permutations"],
        copies=copies,
        mode=mode,
    )


@pytest.mark.parametrize(("copies", "mode"), [(3, "own"), (1, "own"), (2, "alike")])
@pytest.mark.parametrize("recorded", [False, True])
def test_the_page_writes_and_reads_as_memlib_does(
    node: Node, model: PairClassifier, copies: int, mode: str, recorded: bool
) -> None:
    data = of(model).data if recorded else DualMemoryWidget(most_copies=3, dim=9, seed=4).data
    memory, reads, cosines = heat(data, copies, mode == "alike")
    seen = seen_by_the_page(node, data, copies, mode)
    for part, whole in ((seen["memory"], memory), ([one["found"] for one in seen["reads"]], reads)):
        torch.testing.assert_close(torch.tensor([v["re"] for v in part], dtype=torch.float64), whole.real, **EXACT)
        torch.testing.assert_close(torch.tensor([v["im"] for v in part], dtype=torch.float64), whole.imag, **EXACT)
    rows = torch.tensor([one["row"] for one in seen["reads"]], dtype=torch.float64)
    torch.testing.assert_close(rows, cosines, **EXACT)
    assert bool((rows == rows[0]).all()) == (mode == "alike")


def test_the_cosine_with_nothing_is_zero(node: Node) -> None:
    assert node("dual_memory", "cosine(zeros(3), a)", a={"re": [1, 2, 3], "im": [0, 1, 0]}) == 0


@pytest.mark.parametrize("shared", [True, False])
def test_the_recording_is_what_the_model_writes_and_reads(model: PairClassifier, shared: bool) -> None:
    if not shared:
        model.bottom.cell = DualAMRNN(AMRNNConfig(300, 12, copies=3, share_key=False)).double()
    cell = model.bottom.cell
    found: list[Tensor] = []
    sources: list[Tensor] = []
    read_source = cell.read_source

    def listen(x: Tensor, state: Any, key: Tensor) -> Tensor:
        found.append(read_source(x, state, key))
        sources.append(state.source)
        return found[-1]

    seen = trace(model, PREMISE_IDS, torch.tensor(HYPOTHESIS_IDS))
    cell.read_source = listen
    cell.sequence = lambda xs, state, mask=None: unroll(cell, xs, state, mask)  # step by step, where φ can be heard
    with torch.no_grad():
        model(
            SimpleNamespace(
                premise=torch.tensor([PREMISE_IDS]),
                premise_length=torch.tensor([5]),
                hypothesis=torch.tensor([HYPOTHESIS_IDS]),
                hypothesis_length=torch.tensor([3]),
            )
        )
    assert len(found) == len(HYPOTHESIS_IDS)  # there is no other memory while the premise is read
    phi = as_complex(torch.cat(found))
    assert phi.abs().min() > 1e-4
    torch.testing.assert_close(seen["reads"], phi, **EXACT)
    torch.testing.assert_close(seen["memory"], sources[-1][0], **EXACT)
    orders = seen["permutations"]
    memory = torch.zeros_like(seen["memory"])
    for key, change in zip(seen["premise_keys"], seen["changes"], strict=True):
        memory = holographic.write(memory, key, change, orders)
    torch.testing.assert_close(memory, seen["memory"], **EXACT)
    again = torch.stack([holographic.read(memory, key, orders) for key in seen["hypothesis_keys"]])
    torch.testing.assert_close(again, seen["reads"], **EXACT)


def test_what_travels_to_the_page_reads_nearly_what_the_model_read(model: PairClassifier) -> None:
    widget = of(model, step=6, copies=2)
    seen = trace(model, PREMISE_IDS, HYPOTHESIS_IDS)
    _, reads, _ = heat(widget.data, 3)
    torch.testing.assert_close(reads, seen["reads"], rtol=0, atol=1e-3)
    assert (widget.step, widget.copies, widget.data["source"]) == (6, 2, "model")
    again = polar(from_polar(widget.data["changes"]))
    assert again == widget.data["changes"]


def test_in_the_chosen_draw_related_words_find_each_other() -> None:
    data = DualMemoryWidget().data
    _, _, cosines = heat(data, 8)
    for row, (_, relative, _) in zip(cosines, HYPOTHESIS, strict=True):
        first, second = row.topk(2).values.tolist()
        if relative is None:
            assert first < 0.25
        else:
            assert PREMISE[int(row.argmax())] == relative
            assert first - second > 0.15
    assert (data["source"], DualMemoryWidget(seed=4).data["source"]) == ("chosen", "drawn")
    assert DualMemoryWidget(seed=4).data == DualMemoryWidget(seed=4).data


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda model: DualMemoryWidget(step=15), "step <= 14"),
        (lambda model: DualMemoryWidget(copies=9), "copies <= 8"),
        (lambda model: DualMemoryWidget(keying="one"), "keying in .*'one'"),
        (lambda model: DualMemoryWidget(dim=1), "dim to be a whole number >= 2"),
        (lambda model: DualMemoryWidget.from_model(model, ["a"], ["b"], [1, 2], [3]), "2 words and 1 words"),
        (lambda model: trace(model, [1, 0], [2]), "whole numbers from 1 to 19"),
        (lambda model: trace(model, [1], []), "whole numbers from 1 to 19"),
        (lambda model: trace(build("gru-shared", 20, 12), [1], [2]), "'dual-am-gru-shared', got 'gru-shared'"),
    ],
)
def test_wrong_arguments_are_explained(model: PairClassifier, make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(model)


def test_every_question_names_a_control_and_an_act_that_can_be_done(node: Node) -> None:
    common = {"premise": list(PREMISE), "hypothesis": [word for word, _, _ in HYPOTHESIS]}
    states = [
        {**common, "step": step, "copies": copies, "most": most, "keying": keying}
        for step in range(15)
        for copies, most in ((1, 1), (1, 8), (8, 8))
        for keying in ("own", "alike")
    ]
    labels = {"each its own": "alike", "all alike": "own"}
    for state, (act, text) in zip(states, node("dual_memory", "states.map(questionFor)", states=states), strict=True):
        names = re.findall("“([^”]+)”", act)
        assert text.endswith("?"), text
        assert "undefined" not in act + text
        assert names, act
        for name in names:
            possible = {"Next word": state["step"] < 14, "Copies": state["copies"] < state["most"]}
            assert possible.get(name, state["keying"] == labels.get(name)), (state, act)
    assert states[2]["step"] == 0
    assert "couch" in node("dual_memory", "questionFor(state)", state=states[30])[1]
