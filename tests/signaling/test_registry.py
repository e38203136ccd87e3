"""The rules of coming in, without network or clock."""

import re
from dataclasses import replace
from itertools import cycle

import pytest

from signaling.config import SignalingLimits, SignalingOptions
from signaling.languages import Languages
from signaling.refusal import Code, Refusal
from signaling.session_states import SessionStep
from signaling.sessions.registry import SessionRegistry, SnapshotSink, random_code
from storage.records import EndedRecord, SessionRecord

NOW = 1_000_000


class Kept:
    def __init__(self) -> None:
        self.saved: list[SessionRecord] = []
        self.ended: list[EndedRecord] = []


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def lobby(kept: Kept) -> SessionRegistry:
    return SessionRegistry(SignalingOptions(), SnapshotSink(kept.saved.append, kept.ended.append))


def create(lobby: SessionRegistry, user: str = "ana", admit: bool = False, now: int = NOW) -> SessionRecord:
    return lobby.create(user, user.title(), "es", admit, now)[0]


def refused(code: Code) -> "pytest.RaisesExc[Refusal]":
    return pytest.RaisesExc(Refusal, check=lambda problem: problem.code is code)


def test_codes_are_six_digits() -> None:
    codes = {random_code() for _ in range(200)}
    assert all(re.fullmatch("[0-9]{6}", code) for code in codes)
    assert len(codes) > 150


def test_a_code_is_unused_among_live_sessions(kept: Kept) -> None:
    codes = cycle(["000001", "000001", "000002"])
    lobby = SessionRegistry(
        SignalingOptions(), SnapshotSink(kept.saved.append, kept.ended.append), code=lambda: next(codes)
    )
    first, second = create(lobby), create(lobby)
    assert (first.code, second.code) == ("000001", "000002")
    lobby.end(first.id, SessionStep.DELETED, NOW)
    assert create(lobby).code == "000001"
    assert lobby.by_code("000001").id != first.id


def test_every_change_is_written_through(lobby: SessionRegistry, kept: Kept) -> None:
    record = create(lobby)
    record, bo = lobby.join(record, "bo", "Bo", "en", NOW + 1)
    lobby.start(record.id, NOW + 2)
    lobby.set_language(record.id, bo.id, "de")
    lobby.set_language(record.id, bo.id, "de")
    lobby.set_history(record.id, bo.id, True)
    assert len(kept.saved) == 5
    last = kept.saved[-1]
    assert last == lobby.get(record.id)
    assert last.started_at == NOW + 2 and last.participants[1].language == "de"
    lobby.end(record.id, SessionStep.HUNG_UP, NOW + 3)
    assert [(one.id, one.users, one.reason) for one in kept.ended] == [(record.id, ("ana", "bo"), "partner_left")]


def test_the_third_is_refused_and_the_second_may_come_again(lobby: SessionRegistry) -> None:
    record = create(lobby)
    joined, seat = lobby.join(record, "bo", "Bo", "en", NOW)
    assert lobby.join(joined, "bo", "Bo again", "de", NOW) == (joined, seat)
    with refused(Code.SESSION_FULL):
        lobby.join(joined, "cy", "Cy", "en", NOW)
    with refused(Code.OWN_SESSION):
        lobby.join(joined, "ana", "Ana", "en", NOW)


def test_who_was_turned_away_stays_out_and_the_seat_is_free(lobby: SessionRegistry) -> None:
    record = create(lobby, admit=True)
    record, bo = lobby.join(record, "bo", "Bo", "en", NOW)
    assert not bo.admitted
    lobby.turn_away(record.id, bo.id)
    with refused(Code.NOT_ADMITTED):
        lobby.join(lobby.get(record.id), "bo", "Bo", "en", NOW)
    record, cy = lobby.join(lobby.get(record.id), "cy", "Cy", "en", NOW)
    lobby.admit(record.id, cy.id)
    assert lobby.get(record.id).participants[1].admitted


