"""Letters by TLS through a real mail server: nothing is sent where somebody between us and it could read it."""

from __future__ import annotations

import asyncio
import base64
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from accounts.letters.mail import Mail
from accounts.letters.mail_server import Protection, SmtpOptions, smtp_options
from accounts.letters.texts import reset
from server.settings.casts import smtp_url
from tests.accounts.test_letters import Postbox
from tests.kit.certificates import Certificates
from tests.kit.free_port import free_port

# The mail server that wants a password without TLS is one, as far as it knows, and is no danger here.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

LETTER = ("ana@example.org", "https://call.example.org/#reset=TOKEN", 60)
HERE = "127.0.0.1"


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    return AuthResult(success=data == LoginPassword(b"us", b"secret"), handled=False)


@contextmanager
def mail_server(
    certificates: Certificates | None, protection: Protection = Protection.STARTTLS
) -> Iterator[tuple[Postbox, int]]:
    """Run a mail server that wants our password, and TLS before it where it has `certificates`."""
    context = None
    if certificates is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.certificate, certificates.key)
    later = context is not None and protection is Protection.STARTTLS
    postbox, port = Postbox(), free_port()
    controller = Controller(
        postbox,
        hostname=HERE,
        port=port,
        ssl_context=None if later else context,
        tls_context=context if later else None,
        require_starttls=later,
        authenticator=authenticate,
        auth_required=True,
        auth_require_tls=later,
        ready_timeout=60,
    )
    controller.start()
    try:
        yield postbox, port
    finally:
        controller.stop()


