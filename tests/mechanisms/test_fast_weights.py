"""Fast weights against loops over numbers, and what the papers claim of them."""

import math
from itertools import pairwise

import pytest
import torch

from memlib.mechanisms import associative, fast_weights
from memlib.mechanisms.fast_weights import (
    bound_norm,
    causal_attention,
    chained_read,
    concatenated,
    hebbian_write,
    inner_loop,
    layer_norm,
    linear_attention,
    positive_features,
    tensor_read,
    tensor_write,
)


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def unit(seed: int, *shape: int) -> torch.Tensor:
    return associative.unit(draw(seed, *shape))


def assert_same(actual: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)


def looped_hebbian(memory, key, value, decay, rate):
    result = torch.empty_like(memory)
    for i in range(len(key)):
        for j in range(len(value)):
            result[i, j] = decay * memory[i, j] + rate * key[i] * value[j]
    return result


def looped_read(memory, query, entity):
    result = torch.zeros(memory.shape[2], dtype=memory.dtype)
    for a in range(memory.shape[0]):
        for b in range(memory.shape[1]):
            for v in range(memory.shape[2]):
                result[v] += memory[a, b, v] * query[a] * entity[b]
    return result


def looped_write(memory, key1, key2, value, strength):
    result, old = memory.clone(), looped_read(memory, key1, key2)
    for a in range(memory.shape[0]):
        for b in range(memory.shape[1]):
            for v in range(memory.shape[2]):
                result[a, b, v] += strength * key1[a] * key2[b] * (value[v] - old[v])
    return result


def looped_norm(vector):
    mean = sum(vector) / len(vector)
    variance = sum((x - mean) ** 2 for x in vector) / len(vector)
    return torch.stack([(x - mean) / math.sqrt(variance + 1e-5) for x in vector])


def test_hebbian_write_equals_its_loops() -> None:
    memory, key, value = draw(1, 3, 4), draw(2, 3), draw(3, 4)
    assert_same(hebbian_write(memory, key, value, 0.8, 0.3), looped_hebbian(memory, key, value, 0.8, 0.3))


def test_the_inner_loop_equals_its_loops() -> None:
    memory, drive = draw(1, 5, 5), draw(2, 5)
    hidden = drive.clamp(min=0)
    for _ in range(3):
        wanted = torch.stack([drive[j] + sum(hidden[i] * memory[i, j] for i in range(5)) for j in range(5)])
        hidden = looped_norm(wanted).clamp(min=0)
    assert_same(inner_loop(memory, drive, 3), hidden)
    assert_same(inner_loop(memory, drive, 0, torch.tanh), drive.tanh())
    with pytest.raises(ValueError, match="steps >= 0"):
        inner_loop(memory, drive, -1)


def test_the_delta_rule_is_the_one_of_the_matrix_memory() -> None:
    assert fast_weights.delta_write is associative.delta_write


@pytest.mark.parametrize(("decay", "rate"), [(1.0, 1.0), (0.9, 0.4), (0.0, 2.0)])
def test_a_hebbian_memory_is_attention_without_a_softmax(decay: float, rate: float) -> None:
    queries, keys, values = draw(1, 2, 9, 5), draw(2, 2, 9, 5), draw(3, 2, 9, 4)
    memory, found = torch.zeros(2, 5, 4, dtype=torch.float64), []
    for t in range(9):
        memory = hebbian_write(memory, keys[:, t], values[:, t], decay, rate)
        found.append(associative.recall(memory, queries[:, t]))
    assert_same(causal_attention(queries, keys, values, decay, rate), torch.stack(found, 1))


def test_the_two_forms_agree_to_the_precision_of_single_numbers() -> None:
    queries, keys, values = (draw(i, 40, 16).float() for i in (1, 2, 3))
    memory, found = torch.zeros(16, 16), []
    for t in range(40):
        memory = hebbian_write(memory, keys[t], values[t], 0.95, 0.5)
        found.append(associative.recall(memory, queries[t]))
    torch.testing.assert_close(
        causal_attention(queries, keys, values, 0.95, 0.5), torch.stack(found), rtol=0, atol=1e-4
    )


