"""Chapter 11: what its checks accept, and what their examples show."""

import pytest
import torch
from torch import einsum
from torch.nn.functional import layer_norm

from memlib.exercises import ch11


def chain(memory, query, relations, pattern="abc,a,b->c", norm=lambda x: layer_norm(x, x.shape)):
    found = []
    for relation in relations:
        query = norm(einsum(pattern, memory, query, relation))
        found.append(query)
    return torch.stack(found)


def test_a_norm_without_pytorchs_small_number_is_as_good() -> None:
    def chained_read(memory, query, relations):
        return chain(memory, query, relations, norm=lambda x: (x - x.mean()) / x.std(correction=0))

    assert ch11.check_chained_read(chained_read).status == "passed"


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("query-normed", lambda f, n, e: chain(f, layer_norm(n, n.shape), e)),
        ("value-axis", lambda f, n, e: chain(f, n, e, "abc,c,b->a")),
        ("handed-on-raw", lambda f, n, e: layer_norm(chain(f, n, e, norm=lambda x: x), n.shape)),
        ("unit-length", lambda f, n, e: chain(f, n, e, norm=lambda x: x / x.norm())),
    ],
)
def test_where_the_example_is_shown_one_sees_the_difference(code, wrong) -> None:
    card = ch11.check_chained_read(wrong)
    told = dict(card.details)
    assert card.code == code
    assert told.get("expected", "shown") != told.get("got", "not shown")
