"""Jobs, results, envelopes, answers and offers as other machines send them by way of Redis."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.context import Context
from pipeline.lanes.pipe_messages import JobDone
from pipeline.speech import Begun, Speech, Synthesize, Transcribe, Transcript, Translate, Translation, Voice, Word
from remote.answer import RemoteAnswer
from remote.ask import Ask
from remote.codec import JOBS, RESULTS, Unreadable, decode, encode
from remote.worker_offer import Offer
from tests.operations.fuzz.target import Target, plain
from tests.operations.fuzz.words import NUMBERS

KINDS = (*JOBS.values(), *RESULTS.values())


def _fields(data: bytes) -> dict[bytes, bytes]:
    """Read `name=value` parts, with a NUL between two, as the fields of an entry."""
    return {name: value for name, _, value in (part.partition(b"=") for part in data.split(b"\0"))}


def _value(number: int) -> Callable[[bytes], object]:
    return lambda data: decode(KINDS[number], data)


PARSERS: tuple[Callable[[bytes], object], ...] = (
    *(_value(number) for number in range(len(KINDS))),
    lambda data: Ask.of_fields(_fields(data)),
    lambda data: RemoteAnswer.of_fields("mt", _fields(data)),
    Offer.decoded,
)


def run(data: bytes) -> None:
    """Read what a machine sent: the first byte says what it is."""
    PARSERS[data[0] % len(PARSERS) if data else 0](data[1:])


def _entry(fields: dict[str, object]) -> bytes:
    return b"\0".join(
        name.encode() + b"=" + (value if isinstance(value, bytes) else str(value).encode())
        for name, value in fields.items()
    )


_OFFER = Offer(
    "starter",
    "MIT",
    "id",
    frozenset({"en"}),
    frozenset({("en", "es")}),
    frozenset(),
    frozenset(),
    (Voice("v", "en", "Ana", "MIT"),),
)
_VALUES = (
    Transcribe(b"\0\1" * 8, "en", voice=((0, 20),), candidates=("es",), hotwords=("a",), before="b"),
    Translate("a", "en", "es", ("b",), Begun("c", "d")),
    Synthesize("a", "en"),
    Transcript("a", "en", words=(Word(" a", 0, 20, 0.5),), spoken=(("en", 0.5),)),
    Translation("a", "en", "es"),
    Speech(b"\0\1"),
)
SEEDS = tuple(
    bytes([number]) + data
    for number, data in enumerate(
        (
            *map(encode, _VALUES),
            _entry(dict(Ask("00ff", "11ee", 5000, 1000, Context("s", "p", "u", 1, "0f")).as_fields())),
            _entry(dict(RemoteAnswer("00ff", "w", 1.5, 1, JobDone(Translation("a", "en", "es"))).as_fields())),
            _OFFER.encoded(),
        )
    )
)
WORDS = (b'"text"', b'"begun"', b"null", b"[]", b"{}", b"NaN", *NUMBERS, b"\\ud800", b"left=", b"names", b"\0\0\0\x02")
TARGET = Target("jobs", plain(run), (Unreadable,), SEEDS, WORDS)