def test_linear_attention_equals_weights_that_sum_to_one() -> None:
    queries, keys, values = draw(1, 7, 5), draw(2, 7, 5), draw(3, 7, 4)
    found = []
    for t in range(7):
        weights = torch.stack([positive_features(queries[t]) @ positive_features(keys[i]) for i in range(t + 1)])
        found.append(sum(w * v for w, v in zip(weights / weights.sum(), values, strict=False)))
    assert (positive_features(queries) > 0).all()
    assert_same(linear_attention(queries, keys, values), torch.stack(found))


def test_linear_attention_is_two_fast_memories() -> None:
    queries, keys, values = draw(1, 7, 5), draw(2, 7, 5), draw(3, 7, 4)
    counted = torch.cat([values, torch.ones(7, 1, dtype=torch.float64)], -1)
    memory, found = torch.zeros(5, 5, dtype=torch.float64), []
    for t in range(7):
        memory = hebbian_write(memory, positive_features(keys[t]), counted[t], 1.0, 1.0)
        read = associative.recall(memory, positive_features(queries[t]))
        found.append(read[:4] / read[4])
    assert_same(linear_attention(queries, keys, values), torch.stack(found))


@pytest.mark.parametrize("steps", [1, 2, 5, 9])
def test_the_delta_rule_is_attention_over_corrections_from_a_triangular_system(steps: int) -> None:
    """(I + L) U = B V, with L the part of B K Kᵀ below the diagonal; by a naive loop, a solve and products alone."""
    queries, keys, values = draw(1, steps, 4), draw(2, steps, 4), draw(3, steps, 3)
    strengths = draw(4, steps, 1).sigmoid()
    memory, written, read = torch.zeros(4, 3, dtype=torch.float64), [], []
    for t in range(steps):
        written.append(strengths[t] * (values[t] - associative.recall(memory, keys[t])))
        memory = fast_weights.delta_write(memory, keys[t], values[t], strengths[t])
        read.append(associative.recall(memory, queries[t]))
    one, below = torch.eye(steps, dtype=torch.float64), (strengths * (keys @ keys.mT)).tril(-1)
    solved = torch.linalg.solve_triangular(one + below, strengths * values, upper=False)
    assert_same(solved, torch.stack(written))
    assert_same(causal_attention(queries, keys, solved), torch.stack(read))
    doubled, power, factors = (one - below) @ (strengths * values), below @ below, 1
    while 2**factors < steps:
        doubled, power, factors = doubled + power @ doubled, power @ power, factors + 1
    assert_same(doubled, solved)
    assert factors == max(1, math.ceil(math.log2(steps)))


@pytest.mark.parametrize(("age", "decay"), [(0, 0.9), (5, 0.9), (10, 0.97), (20, 0.976), (40, 0.99)])
def test_the_error_of_a_memory_that_fades_follows_its_law(age: int, decay: float) -> None:
    """(λ^(-2a) / (1 - λ²) - 1) / dk: unit keys, values independent of them, a stream without end."""
    streams, steps, width = 300, 700, 32
    keys, values = unit(age, streams, steps, width), draw(100 + age, streams, steps, 8)
    queries = keys[:, -1 - age].unsqueeze(1).expand_as(keys)
    read = causal_attention(queries[:1], keys[:1], values[:1], decay, 0.7)[0, -1]
    fade = 0.7 * decay ** torch.arange(steps - 1, -1, -1, dtype=torch.float64)
    weights = (keys @ queries[:, 0].unsqueeze(-1)).squeeze(-1) * fade
    found = torch.einsum("st,stv->sv", weights, values)
    assert_same(found[0], read)
    squares = (found / (0.7 * decay**age) - values[:, -1 - age]).square().mean(-1)
    law = (decay ** (-2 * age) / (1 - decay**2) - 1) / width
    assert abs(float(squares.mean()) - law) < 4 * float(squares.std()) / math.sqrt(streams)
    assert float(squares.std()) / math.sqrt(streams) < 0.1 * law


@pytest.mark.parametrize("age", [1, 5, 20, 100])
def test_the_best_decay_for_an_age_costs_about_e_times_the_age(age: int) -> None:
    tried = torch.linspace(0.001, 0.9999, 20_000, dtype=torch.float64)
    least = float((tried ** (-2 * age) / (1 - tried**2) - 1).min())
    assert least == pytest.approx(math.e * (age + 0.5) - 1, rel=0.03)


