"""Seals entries by AES-256-GCM under the session's data key, bound to the place where they are stored. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.history.entry import Entry, Kept, Missing, decode, encode
from accounts.history.operator_keys import NONCE_BYTES
from storage.accounts.records import SealedEntry


def seal(key: bytes, session: str, kept: Kept, kept_at: int, expires_at: int) -> SealedEntry:
    """Return `kept` as a row. Only ids and times of it can be read there.

    A random nonce under a key of one session: 2**32 entries of it would be too many (NIST SP 800-38D, 8.3).
    """
    row = SealedEntry(
        session=session,
        utterance=kept.utterance if isinstance(kept, Entry) else f"missing-{kept.start_ms}",
        segment=kept.segment if isinstance(kept, Entry) else 0,
        target=kept.target if isinstance(kept, Entry) else "",
        source=kept.source if isinstance(kept, Entry) else "",
        start_ms=kept.start_ms,
        kept_at=kept_at,
        expires_at=expires_at,
        sealed=b"",
    )
    nonce = secrets.token_bytes(NONCE_BYTES)
    return replace(row, sealed=nonce + AESGCM(key).encrypt(nonce, encode(kept), _place(row)))


def opened(key: bytes, rows: Iterable[SealedEntry]) -> tuple[list[Entry], list[Missing]]:
    """Return what the rows hold, in the order of speech. A row that can't be opened counts as missing."""
    entries: list[Entry] = []
    missing: list[Missing] = []
    cipher = AESGCM(key)
    for row in rows:
        try:
            kept = decode(cipher.decrypt(row.sealed[:NONCE_BYTES], row.sealed[NONCE_BYTES:], _place(row)))
        except (InvalidTag, ValueError):  # changed, or moved to another place
            missing.append(Missing(row.start_ms, row.start_ms, 1))
            continue
        if isinstance(kept, Missing):
            missing.append(kept)
        else:
            entries.append(kept)
    entries.sort(key=lambda one: (one.start_ms, one.end_ms, one.utterance, one.segment, one.target))
    missing.sort(key=lambda one: one.start_ms)
    return entries, missing


def _place(row: SealedEntry) -> bytes:
    """Return the associated data: a row that is moved, or whose speaker or time is changed, can't be opened."""
    names = (row.session, row.utterance, str(row.segment), row.target, row.source, str(row.start_ms))
    return b"dragoman entry\0" + "\0".join(names).encode()
