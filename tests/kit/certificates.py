"""A certificate authority for one test, and a certificate of it for one address."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificates:
    """PEM files."""

    authority: Path
    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path, address: str) -> Certificates:
        authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of the test")])
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
        now = datetime.datetime.now(datetime.UTC)

        def signed(subject: x509.Name, public: ec.EllipticCurvePublicKey, *extensions: x509.ExtensionType) -> bytes:
            builder = x509.CertificateBuilder(
                issuer_name=authority_name,
                subject_name=subject,
                public_key=public,
                serial_number=x509.random_serial_number(),
                not_valid_before=now - datetime.timedelta(minutes=5),
                not_valid_after=now + datetime.timedelta(hours=1),
            )
            for extension in extensions:
                builder = builder.add_extension(extension, critical=False)
            return builder.sign(authority_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

        made = cls(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
        made.authority.write_bytes(
            signed(authority_name, authority_key.public_key(), x509.BasicConstraints(ca=True, path_length=0))
        )
        made.certificate.write_bytes(
            signed(name, key.public_key(), x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]))
        )
        made.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return made
