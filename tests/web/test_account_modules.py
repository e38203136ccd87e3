"""The pure parts of the page's accounts: links, kept tokens, consent in words, a history as a table."""

import json
from typing import Any

import pytest

from tests.kit.chromium import Tab
from tests.kit.page_accounts import TRANSLATIONS, entry
from tests.kit.page_fixtures import call

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


async def test_a_fragment_is_a_code_or_a_link_or_nothing(modules: Tab) -> None:
    read = {
        "#123456": {"code": "123456"},
        "#1234567890": {"code": "1234567890"},
        "#verify=eyJ.a-b_c": {"link": "verify", "value": "eyJ.a-b_c"},
        "#reset=x": {"link": "reset", "value": "x"},
        "#signin=x": {"link": "signin", "value": "x"},
        "#refused=forbidden": {"link": "refused", "value": "forbidden"},
    }
    nothing = ["", "#", "#12345", "#12345678901", "#verify=", "#delete=x", "#reset=<b>", "#signin=a b", "#profile"]
    for fragment, found in read.items():
        assert await call(modules, "address-fragment", "readFragment", fragment) == found
    for fragment in [*nothing, "#signin=" + "x" * 2049]:
        assert await call(modules, "address-fragment", "readFragment", fragment) is None, fragment


async def test_a_kept_account_is_believed_only_if_it_is_one(modules: Tab) -> None:
    good = {"refreshToken": "r", "until": 5, "name": "Anna", "language": "en"}
    assert await call(modules, "kept-account", "readKept", json.dumps({**good, "more": 1})) == good
    for bad in (None, "", "{", "null", "[]", '"x"', json.dumps({**good, "until": "5"}), '{"refreshToken": 1}'):
        assert await call(modules, "kept-account", "readKept", bad) is None, bad


async def test_a_token_holds_until_a_minute_before_its_end(modules: Tab) -> None:
    access = await call(modules, "kept-account", "accessOf", {"token": "t", "expiresIn": 900}, 1000)
    assert access == {"token": "t", "until": 901_000}
    assert await call(modules, "kept-account", "holds", access, 840_999)
    assert not await call(modules, "kept-account", "holds", access, 841_000)
    assert not await call(modules, "kept-account", "holds", None, 0)
    over = {
        code: await call(modules, "kept-account", "isOver", code) for code in ("unauthorized", "locked", "unreachable")
    }
    assert over == {"unauthorized": True, "locked": True, "unreachable": False}


def history(*consents: str, on: bool = False, reason: str | None = None) -> dict[str, Any]:
    return {"on": on, "consents": list(consents), "reason": reason}


async def test_consent_has_a_state_for_each_case(modules: Tab) -> None:
    states = [
        (history(), "none"),
        (history("me"), "mine"),
        (history("them"), "theirs"),
        (history("me", "them", on=True), "both"),
        (history("me", "them", reason="unavailable"), "unavailable"),
        (history("me", "them", reason="not_offered"), "not_offered"),
        (history("me", reason="unavailable"), "mine"),
    ]
    for given, expected in states:
        assert await call(modules, "consent", "standing", given, "me") == expected


async def test_each_change_of_consent_is_told_once(modules: Tab) -> None:
    both = history("me", "them", on=True)
    changes = [
        (history(), history("them"), "asked"),
        (history(), history("me"), None),
        (history("me"), both, "began"),
        (both, history("them"), "mineWithdrawn"),
        (both, history("me"), "theirsWithdrawn"),
        (history("them"), history(), "theirsWithdrawn"),
        (both, history("me", "them", reason="unavailable"), "stopped"),
        (history("me", "them", reason="unavailable"), both, "began"),
        (both, both, None),
    ]
    for before, after, expected in changes:
        assert await call(modules, "consent", "change", before, after, "me") == expected, (before, after)


async def table(modules: Tab, translations: list[dict[str, Any]], mine: str) -> Any:
    """Return the table of a history, its maps as objects."""
    return await modules.page.evaluate(
        """async ([translations, mine]) => {
            const { table } = await import("/pure/past-call.js");
            const { languages, rows } = table(translations, mine);
            const plain = ({ texts, seen, ...row }) => ({ ...row, ...Object.fromEntries(texts) });
            return { languages, rows: rows.map(plain) };
        }""",
        [translations, mine],
    )


async def test_a_history_is_a_table_with_the_readers_language_first(modules: Tab) -> None:
    found = await table(modules, TRANSLATIONS, "es-MX")
    assert found["languages"] == ["es", "en"]
    first, second, _ = found["rows"]
    assert (first["speaker"], first["said"], first["en"]["text"], first["es"]["text"]) == (
        "me", "en", "Good evening.", "Buenas noches.",
    )  # fmt: skip
    assert second["en"]["unsure"] == ["number"]
    assert (await table(modules, TRANSLATIONS, "en"))["languages"] == ["en", "es"]


async def test_segments_of_an_utterance_are_one_row_and_speech_at_once_is_ordered(modules: Tab) -> None:
    later = {"segment": 1, "startMs": 7000}
    found = await table(
        modules,
        [
            entry(2, "them", "Hola.", "Hello.", startMs=6500),
            entry(1, "me", "One.", "Uno.", startMs=6000),
            entry(1, "me", "Two.", "Dos.", **later),
            entry(1, "me", "Two.", "Dos.", **later, targetUserId="other"),  # for another listener of that language
            entry(3, "me", "Same.", "Same.", targetLanguage="en-GB"),
            entry(4, "me", "Held.", "Held.", held="empty"),
        ],
        "en",
    )
    assert [row["id"] for row in found["rows"]] == ["u1", "u2", "u3", "u4"]
    assert found["rows"][0]["en"]["text"] == "One. Two."
    assert found["rows"][0]["es"]["text"] == "Uno. Dos."
    assert "es" not in found["rows"][2], "nothing was translated there"
    assert found["rows"][3]["es"] == {"tag": "es", "text": "Held.", "held": True, "unsure": []}
    assert await call(modules, "past-call", "others", [{"participantId": "a", "displayName": ""}], "a") == ""
