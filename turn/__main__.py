"""Writes coturn's configuration from the environment: `python -m turn FILE`, then `turnserver -c FILE`.

DRAGOMAN_TURN_SECRET        shared with the server, which signs credentials with it; `new,old` while it is replaced
DRAGOMAN_TURN_REALM         the realm, by custom the domain name
DRAGOMAN_TURN_PEERS         the media server's addresses or networks, comma separated: all that is relayed to
DRAGOMAN_TURN_LISTEN        address:port to listen on             (default: every address, port 3478)
DRAGOMAN_TURN_RELAY_PORTS   UDP ports that are relayed from       (default: 49152-65535)
DRAGOMAN_TURN_EXTERNAL_IP   the public address, behind one-to-one NAT
DRAGOMAN_TURN_CERTIFICATE   PEM file, for turns:                  (default: no TLS)
DRAGOMAN_TURN_PRIVATE_KEY   PEM file, its key
DRAGOMAN_TURN_TLS_PORT      TCP port of turns:                    (default: 5349; 443 passes most firewalls)

coturn keeps its own files beside FILE.
"""

import os
import sys
from collections.abc import Mapping

from .coturn import Coturn, render


def from_environment(environ: Mapping[str, str], state_folder: str) -> Coturn:
    """Read the settings above. An empty one counts as unset. Raises ValueError."""
    host, _, port = _get(environ, "LISTEN", ":3478").rpartition(":")
    first, _, last = _get(environ, "RELAY_PORTS", "49152-65535").partition("-")
    if not (port.isdecimal() and first.isdecimal() and last.isdecimal()):
        raise ValueError("DRAGOMAN_TURN_LISTEN is address:port, DRAGOMAN_TURN_RELAY_PORTS is first-last")
    tls_port = _get(environ, "TLS_PORT", "5349")
    if not tls_port.isdecimal():
        raise ValueError("DRAGOMAN_TURN_TLS_PORT is a port")
    secret, _, former = _get(environ, "SECRET").partition(",")
    return Coturn(
        secret=secret.strip(),
        former_secret=former.strip() or None,
        realm=_get(environ, "REALM"),
        peers=[peer.strip() for peer in _get(environ, "PEERS").split(",")],
        listening_ip=host.strip("[]") or None,
        listening_port=int(port),
        external_ip=_get(environ, "EXTERNAL_IP", "") or None,
        relay_ports=(int(first), int(last)),
        certificate=_get(environ, "CERTIFICATE", "") or None,
        private_key=_get(environ, "PRIVATE_KEY", "") or None,
        tls_listening_port=int(tls_port),
        state_folder=state_folder,
    )


def main(arguments: list[str]) -> int:
    """Write the file, readable by its owner only; return the exit status."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    path = os.path.abspath(arguments[0])
    try:
        text = render(from_environment(os.environ, os.path.dirname(path)))
    except ValueError as error:
        print(f"turn: {error}", file=sys.stderr)
        return 1
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o600)  # also where the file was there before
        file.write(text)
    return 0


def _get(environ: Mapping[str, str], name: str, default: str | None = None) -> str:
    value = environ.get(f"DRAGOMAN_TURN_{name}", "").strip() or default
    if value is None:
        raise ValueError(f"DRAGOMAN_TURN_{name} is not set")
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
