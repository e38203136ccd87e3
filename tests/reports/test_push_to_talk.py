"""The message that push-to-talk was released may overtake audio: no word is cut, and a pause awaits nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engines.scripted import tone
from pipeline.events import UtteranceEnded, UtteranceStarted
from pipeline.hearing.endpointer import Edge, Endpointer, EndpointingOptions
from pipeline.interpreter import InterpreterOptions
from pipeline.recognition.passes import RecognitionOptions
from pipeline.speech import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, Frame
from testing.virtual_clock import virtually
from tests.kit.interpreter_scene import Scene

ROOT = Path(__file__).parents[2]
DEFAULTS = EndpointingOptions()
FINALS_ONLY = InterpreterOptions(passes=RecognitionOptions(first_interim_s=1e9, ahead=False))
BYTES_PER_MS = SAMPLE_RATE // 1000 * 2
SPOKEN = ("spoken", None)


def word(hz: float, ms: int) -> bytes:
    return tone(hz, ms / 1000, SAMPLE_RATE)


async def at_once(scene: Scene, pcm: bytes) -> None:
    """Let audio that was held back come in one burst."""
    for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        scene.interpreter.hear(Frame(scene.media_ms, pcm[at : at + FRAME_BYTES]))
        scene.media_ms += FRAME_MS
    await scene.stands_still(0.02)


def ended_ms(scene: Scene, number: int = 0) -> float:
    """Return how long after its last voice an utterance was ended, ms."""
    latency = scene.of(UtteranceEnded)[number].latency.endpoint_ms
    assert latency is not None
    return float(latency)


@pytest.mark.parametrize("early_ms", range(20, 340, 20))
@virtually
async def test_a_message_before_the_end_of_the_word_cuts_nothing(early_ms: int) -> None:
    """The report: 300 ms before the end of a word of 0.8 s. It became two utterances."""
    pcm = word(440, 800)
    split = (800 - early_ms) * BYTES_PER_MS
    async with Scene(settings=FINALS_ONLY) as scene:
        await scene.sound(pcm[:split])
        scene.interpreter.end_utterance()
        await scene.sound(pcm[split:])
        await scene.silence(3)
        assert scene.finals == ["tone 440"] and scene.outcomes == [SPOKEN]
        assert len(scene.of(UtteranceStarted)) == 1 and ended_ms(scene) <= 120


@pytest.mark.parametrize(
    ("hold_ms", "message_ms"), [(h, m) for h in (100, 160, 240, 300, 400) for m in (80, h - 20) if m < h]
)
@virtually
async def test_a_message_that_overtakes_audio_that_is_held_cuts_nothing(hold_ms: int, message_ms: int) -> None:
    pcm = word(440, 800)
    split = 500 * BYTES_PER_MS
    async with Scene(settings=FINALS_ONLY) as scene:
        await scene.sound(pcm[:split])
        await scene.stands_still(message_ms / 1000)
        scene.interpreter.end_utterance()
        await scene.stands_still((hold_ms - message_ms) / 1000)
        await at_once(scene, pcm[split:] + bytes(200 * BYTES_PER_MS))
        await scene.silence(3)
        assert scene.finals == ["tone 440"] and scene.outcomes == [SPOKEN]
        assert len(scene.of(UtteranceStarted)) == 1


@pytest.mark.parametrize("sent", [True, False], ids=["silence is sent", "nothing is sent"])
@virtually
async def test_five_short_words_are_five(sent: bool) -> None:
    async with Scene(settings=FINALS_ONLY) as scene:
        pause = scene.silence if sent else scene.unsent
        for hz in (400, 500, 600, 700, 800):
            await scene.sound(word(hz, 160))
            await pause(0.06)
            scene.interpreter.end_utterance()
            await pause(0.24)
        await scene.silence(8)
        assert scene.finals == [f"tone {hz}" for hz in (400, 500, 600, 700, 800)] and scene.outcomes == [SPOKEN] * 5
        assert all(ended_ms(scene, n) <= (120 if sent else 480) for n in range(5))


@virtually
async def test_in_a_pause_it_ends_at_once() -> None:
    async with Scene(settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.6)
        await scene.silence(0.2)
        scene.interpreter.end_utterance()
        scene.interpreter.end_utterance()
        await scene.silence(0.02)
        assert scene.finals == ["tone 440"]
        await scene.silence(2)
        assert scene.outcomes == [SPOKEN] and ended_ms(scene) == pytest.approx(220, abs=25)


@virtually
async def test_without_any_voice_it_does_nothing() -> None:
    async with Scene(settings=FINALS_ONLY) as scene:
        scene.interpreter.end_utterance()
        await scene.silence(0.5)
        scene.interpreter.end_utterance()
        await scene.silence(0.5)
        assert scene.events == []
        await scene.tone(440, 0.6)
        await scene.silence(3)
        assert scene.finals == ["tone 440"] and ended_ms(scene) >= DEFAULTS.hangover_ms - 1


@virtually
async def test_a_client_that_sends_nothing_after_the_word_waits_little() -> None:
    async with Scene(settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.6)
        scene.interpreter.end_utterance()
        await scene.unsent(3)
        assert scene.outcomes == [SPOKEN] and ended_ms(scene) <= DEFAULTS.released_quiet_ms + 40


@virtually
async def test_voice_that_goes_on_is_more_speech_and_not_cut() -> None:
    async with Scene(settings=FINALS_ONLY) as scene:
        await scene.tone(440, 1.0)
        scene.interpreter.end_utterance()
        await scene.tone(440, 2.0)
        await scene.silence(4)
        assert scene.finals == ["tone 440"] and scene.outcomes == [SPOKEN]
        assert ended_ms(scene) >= DEFAULTS.hangover_ms - 1


@virtually
async def test_the_next_press_begins_another_utterance() -> None:
    async with Scene(settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.4)
        scene.interpreter.end_utterance()
        await scene.unsent(0.12)  # nothing was sent, and the button is pressed again
        await scene.tone(600, 0.4)
        await scene.silence(4)
        assert scene.finals == ["tone 440", "tone 600"] and scene.outcomes == [SPOKEN] * 2


@virtually
async def test_the_end_of_a_call_awaits_nothing() -> None:
    async with Scene(settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.6)
        await scene.interpreter.finish()
        assert scene.finals == ["tone 440"] and scene.outcomes == [SPOKEN]


# the endpointer alone

FRAME_S = FRAME_MS / 1000


def fed(endpointer: Endpointer, voice: str, start_ms: int = 0, late_s: float = 0.0) -> list[Edge]:
    """Feed frames, `#` for voice and `.` for silence; return the edges."""
    found = (
        endpointer.feed(char == "#", start_ms + n * FRAME_MS, start_ms / 1000 + n * FRAME_S + late_s)
        for n, char in enumerate(voice)
    )
    return [edge for edge in found if edge is not None]


@pytest.mark.parametrize(("silent", "ends_at_once"), [(n, n >= DEFAULTS.pause_ms // FRAME_MS) for n in range(10)])
def test_a_pause_is_what_has_come_to_the_first_edge(silent: int, ends_at_once: bool) -> None:
    endpointer = Endpointer()
    fed(endpointer, "#" * 20 + "." * silent)
    assert (endpointer.release((20 + silent) * FRAME_S) is Edge.END) is ends_at_once
    if not ends_at_once:
        assert fed(endpointer, "." * 5, (20 + silent) * FRAME_MS) == [Edge.END]


def test_the_clock_ends_it_where_no_frames_come() -> None:
    for still_s, patience_ms in ((0.02, DEFAULTS.released_quiet_ms), (0.2, DEFAULTS.released_held_ms)):
        endpointer = Endpointer()
        fed(endpointer, "#" * 20)
        released_at = 0.38 + still_s
        assert endpointer.release(released_at) is None and endpointer.release(released_at + 0.01) is None
        assert endpointer.tick(released_at + patience_ms / 1000 - 0.002) is None
        assert endpointer.tick(released_at + patience_ms / 1000 + 0.002) is Edge.END
        assert endpointer.tick(9.0) is None and not endpointer.speaking


def test_the_longest_wait() -> None:
    endpointer = Endpointer()
    fed(endpointer, "#" * 20)
    assert endpointer.release(0.4) is None
    assert fed(endpointer, "#" * 49, 400) == []
    assert fed(endpointer, "###", 1380) == []
    assert fed(endpointer, "." * 25, 1440) == [Edge.PAUSE, Edge.SOFT_END, Edge.END]


def test_a_frame_far_behind_is_another_word() -> None:
    endpointer = Endpointer(replace(DEFAULTS, pause_ms=100))
    fed(endpointer, "#" * 20)
    assert not endpointer.is_over_before(2000), "nothing was released"
    endpointer.release(0.4)
    assert not endpointer.is_over_before(400) and not endpointer.is_over_before(480)
    assert endpointer.is_over_before(500)
    assert endpointer.end() is Edge.END and not endpointer.is_over_before(500)


def test_the_next_utterance_is_not_released() -> None:
    endpointer = Endpointer()
    fed(endpointer, "#" * 20)
    endpointer.release(0.4)
    assert fed(endpointer, "." * 5, 400) == [Edge.END]
    assert fed(endpointer, "#" * 20 + "." * 5, 1000) == [Edge.START, Edge.PAUSE]


def test_every_client_of_ours_leaves_the_microphone_open_for_as_long() -> None:
    """Capture is behind the finger: by up to 200 ms on a wireless headset."""
    dart = r"\(!pressed\) \{\n.*\n *await Future<void>.delayed\(const Duration\(milliseconds: (\d+)\)\)"
    places = {
        "web/browser/microphone-gate.js": r"TAIL_MS = (\d+)",
        "tests/peers/libwebrtc/participant.js": r"TAIL_MS = (\d+)",
        "docs/flutter.md": dart,
        "clients/flutter/app/lib/call/microphone.dart": dart,
    }
    found = {path: re.findall(pattern, (ROOT / path).read_text("utf-8")) for path, pattern in places.items()}
    assert found == {path: ["200"] for path in places}
