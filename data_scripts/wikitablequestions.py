"""Fetch WikiTableQuestions 1.0.2 (14 MB, 2,123 files): ``python data_scripts/wikitablequestions.py [FOLDER]``.

The same as ``memlib data wikitablequestions --to FOLDER``.

For those who have only the repository: memlib need not be installed, but what it needs must be, and the extra ``data``
(pooch) too. FOLDER is the cache when left out; point MEMLIB_DATA at it otherwise.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from memlib.data import DataError, fetch, lookup

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    try:
        print(fetch("wikitablequestions", folder))
    except DataError as error:
        sys.exit(f"memlib: {error}")
    print(f"Licence: {lookup('wikitablequestions').licence}")
    print(f"Please cite: {lookup('wikitablequestions').cite}")
