"""Chance of a guess at a session's code: docs/protocol.md has it for each length, and the limits make it so."""

from __future__ import annotations

import re
from pathlib import Path

import numpy
import pytest

from signaling.config import SignalingLimits, SignalingOptions
from signaling.rate_limits import LocalRateLimiter
from signaling.sessions.directory import random_code

DOCUMENT = (Path(__file__).parents[2] / "docs/protocol.md").read_text("utf-8")
ROW = re.compile(r"^\| (\d+) \| ([\d.]+) % \| ([\d.]+) % \|$", re.MULTILINE)
LENGTHS = range(6, 11)
LIFETIME_S, DAY_S = int(SignalingOptions().code_lifetime_s), 86_400
WAITING, ADDRESSES = 10, 1000


def guesses(seconds: int) -> int:
    """Return the number of wrong codes that one address may try, if it tries one every other second."""
    limiter = LocalRateLimiter(SignalingLimits().wrong_codes_of_address)
    return sum(limiter.consume("192.0.2.1", second) <= 0 for second in range(0, seconds, 2))


def of_a_day(digits: int) -> float:
    """Return the chance of one address, within a day, to meet one of `WAITING` sessions."""
    return 1 - (1 - WAITING / 10**digits) ** guesses(DAY_S)


def of_many(digits: int) -> float:
    """Return the chance of `ADDRESSES` that try other codes each, to meet one session while its code waits."""
    return ADDRESSES * guesses(LIFETIME_S) / 10**digits


def test_the_document_has_the_chance_for_each_length() -> None:
    rows = {int(digits): (day, many) for digits, day, many in ROW.findall(DOCUMENT)}
    computed = {digits: (f"{100 * of_a_day(digits):.2g}", f"{100 * of_many(digits):.2g}") for digits in LENGTHS}
    assert rows == computed


def test_an_address_that_guesses_all_day_meets_a_session_as_often_as_the_document_says() -> None:
    """Every ten minutes other codes wait, and the address begins anew."""
    windows, trials = DAY_S // LIFETIME_S, 2000
    codes = numpy.random.default_rng(7).integers(10**6, size=(trials, windows * WAITING))
    met = (codes < guesses(LIFETIME_S)).any(axis=1).mean()
    assert abs(met - of_a_day(6)) < 0.024, "three standard deviations"


@pytest.mark.parametrize("digits", LENGTHS)
@pytest.mark.parametrize("end", [slice(1), slice(-1, None)])
def test_codes_of_each_length_are_met_as_often_as_the_document_says(digits: int, end: slice) -> None:
    """Addresses as many that they may try every tenth code: those that begin, or end, by one digit."""
    addresses = ADDRESSES * 10 ** (digits - 6)
    assert addresses * guesses(LIFETIME_S) * 10 == 10**digits
    trials = 2000
    codes = [random_code(digits) for _ in range(trials)]
    assert {len(code) for code in codes} == {digits} and all(code.isdecimal() for code in codes)
    met = sum(code[end] == "0" for code in codes) / trials
    assert abs(met - 0.1) < 0.04, "six standard deviations: these dice have no seed"
