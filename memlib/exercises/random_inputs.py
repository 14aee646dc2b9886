"""Random inputs for the cases: float64 and complex128, from a seed, so that a check is the same every time."""

import torch
from torch import Tensor


class Draw:
    """A source of random tensors with its own generator."""

    def __init__(self, seed: int) -> None:
        self._generator = torch.Generator().manual_seed(seed)

    def real(self, *shape: int) -> Tensor:
        """Normal float64 entries."""
        return torch.randn(*shape, generator=self._generator, dtype=torch.float64)

    def fraction(self, *shape: int) -> Tensor:
        """float64 entries between 0.2 and 0.9."""
        return 0.2 + 0.7 * torch.rand(*shape, generator=self._generator, dtype=torch.float64)

    def complex(self, *shape: int) -> Tensor:
        """complex128 entries with normal parts: their moduli are not 1."""
        return torch.complex(self.real(*shape), self.real(*shape))

    def phases(self, *shape: int) -> Tensor:
        """complex128 entries of modulus 1."""
        turn = torch.rand(*shape, generator=self._generator, dtype=torch.float64)
        return torch.polar(torch.ones_like(turn), 2 * torch.pi * turn)

    def orders(self, copies: int, dim: int) -> Tensor:
        """A permutation of `dim` entries for each copy, the identity first."""
        rest = [torch.randperm(dim, generator=self._generator) for _ in range(copies - 1)]
        return torch.stack([torch.arange(dim), *rest])
