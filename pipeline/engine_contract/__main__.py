"""`python -m pipeline.engine_contract KIND NAME [OPTIONS]`: checks whether an engine keeps the contract.

KIND is stt, mt or tts, NAME that of an engine of the registry, OPTIONS a JSON object as in `DRAGOMAN_STT`. Each check
is told; the exit status is 0 if all hold, 1 if one doesn't, 2 if the engine can't be loaded.
"""

from __future__ import annotations

import argparse
import json
import sys

from pipeline.engine_contract import CONTRACTS, Contract, run
from pipeline.engines.registry import EngineSpec
from pipeline.lanes.pipe_messages import describe


def main(arguments: list[str] | None = None) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.engine_contract", description=__doc__.partition("\n")[0])
    parser.add_argument("kind", choices=sorted(CONTRACTS))
    parser.add_argument("name", help="an engine of the registry")
    parser.add_argument("options", nargs="?", default="{}", help="its options, a JSON object")
    given = parser.parse_args(arguments)
    try:
        options = json.loads(given.options)
    except ValueError as error:
        parser.error(f"the options are not JSON: {error}")
    if not isinstance(options, dict):
        parser.error("the options are not a JSON object")
    spec = EngineSpec(given.kind, given.name, options)
    suite: type[Contract] = type("Suite", (CONTRACTS[given.kind],), {"spec": spec})
    try:
        suite.engine()
    except Exception as error:  # noqa: BLE001 - libraries raise what they like while they load
        print(f"{given.kind} {given.name} can't be loaded: {describe(error)}", file=sys.stderr)
        return 2
    broken = count = 0
    for verdict in run(suite):
        count += 1
        broken += bool(verdict.reason)
        told = verdict.check.removeprefix("test_").replace("_", " ")
        print(f"BROKEN  {told}: {verdict.reason}" if verdict.reason else f"ok      {told}")
    print(f"{count - broken} of {count} checks hold")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
