"""Runs one target under Atheris (libFuzzer), which keeps inputs that reach new code: a process that ends by itself.

python -m tests.operations.fuzz.coverage_guided NAME [argument of libFuzzer …]
"""

from __future__ import annotations

import sys
from contextlib import suppress

from tests.operations.fuzz.examination import bounded, limited

INSTRUMENTED = ["aioice", "aiortc.rtcsctptransport", "aiortc.rtp", "media", "models", "pipeline", "signaling", "wire"]


def main(name: str, arguments: list[str]) -> None:
    """Fuzz until libFuzzer's own limits. Does not return: libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED):
        from tests.operations.fuzz.targets import target

        chosen = target(name)
    with chosen.open() as run, bounded():

        def one(data: bytes) -> None:
            with suppress(*chosen.refusals), limited():
                run(data)

        atheris.Setup([sys.argv[0], *arguments], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
