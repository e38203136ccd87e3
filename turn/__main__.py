"""Write coturn's configuration from the environment: `python -m turn FILE`, then `turnserver -c FILE`.

The settings are in turn/settings.py. coturn keeps its own files beside FILE.
"""

import os
import sys
from collections.abc import Mapping

from . import settings
from .coturn import Coturn, render


def from_environment(environ: Mapping[str, str], state_folder: str) -> Coturn:
    """Return coturn's configuration by the settings of the environment. Raises ValueError."""
    host, _, port = settings.value(environ, settings.LISTEN).rpartition(":")
    first, _, last = settings.value(environ, settings.RELAY_PORTS).partition("-")
    if not (port.isdecimal() and first.isdecimal() and last.isdecimal()):
        raise ValueError("DRAGOMAN_TURN_LISTEN is address:port, DRAGOMAN_TURN_RELAY_PORTS is first-last")
    tls_port = settings.value(environ, settings.TLS_PORT)
    if not tls_port.isdecimal():
        raise ValueError("DRAGOMAN_TURN_TLS_PORT is a port")
    secret, _, former = settings.value(environ, settings.SECRET).partition(",")
    return Coturn(
        secret=secret.strip(),
        former_secret=former.strip() or None,
        realm=settings.value(environ, settings.REALM),
        peers=[peer.strip() for peer in settings.value(environ, settings.PEERS).split(",")],
        listening_ip=host.strip("[]") or None,
        listening_port=int(port),
        external_ip=settings.value(environ, settings.EXTERNAL_IP) or None,
        relay_ports=(int(first), int(last)),
        certificate=settings.value(environ, settings.CERTIFICATE) or None,
        private_key=settings.value(environ, settings.PRIVATE_KEY) or None,
        tls_listening_port=int(tls_port),
        state_folder=state_folder,
    )


def main(arguments: list[str]) -> int:
    """Write the file, readable by its owner only; return the exit status."""
    if len(arguments) != 1:
        print(_usage(), file=sys.stderr)
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


def _usage() -> str:
    rows = "\n".join(f"{variable:28}{row.text}" for variable, row in settings.ROWS.items())
    return f"{__doc__}\n{rows}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
