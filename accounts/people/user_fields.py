"""Fields of an account as JSON: the same names in the API, in an export and at the command line."""

from __future__ import annotations

from storage.accounts.records import User


def user_fields(user: User) -> dict[str, object]:
    """Return the fields that a person, or the operator, may see. Times are Unix epoch ms."""
    return {
        "userId": user.id,
        "username": user.username,
        "email": user.email,
        "emailVerified": user.email_verified,
        "preferredLanguage": user.preferred_language,
        "createdAt": user.created_at,
    }
