"""Settings of hearing reach what they are for: the recogniser's options, the pauses of an end, the voice detector."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from pipeline.events import Event, Translated
from pipeline.hearing.endpointer import EndpointingOptions
from pipeline.hearing.voice_activity import Loudness, VoiceActivity
from pipeline.speech import FRAME_BYTES, Transcribe, Transcript
from server.engine_choice.from_settings import specs
from server.interpreting import interpreter_options
from server.settings import BadSetting, Settings, read
from testing.virtual_clock import virtually
from tests.kit.espeak_speech import say
from tests.kit.interpreter_scene import Scene

ALL = {"DRAGOMAN_STT_BEAM": "5", "DRAGOMAN_STT_VAD_FILTER": "true", "DRAGOMAN_STT_LOUDNESS": "-20"}
OPTIONS = {"beam": 5, "vad_filter": True, "loudness_dbfs": -20.0}


def recogniser(environment: Mapping[str, str]) -> dict[str, Any]:
    return dict(specs(read(environment))["stt"].options)


# the recogniser's options


def test_whisper_gets_what_is_set_and_nothing_else() -> None:
    whisper = {"DRAGOMAN_STT": "whisper:/models/base"}
    assert recogniser(whisper) == {"path": "/models/base"}
    assert recogniser({**whisper, **ALL}) == {"path": "/models/base", **OPTIONS}
    assert recogniser({**whisper, "DRAGOMAN_STT_BEAM": "1"}) == {"path": "/models/base"}
    assert recogniser(ALL) == OPTIONS, "the bundled recogniser is a Whisper"


def test_options_of_the_engine_count_first() -> None:
    given = 'whisper:{"path": "/models/base", "beam": 2}'
    assert recogniser({"DRAGOMAN_STT": given, **ALL}) == {"path": "/models/base", **OPTIONS, "beam": 2}


def test_each_of_several_recognisers_gets_them() -> None:
    several = json.dumps({"engines": ["whisper:/models/base", 'scripted:{"languages": ["fr"]}']})
    engines = recogniser({"DRAGOMAN_STT": f"by_language:{several}", "DRAGOMAN_STT_BEAM": "5"})["engines"]
    assert [json.loads(one.partition(":")[2]) for one in engines] == [
        {"beam": 5, "path": "/models/base"},
        {"languages": ["fr"]},
    ]


@pytest.mark.parametrize("stt", ["scripted", 'by_language:{"engines": ["scripted"]}'])
@pytest.mark.parametrize("variable", sorted(ALL))
def test_a_recogniser_that_has_no_such_option_is_told(stt: str, variable: str) -> None:
    with pytest.raises(BadSetting, match=f"{variable} is for Whisper only"):
        recogniser({"DRAGOMAN_STT": stt, variable: ALL[variable]})


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("STT_BEAM", "0", "between 1 and 16"),
        ("STT_BEAM", "two", "invalid literal"),
        ("STT_VAD_FILTER", "yes", "true, false"),
        ("STT_LOUDNESS", "20", "between -50 and -10"),
        ("STT_LOUDNESS", "nan", "between -50 and -10"),
        ("VAD_AGGRESSIVENESS", "4", "between 0 and 3"),
        ("SOFT_END_MS", "90", "between 100 and 10000"),
        ("END_MS", "0.5", "invalid literal"),
        ("SOFT_END_MS", "701", r"DRAGOMAN_SOFT_END_MS \(701\) is longer than DRAGOMAN_LATE_END_MS \(700\)"),
        ("SOFT_END_MS", "600", r"longer than DRAGOMAN_END_MS \(500\)"),
        ("LATE_END_MS", "1200", r"longer than DRAGOMAN_PATIENT_END_MS \(1100\)"),
        ("PATIENT_END_MS", "400", r"DRAGOMAN_LATE_END_MS \(700\) is longer than DRAGOMAN_PATIENT_END_MS \(400\)"),
    ],
)
def test_a_bad_value_says_what_would_be_right(variable: str, value: str, why: str) -> None:
    with pytest.raises(BadSetting, match=why) as refused:
        read({f"DRAGOMAN_{variable}": value})
    assert f"DRAGOMAN_{variable}" in str(refused.value)


# the pauses of an end


@dataclass(slots=True)
class Recogniser:
    """Understands the same in every window."""

    text: str
    certain: bool = True
    languages: frozenset[str] = frozenset({"en"})
    pairs: frozenset[tuple[str, str]] = frozenset()

    async def __call__(self, job: Transcribe) -> Transcript:
        return Transcript(self.text, job.language, 0.9, understood=True, certain=self.certain)


async def silence_before(recogniser: Recogniser, settings: Settings, before: int) -> float:
    """Say a sentence to the real voice detector, `before` others first, and return the silence before it is translated.

    In ms, from the last voice.
    """
    options = interpreter_options(settings)
    translated: list[float] = []

    def told(event: Event) -> None:
        if isinstance(event, Translated):
            translated.append((asyncio.get_running_loop().time() - event.voiced_at) * 1000)

    async with Scene(stt=recogniser, settings=options, activity=options.activity()) as scene:
        scene.on_event = told
        for _ in range(before + 1):
            await scene.silence(0.3)
            await scene.sound(say("I lost my passport.", "en"))
            await scene.silence(2.0)
    assert len(translated) == before + 1
    return translated[-1]


@pytest.mark.parametrize(
    ("variable", "recogniser", "before", "usual_ms", "changed_ms"),
    [
        ("SOFT_END_MS", Recogniser("I lost my passport."), 0, 240, 440),
        ("LATE_END_MS", Recogniser("I lost my passport.", certain=False), 0, 700, 1000),
        ("END_MS", Recogniser("I lost my passport"), 3, 500, 900),
        ("PATIENT_END_MS", Recogniser("I lost my"), 0, 1100, 1500),
    ],
)
@virtually
async def test_a_pause_of_an_end_is_as_long_as_it_is_set(
    variable: str, recogniser: Recogniser, before: int, usual_ms: int, changed_ms: int
) -> None:
    changed = read({f"DRAGOMAN_{variable}": str(changed_ms)})
    assert await silence_before(recogniser, Settings(), before) == pytest.approx(usual_ms, abs=21)
    assert await silence_before(recogniser, changed, before) == pytest.approx(changed_ms, abs=21)


def test_a_crowd_is_never_less_patient() -> None:
    usual, patient = (interpreter_options(read(one)).endpointing for one in ({}, {"DRAGOMAN_PATIENT_END_MS": "3000"}))
    assert usual == EndpointingOptions()
    assert (patient.patient_ms, patient.crowded_ms) == (3000, 3000)


# the voice detector


def test_a_higher_aggressiveness_takes_more_sound_for_noise() -> None:
    """A soft voice: the gate of a higher mode opens for less of it, and of the highest hardly at all."""
    spoken = np.frombuffer(say("Where is the train station?", "en"), np.int16).astype(np.float32)
    pcm = np.round(spoken * 10 ** (-36 / 20)).astype(np.int16).tobytes()
    heard = []
    for mode in "0123":
        activity = interpreter_options(read({"DRAGOMAN_VAD_AGGRESSIVENESS": mode})).activity()
        assert isinstance(activity, VoiceActivity)
        frames = (pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES))
        heard.append(sum(map(activity.is_speech, frames)))
    print(heard)
    assert heard[0] >= heard[1] >= heard[2] >= heard[3]
    assert heard[3] < 0.7 * heard[0]


def test_loudness_has_no_aggressiveness() -> None:
    with pytest.raises(BadSetting, match="DRAGOMAN_VAD_AGGRESSIVENESS"):
        read({"DRAGOMAN_VAD": "loudness", "DRAGOMAN_VAD_AGGRESSIVENESS": "3"})


def test_loudness_needs_no_detector_of_speech() -> None:
    assert isinstance(interpreter_options(read({"DRAGOMAN_VAD": "loudness"})).activity(), Loudness)
