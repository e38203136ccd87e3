"""A certificate is loaded whole or not at all, says what is wrong with it, and gives way to a good one only."""

from __future__ import annotations

import asyncio
import datetime
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption

from server.port import renewal_of
from server.settings import BadSetting, Settings, read
from server.tls.certificate import Files, UnusableCertificate, load, readable_by_others
from server.tls.renewal import Renewal
from tests.kit.certificates import HOUR, Authority, Certificates, new_key, pem

NAME = "call.example.org"


@pytest.fixture
def made(tmp_path: Path) -> Certificates:
    return Certificates.make(tmp_path, NAME)


def files(made: Certificates) -> Files:
    return Files(made.certificate, made.key)


def at(ahead: datetime.timedelta) -> Callable[[], datetime.datetime]:
    return lambda: datetime.datetime.now(datetime.UTC) + ahead


def cut(made: Certificates) -> None:
    made.certificate.write_bytes(made.certificate.read_bytes()[:200])


def emptied(made: Certificates) -> None:
    made.certificate.write_bytes(b"")


def swapped(made: Certificates) -> None:
    made.certificate.write_bytes(made.key.read_bytes())


def cut_key(made: Certificates) -> None:
    made.key.write_bytes(made.key.read_bytes()[:100])


def another_key(made: Certificates) -> None:
    made.key.write_bytes(pem(new_key()))


def locked_key(made: Certificates) -> None:
    made.key.write_bytes(pem(new_key(), BestAvailableEncryption(b"secret")))


def gone(made: Certificates) -> None:
    made.certificate.unlink()


def folder(made: Certificates) -> None:
    made.key.unlink()
    made.key.mkdir()


WRONG = [
    (cut, "DRAGOMAN_TLS_CERTIFICATE: {certificate} holds no whole certificate"),
    (emptied, "DRAGOMAN_TLS_CERTIFICATE: {certificate} holds no whole certificate"),
    (swapped, "DRAGOMAN_TLS_CERTIFICATE: {certificate} holds no whole certificate"),
    (cut_key, "DRAGOMAN_TLS_PRIVATE_KEY: {key} holds no whole private key"),
    (another_key, "DRAGOMAN_TLS_PRIVATE_KEY: {key} is not the key of the certificate in {certificate}"),
    (locked_key, "DRAGOMAN_TLS_PRIVATE_KEY: {key} needs a password"),
    (gone, "DRAGOMAN_TLS_CERTIFICATE: {certificate} can't be read: No such file or directory"),
    (folder, "DRAGOMAN_TLS_PRIVATE_KEY: {key} can't be read: Is a directory"),
]
each_wrong = pytest.mark.parametrize(("harm", "said"), WRONG, ids=[harm.__name__ for harm, _ in WRONG])


@each_wrong
def test_files_that_are_wrong_stop_the_start_and_are_named(
    made: Certificates, harm: Callable[[Certificates], None], said: str
) -> None:
    harm(made)
    with pytest.raises(BadSetting) as refused:
        renewal_of(Settings(tls_certificate=made.certificate, tls_private_key=made.key))
    assert str(refused.value).startswith(said.format(certificate=made.certificate, key=made.key))
    assert "PRIVATE KEY" not in str(refused.value)


