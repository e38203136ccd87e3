"""Words to the operator about older keys: none may go while a history is, or may soon be, sealed by it."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.history.operator_keys import OperatorKeys
from accounts.history.rewrapping import Rewrapping
from storage.accounts.ports import AccountStore
from storage.accounts.records import DataKey

NEW, OLD, LOST = bytes(32), bytes(31) + b"o", bytes(31) + b"l"


async def test_older_keys_may_go_only_where_no_history_is_sealed_by_another(
    store: AccountStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "accounts.history.rewrapping")
    rewrapping = Rewrapping(store.histories, OperatorKeys([NEW, OLD]))

    async def sealed(session: str, by: bytes) -> None:
        await store.histories.add_key(OperatorKeys([by]).new_data_key(session)[0])

    async def said() -> list[tuple[str, str, int]]:
        caplog.clear()
        await rewrapping.look()
        return [(one.levelname, one.message.split(":")[0][:45], one.__dict__["count"]) for one in caplog.records]

    unreadable = ("ERROR", "histories are sealed by a key that is not in ")
    elsewhere = ("WARNING", "another server of this database seals histori")
    may_go = ("INFO", "no history is sealed by an older key now; old")
    assert await said() == []
    await sealed("s_1", NEW)
    assert await said() == []
    await sealed("s_2", LOST)
    await sealed("s_3", OLD)  # after the first look: by a server that has another newest key
    assert await said() == [(*elsewhere, 1), (*unreadable, 1)]
    assert await said() == [], "once is enough"
    await sealed("s_4", OLD)
    assert await said() == [(*elsewhere, 1)]
    await store.histories.delete("s_2")
    await sealed("s_5", OLD)
    assert await said() == [(*elsewhere, 1), (*may_go, 1)]
    assert "every server of this database" in caplog.messages[-1]


async def test_at_the_start_older_keys_are_nobody_elses(store: AccountStore, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "accounts.history.rewrapping")
    await store.histories.add_key(OperatorKeys([OLD]).new_data_key("s_1")[0])
    await Rewrapping(store.histories, OperatorKeys([NEW, OLD])).look()
    assert [one.levelname for one in caplog.records] == ["INFO"]


async def seal(store: AccountStore, by: bytes, sessions: list[str]) -> None:
    for session in sessions:
        await store.histories.add_key(OperatorKeys([by]).new_data_key(session)[0])


async def sealed_by(store: AccountStore, key: bytes) -> int:
    """Return the number of histories that are sealed by a key."""
    everything = await store.histories.keys_not_wrapped_by("", 1000)
    return sum(one.wrapped_by == OperatorKeys([key]).newest for one in everything)


async def test_two_servers_with_another_order_of_the_same_keys_do_not_take_turns(
    store: AccountStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "accounts.history.rewrapping")
    await seal(store, OLD, [f"s_{number}" for number in range(20)])
    one = Rewrapping(store.histories, OperatorKeys([NEW, OLD]))
    other = Rewrapping(store.histories, OperatorKeys([OLD, NEW]))
    await one.look()
    assert await sealed_by(store, NEW) == 20
    await other.look()
    assert await sealed_by(store, OLD) == 20, "it can't know yet"
    for hour in range(3):
        await seal(store, NEW, [f"s_new_{hour}"])  # a call on the one
        await seal(store, OLD, [f"s_old_{hour}"])  # and on the other
        caplog.clear()
        await one.look()
        orders = [record.message for record in caplog.records if "in another order" in record.message]
        assert len(orders) == (hour == 0) and not any(
            "older keys may go" in record.message for record in caplog.records
        )
        await other.look()
        assert await sealed_by(store, OLD) == 22 + 2 * hour
    assert (repr(one), repr(other)) == ("<Rewrapping, 0 unreadable, yields>", "<Rewrapping, 0 unreadable>")
    other = Rewrapping(store.histories, OperatorKeys([NEW, OLD]))  # started again, with the order of the one
    await other.look()
    await seal(store, OLD, ["s_late"])
    await one.look()
    assert await sealed_by(store, OLD) == 0 and repr(one) == "<Rewrapping, 0 unreadable>"


async def test_a_look_ends_though_another_server_takes_back_meanwhile(
    store: AccountStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.history.rewrapping.AT_ONCE", 10)
    histories, looks = store.histories, 0

    class Beside:
        """Before each look into the database another server has its turn."""

        async def keys_not_wrapped_by(self, key_id: str, limit: int) -> list[DataKey]:
            nonlocal looks
            looks += 1
            assert looks < 10, "for ever"
            await Rewrapping(histories, OperatorKeys([OLD, NEW])).look()
            return await histories.keys_not_wrapped_by(key_id, limit)

        def __getattr__(self, name: str) -> Any:
            return getattr(histories, name)

    await seal(store, OLD, [f"s_{number}" for number in range(15)])
    beside: Any = Beside()
    rewrapping = Rewrapping(beside, OperatorKeys([NEW, OLD]))
    await rewrapping.look()
    assert looks == 2 and "yields" in repr(rewrapping) and "in another order" in caplog.text
    await rewrapping.look()
    assert looks == 2 and await sealed_by(store, OLD) == 15


async def test_a_server_that_has_the_older_key_only_is_no_reason_to_yield(store: AccountStore) -> None:
    rewrapping = Rewrapping(store.histories, OperatorKeys([NEW, OLD]))
    for hour in range(3):
        await seal(store, OLD, [f"s_{hour}"])
        await rewrapping.look()
        assert await sealed_by(store, OLD) == 0


async def test_without_keys_nothing_is_wrapped(store: AccountStore) -> None:
    await seal(store, OLD, ["s_1"])
    await Rewrapping(store.histories, OperatorKeys()).look()
    assert await sealed_by(store, OLD) == 1
