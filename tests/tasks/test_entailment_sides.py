"""One sentence of a generated pair alone tells little of the label."""

import pytest
import torch
from torch.nn import functional

from memlib.tasks.entailment_pairs import encode
from memlib.tasks.entailment_world import generate, vocabulary


def bag_of_words(pairs, side):
    words = vocabulary()
    bags = torch.zeros(len(pairs), len(words))
    for bag, pair in zip(bags, encode(pairs, words), strict=True):
        bag += torch.bincount(torch.tensor(getattr(pair, side)), minlength=len(words))
    return bags, torch.tensor([pair.label for pair in pairs])


def logistic_regression(train, test):
    """Test accuracy of three linear classifiers on bags of words."""
    torch.manual_seed(0)
    layer = torch.nn.Linear(train[0].shape[1], 3)
    optimiser = torch.optim.LBFGS(layer.parameters(), max_iter=60)

    def closure():
        optimiser.zero_grad()
        loss = functional.cross_entropy(layer(train[0]), train[1]) + 1e-3 * layer.weight.square().sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return (layer(test[0]).argmax(1) == test[1]).float().mean().item()


@pytest.mark.parametrize("distractors", [0, (0, 3)])
def test_one_side_alone_tells_little(distractors):
    train, test = (generate(number, seed, distractors) for number, seed in ((4500, 11), (1500, 12)))
    limits = {"hypothesis": 0.36, "premise": 0.55}
    seen = {side: logistic_regression(bag_of_words(train, side), bag_of_words(test, side)) for side in limits}
    assert {side: accuracy for side, accuracy in seen.items() if accuracy >= limits[side]} == {}
