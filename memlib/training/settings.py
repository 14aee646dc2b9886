"""What a training is told: for how long, how often to look and to save, how far a gradient may go."""

from dataclasses import dataclass

PRECISIONS = ("float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Settings:
    """How a run is trained.

    Attributes:
        updates: in all.
        validate_every: updates between validations.
        checkpoint_every: updates between checkpoints; one is also written at the end and when the run is stopped.
        clip_norm: the gradient's norm is cut to this; None leaves it.
        clip_value: each entry of the gradient is cut to ± this; None leaves it.
        metric: the validated figure that decides which weights are best.
        higher_is_better: of that figure.
        precision: "float32", or "bfloat16" / "float16" for mixed precision on a GPU.

    Raises:
        ValueError: a number of updates below 1, a norm or a value that is not above 0, or no such precision.
    """

    updates: int
    validate_every: int = 1000
    checkpoint_every: int = 1000
    clip_norm: float | None = None
    clip_value: float | None = None
    metric: str = "loss"
    higher_is_better: bool = False
    precision: str = "float32"

    def __post_init__(self) -> None:
        counts = {"updates": self.updates, "validate_every": self.validate_every}
        counts["checkpoint_every"] = self.checkpoint_every
        if low := [f"{name}={value}" for name, value in counts.items() if value < 1]:
            raise ValueError(f"Settings: expected at least 1 update each; got {', '.join(low)}.")
        clips = {"clip_norm": self.clip_norm, "clip_value": self.clip_value}
        if wrong := [f"{name}={value}" for name, value in clips.items() if value is not None and not value > 0]:
            raise ValueError(f"Settings: expected numbers above 0, or None; got {', '.join(wrong)}.")
        if self.precision not in PRECISIONS:
            raise ValueError(f"Settings: expected a precision of {', '.join(PRECISIONS)}; got {self.precision!r}.")
