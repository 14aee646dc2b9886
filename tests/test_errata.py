"""The misprints that the book's errata page lists: each printed form fails, each corrected form holds.

The equations are worked out here from complex arithmetic in float64, without the library; Table 1 is counted on the
library's models, and a last test checks that the library follows the corrected forms. `book/errata.md` cites these
tests by name.
"""

import re
from pathlib import Path

import pytest
import torch

DIM, ITEMS, COPIES = 64, 5, 6
CLOSE = 1e-12


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(20160612)


def complex_normal(*shape: int, generator: torch.Generator) -> torch.Tensor:
    """Complex numbers whose two parts are independent and standard normal."""
    return torch.complex(
        torch.randn(*shape, dtype=torch.float64, generator=generator),
        torch.randn(*shape, dtype=torch.float64, generator=generator),
    )


def phases(*shape: int, generator: torch.Generator) -> torch.Tensor:
    """Complex numbers of modulus one with a uniform phase."""
    angle = 2 * torch.pi * torch.rand(*shape, dtype=torch.float64, generator=generator)
    return torch.polar(torch.ones_like(angle), angle)


def shuffles(copies: int, dim: int, generator: torch.Generator) -> list[torch.Tensor]:
    """Random permutations of the complex entries, the identity first."""
    return [torch.arange(dim)] + [torch.randperm(dim, generator=generator) for _ in range(copies - 1)]


def distance(left: torch.Tensor, right: torch.Tensor) -> float:
    """The largest difference between two tensors, relative to the largest entry of the second."""
    return float((left - right).abs().max() / right.abs().max())


def halves(vector: torch.Tensor) -> torch.Tensor:
    """A complex vector as the real one that stacks its real and its imaginary part."""
    return torch.cat([vector.real, vector.imag])


# Eq. 3: which factor is conjugated when an item is read


def test_eq3_conjugates_the_key(generator: torch.Generator) -> None:
    key, value = phases(DIM, generator=generator), complex_normal(DIM, generator=generator)
    memory = key * value
    assert distance(key * memory, value) > 0.5
    assert distance(key.conj() * memory, value) < CLOSE


def test_eq3_gives_item_plus_noise(generator: torch.Generator) -> None:
    keys = phases(ITEMS, DIM, generator=generator)
    values = complex_normal(ITEMS, DIM, generator=generator)
    memory = (keys * values).sum(0)
    noise = sum(keys[0].conj() * keys[k] * values[k] for k in range(1, ITEMS))
    assert distance(keys[0].conj() * memory, values[0] + noise) < CLOSE
    assert distance(keys[0] * memory, values[0] + noise) > 0.5


def test_eq3_conjugate_is_inverse(generator: torch.Generator) -> None:
    key = phases(DIM, generator=generator)
    assert distance(key, 1 / key) > 0.5
    assert distance(key.conj(), 1 / key) < CLOSE


# Eq. 4: the sum over the items inside the mean over the copies


def redundant(generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor], torch.Tensor]:
    keys = phases(ITEMS, DIM, generator=generator)
    values = complex_normal(ITEMS, DIM, generator=generator)
    orders = shuffles(COPIES, DIM, generator)
    memory = torch.stack([(keys[:, order] * values).sum(0) for order in orders])
    return keys, values, orders, memory


def eq4_right_hand_side(keys: torch.Tensor, values: torch.Tensor, orders: list[torch.Tensor]) -> torch.Tensor:
    """The second line of Eq. 4 with its conjugate: the item plus the averaged noise."""
    noise = torch.zeros_like(values[0])
    for k in range(1, ITEMS):
        product = keys[0].conj() * keys[k]
        noise = noise + values[k] * torch.stack([product[order] for order in orders]).mean(0)
    return values[0] + noise


