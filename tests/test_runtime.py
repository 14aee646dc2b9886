from types import SimpleNamespace

import pytest
import torch

import memlib


@pytest.fixture(autouse=True)
def no_profile(monkeypatch):
    monkeypatch.delenv("MEMLIB_PROFILE", raising=False)


@pytest.mark.parametrize(("told", "expected"), [(None, "quick"), ("", "quick"), ("quick", "quick"), ("full", "full")])
def test_profile_comes_from_the_environment(monkeypatch, told, expected):
    if told is not None:
        monkeypatch.setenv("MEMLIB_PROFILE", told)
    assert memlib.profile() == expected


@pytest.mark.parametrize("told", ["fast", "Full", "full "])
def test_another_profile_is_refused_by_its_name(monkeypatch, told):
    monkeypatch.setenv("MEMLIB_PROFILE", told)
    with pytest.raises(ValueError, match=f"MEMLIB_PROFILE is '{told}'; expected 'quick' or 'full'"):
        memlib.profile()


@pytest.mark.parametrize(("told", "steps"), [("quick", 10), ("full", 1000)])
def test_budget_is_chosen_by_the_profile(monkeypatch, told, steps):
    monkeypatch.setenv("MEMLIB_PROFILE", told)
    chosen = memlib.budget(quick={"steps": 10, "dim": 8}, full={"steps": 1000, "dim": 64})
    assert chosen == SimpleNamespace(steps=steps, dim=8 if told == "quick" else 64)


def test_both_budgets_name_the_same_settings():
    with pytest.raises(ValueError, match="only one of them sets dim, seeds"):
        memlib.budget(quick={"steps": 1, "dim": 8}, full={"steps": 2, "seeds": 3})


@pytest.mark.parametrize(("name", "wrong"), [("quick", 10), ("full", [("steps", 10)]), ("full", None)])
def test_a_budget_that_is_no_dict(name, wrong):
    with pytest.raises(TypeError, match=f"expected {name} as a dict"):
        memlib.budget(**({"quick": {"steps": 1}, "full": {"steps": 2}} | {name: wrong}))


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_device_is_the_best_at_hand(monkeypatch, cuda, mps, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert memlib.device() == torch.device(expected)
