"""Opens the identity providers of a server: reads the operator's file, and gives them an HTTP client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from server.settings import BadSetting, Settings

if TYPE_CHECKING:
    from accounts.oidc.elsewhere import Elsewhere
    from accounts.oidc.providers import Provider


def providers_of(settings: Settings) -> tuple[Provider, ...]:
    """Return the providers in the operator's file; none where no file is set. Raises BadSetting."""
    if settings.oidc is None:
        return ()
    from accounts.oidc.providers import BadProviders, parse

    try:
        return parse(settings.oidc.read_text(), lambda path: Path(path).expanduser().read_text())
    except OSError as error:
        raise BadSetting(f"DRAGOMAN_OIDC: {settings.oidc}: {error.strerror}") from None
    except (BadProviders, UnicodeDecodeError) as error:
        raise BadSetting(f"DRAGOMAN_OIDC: {settings.oidc}: {error}") from None


@asynccontextmanager
async def sign_in_elsewhere(settings: Settings) -> AsyncIterator[Elsewhere | None]:
    """Open the way to the providers; None where there are none. Raises BadSetting."""
    providers = providers_of(settings)
    if not providers:
        yield None
        return
    from accounts.oidc.elsewhere import Elsewhere
    from signaling.http.accounts.provider_requests import provider_requests

    async with provider_requests() as ask:
        yield Elsewhere(providers, ask)
