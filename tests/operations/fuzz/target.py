"""A target: a function of bytes, what it may raise, and what its inputs look like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import NamedTuple

Run = Callable[[bytes], object]
Open = Callable[[], AbstractContextManager[Run]]


@dataclass(frozen=True)
class Target:
    """One parser.

    `open` yields the function that is given each input; what it needs lives as long as the scope. An exception of
    `refusals` is an answer, and any other one is a finding. `words` are what inputs are made of, `quick` is the number
    of inputs that `make test` gives it, `longest` the bytes of an input.
    """

    name: str
    open: Open
    refusals: tuple[type[Exception], ...]
    seeds: Sequence[bytes]
    words: Sequence[bytes] = ()
    quick: int = 500
    longest: int = 4096


def plain(run: Run) -> Open:
    """Return the `open` of a function that needs nothing."""

    @contextmanager
    def opened() -> Iterator[Run]:
        yield run

    return opened


class Datagram(NamedTuple):
    """One datagram of an input: `after_ms` behind the one before, with a byte that the target reads as it likes."""

    flags: int
    after_ms: int
    data: bytes


def datagrams(data: bytes) -> Iterator[Datagram]:
    """Return the datagrams of an input: flags, time in ms, length in two bytes, and the datagram itself."""
    place = 0
    while place + 4 <= len(data):
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        yield Datagram(data[place], data[place + 1], data[place + 4 : place + 4 + length])
        place += 4 + length


def joined(*some: Datagram | bytes) -> bytes:
    """Return the input of which these are the datagrams; bytes alone come 20 ms behind the one before."""
    whole = b""
    for one in some:
        flags, after_ms, data = one if isinstance(one, Datagram) else Datagram(0, 20, one)
        whole += bytes((flags, after_ms)) + len(data).to_bytes(2, "big") + data
    return whole
