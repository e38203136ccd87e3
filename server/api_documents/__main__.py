"""`python -m server.api_documents --check | --write`: writes the documents of the wire protocol."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from server.api_documents.documents import DOCUMENTS, stale
from server.closed_output import ends_with_reader

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Check or write the documents; return the exit status: 1 where one is stale."""
    parser = argparse.ArgumentParser(prog="python -m server.api_documents", description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--check", action="store_true", help="say which documents are stale")
    action.add_argument("--write", action="store_true", help="write them anew")
    options = parser.parse_args()
    old = stale({path: (ROOT / path).read_text("utf-8") for path in DOCUMENTS if (ROOT / path).is_file()})
    state = "is written" if options.write else "is stale: python -m server.api_documents --write"
    for path in old:
        if options.write:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(DOCUMENTS[path](), "utf-8")
        print(f"{path} {state}")
    return 1 if old and options.check else 0


if __name__ == "__main__":
    sys.exit(ends_with_reader(main))