@each_wrong
def test_files_that_become_wrong_keep_the_certificate_before(
    made: Certificates, harm: Callable[[Certificates], None], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    renewal = Renewal(files(made))
    before = renewal.served
    good = made.certificate.read_bytes(), made.key.read_bytes()
    harm(made)
    for _ in range(3):
        renewal.look()
    assert renewal.served is before
    assert (renewal.taken, renewal.refused) == (0, 1), "once for each change"
    [line] = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert line.startswith(f"the certificate before stays: {said.format(certificate=made.certificate, key=made.key)}")

    if made.key.is_dir():
        made.key.rmdir()
    made.certificate.write_bytes(good[0])
    made.key.write_bytes(good[1])
    renewal.look()
    assert (renewal.taken, renewal.refused) == (1, 1)
    assert renewal.served.leaf == before.leaf


def test_a_renewed_certificate_is_served_from_the_next_look_on(tmp_path: Path) -> None:
    authority = Authority()
    made = Certificates.make(tmp_path, NAME, authority=authority)
    renewal = Renewal(files(made))
    before = renewal.served
    renewal.look()
    assert renewal.served is before and renewal.taken == 0

    key = new_key()
    made.certificate.write_bytes(authority.issue(key, NAME, ends=2 * HOUR))
    renewal.look()
    assert renewal.served is before, "only half of it is there"
    made.key.write_bytes(pem(key))
    renewal.look()
    assert renewal.served.leaf.public_key() == key.public_key()
    assert renewal.served.context is not before.context
    assert renewal.served.expires_at == pytest.approx(before.expires_at + 3600, abs=5)
    assert repr(renewal) == f"Renewal({made.certificate}, taken=1, refused=1)"


def test_a_link_that_leads_to_other_files_is_a_change(tmp_path: Path) -> None:
    """Links as certbot makes them."""
    old, new = tmp_path / "old", tmp_path / "new"
    for one in (old, new):
        one.mkdir()
        Certificates.make(one, NAME)
    live = tmp_path / "live"
    live.symlink_to(old)
    renewal = Renewal(Files(live / "certificate.pem", live / "key.pem"))
    (tmp_path / "next").symlink_to(new)
    (tmp_path / "next").rename(live)
    renewal.look()
    assert renewal.taken == 1
    assert renewal.served.leaf == load(Files(new / "certificate.pem", new / "key.pem")).leaf


def test_a_certificate_that_has_expired_takes_nobodys_place(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    authority, key = Authority(), new_key()
    made = Certificates.make(tmp_path, NAME, authority=authority, key=key)
    renewal = Renewal(files(made))
    before = renewal.served
    made.certificate.write_bytes(authority.issue(key, NAME, begins=-2 * HOUR, ends=-HOUR))
    renewal.look()
    assert (renewal.served, renewal.refused) == (before, 1)
    assert "it expired at" in caplog.text


def test_a_certificate_of_tomorrow_is_served_tomorrow(tmp_path: Path) -> None:
    authority, key, now = Authority(), new_key(), [datetime.datetime.now(datetime.UTC)]
    made = Certificates.make(tmp_path, NAME, authority=authority, key=key)
    renewal = Renewal(files(made), lambda: now[0])
    made.certificate.write_bytes(authority.issue(key, NAME, begins=12 * HOUR, ends=48 * HOUR))
    for _ in range(3):
        renewal.look()
    assert (renewal.taken, renewal.refused) == (0, 1)
    now[0] += 13 * HOUR
    renewal.look()
    assert (renewal.taken, renewal.refused) == (1, 1), "although its files are as they were"


def test_a_start_with_an_expired_certificate_says_so_and_waits_for_the_next(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = Certificates.make(tmp_path, NAME)
    renewal = Renewal(files(made), at(2 * HOUR))
    assert "clients refuse the certificate: it expired at" in caplog.text
    key = new_key()
    made.key.write_bytes(pem(key))
    made.certificate.write_bytes(Authority().issue(key, NAME, ends=48 * HOUR))
    renewal.look()
    assert renewal.taken == 1


def test_a_key_that_openssl_refuses_is_told_in_its_words(made: Certificates) -> None:
    small = rsa.generate_private_key(65537, 1024)
    made.key.write_bytes(pem(small))
    made.certificate.write_bytes(Authority().issue(small, NAME))
    with pytest.raises(UnusableCertificate, match="can't be used: ee key too small"):
        load(files(made))


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, False), (0o644, True)])
def test_a_key_that_everybody_may_read_is_warned_of(
    made: Certificates, caplog: pytest.LogCaptureFixture, mode: int, warned: bool
) -> None:
    made.key.chmod(mode)
    Renewal(files(made))
    assert (f"may read {made.key}; chmod o-r" in caplog.text) is warned


async def test_a_look_that_fails_is_followed_by_others(
    made: Certificates, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    renewal, looks = Renewal(files(made)), iter([RuntimeError("a defect"), None, asyncio.CancelledError()])

    def look() -> None:
        if (problem := next(looks)) is not None:
            raise problem

    monkeypatch.setattr("server.tls.renewal.LOOK_S", 0)
    monkeypatch.setattr(renewal, "look", look)
    with pytest.raises(asyncio.CancelledError):
        await renewal.watch()
    assert list(looks) == [] and "could not be looked at" in caplog.text


def test_a_key_that_is_gone_by_now_is_nobodys_to_read(tmp_path: Path) -> None:
    assert not readable_by_others(tmp_path / "key.pem")


def test_files_that_change_while_they_are_read_are_not_used(
    made: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = iter([made.certificate.read_bytes(), made.key.read_bytes(), b"", b""])
    monkeypatch.setattr(Path, "read_bytes", lambda _: next(texts))
    with pytest.raises(UnusableCertificate, match="are being written"):
        load(files(made))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"DRAGOMAN_TLS_CERTIFICATE": "/c.pem"},
            "DRAGOMAN_TLS_CERTIFICATE and DRAGOMAN_TLS_PRIVATE_KEY need each other",
        ),
        (
            {"DRAGOMAN_TLS_PRIVATE_KEY": "/k.pem"},
            "DRAGOMAN_TLS_CERTIFICATE and DRAGOMAN_TLS_PRIVATE_KEY need each other",
        ),
        (
            {
                "DRAGOMAN_TLS_CERTIFICATE": "/c.pem",
                "DRAGOMAN_TLS_PRIVATE_KEY": "/k.pem",
                "DRAGOMAN_PUBLIC_URL": "http://a.example",
            },
            "DRAGOMAN_PUBLIC_URL must begin with https:",
        ),
        ({"DRAGOMAN_HSTS_SECONDS": "-1"}, "DRAGOMAN_HSTS_SECONDS: '-1' is not right"),
    ],
)
def test_settings_that_contradict_each_other_stop_the_start(given: dict[str, str], said: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read(given)
    assert said in str(refused.value)


def test_without_a_certificate_there_is_no_tls() -> None:
    assert renewal_of(Settings()) is None
