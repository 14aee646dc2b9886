"""Hard attention: one position is chosen, by chance, in proportion to the weights.

What is read is then no smooth function of the weights. Three ways to learn where to look all the same: REINFORCE takes
the one branch that was drawn and makes it likelier the better it ended; the sum over all positions needs every branch,
but no chance; straight-through sampling goes forward by one branch and backward as if there had been a mean.

Papers: Williams 1992 (REINFORCE and its baseline), Xu et al. 2015 (hard attention over an image), Bengio et al. 2013
(straight-through).
Deviations: losses are of one choice a row and not averaged; the caller takes the mean.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from memlib.mechanisms.shapes import checked


@checked
def hard_sample(weights: Float[Tensor, "*batch n"], generator: torch.Generator | None = None) -> Int[Tensor, "*batch"]:
    """Draw one position a row, position i with probability α_i.

    Args:
        weights: α, [..., n], not negative; rows need not sum to 1. A position of weight 0 is never drawn.
        generator: of the draw; torch's own when None.

    Returns:
        Positions [...].

    Raises:
        TypeError, ValueError: no floating-point tensor, or a row is negative, not finite, or 0 everywhere.

    Source: xu2015, Sec. 4.1
    """
    some = weights.shape[-1] > 0
    rows = weights.detach().reshape(-1, weights.shape[-1] if some else 1)
    proper = bool(((rows >= 0) & rows.isfinite()).all()) and bool((rows.sum(-1) > 0).all())
    if not some or not proper:
        raise ValueError("hard_sample: expected weights that are finite, not negative, and not all 0 in any row.")
    return torch.multinomial(rows, 1, generator=generator).reshape(weights.shape[:-1])


@checked
def hard_read(value: Float[Tensor, "*#batch n dv"], index: Int[Tensor, "*#batch q"]) -> Float[Tensor, "*#batch q dv"]:
    """Read one position alone: v_s.

    Args:
        value: v, [..., n, dv].
        index: s, positions [..., q].

    Returns:
        [..., q, dv].

    Source: xu2015, Sec. 4.1
    """
    leading = torch.broadcast_shapes(value.shape[:-2], index.shape[:-1])
    places = index.expand(*leading, -1).unsqueeze(-1).expand(*leading, -1, value.shape[-1])
    return value.expand(*leading, -1, -1).gather(-2, places)


def _beside(weights: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
    """Bring weights [..., n] and one place a row to the same leading axes: [..., n] and [..., 1]."""
    leading = torch.broadcast_shapes(weights.shape[:-1], index.shape)
    return weights.expand(*leading, -1), index.expand(leading).unsqueeze(-1)


@checked
def reinforce_loss(
    weights: Float[Tensor, "*#batch n"],
    index: Int[Tensor, "*#batch"],
    reward: Float[Tensor, "*#batch"],
    baseline: Float[Tensor, "*#batch"] | float = 0.0,
) -> Float[Tensor, "*#batch"]:
    """A loss whose gradient is that of REINFORCE: -(R - b) log α_s, with R and b held fixed.

    Over many draws of s the gradient's mean is that of -`expected_reward` with R held fixed. A baseline that does not
    depend on s leaves the mean as it is and can lower the variance.

    Args:
        weights: α, [..., n].
        index: s, drawn by `hard_sample`, [...].
        reward: R of that choice, [...]; no gradient flows into it.
        baseline: b, a number or [...]; no gradient flows into it.

    Returns:
        [...].

    Source: williams1992; xu2015, Sec. 4.1
    """
    every, place = _beside(weights, index)
    chosen = every.gather(-1, place).squeeze(-1)
    advantage = reward.detach() - (baseline.detach() if isinstance(baseline, Tensor) else baseline)
    return -advantage * chosen.log()


@checked
def baseline_loss(reward: Float[Tensor, "*#batch"], baseline: Float[Tensor, "*#batch"]) -> Float[Tensor, "*#batch"]:
    """Train a baseline to foresee the reward: (R - b)², with R held fixed.

    Args:
        reward: R, [...].
        baseline: b, [...]; from anything that is known before the draw.

    Source: williams1992
    """
    return (reward.detach() - baseline) ** 2


@checked
def entropy(weights: Float[Tensor, "*batch n"]) -> Float[Tensor, "*batch"]:
    """How undecided the weights are: -Σ_i α_i log α_i, in nats; 0 at one position, log n at equal weights.

    Source: xu2015, Sec. 4.1
    """
    return torch.special.entr(weights).sum(-1)


@checked
def expected_reward(
    weights: Float[Tensor, "*#batch n"], reward: Float[Tensor, "*#batch n"]
) -> Float[Tensor, "*#batch"]:
    """What hard attention gets on average, every branch tried: Σ_i α_i R_i.

    With R_i = log p(y | i) this is a lower bound of `marginal_log_likelihood`.

    Args:
        weights: α, [..., n].
        reward: R_i of each choice, [..., n].

    Source: xu2015, Sec. 4.1
    """
    return (weights * reward).sum(-1)


@checked
def marginal_log_likelihood(
    weights: Float[Tensor, "*#batch n"], log_likelihood: Float[Tensor, "*#batch n"]
) -> Float[Tensor, "*#batch"]:
    """The exact likelihood when the position is drawn and not observed: log Σ_i α_i p(y | i).

    Args:
        weights: α, [..., n]; a position of weight 0 counts for nothing.
        log_likelihood: log p(y | i), [..., n].

    Returns:
        [...].

    Source: xu2015, Sec. 4.1
    """
    most = log_likelihood.masked_fill(weights == 0, -torch.inf).amax(-1, keepdim=True).detach()
    most = most.masked_fill(most.isinf(), 0.0)
    # Only where the weight is 0 can the difference be large: 80 keeps its exponential finite.
    share = (log_likelihood - most).clamp(max=80.0).exp()
    return (weights * share).sum(-1).log() + most.squeeze(-1)


@checked
def posterior(
    weights: Float[Tensor, "*#batch n"], log_likelihood: Float[Tensor, "*#batch n"]
) -> Float[Tensor, "*#batch n"]:
    """Where one should have looked, now that the answer is known: α_i p(y | i) / Σ_j α_j p(y | j).

    Args:
        weights: α, [..., n].
        log_likelihood: log p(y | i), [..., n].

    Source: xu2015, Sec. 4.1
    """
    return (weights.log() + log_likelihood).softmax(-1)


@checked
def marginal_gradient(
    weights: Float[Tensor, "*#batch n"], log_likelihood: Float[Tensor, "*#batch n"]
) -> Float[Tensor, "*#batch n"]:
    """The gradient of `marginal_log_likelihood` in the scores under the weights: posterior less prior.

    Args:
        weights: α, the softmax of the scores, [..., n].
        log_likelihood: log p(y | i), [..., n].

    Source: xu2015, Sec. 4.1
    """
    return posterior(weights, log_likelihood) - weights


@checked
def straight_through(weights: Float[Tensor, "*#batch n"], index: Int[Tensor, "*#batch"]) -> Float[Tensor, "*#batch n"]:
    """One position going forward, all of them going backward: the one-hot of s, with the gradient of α.

    The gradient is biased: it asks how the loss would change at s, not what another choice would have brought.

    Args:
        weights: α, [..., n].
        index: s, [...].

    Returns:
        Weights for `soft_read`, [..., n].

    Source: bengio2013
    """
    every, place = _beside(weights, index)
    return torch.zeros_like(every).scatter(-1, place, 1.0) + (every - every.detach())
