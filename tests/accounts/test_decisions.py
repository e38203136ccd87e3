"""Decisions of accounts: passwords, names, addresses, tokens, and the line of the audit."""

from __future__ import annotations

import asyncio

import pytest

from accounts.audit import Audit
from accounts.audit_events import AuditEvent
from accounts.audit_expiry import expire_audit
from accounts.keyed_locks import KeyedLocks
from accounts.letters.mail import Mail
from accounts.passwords.policy import require_good
from accounts.people.addresses import address, known_as
from accounts.people.usernames import username
from accounts.refusals import NotPossible
from server.accounts import signing_keys
from server.observe.accounts import AccountsReadings
from server.settings.reading import BadSetting, read
from signaling.refusal import Refusal
from signaling.tokens import USER, AccessClaims, ResumeClaims, Tokens
from storage.accounts.ports import Unavailable
from storage.accounts.records import AuditEntry

OWN = ("Ana María López", "ana.lopez@example.com")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "kx7#qP2!",
        "contraseña larga",
        "пароль мой",
        "12 monkeys ate",
        "é" * 2 + "abcdef",
        "x y z " * 42,
    ],
)
def test_good_passwords(password: str) -> None:
    require_good(password, OWN)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "at least 8"),
        ("e\u0301" * 7, "at least 8"),  # seven characters once they are composed
        ("x" * 255 + "yz", "at most 256"),
        ("password1", "tried first"),
        ("PassWord1", "tried first"),
        ("iloveyou2", "tried first"),
        ("zzzzzzzzzzzz", "row of the keyboard"),
        ("abababababab", "row of the keyboard"),
        ("23456789012", "row of the keyboard"),
        ("lkjhgfdsalkj", "row of the keyboard"),
        ("ana.lopez@example.com", "your own name"),
        ("AnaLopez2024", "your own name"),
        ("maría1990", "your own name"),
        ("dragoman123", "your own name"),
    ],
)
def test_bad_passwords(password: str, why: str) -> None:
    with pytest.raises(NotPossible, match=why) as caught:
        require_good(password, OWN)
    assert caught.value.field == "password"
    assert password not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" Ana@Example.COM ", "ana@example.com"),
        ("ana@Exämple.com", "ana@xn--exmple-cua.com"),
        ("a.b+tag@example.org", "a.b+tag@example.org"),
    ],
)
def test_addresses(text: str, kept: str) -> None:
    assert address(text) == known_as(text) == kept


@pytest.mark.parametrize(
    "text", ["", "ana", "ana@", "@example.com", "ä@example.com", "a@[127.0.0.1]", "a@b@c.de", "x" * 255]
)
def test_no_addresses(text: str) -> None:
    with pytest.raises(NotPossible):
        address(text)
    assert known_as(text) == text


def test_names() -> None:
    assert username("  Ana  ") == "Ana"
    assert username("A\u0301na") == "Ána"


def test_keys_rotate_and_resume_tokens_survive() -> None:
    old, new, now = b"o" * 32, b"n" * 32, 1_800_000_000.0
    resume = Tokens(old).issue_resume(ResumeClaims("s_1", "p_1"), now, 900)
    access = Tokens(old).issue_access(AccessClaims("u_1", "Ana", USER), now)
    both = Tokens(signing_keys(f"{new.decode()}, {old.decode()}"))
    assert both.read(resume, now) == ResumeClaims("s_1", "p_1")
    assert both.read(access, now) == AccessClaims("u_1", "Ana", USER)
    fresh = both.issue_resume(ResumeClaims("s_1", "p_1"), now, 900)
    assert Tokens(new).read(fresh, now) == ResumeClaims("s_1", "p_1")
    for token, keys in ((fresh, old), (resume, new)):
        with pytest.raises(Refusal):
            Tokens(keys).read(token, now)


