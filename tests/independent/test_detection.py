"""docs/protocol.md, 2: `detect`: a speaker of another language than they set is understood after a few sentences."""

from __future__ import annotations

import pytest

from .calls import call
from .speech import speech
from .test_subtitles import plain

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

PATIENCE_S = 40.0
SPANISH = ("¿Dónde está la estación de tren?", "Una mesa para dos personas, por favor.", "Quisiera un café, por favor.")


async def test_ana_who_set_english_and_speaks_spanish_is_soon_heard_in_it(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        await ana.signal.send("set_language", language="en", detect=True)
        heard = 0
        while not await ana.signal.inbox.count("language_detected", 1, timeout=0.5):
            assert heard < 4, "it is still not known which language this is"
            await ana.speak(speech(SPANISH[heard % 3], "es"))
            heard += 1
            assert await ben.peer.inbox.count("utterance_end", heard, timeout=PATIENCE_S)
        assert heard >= 2, "one sentence is no evidence"
        (told,) = ana.signal.inbox.of("language_detected")
        assert told == {"type": "language_detected", "language": "es"}
        partner = await ben.signal.inbox.wait_for("partner_language")
        assert (partner["participantId"], partner["language"]) == (ana.participant_id, "es")
        assert not ben.signal.inbox.of("language_detected")
        await ana.speak(speech(SPANISH[0], "es"))
        assert await ben.peer.inbox.count("utterance_end", heard + 1, timeout=PATIENCE_S)
        end = ben.peer.inbox.of("utterance_end")[-1]
        assert end["outcome"] == "not_needed", "Ben speaks Spanish, too"
        last = ben.peer.inbox.of("transcription", final=True)[-1]
        assert (plain(last["text"]), last["language"]) == (plain(SPANISH[0]), "es")
