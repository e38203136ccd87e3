"""Words that are taken back go, also where the database, the call or the process ends before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accounts.keeping import running
from storage.accounts.ports import AccountStore
from storage.accounts.records import Usage
from storage.records import EndedRecord, decode_ended, encode
from tests.kit.calls_with_accounts import Kept, open_kept
from tests.kit.failing_store import FailingStore, Faults
from tests.kit.history_entries import ANA, entry
from tests.kit.signaling_server import Client
from tests.kit.writing_calls import CALL, PEOPLE, QUICK, USER, until, writing


@asynccontextmanager
async def histories_away(
    store: AccountStore, path: Path, *, abandon: bool
) -> AsyncIterator[tuple[Kept, Client, Client]]:
    """Let Ana and Bo say a sentence each, which are kept. From then on the database refuses all of histories."""
    faults = Faults()
    failing: Any = FailingStore(store, Faults())
    failing.__dict__["histories"] = FailingStore(store, faults).histories
    async with open_kept(failing, path=path, abandon=abandon) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo)
        kept.says(ana, bo, "Uno.", "One.", "a_1", 1000)
        kept.says(bo, ana, "Two.", "Dos.", "b_1", 2000)
        await kept.written()
        faults.away = True
        yield kept, ana, bo


async def leaves_nothing_undone(kept: Kept, ana: Client, bo: Client, *, ended: bool) -> None:
    """Let Ana end the call if it is to be `ended`, and wait until the live session's file has everything."""
    if ended:
        await ana.say({"type": "leave_session"})
        while (await bo.next())["type"] != "session_ended":  # type: ignore[index]
            pass
    await kept.front.sessions.flush()


async def is_withdrawn_by_the_next(store: AccountStore, path: Path, ana: Client) -> None:
    """Assert that the process ended with Ana's words in the database, and that the next one deletes them."""
    assert len((await store.histories.entries(ana.session))[0]) == 2
    async with open_kept(store, path=path) as kept:
        await kept.written()
        assert [one.utterance for one in (await kept.calls.reader.read(ana.session)).entries] == ["b_1"]


@pytest.mark.parametrize("ended", [True, False])
async def test_a_withdrawal_outlasts_the_database_the_call_and_the_process(
    store: AccountStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: bool
) -> None:
    monkeypatch.setattr(running, "FINISH_S", 0.1)
    path = tmp_path / "state.sqlite"
    async with histories_away(store, path, abandon=not ended) as (kept, ana, bo):
        await ana.say({"type": "set_history", "on": False})
        assert (await ana.hear("history"))["on"] is False
        await bo.hear("history")
        await leaves_nothing_undone(kept, ana, bo, ended=ended)
    await is_withdrawn_by_the_next(store, path, ana)


@pytest.mark.parametrize("ended", [True, False])
async def test_who_consents_again_before_it_is_done_has_withdrawn_all_the_same(
    store: AccountStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: bool
) -> None:
    monkeypatch.setattr(running, "FINISH_S", 0.1)
    path = tmp_path / "state.sqlite"
    async with histories_away(store, path, abandon=not ended) as (kept, ana, bo):
        for on in (False, True):
            await ana.say({"type": "set_history", "on": on})
            await ana.hear("history")
            await bo.hear("history")
        await leaves_nothing_undone(kept, ana, bo, ended=ended)
    await is_withdrawn_by_the_next(store, path, ana)


@pytest.mark.parametrize("ended", [True, False])
async def test_what_was_said_after_a_new_consent_outlasts_the_process(
    store: AccountStore, tmp_path: Path, ended: bool
) -> None:
    path = tmp_path / "state.sqlite"
    async with open_kept(store, path=path, abandon=not ended) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo)
        kept.says(ana, bo, "Uno.", "One.", "a_1", 1000)
        for on in (False, True):
            await ana.say({"type": "set_history", "on": on})
            await ana.hear("history")
        kept.clock.wall += 1
        kept.says(ana, bo, "Dos.", "Two.", "a_2", 2000)
        await kept.written()
        if ended:
            await ana.say({"type": "leave_session"})
            await ana.hear("session_ended")
        await kept.front.sessions.flush()
    async with open_kept(store, path=path) as kept:
        await kept.written()
        assert [one.utterance for one in (await kept.calls.reader.read(ana.session)).entries] == ["a_2"]


async def test_nobody_consents_after_a_restart_who_has_not_said_so_again(store: AccountStore, tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_kept(store, path=path, abandon=True) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo)
        kept.says(ana, bo, "Uno.", "One.", "a_1", 1000)
        await kept.written()
        await kept.front.sessions.flush()
    # As if Ana had withdrawn, had been told so, and the process had been killed before this was on disk.
    async with open_kept(store, path=path) as kept:
        for one in (ana, bo):
            one.front = kept.front
            await one.open(one.resume_token)
            await one.hear("session_joined")
            assert await one.next() == {"type": "history", "on": False, "consents": []}
        kept.says(ana, bo, "Dos.", "Two.", "a_2", 2000)
        for one in (ana, bo):
            await one.say({"type": "set_history", "on": True})
            for other in (ana, bo):
                assert (await other.hear("history"))["on"] is (one is bo)
        kept.says(ana, bo, "Tres.", "Three.", "a_3", 3000)
        await kept.written()
        kept_now = (await kept.calls.reader.read(ana.session)).entries
        assert [one.utterance for one in kept_now] == ["a_1", "a_3"]  # what was agreed to before stays


