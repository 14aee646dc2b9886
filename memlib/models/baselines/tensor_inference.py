"""A question to a memory of third order: three reads in a chain, each under what the one before has found.

The memory F is a tensor [entity, role, entity]: an entity and a role recall another entity. A question gives one entity
and three roles. Read one starts from the question's entity; read two from what read one found, and so on. Each find is
normalised, and the sum of all three is the answer.

Source: schlag2018, Sec. 2.3
"""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from memlib.mechanisms.fast_weights import tensor_read

EPSILON = 1e-7
READS = 3


def signals(width: int, hidden: int, sizes: tuple[int, ...]) -> nn.ModuleList:
    """Small networks of one hidden layer, tanh after both: one for each entity or role that a vector names.

    Args:
        width: of the vector.
        hidden: of the hidden layer.
        sizes: of what each network gives.
    """
    networks = nn.ModuleList(
        nn.Sequential(nn.Linear(width, hidden), nn.Tanh(), nn.Linear(hidden, size), nn.Tanh()) for size in sizes
    )
    for layer in networks.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return networks


class ScalarNorm(nn.Module):
    """Mean 0 and variance 1 along the last axis, then one learned gain and one learned bias for all entries."""

    def __init__(self) -> None:
        super().__init__()
        self.gain, self.bias = nn.Parameter(torch.ones(1)), nn.Parameter(torch.zeros(1))

    def forward(self, vector: Float[Tensor, "*batch d"]) -> Float[Tensor, "*batch d"]:
        """The same shape."""
        return nn.functional.layer_norm(vector, vector.shape[-1:], eps=EPSILON) * self.gain + self.bias


class TensorInference(nn.Module):
    """See the module's text.

    Args:
        width: of a question.
        entity_size: of an entity.
        role_size: of a role.
        hidden_size: of the networks that find entities and roles in a question.

    Raises:
        ValueError: a size is below 1.
    """

    def __init__(self, width: int, entity_size: int = 90, role_size: int = 20, hidden_size: int = 40) -> None:
        super().__init__()
        sizes = (width, entity_size, role_size, hidden_size)
        if min(sizes) < 1:
            raise ValueError(
                f"TensorInference: expected width, entity_size, role_size and hidden_size above 0; got {sizes}."
            )
        self.entity_size, self.role_size = entity_size, role_size
        self.signals = signals(width, hidden_size, (entity_size, *[role_size] * READS))
        self.norms = nn.ModuleList(ScalarNorm() for _ in range(READS))

    def finds(
        self, question: Float[Tensor, "*batch width"], memory: Float[Tensor, "*batch entity role entity"]
    ) -> list[Tensor]:
        """What each read finds, [..., entity] each.

        Raises:
            ValueError: the memory is of other sizes, or of another batch than the question.

        Source: schlag2018, Sec. 2.3
        """
        expected = (*question.shape[:-1], self.entity_size, self.role_size, self.entity_size)
        if memory.shape != expected:
            raise ValueError(f"TensorInference: expected a memory {expected}, got {tuple(memory.shape)}.")
        found, *roles = (network(question) for network in self.signals)
        chain = [found]
        for role, norm in zip(roles, self.norms, strict=True):
            chain.append(norm(tensor_read(memory, chain[-1], role)))
        return [after for _, after in pairwise(chain)]

    def forward(
        self, question: Float[Tensor, "*batch width"], memory: Float[Tensor, "*batch entity role entity"]
    ) -> Float[Tensor, "*batch entity"]:
        """The sum of the three finds.

        Args:
            question: [..., width].
            memory: F, [..., entity, role, entity].

        Raises:
            ValueError: the memory is of another size.
        """
        first, second, third = self.finds(question, memory)
        return first + second + third
