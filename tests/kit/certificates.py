"""A certificate authority for one test, and certificates of it for addresses and host names."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

HOUR = timedelta(hours=1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def pem(key: Key, encryption: KeySerializationEncryption | None = None) -> bytes:
    """Return a key as PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def spki(key: Key) -> str:
    """Return the SHA-256 of a public key, in base64, as Chromium's list of believed keys has it."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(public).digest()).decode()


class Authority:
    """Signs certificates. `name` is its own."""

    def __init__(self, name: str = "authority of the test") -> None:
        self._key = new_key()
        self._name = _named(name)
        self.pem = self._signed(self._name, self._key, -HOUR, 24 * HOUR, x509.BasicConstraints(ca=True, path_length=0))

    def issue(self, key: Key, *hosts: str, begins: timedelta = -HOUR, ends: timedelta = HOUR) -> bytes:
        """Return a certificate of `key` for addresses and host names, as PEM. Its life is counted from now."""
        return self._signed(_named(hosts[0]), key, begins, ends, x509.SubjectAlternativeName(map(_host, hosts)))

    def _signed(
        self,
        subject: x509.Name,
        key: Key,
        begins: timedelta,
        ends: timedelta,
        extension: x509.ExtensionType,
    ) -> bytes:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(
            issuer_name=self._name,
            subject_name=subject,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now + begins,
            not_valid_after=now + ends,
        )
        return (
            builder.add_extension(extension, critical=False).sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)
        )


@dataclass(frozen=True)
class Certificates:
    """PEM files."""

    authority: Path
    certificate: Path
    key: Path

    @classmethod
    def make(
        cls, folder: Path, *hosts: str, authority: Authority | None = None, key: Key | None = None
    ) -> Certificates:
        """Write an authority's certificate, one of it for the hosts, and its key into a folder."""
        authority, key = authority or Authority(), key or new_key()
        made = cls(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
        made.authority.write_bytes(authority.pem)
        made.certificate.write_bytes(authority.issue(key, *hosts))
        made.key.write_bytes(pem(key))
        made.key.chmod(0o600)
        return made


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