async def test_who_comes_back_is_told_even_if_no_consent_reached_the_disk(store: AccountStore, tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_kept(store, path=path, abandon=True) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo, consent=False)
        await kept.front.sessions.flush()
    async with open_kept(store, path=path) as kept:
        ana.front = kept.front
        await ana.open(ana.resume_token)
        await ana.hear("session_joined")
        assert (await ana.hear("history"))["on"] is False


async def test_a_withdrawal_is_not_lost_with_the_records_of_too_many_calls(store: AccountStore) -> None:
    async with writing(store, options=replace(QUICK, most_calls=1)) as scene:
        scene.writer.keep("s_1", PEOPLE, entry())
        await scene.writer.finish(60)
        scene.faults.away = True
        scene.writer.withdraw("s_1", ANA)
        for number in range(1, 4):
            scene.writer.save(replace(CALL, session=f"s_{number}", ended_at=5000))
        await until(lambda: scene.writer.trouble)
        scene.faults.away = False
        await scene.writer.finish(60)
        assert (await scene.history()).entries == ()
        assert "0 calls" in repr(scene.writer)


def test_records_of_ended_sessions_say_who_withdrew() -> None:
    ended = EndedRecord("s_1", "123456", 1, 2, 3, "left", ("u_1",), ("p_1", "p_2"), ("p_1",), (("p_2", 7),))
    assert decode_ended(encode(ended)) == ended
    old = encode(ended).replace(',"withdrawn_until":[["p_2",7]]', "")
    assert decode_ended(old) == replace(ended, withdrawn_until=())
    older = old.replace(',"withdrawn":["p_1"]', "")
    assert decode_ended(older) == replace(ended, withdrawn=(), withdrawn_until=())
    for bad in ('[["p_2"]]', '["p_2"]', '[["p_2","7"]]', "[[2,7]]", '{"p_2":7}'):
        with pytest.raises(ValueError, match="withdrawn_until"):
            decode_ended(encode(ended).replace('[["p_2",7]]', bad))


async def test_nothing_is_left_in_memory_of_a_withdrawal(store: AccountStore) -> None:
    async with writing(store) as scene:
        scene.writer.withdraw("s_ended", ANA)  # DELETE /sessions/{id}/history of a call that is over
        scene.writer.watch("s_waiting", lambda: None)
        scene.writer.withdraw("s_waiting", ANA)
        scene.writer.watch("s_waits_on", lambda: None)
        scene.writer.withdraw("s_waits_on", ANA)
        await scene.writer.finish(60)
        assert "2 calls" in repr(scene.writer)
        scene.writer.unwatch("s_waiting")  # it ends, and nobody has come
        assert "1 calls" in repr(scene.writer)
        scene.faults.away = True
        scene.writer.withdraw("s_waits_on", ANA)
        scene.writer.unwatch("s_waits_on")
        assert "1 calls" in repr(scene.writer)
        scene.faults.away = False
        await scene.writer.finish(60)
        assert "0 calls" in repr(scene.writer)


async def test_usage_counts_once_where_words_are_withdrawn_meanwhile(store: AccountStore) -> None:
    await store.users.add(USER)
    async with writing(store) as scene:  # without a watcher: this server keeps no history
        scene.writer.withdraw("s_1", ANA)
        scene.writer.use("s_1", PEOPLE, {"u_ana": Usage(1000)})
        await scene.writer.finish(60)
        scene.writer.use("s_1", PEOPLE, {"u_ana": Usage(1500)})
        scene.writer.save(replace(CALL, ended_at=5000))
        await scene.writer.finish(60)
        assert (await store.usage.of_user("u_ana")).heard_ms == 1500
        assert "0 calls" in repr(scene.writer)


async def test_texts_that_can_not_be_written_cost_neither_usage_nor_withdrawals(store: AccountStore) -> None:
    await store.users.add(USER)
    async with writing(store) as scene:
        scene.writer.save(CALL)
        scene.writer.keep("s_1", PEOPLE, entry())
        scene.writer.use("s_1", PEOPLE, {"u_ana": Usage(1000)})
        await scene.writer.finish(60)
        scene.writer.keep("s_1", PEOPLE, entry(utterance="u_2", source="p_bo", target=ANA, original=1j))
        await scene.writer.finish(60)
        assert scene.writer.lost == 1
        histories = scene.failing.histories

        class Broken:
            """Fails once, by a defect."""

            async def withdraw(self, session: str, participant: str, until: int | None) -> None:
                scene.failing.__dict__["histories"] = histories
                raise ZeroDivisionError

        scene.failing.__dict__["histories"] = Broken()
        scene.writer.withdraw("s_1", ANA)
        scene.writer.use("s_1", PEOPLE, {"u_ana": Usage(1500)})
        scene.writer.save(replace(CALL, ended_at=5000))
        await scene.writer.finish(60)
        assert (await scene.history()).entries == ()
        assert "0 calls" in repr(scene.writer)
    assert (await store.usage.of_user("u_ana")).heard_ms == 1500
    call = await store.calls.get("s_1")
    assert call is not None and call.ended_at == 5000


async def test_usage_counts_once_where_texts_can_not_be_written(store: AccountStore) -> None:
    await store.users.add(USER)
    async with writing(store) as scene:
        scene.writer.use("s_1", PEOPLE, {"u_ana": Usage(1000)})
        await scene.writer.finish(60)
        scene.writer.keep("s_1", PEOPLE, entry(original=1j))
        await scene.writer.finish(60)
        scene.writer.use("s_1", PEOPLE, {"u_ana": Usage(1500)})
        await scene.writer.finish(60)
    assert (await store.usage.of_user("u_ana")).heard_ms == 1500
