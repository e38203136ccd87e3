"""Loads a certificate and its key into a TLS context, or says what is wrong with them and what would be right."""

from __future__ import annotations

import ssl
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

CERTIFICATE, KEY = "DRAGOMAN_TLS_CERTIFICATE", "DRAGOMAN_TLS_PRIVATE_KEY"


class UnusableCertificate(Exception):
    """Files that no handshake can be made with. The message names the setting and the file."""


@dataclass(frozen=True, slots=True)
class Files:
    """The PEM files that the settings name: a certificate with its chain behind it, and its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Served:
    """A certificate that handshakes can be made with."""

    context: ssl.SSLContext
    leaf: x509.Certificate

    @property
    def expires_at(self) -> float:
        """The Unix time at which it expires."""
        return self.leaf.not_valid_after_utc.timestamp()

    def invalid(self, now: datetime) -> str:
        """Return why clients refuse it at this time; empty for a time within its life."""
        if now > self.leaf.not_valid_after_utc:
            return f"it expired at {self.leaf.not_valid_after_utc:%Y-%m-%d %H:%M} UTC; renew it"
        if now < self.leaf.not_valid_before_utc:
            begins = f"{self.leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
            return f"it is good from {begins} on only; look at this machine's clock (timedatectl)"
        return ""


def load(files: Files) -> Served:
    """Return what the files hold. Raises UnusableCertificate.

    The files that are judged are the files that are loaded: if they change in between they are unusable.
    """
    chain, key = _read(CERTIFICATE, files.certificate), _read(KEY, files.key)
    leaf = _leaf(files.certificate, chain)
    _check_key(files, leaf, key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION  # one client could have us compute keys for ever
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(files.certificate, files.key)
    except ssl.SSLError as error:
        reason = (error.reason or str(error)).lower().replace("_", " ")
        raise UnusableCertificate(f"{CERTIFICATE}: {files.certificate} can't be used: {reason}") from None
    if (chain, key) != (_read(CERTIFICATE, files.certificate), _read(KEY, files.key)):
        raise UnusableCertificate(f"{CERTIFICATE}: {files.certificate} and {files.key} are being written")
    return Served(context, leaf)


def readable_by_others(key: Path) -> bool:
    """Return True if every user of this machine may read the key; False for one that is gone by now."""
    try:
        return bool(key.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def _read(variable: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnusableCertificate(
            f"{variable}: {path} can't be read: {error.strerror}; it must be a PEM file that the server's user may read"
        ) from None


def _leaf(path: Path, chain: bytes) -> x509.Certificate:
    """Return the first certificate of a chain: the one that is served."""
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
        leaf.public_key()
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm):
        raise UnusableCertificate(
            f"{CERTIFICATE}: {path} holds no whole certificate; it must be PEM, the certificate first and its chain "
            "behind it (fullchain.pem)"
        ) from None
    return leaf


def _check_key(files: Files, leaf: x509.Certificate, text: bytes) -> None:
    """Raise UnusableCertificate if the key is none, needs a password, or is another certificate's."""
    try:
        key = load_pem_private_key(text, None)
    except TypeError:
        raise UnusableCertificate(
            f"{KEY}: {files.key} needs a password; write it without one: openssl pkey -in {files.key} -out key.pem"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableCertificate(f"{KEY}: {files.key} holds no whole private key; it must be PEM") from None
    if key.public_key() != leaf.public_key():
        raise UnusableCertificate(
            f"{KEY}: {files.key} is not the key of the certificate in {files.certificate}; name the two files of one "
            "certificate"
        )
