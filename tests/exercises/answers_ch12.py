"""Chapter 12: right and wrong answers. The wrong ones are written as a student would, not as the check has them."""

import torch
from torch.nn.functional import log_softmax, softmax

from memlib.exercises import ch12
from memlib.training import actor_critic
from tests.exercises.answers import Answers
from tests.exercises.answers_ch12_world import ACT, REACHABLE


def backwards(combine):
    """R_t = combine(r_t, discount, R_{t+1}, r_{t+1}), by a loop."""

    def answer(rewards, discount):
        found, later, after = [], torch.zeros_like(rewards[0]), torch.zeros_like(rewards[0])
        for reward in reversed(list(rewards)):
            later, after = combine(reward, discount, later, after), reward
            found.append(later)
        return torch.stack(found[::-1])

    return answer


returns = backwards(lambda r, d, later, after: r + d * later)


def returns_in_place(rewards, discount):
    for t in range(len(rewards) - 2, -1, -1):
        rewards[t] += discount * rewards[t + 1]
    return rewards


def forwards(rewards, discount):
    found = [rewards[0]]
    for reward in rewards[1:]:
        found.append(reward + discount * found[-1])
    return torch.stack(found)


def from_the_start(rewards, discount):
    return torch.stack([sum(discount**i * rewards[i] for i in range(t, len(rewards))) for t in range(len(rewards))])


def divided(rewards, discount):
    powers = discount ** torch.arange(len(rewards), dtype=torch.float64)
    return (rewards * powers).flip(0).cumsum(0).flip(0) / powers


def never_turned(rewards, discount):
    found = [torch.zeros_like(rewards[0])]
    for t in reversed(range(len(rewards))):
        found.append(rewards[t] + discount * found[-1])
    return torch.stack(found[1:])


def running_mean(rewards, discount):
    share = 1.0 if discount == 1 else 1 - discount
    return backwards(lambda r, d, later, after: share * r + d * later)(rewards, discount)


def written_too_early(rewards, discount):
    result, ahead = torch.zeros_like(rewards), 0
    for t in reversed(range(len(rewards))):
        result[t] = ahead
        ahead = rewards[t] + discount * ahead
    return result


def from_the_last_but_one(rewards, discount):
    result = torch.zeros_like(rewards)
    for t in reversed(range(len(rewards) - 1)):
        result[t] = rewards[t] + discount * result[t + 1]
    return result


RETURNS = Answers(
    ch12.check_returns,
    returns,
    (
        ("forwards", forwards),
        ("immediate", lambda r, d: r.clone()),
        ("next-return", written_too_early),
        ("last-forgotten", from_the_last_but_one),
        ("undiscounted", lambda r, d: r.flip(0).cumsum(0).flip(0)),
        ("own-discounted", backwards(lambda r, d, later, after: d * (r + later))),
        ("without-own", lambda r, d: returns(r, d) - r),
        ("from-the-start", from_the_start),
        ("own-weight", running_mean),
        ("next-reward-only", backwards(lambda r, d, later, after: r + d * after)),
        ("reversed", never_turned),
        ("first-only", lambda r, d: sum(d**i * r[i] for i in range(len(r)))),
        ("overflow", divided),
        ("argument-order", lambda discount, rewards: rewards),
        ("wrong-values", backwards(lambda r, d, later, after: r + d**2 * later)),
        ("dtype", lambda r, d: returns(r, d).float()),
    ),
    returns_in_place,
)


def policy_loss(log_p, returns, values):
    total = 0.0
    for p, r, v in zip(log_p, returns, values, strict=True):
        total = total - (r - v).item() * p
    return total / len(log_p)


def policy_loss_in_place(log_p, returns, values):
    returns -= values
    return -(returns.detach() * log_p).mean()


POLICY_LOSS = Answers(
    ch12.check_policy_loss,
    policy_loss,
    (
        ("sign", lambda p, r, v: -((v - r).detach() * p).mean()),
        ("no-baseline", lambda p, r, v: -(r @ p) / len(p)),
        ("values-for-returns", lambda p, r, v: -(v.detach() @ p) / len(p)),
        ("added", lambda p, r, v: -((r + v).detach() @ p) / len(p)),
        ("sum", lambda p, r, v: -(r - v).detach() @ p),
        ("probability", lambda p, r, v: -((r - v).detach() * torch.exp(p)).mean()),
        ("squared", lambda p, r, v: -((r - v).detach() ** 2 * p).mean()),
        ("absolute", lambda p, r, v: -(torch.abs(r - v).detach() * p).mean()),
        ("means-apart", lambda p, r, v: -(r.mean() - v.mean()).detach() * p.mean()),
        ("logarithm-twice", lambda p, r, v: -((r - v).detach() * torch.log(p)).mean()),
        ("clipped", lambda p, r, v: -(torch.relu(r - v).detach() * p).mean()),
        ("value-loss", lambda p, r, v: torch.nn.functional.mse_loss(v, r)),
        ("per-step", lambda p, r, v: (v - r).detach() * p),
        ("not-detached", lambda p, r, v: -((r - v) * p).mean()),
        ("no-gradient", lambda p, r, v: -((r - v) * p.detach()).mean()),
        ("no-gradient", lambda p, r, v: torch.tensor(policy_loss(p, r, v).item(), dtype=torch.float64)),
        ("type", lambda p, r, v: policy_loss(p, r, v).item()),
        ("wrong-values", lambda p, r, v: -((r - v).detach() * p).median()),
    ),
    policy_loss_in_place,
)


def summed(weight, surprise, axis=-1):
    """Σ weight(p) surprise(log p) over the last axis."""

    def answer(logits):
        log_p = log_softmax(logits, axis)
        return (weight(log_p.exp()) * surprise(log_p)).sum(-1)

    return answer


entropy = summed(lambda p: p, lambda log_p: -log_p)


def entropy_in_place(logits):
    logits -= logits.logsumexp(-1, keepdim=True)
    return -(logits.exp() * logits).sum(-1)


def of_probabilities(constant):
    def answer(logits):
        p = softmax(logits, -1)
        return -(p * torch.log(p + constant)).sum(-1)

    return answer


ENTROPY = Answers(
    ch12.check_entropy,
    entropy,
    (
        ("sign", summed(lambda p: p, lambda log_p: log_p)),
        ("mean", lambda x: entropy(x) / x.shape[-1]),
        ("all-in-one", lambda x: -(softmax(x, -1) * log_softmax(x, -1)).sum()),
        ("bits", summed(lambda p: p, lambda log_p: -log_p / torch.log(torch.tensor(2.0, dtype=torch.float64)))),
        ("no-softmax", lambda x: -(torch.exp(x) * x).sum(-1)),
        ("logits-for-logs", lambda x: -(softmax(x, -1) * x).sum(-1)),
        ("unweighted", summed(lambda p: 1, lambda log_p: -log_p)),
        ("surest", lambda x: -torch.log(softmax(x, -1).max(-1).values)),
        ("wrong-axis", summed(lambda p: p, lambda log_p: -log_p, axis=0)),
        ("nan", of_probabilities(0.0)),
        ("small-constant", of_probabilities(1e-8)),
        ("shape", lambda x: entropy(x).unsqueeze(-1)),
        ("wrong-values", summed(lambda p: p**2, lambda log_p: -log_p)),
    ),
    entropy_in_place,
)

ALL = (RETURNS, POLICY_LOSS, ENTROPY, ACT, REACHABLE)
LIBRARY = {"returns": lambda r, d: actor_critic.returns(r[None], d)[0]}
