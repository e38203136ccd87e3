"""`python -m server.settings --check | --write`: writes the documents that show the table of settings."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from server.closed_output import ends_with_reader
from server.settings.documents import DOCUMENTS, stale

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Check or write the documents; return the exit status: 1 where one is stale."""
    parser = argparse.ArgumentParser(prog="python -m server.settings", description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--check", action="store_true", help="say which documents are stale")
    action.add_argument("--write", action="store_true", help="write them anew")
    options = parser.parse_args()
    texts = {name: (ROOT / name).read_text("utf-8") for name in DOCUMENTS}
    old = stale(texts)
    for name in old:
        if options.write:
            (ROOT / name).write_text(DOCUMENTS[name](texts[name]), "utf-8")
        print(f"{name} {'is written' if options.write else 'is stale: python -m server.settings --write'}")
    return 1 if old and options.check else 0


if __name__ == "__main__":
    sys.exit(ends_with_reader(main))
