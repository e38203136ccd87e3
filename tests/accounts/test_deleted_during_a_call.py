"""An account is deleted by another process while its owner is in a call: the call ends, and no word of theirs stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accounts import revoked
from storage.accounts.ports import AccountStore
from tests.kit.calls_with_accounts import open_kept
from tests.kit.history_entries import BO, entry
from tests.kit.writing_calls import CALL, PEOPLE, USER, writing

BO_USER = replace(USER, id="u_bo", username="bo", email="bo@example.org")


async def test_words_that_are_written_while_the_account_goes_are_deleted(store: AccountStore) -> None:
    await store.users.add(USER)
    await store.users.add(BO_USER)  # so the call's key stays
    async with writing(store) as scene:
        histories: Any = store.histories

        class Late:
            """Keeps entries a moment after the writer has looked for the account."""

            async def keep(self, entries: Any, fresh: Any) -> frozenset[str]:
                await store.users.delete("u_ana")
                return frozenset(await histories.keep(entries, fresh))

            def __getattr__(self, name: str) -> Any:
                return getattr(histories, name)

        scene.writer.save(CALL)
        await scene.writer.finish(60)
        scene.failing.__dict__["histories"] = Late()
        theirs = entry(utterance="u_2", source=BO, target="p_ana")
        scene.writer.keep("s_1", PEOPLE, entry())
        scene.writer.keep("s_1", PEOPLE, theirs)
        scene.writer.save(replace(CALL, ended_at=5000))
        await scene.writer.finish(60)
        assert (await scene.history()).entries == (theirs,)
        assert "0 calls" in repr(scene.writer)


async def test_what_a_deleted_account_said_is_withdrawn_once(store: AccountStore) -> None:
    await store.users.add(USER)
    await store.users.add(BO_USER)
    async with writing(store) as scene:
        scene.writer.save(CALL)
        scene.writer.keep("s_1", PEOPLE, entry())
        await scene.writer.finish(60)
        await store.users.delete("u_ana")
        for number in range(2, 5):
            scene.writer.keep("s_1", PEOPLE, entry(utterance=f"u_{number}"))
            await scene.writer.finish(60)
        assert (await scene.history()).entries == ()
        assert scene.faults.calls.count("histories.withdraw") == 1


@pytest.mark.parametrize("restarted", [False, True])
async def test_the_call_ends(
    store: AccountStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, restarted: bool
) -> None:
    monkeypatch.setattr(revoked, "LOOK_EVERY_S", 600.0 if restarted else 0.05)
    path = tmp_path / "state.sqlite"

    async def delete(user: str, at: float) -> None:
        """Do what `dragoman user delete` does."""
        await store.revocations.revoke(user, int(at * 1000))
        await store.users.delete(user)

    async with open_kept(store, path=path, abandon=restarted) as kept:
        ana, bo = await kept.user("Ana"), await kept.user("Bo")
        await kept.pair(ana, bo)
        kept.says(ana, bo, "Uno.", "One.", "a_1", 1000)
        kept.says(bo, ana, "Two.", "Dos.", "b_1", 2000)
        await kept.written()
        await kept.front.sessions.flush()
        if not restarted:
            await store.revocations.revoke(bo.user, int(kept.clock.wall * 1000))  # a new password ends no call
            await delete(ana.user, kept.clock.wall)
            for one in (ana, bo):
                assert (await one.hear("session_ended"))["reason"] == "deleted"
            await kept.written()
    if restarted:
        await delete(ana.user, kept.clock.wall)
        async with open_kept(store, path=path) as kept:
            ana.front = kept.front
            await ana.open(ana.resume_token)
            await ana.hear_error("session_ended", fatal=True, close=1000)
            await kept.written()
    entries, _ = await store.histories.entries(ana.session)
    assert {one.source for one in entries} == {bo.me}
    call = await store.calls.get(ana.session)
    assert call is not None and call.reason == "deleted" and "Ana" not in {one.name for one in call.participants}