def test_settings_of_keys_and_letters() -> None:
    assert read({"DRAGOMAN_SECRET": "n" * 32 + "," + "o" * 32}).secret
    with pytest.raises(BadSetting, match="each key must have at least 32 bytes") as caught:
        read({"DRAGOMAN_SECRET": "n" * 32 + ",short"})
    assert "short" not in str(caught.value)
    with pytest.raises(BadSetting, match="DRAGOMAN_MAIL_FROM"):
        read({"DRAGOMAN_SMTP_URL": "smtp://localhost"})
    whole = {"DRAGOMAN_SMTP_URL": "smtp://localhost", "DRAGOMAN_MAIL_FROM": "Dragoman <d@example.org>"}
    assert read({**whole, "DRAGOMAN_PUBLIC_URL": "https://call.example.org"}).mail_from == "Dragoman <d@example.org>"
    with pytest.raises(BadSetting, match="DRAGOMAN_MAIL_FROM"):
        read({**whole, "DRAGOMAN_MAIL_FROM": "nobody"})


def test_a_revoked_token_dies_before_its_time() -> None:
    now = 1_800_000_000.0
    before = {"u_1": now}
    tokens = Tokens(bytes(32), lambda user, issued_at: issued_at <= before.get(user, 0))
    for user, issued_at, lives in (
        ("u_1", now - 1, False),
        ("u_1", now, False),
        ("u_1", now + 0.001, True),
        ("u_2", now, True),
    ):
        token = tokens.issue_access(AccessClaims(user, "Ana", USER), issued_at)
        if lives:
            assert tokens.read(token, now)
        else:
            with pytest.raises(Refusal):
                tokens.read(token, now)


class AwayLog:
    """An audit log whose database comes and goes."""

    def __init__(self) -> None:
        self.away = True
        self.entries: list[AuditEntry] = []

    async def add(self, entry: AuditEntry) -> None:
        if self.away:
            raise Unavailable
        if entry.event == AuditEvent.FORGOT:
            raise ValueError("no room for this one")
        self.entries.append(entry)

    async def page(
        self, limit: int, *, user: str | None = None, event: str | None = None, before: int | None = None
    ) -> list[AuditEntry]:
        return self.entries

    async def expire(self, before: int) -> int:
        return 0


def metric(audit: Audit, mail: Mail) -> dict[str, float]:
    """Return what the server's metrics tell of them."""
    return {one.name: one.samples[0].value for one in AccountsReadings(audit, mail).collect()}


async def test_the_line_of_the_audit_is_bounded_and_waits_for_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.audit.RETRY_S", 0.01)
    log, counted = AwayLog(), []
    audit = Audit(log, lambda: 1, lambda event, outcome: counted.append(event), most_waiting=4)
    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(audit.run())
        for event in ("register", "forgot", "sign_in", "refresh", "reset", "verify"):
            audit.note(AuditEvent(event))
        await asyncio.sleep(0.05)
        assert (repr(audit), len(counted), log.entries) == ("<Audit, 4 waiting, 2 lost>", 6, [])
        log.away = False
        await audit.finish(60)
        assert [entry.event for entry in log.entries] == ["register", "sign_in", "refresh"]
        assert audit.lost == 3, "an entry that the database refuses costs itself only"
        assert metric(audit, Mail(None)) == {"dragoman_audit_lost": 3, "dragoman_letters_lost": 0}
        log.away = True
        audit.note(AuditEvent.REGISTER)
        await audit.finish(0.01)
        assert metric(audit, Mail(None))["dragoman_audit_lost"] == 4, "the process ends without it"
        writing.cancel()


async def test_old_entries_of_the_audit_go_and_a_database_that_is_away_stops_nothing() -> None:
    class Log(AwayLog):
        async def expire(self, before: int) -> int:
            asked.append(before)
            if len(asked) == 1:
                raise Unavailable
            return 1

    asked: list[int] = []
    day_ms = 24 * 3600 * 1000
    async with asyncio.TaskGroup() as tasks:
        expiring = tasks.create_task(expire_audit(Log(), 90, lambda: 100 * day_ms, every_s=0.001))
        while len(asked) < 3:
            await asyncio.sleep(0.001)
        expiring.cancel()
    assert set(asked) == {10 * day_ms}


async def test_locks_of_names_leave_nothing_behind() -> None:
    locks: KeyedLocks[str] = KeyedLocks()
    order: list[str] = []

    async def work(name: str) -> None:
        async with locks.hold("ana"):
            order.append(f"{name} in")
            await asyncio.sleep(0)
            order.append(f"{name} out")

    await asyncio.gather(work("one"), work("two"))
    assert order == ["one in", "one out", "two in", "two out"]
    assert len(locks) == 0
