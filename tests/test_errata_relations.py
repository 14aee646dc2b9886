"""The errata of le2020: its propositions, its table of costs, and what is lost on the way from page to program.

Worked out here from plain sums, without the library; `book/errata.md` cites these tests by name. The propositions
themselves are tested with the library in tests/mechanisms/test_outer_product_propositions.py.
"""

from __future__ import annotations

import functools
from collections import Counter
from typing import ClassVar

import torch
from torch import Tensor

D, ITEMS = 6, 4
CLOSE = 1e-10


def draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def distance(left: Tensor, right: Tensor) -> float:
    return float((left - right).abs().max() / right.abs().max())


def memory_of(entries: Tensor, values: Tensor) -> Tensor:
    """Σ_i x_i ⊗ v_i."""
    return sum(torch.outer(x, v) for x, v in zip(entries, values, strict=True))


def orthogonal(seed: int) -> Tensor:
    """Rows at right angles, with lengths 1, 2, 3, 4."""
    return torch.linalg.qr(draw(seed, D, D)).Q[:ITEMS] * torch.arange(1, ITEMS + 1)[:, None]


# Proposition 5: which of its conditions is needed


def handed_on(q: Tensor, k: Tensor, v: Tensor, weights: Tensor) -> Tensor:
    """Σ_s Σ_j W_isj M_sj of M_s = Σ_n tanh(q_s ⊙ k_n) ⊗ v_n."""
    relational = torch.stack([memory_of(torch.tanh(one * k), v) for one in q])
    return torch.einsum("isj,sjt->it", weights, relational)


def test_prop5_queries_may_be_any_number() -> None:
    for queries in (1, 2, D):
        found = handed_on(draw(1, queries, D), draw(2, 1, D), draw(3, 1, D), draw(4, D, queries, D))
        assert int(torch.linalg.matrix_rank(found)) == 1


def test_prop5_pairs_must_be_one() -> None:
    for pairs in (2, 3):
        found = handed_on(draw(1, D, D), draw(2, pairs, D), draw(3, pairs, D), draw(4, D, D, D))
        assert int(torch.linalg.matrix_rank(found)) == pairs


# Proposition 6: how a value is read


def test_prop6_divides_by_the_squared_length() -> None:
    x, v = orthogonal(1), draw(2, ITEMS, D)
    memory = memory_of(x, v)
    for entry, value in zip(x, v, strict=True):
        length = entry.norm()
        assert distance(entry / length**2 @ memory, value) < CLOSE
        assert distance(entry / length @ memory, length * value) < CLOSE
    assert distance(x[2] / x[2].norm() @ memory, v[2]) > 0.5


def test_prop6_orthogonalising_does_not_read_what_was_stored() -> None:
    x, v = draw(1, ITEMS, D), draw(2, ITEMS, D)
    memory = memory_of(x, v)
    straight: list[Tensor] = []
    for entry in x:
        straight.append(entry - sum((entry @ other / (other @ other) * other for other in straight), torch.zeros(D)))
    printed = torch.stack([row / (row @ row) for row in straight]) @ memory
    assert distance(printed[-1], v[-1]) < CLOSE  # only the last is at right angles to all others
    assert all(distance(read, value) > 0.1 for read, value in zip(printed[:-1], v[:-1], strict=True))
    assert distance(torch.linalg.pinv(x.mT) @ memory, v) < CLOSE


def test_prop6_widrow_hoff_needs_its_sides_and_a_step() -> None:
    x, v = orthogonal(1), draw(2, ITEMS, D)

    def passed(write, entries: Tensor, passes: int = 1) -> Tensor:
        memory = torch.zeros(D, D, dtype=torch.float64)
        for _ in range(passes):
            for entry, value in zip(entries, v, strict=True):
                memory = write(memory, entry, value)
        return memory

    def printed(memory: Tensor, entry: Tensor, value: Tensor) -> Tensor:
        return memory + torch.outer(value - memory @ entry, entry)

    def corrected(memory: Tensor, entry: Tensor, value: Tensor) -> Tensor:
        return memory + torch.outer(entry, value - entry @ memory) / (entry @ entry)

    assert distance(x @ passed(printed, x), v) > 0.5
    assert distance(x @ passed(printed, x).mT, v) > 0.5  # turned round, the step is still missing
    assert passed(printed, x, 20).abs().max() > 1e6
    assert distance(x @ passed(corrected, x), v) < CLOSE
    slanted = draw(3, ITEMS, D)
    assert distance(slanted @ passed(corrected, slanted), v) > 0.05  # one pass is for orthogonal entries only
    assert distance(slanted @ passed(corrected, slanted, 500), v) < 1e-6


