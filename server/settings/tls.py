"""The part of the table of settings that is about TLS: a certificate of the server's own, and what browsers keep."""

# ruff: noqa: RUF009 (`setting` declares a field)
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from server.settings import casts
from server.settings.redis import RedisSettings
from server.settings.row import Target, setting
from signaling.config import SignalingOptions

TLS = "TLS"


@dataclass(frozen=True, slots=True)
class TlsSettings(RedisSettings):
    """Settings of TLS; `Settings` holds them, too."""

    tls_certificate: Path | None = setting(
        casts.path, None,
        "The PEM file of a certificate and its chain: HTTPS and WSS instead of HTTP and WS, without a proxy.", TLS,
        unset="no TLS",
    )  # fmt: skip
    tls_private_key: Path | None = setting(
        casts.path, None, "The PEM file of the certificate's key. Both are read anew when they change.", TLS,
        unset="no TLS",
    )  # fmt: skip
    hsts_seconds: int = setting(
        casts.whole(0, 63_072_000), SignalingOptions().hsts_s,
        "Seconds for which a browser that came by HTTPS uses nothing else; 0: browsers forget it.", TLS,
        targets=(Target(SignalingOptions, "hsts_s"),),
    )  # fmt: skip
