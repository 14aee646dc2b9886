"""Halting: how many steps to think before answering, learned by gradient.

A network may take several steps on one input. After each step a halting unit says how ready it is to stop, h_n in
[0, 1]. In adaptive computation time these numbers spend a budget of 1: the network stops at the first step N by which
they add up to 1 - ε, the last step gets what is left of the budget, R, and the answer is the mean of all steps under
these weights. `halting_weights` makes the weights, `mean_field` takes the mean, `ponder_cost` is what thinking costs.
A later way to halt, PonderNet's, stands below: there h_n is the chance to stop at n if one has come so far.

Papers: Graves 2016; Banino, Balaguer and Blundell 2021.
Deviations: the last axis holds a finite number of steps, which is the maximum M of the first paper: whoever reaches it
stops there. Steps after the last have the weight 0.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from memlib.mechanisms.shapes import checked

__all__ = [
    "chance_weights",
    "divergence",
    "geometric_prior",
    "halting_weights",
    "mean_field",
    "ponder_cost",
    "ponder_gradient",
    "spend",
    "steps_taken",
]


@checked
def steps_taken(probabilities: Float[Tensor, "*batch steps"], epsilon: float = 0.01) -> Int[Tensor, "*batch"]:
    """The first step by which the halting probabilities add up to 1 - ε: N, or the last step there is.

    N is a whole number that jumps; it has no gradient.

    Args:
        probabilities: h, in [0, 1], [..., steps].
        epsilon: ε, at least 0 and below 1; with 0 nobody stops before the sum has reached 1.

    Returns:
        N, counted from 1, [...].

    Raises:
        TypeError, ValueError: no floating-point tensor, no step, or an ε outside [0, 1).

    Source: graves2016act, Sec. 2
    """
    _check(probabilities, epsilon)
    # Written so that what is not a number never stops, and shows in the weights.
    short = ~(probabilities.detach().cumsum(-1) >= 1 - epsilon)
    return (short.sum(-1) + 1).clamp(max=probabilities.shape[-1])


@checked
def halting_weights(
    probabilities: Float[Tensor, "*batch steps"], epsilon: float = 0.01
) -> tuple[Float[Tensor, "*batch steps"], Int[Tensor, "*batch"], Float[Tensor, "*batch"]]:
    """Spend a budget of 1: h_n at each step before the last, the remainder R = 1 - Σ_{n<N} h_n at the last, then 0.

    Args:
        probabilities: h, in [0, 1], [..., steps].
        epsilon: ε, as in `steps_taken`.

    Returns:
        The weights p, which sum to 1, [..., steps]; N, [...]; and R, [...].

    Raises:
        TypeError, ValueError: no floating-point tensor, no step, or an ε outside [0, 1).

    Source: graves2016act, Sec. 2
    """
    steps = steps_taken(probabilities, epsilon)
    weights, remainder = spend(probabilities, steps)
    return weights, steps, remainder


@checked
def spend(
    probabilities: Float[Tensor, "*#batch steps"], last: Int[Tensor, "*#batch"]
) -> tuple[Float[Tensor, "*#batch steps"], Float[Tensor, "*#batch"]]:
    """Spend the budget where it is known which step is the last: `halting_weights` for those who have stopped already.

    Args:
        probabilities: h, [..., steps]; what stands at the last step and after it does not matter.
        last: N, from 1 to the number of steps, [...].

    Returns:
        The weights p, [..., steps], and the remainder R, [...].

    Source: graves2016act, Sec. 2
    """
    at = torch.arange(1, probabilities.shape[-1] + 1, device=probabilities.device)
    before = torch.where(at < last.unsqueeze(-1), probabilities, 0.0)
    remainder = 1 - before.sum(-1)
    return torch.where(at == last.unsqueeze(-1), remainder.unsqueeze(-1), before), remainder


@checked
def mean_field(
    weights: Float[Tensor, "*#batch steps"], values: Float[Tensor, "*#batch steps width"]
) -> Float[Tensor, "*#batch width"]:
    """The mean of what all steps say, each with its weight: Σ_n p_n s_n. For states and for outputs.

    Args:
        weights: p, [..., steps].
        values: s, [..., steps, width].

    Source: graves2016act, Sec. 2
    """
    return (weights.unsqueeze(-2) @ values).squeeze(-2)


@checked
def ponder_cost(steps: Int[Tensor, "*#batch"], remainder: Float[Tensor, "*#batch"]) -> Float[Tensor, "*#batch"]:
    """What a halt costs: N + R. The loss of a sequence has τ times its sum over time added to it.

    N counts steps but has no gradient; R has one, and falls as earlier steps take more of the budget.

    Args:
        steps: N, [...].
        remainder: R, [...].

    Source: graves2016act, Sec. 2.1
    """
    return steps + remainder


@checked
def ponder_gradient(
    probabilities: Float[Tensor, "*batch steps"], epsilon: float = 0.01
) -> Float[Tensor, "*batch steps"]:
    """How `ponder_cost` changes with each halting probability: -1 before the last step, 0 from it on.

    It is written out for the reader; autograd finds the same.

    Args:
        probabilities: h, in [0, 1], [..., steps].
        epsilon: ε, as in `steps_taken`.

    Source: graves2016act, Sec. 2.2
    """
    at = torch.arange(1, probabilities.shape[-1] + 1, device=probabilities.device)
    return -(at < steps_taken(probabilities, epsilon).unsqueeze(-1)).to(probabilities.dtype)


@checked
def chance_weights(probabilities: Float[Tensor, "*batch steps"]) -> Float[Tensor, "*batch steps"]:
    """PonderNet: the chance to stop at n is λ_n Π_{j<n} (1 - λ_j); the last step takes what is left.

    Here λ_n is the chance to stop at step n of one that has come so far, and N is drawn. Each answer is scored by
    itself and the losses are averaged under these weights, so every λ has a gradient.

    Args:
        probabilities: λ, in [0, 1], [..., steps]; that of the last step is not used.

    Returns:
        Chances that sum to 1, [..., steps].

    Source: banino2021, Sec. 2.1
    """
    going = (1 - probabilities[..., :-1]).cumprod(-1)
    reached = torch.cat([torch.ones_like(probabilities[..., :1]), going], -1)
    stopping = torch.cat([probabilities[..., :-1], torch.ones_like(probabilities[..., :1])], -1)
    return reached * stopping


@checked
def geometric_prior(steps: int, rate: float, dtype: torch.dtype = torch.float32) -> Float[Tensor, " steps"]:
    """PonderNet's prior: stop at each step with the same chance, as `chance_weights` of a constant.

    Args:
        steps: how many there are.
        rate: the chance, above 0 and at most 1; without an end, 1 / rate steps are taken on average.
        dtype: of the result.

    Raises:
        ValueError: no step, or a rate outside (0, 1].

    Source: banino2021, Sec. 2.2
    """
    if steps < 1 or not 0 < rate <= 1:
        raise ValueError(f"geometric_prior: expected at least one step and a rate in (0, 1], got {steps} and {rate}.")
    made: Tensor = chance_weights(torch.full((steps,), rate, dtype=dtype))
    return made


@checked
def divergence(
    weights: Float[Tensor, "*#batch steps"], prior: Float[Tensor, "*#batch steps"]
) -> Float[Tensor, "*#batch"]:
    """How far chances to stop are from a prior: KL(p ‖ q) = Σ_n p_n log(p_n / q_n). PonderNet's cost of thinking.

    Args:
        weights: p, [..., steps].
        prior: q, above 0 wherever p is, [..., steps].

    Source: banino2021, Sec. 2.2
    """
    # Where a chance is 0, so is what it adds; its logarithm would have no gradient.
    safe = torch.where(weights == 0, 1.0, weights)
    return torch.where(weights == 0, 0.0, weights * (safe.log() - prior.log())).sum(-1)


def _check(probabilities: Tensor, epsilon: float) -> None:
    if probabilities.shape[-1] == 0 or not 0 <= epsilon < 1:
        raise ValueError(
            f"halting: expected at least one step and an epsilon in [0, 1), got {probabilities.shape[-1]} steps and "
            f"{epsilon}."
        )
