"""Take in files of hulls and tours that you have: ``python data_scripts/pointer_nets.py FOLDER [TO]``.

Their authors state no licence, so nothing is downloaded. FOLDER holds convex_hull_5_test.txt, convex_hull_10_test.txt,
tsp5_test.txt or tsp_10_test_exact.txt. The first answers of each are compared with our solvers' and the files copied
into TO/pointer-nets; TO is the cache when left out. Point MEMLIB_DATA at it otherwise.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from memlib.data import DataError, lookup
from memlib.tasks.pointer_files import adopt

if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    try:
        print(adopt(*map(Path, sys.argv[1:])))
    except DataError as error:
        sys.exit(f"memlib: {error}")
    print(f"Licence: {lookup('pointer-nets').licence}", f"Please cite: {lookup('pointer-nets').cite}", sep="\n")
