"""Headers of every answer that tell a browser what it may do with it: CSP, no framing, HTTPS alone, no cache."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from signaling.config import SignalingOptions
from signaling.http.access_control import AccessControl
from signaling.http.event_stream import STREAMED
from signaling.http.public_path import path_inside
from signaling.http.strict_transport import strict_transport


def security_headers(
    options: SignalingOptions, access_control: AccessControl
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Return the callback for `on_response_prepare` that adds the headers."""
    # 'self' covers a WebSocket to the page's own host (CSP 3); a configured public name may be another one.
    connect = "'self'"
    if options.public_url is not None:
        public = urlsplit(options.public_url)
        connect += f" {'wss' if public.scheme == 'https' else 'ws'}://{public.netloc}"
    policy = "; ".join(
        [
            "default-src 'self'",
            f"connect-src {connect}",
            "media-src 'self' blob:",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        # A page that opens ours keeps no hold on its window: it could lead it elsewhere in the middle of a call.
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), camera=()",
    }

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers)
        if access_control.arrival.scheme(request) == "https" and (tls_alone := strict_transport(options, request.host)):
            response.headers["Strict-Transport-Security"] = tls_alone
        if path_inside(request).startswith("/api/") and STREAMED not in request:  # a stream has said so, and more
            # Tokens and codes are in there.
            response.headers[hdrs.CACHE_CONTROL] = "no-store"

    return add
