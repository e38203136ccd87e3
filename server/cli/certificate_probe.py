"""Judges a certificate as clients do: its name, its life and its chain, by a handshake with who serves it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509

from server.cli.libwebrtc_roots import KNOWN, short_name

PATIENCE_S = 5.0
SOON = timedelta(days=14)
"""Life that is left to a certificate whose renewal is overdue. A short-lived one has a third of its life."""
_ENOUGH = 8
"""More turns than any handshake takes."""

# X509_V_ERR_… of OpenSSL's x509_vfy.h
_NOT_YET, _EXPIRED, _NAMES = 9, 10, (62, 64)
_CHAIN = (18, 19, 20, 21)

Shake = Callable[[ssl.SSLContext], Awaitable[ssl.SSLObject]]
"""Makes a handshake by the client's context. Raises OSError."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A certificate that somebody serves, with its chain. `problem`: why clients refuse it, and what to do."""

    chain: Sequence[x509.Certificate]
    problem: str = ""

    @property
    def until(self) -> str:
        """The day to whose end it is good at most."""
        return f"{self.chain[0].not_valid_after_utc:%Y-%m-%d}"

    @property
    def root(self) -> str:
        """The name of the authority that the chain leads to."""
        return short_name(self.chain[-1].issuer)

    @property
    def known_to_apps(self) -> bool:
        """True if libwebrtc has an authority of the chain compiled in."""
        return any(short_name(one.issuer) in KNOWN for one in self.chain)


async def served_at(host: str, port: int) -> Judgement:
    """Return the judgement of what a host serves. Raises OSError where it is not reached, or speaks no TLS."""

    async def shake(context: ssl.SSLContext) -> ssl.SSLObject:
        async with asyncio.timeout(PATIENCE_S):
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
        seen: ssl.SSLObject = writer.get_extra_info("ssl_object")
        writer.transport.abort()
        return seen

    return await _judged(shake, host)


async def served_by(server: ssl.SSLContext, host: str | None) -> Judgement:
    """Return the judgement of what a server's context would serve. Without a `host` any name will do."""

    async def shake(context: ssl.SSLContext) -> ssl.SSLObject:
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(to_client, to_server, server_hostname=host)
        sides = (client, server.wrap_bio(to_server, to_client, server_side=True))
        for _ in range(_ENOUGH):
            for side in sides:
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    continue
        return client

    return await _judged(shake, host)


async def _judged(shake: Shake, host: str | None) -> Judgement:
    credulous, strict = ssl.create_default_context(), ssl.create_default_context()
    credulous.check_hostname = False
    credulous.verify_mode = ssl.CERT_NONE
    strict.check_hostname = host is not None
    chain = _chain(await shake(credulous))
    try:
        await shake(strict)
    except ssl.SSLCertVerificationError as error:
        return Judgement(chain, _remedy(error, chain[0], host))
    return Judgement(chain, _overdue(chain[0], datetime.now(UTC)))


def _chain(seen: Any) -> Sequence[x509.Certificate]:
    """Return the certificates that were sent. Until Python 3.13 only the object inside gives them."""
    if hasattr(seen, "get_unverified_chain"):
        return [x509.load_der_x509_certificate(one) for one in seen.get_unverified_chain()]
    return [x509.load_pem_x509_certificate(one.public_bytes().encode()) for one in seen._sslobj.get_unverified_chain()]


def _remedy(error: ssl.SSLCertVerificationError, leaf: x509.Certificate, host: str | None) -> str:
    match error.verify_code:
        case code if code in _NAMES:
            return f"its certificate does not name {host}; it names {', '.join(names(leaf)) or 'nobody'}"
        case code if code == _EXPIRED:
            return f"its certificate expired on {leaf.not_valid_after_utc:%Y-%m-%d}; renew it"
        case code if code == _NOT_YET:
            return f"its certificate is good from {leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on; look at the clocks"
        case code if code in _CHAIN:
            return (
                f"clients can't follow its certificate to a root ({error.verify_message}); serve the whole chain "
                "(fullchain.pem). One of a private authority is for clients that have its root, as this command has "
                "by SSL_CERT_FILE"
            )
    return f"its certificate is not believed: {error.verify_message}"


def _overdue(leaf: x509.Certificate, now: datetime) -> str:
    left = leaf.not_valid_after_utc - now
    if left >= min(SOON, (leaf.not_valid_after_utc - leaf.not_valid_before_utc) / 3):
        return ""
    return f"its certificate is good until {leaf.not_valid_after_utc:%Y-%m-%d %H:%M} UTC only; renew it"


def names(leaf: x509.Certificate) -> list[str]:
    """Return the host names and addresses that a certificate is for."""
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))]
