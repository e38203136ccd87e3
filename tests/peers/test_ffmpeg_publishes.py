"""FFmpeg as an encoder, with a WHIP, ICE, DTLS and SRTP of its own: what it publishes is interpreted."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.independent.calls import call
from tests.kit.certificates import Certificates

from .on_libwebrtc import spoken

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

MAIN = Path(__file__).parent / "ffmpeg" / "main.py"
HOTEL, MEANT = "Where is the hotel?", "¿Dónde está el hotel?"


@asynccontextmanager
async def encoder(
    url: str, token: str, sound: str, log: Path, own: Certificates
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run FFmpeg's muxer. It ends once its input is closed.

    By itself, FFmpeg with GnuTLS makes a certificate of 224 bits, which OpenSSL 4 takes from nobody.
    """
    with log.open("wb") as told:
        command = [sys.executable, str(MAIN), url, token, sound, str(own.certificate), str(own.key)]
        pipe = asyncio.subprocess.PIPE
        running = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=told, stderr=told)
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def test_what_ffmpeg_sends_is_interpreted_until_it_ends(server_url: str, tmp_path: Path) -> None:
    sound, log, own = spoken(tmp_path, HOTEL, "en-us"), tmp_path / "encoder.log", Certificates.make(tmp_path, "encoder")
    async with call(server_url) as (ana, ben):
        mine, theirs = ana.peer.inbox, ben.peer.inbox
        url = f"{server_url}/api/v1/sessions/{ana.session_id}/whip"
        async with encoder(url, ana.resume_token, sound, log, own) as running:
            try:
                await mine.wait_for("status", reason="other_microphone", level="degraded")
                translation = await theirs.wait_for("translation", final=True)
                end = await theirs.wait_for("utterance_end")
            except TimeoutError as problem:
                raise AssertionError(log.read_text()) from problem
            assert (end["outcome"], end["sourceUserId"]) == ("spoken", ana.participant_id)
            assert (translation["originalText"], translation["translatedText"]) == (HOTEL, MEANT)
            assert running.stdin is not None
            running.stdin.close()
            await mine.wait_for("status", reason="other_microphone", level="ok")
            assert await running.wait() == 0, log.read_text()
