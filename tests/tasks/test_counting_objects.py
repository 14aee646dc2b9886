"""Counting objects: pictures that are read back from their pixels, and the metric by hand."""

import pytest
import torch

from memlib.tasks.counting_objects import COLOURS, SHAPES, Counting, accuracy, batch, in_words, paint, picture, stamps


def read_back(pixels: torch.Tensor) -> tuple[set[int], list[int]]:
    """The colours that a region shows, and what its four places hold."""
    tile, kinds = pixels.view(3, 8, 8), stamps()
    colours = torch.tensor(list(COLOURS.values()))
    seen = {int((colours - one).abs().sum(1).argmin()) for one in tile.flatten(1).T if one.max() > 0.5}
    held = []
    for row in (0, 4):
        for column in (0, 4):
            mask = (tile[:, row : row + 4, column : column + 4].amax(0) > 0.5).float()
            held.append(int((kinds - mask).abs().sum((1, 2)).argmin()))
    return seen, held


def test_the_answer_stands_in_the_pixels(generator: torch.Generator) -> None:
    pictures = batch(Counting(noise=0.03), 60, generator)
    for regions, question, answer, where in zip(*pictures, strict=True):
        colour, shape = question[: len(COLOURS)].argmax(), question[len(COLOURS) :].argmax()
        assert question.sum() == 2
        counts = {}
        for number, pixels in enumerate(regions):
            seen, held = read_back(pixels)
            assert len(seen) <= 1
            if colour in seen or number == where:
                counts[number] = held.count(int(shape) + 1)
        assert counts == {int(where): int(answer)}


def test_answers_and_places_are_equally_frequent(generator: torch.Generator) -> None:
    pictures = batch(Counting(), 4500, generator)
    for found, kinds in ((pictures.answer, 5), (pictures.where, 9)):
        counts = torch.bincount(found, minlength=kinds).double()
        expected = 4500 / kinds
        assert ((counts - expected).abs() < 4 * expected**0.5).all()


def test_a_region_by_hand() -> None:
    green = paint(torch.tensor([[1]]), torch.tensor([[[0, 2, 0, 0]]])).view(3, 8, 8)
    cross = torch.tensor([[0, 1, 0, 0], [1, 1, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0.0]])
    torch.testing.assert_close(green[1, :4, 4:], 0.8 * cross)
    assert green[:, 4:].abs().sum() == green[:, :, :4].abs().sum() == 0
    torch.testing.assert_close(green[0, :4, 4:], 0.1 * cross)


def test_a_picture_puts_the_regions_in_their_places(generator: torch.Generator) -> None:
    pictures = batch(Counting(grid=2, noise=0.0), 1, generator)
    whole = picture(pictures.regions[0])
    assert whole.shape == (16, 16, 3)
    torch.testing.assert_close(whole[8:, :8].permute(2, 0, 1), pictures.regions[0, 2].view(3, 8, 8))
    with pytest.raises(ValueError, match="the regions of one picture"):
        picture(pictures.regions[0, :3])


def test_questions_in_words() -> None:
    question = torch.zeros(len(COLOURS) + len(SHAPES))
    question[0] = question[len(COLOURS)] = 1
    assert in_words(question) == "how many red squares?"
    assert in_words(question.roll(1)) == "how many green crosses?"


def test_accuracy_by_hand(generator: torch.Generator) -> None:
    pictures = batch(Counting(), 4, generator)
    said = pictures.answer.clone()
    assert accuracy(said, pictures) == 100.0
    said[1] = 9
    assert accuracy(said, pictures) == 75.0
    with pytest.raises(ValueError, match="expected 4 answers"):
        accuracy(said[:2], pictures)


def test_a_seed_repeats_and_wrong_sizes_are_refused() -> None:
    first, second = (batch(Counting(), 3, torch.Generator().manual_seed(1)) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    with pytest.raises(ValueError, match="grid as a whole number of at least 1"):
        Counting(grid=0)
    with pytest.raises(ValueError, match="noise >= 0"):
        Counting(noise=-1.0)
