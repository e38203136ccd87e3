"""Messages that the server sends on the WebSocket, made by pure functions (docs/protocol.md, section 2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from media.events import CallMetrics, ConnectionQuality, StatusReason, TrackMapping
from signaling.history_off import HistoryOff
from signaling.languages import Interpretation
from signaling.refusal import Code, Refusal
from signaling.session_states import state_of
from storage.records import ParticipantRecord, SessionRecord

ServerMessage = dict[str, object]


def session_joined(
    record: SessionRecord,
    participant: ParticipantRecord,
    partner: ServerMessage | None,
    ice_servers: Sequence[dict[str, object]],
    resume_token: str,
) -> ServerMessage:
    message: ServerMessage = {
        "type": "session_joined",
        "sessionId": record.id,
        "participantId": participant.id,
        "language": participant.language,
        "partner": partner,
        "iceServers": list(ice_servers),
        "resumeToken": resume_token,
        "status": state_of(record).value,
    }
    if record.started_at is not None:
        message["startedAt"] = record.started_at
    return message


def person(participant: ParticipantRecord, connected: bool) -> ServerMessage:
    """Return a participant as `partner` and GET /sessions/{id} show one."""
    return {
        "participantId": participant.id,
        "displayName": participant.name,
        "language": participant.language,
        "connected": connected,
    }


def join_request(participant: ParticipantRecord) -> ServerMessage:
    return {
        "type": "join_request",
        "participantId": participant.id,
        "displayName": participant.name,
    }


def answer(negotiation: int, sdp: str, mappings: Iterable[TrackMapping]) -> ServerMessage:
    return {"type": "answer", "negotiation": negotiation, "sdp": sdp, "tracks": _tracks(mappings)}


def tracks(mappings: Iterable[TrackMapping]) -> ServerMessage:
    return {"type": "tracks", "tracks": _tracks(mappings)}


def session_paired(partner: ServerMessage, started_at: int) -> ServerMessage:
    return {"type": "session_paired", "partner": partner, "startedAt": started_at}


def partner_connected(participant: str) -> ServerMessage:
    return {"type": "partner_connected", "participantId": participant}


def partner_disconnected(participant: str, reason: str) -> ServerMessage:
    return {"type": "partner_disconnected", "participantId": participant, "reason": reason}


def partner_language(participant: str, language: str) -> ServerMessage:
    return {"type": "partner_language", "participantId": participant, "language": language}


def language_detected(language: str) -> ServerMessage:
    return {"type": "language_detected", "language": language}


def status(reason: StatusReason, *, over: bool, message: str) -> ServerMessage:
    """Return the `status` of a client that has no open subtitles channel."""
    level = "ok" if over else "degraded"
    return {"type": "status", "level": level, "lagMs": 0, "reason": reason, "message": message}


def history(on: bool, consents: Sequence[str], off: HistoryOff | None = None) -> ServerMessage:
    message: ServerMessage = {"type": "history", "on": on, "consents": list(consents)}
    return message if off is None else {**message, "reason": off.value}


def viewers(count: int) -> ServerMessage:
    return {"type": "viewers", "count": count}


def session_info(
    record: SessionRecord,
    participant: ParticipantRecord,
    *,
    detects: bool,
    expires_at: int,
    people: Sequence[ServerMessage],
    interpretation: Sequence[ServerMessage],
    voices: Sequence[Mapping[str, str]],
    history: ServerMessage,
    limits: ServerMessage,
) -> ServerMessage:
    """Return what holds in a session for one of its participants. `history`: the message of that type."""
    message: ServerMessage = {
        "type": "session_info",
        "sessionId": record.id,
        "participantId": participant.id,
        "status": state_of(record).value,
        "createdAt": record.created_at,
        "expiresAt": expires_at,
        "language": participant.language,
        "detect": detects,
        "voice": participant.voice,
        "voices": list(voices),
        "participants": list(people),
        "interpretation": list(interpretation),
        "options": {"admit": record.admit, "solo": record.solo or None},
        "history": {name: value for name, value in history.items() if name != "type"},
        "viewers": record.viewers,
        "limits": limits,
    }
    return message if record.started_at is None else {**message, "startedAt": record.started_at}


def interpretation(speaker: str, listener: str, language: str, parts: Interpretation) -> ServerMessage:
    """Return what is interpreted from one participant to another, who hears and reads `language`."""
    return {
        "speaker": speaker,
        "listener": listener,
        "language": language,
        "speech": parts.speech,
        "typed": parts.typed,
        "spoken": parts.spoken,
    }


def session_ended(reason: str, figures: ServerMessage) -> ServerMessage:
    return {"type": "session_ended", "reason": reason, "metrics": figures}


def moved(websocket_url: str) -> ServerMessage:
    return {"type": "moved", "wsUrl": websocket_url, "fatal": False}


def error(code: Code, message: str, *, fatal: bool) -> ServerMessage:
    return {"type": "error", "code": code.value, "message": message, "fatal": fatal}


def refusal(problem: Refusal, *, fatal: bool) -> ServerMessage:
    return error(problem.code, problem.message, fatal=fatal)


def heartbeat(id: str | int | None) -> ServerMessage:
    return {"type": "heartbeat"} if id is None else {"type": "heartbeat", "id": id}


def metrics(figures: CallMetrics) -> ServerMessage:
    """Return the `metrics` of `session_ended` and of DELETE /sessions/{id}."""
    return {
        "durationMs": figures.duration_ms,
        "utterances": figures.utterances,
        "spoken": figures.spoken,
        "failed": figures.failed,
        "firstAudioMs": {
            "p50": percentile(figures.first_audio_ms, 50),
            "p95": percentile(figures.first_audio_ms, 95),
        },
        "quality": {participant: _quality(one) for participant, one in figures.quality.items()},
    }


def _quality(connection: ConnectionQuality) -> ServerMessage:
    """Return a connection's quality: `sent` from the participant to us, `heard` from us to the participant."""
    return {
        "sent": {
            "packets": connection.sent_packets,
            "lost": connection.sent_lost,
            "concealed": connection.sent_concealed,
            "recovered": connection.sent_recovered,
            "dropped": connection.sent_dropped,
            "foreign": connection.sent_foreign,
            "jitterMs": connection.sent_jitter_ms,
        },
        "heard": {
            "lost": connection.received_lost,
            "jitterMs": connection.received_jitter_ms,
            "concealedMs": connection.concealed_ms,
            "playoutDelayMs": connection.playout_delay_ms,
        },
        "rttMs": connection.round_trip_ms,
    }


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Return the nearest-rank percentile of `values`, to a tenth; None without values."""
    if not values:
        return None
    rank = max(1, -(-len(values) * percent // 100))
    return round(sorted(values)[rank - 1], 1)


def _tracks(mappings: Iterable[TrackMapping]) -> list[ServerMessage]:
    return [{"mid": one.mid, "kind": one.kind, "participantId": one.participant} for one in mappings]
