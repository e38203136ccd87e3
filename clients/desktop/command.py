"""`dragoman desktop`: says plainly what is missing where the toolkit is not installed."""

from __future__ import annotations

import sys

from clients.desktop.options import parse
from clients.exit_status import Exit

MISSING = "dragoman desktop: needs PySide6, which is not installed: pip install 'dragoman[desktop]'"


def main(argv: list[str] | None = None) -> int:
    """Run the desktop client. Return the exit status."""
    options = parse(argv)
    try:
        from clients.desktop.application import run
    except ImportError as problem:
        if not (problem.name or "").startswith(("PySide6", "shiboken6")):
            print(f"dragoman desktop: {problem}", file=sys.stderr)  # a library of the system that Qt needs
        else:
            print(MISSING, file=sys.stderr)
        return Exit.USAGE
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
