"""The widgets' JavaScript gives memlib's numbers, on random float64 input."""

from typing import Any

import pytest
import torch
from torch import Tensor

from memlib.mechanisms import associative, holographic
from tests.figures.conftest import Node

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def same(given: Any, expected: Tensor) -> None:
    torch.testing.assert_close(torch.tensor(given, dtype=torch.float64), expected, **EXACT)


def pairs(z: Tensor) -> Any:
    """Complex numbers as the page holds them: {re, im}, one object a vector."""
    return {"re": z.real.tolist(), "im": z.imag.tolist()} if z.ndim == 1 else [pairs(row) for row in z]


def same_complex(given: Any, expected: Tensor) -> None:
    rows = given if isinstance(given, list) else [given]
    expected = expected if expected.ndim > 1 else expected.unsqueeze(0)
    same([row["re"] for row in rows], expected.real)
    same([row["im"] for row in rows], expected.imag)


@pytest.fixture
def stored(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    keys = torch.randn(7, 16, generator=generator, dtype=torch.float64)
    return associative.unit(keys), torch.randn(7, 5, generator=generator, dtype=torch.float64)


def test_unit(node: Node, generator: torch.Generator) -> None:
    vector = torch.randn(9, generator=generator, dtype=torch.float64)
    same(node("crosstalk", "unit(x)", x=vector.tolist()), associative.unit(vector))


def test_hebbian_memory_recall_and_error(node: Node, stored: tuple[Tensor, Tensor]) -> None:
    keys, values = stored
    memory = associative.store(keys, values)
    given = {"keys": keys.tolist(), "values": values.tolist()}
    found = node("crosstalk", "store(keys, values, 'hebb')", **given)
    same(found, memory)
    same(node("crosstalk", "recall(m, keys[2])", m=memory.tolist(), **given), associative.recall(memory, keys[2]))
    noise = associative.crosstalk(keys, values)
    relative = (noise.square().sum() / values.square().sum()).sqrt()
    same(node("crosstalk", "relativeError(m, keys, values)", m=memory.tolist(), **given), relative)


@pytest.mark.parametrize("strength", [1.0, 0.3])
def test_delta_rule(node: Node, stored: tuple[Tensor, Tensor], generator: torch.Generator, strength: float) -> None:
    keys, values = stored
    memory = torch.randn(16, 5, generator=generator, dtype=torch.float64)
    found = node(
        "crosstalk", "deltaWrite(m, k, v, s)", m=memory.tolist(), k=keys[0].tolist(), v=values[0].tolist(), s=strength
    )
    same(found, associative.delta_write(memory, keys[0], values[0], strength))


def test_a_memory_written_by_the_delta_rule(node: Node, stored: tuple[Tensor, Tensor]) -> None:
    keys, values = stored
    memory = torch.zeros(16, 5, dtype=torch.float64)
    for key, value in zip(keys, values, strict=True):
        memory = associative.delta_write(memory, key, value)
    same(node("crosstalk", "store(keys, values, 'delta')", keys=keys.tolist(), values=values.tolist()), memory)


@pytest.mark.parametrize("dim", [8, 16, 64])
def test_a_memory_swept_again_and_again(node: Node, generator: torch.Generator, dim: int) -> None:
    keys = associative.unit(torch.randn(24, dim, generator=generator, dtype=torch.float64))
    values = torch.randn(24, 8, generator=generator, dtype=torch.float64)
    given = {"keys": keys.tolist(), "values": values.tolist()}
    found = torch.tensor(node("crosstalk", "memories(keys, values, 'sweeps')", **given), dtype=torch.float64)
    for items in (0, 1, 7, 8, 16, 24):
        memory = torch.zeros(dim, 8, dtype=torch.float64)
        for _ in range(100):
            for key, value in zip(keys[:items], values[:items], strict=True):
                memory = associative.delta_write(memory, key, value)
        torch.testing.assert_close(found[items], memory, rtol=1e-9, atol=1e-9)


def test_one_sweep_is_the_delta_rule(node: Node, stored: tuple[Tensor, Tensor]) -> None:
    keys, values = stored
    given = {"keys": (1.2 * keys).tolist(), "values": values.tolist()}  # not of length 1
    once = node("crosstalk", "(() => { const c = sweep(keys, values, 1); return store(keys, c, 'hebb'); })()", **given)
    same(once, torch.tensor(node("crosstalk", "store(keys, values, 'delta')", **given), dtype=torch.float64))


@pytest.mark.parametrize("rule", ["hebb", "delta", "sweeps"])
def test_the_memory_after_each_number_of_pairs(node: Node, stored: tuple[Tensor, Tensor], rule: str) -> None:
    keys, values = stored
    given = {"keys": keys.tolist(), "values": values.tolist(), "rule": rule}
    found = node("crosstalk", "memories(keys, values, rule)", **given)
    assert len(found) == 8
    same(found[-1], torch.tensor(node("crosstalk", "store(keys, values, rule)", **given), dtype=torch.float64))


@pytest.mark.parametrize(("width", "free"), [(8, 7), (16, 16), (32, 24)])
def test_sweeps_keep_every_pair_up_to_about_the_width(node: Node, width: int, free: int) -> None:
    from memlib.figures import CrosstalkWidget

    data = CrosstalkWidget().data
    expression = (
        "(() => { const k = keys.map((key) => unit(key.slice(0, width)));"
        "return memories(k, values, 'sweeps').slice(1)"
        ".map((m, n) => relativeError(m, k.slice(0, n + 1), values.slice(0, n + 1))); })()"
    )
    errors = node("crosstalk", expression, keys=data["keys"], values=data["values"], width=width)
    assert max(errors[:free]) < 0.005  # shown as 0.00
    assert all(error > 0.3 for error in errors[width:])


@pytest.mark.parametrize(("items", "dim"), [(1, 8), (2, 8), (24, 16), (9, 64)])
def test_crosstalk_theory(node: Node, items: int, dim: int) -> None:
    law = associative.crosstalk_variance(items, dim) ** 0.5
    assert node("crosstalk", "theory(n, d)", n=items, d=dim) == pytest.approx(law, rel=1e-12)


@pytest.fixture
def bound(generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    keys = holographic.random_keys(6, 10, generator=generator, dtype=torch.complex128)
    values = torch.randn(6, 10, generator=generator, dtype=torch.complex128)
    return keys, values, holographic.permutations(4, 10, generator)


def test_holographic_store_read_and_overwrite(node: Node, bound: tuple[Tensor, Tensor, Tensor]) -> None:
    keys, values, orders = bound
    memory = torch.zeros(4, 10, dtype=torch.complex128)
    for key, value in zip(keys, values, strict=True):
        memory = holographic.write(memory, key, value, orders)
    given = {"keys": pairs(keys), "values": pairs(values), "orders": orders.tolist()}
    same_complex(node("holographic", "store(keys, values, orders)", **given), memory)
    read = node("holographic", "read(m, keys[3], orders)", m=pairs(memory), **given)
    same_complex(read, holographic.read(memory, keys[3], orders))
    changed = node("holographic", "overwrite(m, keys[3], values[0], orders, 0.7)", m=pairs(memory), **given)
    same_complex(changed, holographic.overwrite(memory, keys[3], values[0], orders, 0.7))


def test_measured_noise(node: Node, bound: tuple[Tensor, Tensor, Tensor]) -> None:
    keys, values, orders = bound
    memory = torch.stack([holographic.bind(k[orders], v) for k, v in zip(keys, values, strict=True)]).sum(0)
    noise = torch.stack([holographic.read(memory, k, orders) for k in keys]) - values
    given = {"keys": pairs(keys), "values": pairs(values), "orders": orders.tolist()}
    found = node("holographic", "measuredNoise(m, keys, values, orders)", m=pairs(memory), **given)
    same(found, noise.abs().square().mean())


@pytest.mark.parametrize(("items", "copies", "dim"), [(1, 3, 8), (5, 1, 12), (12, 8, 12), (4, 3, 32)])
def test_noise_law(node: Node, items: int, copies: int, dim: int) -> None:
    law = holographic.retrieval_noise_variance(items, copies, dim)
    assert node("holographic", "noiseLaw(n, c, d)", n=items, c=copies, d=dim) == pytest.approx(law, rel=1e-12)


@pytest.mark.parametrize("copies", [1, 2, 3])
@pytest.mark.parametrize("rule", ["add", "overwrite"])
def test_the_story_is_read_as_memlib_reads_it(node: Node, rule: str, copies: int) -> None:
    from memlib.figures import StoryWidget
    from memlib.figures.base import unit_circle

    data = StoryWidget(seed=5, dim=16, most_copies=3).data
    people, places = unit_circle(data["people"]), unit_circle(data["places"])
    orders = torch.tensor(data["permutations"])[:copies]
    memory = torch.zeros(copies, 16, dtype=torch.complex128)
    for person, place in data["facts"]:
        write = holographic.overwrite if rule == "overwrite" else holographic.write
        memory = write(memory, people[person], places[place], orders)
    expression = (
        "(() => { const [p, q] = [people.map(fromPhases), places.map(fromPhases)];"
        "const m = memories(facts, p, q, orders, rule).at(-1);"
        "return p.map((key) => similarities(m, key, q, orders)); })()"
    )
    given = {k: data[k] for k in ("people", "places", "facts")}
    found = node("story", expression, rule=rule, orders=orders.tolist(), **given)
    expected = [(places.conj() * holographic.read(memory, key, orders)).real.mean(-1) for key in people]
    same(found, torch.stack(expected))


def test_with_one_copy_overwriting_leaves_the_newest_sentence_alone(node: Node) -> None:
    from memlib.figures import StoryWidget

    data = StoryWidget().data
    expression = (
        "(() => { const [p, q] = [people.map(fromPhases), places.map(fromPhases)];"
        "return [1, 4].map((c) => { const o = permutations.slice(0, c);"
        "const m = memories(facts, p, q, o, 'overwrite').at(-1);"
        "return p.map((key, i) => similarities(m, key, q, o)[whereabouts(facts, i)]); }); })()"
    )
    given = {k: data[k] for k in ("people", "places", "facts", "permutations")}
    (mary, john, sandra), (with_four, *others) = node("story", expression, **given)
    assert (mary, with_four) == (pytest.approx(1), pytest.approx(1))
    assert max(john, sandra) < 0.4 < min(others)


def test_whereabouts_are_the_last_word_on_a_person(node: Node) -> None:
    facts = [[0, 2], [1, 0], [0, 1]]
    assert [node("story", "whereabouts(facts, p)", facts=facts, p=p) for p in (0, 1, 2)] == [1, 0, -1]
