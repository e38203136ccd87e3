"""Decides which of the keyboard's free keys stands for a character that no key of the layout has."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

REST_S = 0.5
"""Time for which a free key keeps its character after it was typed: a slow window reads the layout late."""


class SpareKeys:
    """Free keycodes, used in turn: the one that rested longest takes the next new character."""

    def __init__(self, keycodes: Sequence[int]) -> None:
        self._free = list(keycodes)
        self._used: OrderedDict[str, tuple[int, float]] = OrderedDict()  # keycode and time of the last use

    def __repr__(self) -> str:
        return f"<SpareKeys: {len(self._used)} used, {len(self._free)} free>"

    @property
    def assigned(self) -> list[int]:
        """The keycodes that stand for a character now."""
        return [keycode for keycode, _ in self._used.values()]

    def keep(self, stands: Callable[[str, int], bool]) -> None:
        """Free the keys that lost their character: a new layout takes it away. `stands` is asked of each."""
        for character, (keycode, _) in list(self._used.items()):
            if not stands(character, keycode):
                del self._used[character]
                self._free.append(keycode)

    def known(self, character: str, now: float) -> int | None:
        """Return the keycode that stands for a character, which is typed at `now`, s; None where there is none."""
        if character not in self._used:
            return None
        keycode, _ = self._used.pop(character)
        self._used[character] = keycode, now
        return keycode

    def wait_s(self, now: float) -> float:
        """Return the time after which a new character can have a key, s."""
        if self._free:
            return 0.0
        _, used_at = next(iter(self._used.values()))
        return max(0.0, used_at + REST_S - now)

    def assign(self, character: str, now: float) -> int:
        """Return the keycode that has to stand for a new character from now on. Call it where nothing has to wait."""
        keycode = self._free.pop() if self._free else self._used.popitem(last=False)[1][0]
        self._used[character] = keycode, now
        return keycode
