"""Finds certificates that clients refuse: the server's own, that of its public address, and the relay's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from server.cli.certificate_probe import Judgement, names, served_at, served_by
from server.cli.finding import Finding
from server.cli.turn_probe import Relay
from server.settings import Settings
from server.tls.certificate import Files, UnusableCertificate, load, readable_by_others

_HTTPS = 443


async def of_the_page(settings: Settings) -> AsyncIterator[Finding]:
    """Yield a finding for the server's own certificate, or for that of whoever serves its public address."""
    public = urlsplit(settings.public_url or "")
    if settings.tls_certificate is not None and settings.tls_private_key is not None:
        yield await _own(Files(settings.tls_certificate, settings.tls_private_key), public.hostname)
    elif public.scheme == "https" and public.hostname is not None:
        what = f"https://{public.netloc}"
        try:
            judged = await served_at(public.hostname, public.port or _HTTPS)
        except OSError as error:
            # A router may not send a machine's own address back to it, and a proxy may not run yet.
            yield Finding(f"{what} is not reached from here, so its certificate was not seen ({_reason(error)})")
        else:
            yield _of(what, judged)


async def _own(files: Files, host: str | None) -> Finding:
    what = f"certificate {files.certificate}"
    try:
        served = load(files)
    except UnusableCertificate as problem:
        return Finding(what, str(problem))
    if readable_by_others(files.key):
        return Finding(what, f"every user of this machine may read {files.key}; chmod o-r")
    return _of(what, await served_by(served.context, host))


async def of_the_relay(url: str) -> Finding:
    """Return the finding for the certificate of a `turns:` address."""
    relay = Relay.at(url)
    try:
        judged = await served_at(relay.host, relay.port)
    except OSError as error:
        return Finding(url, f"no TLS there ({_reason(error)}); is coturn running, with DRAGOMAN_TURN_CERTIFICATE?")
    found = _of(url, judged)
    if found.remedy or judged.known_to_apps:
        return found
    unknown = f"apps on libwebrtc of before August 2026 don't know its root, {judged.root}: docs/networks.md"
    return Finding(f"{found.what}; {unknown}")


def _of(what: str, judged: Judgement) -> Finding:
    if judged.problem:
        return Finding(what, judged.problem)
    return Finding(f"{what}: a certificate for {', '.join(names(judged.chain[0]))}, good until {judged.until}")


def _reason(error: OSError) -> str:
    return "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