def test_eq4_inner_sum_multiplies_by_n(generator: torch.Generator) -> None:
    keys, values, orders, memory = redundant(generator)
    expected = eq4_right_hand_side(keys, values, orders)
    single = torch.stack([keys[0, order].conj() * memory[s] for s, order in enumerate(orders)])
    printed = sum(single.mean(0) for _ in range(ITEMS))
    assert distance(single.mean(0), expected) < CLOSE
    assert distance(printed, expected) > 0.5
    assert distance(printed, ITEMS * expected) < CLOSE


def test_eq4_conjugates_the_key(generator: torch.Generator) -> None:
    keys, values, orders, memory = redundant(generator)
    plain = torch.stack([keys[0, order] * memory[s] for s, order in enumerate(orders)]).mean(0)
    assert distance(plain, eq4_right_hand_side(keys, values, orders)) > 0.5


def test_eq4_permutes_halves_together(generator: torch.Generator) -> None:
    key, value = phases(DIM, generator=generator), complex_normal(DIM, generator=generator)
    together = key[torch.randperm(DIM, generator=generator)]
    apart = halves(key)[torch.randperm(2 * DIM, generator=generator)]
    mixed = torch.complex(apart[:DIM], apart[DIM:])
    assert distance(together.conj() * together * value, value) < CLOSE
    assert distance(mixed.conj() * mixed * value, value) > 0.1


# Eq. 7: bound, and what a modulus below one does


def test_eq7_divides(generator: torch.Generator) -> None:
    raw = complex_normal(DIM, generator=generator)
    divisor = raw.abs().clamp(min=1.0)
    assert (divisor > 1).any()
    assert (divisor == 1).any()
    printed, corrected = raw * divisor, raw / divisor
    assert float(printed.abs().max()) > float(raw.abs().max())
    assert float(corrected.abs().max()) <= 1 + CLOSE
    assert distance(torch.angle(corrected), torch.angle(raw)) < CLOSE


def test_eq7_short_keys_fade_what_is_read(generator: torch.Generator) -> None:
    raw, value = complex_normal(DIM, generator=generator), complex_normal(DIM, generator=generator)
    key = raw / raw.abs().clamp(min=1.0)
    assert (key.abs() < 0.99).any()
    read = key.conj() * (key * value)
    assert distance(read, value) > 0.1
    assert distance(read, key.abs() ** 2 * value) < CLOSE


# Eq. 6 and 9: one of read and write is conjugated


def rewritten(read_key: torch.Tensor, write_key: torch.Tensor, memory: torch.Tensor, new: torch.Tensor) -> torch.Tensor:
    """Read, write the difference to `new` as Eq. 9 does, and read again."""
    old = read_key * memory
    return read_key * (memory + write_key * (new - old))


def test_eq6_eq9_conjugate_one(generator: torch.Generator) -> None:
    key, new = phases(DIM, generator=generator), complex_normal(DIM, generator=generator)
    memory = complex_normal(DIM, generator=generator)
    assert distance(rewritten(key, key, memory, new), new) > 0.5
    assert distance(rewritten(key.conj(), key, memory, new), new) < CLOSE


def test_eq6_eq9_are_a_delta_rule(generator: torch.Generator) -> None:
    raw, new = complex_normal(DIM, generator=generator), complex_normal(DIM, generator=generator)
    key = raw / raw.abs().clamp(min=1.0)
    memory = complex_normal(DIM, generator=generator)
    old = key.conj() * memory
    again = rewritten(key.conj(), key, memory, new)
    assert distance(again, new) > 0.1
    assert distance(again, old + key.abs() ** 2 * (new - old)) < CLOSE


def test_eq6_eq9_text_and_figure_differ(generator: torch.Generator) -> None:
    raw, new = complex_normal(DIM, generator=generator), complex_normal(DIM, generator=generator)
    memory = complex_normal(DIM, generator=generator)
    key = raw / raw.abs().clamp(min=1.0)
    flipped = raw.conj() / raw.conj().abs().clamp(min=1.0)
    figure = rewritten(key.conj(), key, memory, new)
    text = rewritten(flipped, flipped.conj(), memory, new)
    assert distance(text, figure) < CLOSE
    assert distance(rewritten(key, key.conj(), memory, new), figure) > 0.1


