"""Voice activity: speech is speech; silence, noise, tones and clicks are not."""

from itertools import groupby

import numpy as np
import pytest

from pipeline.hearing.voice_activity import Loudness, VoiceActivity
from pipeline.speech import FRAME_BYTES, SAMPLE_RATE
from tests.kit.espeak_speech import noise, say, silence, sine


def judge(pcm: bytes, activity: VoiceActivity | Loudness | None = None) -> list[bool]:
    activity = activity or VoiceActivity()
    ends = range(FRAME_BYTES, len(pcm) + 1, FRAME_BYTES)
    return [activity.is_speech(pcm[end - FRAME_BYTES : end]) for end in ends]


def clicks(seconds: float) -> bytes:
    """Keys: 5 ms bursts, five a second, over a quiet room."""
    generator = np.random.default_rng(3)
    samples = generator.normal(0, 20, int(seconds * SAMPLE_RATE))
    for start in range(0, samples.size - 80, SAMPLE_RATE // 5):
        samples[start : start + 80] += generator.normal(0, 8000, 80) * np.exp(-np.arange(80) / 20)
    return samples.astype(np.int16).tobytes()


@pytest.mark.parametrize(
    ("text", "language", "voice"),
    [
        ("Where is the train station?", "en", ""),
        ("Where is the train station?", "en", "en-gb+f3"),
        ("¿Dónde está la estación?", "es", "es+m3"),
    ],
)
@pytest.mark.parametrize("gain", [1.0, 0.05])
def test_speech_is_found_where_it_is(text: str, language: str, voice: str, gain: float) -> None:
    spoken = (np.frombuffer(say(text, language, voice), np.int16) * gain).astype(np.int16).tobytes()
    voiced = judge(silence(0.5) + spoken + silence(0.6))
    first, last = voiced.index(True), len(voiced) - 1 - voiced[::-1].index(True)
    begin, end = 25, 25 + len(spoken) // FRAME_BYTES
    assert begin <= first <= begin + 10
    assert end - 15 <= last <= end + 5
    longest_hole = max((len(list(run)) for is_on, run in groupby(voiced[first:last]) if not is_on), default=0)
    assert longest_hole * 20 < 400
    assert sum(voiced) >= 0.6 * (last - first)


def test_speech_is_found_in_noise() -> None:
    spoken = silence(0.5) + say("Where is the train station?", "en") + silence(0.5)
    mixed = (
        np.frombuffer(spoken, np.int16) + np.frombuffer(noise(len(spoken) / 32000, 300), np.int16)[: len(spoken) // 2]
    )
    voiced = judge(mixed.tobytes())
    assert sum(voiced) > 40
    assert not any(voiced[:20])


@pytest.mark.parametrize(
    "pcm",
    [
        silence(2),
        noise(2, 10),
        noise(2, 300),
        noise(2, 3000),
        sine(200, 2),
        sine(440, 2),
        sine(1000, 2),
        sine(3000, 2),
        clicks(2),
    ],
    ids=["silence", "noise -70", "noise -40", "noise -20", "200 Hz", "440 Hz", "1 kHz", "3 kHz", "clicks"],
)
def test_what_is_not_speech(pcm: bytes) -> None:
    assert sum(judge(pcm)) <= 1


def test_frames_that_were_not_decoded_are_silence() -> None:
    activity = VoiceActivity()
    assert any(judge(say("Good morning.", "en"), activity))
    assert not any(activity.is_speech(b"") for _ in range(10))


def test_a_moment_of_silence_in_a_word_makes_nobody_deaf_to_what_follows() -> None:
    """The stop of a consonant, cut to nothing by a noise gate, comes as a frame that was not decoded."""
    spoken = silence(1) + say("I want to visit the museum next week.", "en", "en-us+m5") + silence(0.4)
    frames = [spoken[at : at + FRAME_BYTES] for at in range(0, len(spoken) - FRAME_BYTES + 1, FRAME_BYTES)]
    voiced = judge(spoken)
    first, last = voiced.index(True), len(voiced) - 1 - voiced[::-1].index(True)
    energy = [float(np.square(np.frombuffer(frame, np.int16).astype(np.float32)).sum()) for frame in frames]
    stops = sorted(range(first + 20, last - 20), key=energy.__getitem__)[:4]
    silent = bytes(FRAME_BYTES)
    activity, other = VoiceActivity(), VoiceActivity()
    decoded = [activity.is_speech(silent if n in stops else frame) for n, frame in enumerate(frames)]
    skipped = [other.is_speech(b"" if n in stops else frame) for n, frame in enumerate(frames)]
    assert skipped == decoded


def test_reset_forgets() -> None:
    once, again = VoiceActivity(), VoiceActivity()
    judge(say("Good morning.", "en")[:12800], again)
    again.reset()
    spoken = silence(0.3) + say("Thank you very much.", "en")
    assert judge(spoken, once) == judge(spoken, again)


def test_calls_do_not_disturb_each_other() -> None:
    spoken = silence(0.3) + say("Thank you very much.", "en")
    alone = judge(spoken)
    one, other = VoiceActivity(), VoiceActivity()
    interleaved = []
    for end in range(FRAME_BYTES, len(spoken) + 1, FRAME_BYTES):
        interleaved.append(one.is_speech(spoken[end - FRAME_BYTES : end]))
        other.is_speech(noise(0.02, 2000))
    assert interleaved == alone


def test_silero_rests_while_the_gate_is_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    activity = VoiceActivity()
    monkeypatch.setattr(activity._silero, "probability", lambda window: pytest.fail("Silero was asked"))
    assert not any(judge(silence(1) + noise(1, 10), activity))


def test_a_frame_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="100 bytes"):
        VoiceActivity().is_speech(bytes(100))


def test_loudness_hears_tones() -> None:
    assert all(judge(sine(440, 0.2), Loudness()))
    assert not any(judge(silence(0.2) + noise(0.2, 30), Loudness()))
    assert not Loudness().is_speech(b"")
