"""Exercise: circular convolution by FFT."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.fft import fft, ifft, irfft, rfft

from memlib.exercises.card import Card
from memlib.exercises.check import check
from memlib.exercises.exercise import Case, Exercise, Manner, Mistake
from memlib.exercises.manner import by_fourier
from memlib.exercises.random_inputs import Draw
from memlib.mechanisms import holographic


def _cases() -> list[Case]:
    even, odd, batch, deep = Draw(221), Draw(222), Draw(223), Draw(224)
    return [
        Case("an even width", (even.real(6), even.real(6))),
        Case("an odd width", (odd.real(5), odd.real(5))),
        Case("a batch of 3", (batch.real(3, 4), batch.real(3, 4)), batch=True),
        Case("two batch dimensions", (deep.real(2, 3, 5), deep.real(2, 3, 5)), batch=True),
    ]


def _linear(a: Tensor, b: Tensor) -> Tensor:
    return _inverse(rfft(a, n=2 * a.shape[-1] - 1) * rfft(b, n=2 * a.shape[-1] - 1), 2 * a.shape[-1] - 1)


def _inverse(spectrum: Tensor, width: int) -> Tensor:
    return irfft(spectrum, n=width)


_MISTAKES = (
    Mistake(
        "correlation",
        holographic.circular_correlation,
        "You conjugated the first spectrum: that is circular correlation, which unbinds. Convolution binds.",
        "No conjugate here.",
    ),
    Mistake(
        "correlation-reversed",
        lambda a, b: holographic.circular_correlation(b, a),
        "You conjugated the second spectrum: that is circular correlation with b as the key, which unbinds.",
        "No conjugate here.",
    ),
    Mistake(
        "linear",
        _linear,
        "That is the linear convolution, 2d - 1 entries long: its end does not wrap round to the beginning.",
        "Transform vectors of length d without padding: a product of such spectra wraps by itself.",
    ),
    Mistake(
        "linear-truncated",
        lambda a, b: _linear(a, b)[..., : a.shape[-1]],
        "That is the linear convolution cut to its first d entries: what should wrap round is lost.",
        "Transform vectors of length d without padding: a product of such spectra wraps by itself.",
    ),
    Mistake(
        "no-inverse",
        lambda a, b: fft(a) * fft(b),
        "You stopped in the Fourier domain: that is the spectrum of the convolution.",
        "Transform back.",
    ),
    Mistake(
        "no-inverse",
        lambda a, b: rfft(a) * rfft(b),
        "You stopped in the Fourier domain: that is (half of) the spectrum of the convolution.",
        "Transform back with `irfft`, and give it the width.",
    ),
    Mistake(
        "forward-twice",
        lambda a, b: fft(fft(a) * fft(b)).real,
        "You transformed forwards again instead of back: the result is mirrored and d times too large.",
        "The last step is the inverse transform.",
    ),
    Mistake(
        "elementwise",
        lambda a, b: a * b,
        "You multiplied entry by entry. That binds in the Fourier domain, where the chapter's complex keys live; real "
        "vectors need the transform first.",
        "Transform, multiply, transform back.",
    ),
    Mistake(
        "complex-result",
        lambda a, b: ifft(fft(a) * fft(b)),
        "The values are right, but the result is still a complex tensor with imaginary parts of (nearly) 0.",
        "Take `.real`, or use the pair `rfft` and `irfft`.",
    ),
    Mistake(
        "odd-width",
        lambda a, b: irfft(rfft(a) * rfft(b)),
        "Right for an even width. For an odd one `irfft` cannot know the width from half a spectrum, and guesses an "
        "even one.",
        "Give `irfft` the width: `n=`.",
    ),
    Mistake(
        "wrong-axis",
        lambda a, b: ifft(fft(a, dim=0) * fft(b, dim=0), dim=0).real,
        "Right for one pair. With a batch you transform along the batch.",
        "The vectors lie along the last axis: `dim=-1`, which is also what the functions take by themselves.",
    ),
    Mistake(
        "scaled",
        lambda a, b: holographic.circular_convolution(a, b) / a.shape[-1],
        "Right up to the factor 1/d: the inverse transform divides by d already.",
        "Do not divide again, and leave `norm` as it is.",
    ),
    Mistake(
        "scaled-ortho",
        lambda a, b: holographic.circular_convolution(a, b) / a.shape[-1] ** 0.5,
        'Right up to the factor 1/sqrt(d): with `norm="ortho"` a product of spectra loses one root of d.',
        "Leave `norm` as it is.",
    ),
)

CIRCULAR_CONVOLUTION = Exercise(
    name="circular_convolution",
    arguments=("a", "b"),
    reference=holographic.circular_convolution,
    cases=_cases,
    example=Case("by hand", (torch.tensor([1.0, 2.0, 3.0]).double(), torch.tensor([0.0, 1.0, 0.0]).double())),
    mistakes=_MISTAKES,
    lesson="Binding is a product in the Fourier domain: the two forms of holographic memory are one.",
    manner=Manner(
        by_fourier,
        "no-fft",
        "The numbers are right. Now write it with the Fourier transform: no function of `torch.fft` was called, and a "
        "sum over all pairs of entries takes d² products where the fast transform takes about d log d.",
        "Transform both, multiply entry by entry, transform back.",
    ),
)


def check_circular_convolution(function: Callable[..., Any]) -> Card:
    """Check `circular_convolution(a [..., d], b [..., d]) -> [..., d]`, all real.

    Returns:
        A card; nothing is raised, whatever the function does.
    """
    return check(CIRCULAR_CONVOLUTION, function)
