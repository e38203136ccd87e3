"""The entry of the command line: hands over to a command, and imports nothing that this one does not need."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from server.closed_output import ends_with_reader
from server.process_end import end_now


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the process's exit status. Setting errors and usage errors are status 2."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    status = ends_with_reader(lambda: _run(given))
    if arguments is None and given[:1] == ["serve"]:  # the process is ours, and the next one may wait for its end
        end_now(status)
    return status


def _run(given: list[str]) -> int:
    if given[:1] == ["call"]:  # the headless peer knows its own options, and nothing of the server
        from clients.call import main as call

        return call(given[1:])
    if given[:1] == ["desktop"]:
        from clients.desktop.command import main as desktop

        return desktop(given[1:])
    from server.cli.commands import run

    return run(given)


if __name__ == "__main__":
    sys.exit(main())
