"""Names that look the same belong to one person, and what nobody sees is in no name."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from accounts.history.transcripts.call import one_line
from accounts.oidc.joining import usernames
from accounts.oidc.people import Person, name_of
from accounts.people.usernames import seen, username
from accounts.refusals import NotPossible
from signaling.http.bodies import NAMELESS, guest
from signaling.refusal import Refusal
from storage.accounts import schema
from storage.accounts.opening import connected, open_accounts
from storage.accounts.ports import AccountStore, Taken
from storage.accounts.records import User
from storage.accounts.spelling import IGNORABLE, name_key
from tests.kit.account_server import PASSWORD, open_account_front

ANNA = User("u_anna", "Anna Li", None, False, None, "en", 1)
HIDDEN = {
    "soft hyphen": "\u00ad",
    "grapheme joiner": "\u034f",
    "Hangul filler": "\u3164",
    "its half": "\uffa0",
    "vowel of nothing": "\u17b5",
    "zero width space": "\u200b",
    "joiner": "\u200d",
    "non-joiner": "\u200c",
    "word joiner": "\u2060",
    "unassigned": "\u2065",
    "selector": "\ufe0f",
    "variant": "\U000e0100",
    "tag": "\U000e0041",
    "shorthand": "\U0001bca0",
    "mark of bytes": "\ufeff",
}


def tagged(code: str) -> str:
    """Return a black flag with tags."""
    return "\U0001f3f4" + "".join(chr(0xE0000 + ord(char)) for char in code) + "\U000e007f"


FLAGS = [tagged(code) for code in ("gbeng", "gbsct", "gbwls")]


async def test_names_that_differ_in_what_nobody_sees_are_one(store: AccountStore) -> None:
    await store.users.add(ANNA)
    for hidden in HIDDEN.values():
        with pytest.raises(Taken):
            await store.users.add(replace(ANNA, id="u_other", username=f"AN{hidden}NA LI"))


@pytest.mark.parametrize("name", HIDDEN)
def test_what_nobody_sees_is_refused_wherever_it_stands(name: str) -> None:
    for place in (0, 2, 7):
        alike = "ANNA LI"[:place] + HIDDEN[name] + "ANNA LI"[place:]
        assert name_key(alike) == name_key("Anna Li")
        with pytest.raises(NotPossible, match="nobody sees"):
            username(f"x{alike}x")


async def test_names_that_differ_in_blanks_are_one(store: AccountStore) -> None:
    await store.users.add(ANNA)
    for alike in ("Anna  Li", "Anna\u00a0Li", "Anna\u3000Li", "Anna \u2800Li\u2800", " Anna Li"):
        with pytest.raises(Taken):
            await store.users.add(replace(ANNA, id="u_other", username=alike))
        assert username(alike) == "Anna Li"
    await store.users.add(replace(ANNA, id="u_other", username="AnnaLi"))


def test_what_is_behind_a_hidden_character_is_compared_with_what_is_before_it() -> None:
    assert name_key("A\u034f\u0301na") == name_key("Ána")
    assert name_key("\u1112\u034f\u1161") == name_key("하")


def test_the_table_is_unicodes() -> None:
    """Held against the derivation in Unicode's own words (DerivedCoreProperties.txt)."""
    other = [
        (0x34F, 0x34F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x2065, 0x2065), (0x3164, 0x3164), (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFF8), (0xE0000, 0xE0000), (0xE0002, 0xE001F), (0xE0080, 0xE00FF), (0xE01F0, 0xE0FFF),
    ]  # fmt: skip
    selectors = [(0x180B, 0x180D), (0x180F, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF)]
    seen_formats = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    seen_formats |= {*range(0xFFF9, 0xFFFC), *range(0x13430, 0x13440)}
    derived = {code for first, last in other + selectors for code in range(first, last + 1)}
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    formats = {place for place, char in enumerate(everything) if unicodedata.category(char) == "Cf"}
    assert {ord(char) for char in IGNORABLE.findall(everything)} == derived | (formats - seen_formats)


@pytest.mark.parametrize(
    "name",
    [
        "علی\u200cرضا",
        "ශ්\u200dරී",
        "Ana ❤\ufe0f",
        "Max 👨\u200d👩\u200d👧",
        "Zoë 1\ufe0f\u20e3",
        "葛\U000e0100城",
        "☎\ufe0e 1",
        "ᠠ\u180bᠠ",
        *(f"Ana {flag} Li" for flag in FLAGS),
    ],
)
def test_hidden_characters_that_are_part_of_writing_stay(name: str) -> None:
    assert username(name) == name


@pytest.mark.parametrize(
    "bad", ["", "  ", "❤", "\u3164", "\u2800", "a\nb", "a\u202eb", "x" * 65, "a\ud800", "a\u2028b"]
)
def test_names_that_are_none(bad: str) -> None:
    with pytest.raises(NotPossible):
        username(bad)


def test_names_from_elsewhere_lose_what_nobody_sees() -> None:
    assert name_of("A\u034fna\u2060 \u3164 Li\ufe0f") == "Ana Li"
    assert name_of("علی\u200cرضا") == "علی\u200cرضا"
    assert name_of("\u3164\u200d") == ""