def test_tensor_write_and_read_equal_their_loops() -> None:
    memory, key1, key2, value = draw(1, 3, 4, 5), draw(2, 3), draw(3, 4), draw(4, 5)
    assert_same(tensor_read(memory, key1, key2), looped_read(memory, key1, key2))
    assert_same(tensor_write(memory, key1, key2, value, 0.3), looped_write(memory, key1, key2, value, 0.3))


def test_a_tensor_write_is_the_delta_rule_under_a_key_of_products() -> None:
    memory, key1, key2, value = draw(1, 2, 3, 4, 5), draw(2, 2, 3), draw(3, 2, 4), draw(4, 2, 5)
    strength = draw(5, 2, 1).sigmoid()
    pair = (key1.unsqueeze(-1) * key2.unsqueeze(-2)).flatten(1)
    flat = associative.delta_write(memory.flatten(1, 2), pair, value, strength)
    assert_same(tensor_write(memory, key1, key2, value, strength), flat.view_as(memory))


def test_the_norm_is_bounded_by_one_and_small_memories_stay() -> None:
    memory = draw(1, 2, 3, 4, 5)
    memory[1] *= 0.01
    norm = math.sqrt(sum(float(x) ** 2 for x in memory[0].flatten()))
    assert norm > 1
    assert_same(bound_norm(memory), torch.stack([memory[0] / norm, memory[1]]))


def test_chained_reads_equal_their_loops() -> None:
    memory, query, entities = draw(1, 5, 4, 5), draw(2, 5), draw(3, 3, 4)
    expected = query
    for i in range(3):
        expected = looped_norm(looped_read(memory, expected, entities[i]))
    assert_same(layer_norm(query), looped_norm(query))
    assert_same(chained_read(memory, query, entities), expected)


def test_a_chain_of_reads_infers_what_was_never_written() -> None:
    """a → b, b → c, c → d under one relation each; three reads from a find d."""
    a, b, c, d = (layer_norm(v) for v in torch.linalg.qr(draw(1, 16, 16)).Q[:4])
    first, second, third = unit(2, 3, 6)
    memory = torch.zeros(16, 6, 16, dtype=torch.float64)
    for source, relation, target in [(a, first, b), (b, second, c), (c, third, d)]:
        memory = tensor_write(memory, associative.unit(source), relation, associative.unit(target))
    found = chained_read(memory, associative.unit(a), torch.stack([first, second, third]))
    similarity = associative.unit(torch.stack([a, b, c, d])) @ associative.unit(found)
    assert similarity.argmax() == 3
    assert similarity[3] > 0.95


