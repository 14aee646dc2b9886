"""Pong: what is seen, skipped, pooled and counted, on a stand-in for the emulator; and the emulator where it is."""

import json
import sys
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn import functional

from memlib.data import DataError
from memlib.tasks.pong import Pong, PongConfig, Running, emulated, picture, shrunk
from memlib.training.tree import flatten, restore

needs_emulator = pytest.mark.skipif(
    not all(find_spec(name) for name in ("gymnasium", "ale_py")),
    reason="needs gymnasium and ale-py: pip install 'memlib[rl]'",
)


class Counting:
    """A game whose frames are as bright as the frames played since its start; every tenth frame wins a point."""

    def __init__(self, length=50):
        self.length, self.seeds, self.actions, self.at = length, [], [], 0

    def frame(self):
        return np.full((210, 160, 3), self.at, dtype=np.uint8)

    def reset(self, *, seed=None):
        self.seeds.append(seed)
        self.actions, self.at = [], 0
        return self.frame(), {}

    def step(self, action):
        self.at += 1
        self.actions.append(action)
        return self.frame(), 1.0 if self.at % 10 == 0 else 0.0, self.at >= self.length, False, {}


def games_of(pong):
    return [player.game for player in pong.players]


def plain(**options):
    return PongConfig(**{"idle": 0, **options})


def bright(observation):
    """Of each game: the frame that is seen."""
    assert observation.shape[1:] == (1, 80, 80)
    assert torch.equal(observation, observation[:, :, :1, :1].expand_as(observation))
    return [round(value, 3) for value in (255 * observation[:, 0, 0, 0]).tolist()]


@pytest.mark.parametrize(("skip", "seen"), [(0, [1, 2, 3]), (1, [1, 2, 3]), (4, [4, 8, 12]), (16, [16, 32, 48])])
def test_every_nth_frame_is_seen(skip, seen):
    pong = Pong(2, plain(skip=skip), make=Counting)
    assert bright(pong.reset()) == [0, 0]
    for frame in seen:
        assert bright(pong.step(torch.tensor([1, 3])).observation) == [frame, frame]
    assert [game.actions for game in games_of(pong)] == [[1] * seen[-1], [3] * seen[-1]]


def test_rewards_are_summed_over_the_frames_and_the_game():
    pong = Pong(1, plain(skip=16), make=Counting)
    pong.reset()
    steps = [pong.step(torch.tensor([0])) for _ in range(4)]
    # Frames 1-16, 17-32, 33-48, 49-50: the game is over at 50.
    assert [float(step.reward) for step in steps] == [1, 2, 1, 1]
    assert [float(step.total) for step in steps] == [1, 3, 4, 5]
    assert [bool(step.done) for step in steps] == [False, False, False, True]
    assert bright(steps[-1].observation) == [0]
    after = pong.step(torch.tensor([0]))
    assert (float(after.total), bool(after.done), bright(after.observation)) == (1, False, [16])
    # What was returned does not change behind the caller's back.
    assert float(steps[0].total) == 1
    # 50 of the first game, 16 of the next.
    assert pong.frames == 66


def test_one_game_that_ends_leaves_the_others_alone():
    lengths = iter([6, 50])
    pong = Pong(2, plain(skip=4), make=lambda: Counting(next(lengths)))
    pong.reset()
    pong.step(torch.tensor([0, 0]))
    step = pong.step(torch.tensor([0, 0]))
    assert step.done.tolist() == [True, False]
    assert bright(step.observation) == [0, 8]


def test_a_game_is_cut_off():
    pong = Pong(1, plain(skip=0, longest=3), make=Counting)
    pong.reset()
    assert [bool(pong.step(torch.tensor([0])).done) for _ in range(7)] == [False, False, True] * 2 + [False]


def test_a_game_that_was_cut_off_is_followed_by_another_with_its_service():
    pong = Pong(1, PongConfig.official(idle=0, skip=2, longest=3, normalise=False), make=Counting)
    pong.reset()
    steps = [pong.step(torch.tensor([0])) for _ in range(6)]
    assert [bool(step.done) for step in steps] == [False, False, True] * 2
    # Two actions of two frames serve, three are played.
    assert [bright(step.observation)[0] for step in steps] == [6, 8, 4] * 2
    # The service is no part of the game, however soon that is cut off.
    shortest = Pong(1, PongConfig.official(longest=1), make=Counting)
    shortest.reset()
    assert all(shortest.step(torch.tensor([0])).done for _ in range(3))


