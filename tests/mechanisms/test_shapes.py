"""A wrong input to each public mechanism gives an error that says what was expected."""

import inspect
import subprocess
import sys

import pytest
import torch

from memlib.mechanisms import associative, attention, hard_attention, holographic, item_memory

real, cplx = torch.randn(3), torch.randn(3) + 1j * torch.randn(3)
matrix, cmatrix = torch.randn(3, 2), torch.randn(2, 3) + 0j
perms = holographic.permutations(2, 3)
weights, places = torch.randn(2, 3).softmax(-1), torch.tensor([0, 2])

WRONG = [
    (associative.unit, (torch.tensor([1, 2]),), TypeError, r"`vector` holds torch.int64; expected a floating-point"),
    (associative.hebbian_write, (matrix, real, real), ValueError, r"`value` has shape \(3,\), so dv = 3, but `memory`"),
    (associative.recall, (matrix, torch.randn(4)), ValueError, r"dk = 4, but `memory` has dk = 3"),
    (associative.recall, ([[1.0]], real), TypeError, r"`memory` is a list; expected a tensor \[..., dk, dv\]"),
    (associative.recall, (real, real), ValueError, r"`memory` has shape \(3,\); expected .* at least 2 axes"),
    (associative.delta_write, (matrix, real, real[:2], torch.ones(5)), ValueError, r"with 1 where 5 came"),
    (associative.delta_write, (matrix, torch.randn(4, 3), torch.randn(5, 2)), ValueError, r"do not broadcast"),
    (associative.store, (matrix, torch.randn(4, 2)), ValueError, r"n = 4, but `keys` has n = 3"),
    (associative.crosstalk, (matrix, torch.randn(4, 2)), ValueError, r"n = 4, but `keys` has n = 3"),
    (associative.crosstalk_variance, (0, 3), ValueError, r"items >= 1.*items=0"),
    (associative.hopfield_weights, (real,), ValueError, r"`patterns` has shape \(3,\)"),
    (associative.hopfield_energy, (real, torch.randn(4, 4)), ValueError, r"d = 4, but `state` has d = 3"),
    (associative.hopfield_update, (real, torch.randn(4, 4)), ValueError, r"d = 4, but `state` has d = 3"),
    (associative.modern_hopfield_energy, (real, matrix.T, 0.0), ValueError, r"expected beta > 0, got 0.0"),
    (associative.modern_hopfield_update, (real, matrix, 1.0), ValueError, r"d = 2, but `state` has d = 3"),
    (holographic.bind, (real, cplx), TypeError, r"`key` holds torch.float32; expected a complex"),
    (holographic.unbind, (cplx, cplx[:2]), ValueError, r"d = 2, but `key` has d = 3"),
    (holographic.bound, (real,), TypeError, r"expected a complex"),
    (holographic.permutations, (0, 3), ValueError, r"copies >= 1"),
    (holographic.write, (cmatrix, cplx, cplx, perms.float()), TypeError, r"expected an integer tensor \[copies, d\]"),
    (holographic.read, (cmatrix[:1], cplx, perms), ValueError, r"copies = 2, but `memory` has copies = 1"),
    (holographic.overwrite, (cmatrix, cplx, cplx[:2], perms), ValueError, r"d = 2"),
    (holographic.circular_convolution, (cplx, cplx), TypeError, r"expected a floating-point"),
    (holographic.circular_correlation, (real, real[:2]), ValueError, r"d = 2, but `a` has d = 3"),
    (holographic.retrieval_noise_variance, (2, 1, 1, 1.0, 1.5), ValueError, r"0 <= correlation <= 1"),
    (attention.dot_scores, (matrix, matrix.T), ValueError, r"d = 3, but `query` has d = 2"),
    (attention.additive_scores, (matrix, matrix, matrix, matrix, real), ValueError, r"dq = 3, but `query` has dq = 2"),
    (attention.attention_weights, (real, real > 9), ValueError, r"leaves no position to read in 1 of 1 rows"),
    (attention.soft_read, (matrix, matrix), ValueError, r"n = 3, but `weights` has n = 2"),
    (attention.dot_product, (matrix, matrix, matrix, real), TypeError, r"`mask` holds torch.float32; .* a boolean"),
    (attention.additive, (matrix, matrix, real, matrix, matrix, real), ValueError, r"`value` .* at least 2 axes"),
    (hard_attention.hard_sample, (torch.tensor([1, 2]),), TypeError, r"`weights` holds torch.int64"),
    (hard_attention.hard_read, (matrix, torch.ones(2)), TypeError, r"`index` holds torch.float32; .* an integer"),
    (hard_attention.reinforce_loss, (weights, places.float(), real[:2]), TypeError, r"`index` .* call .long\(\) on it"),
    (hard_attention.baseline_loss, (real, real[:2]), ValueError, r"`reward` \[3\], `baseline` \[2\]"),
    (hard_attention.entropy, (places,), TypeError, r"expected a floating-point tensor \[..., n\]"),
    (hard_attention.expected_reward, (weights, real[:2]), ValueError, r"n = 2, but `weights` has n = 3"),
    (hard_attention.marginal_log_likelihood, (weights, real[:2]), ValueError, r"n = 2, but `weights` has n = 3"),
    (hard_attention.posterior, (weights, real[:2]), ValueError, r"n = 2, but `weights` has n = 3"),
    (hard_attention.marginal_gradient, (weights, real[:2]), ValueError, r"n = 2, but `weights` has n = 3"),
    (hard_attention.straight_through, (weights, torch.zeros(3).long()), ValueError, r"`index` \[3\]"),
    # The kind and the size of a number, the device, and what may stand in place of a tensor.
    (associative.recall, (matrix.double(), real), TypeError, r"`key` holds torch.float32, but `memory` .*float64"),
    (holographic.bind, (cplx, cplx.to(torch.complex128)), TypeError, r"complex128, but `key` holds torch.complex64"),
    (holographic.overwrite, (cmatrix, cplx, cplx, perms, torch.ones(1).double()), TypeError, r"`strength` .*float64"),
    (associative.recall, (matrix, real.to("meta")), ValueError, r"`key` is on meta, but `memory` is on cpu"),
    (attention.attention_weights, (real, (real < 9).to("meta")), ValueError, r"`mask` is on meta"),
    (hard_attention.hard_read, (matrix, places.to("meta")), ValueError, r"`index` is on meta"),
    (hard_attention.hard_read, (matrix, places > 0), TypeError, r"`index` holds torch.bool; expected an integer"),
    (holographic.read, (cmatrix, cplx, perms.byte()), TypeError, r"`permutations` holds torch.uint8"),
    (hard_attention.hard_sample, (torch.ones(2, 0),), ValueError, r"hard_sample: expected weights"),
    (associative.delta_write, (matrix, real, real[:2], "1"), TypeError, r"`strength` is a str; .* or a number"),
    (attention.attention_weights, (real, [True] * 3), TypeError, r"`mask` is a list; .* or None"),
]


