"""Variables of the compose files that the server does not read: passwords of what runs beside it, and a folder."""

from __future__ import annotations

from collections.abc import Mapping

REDIS_PASSWORDS: Mapping[str, str] = {
    "REDIS_NODE_PASSWORD": "The server's password at the Redis of the compose files, 32 letters and digits or more.",
    "REDIS_STT_PASSWORD": "The password there of workers that recognise.",
    "REDIS_MT_PASSWORD": "The password there of workers that translate.",
    "REDIS_TTS_PASSWORD": "The password there of workers that speak.",
}
"""Variables of both compose files, each with one sentence for operators."""
PRODUCTION: Mapping[str, str] = {
    "POSTGRES_PASSWORD": "The password of the PostgreSQL of docker-compose.production.yml, letters and digits.",
    "TLS_FOLDER": "The folder of nginx's fullchain.pem and privkey.pem in docker-compose.production.yml: files that "
    "root owns, not links such as certbot's (docs/several-machines.md).",
}
"""Variables of docker-compose.production.yml alone."""
