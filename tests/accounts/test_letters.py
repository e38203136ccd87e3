"""Letters through a real mail server: an address is verified, a forgotten password replaced, and links die."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from accounts.letters.mail import Mail
from accounts.letters.mail_server import Protection, SmtpOptions, smtp_options
from signaling.config import SignalingOptions
from tests.kit.account_server import PASSWORD, AccountFront, open_account_front
from tests.kit.forging import altered
from tests.kit.free_port import free_port
from tests.kit.moved_clock import MovedClock, until
from tests.kit.signaling_server import GENEROUS, MANY

NEW = "a short green lion"
GENEROUS_WITH_LETTERS = SignalingOptions(limits=replace(GENEROUS, letters_to_person=MANY))


class Postbox:
    """A handler of aiosmtpd: keeps what comes."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], Message]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.letters.append((list(envelope.rcpt_tos), message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"

    def link(self, kind: str) -> str:
        """Return the token of the newest letter, whose link leads to the page's fragment."""
        letter = self.letters[-1][1]
        assert isinstance(letter, EmailMessage)
        found = re.search(rf"https://call\.example\.org/#{kind}=([A-Za-z0-9._~-]+)\s", letter.get_content())
        assert found is not None, letter.get_content()
        return found[1]


@asynccontextmanager
async def with_mail(
    folder: Path,
    config: SignalingOptions = GENEROUS_WITH_LETTERS,
    postbox: Postbox | None = None,
    retry_s: float = 5.0,
) -> AsyncIterator[tuple[AccountFront, Postbox]]:
    postbox, port = postbox or Postbox(), free_port()
    controller = Controller(postbox, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    try:
        smtp = SmtpOptions("127.0.0.1", port, "Dragoman <dragoman@example.org>", Protection.NONE, retry_s=retry_s)
        async with open_account_front(folder, config, smtp=smtp) as server:
            yield server, postbox
    finally:
        controller.stop()


async def test_an_address_is_verified_by_a_link(tmp_path: Path) -> None:
    async with with_mail(tmp_path) as (server, postbox):
        ana = await server.register("Ana")
        await server.accounts.mail.finish(60)
        (to, letter), token = postbox.letters[0], postbox.link("verify")
        assert (to, letter["To"], letter["From"]) == (
            ["ana@example.com"],
            "ana@example.com",
            "Dragoman <dragoman@example.org>",
        )
        assert letter["Date"] and letter["Message-ID"] and letter["Auto-Submitted"] == "auto-generated"
        assert (await server.call("GET", "/users/me", token=token))[0] == 401
        assert (await server.call("POST", "/auth/reset", {"token": token, "password": NEW}))[0] == 400
        for _ in range(2):
            status, answer = await ana.call("POST", "/auth/verify", {"token": token})
            assert (status, answer) == (200, {"userId": ana.user, "emailVerified": True})
        assert (await ana.call("GET", "/users/me"))[1]["emailVerified"] is True
        assert await server.last_audited() == ("verify", "ok", ana.user)


async def test_a_link_alone_verifies_nothing(tmp_path: Path) -> None:
    """A stranger makes an account with somebody's address, and whatever checks that person's mail opens the link."""
    async with with_mail(tmp_path) as (server, postbox):
        stranger = await server.register("Ana")
        await server.accounts.mail.finish(60)
        token = postbox.link("verify")
        eve = await server.register("Eve")
        guest = await server.front.guest("Gil")
        for access, body, status in (
            (None, {}, 403), (eve.token, {}, 403), (guest.token, {}, 403), ("x.y.z", {}, 401),
            (None, {"password": "wrong password"}, 403), (eve.token, {"password": "wrong password"}, 403),
        ):  # fmt: skip
            answered, answer = await server.call("POST", "/auth/verify", {"token": token, **body}, access)
            assert answered == status, (access, body)
            if access != "x.y.z" and access != guest.token:
                assert answer["error"]["details"] == {"field": "password"}
        assert (await stranger.call("GET", "/users/me"))[1]["emailVerified"] is False
        assert await server.call("POST", "/auth/forgot", {"email": stranger.email}) == (202, {"mail": True})
        await server.accounts.mail.finish(60)
        reset = {"token": postbox.link("reset"), "password": NEW}
        assert (await server.call("POST", "/auth/reset", reset))[0] == 204, "the address' owner takes the account"
        assert (await server.login(stranger.email, PASSWORD))[0] == 401
        assert (await stranger.call("GET", "/users/me"))[0] == 401


async def test_a_link_and_the_password_verify_and_guesses_lock(tmp_path: Path) -> None:
    async with with_mail(tmp_path) as (server, postbox):
        for name in ("Ana", "Bo"):
            person = await server.register(name)
            await server.accounts.mail.finish(60)
            token = postbox.link("verify")
            if name == "Bo":
                for _ in range(5):
                    await server.call("POST", "/auth/verify", {"token": token, "password": "wrong password"})
            body = {"token": token, "password": PASSWORD}
            status, answer = await server.call("POST", "/auth/verify", body)
            assert status == (200 if name == "Ana" else 423), answer
            assert (await person.call("GET", "/users/me"))[1]["emailVerified"] is (name == "Ana")
            wishes = {"password": {"old": PASSWORD, "new": NEW}}
            assert (await person.call("PATCH", "/users/me", wishes))[0] == 200, "guesses from outside do not lock that"


async def test_a_locked_account_is_not_verified(tmp_path: Path) -> None:
    async with with_mail(tmp_path) as (server, postbox):
        ana = await server.register("Ana")
        await server.accounts.mail.finish(60)
        users = server.accounts.store.users
        await users.change(ana.user, lambda now: replace(now, locked=True))
        body = {"token": postbox.link("verify"), "password": PASSWORD}
        assert (await server.call("POST", "/auth/verify", body))[0] == 400
        found = await users.get(ana.user)
        assert found is not None and not found.email_verified


async def test_another_letter_may_be_asked_for(tmp_path: Path) -> None:
    async with with_mail(tmp_path, SignalingOptions(limits=GENEROUS)) as (server, postbox):
        ana = await server.register("Ana")
        statuses = [(await ana.call("POST", "/auth/verify"))[0] for _ in range(3)]
        assert statuses == [202, 202, 429]
        assert (await server.call("POST", "/auth/verify"))[0] == 401
        await server.accounts.mail.finish(60)
        assert len(postbox.letters) == 3


async def test_a_forgotten_password_is_replaced_once(tmp_path: Path) -> None:
    async with with_mail(tmp_path) as (server, postbox):
        ana = await server.register("Ana")
        for _ in range(5):
            await server.login(ana.email, "wrong password")
        assert (await server.login(ana.email, PASSWORD))[0] == 423
        assert await server.call("POST", "/auth/forgot", {"email": "ANA@example.com"}) == (202, {"mail": True})
        await server.accounts.mail.finish(60)
        token = postbox.link("reset")
        status, answer = await server.call("POST", "/auth/reset", {"token": token, "password": "ana@example.com"})
        assert (status, answer["error"]["details"]) == (400, {"field": "password"})
        assert await server.call("POST", "/auth/reset", {"token": token, "password": NEW}) == (204, None)
        status, answer = await server.call("POST", "/auth/reset", {"token": token, "password": PASSWORD})
        assert (status, answer["error"]["details"]) == (400, {"field": "token"})
        assert (await ana.call("GET", "/users/me"))[0] == 401
        assert (await server.call("POST", "/auth/refresh", {"refreshToken": ana.refresh_token}))[0] == 401
        assert (await server.login(ana.email, PASSWORD))[0] == 401
        status, answer = await server.login(ana.email, NEW)
        assert status == 200
        me = (await server.call("GET", "/users/me", token=answer["token"]))[1]
        assert me["emailVerified"] is True, "a letter came to this address"


@pytest.mark.parametrize("what", ["too old", "password changed", "deleted", "of another server"])
async def test_a_link_dies(tmp_path: Path, what: str) -> None:
    async with with_mail(tmp_path) as (server, postbox):
        ana = await server.register("Ana")
        await server.call("POST", "/auth/forgot", {"email": ana.email})
        await server.accounts.mail.finish(60)
        token = postbox.link("reset")
        if what == "too old":
            server.clock.now += 3601
        elif what == "password changed":
            change = {"password": {"old": PASSWORD, "new": "yet another long one"}}
            assert (await ana.call("PATCH", "/users/me", change))[0] == 200
        elif what == "deleted":
            assert (await ana.call("DELETE", "/users/me", {"password": PASSWORD}))[0] == 204
        else:
            token = altered(token)
        status, answer = await server.call("POST", "/auth/reset", {"token": token, "password": NEW})
        assert (status, answer["error"]["code"], answer["error"]["details"]) == (400, "bad_request", {"field": "token"})
        assert (await server.last_audited())[:2] == ("reset", "bad_request")


async def test_unknown_addresses_get_no_letter_and_known_ones_three_an_hour(tmp_path: Path) -> None:
    async with with_mail(tmp_path, SignalingOptions(limits=GENEROUS)) as (server, postbox):
        ana = await server.register("Ana")
        for email in ["nobody@example.com", "no address"] + [ana.email] * 5:
            assert await server.call("POST", "/auth/forgot", {"email": email}) == (202, {"mail": True})
        await server.accounts.mail.finish(60)
        assert [to for to, _ in postbox.letters] == [[ana.email]] * 3


async def test_whoever_registers_an_address_again_and_again_sends_it_three_letters(tmp_path: Path) -> None:
    async with with_mail(tmp_path, SignalingOptions(limits=GENEROUS)) as (server, postbox):
        for _ in range(5):
            ana = await server.register("Ana")
            assert (await ana.call("DELETE", "/users/me", {"password": PASSWORD}))[0] == 204
        ana = await server.register("Ana")
        assert (await ana.call("POST", "/auth/verify"))[0] == 429
        await server.accounts.mail.finish(60)
        assert [to for to, _ in postbox.letters] == [[ana.email]] * 3


async def test_a_mail_server_that_is_away_delays_nobody_and_gets_the_letter_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, port = MovedClock(), free_port()
    smtp = SmtpOptions("127.0.0.1", port, "dragoman@example.org", Protection.NONE, retry_s=600)
    async with open_account_front(tmp_path, smtp=smtp) as server:
        await server.register("Ana")
        await until(lambda: "a letter could not be sent" in caplog.text)
        postbox = Postbox()
        controller = Controller(postbox, hostname="127.0.0.1", port=port, ready_timeout=60)
        controller.start()
        clock.pass_time(600)
        try:
            await server.accounts.mail.finish(60)
        finally:
            controller.stop()
        assert [to for to, _ in postbox.letters] == [["ana@example.com"]]


class FussyPostbox(Postbox):
    """Refuses a recipient whose name begins with `stranger` by one answer, `times` times at most."""

    def __init__(self, answer: str, times: int) -> None:
        super().__init__()
        self._answer = answer
        self._times = times
        self.refused = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("stranger") and self.refused < self._times:
            self.refused += 1
            return self._answer
        envelope.rcpt_tos.append(address)
        return "250 OK"


async def test_a_letter_that_the_mail_server_refuses_for_good_is_given_up_at_once(tmp_path: Path) -> None:
    postbox = FussyPostbox("550 no such mailbox", times=10)
    async with with_mail(tmp_path, postbox=postbox, retry_s=0.05) as (server, _):
        await server.register("Stranger")
        await server.register("Ana")
        await server.accounts.mail.finish(60)
        assert [to for to, _ in postbox.letters] == [["ana@example.com"]]
        assert (postbox.refused, server.accounts.mail.lost) == (1, 1)
        assert repr(server.accounts.mail) == "<Mail, 0 unsent>"


async def test_a_letter_that_is_put_off_delays_no_other_and_is_sent_later(tmp_path: Path) -> None:
    clock, postbox = MovedClock(), FussyPostbox("451 come again", times=1)
    async with with_mail(tmp_path, postbox=postbox, retry_s=600) as (server, _):
        await server.register("Stranger")
        await server.register("Ana")
        await until(lambda: postbox.letters and repr(server.accounts.mail) == "<Mail, 1 unsent>")
        clock.pass_time(600)
        await server.accounts.mail.finish(60)
        assert [to for to, _ in postbox.letters] == [["ana@example.com"], ["stranger@example.com"]]


async def test_letters_that_are_put_off_count_among_those_that_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("accounts.letters.mail.MOST_WAITING", 1)
    clock, postbox = MovedClock(), FussyPostbox("451 come again", times=1)
    async with with_mail(tmp_path, postbox=postbox, retry_s=600) as (server, _):
        await server.register("Stranger")
        await until(lambda: "a letter could not be sent" in caplog.text)
        await server.register("Ana")
        assert "a letter is lost" in caplog.text and server.accounts.mail.lost == 1
        clock.pass_time(600)
        await server.accounts.mail.finish(60)
        assert [to for to, _ in postbox.letters] == [["stranger@example.com"]]


async def test_letters_carry_no_word_of_who_has_them_sent(tmp_path: Path) -> None:
    """Anybody may register with somebody else's address, and would have us send them any text as a name."""
    async with with_mail(tmp_path) as (server, postbox):
        name = "You have won, see https://evil.example"
        body = {"username": name, "email": "bo@example.com", "password": PASSWORD, "preferredLanguage": "es"}
        assert (await server.call("POST", "/auth/register", body))[0] == 201
        await server.call("POST", "/auth/forgot", {"email": "bo@example.com"})
        await server.accounts.mail.finish(60)
        assert [letter["Subject"] for _, letter in postbox.letters] == [
            "Confirm your e-mail address",
            "Set a new password",
        ]
        for _, letter in postbox.letters:
            assert isinstance(letter, EmailMessage)
            assert "evil" not in letter.as_string() and "evil" not in letter.get_content()


async def test_a_letter_is_written_behind_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to `forgot` would take longer for an address that somebody has."""
    written: list[str] = []

    def failing(to: str, url: str, minutes: int) -> EmailMessage:
        written.append(to)
        raise ValueError("no letter can be written now")

    async with with_mail(tmp_path) as (server, postbox):
        ana = await server.register("Ana")
        await server.accounts.mail.finish(60)
        monkeypatch.setattr("accounts.letters.texts.reset", failing)
        assert await server.call("POST", "/auth/forgot", {"email": ana.email}) == (202, {"mail": True})
        await server.accounts.mail.finish(60)
        assert (written, server.accounts.mail.lost, len(postbox.letters)) == ([ana.email], 1, 1)


async def test_each_attempt_sends_the_same_letter() -> None:
    written = 0

    def write() -> EmailMessage:
        nonlocal written
        written += 1
        return EmailMessage()

    mail = Mail(SmtpOptions("127.0.0.1", free_port(), "a@b.c", Protection.NONE, retry_s=0.001))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(mail.run())
        mail.post(write)
        await mail.finish(60)
        running.cancel()
    assert (written, mail.lost) == (1, 1)


async def test_letters_that_the_end_of_the_server_cuts_off_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    mail = Mail(SmtpOptions("127.0.0.1", free_port(), "a@b.c", Protection.NONE, retry_s=600))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(mail.run())
        for _ in range(3):
            mail.post(EmailMessage)
        await mail.finish(0.05)
        running.cancel()
    assert mail.lost == 3
    assert [one.__dict__["count"] for one in caplog.records if "letters are lost" in one.message] == [3]


async def test_without_a_mail_server_forgot_says_so(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        for email in (ana.email, "nobody@example.com"):
            assert await server.call("POST", "/auth/forgot", {"email": email}) == (202, {"mail": False})
        assert (await server.call("GET", "/auth/providers")) == (
            200,
            {"accounts": True, "providers": [], "mail": False, "history": False},
        )
        assert (await ana.call("GET", "/users/me"))[1]["emailVerified"] is False


def test_urls_of_mail_servers() -> None:
    assert smtp_options("smtps://ana%40example.org:s%3Ae@mail.example.org", "a@b.c") == SmtpOptions(
        "mail.example.org", 465, "a@b.c", Protection.TLS, "ana@example.org", "s:e"
    )
    assert smtp_options("smtp://localhost:25", "a@b.c") == SmtpOptions("localhost", 25, "a@b.c", Protection.NONE)
    for wrong in ("http://mail.example.org", "smtp://", "mail.example.org", "smtp://mail.example.org/x"):
        with pytest.raises(ValueError, match="smtps"):
            smtp_options(wrong, "a@b.c")
