"""A call's history was sealed by a key that the server does not have any more: nobody is told that it is kept."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from accounts.history.operator_keys import OperatorKeys
from storage.accounts.ports import AccountStore
from tests.kit.calls_with_accounts import open_kept
from tests.kit.history_entries import entry
from tests.kit.writing_calls import KEY, NOW, PEOPLE, writing

OLD = OperatorKeys([bytes(31) + b"x"])


async def test_people_are_told_that_nothing_is_kept(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo)
        await kept.written()  # the upkeep deletes keys of calls that it does not know
        await store.histories.add_key(OLD.new_data_key(ana.session)[0])
        kept.says(ana, bo, "Uno.", "One.", "a_1", 1000)
        for one in (ana, bo):
            told = await one.hear("history")
            assert (told["on"], told["reason"]) == (False, "unavailable")
            assert told["consents"] == [ana.me, bo.me]
        kept.says(ana, bo, "Dos.", "Two.", "a_2", 2000)
        await kept.written()
        assert kept.calls.writer.lost == 2
        for one in (ana, bo):
            await one.quiet()
        carl, dora = await kept.user("Carl"), await kept.front.guest("Dora")  # another call has a key of its own
        await kept.pair(carl, dora)
        kept.says(carl, dora, "Uno.", "One.", "c_1", 1000)
        await kept.written()
        await carl.quiet()
        assert len((await kept.calls.reader.read(carl.session)).entries) == 1


async def test_it_is_kept_again_once_a_key_opens_it(store: AccountStore, caplog: pytest.LogCaptureFixture) -> None:
    async with writing(store) as scene:
        changes: list[bool] = []
        scene.writer.watch("s_1", lambda: changes.append(scene.writer.keeps("s_1")))
        wrapped = OLD.new_data_key("s_1")[0]
        await store.histories.add_key(wrapped)
        for number in range(3):
            scene.writer.keep("s_1", PEOPLE, entry(utterance=f"u_{number}"))
            await scene.writer.finish(60)
        assert changes == [False] and scene.writer.lost == 3 and not scene.writer.trouble
        assert [one.levelno for one in caplog.records if "can't be kept" in one.message] == [logging.ERROR]
        both = OperatorKeys([KEY, bytes(31) + b"x"])
        assert await store.histories.rewrap(wrapped, both.rewrapped(wrapped))  # by another server
        scene.writer.keep("s_1", PEOPLE, entry(utterance="u_3"))
        await scene.writer.finish(60)
        assert changes == [False, True]
        assert [one.utterance for one in (await scene.history()).entries] == ["u_3"]


@pytest.mark.parametrize("known", [False, True])
async def test_a_key_that_goes_at_the_last_moment_costs_guests_no_words(store: AccountStore, known: bool) -> None:
    async with writing(store) as scene:
        histories: Any = store.histories

        class Expiring:
            """Runs the upkeep between the writer's look for a key and its entries, once."""

            due = True

            async def keep(self, entries: Any, fresh: Any) -> frozenset[str]:
                if self.due:
                    self.due = False
                    await histories.expire(NOW)
                return frozenset(await histories.keep(entries, fresh))

            def __getattr__(self, name: str) -> Any:
                return getattr(histories, name)

        if known:
            await histories.add_key(scene.keys.new_data_key("s_1")[0])
        scene.failing.__dict__["histories"] = Expiring()
        scene.writer.keep("s_1", PEOPLE, entry())
        await scene.writer.finish(60)
        assert (await scene.history()).entries == (entry(),) and scene.writer.lost == 0