def test_a_code_lasts_ten_minutes_and_a_session_four_hours(lobby: SessionRegistry) -> None:
    record = create(lobby)
    assert record.code_expires_at == lobby.expires_at(record.id) == NOW + 600_000
    lobby.join(record, "bo", "Bo", "en", NOW + 500_000)
    assert lobby.expires_at(record.id) == NOW + 1_100_000
    lobby.start(record.id, NOW + 501_000)
    assert lobby.expires_at(record.id) == NOW + 501_000 + 4 * 3_600_000


def test_a_full_server_refuses_before_anything_is_built(kept: Kept) -> None:
    lobby = SessionRegistry(
        SignalingOptions(limits=SignalingLimits(sessions=2)), SnapshotSink(kept.saved.append, kept.ended.append)
    )
    first = create(lobby)
    create(lobby)
    with refused(Code.AT_CAPACITY):
        create(lobby)
    assert len(kept.saved) == len(lobby) == 2
    lobby.end(first.id, SessionStep.EXPIRED, NOW)
    create(lobby)


def test_what_has_ended_is_known_for_a_day(lobby: SessionRegistry) -> None:
    record = create(lobby)
    lobby.end(record.id, SessionStep.EXPIRED, NOW)
    for find in (lambda: lobby.get(record.id), lambda: lobby.by_code(record.code)):
        with refused(Code.SESSION_ENDED):
            find()
    later = create(lobby, now=NOW + 86_400_001)
    lobby.end(later.id, SessionStep.EXPIRED, NOW + 86_400_001)
    with refused(Code.SESSION_NOT_FOUND):
        lobby.get(record.id)
    with refused(Code.SESSION_ENDED):
        lobby.get(later.id)


def test_what_was_never_there_is_not_found(lobby: SessionRegistry) -> None:
    with refused(Code.SESSION_NOT_FOUND):
        lobby.get("s_unknown")
    with refused(Code.SESSION_NOT_FOUND):
        lobby.by_code("123456")


def test_a_restored_lobby_knows_what_the_old_one_knew(lobby: SessionRegistry, kept: Kept) -> None:
    live, gone = create(lobby), create(lobby, "cy")
    ended = lobby.end(gone.id, SessionStep.DELETED, NOW)
    other = SessionRegistry(SignalingOptions(), SnapshotSink(kept.saved.append, kept.ended.append))
    other.restore([live, replace(live, id="s_2", code="000002")], [ended])
    assert other.by_code(live.code) == live and other.find_ended(gone.id) == ended
    assert len(other) == 2


LANGUAGES = Languages.of(["en-US", "es", "de"], ["en", "es", "fr"], [("en", "es"), ("es", "en"), ("de", "fr")])


@pytest.mark.parametrize("tag", ["en", "EN", "en-GB", "es-419", "de"])
def test_a_language_that_is_heard(tag: str) -> None:
    LANGUAGES.require(tag)


@pytest.mark.parametrize("tag", ["fr", "tlh", "", "e", "en_US", "en--", "english", "en-" + "x" * 40, "❤", "en\n"])
def test_a_language_that_is_not(tag: str) -> None:
    with refused(Code.UNSUPPORTED_LANGUAGE):
        LANGUAGES.require(tag)


@pytest.mark.parametrize(
    ("one", "other", "possible"),
    [
        ("en", "es", True),
        ("es-MX", "en-GB", True),
        ("fr", "de", True),  # one way is enough
        ("en", "en-GB", True),
        ("tlh", "tlh", True),
        ("en", "de", False),
    ],
)
def test_a_pair(one: str, other: str, possible: bool) -> None:
    if possible:
        LANGUAGES.require_pair(one, other)
        return
    with pytest.raises(Refusal) as caught:
        LANGUAGES.require_pair(one, other)
    assert caught.value.code is Code.UNSUPPORTED_PAIR
    assert caught.value.details == {"pairs": [["de", "fr"], ["en", "es"], ["es", "en"]]}
