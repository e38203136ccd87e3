"""Rules of joining a session, without network or clock."""

from dataclasses import replace
from itertools import count

import pytest

from signaling.config import SignalingLimits, SignalingOptions
from signaling.languages import Languages
from signaling.refusal import Code, Refusal
from signaling.session_states import SessionStep
from signaling.sessions.ended_sessions import EndedSessions
from signaling.sessions.registry import SessionRegistry, SnapshotSink
from signaling.sessions.solo import Solo
from storage.records import EndedRecord, SessionRecord

NOW = 1_000_000
DAY_MS = 86_400_000
NUMBERS = count(1)


class Kept:
    def __init__(self) -> None:
        self.saved: list[SessionRecord] = []
        self.ended: list[EndedRecord] = []


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def registry(kept: Kept) -> SessionRegistry:
    return SessionRegistry(SignalingOptions(), SnapshotSink(kept.saved.append, kept.ended.append))


def create(
    registry: SessionRegistry, user: str = "ana", admit: bool = False, now: int = NOW, code: str | None = None
) -> SessionRecord:
    number = next(NUMBERS)
    return registry.create(f"s_{number}", code or f"{number:06d}", user, user.title(), "es", admit, now)[0]


def refused(code: Code) -> "pytest.RaisesExc[Refusal]":
    return pytest.RaisesExc(Refusal, check=lambda problem: problem.code is code)


def test_a_code_leads_to_the_live_session_that_has_it(registry: SessionRegistry) -> None:
    first = create(registry, code="000001")
    registry.end(first.id, SessionStep.DELETED, NOW)
    second = create(registry, code="000001")
    assert registry.by_code("000001") == second


def test_every_change_is_written_through(registry: SessionRegistry, kept: Kept) -> None:
    record = create(registry)
    record, bo = registry.join(record, "bo", "Bo", "en", NOW + 1)
    registry.start(record.id, NOW + 2)
    registry.update(record.id, bo.id, language="de")
    registry.update(record.id, bo.id, language="de")
    registry.update(record.id, bo.id, keeps_history=True)
    assert len(kept.saved) == 5
    last = kept.saved[-1]
    assert last == registry.get(record.id)
    assert last.started_at == NOW + 2 and last.participants[1].language == "de"
    registry.end(record.id, SessionStep.HUNG_UP, NOW + 3)
    assert [(one.id, one.users, one.reason) for one in kept.ended] == [(record.id, ("ana", "bo"), "partner_left")]


def test_the_third_is_refused_and_the_second_may_come_again(registry: SessionRegistry) -> None:
    record = create(registry)
    joined, second = registry.join(record, "bo", "Bo", "en", NOW)
    assert registry.join(joined, "bo", "Bo again", "de", NOW) == (joined, second)
    with refused(Code.SESSION_FULL):
        registry.join(joined, "cy", "Cy", "en", NOW)
    with refused(Code.OWN_SESSION):
        registry.join(joined, "ana", "Ana", "en", NOW)


def test_a_session_for_one_has_no_code_and_no_second_seat(registry: SessionRegistry) -> None:
    record, ana = registry.create("s_solo", "", "ana", "Ana", "es", False, NOW, Solo("en", "en-us"))
    assert (record.solo, record.size, ana.voice) == ("en", 1, "en-us")
    with refused(Code.SESSION_FULL):
        registry.join(record, "bo", "Bo", "en", NOW)
    registry.end(record.id, SessionStep.HUNG_UP, NOW)
    with refused(Code.SESSION_NOT_FOUND):
        registry.by_code("")


def test_who_was_turned_away_stays_out_and_another_may_join(registry: SessionRegistry) -> None:
    record = create(registry, admit=True)
    record, bo = registry.join(record, "bo", "Bo", "en", NOW)
    assert not bo.admitted
    registry.turn_away(record.id, bo.id)
    with refused(Code.NOT_ADMITTED):
        registry.join(registry.get(record.id), "bo", "Bo", "en", NOW)
    record, cy = registry.join(registry.get(record.id), "cy", "Cy", "en", NOW)
    registry.update(record.id, cy.id, admitted=True)
    assert registry.get(record.id).participants[1].admitted


