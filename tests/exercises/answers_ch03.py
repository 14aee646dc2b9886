"""Chapter 3: right and wrong answers. The wrong ones are written as a student would, not as the check has them."""

from types import SimpleNamespace
from typing import NamedTuple

import torch

from memlib.exercises import ch03
from memlib.mechanisms import holographic
from memlib.models.am_rnn import AMRNN, AMRNNConfig, AMState, DualAMRNN, DualState, as_complex, as_real
from tests.exercises.answers import Answers
from tests.exercises.answers_ch02_redundant import read
from tests.exercises.answers_ch03_keys import KEY_SIMILARITY, similarity_by_model
from tests.exercises.answers_ch03_paper import CROSSOVER, PARAMETERS, SECOND_READ, parameters_by_model


def bound_to(key, value, permutations):
    return torch.stack([key[order] * value for order in permutations])


def step(memory, key, cell, permutations):
    old = read(memory, key, permutations)
    new = cell(old)
    return new, memory + bound_to(key, new - old, permutations)


def step_in_place(memory, key, cell, permutations):
    old = read(memory, key, permutations)
    new = cell(old)
    for copy, order in zip(memory, permutations, strict=True):
        copy += key[order] * (new - old)
    return new, memory


def stepping(reading, writing):
    """A step that goes wrong in one place."""

    def answer(memory, key, cell, permutations):
        old = reading(memory, key, permutations)
        new = cell(old)
        return new, writing(memory, key, old, new, permutations)

    return answer


def write(memory, key, old, new, permutations):
    return memory + bound_to(key, new - old, permutations)


def cell_on_each_copy(memory, key, cell, permutations):
    readings = [key[order].conj() * copy for copy, order in zip(memory, permutations, strict=True)]
    new = sum(cell(reading) for reading in readings) / len(readings)
    return new, memory + bound_to(key, new - sum(readings) / len(readings), permutations)


def cell_on_memory(state, change):
    def answer(memory, key, cell, permutations):
        new = cell(memory)
        old = read(memory, key, permutations)
        written = [
            key[order] * row
            for order, row in zip(permutations, torch.broadcast_to(change(new, memory, old), memory.shape), strict=True)
        ]
        return state(new), memory + torch.stack(written)

    return answer


def own_reading(memory, key, cell, permutations):
    turned = key[permutations]
    new = cell((turned.conj() * memory).mean(0))
    return new, memory + turned * (new - turned.conj() * memory)


def change_returned(memory, key, cell, permutations):
    old = read(memory, key, permutations)
    change = cell(old) - old
    return change, memory + key[permutations] * change


def read_plain(memory, key, permutations):
    return (key.conj() * memory).mean(0)


def step_by_model(memory, key, cell, permutations):
    """The model's own step, with the given cell wrapped."""
    copies, width = memory.shape

    class State(NamedTuple):
        memory: torch.Tensor

    class Wrapped(torch.nn.Module):
        def initial_state(self, batch_size):
            return State(torch.empty(batch_size, 2 * width))

        def forward(self, seen, state):
            new = as_real(cell(as_complex(state.memory)))
            return new, State(new)

    layer = AMRNN(AMRNNConfig(1, 2 * width, copies=copies)).double()
    layer.permutations = permutations
    layer.cell = Wrapped()
    x, output = (torch.randn(1, size, dtype=torch.float64) for size in (1, 2 * width))
    y, after = layer.step(x, AMState(memory[None], output), key[None], [])
    return as_complex(y[0].detach()), after.memory[0].detach()


