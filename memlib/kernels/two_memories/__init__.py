"""Two memories along a whole sequence: the write of the items, and what is done with pairs that are never laid out.

The relational memory is a sum of outer products x ⊗ v, x = tanh(q ⊙ k). Whatever is asked of it can be asked of the
factors: to read it is attention to the pairs, and the transfer needs one small product for each pair.
"""

from memlib.kernels.two_memories.items import write_items
from memlib.kernels.two_memories.pairs import consult, distil_pairs, stored_pairs

__all__ = ["consult", "distil_pairs", "stored_pairs", "write_items"]
