"""nginx and Caddy with the files of `deploy/`: HTTPS, WSS, who came, a path of another site, a call of two pages."""

from __future__ import annotations

import random
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.kit.certificates import Authority, Certificates, Key, new_key
from tests.kit.chromium import Running
from tests.kit.free_port import free_port
from tests.kit.page_over_tls import POLITE, client, is_understood, meet, two_pages
from tests.kit.reverse_proxies import NAME, PROXIES, Site, running_proxy
from tests.kit.server_process import Server

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

POLICY = "Strict-Transport-Security"
GUESTS = 20
"""Guests of one address: the pages need a few."""


@dataclass(frozen=True)
class Shown:
    """A server that is shown by a proxy: at the root of a host, and at `/call`, its public address."""

    proxy: str
    site: Site
    key: Key

    @property
    def root(self) -> str:
        return f"https://{NAME}:{self.site.port}"

    @property
    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.site.certificates.authority)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Return the server alone: no proxy runs yet."""
    folder = tmp_path_factory.mktemp("behind")
    key, port = new_key(), free_port()
    certificates = Certificates.make(folder, NAME, authority=Authority(), key=key)
    settings = POLITE | {
        "DRAGOMAN_PUBLIC_URL": f"https://{NAME}:{port}/call",
        "DRAGOMAN_TRUSTED_PROXIES": "127.0.0.1",
        "DRAGOMAN_GUESTS_PER_HOUR": str(GUESTS),
    }
    with Server(folder / "server", **settings) as server:
        upstream = server.url.removeprefix("http://")
        yield Shown("", Site(folder, port, free_port(), upstream, certificates), key)


@pytest.fixture(scope="module", params=PROXIES)
def shown(request: pytest.FixtureRequest, behind: Shown) -> Iterator[Shown]:
    alone = behind.site
    site = Site(alone.folder / request.param, alone.port, alone.plain, alone.upstream, alone.certificates)
    with running_proxy(request.param, site):
        yield Shown(request.param, site, behind.key)


async def test_a_call_of_two_pages(running: Running, shown: Shown) -> None:
    """Through nginx at the root of a host, through Caddy below a path."""
    url = shown.root if shown.proxy == "nginx" else f"{shown.root}/call"
    async with two_pages(running, shown.key, NAME) as (anna, luis):
        await meet(anna, luis, url)
        await is_understood(anna, "Good morning.", luis, "Buenos días.")
        assert not anna.complaints and not luis.complaints


@pytest.mark.parametrize("path", ["", "/call"])
async def test_https_and_wss(shown: Shown, path: str) -> None:
    async with client(shown.trusted) as http:
        async with http.get(f"{shown.root}{path}/") as answer:
            assert answer.status == 200 and "<!doctype html>" in (await answer.text()).lower()
        async with http.ws_connect(f"wss://{NAME}:{shown.site.port}{path}/ws", origin=shown.root) as socket:
            await socket.send_json({"type": "heartbeat"})
            refusal = await socket.receive_json()
            assert refusal["type"] == "error", "it is the server that answers"
        async with http.get(f"{shown.root}{path}/metrics") as answer:
            assert answer.status == 404


async def test_plain_http_and_a_path_without_its_slash_lead_to_the_page(shown: Shown) -> None:
    async with client(shown.trusted) as http:
        async with http.get(f"http://{NAME}:{shown.site.plain}/call/?a=b", allow_redirects=False) as answer:
            assert answer.status == 308
            assert answer.headers["Location"].startswith("https://") and "/call/?a=b" in answer.headers["Location"]
        async with http.get(f"{shown.root}/call", allow_redirects=False) as answer:
            assert answer.status == 308
            assert answer.headers["Location"] in ("/call/", f"{shown.root}/call/")


async def test_a_foreign_page_may_not_connect(shown: Shown) -> None:
    async with client(shown.trusted) as http:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await http.ws_connect(f"wss://{NAME}:{shown.site.port}/ws", origin="https://evil.example")


async def test_limits_count_for_the_client_and_not_for_the_proxy(shown: Shown) -> None:
    """Nor for what a client says of itself."""
    one, other = random.sample(range(2, 250), 2)
    statuses = []
    async with client(shown.trusted, f"127.77.7.{one}") as http:
        for number in range(GUESTS + 1):
            forged = {"X-Forwarded-For": f"203.0.113.{number}"}
            async with http.post(f"{shown.root}/api/v1/auth/guest", json={}, headers=forged) as answer:
                statuses.append(answer.status)
    assert statuses == [201] * GUESTS + [429]
    async with (
        client(shown.trusted, f"127.77.7.{other}") as http,
        http.post(f"{shown.root}/api/v1/auth/guest", json={}) as answer,
    ):
        assert answer.status == 201


@pytest.fixture(scope="module")
def own_host(tmp_path_factory: pytest.TempPathFactory, behind: Shown) -> Iterator[str]:
    """Return host and port of a server with a host of its own, which browsers know by no path."""
    settings = POLITE | {
        "DRAGOMAN_PUBLIC_URL": f"https://{NAME}:{behind.site.port}",
        "DRAGOMAN_TRUSTED_PROXIES": "127.0.0.1",
    }
    with Server(tmp_path_factory.mktemp("own"), **settings) as server:
        yield server.url.removeprefix("http://")


@pytest.mark.parametrize("proxy", PROXIES)
async def test_https_alone_is_demanded_once_and_by_https_only(
    proxy: str, own_host: str, behind: Shown, tmp_path: Path
) -> None:
    """The server says it, since it knows the policy; the proxies pass it on, and add none of their own."""
    site = Site(tmp_path, free_port(), free_port(), own_host, behind.site.certificates)
    trusted = ssl.create_default_context(cafile=site.certificates.authority)
    policies = []
    with running_proxy(proxy, site):
        async with client(trusted) as http:
            for path in ("/", "/health", "/nothing", "/metrics"):
                async with http.get(f"https://{NAME}:{site.port}{path}") as answer:
                    policies.append(answer.headers.getall(POLICY, []))
            async with http.get(f"http://{NAME}:{site.plain}/", allow_redirects=False) as answer:
                assert answer.status == 308 and POLICY not in answer.headers, "RFC 6797, 7.2"
            async with http.get(f"http://{own_host}/health") as answer:
                assert answer.status == 200 and POLICY not in answer.headers, "nobody says that it came by HTTPS"
    assert policies[:3] == [["max-age=31536000"]] * 3
    assert policies[3] == [], "what the proxy answers by itself is none of a page's"


async def test_a_host_that_others_share_gets_no_policy_of_ours(shown: Shown) -> None:
    async with client(shown.trusted) as http, http.get(f"{shown.root}/call/") as answer:
        assert answer.status == 200
        assert POLICY not in answer.headers