def test_prop6_tanh_is_outside_of_it() -> None:
    keys = torch.atanh(torch.tensor([[0.2, 0.9], [0.1, 0.45]], dtype=torch.float64))
    assert int(torch.linalg.matrix_rank(keys)) == 2
    assert int(torch.linalg.matrix_rank(torch.tanh(keys))) == 1


# Proposition 7: for which patterns


def apart(count: int, width: int) -> Tensor:
    """Unit vectors, not negative, none with an entry of another."""
    blocks = draw(5, count, width).abs() + 0.1
    return torch.block_diag(*(block / block.norm() for block in blocks))


def related(x: Tensor, wanted_q: Tensor, wanted_k: Tensor, wanted_v: Tensor) -> Tensor:
    """Eq. 26 for one query, with W x_i as given: W M is then Σ_i (W x_i) x_i."""
    entries = ((wanted_q @ x) * (wanted_k @ x)).clamp(min=0).sqrt()
    return memory_of(entries, wanted_v @ x)


def test_prop7_gives_one_pattern_whatever_is_asked() -> None:
    x = apart(3, 4)
    last = torch.tensor([[0.0, 0.0, 1.0]], dtype=torch.float64)
    memory = related(x, last, last, torch.ones_like(last))
    for asked in x:
        assert distance(memory @ asked, x[2]) < CLOSE


def test_prop7_with_a_pair_for_each_pattern_gives_the_one_that_is_asked() -> None:
    x = apart(3, 4)
    each = torch.eye(3, dtype=torch.float64)
    memory = related(x, torch.ones(1, 3, dtype=torch.float64), each, each)
    for asked in x:
        assert distance(memory @ asked, asked) < CLOSE


def test_prop7_positive_patterns_overlap() -> None:
    x = draw(1, 3, 8).abs() + 0.01
    assert (x @ x.mT > 0).all()
    shared = apart(2, 4)
    assert float(shared[0] @ shared[1]) == 0
    assert not ((shared[0] > 0) & (shared[1] > 0)).any()


# Equation 11: from which side


def test_eq11_brings_entries_back_and_the_other_side_values() -> None:
    x, v = draw(1, D), draw(2, D)
    memory = torch.outer(x, v)
    assert distance(memory @ v / (v @ v), x) < CLOSE
    assert distance(x @ memory / (x @ x), v) < CLOSE
    assert distance(memory @ x / (x @ x), v) > 0.1


# Section 2.2: how many numbers a relationship has


def test_sec22_counts_entries_and_not_free_numbers() -> None:
    q = draw(1, D)
    for pairs in (1, 2, 3):
        point = draw(2, pairs, 2 * D)

        def of(given: Tensor) -> Tensor:
            return memory_of(torch.tanh(q * given[:, :D]), given[:, D:]).flatten()

        jacobian = torch.autograd.functional.jacobian(of, point).flatten(1)
        free = int(torch.linalg.matrix_rank(jacobian))
        assert free == pairs * (2 * D - pairs)
        assert free < D**2


# Table 5: factors


class Number:
    """A number that counts what is done with it."""

    done: ClassVar[Counter[str]] = Counter()

    def __mul__(self, other: Number) -> Number:
        self.done["multiplications"] += 1
        return self

    def __add__(self, other: Number) -> Number:
        self.done["additions"] += 1
        return self


def added(numbers: list[Number]) -> Number:
    total = numbers[0]
    for number in numbers[1:]:
        total = total + number
    return total


