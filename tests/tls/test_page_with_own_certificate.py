"""The server with a certificate of its own: TLS 1.3, a call over https and wss, and a renewal during the call."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from cryptography import x509

from tests.kit.certificates import Authority, Certificates, Key, new_key
from tests.kit.chromium import Running
from tests.kit.exposition import families
from tests.kit.page_meeting import IN_CALL
from tests.kit.page_over_tls import POLITE, client, is_understood, meet, two_pages
from tests.kit.server_process import Server

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

NAME = "call.example.org"


@dataclass(frozen=True)
class Site:
    authority: Authority
    key: Key
    certificates: Certificates
    server: Server

    @property
    def port(self) -> int:
        return int(self.server.url.rpartition(":")[2])

    @property
    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificates.authority)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("own")
    authority, key = Authority(), new_key()
    certificates = Certificates.make(folder, NAME, "127.0.0.1", authority=authority, key=key)
    files = {
        "DRAGOMAN_TLS_CERTIFICATE": str(certificates.certificate),
        "DRAGOMAN_TLS_PRIVATE_KEY": str(certificates.key),
    }
    with Server(folder, **POLITE, **files) as server:
        yield Site(authority, key, certificates, server)


def s_client(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{site.port}", "-servername", NAME, "-CAfile"]
    command += [str(site.certificates.authority), "-verify_return_error", "-verify_hostname", NAME, *arguments]
    return subprocess.run(command, input="", capture_output=True, text=True, timeout=60)


def served(site: Site) -> int:
    """Return the serial number of the certificate that a new connection gets."""
    return x509.load_pem_x509_certificate(ssl.get_server_certificate(("127.0.0.1", site.port)).encode()).serial_number


@pytest.mark.parametrize(("option", "version"), [("-tls1_3", "TLSv1.3"), ("-tls1_2", "TLSv1.2")])
def test_openssl_speaks_tls_with_it(site: Site, option: str, version: str) -> None:
    spoken = s_client(site, option)
    assert spoken.returncode == 0, spoken.stderr
    assert re.search(rf"^New, {re.escape(version)}, Cipher is (TLS_AES|TLS_CHACHA|ECDHE)", spoken.stdout, re.MULTILINE)
    assert "Verification: OK" in spoken.stdout


def test_older_versions_are_refused(site: Site) -> None:
    # Level 0: or this client would not even ask.
    asked = s_client(site, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
    assert asked.returncode != 0
    assert "New, (NONE), Cipher is (NONE)" in asked.stdout
    assert "no protocols available" not in asked.stderr, "it is the server that refuses"


async def test_a_call_over_https_and_wss_goes_on_while_the_certificate_is_renewed(running: Running, site: Site) -> None:
    url = f"https://{NAME}:{site.port}"
    assert site.server.url == f"https://127.0.0.1:{site.port}"
    async with two_pages(running, site.key, NAME) as (anna, luis):
        await meet(anna, luis, url)
        await is_understood(anna, "Good morning.", luis, "Buenos días.")

        before = await asyncio.to_thread(served, site)
        site.certificates.certificate.write_bytes(site.authority.issue(site.key, NAME, "127.0.0.1"))
        give_up = time.monotonic() + 60
        while await asyncio.to_thread(served, site) == before:
            assert time.monotonic() < give_up, site.server.log
            await asyncio.sleep(0.2)

        await is_understood(anna, "Good night.", luis, "Buenas noches.")
        assert await anna.page.evaluate(IN_CALL) and await luis.page.evaluate(IN_CALL)
        await luis.page.reload()
        await luis.page.click("#return-button:enabled")
        await luis.until(IN_CALL)
        assert not anna.complaints and not luis.complaints


async def test_answers_have_the_browser_come_by_https_alone(site: Site) -> None:
    async with client(site.trusted) as http:
        for path in ("/", "/health", "/api/v1/languages", "/nothing"):
            async with http.get(f"https://{NAME}:{site.port}{path}") as answer:
                assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", path
        async with http.get(f"http://{NAME}:{site.port}/health") as answer:
            assert answer.status == 400
            assert "https://" in (await answer.json())["error"]["message"]


async def test_figures_tell_when_it_expires(site: Site) -> None:
    async with client(site.trusted) as http, http.get(f"https://{NAME}:{site.port}/metrics") as answer:
        found = families(await answer.text())
    [expiry] = found["dragoman_certificate_expiry_time_seconds"].samples
    assert 0 < expiry.value - time.time() <= 3600


def test_its_log_complains_of_nothing(site: Site) -> None:
    lines = [json.loads(line) for line in site.server.log.splitlines()]
    assert [one for one in lines if one["level"] in ("warning", "error")] == []
