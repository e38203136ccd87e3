"""`python -m pipeline.engine_contract KIND ENGINE [OPTIONS]`: checks whether an engine keeps the contract.

KIND is stt, mt or tts. ENGINE is written as in a setting: `name`, `name:/path/to/model` or `name:{JSON options}`.
OPTIONS is a JSON object, more of the engine's options. Each check is reported. The exit status is 0 if all hold, 1 if
one does not, 2 if the engine can't be loaded, 141 if nobody reads the report to its end.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace

from pipeline.engine_contract import CONTRACTS, Contract, run
from pipeline.engines.registry import Kind, parse
from pipeline.lanes.pipe_messages import describe

_CLOSED_PIPE = 141  # as shells report a process that SIGPIPE ended


def main(arguments: list[str] | None = None) -> int:
    """Run the checks, and return the exit status."""
    try:
        status = _main(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _CLOSED_PIPE
    return status


def _main(arguments: list[str] | None) -> int:
    parser = argparse.ArgumentParser(prog="python -m pipeline.engine_contract", description=__doc__.partition("\n")[0])
    parser.add_argument("kind", choices=sorted(CONTRACTS))
    parser.add_argument("engine", help="an engine of the registry: name, name:/path/to/model or name:{JSON options}")
    parser.add_argument("options", nargs="?", default="{}", help="more of its options, a JSON object")
    given = parser.parse_args(arguments)
    kind: Kind = given.kind
    try:
        options = json.loads(given.options)
    except ValueError as error:
        parser.error(f"the options are not JSON: {error}")
    if not isinstance(options, dict):
        parser.error("the options are not a JSON object")
    try:
        spec = parse(kind, given.engine)
        spec = replace(spec, options={**spec.options, **options})
        suite: type[Contract] = type("Suite", (CONTRACTS[kind],), {"spec": spec})
        suite.engine()
    except Exception as error:  # noqa: BLE001 - libraries raise what they like while they load
        print(f"{kind} {given.engine} can't be loaded: {describe(error)}", file=sys.stderr)
        return 2
    broken = count = 0
    for verdict in run(suite):
        count += 1
        broken += bool(verdict.reason)
        check = verdict.check.removeprefix("test_").replace("_", " ")
        print(f"BROKEN  {check}: {verdict.reason}" if verdict.reason else f"ok      {check}", flush=True)
    print(f"{count - broken} of {count} checks hold")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
