"""The page's accounts on a stage: a person, their calls and a kept history, as the server would give them."""

from __future__ import annotations

from typing import Any

from tests.kit.page_with_fake_server import Answers

OFFERED = {
    "accounts": True,
    "providers": [{"name": "google", "label": "Google"}, {"name": "house", "label": "Our <house>"}],
    "mail": True,
    "history": True,
}
TOKENS = {"userId": "u_1", "token": "access-1", "refreshToken": "refresh-1", "expiresIn": 900}
ME = {
    "userId": "u_1",
    "username": "Anna",
    "email": "anna@example.org",
    "emailVerified": False,
    "preferredLanguage": "en",
    "createdAt": 1_790_000_000_000,
    "usage": {"heardSeconds": 754.2, "spokenSeconds": 612.0, "characters": 18234},
}
PEOPLE = [
    {"participantId": "me", "displayName": "Anna", "language": "en"},
    {"participantId": "them", "displayName": "Luis <b>", "language": "es"},
]
CALL = {
    "sessionId": "s_1", "status": "ended", "participantId": "me", "createdAt": 1_790_000_000_000,
    "startedAt": 1_790_000_010_000, "endedAt": 1_790_000_310_000, "reason": "left", "participants": PEOPLE,
}  # fmt: skip


def entry(number: int, source: str, original: str, translated: str, **more: Any) -> dict[str, Any]:
    """Return an entry of a history: `source` is `me` (English) or `them` (Spanish)."""
    mine = source == "me"
    return {
        "sessionId": "s_1", "utteranceId": f"u{number}", "segment": 0, "revision": 0, "final": True,
        "sourceUserId": source, "targetUserId": "them" if mine else "me", "originalText": original,
        "translatedText": translated, "sourceLanguage": "en" if mine else "es",
        "targetLanguage": "es" if mine else "en", "startMs": 5000 * number, "endMs": 5000 * number + 2000,
        "sourceStart": 0, "sourceEnd": len(original), "timestamp": 1_790_000_010_000 + 5000 * number, "latency": 500,
        **more,
    }  # fmt: skip


TRANSLATIONS = [
    entry(1, "me", "Good evening.", "Buenas noches."),
    entry(2, "them", "Cuesta 40 euros.", "It costs 14 euros.", unsure=["number"]),
    entry(3, "me", "<b>Fine</b>", "<b>Bien</b>"),
]
HISTORY = {"translations": TRANSLATIONS, "total": 3, "missing": [{"startMs": 1, "endMs": 2, "entries": 4}]}


def account_answers() -> Answers:
    """Return answers of a server with Anna's account, for `play_api`; a test may change them."""
    return {
        "/auth/providers": (200, OFFERED, {}),
        "/auth/login": (200, TOKENS, {}),
        "/auth/register": (201, TOKENS, {}),
        "/auth/refresh": (200, {**TOKENS, "token": "access-2", "refreshToken": "refresh-2"}, {}),
        "/auth/logout": (204, {}, {}),
        "/auth/verify": (200, {"userId": "u_1", "emailVerified": True}, {}),
        "/auth/forgot": (202, {"mail": True}, {}),
        "/auth/reset": (204, {}, {}),
        "/auth/oidc/exchange": (200, TOKENS, {}),
        "/users/me": (200, ME, {}),
        "/users/me/sessions": (200, {"sessions": [CALL], "total": 1}, {}),
        "/users/me/export": (200, {}, {}),
        "/sessions/s_1/history": (200, HISTORY, {}),
        "/sessions/s_1/transcript": (200, {}, {}),
    }
