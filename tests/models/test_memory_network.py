"""The memory network against its equations one by one, its number of weights, its options, and that it learns."""

import pytest
import torch
from torch.nn import functional

from memlib.kernels.shared_sentences import shared_match, shared_respond
from memlib.mechanisms import memory_network as equations
from memlib.models.memory_network import MemoryNetwork, MemoryNetworkConfig

CONFIGS = [
    {},
    {"hops": 1},
    {"tying": "layer-wise"},
    {"encoding": "bag", "temporal": False},
    {"encoding": "centred", "longest": 6},
    {"tying": "layer-wise", "encoding": "centred", "hops": 2},
]


def network(**options) -> MemoryNetwork:
    torch.manual_seed(5)
    model = MemoryNetwork(
        MemoryNetworkConfig(**{"vocabulary": 12, "width": 8, "memory": 7, "deviation": 0.4, **options})
    )
    return model.double()


def told(seed: int, batch: int = 3, slots: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    """Sentences of 2 to 5 words, the last slots of some stories empty; questions of 3 words and padding."""
    generator = torch.Generator().manual_seed(seed)
    story = torch.randint(1, 12, (batch, slots, 5), generator=generator)
    count = torch.randint(2, 6, (batch, slots, 1), generator=generator)
    story = story * (torch.arange(5) < count)
    story[0, 3:] = 0
    question = torch.randint(1, 12, (batch, 4), generator=generator)
    question[:, 3] = 0
    return story, question


def sentence(config: MemoryNetworkConfig, table: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
    words = words[words != 0]
    vectors = table[words]
    if config.encoding == "bag" or not len(words):
        return equations.bag_of_words(vectors)
    make = equations.position_weights if config.encoding == "position" else equations.centred_position_weights
    weights = make(config.longest or len(words), config.width, table.dtype)
    return equations.position_encoding(vectors, weights[: len(words)])


def spelled_out(model: MemoryNetwork, story: torch.Tensor, question: torch.Tensor, ages: torch.Tensor):
    """One question by the equations of the mechanism alone."""
    config, adjacent = model.config, model.config.tying == "adjacent"
    there = (story != 0).any(-1)
    asked = sentence(config, model.words[0] if adjacent else model.question_words, question)
    weights = []
    for hop in range(config.hops):
        key = hop if adjacent else 0
        spelled = []
        for table in (key, key + 1):
            memory = torch.stack([sentence(config, model.words[table], words) for words in story])
            if config.temporal:
                memory = equations.temporal_encoding(memory, model.times[table], ages)
            spelled.append(memory)
        weights.append(equations.match(asked, spelled[0], there, softmax=not model.linear))
        response = equations.respond(weights[-1], spelled[1])
        before, asked = asked, equations.next_question(asked, response, model.linear_map)
    last = model.words[-1] if adjacent else model.answer_words
    mapped = before if adjacent else before @ model.linear_map.T
    return equations.answer_scores(mapped, response, last), torch.stack(weights)


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("options", CONFIGS, ids=str)
def test_the_network_is_its_equations(options, linear) -> None:
    model = network(**options)
    model.linear.fill_(linear)
    story, question = told(1)
    ages = torch.tensor([[0, 2, 3, 4, 6]] * 3)
    reading = model.trace(story, question, ages)
    for i in range(3):
        logits, weights = spelled_out(model, story[i], question[i], ages[i])
        torch.testing.assert_close(reading.logits[i], logits, rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(reading.weights[i], weights, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(model(story, question, ages), reading.logits)


@pytest.mark.parametrize("options", CONFIGS[:3], ids=str)
def test_the_gradients_are_those_of_the_equations(options) -> None:
    model = network(**options)
    story, question = told(2)
    ages = torch.arange(5).expand(3, 5)
    probe = torch.randn(12, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    found = torch.autograd.grad((model(story, question) * probe).sum(), list(model.parameters()))
    total = sum((spelled_out(model, story[i], question[i], ages[i])[0] * probe).sum() for i in range(3))
    for one, other in zip(found, torch.autograd.grad(total, list(model.parameters())), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def test_stories_may_share_their_sentences() -> None:
    model = network()
    sentences = torch.tensor([[0, 0, 0], [1, 2, 0], [3, 4, 5], [6, 0, 0]])
    places = torch.tensor([[1, 2, 1, 3], [3, 3, 0, 0]])
    question = torch.tensor([[7, 8], [9, 0]])
    shared, plain = model.read(sentences, places, question), model.trace(sentences[places], question)
    for one, other in zip(shared, plain, strict=True):
        torch.testing.assert_close(one, other)
    assert shared.weights[1, :, 2:].abs().max() == 0
    assert shared.weights.sum(-1).flatten().tolist() == pytest.approx([1.0] * 6)


@pytest.mark.parametrize("rows", [6, 60])
def test_the_shared_sums_are_the_plain_ones(rows) -> None:
    generator = torch.Generator().manual_seed(2)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    question, sentences, times = draw(3, 4), draw(rows, 4), draw(9, 4)
    places, ages = (torch.randint(0, n, (3, 5), generator=generator) for n in (rows, 9))
    mask = torch.rand(3, 5, generator=generator) > 0.4
    memory = sentences[places] + times[ages]
    for chosen, softmax in ((mask, True), (mask, False), (None, True), (None, False)):
        weights = shared_match(question, sentences, places, times, ages, chosen, softmax)
        torch.testing.assert_close(weights, equations.match(question, memory, chosen, softmax))
        torch.testing.assert_close(
            shared_respond(weights, sentences, places, times, ages), equations.respond(weights, memory)
        )
    plain = shared_match(question, sentences, places, None, ages, mask)
    torch.testing.assert_close(plain, equations.match(question, sentences[places], mask))


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_the_number_of_weights_is_the_papers_structure(hops) -> None:
    words, width, memory = 177, 50, 50
    adjacent = MemoryNetwork(MemoryNetworkConfig(words, width, hops, memory))
    # A of the first hop, C of each hop, and an age vector for each; W and B are among them.
    assert adjacent.size() == (hops + 1) * (words + memory) * width
    layerwise = MemoryNetwork(MemoryNetworkConfig(words, width, hops, memory, tying="layer-wise"))
    # A, B, C, W, two tables of ages and H, however many hops.
    assert layerwise.size() == (4 * words + 2 * memory + width) * width
    timeless = MemoryNetwork(MemoryNetworkConfig(words, width, hops, memory, temporal=False))
    assert timeless.size() == (hops + 1) * words * width


def test_an_empty_story_is_answered_from_the_question_alone() -> None:
    model = network()
    _, question = told(3)
    for story in (torch.zeros(3, 4, 5, dtype=torch.long), torch.zeros(3, 0, 5, dtype=torch.long)):
        reading = model.trace(story, question)
        asked = torch.stack([sentence(model.config, model.words[0], words) for words in question])
        torch.testing.assert_close(reading.logits, asked @ model.words[-1].T)
        assert reading.weights.abs().sum() == 0
        torch.autograd.grad(reading.logits.sum(), list(model.words), allow_unused=True)


def test_one_sentence_gets_all_the_weight() -> None:
    story, question = told(4, slots=1)
    reading = network().trace(story[1:], question[1:])
    assert reading.weights.flatten().tolist() == pytest.approx([1.0] * 6)


def test_padding_changes_nothing() -> None:
    model = network()
    story, question = told(5)
    wide = functional.pad(story, (0, 2, 0, 2))
    one, other = model.trace(story, question), model.trace(wide, functional.pad(question, (0, 3)))
    torch.testing.assert_close(one.logits, other.logits)
    torch.testing.assert_close(one.weights, other.weights[..., :5])


def test_empty_slots_take_part_where_the_authors_code_lets_them() -> None:
    story, question = told(6)
    ours, theirs = network(), network(attend_empty=True)
    masked, open_ = ours.trace(story, question), theirs.trace(story, question)
    # All 7 slots count, the empty ones with the score 0.
    assert (open_.weights.sum(-1) < 1).all()
    first = ours.config
    asked = sentence(first, ours.words[0], question[0])
    memory = torch.stack([sentence(first, ours.words[0], words) for words in story[0, :3]]) + ours.times[0][:3]
    expected = torch.cat([memory @ asked, torch.zeros(4, dtype=torch.float64)]).softmax(0)[:3]
    torch.testing.assert_close(open_.weights[0, 0, :3], expected)
    assert (masked.weights[0, 0, :3] - expected).abs().max() > 1e-3
    theirs.linear.fill_(True)
    ours.linear.fill_(True)
    torch.testing.assert_close(theirs(story, question), ours(story, question))


def test_a_sentence_can_be_taken_out() -> None:
    model = network()
    story, question = told(7)
    places = torch.arange(15).view(3, 5)
    kept = torch.ones(3, 5, dtype=torch.bool)
    kept[:, 1] = False
    without = model.read(story.flatten(0, 1), places, question, kept=kept)
    gone = story.clone()
    gone[:, 1] = 0
    torch.testing.assert_close(without.logits, model(gone, question))
    assert without.weights[:, :, 1].abs().max() == 0


def test_saved_weights_know_whether_the_softmax_is_in() -> None:
    model, other = network(), network()
    model.linear.fill_(True)
    other.load_state_dict(model.state_dict())
    assert bool(other.linear)
    story, question = told(8)
    torch.testing.assert_close(other(story, question), model(story, question))


def test_bad_settings_and_long_stories_are_refused() -> None:
    with pytest.raises(ValueError, match="hops >= 1, got 0"):
        MemoryNetworkConfig(hops=0)
    with pytest.raises(ValueError, match="tying of adjacent, layer-wise; got 'none'"):
        MemoryNetworkConfig(tying="none")
    with pytest.raises(ValueError, match="encoding of bag, position, centred"):
        MemoryNetworkConfig(encoding="LSTM")
    story, question = told(9, slots=8)
    with pytest.raises(ValueError, match="at most 7 sentences, the newest first, got 8"):
        network()(story, question)
    assert MemoryNetworkConfig.paper() == MemoryNetworkConfig()
    assert MemoryNetworkConfig.official(width=50).attend_empty


def test_it_learns_to_look_up_the_latest_of_two_words() -> None:
    """Sentences (who, where); asked who: the newest sentence about them answers."""
    torch.manual_seed(0)
    model = MemoryNetwork(MemoryNetworkConfig(9, 12, hops=1, memory=4))
    optimiser = torch.optim.Adam(model.parameters(), 0.02)
    generator = torch.Generator().manual_seed(1)

    def batch(size):
        who = torch.randint(1, 4, (size, 4), generator=generator)
        where = torch.randint(4, 9, (size, 4), generator=generator)
        at = torch.randint(0, 4, (size,), generator=generator)
        asked = who[torch.arange(size), at]
        newest = (who == asked[:, None]).double().argmax(1)
        return torch.stack([who, where], -1), asked[:, None], where[torch.arange(size), newest]

    for _ in range(250):
        story, question, answer = batch(64)
        loss = functional.cross_entropy(model(story, question), answer)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    story, question, answer = batch(500)
    assert (model(story, question).argmax(-1) == answer).double().mean() > 0.95
