"""The relay's settings: one row each, in the environment file that relay and server share.

Imports nothing but the relay's own configuration: `python -m turn` runs where the server is not installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RelayRow:
    """One setting of the relay: how it is read, and how documents show it."""

    text: str
    """One sentence for operators."""
    default: str | None = None
    """The value of an unset variable; None for a setting that must be given."""
    unset: str = ""
    """The default in words, where the value says too little."""
    deployed: str = ""
    """The value in `.env.example` and `docker-compose.yml`, where the default is left to them otherwise."""
    required: str = ""
    """Compose refuses to start without the setting, and says this."""
    in_compose: bool = True
    """False for a setting that does not go with docker-compose.yml."""


SECRET = "DRAGOMAN_TURN_SECRET"
REALM = "DRAGOMAN_TURN_REALM"
PEERS = "DRAGOMAN_TURN_PEERS"
EXTERNAL_IP = "DRAGOMAN_TURN_EXTERNAL_IP"
RELAY_PORTS = "DRAGOMAN_TURN_RELAY_PORTS"
LISTEN = "DRAGOMAN_TURN_LISTEN"
CERTIFICATE = "DRAGOMAN_TURN_CERTIFICATE"
PRIVATE_KEY = "DRAGOMAN_TURN_PRIVATE_KEY"
TLS_PORT = "DRAGOMAN_TURN_TLS_PORT"

ROWS: Mapping[str, RelayRow] = {
    SECRET: RelayRow(
        "The secret that server and relay share; `new,old` while it is replaced.",
        required="shared by the server and the relay",
    ),
    REALM: RelayRow("The relay's realm, by custom your domain name.", required="your domain name"),
    PEERS: RelayRow(
        "The media server's addresses or networks, comma separated, public and private ones: the relay sends to "
        "nobody else.",
        required="the addresses of this machine, all that the relay may send to",
    ),
    EXTERNAL_IP: RelayRow("The relay's public address, behind one-to-one NAT (as in most clouds).", "", "none"),
    RELAY_PORTS: RelayRow(
        "UDP ports that are relayed from, to open in the firewall besides 3478 (UDP and TCP): one for each allocation.",
        "49152-65535",
        deployed="49152-49951",
    ),
    # The container's health check asks 127.0.0.1:3478.
    LISTEN: RelayRow(
        "The address and port on which the relay listens, `address:port`.",
        ":3478",
        "every address, port 3478",
        in_compose=False,
    ),
    CERTIFICATE: RelayRow("The PEM file of the certificate for `turns:`.", "", "no TLS"),
    PRIVATE_KEY: RelayRow("The PEM file of the certificate's key.", "", "no TLS"),
    TLS_PORT: RelayRow("The TCP port of `turns:`; 443 passes most firewalls.", "5349"),
}
"""The relay's settings by their variables, in the order of the documents."""


def value(environment: Mapping[str, str], variable: str) -> str:
    """Return a setting from the environment; an empty variable counts as unset. Raises ValueError if it must be set."""
    text = environment.get(variable, "").strip() or ROWS[variable].default
    if text is None:
        raise ValueError(f"{variable} is not set")
    return text
