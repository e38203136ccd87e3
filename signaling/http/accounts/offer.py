"""GET /auth/providers: what a server offers of accounts. One without accounts answers, too."""

from __future__ import annotations

from aiohttp import web

from accounts.accounts import Accounts
from signaling.ports import Dependencies


def offer_route(accounts: Accounts | None, dependencies: Dependencies) -> web.RouteDef:
    """Return the route. A page asks before it shows anything of accounts."""
    keeps_history = dependencies.kept_calls is not None and dependencies.kept_calls.keeps_history

    async def offer(request: web.Request) -> web.Response:
        found = {
            "accounts": accounts is not None,
            "providers": [] if accounts is None else accounts.elsewhere.listing(),
            "mail": accounts is not None and accounts.mail.on,
            "history": accounts is not None and keeps_history,
        }
        return web.json_response(found)

    return web.get("/api/v1/auth/providers", offer)
