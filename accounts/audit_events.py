"""Closed set of the events of the audit log (docs/operations.md)."""

from __future__ import annotations

from enum import StrEnum

OK = "ok"
"""Outcome of what was done; the outcome of a refusal is its code."""


class AuditEvent(StrEnum):
    """Kinds of entries of the audit log."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    REFRESH = "refresh"
    VERIFY = "verify"
    FORGOT = "forgot"
    RESET = "reset"
    PROFILE_CHANGE = "profile_change"
    PASSWORD_CHANGE = "password_change"
    USER_DELETE = "user_delete"
    USER_LOCK = "user_lock"
    USER_UNLOCK = "user_unlock"
    IDENTITY_JOIN = "identity_join"
    EXPORT = "export"
    SESSION_CREATE = "session_create"
    SESSION_JOIN = "session_join"
    SESSION_CONNECT = "session_connect"
    SESSION_PUBLISH = "session_publish"
    SESSION_READ = "session_read"
    SESSION_DELETE = "session_delete"
    SESSION_VIEWER = "session_viewer"
    SESSION_VIEWER_REVOKE = "session_viewer_revoke"
    HISTORY_READ = "history_read"
    HISTORY_SEARCH = "history_search"
    HISTORY_DELETE = "history_delete"
    TOKEN_REFUSED = "token_refused"
    OPERATOR = "operator"
