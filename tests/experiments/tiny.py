"""A tiny experiment for the tests: a perceptron that learns the sign of a sum in a few updates."""

import torch
from torch import nn
from torch.nn import functional

from memlib.experiments.experiment import Budget, Experiment, Published, Run
from memlib.training import Epochs, Settings


def build(settings, seed, device) -> Run:
    draw = torch.Generator().manual_seed(1)
    points = torch.randn(300, 4, generator=draw)
    items = [(point, (point.sum() > 0).long()) for point in points]
    train, validation, test = items[:200], items[200:250], items[250:]
    model = nn.Sequential(
        nn.Linear(4, settings["hidden"]), nn.Tanh(), nn.Dropout(0.1), nn.Linear(settings["hidden"], 2)
    )

    def collate(pairs):
        return torch.stack([p for p, _ in pairs]).to(device), torch.stack([label for _, label in pairs]).to(device)

    def loss(model, batch, carry):
        return functional.cross_entropy(model(batch[0]), batch[1]), carry

    def score(pairs):
        def of(model):
            xs, labels = collate(pairs)
            return {"accuracy": 100 * (model(xs).argmax(-1) == labels).double().mean().item()}

        return of

    return Run(
        model=model,
        optimiser=torch.optim.Adam(model.parameters(), settings["learning_rate"]),
        batches=Epochs(train, 10, collate, seed),
        loss=loss,
        validate=score(validation),
        test=score(test),
        settings=Settings(
            settings["updates"],
            validate_every=settings["validate_every"],
            checkpoint_every=5,
            metric="accuracy",
            higher_is_better=True,
        ),
        data={"source": "points", "substituted": False, "train": 200, "validation": 50, "test": 50},
        metadata={"vocabulary": '["a", "b"]'},
    )


def experiment(**changes) -> Experiment:
    return Experiment(
        **{
            "name": "points/perceptron",
            "row": "H6",
            "paper": "weissenborn2016",
            "where": "Table 1",
            "system": "Perceptron",
            "task": "the sign of a sum",
            "model": "perceptron",
            "settings": {"hidden": 8, "learning_rate": 0.02},
            "budgets": {
                "quick": Budget(updates=40, validate_every=10, seeds=2, items=200),
                "full": Budget(updates=120, validate_every=10, seeds=3, items=200),
            },
            "metric": "accuracy",
            "published": (Published("accuracy", 80.0),),
            "build": build,
            "unit": "%",
            **changes,
        }
    )
