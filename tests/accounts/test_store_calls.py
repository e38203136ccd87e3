"""The contract of calls, histories, usage, the audit log, and what goes with a deleted account, on each database."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from storage.accounts.expiry import AT_ONCE
from storage.accounts.ports import AccountStore
from storage.accounts.records import (
    AuditEntry,
    Call,
    CallParticipant,
    DataKey,
    Identity,
    Rotation,
    SealedEntry,
    Usage,
    User,
)

DAY = 86_400_000
ANNA = User("u_anna", "Anna", "anna@example.org", False, None, "en", 1)
BERTA = User("u_berta", "Berta", "berta@example.org", False, None, "es", 2)
A, B = CallParticipant("p_a", "u_anna", "Anna", "en"), CallParticipant("p_b", "u_berta", "Berta", "es")
GUEST = CallParticipant("p_g", "u_guest", "Gast", "de")
CALL = Call("s_1", 1000, 2000, participants=(A, B))
ENTRY = SealedEntry("s_1", "utt_1", 0, "p_b", "p_a", 100, 5000, 9000, b"\0sealed\xff")


async def test_a_call_is_written_in_place_of_what_was_there(store: AccountStore) -> None:
    await store.calls.save(CALL)
    assert await store.calls.get("s_1") == CALL
    ended = replace(
        CALL, ended_at=3000, reason="hangup", participants=(B, A), metrics={"turns": 2, "p50": 1.5, "of": {"a": [None]}}
    )
    await store.calls.save(ended)
    assert await store.calls.get("s_1") == ended
    assert await store.calls.get("s_2") is None
    await store.calls.save(replace(CALL, participants=()))
    assert await store.calls.get("s_1") == replace(CALL, participants=())


async def test_a_user_sees_their_calls_the_newest_first(store: AccountStore) -> None:
    calls = [replace(CALL, session=f"s_{n}", created_at=1000 + n, metrics={"n": n}) for n in range(4)]
    for one in (*calls, replace(CALL, session="s_other", participants=(B, GUEST))):
        await store.calls.save(one)
    assert await store.calls.of_user("u_anna", 2, 1) == ([calls[2], calls[1]], 4)
    assert (await store.calls.of_user("u_guest", 9, 0))[1] == 1
    assert await store.calls.of_user("", 9, 0) == ([], 0)


async def test_entries_come_in_the_order_of_their_start(store: AccountStore) -> None:
    await store.histories.add_key(DataKey("s_1", "k1", b"wrapped"))
    entries = [replace(ENTRY, utterance=f"utt_{n}", start_ms=100 - n) for n in range(5)]
    await store.histories.keep(entries[:3])
    await store.histories.keep(entries[3:])
    assert await store.histories.entries("s_1") == (entries[::-1], 5)
    assert await store.histories.entries("s_1", 2, 1) == ([entries[3], entries[2]], 5)
    assert await store.histories.entries("s_2") == ([], 0)


async def test_an_entry_again_is_a_replacement(store: AccountStore) -> None:
    await store.histories.add_key(DataKey("s_1", "k1", b"wrapped"))
    better = replace(ENTRY, sealed=b"better", start_ms=101)
    await store.histories.keep([ENTRY, replace(ENTRY, segment=1), better])
    assert await store.histories.entries("s_1") == ([replace(ENTRY, segment=1), better], 2)


async def test_entries_without_a_key_are_dropped(store: AccountStore) -> None:
    await store.histories.add_key(DataKey("s_1", "k1", b"wrapped"))
    await store.histories.keep([ENTRY, replace(ENTRY, session="s_2")])
    await store.histories.keep([])
    await store.histories.add_key(DataKey("s_2", "k1", b"wrapped"))
    assert (await store.histories.entries("s_1"))[1] == 1
    assert (await store.histories.entries("s_2"))[1] == 0


async def test_a_fresh_key_comes_with_the_entries_that_it_seals(store: AccountStore) -> None:
    key = DataKey("s_1", "k1", b"wrapped")
    for _ in range(2):  # the same again: its answer was lost
        assert await store.histories.keep([ENTRY], key) == {"s_1"}
    assert await store.histories.key("s_1") == key
    other = replace(key, wrapped=b"other")
    assert await store.histories.keep([replace(ENTRY, segment=1)], other) == frozenset()
    assert await store.histories.keep([replace(ENTRY, segment=2), replace(ENTRY, session="s_2")]) == {"s_1"}
    assert [one.segment for one in (await store.histories.entries("s_1"))[0]] == [0, 2]
    assert await store.histories.key("s_1") == key and await store.histories.key("s_2") is None


async def test_the_first_key_stays_and_goes_with_the_history(store: AccountStore) -> None:
    key = DataKey("s_1", "k1", b"wrapped")
    await store.histories.add_key(key)
    await store.histories.add_key(replace(key, wrapped=b"other"))
    assert await store.histories.key("s_1") == key
    await store.histories.keep([ENTRY])
    await store.histories.delete("s_1")
    assert await store.histories.key("s_1") is None
    assert await store.histories.entries("s_1") == ([], 0)


async def test_keys_are_wrapped_anew(store: AccountStore) -> None:
    keys = [DataKey(f"s_{n}", "old", b"%d" % n) for n in range(3)]
    for key in keys:
        await store.histories.add_key(key)
    new = DataKey("s_0", "new", b"rewrapped")
    assert await store.histories.rewrap(keys[0], new)
    assert not await store.histories.rewrap(keys[0], replace(new, wrapped=b"late"))
    assert await store.histories.key("s_0") == new
    assert await store.histories.keys_not_wrapped_by("new", 9) == keys[1:]
    assert await store.histories.keys_not_wrapped_by("new", 1) == keys[1:2]


async def test_what_a_participant_said_is_withdrawn(store: AccountStore) -> None:
    await store.histories.add_key(DataKey("s_1", "k1", b"wrapped"))
    answer = replace(ENTRY, utterance="utt_2", source="p_b", target="p_a")
    await store.histories.keep([ENTRY, answer])
    await store.histories.withdraw("s_1", "p_a")
    assert await store.histories.entries("s_1") == ([answer], 1)


async def test_entries_expire_and_keys_without_entries_go(store: AccountStore) -> None:
    await store.calls.save(replace(CALL, session="s_live", created_at=9000 - DAY))
    await store.calls.save(replace(CALL, session="s_lost", created_at=9000 - 8 * DAY))
    await store.calls.save(replace(CALL, session="s_over", ended_at=4000))
    for session in ("s_1", "s_live", "s_lost", "s_over"):
        await store.histories.add_key(DataKey(session, "k1", b"wrapped"))
    later = replace(ENTRY, session="s_over", expires_at=9001)
    await store.histories.keep([ENTRY, later])
    assert await store.histories.expire(9000) == 1
    assert await store.histories.entries("s_1") == ([], 0)
    assert await store.histories.entries("s_over") == ([later], 1)
    left = [session for session in ("s_1", "s_live", "s_lost", "s_over") if await store.histories.key(session)]
    assert left == ["s_live", "s_over"]


async def test_more_entries_than_one_transaction_deletes_expire_together(store: AccountStore) -> None:
    await store.histories.add_key(DataKey("s_1", "k1", b"wrapped"))
    most = AT_ONCE + 7
    await store.histories.keep([replace(ENTRY, segment=n) for n in range(most)])
    assert await store.histories.expire(9000) == most
    assert await store.histories.entries("s_1") == ([], 0)


async def test_usage_adds_up(store: AccountStore) -> None:
    assert await store.usage.of_user("u_anna") == Usage()
    await asyncio.gather(*(store.usage.add("s_1", "u_anna", Usage(1, 20, 300)) for _ in range(10)))
    await store.usage.add("s_2", "u_anna", Usage(characters=1))
    await store.usage.add("s_1", "u_guest", Usage(2**40, 0, 0))
    assert await store.usage.of_user("u_anna") == Usage(10, 200, 3001)
    assert await store.usage.of_session("s_1") == {"u_anna": Usage(10, 200, 3000), "u_guest": Usage(2**40)}


async def test_the_audit_log_is_read_from_its_end(store: AccountStore) -> None:
    entries = [
        AuditEntry(n // 2, "sign_in" if n % 2 else "deletion", "ok", f"u_{n % 3}", "s_1", "::/64", {"n": str(n)})
        for n in range(6)
    ]
    for entry in entries:
        await store.audit.add(entry)
    newest = entries[::-1]
    assert await store.audit.page(9) == newest
    assert await store.audit.page(2) == newest[:2]
    assert await store.audit.page(9, user="u_0") == [entries[3], entries[0]]
    assert await store.audit.page(9, event="sign_in", before=2) == [entries[3], entries[1]]
    assert await store.audit.expire(2) == 4
    assert await store.audit.page(9) == newest[:2]
    await store.audit.add(AuditEntry(9, "start", "ok"))
    assert await store.audit.page(1) == [AuditEntry(9, "start", "ok")]


async def test_a_deleted_account_takes_all_that_was_only_its_own(store: AccountStore) -> None:
    for user in (ANNA, BERTA):
        await store.users.add(user)
        await store.users.add_identity(Identity("google", user.id, user.id))
        await store.families.begin(user.id, user, user.id.encode(), 1000, 2000)
        await store.usage.add("s_1", user.id, Usage(1, 2, 3))
    with_guest = replace(CALL, session="s_2", participants=(A, GUEST))
    for call in (CALL, with_guest):
        await store.calls.save(call)
        await store.histories.add_key(DataKey(call.session, "k1", b"wrapped"))
    answer = replace(ENTRY, utterance="utt_2", source="p_b", target="p_a")
    of_guest = replace(ENTRY, session="s_2", utterance="utt_2", source="p_g")
    await store.histories.keep([ENTRY, answer, replace(ENTRY, session="s_2"), of_guest])

    await store.users.delete("u_anna")
    await store.users.delete("u_nobody")
    await store.calls.save(replace(CALL, ended_at=3000))  # written by a call that knew her name
    late = replace(answer, utterance="utt_3")
    await store.histories.keep([replace(ENTRY, segment=1), late])  # and what she and Berta said in it

    nameless = CallParticipant("p_a", "", "", "en")
    assert await store.users.get("u_anna") is None
    assert await store.users.by_identity("google", "u_anna") is None
    assert await store.families.rotate(b"u_anna", b"x", 1000, 2000) is None
    assert await store.usage.of_session("s_1") == {"u_berta": Usage(1, 2, 3)}
    assert await store.histories.entries("s_1") == ([answer, late], 2)
    assert await store.histories.entries("s_2") == ([], 0)
    assert await store.histories.key("s_2") is None
    assert await store.calls.get("s_1") == replace(CALL, ended_at=3000, participants=(nameless, B))
    assert await store.calls.get("s_2") == replace(with_guest, participants=(nameless, GUEST))
    assert await store.calls.of_user("u_anna", 9, 0) == ([], 0)
    assert await store.families.rotate(b"u_berta", b"x", 1000, 2000) == Rotation(BERTA, "u_berta")

    await store.users.delete("u_berta")
    assert await store.histories.key("s_1") is None


async def test_two_accounts_of_one_call_deleted_at_once_leave_nothing_to_read(store: AccountStore) -> None:
    for user in (ANNA, BERTA):
        await store.users.add(user)
    await store.calls.save(CALL)
    await store.histories.add_key(DataKey("s_1", "k1", b"wrapped"))
    await store.histories.keep([ENTRY, replace(ENTRY, utterance="utt_2", source="p_b")])
    await asyncio.gather(store.users.delete("u_anna"), store.users.delete("u_berta"))
    assert await store.histories.key("s_1") is None
    assert await store.histories.entries("s_1") == ([], 0)


async def test_the_database_answers(store: AccountStore) -> None:
    await store.ping()