class Fading(Counting):
    """Frames grow darker."""

    def frame(self):
        return np.full((210, 160, 3), 200 - self.at, dtype=np.uint8)


@pytest.mark.parametrize(("skip", "pooled", "seen"), [(4, 1, [196, 192]), (4, 3, [198, 194]), (1, 3, [200, 200, 199])])
def test_the_brightest_of_the_last_frames_is_seen(skip, pooled, seen):
    pong = Pong(1, plain(skip=skip, pooled=pooled), make=Fading)
    pong.reset()
    assert [bright(pong.step(torch.tensor([0])).observation)[0] for _ in seen] == seen


def test_games_begin_idle_by_chance_and_repeat_by_seed():
    def first(seed):
        pong = Pong(60, PongConfig(idle=5), seed, Counting)
        return bright(pong.reset()), pong

    seen, pong = first(3)
    assert set(seen) == {1, 2, 3, 4, 5}
    assert {game.at for game in games_of(pong)} == {1, 2, 3, 4, 5}
    assert all(set(game.actions) == {0} for game in games_of(pong))
    assert sorted(game.seeds[0] for game in games_of(pong)) == list(range(180, 240))
    assert first(3)[0] == bright(pong.reset()) == seen
    assert first(4)[0] != seen
    # The reward of idle frames is nobody's.
    assert pong.step(torch.zeros(60, dtype=torch.long)).total.max() == 0


class BrieflyAtFirst(Counting):
    """The first game is over after a frame."""

    def reset(self, *, seed=None):
        self.length = 50 if self.seeds else 1
        return super().reset(seed=seed)


def test_a_game_that_ends_while_idle_begins_again():
    pong = Pong(1, PongConfig(idle=30), 7, BrieflyAtFirst)
    pong.reset()
    assert games_of(pong)[0].seeds == [7, None]
    assert 1 <= games_of(pong)[0].at <= 30
    assert not pong.step(torch.tensor([0])).done


def test_the_service_as_in_the_code():
    pong = Pong(1, PongConfig.official(idle=0, skip=2, normalise=False), make=Counting)
    assert bright(pong.reset()) == [4]
    assert games_of(pong)[0].actions == [1, 1, 2, 2]
    assert PongConfig.official() == PongConfig(pooled=3, fire=True, normalise=True)
    assert PongConfig.paper(skip=32) == PongConfig(skip=32)


def test_a_picture_by_hand():
    frame = np.zeros((210, 160, 3), dtype=np.uint8)
    frame[:34] = frame[194:] = 255  # above and below the field
    frame[34:36, 0:2] = [[[30, 60, 90], [0, 0, 0]], [[255, 255, 255], [3, 3, 3]]]
    frame[192, 158] = 51
    found = picture([frame, np.zeros_like(frame)])
    assert found.shape == (2, 1, 80, 80)
    assert found[0, 0, 0, 0].item() == pytest.approx((60 + 0 + 255 + 3) / 4 / 255)
    assert found[0, 0, 79, 79].item() == pytest.approx(51 / 4 / 255)
    assert (found[0] > 0).sum() == 2
    assert found[1].max() == 0


def test_shrinking_is_the_pooling_of_torch():
    grey = torch.rand(3, 160, 160, generator=torch.Generator().manual_seed(2))
    assert torch.equal(shrunk(grey), functional.avg_pool2d(grey.unsqueeze(1), 2))


def test_running_figures_against_loops():
    generator = torch.Generator().manual_seed(1)
    pictures = torch.rand(5, 3, 1, 80, 80, generator=generator)
    running = Running(3, keep=0.9)
    for row in range(3):
        mean = deviation = 0.0
        for at in range(5):
            one = pictures[at, row].double()
            mean = mean * 0.9 + float(one.mean()) * 0.1
            deviation = deviation * 0.9 + float(((one - one.mean()) ** 2).mean().sqrt()) * 0.1
        wanted = (one - mean / (1 - 0.9**5)) / (deviation / (1 - 0.9**5) + 1e-8)
        if row == 0:
            found = [running(pictures[at]) for at in range(5)][-1]
        torch.testing.assert_close(found[row].double(), wanted, rtol=1e-5, atol=1e-5)
    # The first picture alone has mean 0 and deviation 1.
    first = Running(3)(pictures[0]).flatten(1)
    torch.testing.assert_close(first.mean(1), torch.zeros(3), rtol=0, atol=1e-5)
    torch.testing.assert_close(first.std(1, correction=0), torch.ones(3), rtol=1e-4, atol=0)


