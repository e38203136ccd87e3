"""Free keys for characters that the layout lacks."""

from __future__ import annotations

import pytest

from clients.desktop.x11.keyboard import keysym
from clients.desktop.x11.spare_keys import REST_S, SpareKeys


def test_a_character_keeps_its_key() -> None:
    keys = SpareKeys([200, 201])
    assert keys.known("é", 0.0) is None
    first = keys.assign("é", 0.0)
    assert keys.known("é", 1.0) == first and keys.assign("ñ", 1.0) != first
    assert sorted(keys.assigned) == [200, 201]


def test_the_key_that_rested_longest_is_used_again_and_not_too_soon() -> None:
    keys = SpareKeys([200, 201])
    old, new = keys.assign("é", 0.0), keys.assign("ñ", 0.1)
    keys.known("é", 0.2)  # typed again: now the other rested longer
    assert keys.wait_s(0.3) == pytest.approx(0.1 + REST_S - 0.3)
    assert keys.wait_s(0.1 + REST_S) == 0.0
    assert keys.assign("ü", 1.0) == new
    assert keys.known("ñ", 1.0) is None and keys.known("é", 1.0) == old
    assert "2 used, 0 free" in repr(keys)


def test_a_key_that_lost_its_character_is_free_again() -> None:
    keys = SpareKeys([200, 201])
    lost, kept = keys.assign("é", 0.0), keys.assign("ñ", 0.0)
    keys.keep(lambda character, keycode: (character, keycode) == ("ñ", kept))
    assert keys.known("é", 0.1) is None and keys.known("ñ", 0.1) == kept
    assert keys.wait_s(0.1) == 0.0 and keys.assign("ü", 0.1) == lost


@pytest.mark.parametrize(
    ("character", "symbol"),
    [("a", 0x61), (" ", 0x20), ("é", 0xE9), ("€", 0x010020AC), ("😀", 0x0101F600), ("я", 0x0100044F)],
)
def test_keysyms(character: str, symbol: int) -> None:
    assert keysym(character) == symbol
