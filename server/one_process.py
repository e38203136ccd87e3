"""Runs one process of a server that has several. `server.processes.parent` starts it.

    python -m server.one_process NAME WHEN PARENT LISTENING…

NAME: name of the process, such as p1. WHEN: `first`, or `late` in the place of one that has ended. PARENT: number of
the file descriptor of the socket to the parent. LISTENING: those of the sockets on which it accepts connections.
"""

from __future__ import annotations

import sys

from server.cli.event_loop import run_job
from server.observe import logs
from server.process_end import end_now
from server.processes.place import OneOfSeveral, inherited, names_of, received
from server.serve import serve
from server.settings import BadSetting

USAGE = 2
"""Exit status for a setting that can't be used, as of all commands."""


def main() -> None:
    name, when, parent, *listening = sys.argv[1:]
    ours = inherited(parent)
    try:
        settings = received(ours)
    except EOFError:  # the parent has ended meanwhile
        end_now(1)
    logs.configure(settings.log_level, name)
    sockets = [inherited(one) for one in listening]
    place = OneOfSeveral(name, ours, sockets, when == "late", name == names_of(1)[0])
    try:
        status = run_job(serve(settings, place))
    except BadSetting as error:
        print(f"dragoman: {error}", file=sys.stderr)
        status = USAGE
    end_now(status)


if __name__ == "__main__":
    main()
