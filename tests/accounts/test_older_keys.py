"""Words to the operator about older keys: none may go while a history is, or may soon be, sealed by it."""

from __future__ import annotations

import pytest

from accounts.history.operator_keys import OperatorKeys
from accounts.history.upkeep import Rewrapping
from storage.accounts.ports import AccountStore

NEW, OLD, LOST = bytes(32), bytes(31) + b"o", bytes(31) + b"l"


async def test_older_keys_may_go_only_where_no_history_is_sealed_by_another(
    store: AccountStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "accounts.history.upkeep")
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
    caplog.set_level("INFO", "accounts.history.upkeep")
    await store.histories.add_key(OperatorKeys([OLD]).new_data_key("s_1")[0])
    await Rewrapping(store.histories, OperatorKeys([NEW, OLD])).look()
    assert [one.levelname for one in caplog.records] == ["INFO"]
