"""Encodes jobs and results for the network: their fields as JSON, and the audio behind them as it is.

Nothing of it is a pickle: a peer that lies can make a job fail, and nothing else.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import astuple
from typing import Any, NoReturn, TypeAlias

from pipeline.engines.entry import Kind
from pipeline.speech import (
    Begun,
    Speech,
    Synthesize,
    Transcribe,
    Transcript,
    Translate,
    Translation,
    Word,
)

LENGTH = struct.Struct("!I")
"""Length of the JSON, before it."""

Read: TypeAlias = Callable[[Any], Any]


class Unreadable(ValueError):
    """Bytes that are no job, no result or no offer. The text quotes nothing of them."""


def _of_type(kind: type) -> Read:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise Unreadable(f"{kind.__name__} expected")
        return value

    return read


def number(value: Any) -> float:
    """Return a finite number. An integer may be too large for one."""
    try:
        if type(value) in (int, float) and math.isfinite(value):
            return float(value)
    except OverflowError:
        pass
    raise Unreadable("a number expected")


def rows(*columns: Read, row: Callable[..., Any] = lambda *values: values) -> Read:
    """Return a reader of a list of lists with these columns: a tuple of `row`s."""

    def read(value: Any) -> tuple[Any, ...]:
        return tuple(row(*(column(one) for column, one in zip(columns, line, strict=True))) for line in value)

    return read


def texts(value: Any) -> tuple[str, ...]:
    """Return a list of strings as a tuple."""
    return tuple(text(one) for one in _of_type(list)(value))


text, flag, whole = _of_type(str), _of_type(bool), _of_type(int)


def _begun(value: Any) -> Begun | None:
    return None if value is None else Begun(*map(text, _pair(value)))


def _pair(value: Any) -> tuple[Any, Any]:
    first, second = value
    return first, second


FIELDS: Mapping[type, Mapping[str, Read]] = {
    Transcribe: {
        "language": text,
        "final": flag,
        "voice": rows(whole, whole),
        "candidates": texts,
        "hotwords": texts,
        "before": text,
    },
    Translate: {"text": text, "source": text, "target": text, "context": texts, "begun": _begun},
    Synthesize: {"text": text, "language": text, "voice": text, "rate": number},
    Transcript: {
        "text": text,
        "language": text,
        "confidence": number,
        "understood": flag,
        "certain": flag,
        "words": rows(text, whole, whole, number, row=Word),
        "spoken": rows(text, number),
    },
    Translation: {"text": text, "source": text, "target": text, "kept": flag, "carried_on": flag},
    Speech: {},
}
"""Fields of each class but its audio, and the readers of their values."""

ADDED = frozenset({"before"})
"""Fields that a peer of the version before does not send. They have their default then."""

AUDIO: Mapping[type, str] = {Transcribe: "audio", Speech: "pcm"}
"""The field that holds the audio, of those that have one."""

JOBS: Mapping[Kind, type] = {"stt": Transcribe, "mt": Translate, "tts": Synthesize}
RESULTS: Mapping[Kind, type] = {"stt": Transcript, "mt": Translation, "tts": Speech}


def fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of an object of a class of `FIELDS`, as they go into JSON."""
    return {name: getattr(value, name) for name in FIELDS[type(value)]}


def encode(value: Any) -> bytes:
    """Return a job or a result as it goes over the network."""
    head = to_json(fields_of(value))
    audio: bytes = getattr(value, AUDIO[type(value)]) if type(value) in AUDIO else b""
    return b"".join((LENGTH.pack(len(head)), head, audio))


def decode(kind: type, data: bytes) -> Any:
    """Return the object of this class. Raises `Unreadable` for anything else."""
    if len(data) < LENGTH.size:
        raise Unreadable("too short")
    end = LENGTH.size + LENGTH.unpack_from(data)[0]
    if end > len(data):
        raise Unreadable("cut off")
    values = read_fields(kind, from_json(data[LENGTH.size : end]))
    audio = data[end:]
    if kind in AUDIO:
        if len(audio) % 2:
            raise Unreadable("half a sample")
        values[AUDIO[kind]] = audio
    elif audio:
        raise Unreadable("bytes behind the end")
    return kind(**values)


def read_fields(kind: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a class by their readers. Raises `Unreadable`."""
    try:
        fields = FIELDS[kind].items()
        return {name: read(given[name]) for name, read in fields if name in given or name not in ADDED}
    except Unreadable:
        raise
    except (KeyError, TypeError, ValueError):
        raise Unreadable(f"no {kind.__name__}") from None


def to_json(value: Any) -> bytes:
    """Return plain values, tuples and dataclasses as JSON. A lone surrogate is escaped, and so survives."""
    return json.dumps(value, separators=(",", ":"), default=astuple).encode()


def from_json(data: bytes) -> dict[str, Any]:
    """Return the members of one JSON object. Raises `Unreadable`."""
    try:
        value = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("not an object")
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
