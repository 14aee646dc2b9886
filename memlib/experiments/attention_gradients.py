"""How good is one draw? The variance and the bias of the estimators of hard attention's gradient, at equal samples.

A network that counts objects is trained by REINFORCE. At a few stages of its training, and for each of some pictures,
the gradient of the mean log-likelihood, Σ_i α_i log p(y | i), in the scores of the regions is compared with its
estimators from one draw. There are nine branches, so nothing needs to be drawn: an estimator's mean and variance are
sums over the branches, weighted with their probabilities. The same is then done once more with draws, as a check.

Everything is relative to the squared norm of the exact gradient, summed over the pictures. The exact likelihood stands
beside them without a draw; what is called its bias is that it has another aim, log Σ_i α_i p(y | i).

Source: williams1992; xu2015, Sec. 4.1; bengio2013
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from memlib.experiments import bahdanau2015
from memlib.experiments.attention_runs import counter
from memlib.mechanisms.attention import (
    attention_weights,
    expected_reward,
    hard_sample,
    marginal_gradient,
    soft_read,
    straight_through,
)
from memlib.models.region_attention import RegionAttention
from memlib.runtime import PROFILES
from memlib.tasks import counting_objects

NAME = "attention-gradient-variance"
ESTIMATORS = {
    "reinforce": "REINFORCE",
    "reinforce_learned_baseline": "with a learned baseline",
    "reinforce_mean_baseline": "with the mean reward as baseline",
    "straight_through": "straight-through",
    "marginal": "exact likelihood, all branches",
}


@dataclass(frozen=True)
class Settings:
    """What is measured.

    Attributes:
        stages: updates after which it is measured.
        pictures: how many.
        draws: of each picture, for the check.
        seeds: of the training.
    """

    stages: tuple[int, ...] = (0, 500, 2_000, 8_000)
    pictures: int = 512
    draws: int = 1_000
    seeds: tuple[int, ...] = (1, 2, 3)

    @classmethod
    def quick(cls) -> "Settings":
        """One seed, in half a minute."""
        return cls(stages=(0, 300, 1_500), pictures=128, draws=400, seeds=(1,))


def estimates(model: RegionAttention, pictures: counting_objects.Pictures) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """Every estimator's gradient for every branch.

    Args:
        model: with one glance.
        pictures: a batch.

    Returns:
        The weights α [pictures, regions]; the exact gradient of Σ_i α_i log p(y | i) in the scores [pictures, regions];
        and for each of `ESTIMATORS` its gradients, [pictures, regions (branch), regions (score)].

    Raises:
        ValueError: the model takes more than one glance.
    """
    if model.config.glances != 1:
        raise ValueError(f"expected a model of one glance, got {model.config.glances}.")
    with torch.no_grad():
        seen, state = model.see(pictures.regions), torch.tanh(model.begin(pictures.question))
        scores = model.scores(state, model.of_region(seen))
        weights, logs = model.branches(pictures.regions, pictures.question, pictures.answer)
        baseline = model.foresee(state)
    count = weights.shape[1]
    mean = expected_reward(weights, logs).unsqueeze(1)
    exact = weights * (logs - mean)
    direction = torch.eye(count, device=weights.device) - weights.unsqueeze(1)

    def bent(branch: int) -> Tensor:
        leaf = scores.clone().requires_grad_()
        index = torch.full_like(pictures.answer, branch)
        found = soft_read(straight_through(attention_weights(leaf), index).unsqueeze(1), seen).squeeze(1)
        logits = model.answer(model.cell(found, state))
        return torch.autograd.grad(-functional.cross_entropy(logits, pictures.answer, reduction="sum"), leaf)[0]

    with torch.enable_grad():
        through = torch.stack([bent(branch) for branch in range(count)], 1)
    found = {
        "reinforce": logs.unsqueeze(-1) * direction,
        "reinforce_learned_baseline": (logs - baseline).unsqueeze(-1) * direction,
        "reinforce_mean_baseline": (logs - mean).unsqueeze(-1) * direction,
        "straight_through": through,
        "marginal": marginal_gradient(weights, logs).unsqueeze(1).expand(-1, count, -1),
    }
    return weights, exact, found


def summary(
    weights: Tensor, exact: Tensor, gradients: Tensor, generator: torch.Generator, draws: int
) -> dict[str, float]:
    """Mean and variance of one estimator, by branches and by draws.

    Args:
        weights: α, [pictures, regions].
        exact: gradient, [pictures, regions].
        gradients: of each branch, [pictures, regions, regions].
        generator: of the draws.
        draws: of each picture.

    Returns:
        ``variance``, ``variance_drawn`` and ``bias`` (the squared norm of what the mean is off by), each summed over
        the pictures and divided by the squared norm of the exact gradient; and ``cosine`` of mean and exact gradient.
    """
    signal = exact.square().sum()
    mean = (weights.unsqueeze(-1) * gradients).sum(1)
    off = (gradients - mean.unsqueeze(1)).square().sum(-1)
    index = hard_sample(weights.unsqueeze(1).expand(-1, draws, -1), generator)
    drawn = gradients.gather(1, index.unsqueeze(-1).expand(-1, -1, gradients.shape[-1]))
    return {
        "variance": ((weights * off).sum() / signal).item(),
        "variance_drawn": (drawn.var(1).sum() / signal).item(),
        "bias": ((mean - exact).square().sum() / signal).item(),
        "cosine": functional.cosine_similarity(mean.flatten(), exact.flatten(), 0).item(),
    }


def one_seed(settings: Settings, seed: int, report: Callable[[str], None]) -> list[dict[str, Any]]:
    """The figures of one training, a dict for each stage."""
    told = {**bahdanau2015.COUNTING, "attention": "reinforce"}
    task = counting_objects.Counting(told["grid"], told["noise"])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = counter(told)
    optimiser = torch.optim.Adam(model.parameters(), lr=told["learning_rate"])
    generator = torch.Generator().manual_seed(seed)
    pictures = counting_objects.batch(task, settings.pictures, torch.Generator().manual_seed(seed + 1_000_003))
    found, done = [], 0
    for stage in settings.stages:
        for _ in range(stage - done):
            batch = counting_objects.batch(task, told["batch"], generator)
            optimiser.zero_grad()
            model.loss(batch.regions, batch.question, batch.answer, generator).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        done = stage
        weights, exact, gradients = estimates(model, pictures)
        with torch.no_grad():
            said = model(pictures.regions, pictures.question).logits.argmax(-1)
        draw = torch.Generator().manual_seed(seed)
        found.append(
            {
                "updates": stage,
                "accuracy": counting_objects.accuracy(said, pictures),
                "norm": exact.norm(dim=1).mean().item(),
                **{name: summary(weights, exact, one, draw, settings.draws) for name, one in gradients.items()},
            }
        )
        report(f"seed {seed}, {stage:,} updates: accuracy {found[-1]['accuracy']:.1f} %")
    return found


def run(settings: Settings, report: Callable[[str], None]) -> dict[str, Any]:
    """Measure it; returns a record without its stamp."""
    started = time.perf_counter()
    return {
        "name": NAME,
        "what": "variance and bias of one draw's gradient in the scores of hard attention, relative to the exact one",
        "settings": plain(settings),
        "seeds": list(settings.seeds),
        "data": {"source": "generated", "pictures": settings.pictures},
        "stages": [one_seed(settings, seed, report) for seed in settings.seeds],
        "wall_time_s": round(time.perf_counter() - started, 1),
    }


def plain(settings: Settings) -> dict[str, Any]:
    """The settings that a record holds."""
    told = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(settings).items()}
    told.pop("seeds")
    return {**told, "training": dict(bahdanau2015.COUNTING)}


def settings_for(profile: str) -> tuple[Settings, dict[str, Any]]:
    """The settings of a profile, and as a record holds them.

    Raises:
        ValueError: no such profile.
    """
    if profile not in PROFILES:
        raise ValueError(f"{NAME} has no profile {profile!r}; it has: {', '.join(PROFILES)}.")
    settings = Settings() if profile == "full" else Settings.quick()
    return settings, plain(settings)


def lines(record: dict[str, Any]) -> list[str]:
    """A table for each stage: means over the seeds."""
    told = []
    for number, stage in enumerate(record["settings"]["stages"]):
        seeds = [one[number] for one in record["stages"]]
        accuracy = sum(one["accuracy"] for one in seeds) / len(seeds)
        told += ["", f"after {stage:,} updates (accuracy {accuracy:.1f} %)"]
        told.append(f"{'':<34}{'variance':>10}{'bias':>10}{'cosine':>10}")
        for name, words in ESTIMATORS.items():
            means = [sum(one[name][key] for one in seeds) / len(seeds) for key in ("variance", "bias", "cosine")]
            told.append(f"{words:<34}" + "".join(f"{mean:>10.3g}" for mean in means))
    return told
