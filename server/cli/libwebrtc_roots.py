"""Names of the roots that libwebrtc has compiled in, by which apps judge the certificate of `turns:`.

From `rtc_base/ssl_roots.h` of M106 (2022), the engine of the tests' peer: the list that Google gives for its own
services. Later ones lack a few that have expired, and have none that could stand for Let's Encrypt or Amazon.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import NameOID

KNOWN = frozenset(
    {
        "AAA Certificate Services",
        "AffirmTrust Commercial",
        "AffirmTrust Networking",
        "AffirmTrust Premium",
        "AffirmTrust Premium ECC",
        "COMODO Certification Authority",
        "COMODO ECC Certification Authority",
        "COMODO RSA Certification Authority",
        "DigiCert Assured ID Root CA",
        "DigiCert Assured ID Root G2",
        "DigiCert Assured ID Root G3",
        "DigiCert Global Root CA",
        "DigiCert Global Root G2",
        "DigiCert Global Root G3",
        "DigiCert High Assurance EV Root CA",
        "DigiCert Trusted Root G4",
        "Entrust Root Certification Authority",
        "Entrust Root Certification Authority - EC1",
        "Entrust Root Certification Authority - G2",
        "Entrust.net Certification Authority (2048)",
        "GTS Root R1",
        "GTS Root R2",
        "GTS Root R3",
        "GTS Root R4",
        "GlobalSign",
        "GlobalSign Root CA",
        "Go Daddy Class 2 Certification Authority",
        "Go Daddy Root Certificate Authority - G2",
        "Starfield Class 2 Certification Authority",
        "Starfield Root Certificate Authority - G2",
        "USERTrust ECC Certification Authority",
        "USERTrust RSA Certification Authority",
    }
)
"""Those that had not expired in 2026."""


def short_name(name: x509.Name) -> str:
    """Return the part of a name by which an authority is known: its common name, else its unit."""
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME):
        if found := name.get_attributes_for_oid(kind):
            return str(found[0].value)
    return name.rfc4514_string()
