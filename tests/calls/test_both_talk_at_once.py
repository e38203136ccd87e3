"""Both talk at once (a minute in the long form), and wait for nobody: both are interpreted, each at its own pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import pytest

from pipeline.engines import Synthesizer
from pipeline.engines.registry import EngineSpec, make
from pipeline.speech import Synthesize
from testing.speech_material import OTHER, phrases
from testing.spoken_turns import Turn, turn
from testing.words import share_heard, words
from tests.kit.extent import extent
from tests.kit.packet_caller import PATIENCE, Arrived, Caller, calling
from tests.kit.tones import decoded, encoded, voiced_seconds

pytestmark = pytest.mark.real_time

SENTENCES = extent(6, 16)
LEAST_S = extent(18, 55)
VOICES = {"en": "en-us+m5", "es": "es+f5"}
PAUSES = [1300, 900, 1500, 1200, 1000, 1400, 1100, 1250, 950, 1450, 1150, 1050, 1350, 1000, 1550]
"""ms; the other's begin where ours don't."""
FIRST_AUDIO_MS = 3500  # two cores are shared by all of this
NEARLY = 2  # of the sentences may come out with other words: the bundled recogniser's, not the call's
EARLY, LATE = 0.06, 0.2  # s around a segment's start and end in which its packets come


@dataclass(frozen=True)
class Segment:
    """One segment as it was announced and as it was played."""

    utterance: str
    index: int
    text: str
    start: float
    end: float
    sound: np.ndarray[tuple[int], np.dtype[np.int16]]


def said_by(language: str, delayed_ms: int) -> Turn:
    known = [one.clause for one in phrases(language) if one.voice == VOICES[language]][:SENTENCES]
    pauses = PAUSES if language == "en" else PAUSES[::-1]
    return turn(f"at-once-{language}", language, VOICES[language], known, pauses=pauses, lead_ms=delayed_ms)


async def test_both_are_interpreted(server_url: str, understands: Callable[..., str]) -> None:
    turns = {"en": said_by("en", 300), "es": said_by("es", 1100)}
    assert all(one.seconds > LEAST_S for one in turns.values())
    payloads = {language: encoded(one.audio) for language, one in turns.items()}
    async with calling(server_url) as (ana, ben):
        people = {"en": ana, "es": ben}
        began = {language: len(one.media.mouth.sent) for language, one in people.items()}
        async with asyncio.TaskGroup() as group:
            for language, one in people.items():
                group.create_task(one.speak(payloads[language]))
        for language, one in people.items():
            await until_all_is_said(one, people[OTHER[language]].participant_id)
        zero = {language: one.media.mouth.sent[began[language]].at for language, one in people.items()}
        await ana.leave()
    voice = cast(Synthesizer, make(EngineSpec("tts", "espeak")))
    overlapping = 0
    for language, speaker in people.items():
        listener, other = people[OTHER[language]], turns[OTHER[language]]
        segments = heard_by(listener, speaker.participant_id)
        judge(turns[language], segments, listener, speaker.participant_id, understands, voice)
        for segment in segments:
            while_talking = [
                one for one in other.said
                if zero[OTHER[language]] + one.start < segment.end and zero[OTHER[language]] + one.end > segment.start
            ]  # fmt: skip
            overlapping += bool(while_talking)
    assert overlapping >= SENTENCES, "most was to be heard while one talked oneself"


async def until_all_is_said(listener: Caller, speaker: str) -> None:
    """Until all that the other began is over, for a second."""
    quiet = 0
    async with asyncio.timeout(2 * PATIENCE):
        while quiet < 20:
            await asyncio.sleep(0.05)
            quiet = 0 if begun(listener, speaker) - ended(listener, speaker) else quiet + 1


def begun(listener: Caller, speaker: str) -> set[str]:
    return {one["utteranceId"] for one in listener.media.inbox.of("transcription", sourceUserId=speaker)}


def ended(listener: Caller, speaker: str) -> set[str]:
    return {one["utteranceId"] for one in listener.media.inbox.of("utterance_end", sourceUserId=speaker)}


def heard_by(listener: Caller, speaker: str) -> list[Segment]:
    """The segments in the order in which they were heard."""
    inbox, me = listener.media.inbox, listener.participant_id
    texts = {(one["utteranceId"], one["segment"]): one["translatedText"]
             for one in inbox.of("translation", sourceUserId=speaker, final=True)}  # fmt: skip
    at: dict[str, dict[tuple[str, int], float]] = {"start": {}, "end": {}, "skipped": {}}
    for received in inbox.received:
        one = received.message
        if one["type"] == "speech_audio" and (one["sourceUserId"], one["targetUserId"]) == (speaker, me):
            at[one["state"]][one["utteranceId"], one["segment"]] = received.at
    assert not at["skipped"], "nothing was to be left out"
    assert texts.keys() == at["start"].keys() == at["end"].keys(), "every translation is heard"
    line = listener.media.lines[0]
    return [
        Segment(*key, texts[key], start, at["end"][key], between(line, start - EARLY, at["end"][key] + LATE))
        for key, start in sorted(at["start"].items(), key=lambda one: one[1])
    ]


def between(line: list[Arrived], since: float, until: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return decoded([one.packet for one in line if since <= one.at <= until])


def judge(
    said: Turn,
    segments: list[Segment],
    listener: Caller,
    speaker: str,
    understands: Callable[..., str],
    voice: Synthesizer,
) -> None:
    """All was said, in order, in the right language, to its end, and soon."""
    target = OTHER[said.language]
    order = [(one.utterance, one.index) for one in segments]
    assert order == sorted(order)
    wanted = [words(one.clause.translation) for one in said.said]
    got = words(" ".join(one.text for one in segments))
    right = sum(" ".join(one) in " ".join(got) for one in wanted)
    print(f"\n{said.language}: {right} of {len(wanted)} sentences word for word, {len(segments)} segments")
    assert right >= len(wanted) - NEARLY
    ends = listener.media.inbox.of("utterance_end", sourceUserId=speaker, targetUserId=listener.participant_id)
    assert sorted(one["utteranceId"] for one in ends) == sorted(begun(listener, speaker))
    assert {one["outcome"] for one in ends} == {"spoken"}
    assert max(one["latency"]["firstAudioMs"] for one in ends) < FIRST_AUDIO_MS
    in_ear = 0.0
    for segment in segments:
        audio = segment.sound[: len(segment.sound) // 3 * 3].reshape(-1, 3).mean(axis=1).astype(np.float32) / 32768
        in_ear += share_heard(segment.text, understands(audio, target))
        whole = voice.synthesize([Synthesize(segment.text, target)])[0].duration_ms / 1000
        spoken = voiced_seconds(segment.sound)
        # Spoken faster to catch up (up to 1.25), but to its end.
        assert spoken > 0.6 * whole, (segment.text, spoken, whole)
    assert in_ear / len(segments) > 0.8, "the words in the ear are those that were announced"
