"""A row or more of every table of the accounts' database, put there through its store."""

from __future__ import annotations

from storage.accounts.ports import AccountStore
from storage.accounts.records import (
    AuditEntry,
    Call,
    CallParticipant,
    DataKey,
    Identity,
    SealedEntry,
    Usage,
    User,
)

NOW = 1_700_000_000_000
USERS = tuple(
    User(
        f"u_{n}",
        f"Zoë {n} 👋",
        f"u{n}@example.org" if n else None,
        n == 1,
        "$argon2id$" if n else None,
        "es",
        NOW + n,
    )
    for n in range(3)
)
CALL = Call(
    "s_1", NOW, NOW + 5, NOW + 9, "hangup",
    (CallParticipant("p_1", "u_1", "Zoë", "es"), CallParticipant("p_2", "u_guest", 'a"\n\\b', "de")),
    {"turns": 3, "latency": {"p50": 1.25}},
)  # fmt: skip
KEY = DataKey("s_1", "k1", bytes(range(256)))
ENTRIES = tuple(SealedEntry("s_1", f"utt_{n}", n, "p_2", "p_1", n, NOW, NOW + 30, b"\0\xff%d" % n) for n in range(700))
AUDIT = AuditEntry(NOW, "sign_in", "ok", "u_1", None, "2001:db8::/64", {"provider": "google"})


async def fill(store: AccountStore) -> None:
    """Put rows into every table."""
    for user in USERS:
        await store.users.add(user)
    await store.users.add_identity(Identity("google", "42", "u_1"))
    await store.families.begin("f_1", USERS[1], b"one", NOW, NOW + 1000)
    await store.families.rotate(b"one", b"two", NOW + 1, NOW + 1000)
    await store.one_time.use("link", NOW, NOW + 1000)
    await store.sign_ins.fail(b"address", NOW, 1, 60_000)
    await store.revocations.revoke("u_9", NOW)
    await store.audit.add(AUDIT)
    await store.calls.save(CALL)
    await store.histories.add_key(KEY)
    await store.histories.keep(ENTRIES)
    await store.usage.add("s_1", "u_1", Usage(2**40, 2, 3))


async def check_filled(store: AccountStore) -> None:
    """Assert that what `fill` put there is there, and is used as before."""
    assert await store.users.page(9, 0) == (list(USERS), 3)
    assert await store.users.by_identity("google", "42") == USERS[1]
    rotated = await store.families.rotate(b"two", b"three", NOW + 2, NOW + 1000)
    assert rotated is not None and rotated.family == "f_1"
    assert not await store.one_time.use("link", NOW, NOW + 1000)
    assert await store.sign_ins.locked_until(b"address", NOW) == NOW + 60_000
    assert await store.revocations.since(NOW) == {"u_9": NOW}
    await store.audit.add(AUDIT)  # numbered after those that are there
    assert await store.audit.page(9) == [AUDIT, AUDIT]
    assert await store.calls.get("s_1") == CALL
    assert await store.histories.key("s_1") == KEY
    assert await store.histories.entries("s_1") == (list(ENTRIES), 700)
    assert await store.usage.of_user("u_1") == Usage(2**40, 2, 3)