@pytest.mark.parametrize(("function", "arguments", "error", "message"), WRONG, ids=lambda x: getattr(x, "__name__", ""))
def test_wrong_input_is_explained(function, arguments, error, message) -> None:
    with pytest.raises(error, match=message):
        function(*arguments)


def test_random_keys_want_a_complex_dtype() -> None:
    with pytest.raises(TypeError, match=r"complex64 or torch\.complex128, got torch\.float32"):
        holographic.random_keys(2, 3, dtype=torch.float32)


def test_every_public_mechanism_stands_in_the_list() -> None:
    covered = {function.__name__ for function, *_ in WRONG} | {"random_keys"}
    for module in (associative, attention, hard_attention, holographic):
        public = {n for n, f in inspect.getmembers(module, inspect.isfunction) if f.__module__ == module.__name__}
        assert {n for n in public if not n.startswith("_")} <= covered


def test_a_number_or_an_index_may_stay_behind_on_the_cpu() -> None:
    memory, key, value = matrix.to("meta"), real.to("meta"), matrix[0].to("meta")
    assert associative.delta_write(memory, key, value, 0.5).is_meta
    assert hard_attention.hard_read(memory, places).is_meta
    assert item_memory.item_gate(memory, key, torch.eye(3).to("meta"), torch.tensor(1.0)).is_meta


def test_autocast_casts_by_itself() -> None:
    with torch.autocast("cpu", torch.bfloat16):
        assert associative.recall(matrix, real.bfloat16()).dtype == torch.bfloat16
    with pytest.raises(TypeError, match=r"bfloat16, but `memory` holds torch.float32"):
        associative.recall(matrix, real.bfloat16())


def test_the_check_is_in_the_docstring() -> None:
    assert "Raises:" in (associative.recall.__doc__ or "")
    assert associative.recall.__name__ == "recall"


def test_the_check_steps_aside_when_compiled() -> None:
    """In a fresh interpreter, as users have it: the run-time checks of the tests clash with torch.compile."""
    program = """
import torch
from memlib.mechanisms.associative import delta_write
memory, key, value = torch.randn(3, 2), torch.randn(3), torch.randn(2)
compiled = torch.compile(delta_write, backend="eager", fullgraph=True)
torch.testing.assert_close(compiled(memory, key, value), delta_write(memory, key, value))
"""
    subprocess.run([sys.executable, "-c", program], check=True)
