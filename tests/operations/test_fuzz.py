"""Whatever comes from the network, a parser answers or refuses it, soon, and keeps nothing; long runs are guided."""

from __future__ import annotations

import json
import mmap
import random
import subprocess
import sys
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest

from tests.kit.extent import LONG, extent
from tests.operations.fuzz import seeds
from tests.operations.fuzz.examination import MOST_OBJECTS, Hang, bounded, examine, kept_objects, limited, watched
from tests.operations.fuzz.mutation import inputs
from tests.operations.fuzz.target import Datagram, Target, datagrams, joined, plain
from tests.operations.fuzz.targets import NAMES, target

ROOT = Path(__file__).parents[2]
LONG_S = 600
"""Time for each target under `make test-long`."""
REPEATED = 100
"""Inputs that are given twice, to see what is kept of them."""


def made(of: Target, count: int) -> list[bytes]:
    """Return the same inputs each time."""
    return list(islice(inputs(seeds.of(of), of.words, of.longest, random.Random(of.name)), count))


@pytest.mark.parametrize("name", NAMES)
def test_every_input_is_answered_or_refused_and_nothing_is_kept(name: str) -> None:
    """All seeds, and the same inputs each time: their number is bounded, not the time."""
    chosen = target(name)
    some = [*seeds.of(chosen), *made(chosen, chosen.quick)]
    found = examine(chosen, some)
    assert not found.findings
    assert found.inputs == len(some) and found.refused < len(some)
    assert kept_objects(chosen, some[:REPEATED]) < MOST_OBJECTS


@pytest.mark.skipif(not LONG, reason="ten minutes each: make test-long")
@pytest.mark.timeout(2 * LONG_S)
@pytest.mark.parametrize("name", NAMES)
def test_ten_minutes_find_nothing(name: str) -> None:
    command = [sys.executable, "-m", "tests.operations.fuzz", "--seconds", str(extent(1, LONG_S)), name]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    assert json.loads(run.stdout.splitlines()[-1])["targets"][name]["found"] == 0


def test_every_target_has_its_file_and_its_name() -> None:
    files = {path.stem for path in (Path(__file__).parent / "fuzz" / "targets").glob("[a-z]*.py")}
    assert files == {*NAMES} == {target(name).name for name in NAMES}
    assert {path.name for path in seeds.FOLDER.iterdir()} <= files


def faulty(data: bytes) -> None:
    """Refuse what begins with x; fail at y, and never end at z."""
    if data[:1] == b"x":
        raise ValueError
    if data[:1] == b"y":
        raise KeyError("y")
    while data[:1] == b"z":
        with suppress(Exception):
            raise TypeError


FAULTY = Target("faulty", plain(faulty), (ValueError,), [b"abc"])


@pytest.mark.parametrize(("data", "kind"), [(b"y", "crash"), (b"z", "hang")])
def test_a_crash_and_a_hang_are_found_and_end_the_examination(data: bytes, kind: str) -> None:
    found = examine(FAULTY, [b"a", b"x", data, b"a"], hang_s=0.1)
    assert [(one.kind, one.data) for one in found.findings] == [(kind, data)]
    assert (found.inputs, found.refused) == (3, 1)


def test_what_is_kept_of_each_input_is_found() -> None:
    kept: list[list[int]] = []
    assert kept_objects(Target("keeps", plain(lambda data: kept.append([*data])), (), []), [b"a"] * 100) > 0.9


def test_memory_that_rises_is_found_and_memory_that_stays_is_not() -> None:
    kept: list[mmap.mmap] = []
    steps = iter(range(10_000))  # a clock that moves by a step for each input

    def clock() -> float:
        return next(steps) / 10

    stays = watched(Target("stays", plain(bytes), (), []), iter(lambda: b"a", None), 20, clock)
    assert not stays.findings and stays.inputs > 100

    def keep(data: bytes) -> None:  # in pages of its own: an allocator might have free ones that count already
        kept.append(mmap.mmap(-1, 1 << 19))
        kept[-1].write(data * (1 << 19))

    rises = Target("rises", plain(keep), (), [])
    assert [one.kind for one in watched(rises, iter(lambda: b"a", None), 20, clock).findings] == ["growth"]


def test_a_hang_is_no_exception_that_a_parser_could_catch() -> None:
    assert not issubclass(Hang, Exception)


def test_a_limit_counts_processor_time_and_no_waiting() -> None:
    with bounded():
        with limited(0.05):
            time.sleep(0.2)
        with pytest.raises(Hang), limited(0.05):
            faulty(b"z")


def test_inputs_are_the_same_for_the_same_number_and_not_too_long() -> None:
    def some(number: int) -> list[bytes]:
        return list(islice(inputs([b"seed one", b"the other"], [b"word"], 40, random.Random(number)), 300))

    assert some(1) == some(1) != some(2)
    assert max(map(len, some(1))) == 40 and len({*some(1)}) > 250
    assert any(b"word" in one for one in some(1))


def test_datagrams_are_joined_and_parted() -> None:
    some = [Datagram(3, 0, b"first"), Datagram(0, 255, b"")]
    assert [*datagrams(joined(*some, b"last"))] == [*some, Datagram(0, 20, b"last")]
    assert [*datagrams(b"\x00\x00\x00\xffshort")] == [Datagram(0, 0, b"short")]


def test_the_command_tells_in_json_what_came_of_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.operations.fuzz", "--seconds", "0.5", "jitter"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    last = json.loads(run.stdout.splitlines()[-1])["targets"]["jitter"]
    assert run.returncode == 0 and last["found"] == 0 and last["mutated"]["inputs"] > 0


def test_time_is_watched_by_the_clock_that_is_given() -> None:
    assert watched(FAULTY, iter(lambda: b"a", None), 0.0, time.monotonic).inputs == 0
