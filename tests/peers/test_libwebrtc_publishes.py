"""libwebrtc as an encoder: a real Opus track, published by WHIP, is heard interpreted by the partner."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from testing.recordings import voiced_ms

from .ears import ears_of
from .on_libwebrtc import call, peer, spoken
from .process import Process, Refused

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

HOTEL = ("Where is the hotel?", "¿Dónde está el hotel?")
BANK = ("Where is the bank?", "¿Dónde está el banco?")
PATIENCE_S = 40.0


def finals(one: Process) -> list[str]:
    return [m["text"] for m in one.messages("channel", "transcription", final=True)]


async def test_a_published_microphone_is_interpreted_in_place_of_ones_own(server_url: str, tmp_path: Path) -> None:
    hotel, bank = (spoken(tmp_path, text, "en-us") for text, _ in (HOTEL, BANK))
    async with call(server_url, tmp_path) as (ana, ben), peer(server_url, tmp_path / "encoder") as encoder:
        kept = await ana.do("kept")
        made = await encoder.do("publish", kept["entry"]["sessionId"], kept["resumeToken"])
        assert (made["status"], made["type"]) == (201, "application/sdp")
        assert "a=recvonly" in made["sdp"]
        await ana.hears("channel", "status", reason="other_microphone", level="degraded")

        began = time.time() * 1000
        await asyncio.gather(encoder.do("speak", hotel, True), ana.do("speak", bank))
        await ben.hears("channel", "translation", translatedText=HOTEL[1], timeout=PATIENCE_S)
        end = await ben.hears("channel", "utterance_end", timeout=PATIENCE_S)
        assert end["outcome"] == "spoken"
        assert finals(ben) == [HOTEL[0]], "the own microphone said something else meanwhile"
        heard = {ear.kind: voiced_ms(ear.between(began, time.time() * 1000)) for ear in await ears_of(ben)}
        assert heard["interpreter"] > 500 and heard["original"] > 500, "and he heard it, both ways"

        assert (await encoder.do("unpublish"))["status"] == 200
        await ana.hears("channel", "status", reason="other_microphone", level="ok")
        with pytest.raises(Refused) as refused:
            await encoder.do("unpublish")
        assert (refused.value.status, refused.value.code) == (404, "not_found")
        await ana.do("speak", bank)
        await ben.hears("channel", "translation", translatedText=BANK[1], timeout=PATIENCE_S)
