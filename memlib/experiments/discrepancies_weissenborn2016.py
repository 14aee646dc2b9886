"""Where Weissenborn (2016) and its authors' code differ: what each difference does, one experiment for each.

A variant is the paper's Dual AM-GRU on SNLI with one option of `AMRNNConfig` changed. What the paper and the code say
is in ``memlib/ledger/discrepancies/weissenborn2016.toml``.
"""

from memlib.experiments import weissenborn2016
from memlib.experiments.experiment import Experiment
from memlib.experiments.variants import variant

BASELINE = next(one for one in weissenborn2016.EXPERIMENTS if one.name == "snli/dual-am-gru-shared")
PREFIX = "discrepancies/dual-am-gru-"
# Two keys are what crossing needs: that variant is compared with this one.
OWN_KEY = variant(BASELINE, f"{PREFIX}own-key", "Dual AM-GRU, another key for the premise's memory", share_key=False)

EXPERIMENTS: tuple[Experiment, ...] = (
    OWN_KEY,
    variant(OWN_KEY, f"{PREFIX}crossed-keys", "Dual AM-GRU, two keys with crossed halves", crossed_keys=True),
    variant(BASELINE, f"{PREFIX}read-key", "Dual AM-GRU, one more key that only reads", read_keys=1),
    variant(BASELINE, f"{PREFIX}bare-cell", "Dual AM-GRU that does not see its last output", see_output=False),
    variant(BASELINE, f"{PREFIX}shut-update", "Dual AM-GRU whose update gate starts shut", update_bias=-1.0),
    variant(BASELINE, f"{PREFIX}separate-init", "Dual AM-GRU, weights of φ drawn apart", separate_init=True),
    variant(BASELINE, f"{PREFIX}unit-keys", "Dual AM-GRU, keys of modulus 1", normalise_keys=True),
    variant(BASELINE, f"{PREFIX}growing-keys", "Dual AM-GRU, keys multiplied as printed", bound_multiplies=True),
)