def test_names_of_guests_lose_what_nobody_sees() -> None:
    for told, name in (
        ("A\u034fna\u3164", "Ana"),
        ("\u3164", NAMELESS),
        ("Bo ❤\ufe0f", "Bo ❤\ufe0f"),
        ("B\u200do", "Bo"),
    ):
        assert guest(f'{{"displayName": "{told}"}}'.encode()).name == name
    assert seen("plain") == "plain"


def test_names_that_are_told_apart_by_a_number_hold_no_half_of_a_flag() -> None:
    for left in range(18, 24):
        known = Person("house", "1", None, False, "x" * left + FLAGS[0])
        for one in usernames(known):
            assert username(one) == one


async def test_a_name_with_what_nobody_sees_is_refused_by_its_field(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        body = {"username": "An\u034fa", "email": "eve@example.com", "password": PASSWORD, "preferredLanguage": "es"}
        for method, path, asked in (("POST", "/auth/register", body), ("PATCH", "/users/me", {"username": "A\u3164"})):
            status, answer = await ana.call(method, path, asked)
            assert (status, answer["error"]["code"]) == (400, "bad_request")
            assert answer["error"]["details"] == {"field": "username"}
        status, answer = await server.call("POST", "/auth/register", body | {"username": " ａＮＡ "})
        assert (status, answer["error"]["details"]) == (409, {"field": "username"})


async def test_a_name_of_before_holds_until_its_person_takes_another(tmp_path: Path) -> None:
    """The page sends the name with every change of the profile."""
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        old = "An\u00ada"
        await server.accounts.store.users.change(ana.user, lambda now: replace(now, username=old))
        for language in ("de", "fr"):
            status, me = await ana.call("PATCH", "/users/me", {"username": old, "preferredLanguage": language})
            assert (status, me["username"], me["preferredLanguage"]) == (200, old, language)
        assert (await ana.call("PATCH", "/users/me", {"username": "An\u00ad\u00ada"}))[0] == 400
        assert (await ana.call("PATCH", "/users/me", {"username": "Anna"}))[1]["username"] == "Anna"


async def test_names_of_before_are_compared_anew(new_url: Callable[[str], str]) -> None:
    people = [("u_1", "Ma\u034fx", "ma\u034fx", 3), ("u_2", "Max", "max", 2), ("u_3", "ma\u3164x", "ma\u1160x", 1)]
    people.append(("u_4", "علی\u200cرضا", "علی\u200cرضا", 4))

    def old(connection: Connection) -> None:
        schema.upgrade(connection, "0002")
        for user, name, key, at in people:
            row = {"id": user, "name": name, "key": key, "at": at, "no": False}
            columns = "id, username, username_key, email_verified, preferred_language, created_at, locked"
            connection.execute(
                text(f"INSERT INTO users ({columns}) VALUES (:id, :name, :key, :no, 'en', :at, :no)"), row
            )

    url = new_url("names")
    async with connected(url) as database:
        await database.migrate(lambda connection: connection.run_sync(old))
        await database.migrate(lambda connection: connection.run_sync(schema.upgrade))
    async with open_accounts(url) as store:
        assert [one.username for one in (await store.users.page(9, 0))[0]] == [
            "ma\u3164x",
            "Max",
            "Ma\u034fx",
            people[3][1],
        ]
        for name in ("MAX", "m\u2060ax", "علیرضا", people[3][1]):
            with pytest.raises(Taken):
                await store.users.add(replace(ANNA, username=name))
        for user in ("u_1", "u_2", "u_3"):  # whoever has a name goes on with it
            changed = await store.users.change(user, lambda now: replace(now, locked=True))
            assert changed is not None and changed.locked
        await store.users.change("u_3", lambda now: replace(now, username="Moritz"))
        with pytest.raises(Taken):
            await store.users.add(replace(ANNA, username="moritz"))


@pytest.mark.parametrize(
    "hidden",
    [
        tagged("ustx"),  # a flag for Unicode, but not one that is shown
        tagged("gbeng" * 2),
        tagged("ignorethis"),
        FLAGS[0][:-1],  # without its end
        FLAGS[0][1:],  # without its beginning
        "\U0001f3f3" + FLAGS[0][1:],  # on a white flag
        FLAGS[0] + "\U000e007f",
        FLAGS[0][:3] + "a" + FLAGS[0][3:],
    ],
)
def test_tags_of_no_flag_are_refused(hidden: str) -> None:
    with pytest.raises(NotPossible, match="nobody sees"):
        username(f"Ana {hidden}")
    with pytest.raises(Refusal) as refused:
        guest(json.dumps({"displayName": f"Ana {hidden}"}).encode())
    assert refused.value.details == {"field": "displayName"}
    assert not IGNORABLE.findall(name_of(f"Ana {hidden} Li").replace(FLAGS[0], ""))


def test_flags_stay_in_every_name() -> None:
    for flag in FLAGS:
        assert guest(json.dumps({"displayName": f" Ana {flag}"}).encode()).name == f"Ana {flag}"
        assert name_of(f"Ana {flag}") == one_line(f"Ana\n{flag}") == f"Ana {flag}"
    assert one_line(f"a{tagged('ustx')}") == "a\U0001f3f4"


def test_names_from_elsewhere_are_cut_where_no_half_of_a_flag_stays() -> None:
    assert name_of("x" * 55 + FLAGS[0]) == "x" * 55 + "\U0001f3f4"
    assert name_of("x" * 61 + "👩\u200d👧") == "x" * 61 + "👩"
    assert name_of("\u0958" * 40) == "\u0915\u093c" * 32
