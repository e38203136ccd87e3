"""The contract of users, sign-ins, refresh tokens, names that are used once, and revocations, on each database."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from storage.accounts.ports import AccountStore, Reused, Taken
from storage.accounts.records import Identity, Rotation, User

DAY = 86_400_000
ANNA = User("u_anna", "Anna", "anna@example.org", False, "$argon2id$1", "en", 1_700_000_000_000)
BERTA = User("u_berta", "Berta", None, True, None, "es-MX", 1_700_000_000_001, True, 7)


async def test_users_are_found_by_id_address_and_identity(store: AccountStore) -> None:
    await store.users.add(ANNA)
    await store.users.add(BERTA)
    await store.users.add_identity(Identity("google", "42", BERTA.id))
    assert await store.users.get(ANNA.id) == ANNA
    assert await store.users.get(BERTA.id) == BERTA
    assert await store.users.by_email("anna@example.org") == ANNA
    assert await store.users.by_identity("google", "42") == BERTA
    assert await store.users.get("u_other") is None
    assert await store.users.by_email("other@example.org") is None
    assert await store.users.by_identity("keycloak", "42") is None


async def test_users_are_listed_in_the_order_of_their_making(store: AccountStore) -> None:
    people = [replace(ANNA, id=f"u_{n}", username=f"n{n}", email=None, created_at=100 - n) for n in range(5)]
    for one in people:
        await store.users.add(one)
    assert await store.users.page(2, 1) == ([people[3], people[2]], 5)
    assert await store.users.page(2, 9) == ([], 5)


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (replace(BERTA, email=ANNA.email), "email"),
        (replace(BERTA, username="ANNA"), "username"),
        (replace(BERTA, username="Ａnna"), "username"),  # a wide A
        (replace(BERTA, username="Anna", email=ANNA.email), "email"),
    ],
)
async def test_an_address_and_a_name_belong_to_one_user(store: AccountStore, other: User, field: str) -> None:
    await store.users.add(ANNA)
    with pytest.raises(Taken) as taken:
        await store.users.add(other)
    assert taken.value.field == field
    assert await store.users.get(other.id) is None
    await store.users.add(BERTA)
    with pytest.raises(Taken):
        await store.users.change(BERTA.id, lambda now: other)
    assert await store.users.get(BERTA.id) == BERTA


async def test_of_many_users_with_one_address_at_once_one_is_added(store: AccountStore) -> None:
    people = [replace(ANNA, id=f"u_{n}", username=f"n{n}") for n in range(12)]
    outcomes = await asyncio.gather(*(store.users.add(one) for one in people), return_exceptions=True)
    assert outcomes.count(None) == 1
    assert [one.field for one in outcomes if isinstance(one, Taken)] == ["email"] * 11
    assert (await store.users.page(20, 0))[1] == 1


async def test_a_user_is_changed_but_not_made(store: AccountStore) -> None:
    assert await store.users.change(ANNA.id, lambda now: ANNA) is None
    assert await store.users.get(ANNA.id) is None
    await store.users.add(ANNA)
    changed = replace(ANNA, username="anna", email="a@example.org", email_verified=True, retention_days=0)
    assert await store.users.change(ANNA.id, lambda now: changed) == changed
    assert await store.users.get(ANNA.id) == changed
    await store.users.add(replace(BERTA, email=ANNA.email))  # the old address is free


async def test_an_identity_belongs_to_one_user_who_exists(store: AccountStore) -> None:
    await store.users.add(ANNA)
    await store.users.add(BERTA)
    identity = Identity("google", "42", ANNA.id)
    await store.users.add_identity(identity)
    await store.users.add_identity(identity)
    with pytest.raises(Taken) as taken:
        await store.users.add_identity(replace(identity, user=BERTA.id))
    assert taken.value.field == "identity"
    await store.users.add_identity(Identity("google", "43", "u_nobody"))
    assert await store.users.by_identity("google", "43") is None
    await store.users.delete(ANNA.id)
    assert await store.users.by_identity("google", "42") is None
    await store.users.add_identity(replace(identity, user=BERTA.id))


async def test_a_user_is_added_with_an_identity_or_not_at_all(store: AccountStore) -> None:
    await store.users.add(ANNA, Identity("google", "42", ANNA.id))
    assert await store.users.by_identity("google", "42") == ANNA
    with pytest.raises(Taken) as taken:
        await store.users.add(BERTA, Identity("google", "42", BERTA.id))
    assert taken.value.field == "identity"
    assert await store.users.get(BERTA.id) is None
    people = [replace(ANNA, id=f"u_{n}", username=f"n{n}", email=None) for n in range(8)]
    adding = (store.users.add(one, Identity("google", "43", one.id)) for one in people)
    outcomes = await asyncio.gather(*adding, return_exceptions=True)
    assert outcomes.count(None) == 1
    assert [one.field for one in outcomes if isinstance(one, Taken)] == ["identity"] * 7
    assert (await store.users.page(20, 0))[1] == 2


async def test_texts_that_no_database_holds_are_found_nowhere(store: AccountStore) -> None:
    assert await store.users.by_email("a\0@example.org") is None
    assert await store.users.get("\ud800") is None
    await store.users.add(replace(ANNA, username="An\0na\udfff 👋 Åsa"))
    kept = await store.users.get(ANNA.id)
    assert kept is not None and kept.username == "An\ufffdna\ufffd 👋 Åsa"


async def test_the_fifth_failure_locks_until_a_lock_is_over(store: AccountStore) -> None:
    fail = [await store.sign_ins.fail(b"anna", 1000 + n, 5, 60_000) for n in range(6)]
    assert fail == [None, None, None, None, 61_004, 61_004]  # a failure in a lock does not prolong it
    assert await store.sign_ins.locked_until(b"anna", 61_003) == 61_004
    assert await store.sign_ins.locked_until(b"anna", 61_004) is None
    assert await store.sign_ins.locked_until(b"berta", 1000) is None
    assert await store.sign_ins.fail(b"anna", 61_004, 5, 60_000) is None  # the first of five again
    assert await store.sign_ins.fail(b"berta", 1000, 1, 50) == 1050


async def test_success_forgets_failures_and_so_does_a_month(store: AccountStore) -> None:
    for _ in range(2):
        for n in range(4):
            assert await store.sign_ins.fail(b"anna", n, 5, 60_000) is None
        await store.sign_ins.succeed(b"anna")
    for n in range(4):
        await store.sign_ins.fail(b"anna", n, 5, 60_000)
    assert await store.sign_ins.fail(b"anna", 30 * DAY + 3, 5, 60_000) is None
    await store.sign_ins.succeed(b"nobody")


async def test_failures_at_once_are_all_counted(store: AccountStore) -> None:
    ends = await asyncio.gather(*(store.sign_ins.fail(b"anna", 1000, 5, 60_000) for _ in range(12)))
    assert ends.count(None) == 4 and set(ends) == {None, 61_000}


async def test_a_refresh_token_is_exchanged_once(store: AccountStore) -> None:
    await store.users.add(ANNA)
    await store.families.begin("f1", ANNA, b"one", 1000, 2000)
    assert await store.families.rotate(b"one", b"two", 1500, 2500) == Rotation(ANNA, "f1")
    assert await store.families.rotate(b"two", b"three", 2400, 3500) == Rotation(ANNA, "f1")
    with pytest.raises(Reused) as reused:
        await store.families.rotate(b"two", b"four", 2450, 3500)
    assert (reused.value.user, reused.value.family) == (ANNA.id, "f1")
    assert await store.families.rotate(b"three", b"five", 2450, 3500) is None  # its family is dead
    assert await store.families.end(b"three") is None


async def test_unknown_and_expired_refresh_tokens_are_nothing(store: AccountStore) -> None:
    await store.users.add(ANNA)
    await store.families.begin("f1", ANNA, b"one", 1000, 2000)
    assert await store.families.rotate(b"other", b"new", 1000, 2000) is None
    assert await store.families.rotate(b"one", b"new", 2000, 3000) is None
    assert not await store.families.begin("f2", replace(ANNA, id="u_nobody"), b"two", 1000, 2000)
    assert await store.families.rotate(b"two", b"new", 1000, 2000) is None


@pytest.mark.parametrize(
    "now",
    [replace(ANNA, password_hash="$argon2id$2"), replace(ANNA, password_hash=None), replace(ANNA, locked=True), None],
)
async def test_a_family_begins_only_while_the_user_is_as_the_sign_in_saw_them(
    store: AccountStore, now: User | None
) -> None:
    await store.users.add(ANNA)
    assert await store.families.begin("f1", ANNA, b"one", 1000, 2000)
    if now is None:
        await store.users.delete(ANNA.id)
    else:
        await store.users.change(ANNA.id, lambda before: now or before)
    assert not await store.families.begin("f2", ANNA, b"two", 1000, 2000)
    assert await store.families.rotate(b"two", b"three", 1000, 2000) is None


async def test_a_refresh_token_of_a_locked_user_is_exchanged_for_nothing(store: AccountStore) -> None:
    await store.users.add(ANNA)
    await store.families.begin("f1", ANNA, b"one", 1000, 2000)
    await store.users.change(ANNA.id, lambda now: replace(now, locked=True))
    assert await store.families.rotate(b"one", b"two", 1000, 2000) is None
    await store.users.change(ANNA.id, lambda now: replace(ANNA, username="Anne"))
    assert await store.families.rotate(b"one", b"two", 1000, 2000) == Rotation(replace(ANNA, username="Anne"), "f1")


async def test_of_two_exchanges_at_once_one_wins_and_the_family_dies(store: AccountStore) -> None:
    await store.users.add(ANNA)
    for family in range(8):
        old = b"old %d" % family
        await store.families.begin(f"f{family}", ANNA, old, 1000, 2000)
        outcomes = await asyncio.gather(
            *(store.families.rotate(old, b"new %d %d" % (family, n), 1000, 2000) for n in range(2)),
            return_exceptions=True,
        )
        assert {type(one) for one in outcomes} == {Rotation, Reused}
        for n in range(2):
            assert await store.families.rotate(b"new %d %d" % (family, n), b"x", 1000, 2000) is None


async def test_families_end_alone_and_all_together(store: AccountStore) -> None:
    await store.users.add(ANNA)
    for n in range(3):
        await store.families.begin(f"f{n}", ANNA, b"%d" % n, 1000, 2000)
    assert await store.families.end(b"0") == ANNA.id
    assert await store.families.end(b"0") is None
    assert await store.families.rotate(b"1", b"1a", 1000, 2000) == Rotation(ANNA, "f1")
    assert await store.users.change_and_sign_out(ANNA.id, lambda now: now, lambda: 7) == (ANNA, 1001)
    assert await store.families.rotate(b"1a", b"x", 1000, 2000) is None
    assert await store.families.rotate(b"2", b"x", 1000, 2000) is None


async def test_a_changed_user_is_signed_out_with_it_or_nothing_is_done(store: AccountStore) -> None:
    new = replace(ANNA, password_hash="$argon2id$2")
    await store.users.add(ANNA)
    await store.users.add(BERTA)
    await store.families.begin("f1", ANNA, b"one", 1000, 2000)
    with pytest.raises(Taken):
        await store.users.change_and_sign_out(ANNA.id, lambda now: replace(now, username="berta"), lambda: 1500)
    assert await store.revocations.since(0) == {}
    assert await store.families.rotate(b"one", b"two", 1500, 2500)
    with pytest.raises(ZeroDivisionError):
        await store.users.change_and_sign_out(ANNA.id, lambda now: new, lambda: 1 // 0)
    assert await store.users.get(ANNA.id) == ANNA
    assert await store.families.rotate(b"two", b"three", 1500, 2500)
    assert await store.users.change_and_sign_out(ANNA.id, lambda now: new, lambda: 1600) == (new, 1600)
    assert await store.users.get(ANNA.id) == new
    assert await store.families.rotate(b"three", b"four", 1500, 2500) is None
    assert await store.revocations.since(0) == {ANNA.id: 1600}


async def test_of_a_sign_in_and_a_new_password_at_once_no_family_is_left(store: AccountStore) -> None:
    await store.users.add(ANNA)
    for n in range(8):
        before = await store.users.get(ANNA.id)
        assert before is not None
        await store.families.begin(f"old {n}", before, b"old %d" % n, 1000, 2000)
        await asyncio.gather(
            store.families.begin(f"new {n}", before, b"new %d" % n, 1000, 2000),
            store.families.rotate(b"old %d" % n, b"next %d" % n, 1000, 2000),
            store.users.change_and_sign_out(
                ANNA.id, lambda now, n=n: replace(now, password_hash=f"$argon2id${n}"), lambda: 1500
            ),
        )
        for token in (b"new %d", b"old %d", b"next %d"):
            assert await store.families.rotate(token % n, b"x", 1000, 2000) is None


async def test_a_name_is_used_once_until_it_is_forgotten(store: AccountStore) -> None:
    assert await store.one_time.use("link", 1000, 2000)
    assert not await store.one_time.use("link", 1999, 5000)
    assert await store.one_time.use("link", 2000, 3000)
    assert await store.one_time.use("other", 2000, 3000)


async def test_of_many_uses_at_once_one_is_the_first(store: AccountStore) -> None:
    assert sum(await asyncio.gather(*(store.one_time.use("link", 1000, 2000) for _ in range(20)))) == 1


async def test_the_later_revocation_counts_and_old_ones_are_forgotten(store: AccountStore) -> None:
    await store.revocations.revoke("u_1", 2000)
    await store.revocations.revoke("u_1", 1000)
    await store.revocations.revoke("u_2", 3000)
    assert await store.revocations.since(2000) == {"u_1": 2000, "u_2": 3000}
    assert await store.revocations.since(2001) == {"u_2": 3000}
    await store.revocations.revoke("u_3", 2000 + DAY)
    assert await store.revocations.since(0) == {"u_2": 3000, "u_3": 2000 + DAY}
