"""Speech of short texts that come again and again, kept within bounds.

It is kept of a text only from the second time on, and is found by a keyed digest: neither what was said once nor any
words can be read from it. Nothing in a key says who spoke, or to whom.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict

from pipeline.speech import Line, Speech

MOST_BYTES = 32 << 20
"""Over ten minutes of speech."""
LONGEST_TEXT = 80
"""Code points. Longer ones hardly come again."""

_RATE_STEPS = 20  # for each factor of tempo: nobody hears a twentieth
_MOST_SEEN = 4096  # texts that were said once, of which the digest is kept


class SpeechCache:
    """What engines have said, least recently used first out; one for each process, for all its engines."""

    def __init__(self, most_bytes: int = MOST_BYTES, longest_text: int = LONGEST_TEXT) -> None:
        self._most_bytes = most_bytes
        self._longest_text = longest_text
        self._secret = secrets.token_bytes(32)
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._kept: OrderedDict[bytes, Speech] = OrderedDict()
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    def get(self, engine: str, line: Line) -> Speech | None:
        """What this engine said of the very same text, language and voice at the same tempo."""
        if len(line.text) > self._longest_text:
            return None
        speech = self._kept.get(key := self._key(engine, line))
        if speech is None:
            self.misses += 1
            return None
        self.hits += 1
        self._kept.move_to_end(key)
        return speech

    def put(self, engine: str, line: Line, speech: Speech) -> None:
        """This engine has said it now."""
        if not speech.pcm or len(line.text) > self._longest_text or len(speech.pcm) > self._most_bytes // 8:
            return
        key = self._key(engine, line)
        if key in self._kept:
            return
        if key not in self._seen:
            self._seen[key] = None
            if len(self._seen) > _MOST_SEEN:
                self._seen.popitem(last=False)
            return
        del self._seen[key]
        self._kept[key] = speech
        self.bytes += len(speech.pcm)
        while self.bytes > self._most_bytes:
            self.bytes -= len(self._kept.popitem(last=False)[1].pcm)

    def _key(self, engine: str, line: Line) -> bytes:
        parts = (engine, line.language, line.voice, str(round(line.rate * _RATE_STEPS)), line.text)
        lengths = ",".join(str(len(part)) for part in parts)  # so that no two divisions of a text are one key
        text = "\0".join((lengths, *parts)).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._secret, digest_size=16).digest()
