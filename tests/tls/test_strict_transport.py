"""HTTPS alone is demanded of browsers that came by it, and of no host that is not ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_network

import pytest

from signaling.config import SignalingOptions
from signaling.http.strict_transport import strict_transport
from tests.kit.signaling_server import GENEROUS, open_front

HEADER = "Strict-Transport-Security"
OWN = SignalingOptions(limits=GENEROUS, trusted_proxies=(ip_network("127.0.0.1"),))


@pytest.mark.parametrize(
    ("options", "host", "policy"),
    [
        (OWN, "call.example.org", "max-age=31536000"),
        (replace(OWN, public_url="https://call.example.org:8443"), "call.example.org:8443", "max-age=31536000"),
        (replace(OWN, public_url="https://call.example.org/"), "call.example.org", "max-age=31536000"),
        (replace(OWN, hsts_s=0), "call.example.org", "max-age=0"),
        (replace(OWN, public_url="https://example.org/call"), "example.org", None),
        (OWN, "localhost:8443", None),
        (OWN, "LOCALHOST", None),
    ],
)
def test_the_policy_of_a_host(options: SignalingOptions, host: str, policy: str | None) -> None:
    assert strict_transport(options, host) == policy


@pytest.mark.parametrize(
    ("options", "headers", "demanded"),
    [
        (OWN, {"X-Forwarded-Proto": "https"}, True),
        (OWN, {"X-Forwarded-Proto": "http"}, False),
        (OWN, {"X-Forwarded-Proto": "wss"}, False),
        (OWN, {}, False),
        (replace(OWN, trusted_proxies=()), {"X-Forwarded-Proto": "https"}, False),
    ],
    ids=["https at the proxy", "http at the proxy", "nonsense", "no proxy", "a proxy that nobody has named"],
)
async def test_a_proxy_that_is_trusted_says_how_the_client_came(
    options: SignalingOptions, headers: Mapping[str, str], demanded: bool
) -> None:
    async with open_front(options) as front:
        for path in ("/health", "/nothing", "/api/v1/languages"):
            async with front.http.get(front.url + path, headers=headers) as answer:
                assert (HEADER in answer.headers) is demanded, path
