"""Exercise: reads of a memory of facts, each asking with what the last one found."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import ANYTHING, Case, Exercise, Mistake
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import fast_weights

# So large that the 1e-5 which PyTorch's layer_norm adds to the variance cannot be seen: a norm without it is as good.
_LOUD = 1e3


def _case(name: str, seed: int, *, entity: int, relation: int, reads: int) -> Case:
    draw = Draw(seed)
    return Case(name, (_LOUD * draw.real(entity, relation, entity), draw.real(entity), draw.real(reads, relation)))


def _cases() -> list[Case]:
    return [
        _case("two reads", 1121, entity=4, relation=3, reads=2),
        _case("three reads, axes of one width", 1122, entity=5, relation=5, reads=3),
        _case("as many reads as entries", 1123, entity=4, relation=4, reads=4),
        _case("one read", 1124, entity=3, relation=2, reads=1),
    ]


def _chain(
    memory: Tensor,
    query: Tensor,
    relations: Tensor,
    norm: Callable[[Tensor], Tensor] = fast_weights.layer_norm,
) -> Tensor:
    found = []
    for relation in relations:
        query = norm(fast_weights.tensor_read(memory, query, relation))
        found.append(query)
    return torch.stack(found)


def _plain(memory: Tensor, query: Tensor, relations: Tensor) -> Tensor:
    return _chain(memory, query, relations, lambda read: read)


def _norm_at_the_end(memory: Tensor, query: Tensor, relations: Tensor) -> Tensor:
    rows = _plain(memory, query, relations)
    return torch.cat([rows[:-1], fast_weights.layer_norm(rows[-1:])])


def _unbroken(memory: Tensor, query: Tensor, relations: Tensor) -> Tensor:
    """Each read normed for the result, but handed on as it was."""
    return fast_weights.layer_norm(_plain(memory, query, relations))


def _into_relation(memory: Tensor, query: Tensor, relations: Tensor) -> Any:
    """What was found goes into the relation's place of the next read, the query stays."""
    if memory.shape[0] != memory.shape[1]:
        return ANYTHING
    found = [fast_weights.layer_norm(fast_weights.tensor_read(memory, query, relations[0]))]
    for _ in relations[1:]:
        found.append(fast_weights.layer_norm(fast_weights.tensor_read(memory, query, found[-1])))
    return torch.stack(found)


def _swapped(memory: Tensor, query: Tensor, relations: Tensor) -> Any:
    if memory.shape[0] != memory.shape[1]:
        return ANYTHING
    return _chain(memory.transpose(0, 1), query, relations)


def _from_start(memory: Tensor, query: Tensor, relations: Tensor) -> Tensor:
    return torch.cat([_chain(memory, query, relation[None]) for relation in relations])


def _backwards(memory: Tensor, query: Tensor, relations: Tensor) -> Tensor:
    """The query meets the axis of the values."""
    return _chain(memory.transpose(0, 2), query, relations)


def _residual(memory: Tensor, query: Tensor, relations: Tensor) -> Tensor:
    found = []
    for relation in relations:
        query = query + fast_weights.layer_norm(fast_weights.tensor_read(memory, query, relation))
        found.append(query)
    return torch.stack(found)


def _with_query(memory: Tensor, query: Tensor, relations: Tensor) -> Tensor:
    return torch.cat([query[None], _chain(memory, query, relations)])


def _mean_kept(read: Tensor) -> Tensor:
    return read / read.square().mean().sqrt()


def _sample(read: Tensor) -> Tensor:
    return (read - read.mean()) / read.std()


