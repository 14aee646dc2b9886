"""The models of Table 1 of Schlag et al. (2021), with its figures and the settings that are not those of all.

Source: schlag2021, Table 1; schlag2021, App. F
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Model:
    """One column of Table 1.

    Attributes:
        name: as `memlib.experiments.catbabi_models` has it.
        system: in words.
        weights: as the paper counts them.
        qa: accuracy, its spread, perplexity, its spread.
        lm: the same in LM mode.
        settings: where they are not those of `memlib.experiments.schlag2021`.
        small: options of the quick profile's model.
        differs: what of its settings is not the paper's.
        validate_every: updates between validations; less often for the FWM, whose updates take a tenth of the others'.
    """

    name: str
    system: str
    weights: int
    qa: tuple[float, float, float, float]
    lm: tuple[float, float, float, float]
    small: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    differs: tuple[str, ...] = ()
    validate_every: int = 200


MODELS = (
    Model(
        "fwm",
        "FWM: LSTM 256, memory 32 x 32 x 32, three reads",
        694_000,
        (96.75, 0.05, 1.36, 0.06),
        (93.04, 0.62, 1.45, 0.14),
        {"embedding_size": 32, "hidden_size": 64, "memory_size": 8, "write_scale": 1 / 8},
        validate_every=500,
    ),
    Model(
        "lstm",
        "LSTM: four residual layers of 512, regularised",
        8_000_000,
        (80.88, 0.30, 1.93, 0.11),
        (80.15, 0.40, 1.84, 0.02),
        {"embedding_size": 32, "hidden_sizes": [64, 64]},
        differs=("rates of dropout, batch and learning rate of our own: the paper does not print them",),
    ),
    Model(
        "transformer-xl",
        "Transformer-XL: three layers of 512, memory 1200",
        10_500_000,
        (87.66, 2.82, 1.50, 0.14),
        (90.23, 1.01, 1.39, 0.03),
        {"embedding_size": 32, "width": 64, "heads": 4, "inner_size": 128, "layers": 2, "memory": 200},
        {"learning_rate": 2.5e-4, "warm_up": 1_000},
        ("batch 32 where the paper has 64",),
    ),
    Model(
        "mnm",
        "Metalearned Neural Memory: three layers of 100",
        1_100_000,
        (88.97, 6.28, 2.50, 1.07),
        (69.30, 16.60, 2.60, 1.02),
        {"embedding_size": 32, "hidden_size": 32, "memory_size": 16},
        {},
        ("batch 32 where the paper has 64",),
    ),
    Model(
        "jbfw",
        "Fast weights attending to the recent past: 512 units",
        548_000,
        (13.22, 0.0, 31.19, 8.8),
        (0.0, 0.0, 160.3, 24.3),
        {"embedding_size": 32, "hidden_size": 32},
        {},
        ("batch 32 where the paper has 64 or 128",),
    ),
)
FWM, JBFW = MODELS[0], MODELS[4]