@asynccontextmanager
async def between(port: int, tamper: Callable[[bytes], bytes]) -> AsyncIterator[tuple[int, bytearray]]:
    """Stand between a client and the mail server: `tamper` changes what the server says. Yield what the client says."""
    heard = bytearray()

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, change: Callable[[bytes], bytes]) -> None:
        try:
            while data := await source.read(65536):
                sink.write(change(data))
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()

    def listen(data: bytes) -> bytes:
        heard.extend(data)
        return data

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(HERE, port)
        await asyncio.gather(pump(reader, back, listen), pump(there, writer, tamper))

    server = await asyncio.start_server(meet, HERE, 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heard


async def sent(options: SmtpOptions) -> int:
    """Send one letter; return the number of letters that were lost."""
    mail = Mail(options)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(mail.run())
        mail.post(lambda: reset(*LETTER))
        await mail.finish(60)
        running.cancel()
    return mail.lost


def options(port: int, protection: Protection = Protection.STARTTLS) -> SmtpOptions:
    return SmtpOptions(HERE, port, "dragoman@example.org", protection, "us", "secret", retry_s=0.001)


def believed(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Certificates:
    """Let this machine believe the authority of these certificates."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    return certificates


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificates:
    return believed(Certificates.make(tmp_path, HERE), monkeypatch)


@pytest.mark.parametrize("protection", [Protection.STARTTLS, Protection.TLS])
async def test_letter_and_password_go_by_tls(certificates: Certificates, protection: Protection) -> None:
    with mail_server(certificates, protection) as (postbox, port):
        async with between(port, bytes) as (entrance, heard):
            assert await sent(options(entrance, protection)) == 0
        assert [to for to, _ in postbox.letters] == [[LETTER[0]]]
        assert (b"STARTTLS\r\n" in heard) is (protection is Protection.STARTTLS)
        for secret in (b"secret", base64.b64encode(b"\0us\0secret"), base64.b64encode(b"secret"), b"#reset", b"MAIL"):
            assert secret not in heard


TAMPERED: dict[str, Callable[[bytes], bytes]] = {
    "the offer is stripped": lambda said: said.replace(b"250-STARTTLS\r\n", b"250-AUTH LOGIN PLAIN\r\n"),
    "STARTTLS is refused": lambda said: said.replace(b"220 Ready to start TLS", b"454 not now"),
    "STARTTLS is refused for good": lambda said: said.replace(b"220 Ready to start TLS", b"502 unknown"),
    "STARTTLS is answered by another number": lambda said: said.replace(b"220 Ready to start TLS", b"250 OK"),
    "only HELO is known": lambda said: b"502 unknown\r\n" if said.startswith(b"250-") else said,
}


@pytest.mark.parametrize("name", TAMPERED)
async def test_who_keeps_us_from_tls_gets_nothing(
    certificates: Certificates, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    changed = 0

    def tamper(said: bytes) -> bytes:
        nonlocal changed
        told = TAMPERED[name](said)
        changed += told != said
        return told

    with mail_server(certificates) as (postbox, port):
        async with between(port, tamper) as (entrance, heard):
            assert await sent(options(entrance)) == 1
        assert changed and not postbox.letters
        for word in (b"AUTH", b"MAIL", b"RCPT", b"DATA", b"ana@"):
            assert word not in heard.upper() and word not in heard
    assert "secret" not in caplog.text and LETTER[0] not in caplog.text
    assert {one.levelno for one in caplog.records if "could not be sent" in one.message} == {logging.WARNING}


async def test_a_server_without_starttls_gets_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with mail_server(None) as (postbox, port):
        async with between(port, bytes) as (entrance, heard):
            assert await sent(options(entrance)) == 1
        assert not postbox.letters and b"AUTH" not in heard and b"MAIL" not in heard
    problems = {one.__dict__["problem"] for one in caplog.records if "could not be sent" in one.message}
    assert problems == {"SMTP STARTTLS extension not supported by server."}


@pytest.mark.parametrize("protection", [Protection.STARTTLS, Protection.TLS])
@pytest.mark.parametrize("name", ["of an unknown authority", "of another server"])
async def test_a_server_with_another_certificate_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, protection: Protection, caplog: pytest.LogCaptureFixture
) -> None:
    if name == "of an unknown authority":
        presented = Certificates.make(tmp_path, HERE)
        (tmp_path / "others").mkdir()
        believed(Certificates.make(tmp_path / "others", HERE), monkeypatch)
    else:
        presented = believed(Certificates.make(tmp_path, "192.0.2.7"), monkeypatch)
    with mail_server(presented, protection) as (postbox, port):
        async with between(port, bytes) as (entrance, heard):
            assert await sent(options(entrance, protection)) == 1
        assert not postbox.letters and b"secret" not in heard
    problems = [one.__dict__["problem"] for one in caplog.records if "could not be sent" in one.message]
    assert len(problems) == 4 and all(one.startswith("certificate: ") for one in problems)


async def test_a_wrong_password_is_logged_by_its_number_only(
    certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    with mail_server(certificates) as (postbox, port):
        wrong = SmtpOptions(HERE, port, "dragoman@example.org", username="us", password="guessed", retry_s=0.001)
        assert await sent(wrong) == 1
        assert not postbox.letters
    lost = [one.__dict__ for one in caplog.records if "could not be sent" in one.message]
    assert [(one["problem"], one["smtp"]) for one in lost] == [("SMTPAuthenticationError", 535)]
    assert "guessed" not in caplog.text and "guessed" not in repr(wrong)


@pytest.mark.parametrize(
    ("url", "port", "protection"),
    [
        ("smtps://us:secret@mail.example.org", 465, Protection.TLS),
        ("smtp+starttls://us:secret@mail.example.org", 587, Protection.STARTTLS),
        ("smtp+starttls://127.0.0.1:2525", 2525, Protection.STARTTLS),
        ("smtp://us:secret@mail.example.org", 587, Protection.STARTTLS),
        ("smtp://mail.example.org", 587, Protection.STARTTLS),
        ("smtp://us:secret@localhost", 587, Protection.STARTTLS),
        ("smtp://localhost", 25, Protection.NONE),
        ("smtp://[::1]:1025", 1025, Protection.NONE),
        ("smtp+plain://relay.internal", 25, Protection.NONE),
    ],
)
def test_what_protects_letters_on_the_way(url: str, port: int, protection: Protection) -> None:
    found = smtp_options(url, "a@b.c")
    assert (found.port, found.protection) == (port, protection)
    assert smtp_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "smtp+plain://us:secret@relay.internal",
        "smtps://us:sec/ret@mail.example.org",
        "smtps://mail.example.org:70000",
        "smtps://[::1",
        "smtp+tls://mail.example.org",
        "smtps://us:secret#1@mail.example.org",
    ],
)
def test_urls_that_are_not_right_are_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match=r"must be like|TLS only") as refused:
        smtp_url(url)
    assert "sec" not in str(refused.value)