_MISTAKES = (
    Mistake(
        "no-layer-norm",
        _plain,
        "There is no layer normalisation: each link of the chain has the strength of the memory's answer.",
        "Norm each read, before it is used as the next query.",
    ),
    Mistake(
        "norm-at-the-end",
        _norm_at_the_end,
        "Only the last read is normed.",
        "The norm belongs to every read: it is n⁽ⁱ⁾ itself that goes on.",
    ),
    Mistake(
        "handed-on-raw",
        _unbroken,
        "Each row is normed, but the next read is asked with the reading as it was before the norm.",
        "Hand on what you return.",
    ),
    Mistake(
        "into-the-relation",
        _into_relation,
        "What was found went into the relation's place, and the query stayed.",
        "A found thing is the next thing to ask about: it goes into the entity's place, the first axis of the memory.",
    ),
    Mistake(
        "keys-swapped",
        _swapped,
        "Query and relation have changed places: the first axis of the memory belongs to the query.",
        "`einsum('abc,a,b->c', memory, query, relation)`.",
    ),
    Mistake(
        "value-axis",
        _backwards,
        "Your query meets the last axis of the memory, and what is left over is the first. The last axis is that of "
        "the values.",
        "`einsum('abc,a,b->c', memory, query, relation)`.",
    ),
    Mistake(
        "query-normed",
        lambda f, n, e: _chain(f, fast_weights.layer_norm(n), e),
        "You normed the first query. Only what is read is normed; the first query asks as it is.",
        "The norm comes after a read.",
    ),
    Mistake(
        "query-is-a-row",
        _with_query,
        "The first row is the query itself. It was given, not found.",
        "Collect after each read, not before: one row a read.",
    ),
    Mistake(
        "query-is-a-row",
        lambda f, n, e: _with_query(f, n, e)[:-1],
        "The first row is the query itself, and the last read is missing.",
        "Collect after each read, not before.",
    ),
    Mistake(
        "query-added",
        _residual,
        "You added what was read to the query. Then the next read asks about both.",
        "What is found takes the query's place.",
    ),
    Mistake(
        "reversed",
        lambda f, n, e: _chain(f, n, e.flip(0)),
        "The relations are used in the opposite order.",
        "The first row of `relations` is asked first.",
    ),
    Mistake(
        "same-relation",
        lambda f, n, e: _chain(f, n, e[:1].expand_as(e)),
        "Every read uses the first relation.",
        "Read i uses row i.",
    ),
    Mistake(
        "starts-anew",
        _from_start,
        "Each read starts from the first query, so nothing is chained.",
        "The query of a read is the result of the one before.",
    ),
    Mistake(
        "last-only",
        lambda f, n, e: _chain(f, n, e)[-1],
        "Only the last read is there.",
        "Collect each of them, one row a read: shape [reads, d].",
    ),
    Mistake(
        "mean-kept",
        lambda f, n, e: _chain(f, n, e, _mean_kept),
        "The length is right, but the mean is still there.",
        "Take the mean away first, then scale.",
    ),
    Mistake(
        "scale-kept",
        lambda f, n, e: _chain(f, n, e, lambda read: read - read.mean()),
        "The mean is gone, but the length is not set.",
        "Divide by the root of the mean square.",
    ),
    Mistake(
        "unit-length",
        lambda f, n, e: _chain(f, n, e, lambda read: read / read.norm()),
        "You scaled to length 1. Layer normalisation also takes the mean away, and its length is the root of d.",
        "`torch.nn.functional.layer_norm(x, x.shape)`.",
    ),
    Mistake(
        "sample-deviation",
        lambda f, n, e: _chain(f, n, e, _sample),
        "`std` divides by d - 1. Layer normalisation divides by d.",
        "`std(correction=0)`, or `torch.nn.functional.layer_norm(x, x.shape)`.",
    ),
)

CHAINED_READ = Exercise(
    name="chained_read",
    arguments=("memory", "query", "relations"),
    reference=_chain,
    cases=_cases,
    example=Case(
        "by hand",
        (
            torch.tensor([[[3.0, 1, 3, 1]], [[0, 0, 2, 0]], [[0, 2, 0, 0]], [[0, 0, 0, 0]]]).double(),
            torch.tensor([1.0, 0, 0, 0]).double(),
            torch.tensor([[1.0], [2.0]]).double(),
        ),
    ),
    mistakes=_MISTAKES,
    lesson="A chain of reads is a chain of thought: what is found becomes what is asked, with fresh strength at each "
    "link.",
    advice="Do two reads by hand, and norm after each: layer_norm(F(n, e)).",
)


def check_chained_read(function: Callable[..., Any]) -> Card:
    """Check `chained_read(memory [d, dr, d], query [d], relations [reads, dr]) -> [reads, d]`.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(CHAINED_READ, function)