STEP = Answers(
    ch03.check_step,
    step,
    (
        ("writes-state", stepping(read, lambda m, k, old, new, p: m + k[p] * new)),
        ("conjugate-write", stepping(read, lambda m, k, old, new, p: m + k[p].conj() * (new - old))),
        ("read-without-conjugate", stepping(lambda m, k, p: (k[p] * m).mean(dim=0), write)),
        ("not-permuted", stepping(read_plain, lambda m, k, old, new, p: m + k * (new - old))),
        ("write-not-permuted", stepping(read, lambda m, k, old, new, p: m + k * (new - old))),
        ("read-not-permuted", stepping(read_plain, write)),
        ("old-state", lambda m, k, c, p: (read(m, k, p), step(m, k, c, p)[1])),
        ("replaces-memory", stepping(read, lambda m, k, old, new, p: k[p] * (new - old))),
        ("replaces-memory", stepping(read, lambda m, k, old, new, p: bound_to(k, new, p))),
        ("sign", stepping(read, lambda m, k, old, new, p: m + k[p] * (old - new))),
        ("cell-per-copy", cell_on_each_copy),
        ("cell-on-memory", cell_on_memory(lambda new: new, lambda new, memory, old: new - old)),
        ("cell-on-memory", cell_on_memory(lambda new: new, lambda new, memory, old: new - memory)),
        ("cell-on-memory", cell_on_memory(lambda new: new.mean(0), lambda new, memory, old: new.mean(0) - old)),
        ("cell-on-memory", cell_on_memory(lambda new: new.mean(0), lambda new, memory, old: new - old)),
        ("cell-on-memory", cell_on_memory(lambda new: new.mean(0), lambda new, memory, old: new - memory)),
        ("own-reading", own_reading),
        ("sum-of-readings", stepping(lambda m, k, p: (k[p].conj() * m).sum(0), write)),
        ("divides", stepping(lambda m, k, p: (m / k[p]).mean(0), write)),
        ("change-as-state", change_returned),
        ("swapped", lambda m, k, c, p: tuple(reversed(step(m, k, c, p)))),
        ("results", lambda m, k, c, p: step(m, k, c, p)[1]),
        ("results", lambda m, k, c, p: (*step(m, k, c, p), read(m, k, p))),
        ("wrong-values", stepping(read, lambda m, k, old, new, p: m + k[p] * (new + old))),
        ("shape", lambda m, k, c, p: (step(m, k, c, p)[0], step(m, k, c, p)[1].mean(0))),
        ("dtype", lambda m, k, c, p: (step(m, k, c, p)[0].real, step(m, k, c, p)[1])),
        ("type", lambda m, k, c, p: (step(m, k, c, p)[0], step(m, k, c, p)[1].tolist())),
        ("exception", lambda m, k, c, p: (c(k @ m), m)),
    ),
    step_in_place,
)


def dual_read(own, source, key, permutations):
    return read(own, key, permutations), read(source, key, permutations)


def dual_read_in_place(own, source, key, permutations):
    source *= key[permutations].conj()
    return read(own, key, permutations), source.mean(0)


def dual_read_conjugated_before(own, source, key, permutations):
    key = key.conj()
    return holographic.read(own, key, permutations), holographic.read(source, key, permutations)


def each(reading):
    return lambda own, source, key, permutations: (reading(own, key, permutations), reading(source, key, permutations))


def chained(own, source, key, permutations):
    state = read(own, key, permutations)
    return state, read(source, state, permutations)


def dual_read_by_model(own, source, key, permutations):
    copies, width = own.shape
    layer = DualAMRNN(AMRNNConfig(1, 2 * width, copies=copies))
    layer.rnn.permutations = permutations
    state = DualState(SimpleNamespace(memory=own[None]), source[None])
    found = layer.rnn.read(state.own.memory, key[None]), layer.read_source(torch.randn(1, 1), state, key[None])
    return tuple(as_complex(item[0]) for item in found)


DUAL_READ = Answers(
    ch03.check_dual_read,
    dual_read,
    (
        ("own-twice", lambda own, source, key, p: (read(own, key, p), read(own, key, p))),
        ("source-twice", lambda own, source, key, p: (read(source, key, p), read(source, key, p))),
        ("swapped", lambda own, source, key, p: (read(source, key, p), read(own, key, p))),
        ("first-copy", each(lambda m, k, p: k.conj() * m[0])),
        ("sum", each(lambda m, k, p: (k[p].conj() * m).sum(0))),
        ("added", lambda own, source, key, p: read(own, key, p) + read(source, key, p)),
        ("added", lambda own, source, key, p: read(own + source, key, p)),
        ("no-conjugate", each(lambda m, k, p: (k[p] * m).mean(0))),
        ("conjugated-twice", each(lambda m, k, p: holographic.read(m, k.conj(), p))),
        ("conjugated-twice", dual_read_conjugated_before),
        ("conjugate-source", lambda own, source, key, p: (read(own, key, p), (key[p] * source).mean(0))),
        ("conjugate-source", lambda own, source, key, p: (read(own, key, p), holographic.read(source, key.conj(), p))),
        ("conjugate-own", lambda own, source, key, p: (read(own, key.conj(), p), read(source, key, p))),
        ("conjugated-memory", each(lambda m, k, p: read(m.conj(), k, p))),
        ("conjugated-result", each(lambda m, k, p: (k[p] * m.conj()).mean(0))),
        ("not-permuted", each(read_plain)),
        ("no-mean", each(lambda m, k, p: k[p].conj() * m)),
        ("chained", chained),
        ("divides", each(lambda m, k, p: (m / k[p]).mean(0))),
        ("results", lambda own, source, key, p: torch.cat(dual_read(own, source, key, p))),
        ("results", lambda own, source, key, p: read(own, key, p)),
        ("wrong-values", lambda own, source, key, p: (read(own, key, p), key.conj() * source[0])),
    ),
    dual_read_in_place,
)

ALL = (STEP, SECOND_READ, DUAL_READ, PARAMETERS, KEY_SIMILARITY, CROSSOVER)
LIBRARY = {
    "step": step_by_model,
    "dual_read": dual_read_by_model,
    "parameters": parameters_by_model,
    "key_similarity": similarity_by_model,
}