def counted(which: str, nq: int, nkv: int, d: int, dv: int) -> Counter[str]:
    """What Eq. 1 or Eq. 2 takes; the functions S and F are left out, as in the table."""
    n = Number()
    Number.done.clear()
    for _ in range(nq):
        if which == "dpa":
            weights = [added([n * n for _ in range(d)]) for _ in range(nkv)]
            for _ in range(dv):
                added([weight * n for weight in weights])
        else:
            matched = [[n * n for _ in range(d)] for _ in range(nkv)]
            for row in range(d):
                for _ in range(dv):
                    added([entries[row] * n for entries in matched])
    return Counter(Number.done)


def grows(which: str, what: str, printed: str) -> bool:
    """Whether the count outgrows the printed order where one of the four sizes grows from 4 to 64."""
    small = dict.fromkeys(("nq", "nkv", "d", "dv"), 4)
    for name in small:
        large = small | {name: 64}
        order = [eval(printed, {}, sizes) for sizes in (small, large)]
        if counted(which, **large)[what] / counted(which, **small)[what] > 2.5 * order[1] / order[0]:
            return True
    return False


def test_table5_drops_factors() -> None:
    assert counted("dpa", 3, 4, 5, 2) == {"multiplications": 3 * 4 * (5 + 2), "additions": 3 * (4 * 4 + 3 * 2)}
    assert counted("opa", 3, 4, 5, 2) == {"multiplications": 3 * 4 * 5 * (1 + 2), "additions": 3 * 3 * 5 * 2}
    assert not grows("dpa", "multiplications", "(d + dv) * nq * nkv")
    assert not grows("opa", "additions", "nq * nkv * d * dv")
    assert grows("opa", "multiplications", "nq * d * dv")
    assert not grows("opa", "multiplications", "nq * nkv * d * dv")


def test_table5_additions_of_the_values() -> None:
    """As printed, (d nq + dv) nkv: with wide values and many queries the count is beyond any multiple of it."""
    ratio = [counted("dpa", n, 4, 2, n * n)["additions"] / ((2 * n + n * n) * 4) for n in (2, 8, 16)]
    assert ratio[1] > 3 * ratio[0]
    assert ratio[2] > 1.8 * ratio[1]
    true = [counted("dpa", n, 4, 2, n * n)["additions"] / ((2 + n * n) * n * 4) for n in (2, 8, 16)]
    assert max(true) <= 1


# Appendix D: the gates


def test_app_d_gates_need_a_sigmoid() -> None:
    weights, inner, given = 0.5 * draw(1, D, D), 0.5 * draw(2, D, D), draw(3, 60, D)
    largest = []
    for gate in (lambda y: y, torch.sigmoid):
        memory = torch.zeros(D, D, dtype=torch.float64)
        for x in given:
            forget = gate(x @ weights + torch.tanh(memory) @ inner + 1)
            memory = forget * memory + gate(x @ weights) * torch.tanh(torch.outer(x, x))
        largest.append(float(memory.abs().max()))
    assert largest[0] > 1e6
    assert largest[1] < len(given)  # each step adds at most 1


# Appendix G: the size of G2, and what its numerical rank is before any training


def numerical_rank(matrix: Tensor) -> float:
    squares = torch.linalg.eigvalsh(matrix.mT @ matrix)
    return float(squares.sum() / squares[-1])


@functools.cache
def drawn_ranks(rows: int) -> list[float]:
    """The numerical ranks of twelve weights [rows, 96] as a linear layer draws them at the start."""
    sources = [torch.Generator().manual_seed(seed) for seed in range(12)]
    return [numerical_rank(2 * torch.rand(rows, 96, generator=one, dtype=torch.float64) - 1) for one in sources]


def test_app_g_size_is_d_squared() -> None:
    """Table 8 prints 79.00 for copy; a matrix of the printed size does not reach it, one of the right size does."""
    assert 96 * 96 == 9216 != 6144
    assert min(drawn_ranks(9216)) - 0.5 < 79.0 < max(drawn_ranks(9216))
    assert max(drawn_ranks(6144)) < 78.5 < min(drawn_ranks(9216)) < max(drawn_ranks(9216)) < 80.6


def test_app_g_half_of_the_tasks_have_the_rank_of_chance() -> None:
    """Table 8 prints 79.57, 79.58 and 79.81 for spanning tree, sort and shortest path: as drawn at the start."""
    assert min(drawn_ranks(9216)) < 79.57 < 79.58 < 79.81 < max(drawn_ranks(9216))
