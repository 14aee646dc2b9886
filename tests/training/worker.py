"""A small run for the tests: `worker.py FOLDER UPDATES [MINUTES]` prints a digest of all that it learned."""

import hashlib
import json
import sys
from pathlib import Path

import torch
from torch import nn

from memlib.training import Epochs, HalveWhenWorse, Settings, Trainer, seed_all


def trainer(folder: Path | None, updates: int, width: int = 8, **options) -> Trainer:
    """Dropout, numpy-free shuffling, a carry, a schedule, Adam: all that a resumed run must get right."""
    seed_all(3)
    data = torch.randn(64, 5, generator=torch.Generator().manual_seed(1))
    model = nn.Sequential(nn.Linear(5, width), nn.Tanh(), nn.Dropout(0.3), nn.Linear(width, 1))
    batches = Epochs(list(data), 6, torch.stack, seed=4)

    def loss(model, batch, carry):
        carry = torch.zeros(()) if carry is None else carry
        error = (model(batch).squeeze(-1) - batch.sum(-1) - 0.01 * carry).square().mean()
        return error, (0.9 * carry + batch.mean()).detach()

    def validate(model):
        return {"loss": (model(data).squeeze(-1) - data.sum(-1)).square().mean().item()}

    settings = Settings(updates, validate_every=7, checkpoint_every=5, clip_norm=1.0)
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    identity = {"model": "perceptron", "width": width}
    return Trainer(
        model,
        optimiser,
        batches,
        loss,
        validate,
        settings,
        folder=folder,
        identity=identity,
        schedule=HalveWhenWorse(11),
        **options,
    )


def digest(run: Trainer) -> str:
    """Of the weights, the best weights, the curve and the learning rate, to the last bit."""
    parts = [run.model.state_dict(), run.progress.best_weights]
    tensors = [tensor.numpy().tobytes() for part in parts for _, tensor in sorted(part.items())]
    plain = json.dumps([run.progress.curve, run.progress.best, run.optimiser.param_groups[0]["lr"]]).encode()
    return hashlib.sha256(b"".join([*tensors, plain])).hexdigest()


if __name__ == "__main__":
    run = trainer(Path(sys.argv[1]), int(sys.argv[2]))
    for remark in run.resume():
        print(remark, file=sys.stderr)
    print("ready", run.progress.update, flush=True)
    run.train(float(sys.argv[3]) if len(sys.argv) > 3 else float("inf"))
    print("done", run.progress.update, digest(run), flush=True)
