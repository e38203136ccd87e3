"""Finds the number that a Korean word begins with: counters and particles are joined to it ("구십오유로"). Pure."""

from __future__ import annotations

import re
from functools import lru_cache

_NUMERAL = re.compile(
    "스물|스무|서른|마흔|쉰|예순|일흔|여든|아흔|다섯|여섯|일곱|여덟|아홉|하나|둘|셋|넷|열|[일이삼사오육륙칠팔구십백천만억조영공]"
)
_BEFORE_A_COUNTER = re.compile("한|두|세|네")
_POINT = re.compile("점|쩜")
_COUNTER = (
    "시간|시|분|초|개월|개|명|살|번|달|마리|권|잔|병|장|대|층|호|원|달러|유로|엔|위안|파운드|센트|퍼센트|프로|도|년|월|일"
    "|킬로|미터|센티|밀리|그램|리터|톤|점|쩜|쪽|세트|가지|사람|인분|주|박|차|회|등|배"
)
_ENDING = "입니다|이에요|예요|이다|이고|이요|을|를|은|는|이|가|에|의|쯤|정도|으로|로|까지|부터|와|과"
_JOINED = re.compile(f"$|{_COUNTER}|{_ENDING}")


@lru_cache(maxsize=2048)
def cuts(word: str) -> tuple[int, ...]:
    """Return the places at which a word is cut in atoms: behind its number, and around a decimal point in it."""
    whole = _number(word, 0)
    point = _POINT.match(word, whole)
    if not whole or point is None:
        return (whole,) if whole else ()
    end = _number(word, point.end())
    return (whole, point.end(), end) if end else (whole,)


def _number(word: str, place: int) -> int:
    """Return where the longest number ends that begins at `place`, and behind which it may end; 0 if none does."""
    best = 0
    while True:
        last = _BEFORE_A_COUNTER.match(word, place)
        if last and last.end() < len(word) and _JOINED.match(word, last.end()):
            best = max(best, last.end())
        step = _NUMERAL.match(word, place)
        if step is None:
            return best
        place = step.end()
        if _JOINED.match(word, place):
            best = max(best, place)
