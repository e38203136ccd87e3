"""Bodies of the operator's calls, parsed strictly by pure functions into frozen data."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.text.characters import cleaned
from signaling.refusal import refuse_malformed
from signaling.websocket.client_messages import LONGEST_ID, LONGEST_LANGUAGE
from wire.strict_json import StrictObject, decode

MOST_BYTES = 2 * 1024 * 1024
"""Size of an operator's body, which may hold sound."""
MOST_TEXTS = 32
LONGEST_TEXT = 500
"""UTF-16 code units of one text: about what a call asks an engine for at once."""
MOST_SOUNDS = 8


@dataclass(frozen=True, slots=True)
class TranslateTexts:
    texts: tuple[str, ...]
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class SpeakTexts:
    texts: tuple[str, ...]
    language: str
    voice: str


@dataclass(frozen=True, slots=True)
class TranscribeSounds:
    sounds: tuple[str, ...]
    """WAV files in base64."""
    language: str


@refuse_malformed()
def translate(body: bytes) -> TranslateTexts:
    """Return the wishes of POST /translate. Raises Refusal."""
    fields = decode(body)
    return TranslateTexts(_texts(fields, MOST_TEXTS), _language(fields, "source"), _language(fields, "target"))


@refuse_malformed()
def synthesize(body: bytes) -> SpeakTexts:
    """Return the wishes of POST /synthesize. Raises Refusal."""
    fields = decode(body)
    voice = fields.text("voice", longest=LONGEST_ID, shortest=0) if fields.has("voice") else ""
    return SpeakTexts(_texts(fields, MOST_SOUNDS), _language(fields, "language"), voice)


@refuse_malformed()
def transcribe(body: bytes) -> TranscribeSounds:
    """Return the wishes of POST /transcribe. Raises Refusal."""
    fields = decode(body)
    sounds = fields.each("audio", MOST_SOUNDS)
    return TranscribeSounds(tuple(one.any_text("audio") for one in sounds), _language(fields, "language"))


def _texts(fields: StrictObject, most: int) -> tuple[str, ...]:
    texts = tuple(one.text("text", longest=LONGEST_TEXT) for one in fields.each("text", most))
    if not all(map(cleaned, texts)):
        fields.refuse("text", "must hold something visible")
    return texts


def _language(fields: StrictObject, name: str) -> str:
    return fields.text(name, longest=LONGEST_LANGUAGE)