def test_eq9_scale_with_copies(generator: torch.Generator) -> None:
    raw, new = complex_normal(DIM, generator=generator), complex_normal(DIM, generator=generator)
    key = raw / raw.abs().clamp(min=1.0)
    memory = complex_normal(COPIES, DIM, generator=generator)
    permuted = torch.stack([key[order] for order in shuffles(COPIES, DIM, generator)])
    old = (permuted.conj() * memory).mean(0)
    again = (permuted.conj() * (memory + permuted * (new - old))).mean(0)
    scale = (permuted.abs() ** 2).mean(0)
    assert distance(again, old + scale * (new - old)) < CLOSE
    assert distance(again, old + key.abs() ** 2 * (new - old)) > 0.01


# Eq. 8 and 9: what the step takes, and what it reads


def test_eq9_needs_the_last_output(generator: torch.Generator) -> None:
    weights = complex_normal(DIM, 2 * DIM, generator=generator) / DIM
    memory = complex_normal(DIM, generator=generator)
    x, first, second = (torch.randn(DIM, dtype=torch.float64, generator=generator) for _ in range(3))

    def read(h: torch.Tensor) -> torch.Tensor:
        raw = weights @ torch.cat([x, h]).to(weights.dtype)
        return (raw / raw.abs().clamp(min=1.0)).conj() * memory

    assert distance(read(first), read(first.clone())) < CLOSE
    assert distance(read(first), read(second)) > 0.1  # the same x and m, so these two do not fix the step


def test_eq8_reads_an_estimate(generator: torch.Generator) -> None:
    """Two steps with keys of modulus 1: a key finds the last state again only if it is the last key."""
    key, other = phases(2, DIM, generator=generator)
    memory = complex_normal(DIM, generator=generator)
    last = complex_normal(DIM, generator=generator)
    memory = memory + key * (last - key.conj() * memory)
    assert distance(key.conj() * memory, last) < CLOSE
    assert distance(other.conj() * memory, last) > 0.5


# Table 1 and Sec. 5.2: the sizes


def test_table1_am_gru_is_108_wide() -> None:
    from memlib.models.pair_classifier import build

    assert round(build("am-gru-shared", 50, 108).size() / 1000) == 329
    assert build("am-gru-shared", 50, 100).size() < 300_000


def test_table1_attention_is_smaller() -> None:
    from memlib.models.pair_classifier import build

    dual, attention = build("dual-am-gru-shared", 50, 100).size(), build("lstm-attention", 50, 100).size()
    assert round(dual / 1000) == 321
    assert attention < 0.8 * dual


# The library follows the corrected forms


def test_memlib_is_as_corrected(generator: torch.Generator) -> None:
    from memlib.mechanisms import holographic

    keys, values, orders, memory = redundant(generator)
    order = torch.stack(orders)
    written = torch.zeros_like(memory)
    for key, value in zip(keys, values, strict=True):
        written = holographic.write(written, key, value, order)
    assert distance(written, memory) < CLOSE
    assert distance(holographic.read(written, keys[0], order), eq4_right_hand_side(keys, values, orders)) < CLOSE
    raw = complex_normal(DIM, generator=generator)
    assert distance(holographic.bound(raw), raw / raw.abs().clamp(min=1.0)) < CLOSE


# The page and the tests agree


def test_page_cites_every_test() -> None:
    page = (Path(__file__).parents[1] / "book" / "errata.md").read_text(encoding="utf-8")
    cited = set(re.findall(r"`(test_\w+)`", page))
    files = Path(__file__).parent.glob("test_errata*.py")
    here = {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.M)}
    assert cited == here - {"test_page_cites_every_test"}
