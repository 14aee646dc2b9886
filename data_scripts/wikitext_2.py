"""Fetch WikiText-2 (13 MB): ``python data_scripts/wikitext_2.py [FOLDER]``.

The same as ``memlib data wikitext-2 --to FOLDER``.

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
        print(fetch("wikitext-2", folder))
    except DataError as error:
        sys.exit(f"memlib: {error}")
    print(f"Licence: {lookup('wikitext-2').licence}", f"Please cite: {lookup('wikitext-2').cite}", sep="\n")
