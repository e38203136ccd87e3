"""`dragoman doctor` looks at certificates as clients do, and says what to do about those that clients refuse."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from server.cli.certificate_findings import of_the_page, of_the_relay
from server.cli.certificate_probe import served_by
from server.cli.finding import Finding
from server.cli.libwebrtc_roots import KNOWN
from server.cli.machine_clock import clock
from server.settings import Settings
from server.tls.certificate import Files, load
from tests.kit.certificates import HOUR, Authority, Certificates, new_key
from tests.kit.coturn_process import running_coturn
from tests.kit.free_port import free_port

NAME = "call.example.org"
DAY = timedelta(days=1)
LIBWEBRTC = Path(__file__).parents[1] / "peers/libwebrtc/node_modules/@roamhq"


def make(
    folder: Path, *hosts: str, authority: Authority | None = None, begins: timedelta = -DAY, ends: timedelta = 90 * DAY
) -> Certificates:
    """Write a certificate with a life as public ones have it."""
    authority, key = authority or Authority(), new_key()
    made = Certificates.make(folder, *hosts, authority=authority, key=key)
    made.certificate.write_bytes(authority.issue(key, *hosts, begins=begins, ends=ends))
    return made


async def page(settings: Settings) -> list[Finding]:
    return [one async for one in of_the_page(settings)]


async def own(made: Certificates, public_url: str | None = f"https://{NAME}") -> Finding:
    [found] = await page(Settings(tls_certificate=made.certificate, tls_private_key=made.key, public_url=public_url))
    return found


async def test_a_good_certificate_is_told_with_its_names_and_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(tmp_path, NAME, "192.0.2.7")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    until = load(Files(made.certificate, made.key)).leaf.not_valid_after_utc
    good = Finding(f"certificate {made.certificate}: a certificate for {NAME}, 192.0.2.7, good until {until:%Y-%m-%d}")
    for url in (f"https://{NAME}/call", "https://192.0.2.7:8443", None):
        assert await own(made, url) == good


@pytest.mark.parametrize(
    ("hosts", "begins", "ends", "remedy"),
    [
        (["other.example.org"], -DAY, 90 * DAY, f"does not name {NAME}; it names other.example.org"),
        ([NAME], -90 * DAY, -DAY, "expired on"),
        ([NAME], DAY, 90 * DAY, "look at the clocks"),
        ([NAME], -80 * DAY, 10 * DAY, "only; renew it"),
        ([NAME], -5 * DAY, DAY, "only; renew it"),
    ],
    ids=["another name", "expired", "of tomorrow", "ten days left", "a day left of six"],
)
async def test_what_clients_refuse_is_told_with_what_to_do(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hosts: list[str],
    begins: timedelta,
    ends: timedelta,
    remedy: str,
) -> None:
    authority = Authority()
    made = make(tmp_path, *hosts, authority=authority, begins=begins, ends=ends)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    assert remedy in (await own(made)).remedy


async def test_a_certificate_of_six_days_is_not_overdue_after_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(tmp_path, NAME, begins=-2 * DAY, ends=4 * DAY)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    assert not (await own(made)).remedy


async def test_a_chain_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    found = await own(make(tmp_path, NAME))
    assert "clients can't follow its certificate to a root" in found.remedy and "fullchain.pem" in found.remedy


async def test_files_that_stop_the_start_are_told_before_it(tmp_path: Path) -> None:
    made = make(tmp_path, NAME)
    made.key.chmod(0o644)
    assert "chmod o-r" in (await own(made)).remedy
    made.key.unlink()
    assert "DRAGOMAN_TLS_PRIVATE_KEY" in (await own(made)).remedy


async def test_without_https_there_is_nothing_to_judge() -> None:
    assert await page(Settings()) == []
    assert await page(Settings(public_url="http://127.0.0.1:8080")) == []


async def test_a_public_address_that_is_not_reached_is_no_fault() -> None:
    [found] = await page(Settings(public_url=f"https://127.0.0.1:{free_port()}"))
    assert "is not reached from here" in found.what and not found.remedy


@pytest.mark.udp
@pytest.mark.parametrize(
    ("authority", "known"), [("USERTrust RSA Certification Authority", True), ("ISRG Root X1", False)]
)
async def test_a_relay_whose_authority_apps_do_not_know_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: str, known: bool
) -> None:
    made, port = make(tmp_path, "127.0.0.1", authority=Authority(authority)), free_port()
    files = {"certificate": str(made.certificate), "private_key": str(made.key)}
    with running_coturn(tmp_path, **files, tls_listening_port=port):
        url = f"turns:127.0.0.1:{port}?transport=tcp"
        assert "to a root" in (await of_the_relay(url)).remedy
        monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
        found = await of_the_relay(url)
    assert not found.remedy and "good until" in found.what
    assert (f"don't know its root, {authority}" in found.what) is not known


async def test_a_relay_without_tls_is_told() -> None:
    found = await of_the_relay(f"turns:127.0.0.1:{free_port()}?transport=tcp")
    assert "no TLS there (Connect" in found.remedy and "DRAGOMAN_TURN_CERTIFICATE" in found.remedy


async def test_the_root_is_the_authority_behind_all_that_was_sent(tmp_path: Path) -> None:
    made = Certificates.make(tmp_path, NAME, authority=Authority("GTS Root R1"))
    judged = await served_by(load(Files(made.certificate, made.key)).context, NAME)
    assert (judged.root, judged.known_to_apps) == ("GTS Root R1", True)
    assert judged.problem and judged.chain[0].not_valid_after_utc - judged.chain[0].not_valid_before_utc == 2 * HOUR


def test_the_list_of_roots_is_that_of_the_libwebrtc_that_tests_run() -> None:
    [found] = LIBWEBRTC.glob("wrtc-*/wrtc.node")
    library = found.read_bytes()
    assert [name for name in KNOWN if name.encode() not in library] == []
    assert b"ISRG Root X1" not in library and b"Amazon Root CA 1" not in library


def test_the_clock_is_shown() -> None:
    found = clock()
    assert found.what.startswith("the clock shows 20") and " UTC" in found.what and not found.remedy
