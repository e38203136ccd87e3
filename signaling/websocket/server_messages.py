"""Every message that the server sends on the WebSocket, as pure functions of what happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from media.events import CallMetrics, ConnectionQuality, TrackMapping
from signaling.refusal import Code, Refusal
from signaling.sessions.registry import state
from storage.records import ParticipantRecord, SessionRecord

Notice = dict[str, object]


def session_joined(
    record: SessionRecord,
    participant: ParticipantRecord,
    partner: Notice | None,
    ice_servers: Sequence[dict[str, object]],
    resume_token: str,
) -> Notice:
    notice: Notice = {
        "type": "session_joined",
        "sessionId": record.id,
        "participantId": participant.id,
        "language": participant.language,
        "partner": partner,
        "iceServers": list(ice_servers),
        "resumeToken": resume_token,
        "status": state(record).value,
    }
    if record.started_at is not None:
        notice["startedAt"] = record.started_at
    return notice


def person(participant: ParticipantRecord, connected: bool) -> Notice:
    """A participant, as the other one and as GET /sessions/{id} see them."""
    return {
        "participantId": participant.id,
        "displayName": participant.name,
        "language": participant.language,
        "connected": connected,
    }


def join_request(participant: ParticipantRecord) -> Notice:
    return {
        "type": "join_request",
        "participantId": participant.id,
        "displayName": participant.name,
    }


def answer(negotiation: int, sdp: str, lines: Iterable[TrackMapping]) -> Notice:
    return {"type": "answer", "negotiation": negotiation, "sdp": sdp, "tracks": _lines(lines)}


def tracks(lines: Iterable[TrackMapping]) -> Notice:
    return {"type": "tracks", "tracks": _lines(lines)}


def session_paired(partner: Notice, started_at: int) -> Notice:
    return {"type": "session_paired", "partner": partner, "startedAt": started_at}


def partner_connected(participant: str) -> Notice:
    return {"type": "partner_connected", "participantId": participant}


def partner_disconnected(participant: str, reason: str) -> Notice:
    return {"type": "partner_disconnected", "participantId": participant, "reason": reason}


def partner_language(participant: str, language: str) -> Notice:
    return {"type": "partner_language", "participantId": participant, "language": language}


def language_detected(language: str) -> Notice:
    return {"type": "language_detected", "language": language}


def history(on: bool, consents: Sequence[str]) -> Notice:
    return {"type": "history", "on": on, "consents": list(consents)}


def session_ended(reason: str, figures: Notice) -> Notice:
    return {"type": "session_ended", "reason": reason, "metrics": figures}


def error(code: Code, message: str, *, fatal: bool) -> Notice:
    return {"type": "error", "code": code.value, "message": message, "fatal": fatal}


def refusal(problem: Refusal, *, fatal: bool) -> Notice:
    return error(problem.code, problem.message, fatal=fatal)


def heartbeat(id: str | int | None) -> Notice:
    return {"type": "heartbeat"} if id is None else {"type": "heartbeat", "id": id}


def metrics(figures: CallMetrics) -> Notice:
    """`metrics` of `session_ended` and of DELETE /sessions/{id}."""
    return {
        "durationMs": figures.duration_ms,
        "utterances": figures.utterances,
        "spoken": figures.spoken,
        "failed": figures.failed,
        "firstAudioMs": {
            "p50": percentile(figures.first_audio_ms, 50),
            "p95": percentile(figures.first_audio_ms, 95),
        },
        "quality": {participant: _quality(line) for participant, line in figures.quality.items()},
    }


def _quality(line: ConnectionQuality) -> Notice:
    """A participant's connection: `sent` is their microphone as it reached us, `heard` what reached them."""
    return {
        "sent": {
            "packets": line.sent_packets,
            "lost": line.sent_lost,
            "concealed": line.sent_concealed,
            "recovered": line.sent_recovered,
            "jitterMs": line.sent_jitter_ms,
        },
        "heard": {
            "lost": line.received_lost,
            "jitterMs": line.received_jitter_ms,
            "concealedMs": line.concealed_ms,
            "playoutDelayMs": line.playout_delay_ms,
        },
        "rttMs": line.round_trip_ms,
    }


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile, to a tenth; None of nothing."""
    if not values:
        return None
    rank = max(1, -(-len(values) * percent // 100))
    return round(sorted(values)[rank - 1], 1)


def _lines(lines: Iterable[TrackMapping]) -> list[Notice]:
    return [{"mid": line.mid, "kind": line.kind, "participantId": line.participant} for line in lines]