def test_what_makes_no_sense_is_refused():
    pong = Pong(2, plain(), make=Counting)
    pong.reset()
    for actions in (torch.tensor([0]), torch.tensor([0, 6]), torch.tensor(1)):
        with pytest.raises(ValueError, match="an action from 0 to 5 for each of 2 games"):
            pong.step(actions)
    with pytest.raises(ValueError, match="skip as a whole number of at least 0"):
        PongConfig(skip=-1)
    with pytest.raises(ValueError, match="pooled as a whole number of at least 1"):
        PongConfig(pooled=0)
    with pytest.raises(ValueError, match="batch as a whole number of at least 1"):
        Pong(0, make=Counting)


@pytest.mark.parametrize("missing", ["gymnasium", "ale_py"])
def test_without_the_emulator_the_extra_is_named(missing, monkeypatch):
    # To the import system, a module that is None is not installed.
    monkeypatch.setitem(sys.modules, missing, None)
    if missing != "gymnasium":
        monkeypatch.setitem(sys.modules, "gymnasium", SimpleNamespace())
    with pytest.raises(DataError, match=rf"^{missing} is not installed.*pip install 'memlib\[rl\]'"):
        Pong(1)


def saved(state):
    """The same after it was written to a checkpoint and read."""
    tensors, skeleton = flatten(state)
    return restore(tensors, json.loads(json.dumps(skeleton)))


class Kept(Counting):
    """A game that can be saved."""

    def state_dict(self):
        return {"at": self.at}

    def load_state_dict(self, state):
        self.at = state["at"]


def test_saved_games_go_on_where_they_were():
    config = PongConfig(idle=5, skip=3, pooled=2, longest=9, normalise=True)
    actions = torch.zeros(3, dtype=torch.long)
    straight, other = Pong(3, config, 1, Kept), Pong(3, config, 8, Kept)
    straight.reset()
    other.reset()
    for _ in range(12):
        straight.step(actions)
    state = saved(straight.state_dict())
    wanted = [straight.step(actions) for _ in range(20)]
    other.load_state_dict(state)
    for step in wanted:
        for found, part in zip(other.step(actions), step, strict=True):
            assert torch.equal(found, part)
    assert any(step.done.any() for step in wanted)
    assert other.frames == straight.frames == 3 * 3 * 32
    with pytest.raises(TypeError, match="Counting has neither"):
        Pong(1, make=Counting).state_dict()


@needs_emulator
@pytest.mark.parametrize(
    "config",
    [PongConfig.paper(skip=8), PongConfig.official(normalise=False), PongConfig.official(skip=1)],
    ids=["paper", "official", "every frame"],
)
def test_the_emulator_shows_what_gymnasium_shows(config):
    fast, slow, third = Pong(1, config), Pong(1, config, make=emulated), Pong(1, config, seed=9)
    generator = torch.Generator().manual_seed(1)
    seen = [fast.reset()]
    assert torch.equal(seen[0], slow.reset())
    third.reset()
    rewards, others = [], []
    for at in range(120):
        if at == 60:
            third.load_state_dict(saved(fast.state_dict()))
        actions = torch.randint(6, (1,), generator=generator)
        step = fast.step(actions)
        for found, wanted in zip(slow.step(actions), step, strict=True):
            assert torch.equal(found, wanted)
        others.append(torch.equal(third.step(actions).observation, step.observation))
        seen.append(step.observation)
        rewards.append(float(step.reward))
    assert fast.frames == slow.frames == third.frames == 120 * config.skip
    # Paddles and a ball move before a dark field.
    pictures = torch.stack(seen)
    assert (pictures[1:] != pictures[:-1]).flatten(1).any(1).float().mean() > 0.5
    assert set(rewards) <= {-1, 0, 1}
    assert -1 in rewards or config.skip == 1
    # Another seed is another game; but one that was saved is the same in another's place.
    assert not all(others[:60]) or config.skip == 1
    assert all(others[60:])
    # The same seed, the same games.
    assert torch.equal(fast.reset(), seen[0])


@needs_emulator
def test_who_does_nothing_loses_every_point():
    pong = Pong(1, PongConfig(skip=32))
    pong.reset()
    for _ in range(200):
        step = pong.step(torch.tensor([0]))
        if step.done:
            break
    assert bool(step.done)
    assert float(step.total) == -21
