"""How a Differentiable Neural Computer finds free slots, remembers its order of writing, and follows it.

In the paper's order: reads free what they have read (`retention`), writes use slots up (`usage`), the least used slot
is offered for the next write (`allocate`), and two gates decide where a write goes (`write_weights`). Then time: which
slot was written last (`precede`), which one after which (`link`), where that leads from the last read (`directions`),
and a mixture of the three ways of reading (`read_modes`).

Paper: Graves et al. 2016 (the article in Nature, its Methods). Its axes: N slots, R read heads.
Deviations: the allocation is not computed by sorting. For each slot, the usages of those that a sort would place before
it are multiplied: the same numbers and the same gradient, since the order counts as constant in both, and ties go to
the lower slot. The product is a sum of logarithms, which neither loses a gradient at a usage of 0 nor divides by it.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from memlib.mechanisms.lerp import lerp
from memlib.mechanisms.shapes import checked

# Added to a usage before its logarithm: too little to change any usage that a single-precision number can tell from 0.
TINY = 1e-20


@checked
def oneplus(value: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """A strength that is at least 1: 1 + log(1 + eˣ), any shape.

    Source: graves2016dnc, Sec. Interface parameters
    """
    return 1 + torch.nn.functional.softplus(value, threshold=50)


@checked
def retention(
    free_gates: Float[Tensor, "*#batch heads"], read_weights: Float[Tensor, "*#batch heads slots"]
) -> Float[Tensor, "*#batch slots"]:
    """How much of each slot is not freed: ψ = Π_heads (1 - f w), [..., slots] in [0, 1].

    Args:
        free_gates: f of each read head, [..., heads] in [0, 1]; 1 frees what the head read last.
        read_weights: w of the last step, [..., heads, slots].

    Source: graves2016dnc, Sec. Dynamic memory allocation
    """
    return (1 - free_gates.unsqueeze(-1) * read_weights).prod(-2)


@checked
def usage(
    previous: Float[Tensor, "*#batch slots"],
    write_weights: Float[Tensor, "*#batch slots"],
    kept: Float[Tensor, "*#batch slots"],
) -> Float[Tensor, "*#batch slots"]:
    """How much each slot is in use: (u + w - u ⊙ w) ⊙ ψ, [..., slots] in [0, 1].

    Args:
        previous: u of the last step, [..., slots] in [0, 1]; zeros at the start.
        write_weights: w of the last write, [..., slots].
        kept: ψ, as `retention` gives it, [..., slots].

    Source: graves2016dnc, Sec. Dynamic memory allocation
    """
    return (previous + write_weights - previous * write_weights) * kept


@checked
def allocate(usage: Float[Tensor, "*batch slots"]) -> Float[Tensor, "*batch slots"]:
    """Offer the free slots: a[i] = (1 - u[i]) Π u[j] over the slots j that are less used than i, [..., slots].

    One free slot gets everything. Where all slots are used the offer is 0 everywhere. The sum is 1 - Π u, at most 1.
    The order of the slots counts as a constant for the gradient, as in the paper.

    Args:
        usage: u, [..., slots] in [0, 1]. Of equal ones the lower slot comes first.

    Source: graves2016dnc, Eq. 1
    """
    here, there = usage.detach().unsqueeze(-1), usage.detach().unsqueeze(-2)
    lower = torch.ones_like(here * there, dtype=torch.bool).tril(-1)
    before = ((there < here) | ((there == here) & lower)).to(usage.dtype)
    logarithms = (usage + TINY).log().unsqueeze(-1)
    product = (before @ logarithms).squeeze(-1).exp()
    # A product with a 0 in it is 0; its gradient is as it was.
    return (1 - usage) * (product - torch.where(product <= 2 * TINY, product, 0.0).detach())


@checked
def write_weights(
    content: Float[Tensor, "*#batch slots"],
    allocation: Float[Tensor, "*#batch slots"],
    allocation_gate: Float[Tensor, "*#batch 1"],
    write_gate: Float[Tensor, "*#batch 1"],
) -> Float[Tensor, "*#batch slots"]:
    """Where to write: g_w (g_a a + (1 - g_a) c), [..., slots], of sum at most 1.

    Args:
        content: c, the slots most like the write key, [..., slots], of sum 1.
        allocation: a, as `allocate` gives it, [..., slots].
        allocation_gate: g_a, [..., 1] in [0, 1]; 1 writes to free slots, 0 to like ones.
        write_gate: g_w, [..., 1] in [0, 1]; 0 writes nowhere.

    Source: graves2016dnc, Sec. Write weighting
    """
    return write_gate * lerp(content, allocation, allocation_gate)


@checked
def precede(
    precedence: Float[Tensor, "*#batch slots"], write_weights: Float[Tensor, "*#batch slots"]
) -> Float[Tensor, "*#batch slots"]:
    """How much each slot was the last one written: (1 - Σ w) p + w, [..., slots], of sum at most 1.

    Args:
        precedence: p of the last step, [..., slots]; zeros at the start.
        write_weights: w of this step, [..., slots].

    Source: graves2016dnc, Sec. Temporal memory linkage
    """
    return (1 - write_weights.sum(-1, keepdim=True)) * precedence + write_weights


@checked
def link(
    link: Float[Tensor, "*#batch slots slots"],
    precedence: Float[Tensor, "*#batch slots"],
    write_weights: Float[Tensor, "*#batch slots"],
) -> tuple[Float[Tensor, "*#batch slots slots"], Float[Tensor, "*#batch slots"]]:
    """Note what was written after what: L[i, j] ← (1 - w[i] - w[j]) L[i, j] + w[i] p[j], and 0 for i = j.

    Args:
        link: L of the last step, [..., slots, slots]; L[i, j] is how much i was written right after j. Zeros at the
            start. Its size is what the links cost: the square of the number of slots, at every step.
        precedence: p of the last step, [..., slots].
        write_weights: w of this step, [..., slots].

    Returns:
        The new L, whose rows and columns sum to at most 1, and the new precedence.

    Source: graves2016dnc, Sec. Temporal memory linkage
    """
    after, before = write_weights.unsqueeze(-1), write_weights.unsqueeze(-2)
    new = (1 - after - before) * link + after * precedence.unsqueeze(-2)
    others = 1 - torch.eye(new.shape[-1], dtype=new.dtype, device=new.device)
    return new * others, precede(precedence, write_weights)


@checked
def directions(
    link: Float[Tensor, "*#batch slots slots"], read_weights: Float[Tensor, "*#batch heads slots"]
) -> tuple[Float[Tensor, "*#batch heads slots"], Float[Tensor, "*#batch heads slots"]]:
    """Where the order of writing leads from the last reads: forward L w, and backward Lᵀ w.

    Args:
        link: L of this step, [..., slots, slots].
        read_weights: w of the last step, [..., heads, slots].

    Returns:
        Forward weights (what was written next) and backward weights (what was written before), [..., heads, slots]
        each, of sum at most 1.

    Source: graves2016dnc, Sec. Temporal memory linkage
    """
    return read_weights @ link.mT, read_weights @ link


@checked
def read_modes(
    backward: Float[Tensor, "*#batch heads slots"],
    content: Float[Tensor, "*#batch heads slots"],
    forward: Float[Tensor, "*#batch heads slots"],
    modes: Float[Tensor, "*#batch heads 3"],
) -> Float[Tensor, "*#batch heads slots"]:
    """Where to read: π_1 b + π_2 c + π_3 f, [..., heads, slots], of sum at most 1.

    Args:
        backward: b, as `directions` gives it second, [..., heads, slots].
        content: c, the slots most like each read key, [..., heads, slots].
        forward: f, as `directions` gives it first, [..., heads, slots].
        modes: π of each head, [..., heads, 3], at least 0, of sum 1: backward, by content, forward.

    Source: graves2016dnc, Sec. Read weighting
    """
    back, by_content, on = modes.split(1, -1)
    return back * backward + by_content * content + on * forward
