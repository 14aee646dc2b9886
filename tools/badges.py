"""Write the badges at the top of README.md from the repository's public address.

python3 tools/badges.py            writes them
python3 tools/badges.py --check    fails where they are stale

While the address is unset, only badges that need none are shown.
"""

from __future__ import annotations

import argparse
import re

from _common import ROOT, Stop, address, entry

BLOCK = re.compile(r"(<!-- badges -->\n).*?(<!-- /badges -->)", re.DOTALL)
SHIELD = "https://img.shields.io/badge"
STATIC = (
    f"![Python 3.11 or newer]({SHIELD}/Python-3.11%2B-3b6ea5)",
    f"[![Code: Apache-2.0]({SHIELD}/code-Apache--2.0-3b6ea5)](LICENSE)",
    f"[![Text: CC BY 4.0]({SHIELD}/text-CC%20BY%204.0-3b6ea5)](LICENSE-TEXT)",
)


def pages(home: str) -> str:
    """Return the address of the published book, for a repository on GitHub; "" elsewhere."""
    found = re.fullmatch(r"https://github\.com/([\w.-]+)/([\w.-]+)", home)
    return f"https://{found[1].lower()}.github.io/{found[2]}/" if found else ""


def badges(home: str) -> list[str]:
    """Return the badges, one a line; `home` is the repository's address, "" while it is unset."""
    dynamic = []
    if home and (ROOT / ".github" / "workflows" / "tests.yml").exists():
        workflow = f"{home}/actions/workflows/tests.yml"
        dynamic.append(f"[![Tests]({workflow}/badge.svg)]({workflow})")
    if site := pages(home):
        dynamic.append(f"[![Read the book]({SHIELD}/read-the%20book-3b6ea5)]({site})")
    return [*dynamic, *STATIC]


def with_badges(readme: str, home: str) -> str:
    """Return the text of README.md with its badges replaced."""
    if not BLOCK.search(readme):
        raise Stop("README.md holds no block <!-- badges --> ... <!-- /badges -->; put it under the title.")
    lines = "\n".join(badges(home))
    return BLOCK.sub(lambda block: f"{block[1]}{lines}\n{block[2]}", readme, count=1)


def main() -> int:
    """Write the badges, or check them."""
    parser = argparse.ArgumentParser(description="Write the badges of README.md.")
    parser.add_argument("--check", action="store_true", help="fail where they are stale")
    options = parser.parse_args()
    path = ROOT / "README.md"
    old = path.read_text(encoding="utf-8")
    new = with_badges(old, address())
    if options.check and new != old:
        raise Stop("The badges of README.md are stale; write them with: python3 tools/badges.py")
    path.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    entry(main)
