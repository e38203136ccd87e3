"""Reads the identity providers that the operator has set up, from one TOML file: presets, names, secrets. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import NoReturn
from urllib.parse import urlsplit

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_TENANT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEYS = frozenset(
    {"preset", "label", "issuer", "tenant", "client_id", "client_secret", "client_secret_file", "scopes", "trust_email"}
)
_TENANTS = "https://login.microsoftonline.com/{tenant}/v2.0"


class BadProviders(ValueError):
    """The file can't be used. The message names the provider and what would be right, and holds no secret."""


class Kind(StrEnum):
    OPENID = "openid"
    """OpenID Connect with a discovery document."""
    GITHUB = "github"
    """OAuth 2 and GitHub's own API: GitHub issues no ID tokens to people who sign in."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One identity provider, as the operator has set it up."""

    name: str
    """Part of our addresses: 1 to 32 of a-z, 0-9 and `-`. Identities are kept under it."""
    label: str
    """Name on the page's button."""
    issuer: str
    """Issuer identifier (OpenID Connect Core, 1.2); of GitHub the address of its site."""
    client_id: str
    client_secret: str = field(repr=False)
    """Empty for a public client, which PKCE alone protects."""
    kind: Kind = Kind.OPENID
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    trust_email: bool = True
    """True if `email_verified` of this provider is believed."""


@dataclass(frozen=True, slots=True)
class _Preset:
    label: str
    issuer: str = ""
    kind: Kind = Kind.OPENID
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    trust_email: bool = True


_PRESETS: Mapping[str, _Preset] = {
    "google": _Preset("Google", "https://accounts.google.com"),
    # A tenant's administrator types any address into Microsoft's directory: none is believed.
    "microsoft": _Preset("Microsoft", _TENANTS, trust_email=False),
    "github": _Preset("GitHub", "https://github.com", Kind.GITHUB, ("read:user", "user:email")),
    "keycloak": _Preset("Keycloak"),
    "openid": _Preset(""),
}


def parse(text: str, read: Callable[[str], str]) -> tuple[Provider, ...]:
    """Return the providers of a TOML file, in its order. `read`: path → the text of a file with a secret.

    Raises BadProviders.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadProviders(f"it is not TOML: {error}") from None
    return tuple(_provider(name, table, read) for name, table in tables.items())


def is_local(url: str) -> bool:
    """Return True for an address on this machine itself, which alone may do without TLS."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_endpoint(url: object, *, local: bool) -> bool:
    """Return True if `url` may be asked, or shown to a browser: https, or http on this machine where `local`."""
    if not isinstance(url, str) or len(url) > 2000 or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and local and is_local(url))


def _provider(name: str, table: object, read: Callable[[str], str]) -> Provider:
    def refuse(why: str) -> NoReturn:
        raise BadProviders(f"[{name}]: {why}")

    if not _NAME.fullmatch(name):
        refuse("a provider's name has 1 to 32 of a-z, 0-9 and - (not at its ends)")
    if not isinstance(table, dict):
        refuse("it must be a table")
    if unknown := sorted(table.keys() - _KEYS):
        refuse(f"there is no key {', '.join(unknown)}; there are {', '.join(sorted(_KEYS))}")

    def text(key: str, default: str | None = None) -> str:
        value = table.get(key, default)
        if not isinstance(value, str) or not (value.strip() or default == ""):
            refuse(f"{key} must be a text")
        return value.strip()

    preset_name = text("preset", name if name in _PRESETS else "openid")
    preset = _PRESETS.get(preset_name) or refuse(f"preset must be one of {', '.join(_PRESETS)}")
    issuer = text("issuer", preset.issuer or None)
    if preset.issuer == _TENANTS and issuer == _TENANTS:
        tenant = text("tenant").lower()
        if not _TENANT.fullmatch(tenant):
            refuse(
                "tenant must be the directory's id, such as 9188040d-6c67-4c5b-b112-36a304b66dad (personal accounts)"
            )
        issuer = _TENANTS.format(tenant=tenant)
    elif "tenant" in table:
        refuse("tenant belongs to the preset microsoft")
    if not is_endpoint(issuer, local=True) or urlsplit(issuer).query:
        refuse("issuer must be an https address without a query, as the provider writes it")
    return Provider(
        name=name,
        label=text("label", preset.label or name),
        issuer=issuer,
        client_id=text("client_id"),
        client_secret=_secret(table, text, read, refuse),
        kind=preset.kind,
        scopes=_scopes(table, preset, refuse),
        trust_email=_boolean(table, "trust_email", preset.trust_email, refuse),
    )


def _secret(
    table: Mapping[str, object],
    text: Callable[[str, str], str],
    read: Callable[[str], str],
    refuse: Callable[[str], NoReturn],
) -> str:
    path, secret = text("client_secret_file", ""), text("client_secret", "")
    if path and secret:
        refuse("client_secret and client_secret_file exclude each other")
    if path:
        try:
            secret = read(path).strip() or refuse("the file of client_secret_file is empty")
        except (OSError, UnicodeDecodeError):
            refuse("the file of client_secret_file can't be read")
    if not secret.isascii() or not all(char.isprintable() for char in secret):
        refuse("the client's secret must be printable ASCII")
    return secret


def _scopes(table: Mapping[str, object], preset: _Preset, refuse: Callable[[str], NoReturn]) -> tuple[str, ...]:
    scopes = table.get("scopes", list(preset.scopes))
    if not isinstance(scopes, list) or not all(isinstance(one, str) and one and " " not in one for one in scopes):
        refuse('scopes must be a list, such as ["openid", "email", "profile"]')
    if preset.kind is Kind.OPENID and "openid" not in scopes:
        refuse("scopes must hold openid")
    return tuple(scopes)


def _boolean(table: Mapping[str, object], key: str, default: bool, refuse: Callable[[str], NoReturn]) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        refuse(f"{key} must be true or false")
    return value
