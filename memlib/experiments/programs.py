"""Is a hidden program of arithmetic found again, from answers alone? In how many of ten seeds?

Each seed draws a hidden program of its own, so a rate over seeds is one over programs too. What is found counts as
right when its hardened program, run on fresh inputs, is nowhere further than 0.001 from the answers; it need not be
the hidden program word for word. Which of the controllers is asked is decided on other inputs.

The article gives no figures. The acceptances are ours: a right program in at least 8 of 10 seeds; for one controller
and for inputs about 0, of which we expected harm, in at most half. The settings were chosen on seeds 1, 2, 3, 6 and 10
of the two-step experiment, so its rate is not blind.

Source: olah2016
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from memlib.experiments.experiment import Budget, Experiment, Published, Run
from memlib.training import Guard, Settings
from memlib.training.streams import Generated

SEEDS = 10
TOLERANCE = 1e-3
SHARED: dict[str, Any] = {
    "inputs": 3,
    "steps": 2,
    "low": -1.0,
    "high": 3.0,
    "controllers": 128,
    "hidden_size": 16,
    "boldness": 5.0,
    "batch": 32,
    "learning_rate": 0.02,
    "entropy": 0.01,
    "supervised": False,
    "evaluation": 512,
}


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> Run:
    """The pieces of a run; weights come from torch's global generator.

    Args:
        settings: of the experiment, see `SHARED`.
        seed: of the hidden program and of the numbers.
        device: to train on.
    """
    # Only here: whoever lists experiments need not load the models.
    from memlib.models.arithmetic_programmer import ArithmeticConfig, ArithmeticProgrammer
    from memlib.tasks.arithmetic_programs import ArithmeticPrograms, draw_program, written

    inputs, steps = settings["inputs"], settings["steps"]
    hidden = draw_program(steps, inputs, torch.Generator().manual_seed(seed))
    task = ArithmeticPrograms(hidden, inputs, settings["low"], settings["high"])
    sizes = {name: settings[name] for name in ("inputs", "steps", "controllers", "hidden_size", "boldness")}
    model = ArithmeticProgrammer(ArithmeticConfig(**sizes)).to(device)
    given = task.draw(settings["evaluation"], torch.Generator().manual_seed(seed + 1_000))
    fresh = task.draw(settings["evaluation"], torch.Generator().manual_seed(seed + 2_000))
    data: dict[str, Any] = {
        "source": "drawn anew for every update, a hidden program for each seed",
        "substituted": False,
        "differs": [],
        "train": settings["updates"] * settings["batch"],
        "validation": settings["evaluation"],
        "test": settings["evaluation"],
        "hidden": written(hidden, inputs),
    }

    def loss(model: nn.Module, batch: Any, carry: Any) -> tuple[Tensor, int]:
        update = 0 if carry is None else int(carry)
        share = min(1.0, 2 * update / settings["updates"])
        shown = hidden if settings["supervised"] else None
        return (
            training_loss(model, batch.inputs.to(device), batch.answers.to(device), settings["entropy"] * share, shown),
            update + 1,
        )

    def figures(model: Any, chosen_on: Any, asked: Any) -> dict[str, float]:
        best = int(model.hard_errors(chosen_on.inputs.to(device), chosen_on.answers.to(device)).argmin())
        errors = model.hard_errors(asked.inputs.to(device), asked.answers.to(device))
        error = errors[best].item()
        agree = (errors < TOLERANCE).double().mean().item()
        return {"error": error, "right": 100.0 * (error < TOLERANCE), "controllers_right": 100 * agree}

    def test(model: Any) -> dict[str, float]:
        best = int(model.hard_errors(given.inputs.to(device), given.answers.to(device)).argmin())
        data["found"] = written([_step(*step) for step in model.hard_steps(best)], inputs)
        return figures(model, given, fresh)

    return Run(
        model=model,
        optimiser=torch.optim.Adam(model.parameters(), settings["learning_rate"]),
        batches=Generated(lambda generator: task.draw(settings["batch"], generator), seed),
        loss=loss,
        validate=lambda model: figures(model, given, given),
        test=test,
        settings=Settings(
            updates=settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=settings["updates"],
            metric="error",
        ),
        data=data,
        # The sum over many controllers, some of which go astray for a while.
        guard=Guard(factor=math.inf),
    )


def training_loss(model: Any, inputs: Tensor, answers: Tensor, entropy: float, shown: Any = None) -> Tensor:
    """The sum over controllers, each of which learns by itself: a Huber loss of the answer, and what indecision costs.

    Args:
        model: an `ArithmeticProgrammer`.
        inputs: [batch, inputs].
        answers: [batch]; errors are measured in units of their standard deviation.
        entropy: the cost of a nat of indecision.
        shown: the hidden program's steps, where the program itself is supervised: the log loss of its choices is added.
    """
    from memlib.mechanisms.programs import scalar_loss

    program = model.program()
    unit = answers.std().clamp(min=1e-6)
    answered = scalar_loss(model(inputs, program)[..., -1] / unit, (answers / unit).expand(len(program.left), -1))
    total = answered.mean(-1) + entropy * program.undecided()
    if shown is not None:
        names = model.config.operations
        for t, (operation, left, right) in enumerate(shown):
            for weights, chosen in zip(program, (names.index(operation), left, right), strict=True):
                total = total - weights[:, t, chosen].clamp(min=1e-9).log()
    return total.sum()


def _step(operation: str, left: int, right: int) -> Any:
    from memlib.tasks.arithmetic_programs import Step

    return Step(operation, left, right)


def _experiment(name: str, system: str, least: bool = True, **changes: Any) -> Experiment:
    steps = changes.get("steps", SHARED["steps"])
    return Experiment(
        name=f"programs/{name}",
        row="C3",
        paper="olah2016",
        where="Neural Programmer",
        system=system,
        task=f"a hidden program of {steps} steps of arithmetic on three numbers, a new one for each seed",
        model="arithmetic-programmer",
        settings={**SHARED, **changes},
        budgets={
            "quick": Budget(60, 30, settings={"controllers": min(8, changes.get("controllers", 8))}),
            "full": Budget(600 if steps > 2 else 400, 100, seeds=SEEDS),
        },
        metric="error",
        published=(Published("right", 80.0 if least else 50.0, "mean", SEEDS, higher_is_better=least, own=True),),
        build=build,
        higher_is_better=False,
        unit="%",
    )


EXPERIMENTS: tuple[Experiment, ...] = (
    _experiment("arithmetic", "128 controllers, answers alone"),
    _experiment("arithmetic-one-controller", "One controller, answers alone", least=False, controllers=1),
    _experiment("arithmetic-centred", "128 controllers, inputs about 0", least=False, low=-2.0, high=2.0),
    _experiment("arithmetic-three-steps", "128 controllers, three steps", steps=3),
    _experiment(
        "arithmetic-supervised",
        "One controller that is shown the program, three steps",
        steps=3,
        controllers=1,
        supervised=True,
    ),
)