class TestTheoremB1:
    """The update rule under a memory that holds one association."""

    key1, key2, old, new = draw(1, 4), draw(2, 5), draw(3, 6), draw(4, 6)

    def stored(self, key1: torch.Tensor, key2: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        return torch.einsum("a,b,v->abv", key1, key2, value)

    def test_with_the_stored_value_it_holds_for_any_keys(self) -> None:
        memory = self.stored(self.key1, self.key2, self.old)
        updated = memory + 0.3 * self.stored(self.key1, self.key2, self.new - self.old)
        assert_same(updated, self.stored(self.key1, self.key2, 0.7 * self.old + 0.3 * self.new))

    def test_with_the_retrieved_value_it_needs_unit_keys(self) -> None:
        key1, key2 = associative.unit(self.key1), associative.unit(self.key2)
        memory = tensor_write(self.stored(key1, key2, self.old), key1, key2, self.new, 0.3)
        assert_same(memory, self.stored(key1, key2, 0.7 * self.old + 0.3 * self.new))
        longer = tensor_write(self.stored(self.key1, self.key2, self.old), self.key1, self.key2, self.new, 0.3)
        wrong = longer - self.stored(self.key1, self.key2, 0.7 * self.old + 0.3 * self.new)
        assert wrong.norm() > 0.1

    @pytest.mark.parametrize("strength", [0.05, 0.3, 1.0])
    def test_what_retrieving_gives_for_any_keys(self, strength: float) -> None:
        memory = draw(5, 4, 5, 6)
        before = tensor_read(memory, self.key1, self.key2)
        after = tensor_read(tensor_write(memory, self.key1, self.key2, self.new, strength), self.key1, self.key2)
        factor = strength * self.key1.square().sum() * self.key2.square().sum()
        assert_same(after, before + factor * (self.new - before))

    def test_other_memories_survive_under_orthogonal_keys_only(self) -> None:
        memory, (same, other) = draw(5, 4, 5, 6), torch.linalg.qr(draw(6, 5, 5)).Q[:2]
        written = tensor_write(memory, self.key1, same, self.new)
        assert_same(tensor_read(written, self.key1, other), tensor_read(memory, self.key1, other))
        near = other + 0.3 * same
        moved = tensor_read(written, self.key1, near) - tensor_read(memory, self.key1, near)
        assert moved.norm() > 0.1


@pytest.mark.parametrize(("factor", "grows"), [(0.5, False), (1.0, False), (1.9, False), (2.1, True), (3.0, True)])
def test_a_write_repeated_is_unstable_where_its_factor_passes_two(factor: float, grows: bool) -> None:
    key1, key2, value, memory = draw(1, 4), draw(2, 5), draw(3, 6), draw(4, 4, 5, 6)
    strength = factor / float(key1.square().sum() * key2.square().sum())
    errors = []
    for _ in range(30):
        errors.append(float((value - tensor_read(memory, key1, key2)).norm()))
        memory = tensor_write(memory, key1, key2, value, strength)
    for before, after in pairwise(errors):
        assert after == pytest.approx(abs(1 - factor) * before, rel=1e-9, abs=1e-12)
    assert (errors[-1] > errors[0]) is grows


def test_keys_of_the_paper_reach_the_unstable_region_and_the_bound_on_the_norm_holds_the_memory() -> None:
    keys, value = (3 * draw(1, 2, 32)).tanh(), draw(2, 32).tanh()
    strength = 0.5
    assert strength * keys.square().sum(-1).prod() > 2
    assert strength / 32 * keys.square().sum(-1).prod() > 2, "divided by d, as in the authors' code, it is unstable too"
    free = held = torch.zeros(32, 32, 32, dtype=torch.float64)
    for _ in range(20):
        free = tensor_write(free, keys[0], keys[1], value, strength)
        held = bound_norm(tensor_write(held, keys[0], keys[1], value, strength))
    assert free.norm() > 1e20
    assert held.norm() <= 1 + 1e-12


def capacity(product: bool) -> float:
    """Largest error of recall after all pairs of 10 + 10 symbols were given random values, by least squares."""
    symbols = torch.eye(10, dtype=torch.float64)
    first, second = symbols.repeat_interleave(10, 0), symbols.repeat(10, 1)
    values = draw(1, 100, 7)
    keys = torch.einsum("na,nb->nab", first, second).flatten(1) if product else concatenated(first, second)[0]
    memory = torch.linalg.lstsq(keys, values, driver="gelsd").solution
    return float((keys @ memory - values).abs().max())


def test_a_hundred_pairs_of_keys_fit_a_product_and_not_a_concatenation() -> None:
    assert capacity(product=True) < 1e-12
    assert capacity(product=False) > 1
    symbols = torch.eye(10, dtype=torch.float64)
    values, memory = draw(1, 10, 10, 7), torch.zeros(10, 10, 7, dtype=torch.float64)
    for i in range(10):
        for j in range(10):
            memory = tensor_write(memory, symbols[i], symbols[j], values[i, j])
    assert_same(torch.stack([torch.stack([tensor_read(memory, a, b) for b in symbols]) for a in symbols]), values)


def test_concatenated_keys_span_nineteen_of_twenty_dimensions() -> None:
    symbols = torch.eye(10, dtype=torch.float64)
    keys, ones = concatenated(symbols.repeat_interleave(10, 0), symbols.repeat(10, 1))
    assert keys.shape == (100, 20)
    assert (ones == 1).all()
    assert torch.linalg.matrix_rank(keys) == 19


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(ValueError, match="d1"):
        tensor_read(draw(1, 3, 4, 5), draw(2, 4), draw(3, 4))
    with pytest.raises(ValueError, match="d1"):
        chained_read(draw(1, 3, 4, 5), draw(2, 3), draw(3, 2, 4))
    with pytest.raises(TypeError, match="float"):
        hebbian_write(draw(1, 3, 4), torch.arange(3), draw(3, 4))
