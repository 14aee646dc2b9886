"""The time of matrix products alone: what is left of a computation when everything else costs nothing."""

from collections.abc import Sequence

import torch

from memlib.benchmarks.benchmark import Product, Work


def products(wanted: Sequence[Product]) -> Work:
    """The given products on random float32 matrices, each into a place of its own that is used again.

    Args:
        wanted: at least one.

    Raises:
        ValueError: there is none.
    """
    if not wanted:
        raise ValueError("expected at least one matrix product.")
    made = [
        (
            torch.randn(one.batch, one.rows, one.inner),
            torch.randn(one.batch, one.inner, one.columns),
            torch.empty(one.batch, one.rows, one.columns),
            one.times,
        )
        for one in wanted
    ]

    @torch.no_grad()
    def call() -> None:
        for left, right, out, times in made:
            for _ in range(times):
                if out.shape[0] == 1:
                    torch.mm(left[0], right[0], out=out[0])
                else:
                    torch.bmm(left, right, out=out)

    operations = sum(2 * one.rows * one.inner * one.columns * one.batch * one.times for one in wanted)
    return Work(call, describe=lambda result: {"floating-point operations": operations})
