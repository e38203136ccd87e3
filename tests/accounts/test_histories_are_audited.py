"""Reading, searching, saving or deleting a call's history leaves an entry in the audit log."""

from __future__ import annotations

import pytest

from accounts.past_calls import PastCalls
from signaling.http.audit_trail import WITHDRAWALS_OF_ADDRESS
from storage.accounts.ports import AccountStore
from storage.accounts.records import AuditEntry, Call, CallParticipant
from tests.kit.calls_with_accounts import Kept, open_kept
from tests.kit.extent import extent

# These are about the server more than about its database, whose contract has tests of its own on both.
pytestmark = pytest.mark.parametrize("kind", extent(["sqlite"], ["sqlite", "postgresql"]))


async def audited(kept: Kept, event: str) -> list[AuditEntry]:
    await kept.accounts.audit.finish(60)
    return await kept.store.audit.page(1000, event=event)


async def test_a_search_and_an_export_are_audited_and_a_list_is_not(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana = await kept.user("Ana")
        for path in ("sessions", "sessions?query=%20", "sessions?query=canary", "export"):
            assert (await kept.front.http.get(f"{kept.front.url}/api/v1/users/me/{path}", headers={
                "Authorization": f"Bearer {ana.token}"
            })).status == 200  # fmt: skip
        for event in ("history_search", "export"):
            [entry] = await audited(kept, event)
            assert (entry.outcome, entry.user, entry.client) == ("ok", ana.user, "127.0.0.1")
            assert "canary" not in str(entry)


async def test_a_withdrawal_over_the_socket_is_audited(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo)
        assert await audited(kept, "history_delete") == [], "consents delete nothing"
        for one in (bo, ana):
            await one.say({"type": "set_history", "on": False})
            for each in (ana, bo):
                await each.hear("history")
        found = await audited(kept, "history_delete")
        assert [(one.outcome, one.user, one.session, one.client) for one in found] == [
            ("ok", ana.user, ana.session, "127.0.0.1"),
            ("ok", bo.user, ana.session, "127.0.0.1"),
        ]


async def test_a_flood_of_withdrawals_does_not_fill_the_audit_log(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo, consent=False)
        for _ in range(WITHDRAWALS_OF_ADDRESS.count + 20):
            await ana.say({"type": "set_history", "on": False})
            await bo.hear("history")
        assert len(await audited(kept, "history_delete")) == WITHDRAWALS_OF_ADDRESS.count


@pytest.mark.parametrize("query", ["", "bo"])
async def test_a_call_that_an_account_leaves_between_two_looks_is_not_shown(store: AccountStore, query: str) -> None:
    """PostgreSQL sees each look of a transaction at its own moment."""
    async with open_kept(store) as kept:
        ana = await kept.user("Ana")

        class Between:
            async def of_user(self, user: str, limit: int, offset: int) -> tuple[list[Call], int]:
                people = (CallParticipant("p_a", "", "", "es"), CallParticipant("p_b", "u_bo", "Bo", "en"))
                return [Call("s_1", 1, 2, 3, "left", people)], 1

        past = PastCalls(store, kept.calls.reader)
        object.__setattr__(kept.calls.past, "_store", type("Store", (), {"calls": Between()})())
        status, answer = await ana.call("GET", f"/users/me/sessions?query={query}")
        assert (status, answer["sessions"]) == (200, [])
        assert (await past.page(ana.user, 9, 0)).calls == ()
