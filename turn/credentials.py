"""Time-limited TURN credentials by the shared-secret convention that coturn calls `use-auth-secret`.

The convention is draft-uberti-behave-turn-rest-00 ("A REST API For Access To TURN Services"): the user name
carries the time at which it expires, the password is a keyed hash of the user name, and the TURN server
checks both by itself. Nothing is stored anywhere, and a leaked credential is of use only until it expires.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

# stun: and stuns: are RFC 7064, turn: and turns: are RFC 7065.
_URL = re.compile(
    r"(?P<scheme>stuns?|turns?):(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?P<port>:[0-9]{1,5})?"
    r"(?P<transport>\?transport=(?:udp|tcp))?"
)


class IceServer(TypedDict):
    """One entry of `RTCConfiguration.iceServers` (W3C WebRTC, RTCIceServer)."""

    urls: list[str]
    username: NotRequired[str]
    credential: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Credential:
    """Long-term credential of RFC 8489, section 9.2, with which a TURN client signs its requests."""

    username: str
    password: str


def issue(secret: str, name: str, ttl: int, now: float) -> Credential:
    """Return the credential of `name`, good for `ttl` seconds from `now` (Unix time, seconds).

    `name` tells users apart in the TURN server's quotas and logs. Raises ValueError for an empty secret, for a name
    that is empty or has a colon (the convention's separator), and for a `ttl` that is not positive.
    """
    if not secret or not name:
        raise ValueError("a TURN credential needs a secret and a name")
    if ":" in name:
        raise ValueError(f"a TURN user's name may not contain a colon: {name!r}")
    if ttl <= 0:
        raise ValueError(f"a TURN credential must live for a while, not {ttl} s")
    username = f"{int(now) + ttl}:{name}"
    return Credential(username, _password(secret, username))


def newest(secrets: str) -> str:
    """Return the secret to sign with, of `new` or, while it is being replaced, `new,old`."""
    return secrets.partition(",")[0].strip()


def ice_servers(urls: Sequence[str], secret: str, name: str, ttl: int, now: float) -> list[IceServer]:
    """Return the `iceServers` that a client is to use: STUN first, then TURN with a fresh credential.

    `urls` are `stun:`, `stuns:`, `turn:` and `turns:` URLs; the rest is as in `issue`. No URLs, no servers.
    Raises ValueError for a URL that a browser would refuse; a secret is needed only where a TURN URL is.
    """
    stun = [url for url in urls if _scheme(url).startswith("stun")]
    turn = [url for url in urls if _scheme(url).startswith("turn")]
    servers: list[IceServer] = []
    if stun:
        servers.append({"urls": stun})
    if turn:
        credential = issue(secret, name, ttl, now)
        servers.append({"urls": turn, "username": credential.username, "credential": credential.password})
    return servers


def _scheme(url: str) -> str:
    match = _URL.fullmatch(url)
    if match is None or (match["transport"] and match["scheme"].startswith("stun")):
        raise ValueError(f"not a STUN or TURN URL: {url!r} (such as turn:example.org:3478?transport=udp)")
    return match["scheme"]


def _password(secret: str, username: str) -> str:
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")
