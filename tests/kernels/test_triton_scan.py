"""The scan's Triton kernels equal its plain loops: in Triton's interpreter on a CPU, and on a GPU if there is one."""

import importlib.util
import os
import subprocess
import sys

import pytest
import torch

from memlib.kernels import fast_weights as kernel
from memlib.kernels.fast_weights import scan

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("triton") is None, reason="triton is not installed; `pip install memlib[gpu]` brings it."
)


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def inputs(size: float) -> list[torch.Tensor]:
    """Memory, keys, value, strength, query, entities: 13 steps and keys of 5, neither a power of 2."""
    return [
        draw(1, 4, 5, 3, 5) * size / 12,
        (draw(2, 4, 13, 5) * size).tanh(),
        (draw(3, 4, 13, 3) * size).tanh(),
        (draw(4, 4, 13, 5) * size).tanh(),
        draw(5, 4, 13, 1).sigmoid() / 5,
        draw(6, 4, 13, 5),
        draw(7, 4, 13, 2, 3).tanh(),
    ]


def padding() -> torch.Tensor:
    mask = torch.ones(4, 13, dtype=torch.bool)
    mask[1, 4:], mask[2], mask[3, 3:7] = False, False, False
    return mask


def everything(given: list[torch.Tensor], mask: torch.Tensor | None) -> list[torch.Tensor]:
    """Outputs, state and gradients."""
    given = [x.clone().requires_grad_() for x in given]
    found, memory = kernel.fast_weights(*given, mask=mask)
    loss = (found * draw(8, *found.shape).to(found)).sum() + (memory * draw(9, *memory.shape).to(memory)).sum()
    return [found, memory, *torch.autograd.grad(loss, given)]


def compare() -> None:
    """What the interpreter runs: the whole form with kernels for loops against the whole form with plain loops."""
    from memlib.kernels.fast_weights import triton_scan

    plain = scan._triton
    for size, mask in ((0.2, None), (1.0, padding()), (3.0, None)):
        expected = everything(inputs(size), mask)
        scan._triton = lambda value: triton_scan
        found = everything(inputs(size), mask)
        scan._triton = plain
        torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-12)
    assert triton_scan.fits(torch.zeros(1, 200, 32))
    assert not triton_scan.fits(torch.zeros(1, 2000, 32))
    print("equal")


def test_kernels_equal_the_plain_loops_in_the_interpreter() -> None:
    environment = os.environ | {"TRITON_INTERPRET": "1"}
    command = "from tests.kernels.test_triton_scan import compare; compare()"
    done = subprocess.run([sys.executable, "-c", command], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == "equal"


@pytest.mark.parametrize("capability", [75, 90], ids=["T4", "H200"])
def test_kernels_compile_for_a_gpu_that_is_not_here(capability: int) -> None:
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    from memlib.kernels.fast_weights import triton_scan

    sizes = {"STEPS": 200, "TIME": 256, "WIDTH": 32}
    for function in (triton_scan._forward, triton_scan._backward):
        others = {"live": "*i8", "width": "i32", "forgotten": "fp32"} | dict.fromkeys(sizes, "constexpr")
        signature = {name: others.get(name, "*fp32") for name in function.arg_names}
        source = ASTSource(function, signature, sizes)
        assert "ptx" in triton.compile(source, target=GPUTarget("cuda", capability, 32)).asm


def test_the_plain_loops_run_where_there_is_no_gpu() -> None:
    assert scan._triton(torch.zeros(1, 2, 3)) is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device.")
@pytest.mark.parametrize("size", [0.2, 1.0, 3.0])
def test_a_gpu_chooses_the_kernels_and_gives_the_same_numbers(size: float) -> None:
    given = [x.cuda() for x in inputs(size)]
    assert scan._triton(given[3]) is not None
    for mask in (None, padding()):
        expected = everything(inputs(size), mask)
        found = everything(given, None if mask is None else mask.cuda())
        torch.testing.assert_close([x.cpu() for x in found], expected, rtol=1e-9, atol=1e-10)
