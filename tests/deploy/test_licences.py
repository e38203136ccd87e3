"""Each library of an installation has a licence that allows commercial use."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "licences"


def licences(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)


def test_a_servers_libraries_are_free() -> None:
    done = licences("denoise", "ja", "postgres")
    assert done.returncode == 0, done.stderr
    found = dict(line.split("\t") for line in done.stdout.splitlines())
    assert {
        "dragoman",
        "aiortc",
        "argon2-cffi",
        "ctranslate2",
        "sqlalchemy",
        "asyncpg",
        "sudachipy",
        "webrtc-noise-gain",
    } <= found.keys()
    assert found["aiortc"] == "BSD-3-Clause"


def test_one_that_is_not_is_named() -> None:
    done = licences("test")  # the tests' own libraries, some under a licence that is not in the list
    assert done.returncode == 1
    assert done.stderr.startswith("licences: not known to allow what Dragoman does with it: ")


def test_programs_of_their_own_are_not_judged() -> None:
    assert licences("piper").returncode == 2
