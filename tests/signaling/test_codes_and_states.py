"""The closed sets as tables: codes, states, reasons, percentiles."""

import pytest

from signaling.refusal import ANSWERS, Code, Refusal
from signaling.session_states import REASONS, TRANSITIONS, SessionState, SessionStep, after
from signaling.websocket.server_messages import percentile

STATUSES = {
    "bad_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_admitted": 403,
    "not_found": 404,
    "session_not_found": 404,
    "session_full": 409,
    "own_session": 409,
    "already_taken": 409,
    "session_ended": 410,
    "too_large": 413,
    "unsupported_language": 422,
    "unsupported_pair": 422,
    "locked": 423,
    "rate_limited": 429,
    "at_capacity": 503,
}
CODES = """
    bad_request unknown_type too_large unauthorized forbidden not_found session_not_found session_full session_ended
    own_session already_taken not_admitted unsupported_language unsupported_pair bad_sdp no_audio taken_over
    rate_limited locked at_capacity gap engine_failed internal
"""


def test_the_codes_are_the_protocols() -> None:
    assert [code.value for code in Code] == CODES.split()
    assert set(ANSWERS) == set(Code)


@pytest.mark.parametrize(("code", "status"), STATUSES.items())
def test_each_code_has_its_status(code: str, status: int) -> None:
    assert Refusal(Code(code), "no").status == status


def test_close_codes_are_the_protocols() -> None:
    known = {1000, 1001, 1009, 4001, 4400, 4401, 4408, 4429}
    assert {close for _, close in ANSWERS.values()} <= known
    assert Refusal(Code.TAKEN_OVER, "").close_code == 4001
    assert Refusal(Code.UNAUTHORIZED, "").close_code == 4401
    assert Refusal(Code.RATE_LIMITED, "").close_code == 4429
    assert Refusal(Code.TOO_LARGE, "").close_code == 1009


def test_a_refusal_as_json() -> None:
    assert Refusal(Code.FORBIDDEN, "no").as_json() == {"error": {"code": "forbidden", "message": "no"}}
    assert Refusal(Code.BAD_REQUEST, "no", {"field": "x"}).as_json() == {
        "error": {"code": "bad_request", "message": "no", "details": {"field": "x"}}
    }


def test_nothing_follows_an_end() -> None:
    assert not any(before is SessionState.ENDED for before, _ in TRANSITIONS)
    assert {step for _, step in TRANSITIONS} == set(SessionStep)
    assert set(REASONS) == set(SessionStep) - {SessionStep.PAIRED}
    for step in REASONS:
        assert after(SessionState.ACTIVE, step) is SessionState.ENDED


def test_a_session_is_paired_once_and_lost_only_when_active() -> None:
    assert after(SessionState.WAITING, SessionStep.PAIRED) is SessionState.ACTIVE
    for state, step in [
        (SessionState.ACTIVE, SessionStep.PAIRED),
        (SessionState.WAITING, SessionStep.LOST),
        (SessionState.ENDED, SessionStep.DELETED),
    ]:
        with pytest.raises(KeyError):
            after(state, step)


def test_reasons_are_the_protocols() -> None:
    known = {"left", "partner_left", "partner_lost", "deleted", "expired", "shutdown"}
    assert {reason for pair in REASONS.values() for reason in pair} == known


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ((), 50, None),
        ((7.04,), 50, 7.0),
        ((7.0,), 95, 7.0),
        ((4, 1, 3, 2), 50, 2),
        ((4, 1, 3, 2), 95, 4),
        (tuple(range(1, 101)), 95, 95),
        ((-5.0, 5.0), 50, -5.0),
    ],
)
def test_percentiles_are_nearest_rank(values: tuple[float, ...], percent: int, expected: float | None) -> None:
    assert percentile(values, percent) == expected
