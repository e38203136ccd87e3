"""Cache of synthesized speech for short texts that come again and again.

It is kept of a text only from the second time on, and is found by a keyed digest: neither what was said once nor any
words can be read from it. Nothing in a key says who spoke, or to whom.
"""

from __future__ import annotations

import hashlib
import secrets

from pipeline.lanes.second_use_cache import SecondUseCache
from pipeline.speech import Speech, Synthesize

MOST_BYTES = 32 << 20
"""Over ten minutes of speech."""
LONGEST_TEXT = 80
"""Code points. Longer ones hardly come again."""

_RATE_STEPS = 20  # for each factor of tempo: nobody hears a twentieth
_MOST = 4096  # texts that are kept, and those that were said once


class SpeechCache:
    """Speech of all engines of this process. The least recently used goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES, longest_text: int = LONGEST_TEXT) -> None:
        self._most_bytes = most_bytes
        self._longest_text = longest_text
        self._secret = secrets.token_bytes(32)
        self._kept: SecondUseCache[bytes, Speech] = SecondUseCache(_MOST, most_bytes, _size)
        self.hits = 0
        self.misses = 0

    def get(self, engine: str, job: Synthesize) -> Speech | None:
        """Return the speech that this engine gave for the very same text, language, voice and tempo, or None."""
        if len(job.text) > self._longest_text:
            return None
        speech = self._kept.get(self._key(engine, job))
        if speech is None:
            self.misses += 1
            return None
        self.hits += 1
        return speech

    @property
    def held(self) -> int:
        """Bytes of the speech that is kept."""
        return self._kept.bytes

    def put(self, engine: str, job: Synthesize, speech: Speech) -> None:
        """Offer the speech that this engine has given."""
        if not speech.pcm or len(job.text) > self._longest_text or len(speech.pcm) > self._most_bytes // 8:
            return
        self._kept.put(self._key(engine, job), speech)

    def _key(self, engine: str, job: Synthesize) -> bytes:
        parts = (engine, job.language, job.voice, str(round(job.rate * _RATE_STEPS)), job.text)
        lengths = ",".join(str(len(part)) for part in parts)  # so that no two divisions of a text are one key
        text = "\0".join((lengths, *parts)).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._secret, digest_size=16).digest()


def _size(_key: bytes, speech: Speech) -> int:
    return len(speech.pcm)
