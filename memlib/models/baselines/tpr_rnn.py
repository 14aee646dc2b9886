"""TPR-RNN: a memory of third order that is written, moved and linked back by every sentence.

A sentence gives two entities e1, e2 and three roles r1, r2, r3. The memory F recalls an entity under an entity and a
role. All three changes are made to what F was before the sentence:

    write       e1 under r1 recalls e2 from now on, in place of ŵ;
    move        e1 under r2 recalls ŵ, what was just overwritten, in place of m̂;
    link back   e2 under r3 recalls e1, in place of b̂.

Each is a delta rule: exact where the keys are of length 1 and orthogonal to others. A question is answered by three
reads in a chain, see `tensor_inference`.

Source: schlag2018, Sec. 2
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from memlib.models.baselines.tensor_inference import TensorInference, signals
from memlib.models.steps import check_steps


@dataclass(frozen=True)
class TPRConfig:
    """How a TPR-RNN is built. The defaults are the paper's for all bAbI tasks.

    Attributes:
        width_in: of the inputs: of a sentence, and of a question.
        width_out: of the outputs; they are logits.
        entity_size: of an entity.
        role_size: of a role.
        hidden_size: of the networks that find entities and roles.
    """

    width_in: int
    width_out: int
    entity_size: int = 90
    role_size: int = 20
    hidden_size: int = 40

    def __post_init__(self) -> None:
        for name in ("width_in", "width_out", "entity_size", "role_size", "hidden_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"TPRConfig: expected {name} >= 1, got {getattr(self, name)}.")

    @classmethod
    def paper(cls, width_in: int, width_out: int, **options: Any) -> "TPRConfig":
        """As on all bAbI tasks together."""
        return cls(width_in, width_out, **options)


class TPRState(NamedTuple):
    """What a TPR-RNN carries along.

    Attributes:
        memory: F, [batch, entity, role, entity].
    """

    memory: Tensor


class TPRRNN(nn.Module):
    """The network on sequences of vectors; each vector is a sentence, and a question about all up to itself.

    Args:
        config: see `TPRConfig`.
    """

    def __init__(self, config: TPRConfig) -> None:
        super().__init__()
        self.config = config
        entity, role = config.entity_size, config.role_size
        self.signals = signals(config.width_in, config.hidden_size, (entity, entity, role, role, role))
        self.inference = TensorInference(config.width_in, entity, role, config.hidden_size)
        self.output = nn.Linear(entity, config.width_out, bias=False)
        nn.init.xavier_uniform_(self.output.weight)

    def initial_state(self, batch_size: int) -> TPRState:
        """Zeros."""
        entity, role = self.config.entity_size, self.config.role_size
        return TPRState(self.output.weight.new_zeros(batch_size, entity, role, entity))

    def change(
        self,
        memory: Float[Tensor, "batch entity role entity"],
        entities: Float[Tensor, "batch two entity"],
        roles: Float[Tensor, "batch three role"],
    ) -> Float[Tensor, "batch two role entity"]:
        """What a sentence adds under e1 and under e2: write and move under the one, the link back under the other.

        Source: schlag2018, Sec. 2.2
        """
        known = (entities @ memory.flatten(2)).unflatten(-1, memory.shape[2:])
        r1, r2, r3 = roles.unsqueeze(-2).unbind(1)
        written, moved, linked = r1 @ known[:, 0], r2 @ known[:, 0], r3 @ known[:, 1]
        e1, e2 = entities.unsqueeze(-2).unbind(1)
        under_first = r1.mT @ (e2 - written) + r2.mT @ (written - moved)
        return torch.stack([under_first, r3.mT @ (e1 - linked)], 1)

    def story(
        self,
        inputs: Float[Tensor, "batch time width_in"],
        state: TPRState | None = None,
        mask: Bool[Tensor, "batch time"] | None = None,
    ) -> list[Tensor]:
        """F after each sentence, [batch, entity, role, entity] each; where the mask is False it stays as it was."""
        memory = self.initial_state(len(inputs)).memory if state is None else TPRState(*state).memory
        e1, e2, *roles = (network(inputs) for network in self.signals)
        entities, after = torch.stack([e1, e2], 2), []
        for t, now in enumerate(torch.stack(roles, 2).unbind(1)):
            keys = entities[:, t]
            added = self.change(memory, keys, now)
            if mask is not None:
                added = added * mask[:, t].view(-1, 1, 1, 1)
            flat = torch.baddbmm(memory.flatten(2), keys.mT, added.flatten(2))
            memory = flat.view_as(memory)
            after.append(memory)
        return after

    def forward(
        self,
        inputs: Float[Tensor, "batch time width_in"],
        state: TPRState | None = None,
        scored: Bool[Tensor, "batch time"] | None = None,
    ) -> tuple[Float[Tensor, "batch time width_out"], TPRState]:
        """Run along a sequence.

        Args:
            inputs: [batch, time, width_in].
            state: before the first step; an empty memory when None.
            scored: where outputs are wanted; at a step that no row wants nothing is read and the output is 0.

        Returns:
            Logits [batch, time, width_out] and the last state.

        Raises:
            ValueError: the inputs have not three axes, no step, or another width; or the state is of another batch.
            TypeError: the inputs are not of the weights' kind of number.
        """
        check_steps(self, inputs, self.config.width_in, state)
        after = self.story(inputs, state)
        wanted = [True] * len(after) if scored is None else scored.any(0).tolist()
        nothing = inputs.new_zeros(len(inputs), self.config.width_out)
        said = [
            self.output(self.inference(inputs[:, t], memory)) if wanted[t] else nothing
            for t, memory in enumerate(after)
        ]
        return torch.stack(said, 1), TPRState(after[-1])

    def size(self) -> int:
        """How many weights are trained."""
        return sum(weight.numel() for weight in self.parameters())
