"""Requests to identity providers, as whoever has an HTTP client must make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from accounts.oidc.refusals import failed


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer. `body` is its JSON; None if it has none."""

    status: int
    body: object


class Ask(Protocol):
    """Sends one request. Redirects are not followed, time and size are bounded, and cookies are not kept."""

    async def __call__(self, method: str, url: str, headers: Mapping[str, str], form: str = "") -> Answer:
        """Return the answer, whatever its status. Raises SignInRefused `provider_failed` where there is none."""
        ...


async def document(ask: Ask, url: str, headers: Mapping[str, str] | None = None) -> object:
    """Return the JSON at `url`. Raises SignInRefused for any other status than 200."""
    answer = await ask("GET", url, {"Accept": "application/json", **(headers or {})})
    if answer.status != 200:
        raise failed(f"the provider answers {answer.status}")
    return answer.body
