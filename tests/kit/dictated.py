"""Messages of what one person says, as a dictation receives them."""

from __future__ import annotations

from typing import Any

from clients.desktop.dictation import Dictation, Typed

ME = "p_me"


def said(text: str, stable: int = 0, *, utterance: str = "u-1", final: bool = False, by: str = ME) -> dict[str, Any]:
    """Return a `transcription` whose first `stable` code units do not change."""
    one = {"type": "transcription", "utteranceId": utterance, "sourceUserId": by, "language": "en"}
    return one | {"text": text, "stableLength": stable, "final": final}


def became(text: str, segment: int = 0, *, final: bool = False, utterance: str = "u-1", **more: Any) -> dict[str, Any]:
    """Return a `translation` into Spanish."""
    one = {"type": "translation", "utteranceId": utterance, "sourceUserId": ME, "targetLanguage": "es-MX"}
    return one | {"segment": segment, "translatedText": text, "final": final} | more


def ended(utterance: str = "u-1") -> dict[str, Any]:
    """Return an `utterance_end`."""
    return {"type": "utterance_end", "utteranceId": utterance, "sourceUserId": ME, "outcome": "spoken"}


def dictation(kind: Typed = Typed.SPOKEN) -> Dictation:
    """Return an active dictation from English, translated into Spanish."""
    one = Dictation(kind, "en", "es")
    one.identify(ME)
    one.active = True
    return one