def test_a_code_lasts_ten_minutes_and_a_session_four_hours(registry: SessionRegistry) -> None:
    record = create(registry)
    assert record.code_expires_at == registry.expires_at(record.id) == NOW + 600_000
    registry.join(record, "bo", "Bo", "en", NOW + 500_000)
    assert registry.expires_at(record.id) == NOW + 1_100_000
    registry.start(record.id, NOW + 501_000)
    assert registry.expires_at(record.id) == NOW + 501_000 + 4 * 3_600_000


def test_a_full_server_refuses_before_anything_is_built(kept: Kept) -> None:
    registry = SessionRegistry(
        SignalingOptions(limits=SignalingLimits(sessions=2)), SnapshotSink(kept.saved.append, kept.ended.append)
    )
    first = create(registry)
    create(registry)
    with refused(Code.AT_CAPACITY):
        create(registry)
    assert len(kept.saved) == len(registry) == 2
    registry.end(first.id, SessionStep.EXPIRED, NOW)
    create(registry)


def test_the_oldest_end_is_forgotten_first_in_whichever_order_ends_are_learnt(registry: SessionRegistry) -> None:
    record = create(registry)
    here = registry.end(record.id, SessionStep.DELETED, NOW)
    elsewhere = [replace(here, id=f"s_{at}", ended_at=at) for at in (NOW - 5000, NOW + 5000, NOW - 1000)]
    for one in elsewhere:  # another node tells of each when somebody asks for it
        registry.restore((), [one])
    other = create(registry)
    registry.end(other.id, SessionStep.DELETED, NOW + DAY_MS)
    known = [registry.find_ended(one.id) is not None for one in (here, *elsewhere)]
    assert known == [True, False, True, False]

    few = EndedSessions(most=2)
    for one in (here, *elsewhere, here):
        few.remember(one)
    assert repr(few) == "<EndedSessions: 2>"
    assert [few.find(one.id) for one in (here, *elsewhere)] == [here, None, elsewhere[1], None]
    assert few.had_code(record.code) and not few.had_code("")


def test_what_has_ended_is_known_for_a_day(registry: SessionRegistry) -> None:
    record = create(registry)
    registry.end(record.id, SessionStep.EXPIRED, NOW)
    for find in (lambda: registry.get(record.id), lambda: registry.by_code(record.code)):
        with refused(Code.SESSION_ENDED):
            find()
    later = create(registry, now=NOW + 86_400_001)
    registry.end(later.id, SessionStep.EXPIRED, NOW + 86_400_001)
    with refused(Code.SESSION_NOT_FOUND):
        registry.get(record.id)
    with refused(Code.SESSION_ENDED):
        registry.get(later.id)


def test_what_was_never_there_is_not_found(registry: SessionRegistry) -> None:
    with refused(Code.SESSION_NOT_FOUND):
        registry.get("s_unknown")
    with refused(Code.SESSION_NOT_FOUND):
        registry.by_code("123456")


def test_a_restored_registry_knows_what_the_old_one_knew(registry: SessionRegistry, kept: Kept) -> None:
    live, gone = create(registry), create(registry, "cy")
    ended = registry.end(gone.id, SessionStep.DELETED, NOW)
    other = SessionRegistry(SignalingOptions(), SnapshotSink(kept.saved.append, kept.ended.append))
    other.restore([live, replace(live, id="s_other", code="other")], [ended])
    assert other.by_code(live.code) == live and other.find_ended(gone.id) == ended
    assert len(other) == 2


LANGUAGES = Languages.of(["en-US", "es", "de"], ["en", "es", "fr"], [("en", "es"), ("es", "en"), ("de", "fr")])


@pytest.mark.parametrize("tag", ["en", "EN", "en-GB", "es-419", "de", "fr"])
def test_a_language_that_is_heard_or_translated_into(tag: str) -> None:
    LANGUAGES.require(tag)


@pytest.mark.parametrize("tag", ["it", "tlh", "", "e", "en_US", "en--", "english", "en-" + "x" * 40, "❤", "en\n"])
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
