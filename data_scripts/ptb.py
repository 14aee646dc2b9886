"""Take in Penn Treebank files that you have: ``python data_scripts/ptb.py FOLDER [TO]``.

Its licence lets nobody pass the text on, so nothing is downloaded. FOLDER holds ptb.train.txt, ptb.valid.txt and
ptb.test.txt (or train.txt and so on). They are read, their words are counted, and if they are the usual ones they are
copied into TO/ptb; TO is the cache when left out. Point MEMLIB_DATA at it otherwise.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from memlib.data import DataError, lookup
from memlib.tasks.language import adopt

if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    try:
        print(adopt("ptb", *map(Path, sys.argv[1:])))
    except DataError as error:
        sys.exit(f"memlib: {error}")
    print(f"Licence: {lookup('ptb').licence}", f"Please cite: {lookup('ptb').cite}", sep="\n")
