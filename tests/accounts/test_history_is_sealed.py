"""Sealing: only who has the key reads an entry, and only in the place where it was put; keys rotate."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.history.entry import Entry, Missing, decode, encode
from accounts.history.operator_keys import OperatorKeys, Unreadable, read_keys
from accounts.history.sealing import opened, seal
from storage.accounts.records import DataKey, SealedEntry
from tests.kit.history_entries import entry

OLD, NEW, OTHER = bytes(range(32)), bytes(range(1, 33)), bytes(32)
KEY = bytes(reversed(range(32)))
CANARY = "the heron counts backwards"


def sealed(**changes: object) -> SealedEntry:
    return replace(seal(KEY, "s_1", entry(original=CANARY, name="Ana"), 5, 9), **changes)  # type: ignore[arg-type]


def test_an_entry_comes_back_as_it_was() -> None:
    row = sealed()
    assert opened(KEY, [row]) == ([entry(original=CANARY, name="Ana")], [])
    assert (row.session, row.kept_at, row.expires_at, row.start_ms) == ("s_1", 5, 9, entry().start_ms)


def test_no_text_and_no_name_is_readable_in_a_row() -> None:
    row = sealed()
    assert CANARY.encode() not in row.sealed and b"Ana" not in repr(row).encode() + row.sealed
    assert row.sealed != sealed().sealed  # another nonce


@pytest.mark.parametrize(
    "change",
    [{"session": "s_2"}, {"utterance": "u_9"}, {"segment": 7}, {"target": "p_x"}, {"source": "p_x"}, {"start_ms": 1}],
)
def test_a_row_in_another_place_can_not_be_opened(change: dict[str, object]) -> None:
    row = sealed(**change)
    assert opened(KEY, [row]) == ([], [Missing(row.start_ms, row.start_ms, 1)])


@given(st.integers(0, 300), st.integers(0, 7))
def test_no_bit_of_a_row_can_be_changed(place: int, bit: int) -> None:
    row = sealed()
    changed = bytearray(row.sealed)
    changed[place % len(changed)] ^= 1 << bit
    assert opened(KEY, [replace(row, sealed=bytes(changed))])[0] == []
    assert opened(OTHER, [row])[0] == []


def test_rows_are_read_in_the_order_of_speech() -> None:
    said = [entry(utterance=f"u_{n}", start_ms=ms) for n, ms in enumerate([400, 0, 100])]
    rows = [seal(KEY, "s_1", one, 5, 9) for one in [*said, Missing(50, 60, 3)]]
    entries, missing = opened(KEY, rows)
    assert [one.start_ms for one in entries] == [0, 100, 400]
    assert missing == [Missing(50, 60, 3)]


texts = st.text(max_size=20)


@given(st.builds(Entry, **dict.fromkeys(("utterance", "source", "target", "original", "translated", "name"), texts)))
def test_any_text_survives_its_json(one: Entry) -> None:
    if not any("\ud800" <= char <= "\udfff" for char in repr(one)):
        assert decode(encode(one)) == one


def test_an_entry_without_fields_of_later_versions_is_read() -> None:
    one = entry()
    fields = json.loads(encode(one))
    assert "continues" not in fields and "held" not in fields  # an older server would not know the one
    assert decode(json.dumps(fields).encode()) == one


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"kind":"entry"}', b'{"kind":"key","a":1}', b"\xff"])
def test_what_is_no_entry_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="not an entry"):
        decode(data)


def test_the_newest_key_wraps_and_older_ones_still_open() -> None:
    before, plain = OperatorKeys([OLD]).new_data_key("s_1")
    both = OperatorKeys([NEW, OLD])
    assert both.open(before) == plain
    after = both.rewrapped(before)
    assert after.wrapped_by == both.newest != before.wrapped_by
    assert OperatorKeys([NEW]).open(after) == plain
    with pytest.raises(Unreadable, match="does not have"):
        OperatorKeys([NEW]).open(before)
    assert plain not in before.wrapped and OLD not in before.wrapped


def test_a_wrapped_key_is_of_one_session() -> None:
    keys = OperatorKeys([OLD])
    mine, _ = keys.new_data_key("s_1")
    for stolen in (
        replace(mine, session="s_2"),
        replace(mine, wrapped=mine.wrapped[:-1]),
        DataKey("s_1", keys.newest, b""),
    ):
        with pytest.raises(Unreadable):
            keys.open(stolen)


def test_keys_are_read_from_a_setting_or_a_file(tmp_path: Path) -> None:
    new, old = base64.b64encode(NEW).decode(), base64.b64encode(OLD).decode()
    path = tmp_path / "keys"
    path.write_text(f"{new}\n{old}\n")
    assert read_keys(f"{new},{old}") == read_keys(f"file:{path}") == (NEW, OLD)
    assert read_keys("") == ()
    assert not OperatorKeys(read_keys("")) and OperatorKeys([OLD])


@pytest.mark.parametrize("text", ["secret words", base64.b64encode(b"short").decode(), "file:/nowhere/at/all"])
def test_a_bad_key_stops_and_is_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|read") as problem:
        read_keys(text)
    assert text not in str(problem.value)
    assert base64.b64encode(OLD).decode() not in repr(OperatorKeys([OLD]))
