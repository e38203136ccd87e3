"""Keys of the operator, by which the data keys of histories are wrapped: the newest wraps, older ones still open."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.accounts.records import DataKey

KEY_BYTES = 32
"""AES-256."""
NONCE_BYTES = 12
"""NIST SP 800-38D, 5.2.1.1: a random nonce of 96 bits. A key of the operator wraps one data key a session."""
_FILE = "file:"


class Unreadable(Exception):
    """A key or an entry that can't be opened: another key wrapped it, or it was changed."""


class OperatorKeys:
    """Keys of the operator, newest first. Without any, `bool` is false, and no history is kept."""

    def __init__(self, keys: Iterable[bytes] = ()) -> None:
        """`keys`: 32 bytes each. Raises ValueError for another length."""
        self._keys: dict[str, AESGCM] = {}
        for key in keys:
            if len(key) != KEY_BYTES:
                raise ValueError(f"a key must have {KEY_BYTES} bytes (openssl rand -base64 32)")
            self._keys[_id_of(key)] = AESGCM(key)

    def __bool__(self) -> bool:
        return bool(self._keys)

    def __repr__(self) -> str:
        return f"<OperatorKeys {', '.join(self._keys) or 'none'}>"

    @property
    def newest(self) -> str:
        """Id of the key that wraps."""
        return next(iter(self._keys))

    def has(self, key_id: str) -> bool:
        """True if the key of this id is one of these."""
        return key_id in self._keys

    def new_data_key(self, session: str) -> tuple[DataKey, bytes]:
        """Return a fresh data key of a session, wrapped and plain."""
        plain = secrets.token_bytes(KEY_BYTES)
        return self._wrapped(session, plain), plain

    def open(self, key: DataKey) -> bytes:
        """Return the plain data key. Raises Unreadable."""
        operator = self._keys.get(key.wrapped_by)
        if operator is None:
            raise Unreadable(f"the history is sealed by the key {key.wrapped_by}, which this server does not have")
        try:
            return operator.decrypt(key.wrapped[:NONCE_BYTES], key.wrapped[NONCE_BYTES:], _bound_to(key.session))
        except (InvalidTag, ValueError):
            raise Unreadable("the data key was changed") from None

    def rewrapped(self, key: DataKey) -> DataKey:
        """Return the same data key wrapped by the newest key. Raises Unreadable."""
        return self._wrapped(key.session, self.open(key))

    def _wrapped(self, session: str, plain: bytes) -> DataKey:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return DataKey(session, self.newest, nonce + self._keys[self.newest].encrypt(nonce, plain, _bound_to(session)))


def read_keys(setting: str) -> tuple[bytes, ...]:
    """Return the keys of a setting: base64, newest first, separated by commas; or `file:` and a file of such lines.

    Raises ValueError, whose message holds no key.
    """
    text = setting.strip()
    if text.startswith(_FILE):
        try:
            text = Path(text.removeprefix(_FILE)).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else "not text"
            raise ValueError(f"its file can't be read: {reason}") from None
    return tuple(_key(part) for part in text.replace(",", "\n").split())


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a key must be base64 (openssl rand -base64 32)") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key must have {KEY_BYTES} bytes in base64 (openssl rand -base64 32)")
    return key


def _id_of(key: bytes) -> str:
    """Return the name by which rows refer to a key: it tells nothing of the key."""
    return hashlib.sha256(b"dragoman history key\0" + key).hexdigest()[:16]


def _bound_to(session: str) -> bytes:
    return b"dragoman data key\0" + session.encode()
