"""One speaker's interpreter on a virtual clock: what is told, in which order, and what each failure costs.

Every scene also obeys the laws of `scene.obey`: ends exactly once and last, tiles, revisions in order.
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from pipeline.delivery.stages import DeliveryOptions
from pipeline.engines.scripted import ScriptedSynthesizer, ScriptedTranscriber, ScriptedTranslator, strongest_hz
from pipeline.events import (
    EngineFailed,
    LoadChanged,
    Outcome,
    ProcessingEnded,
    ProcessingStarted,
    SpeechPlayed,
    Transcribed,
    Translated,
    UtteranceEnded,
    UtteranceStarted,
)
from pipeline.hearing.endpointer import EndpointingOptions
from pipeline.interpreter import InterpreterOptions
from pipeline.recognition.passes import RecognitionOptions
from pipeline.speech import SAMPLE_RATE, VOICE_RATE, Frame, Transcribe, Transcript
from testing.virtual_clock import virtually
from tests.kit.interpreter_scene import Scene
from tests.kit.virtual_listener import Ear

SPOKEN = ("spoken", None)


def says(*texts: str, **options: Any) -> ScriptedTranscriber:
    """A transcriber that understands these texts, one for each job."""
    return ScriptedTranscriber({"en": list(texts), "es": list(texts)}, **options)


WHOLE = RecognitionOptions(interim_every_s=1e9, first_interim_s=1e9, ahead=False)
INTERIMS = InterpreterOptions(passes=RecognitionOptions(first_interim_s=0.5, interim_every_s=0.5, ahead=False))
FINALS_ONLY = InterpreterOptions(passes=WHOLE)
"""Recognition hears each utterance once, when it is over."""


@virtually
async def test_an_utterance_from_its_onset_to_its_last_sound() -> None:
    stt, mt, tts = ScriptedTranscriber(delay_s=0.3), ScriptedTranslator(delay_s=0.1), ScriptedSynthesizer(delay_s=0.05)
    async with Scene(stt=stt, mt=mt, tts=tts, settings=FINALS_ONLY) as scene:
        await scene.silence(1.0)
        await scene.tone(440, 1.0)
        await scene.silence(3.0)
        assert [type(event) for event in scene.events] == [
            UtteranceStarted,
            ProcessingStarted,
            Transcribed,
            Translated,
            ProcessingEnded,
            SpeechPlayed,
            SpeechPlayed,
            UtteranceEnded,
        ]
        _, _, heard, translated, _, start, end, over = scene.events
        assert heard.text == "tone 440" and heard.final and heard.stable_length == 8
        assert heard.confidence == 0.9 and heard.language == "en"
        assert heard.end_ms == pytest.approx(4000 + 1000 + 1000, abs=20)
        assert 200 <= 5000 - heard.start_ms <= 460, "it begins a little before the onset"
        assert (translated.source, translated.target, translated.listeners) == ("en", "es", ("bob",))
        assert (start.state, end.state, end.segment) == ("start", "end", 0)
        assert over.outcome is Outcome.SPOKEN
        assert over.latency.endpoint_ms == pytest.approx(500, abs=1)
        assert over.latency.stt_ms == pytest.approx(300, abs=1)
        assert over.latency.translation_ms == pytest.approx(100, abs=1)
        assert over.latency.tts_ms == pytest.approx(50, abs=1)
        assert over.latency.first_audio_ms == pytest.approx(500 + 300 + 100 + 50, abs=1)
        (speech,) = scene.ears[0].heard
        assert strongest_hz(speech.pcm, VOICE_RATE) == pytest.approx(1440, abs=4)
        (job,) = scene.stt.jobs
        assert job.final and job.language == "en"
        assert len(job.audio) / 32 == pytest.approx(6000 + 500 - heard.start_ms, abs=40)


@virtually
async def test_interims_are_revised_until_the_final() -> None:
    async with Scene(stt=says("one", "one two", "one two three", "one two three four."), settings=INTERIMS) as scene:
        await scene.tone(440, 1.4)
        await scene.silence(2.0)
        texts = [(e.text, e.final, e.stable_length) for e in scene.of(Transcribed)]
        assert texts == [
            ("one", False, 0),
            ("one two", False, 0),
            ("one two three", False, 0),
            ("one two three four.", True, 19),
        ]
        assert [job.final for job in scene.stt.jobs] == [False, False, False, True]
        lengths = [len(job.audio) for job in scene.stt.jobs]
        assert lengths == sorted(lengths)
        assert scene.outcomes == [SPOKEN]


@virtually
async def test_sentences_are_translated_and_spoken_in_order() -> None:
    stt = says("First one. And 2.5 more. Third!", "Fourth? Fifth.", "Sixth")
    tts = ScriptedSynthesizer(seconds=0.7)
    async with Scene(stt=stt, tts=tts, settings=FINALS_ONLY) as scene:
        for _ in range(3):
            await scene.tone(440, 0.6)
            await scene.silence(0.8)
        await scene.silence(6)
        assert scene.translations == ["First one.", "And 2.5 more.", "Third!", "Fourth?", "Fifth.", "Sixth"]
        assert [job.text for job in scene.tts.jobs] == scene.translations
        assert scene.outcomes == [SPOKEN] * 3
        starts = [(e.utterance, e.segment) for e in scene.of(SpeechPlayed) if e.state == "start"]
        assert starts == sorted(starts) and len(starts) == 6


@virtually
async def test_every_language_is_translated_once_and_every_ear_hears_it() -> None:
    ears = [Ear("bob", "es"), Ear("cy", "fr-CA"), Ear("dee", "es"), Ear("eve", "en-GB")]
    mt = ScriptedTranslator(pattern="{target}: {text}", pairs=[("en", "es"), ("en", "fr")])
    tts = ScriptedSynthesizer(languages=["es", "fr"])
    async with Scene(mt=mt, tts=tts, ears=ears, settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.6)
        await scene.silence(3)
        assert len(scene.stt.jobs) == 1 and len(scene.mt.jobs) == 2 and len(scene.tts.jobs) == 2
        ends = {e.target: (e.outcome, e.listeners) for e in scene.of(UtteranceEnded)}
        assert ends == {
            "es": (Outcome.SPOKEN, ("bob", "dee")),
            "fr-CA": (Outcome.SPOKEN, ("cy",)),
            "en-GB": (Outcome.NOT_NEEDED, ("eve",)),
        }
        assert [len(ear.heard) for ear in ears] == [1, 1, 1, 0]
        assert {e.listeners for e in scene.of(Translated)} == {("bob", "dee"), ("cy",)}


# failures


@pytest.mark.parametrize(
    ("stage", "outcome"),
    [("stt", ("failed", "stt")), ("mt", ("failed", "mt")), ("tts", ("subtitles_only", "tts"))],
)
@pytest.mark.parametrize("fault", ["raise_on", "hang_on"])
@virtually
async def test_a_failing_engine_costs_one_utterance(stage: str, outcome: tuple, fault: str) -> None:
    kinds = {"stt": ScriptedTranscriber, "mt": ScriptedTranslator, "tts": ScriptedSynthesizer}
    async with Scene(**{stage: kinds[stage](**{fault: "440"})}, settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.6)
        await scene.silence(12)
        assert scene.outcomes == [outcome]
        assert [(e.stage, e.utterance) for e in scene.of(EngineFailed)] == [
            (stage, scene.of(UtteranceStarted)[0].utterance)
        ]
        assert scene.finals == ([] if stage == "stt" else ["tone 440"])
        assert scene.translations == (["tone 440"] if stage == "tts" else [])
        assert "degraded" in [e.level for e in scene.of(LoadChanged)]
        await scene.tone(600, 0.6)
        await scene.silence(4)
        assert scene.outcomes == [outcome, SPOKEN]
        assert [e.level for e in scene.of(LoadChanged)][-2:] == ["degraded", "ok"]


@virtually
async def test_a_hanging_engine_is_given_up_in_time() -> None:
    async with Scene(stt=ScriptedTranscriber(hang_on="440"), settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.6)
        begun = asyncio.get_running_loop().time()
        while not scene.outcomes:
            await scene.silence(0.1)
        assert asyncio.get_running_loop().time() - begun == pytest.approx(0.5 + 10, abs=0.2)


@virtually
async def test_one_sentence_that_fails_leaves_the_others() -> None:
    async with Scene(
        stt=says("One. Bad. Three."), mt=ScriptedTranslator(raise_on="Bad"), settings=FINALS_ONLY
    ) as scene:
        await scene.tone(440, 0.6)
        await scene.silence(5)
        assert scene.translations == ["One.", "Three."]
        assert [e.segment.index for e in scene.of(Translated)] == [0, 2]
        assert scene.outcomes == [SPOKEN]
        assert [e.stage for e in scene.of(EngineFailed)] == ["mt"]


@virtually
async def test_an_interim_that_fails_is_not_told() -> None:
    class Hoarse(ScriptedTranscriber):
        def result(self, job: Transcribe) -> tuple[Transcript, str]:
            if not job.final:
                raise RuntimeError("no interims today")
            return super().result(job)

    async with Scene(stt=Hoarse(), settings=INTERIMS) as scene:
        await scene.tone(440, 1.4)
        await scene.silence(3)
        assert len(scene.stt.jobs) == 4
        assert scene.of(EngineFailed) == scene.of(LoadChanged) == []
        assert scene.finals == ["tone 440"] and scene.outcomes == [SPOKEN]


@virtually
async def test_interims_give_way_where_the_line_is_full_and_finals_do_not() -> None:
    async with Scene(stt_bound=0) as scene:
        await scene.tone(440, 1.8)
        await scene.silence(3)
        assert [job.final for job in scene.stt.jobs] == [True]
        assert [e.final for e in scene.of(Transcribed)] == [False, True], "in the pause, and at the end"
        assert [e.level for e in scene.of(LoadChanged)] == ["busy", "ok"]
        assert scene.outcomes == [SPOKEN]


# what is not spoken, and why


@virtually
async def test_the_same_language_needs_no_interpreter() -> None:
    async with Scene(ears=[Ear("bob", "en-GB")], language="en-US") as scene:
        await scene.tone(440, 0.6)
        await scene.silence(2)
        assert scene.outcomes == [("not_needed", None)]
        assert scene.finals == ["tone 440"] and scene.mt.jobs == [] and scene.ears[0].heard == []


@virtually
async def test_a_pair_that_cannot_be_translated_is_subtitled() -> None:
    async with Scene(ears=[Ear("bob", "fr")]) as scene:
        await scene.tone(440, 0.6)
        await scene.silence(2)
        assert scene.outcomes == [("subtitles_only", "unsupported_pair")]
        assert scene.finals == ["tone 440"] and scene.mt.jobs == []


@virtually
async def test_a_language_without_a_voice_is_translated_and_not_spoken() -> None:
    mt = ScriptedTranslator(pairs=[("en", "fr")])
    async with Scene(mt=mt, ears=[Ear("bob", "fr")]) as scene:
        await scene.tone(440, 0.6)
        await scene.silence(2)
        assert scene.outcomes == [("subtitles_only", "no_voice")]
        assert scene.translations == ["tone 440"] and scene.tts.jobs == []


@virtually
async def test_noise_is_shown_to_no_engine() -> None:
    async with Scene() as scene:
        await scene.silence(0.5)
        await scene.tone(440, 0.06)
        await scene.silence(2)
        assert scene.outcomes == [("nothing_said", None)]
        assert scene.stt.jobs == [] and scene.of(Transcribed) == [] and scene.of(ProcessingStarted) == []


@virtually
async def test_a_click_is_not_even_an_utterance() -> None:
    async with Scene() as scene:
        await scene.tone(440, 0.02)
        await scene.silence(1)
        assert scene.events == []


@pytest.mark.parametrize(
    ("final", "outcome"),
    [
        (Transcript("Thanks for watching", "en", 0.1, understood=False), ("refused", "not_understood")),
        (Transcript("  ", "en", 0.0), ("nothing_said", None)),
    ],
)
@pytest.mark.parametrize("interims", [True, False])
@virtually
async def test_what_was_not_understood_is_taken_back_and_not_spoken(
    final: Transcript, outcome: tuple, interims: bool
) -> None:
    async def listen(job: Transcribe) -> Transcript:
        return final if job.final else Transcript("something", "en", 0.4, understood=interims)

    listen.languages, listen.pairs = frozenset({"en"}), frozenset()  # type: ignore[attr-defined]
    async with Scene(stt=listen) as scene:
        await scene.tone(440, 0.4)  # one interim: what two agree on would be shown
        await scene.silence(2)
        assert scene.outcomes == [outcome]
        shown = [(e.text, e.final, e.confidence) for e in scene.of(Transcribed)]
        assert shown == ([("something", False, 0.4), ("", True, 0.0)] if interims else [])
        assert scene.mt.jobs == [] and scene.ears[0].heard == []


# languages


@virtually
async def test_a_new_language_holds_from_the_next_utterance() -> None:
    async with Scene(ears=[Ear("bob", "fr")], settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.4)
        scene.interpreter.language = "es"
        await scene.tone(440, 0.4)
        await scene.silence(1)
        await scene.tone(440, 0.4)
        await scene.silence(1)
        assert [job.language for job in scene.stt.jobs] == ["en", "es"]
        assert [e.language for e in scene.of(Transcribed)] == ["en", "es"]


# typed text


@virtually
async def test_typed_text_is_an_utterance() -> None:
    async with Scene() as scene:
        scene.interpreter.say("Hello. It is 5 o'clock.", 7000, "mine")
        await scene.silence(4)
        (heard,) = scene.of(Transcribed)
        assert (heard.text, heard.final, heard.client_id, heard.revision) == (
            "Hello. It is 5 o'clock.",
            True,
            "mine",
            0,
        )
        assert (heard.start_ms, heard.end_ms) == (7000, 7000)
        assert scene.translations == ["Hello.", "It is 5 o'clock."]
        assert scene.stt.jobs == [] and scene.of(ProcessingStarted) == []
        assert scene.outcomes == [SPOKEN]
        assert scene.of(UtteranceEnded)[0].latency.stt_ms is None


@virtually
async def test_typed_text_waits_for_its_turn() -> None:
    async with Scene(settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.4)
        scene.interpreter.say("Typed.", 4000)
        scene.interpreter.say("Typed again.", 4000)
        await scene.silence(5)
        assert scene.finals == ["tone 440", "Typed.", "Typed again."]
        assert scene.outcomes == [SPOKEN] * 3


# time and backlog


@virtually
async def test_what_waits_for_slow_engines_is_bounded_and_every_utterance_still_ends() -> None:
    slow = ScriptedTranscriber(delay_s=9.0)
    async with Scene(stt=slow, settings=InterpreterOptions(passes=WHOLE, most_waiting=3)) as scene:
        for _ in range(10):
            await scene.tone(440, 0.3)
            await scene.silence(0.7)
        taken = [scene.interpreter.say("hello", scene.media_ms) for _ in range(3)]
        assert taken == [False] * 3, "typed text is refused while too many wait"
        waiting = scene.interpreter.machine.pending
        assert sum(bool(state.utterance.audio) for state in waiting) <= 3
        await scene.silence(60.0)
        assert scene.interpreter.say("hello", scene.media_ms)
        await scene.silence(5.0)
        assert len(scene.outcomes) == 11
        assert ("failed", "behind") in scene.outcomes
        assert scene.outcomes[-1] == SPOKEN


@pytest.mark.parametrize(
    ("backlog_ms", "rate"), [(0, 1.0), (500, 1.0), (1_250, 1.125), (2_000, 1.25), (4_000, 1.25), (5_100, None)]
)
@virtually
async def test_one_who_is_behind_is_spoken_to_faster_and_then_not_at_all(backlog_ms: float, rate: float | None) -> None:
    ear = Ear("bob", "es")
    ear.already_ms = backlog_ms
    impatient = EndpointingOptions(patient_ms=EndpointingOptions().hangover_ms)
    async with Scene(ears=[ear], settings=InterpreterOptions(endpointing=impatient)) as scene:
        await scene.tone(440, 0.6)
        await scene.silence(3)
        assert scene.translations == ["tone 440"]
        if rate is None:
            assert scene.outcomes == [("subtitles_only", "behind")]
            assert [(e.state, e.reason) for e in scene.of(SpeechPlayed)] == [("skipped", "behind")]
            assert scene.tts.jobs == []
        else:
            assert scene.outcomes == [SPOKEN]
            assert [job.rate for job in scene.tts.jobs] == [pytest.approx(rate)]


@virtually
async def test_a_long_winded_language_stays_within_its_bound_and_subtitles_are_complete() -> None:
    text = " ".join(f"Number {n}." for n in range(8))
    async with Scene(stt=says(text), tts=ScriptedSynthesizer(seconds=3.0), settings=FINALS_ONLY) as scene:
        ear, worst = scene.ears[0], 0.0
        for _ in range(3):
            await scene.tone(440, 3.0)
            await scene.silence(0.6)
            worst = max(worst, ear.backlog_ms)
        assert worst <= 5_000 + 3_000
        await scene.caught_up()
        assert len(scene.translations) == 24
        rates = [job.rate for job in scene.tts.jobs]
        assert rates[0] == 1.0 and max(rates) == pytest.approx(1.25)
        skipped = [e for e in scene.of(SpeechPlayed) if e.state == "skipped"]
        assert len(skipped) == 24 - len(rates) > 0 and {e.reason for e in skipped} == {"behind"}
        first, *_ = sorted(scene.of(UtteranceEnded), key=lambda end: end.utterance)
        assert first.outcome is Outcome.SPOKEN and first.latency.first_audio_ms == pytest.approx(500, abs=1)


@virtually
async def test_a_slow_voice_makes_recognition_wait_and_loses_nothing() -> None:
    settings = replace(FINALS_ONLY, pace=DeliveryOptions(queue=1, tts_timeout=30))
    async with Scene(tts=ScriptedSynthesizer(delay_s=8.0, seconds=0.5), settings=settings) as scene:
        for hz in range(400, 1200, 100):
            await scene.tone(hz, 0.4)
            await scene.silence(0.6)
        assert len(scene.stt.jobs) < 6, "the transcriber waits for a place in the line"
        await scene.silence(60)
        assert scene.finals == [f"tone {hz}" for hz in range(400, 1200, 100)]
        assert len(scene.outcomes) == 8 and set(scene.outcomes) <= {SPOKEN, ("subtitles_only", "behind")}
        assert scene.translations == scene.finals


@virtually
async def test_lag_is_told() -> None:
    async with Scene(stt=ScriptedTranscriber(delay_s=2.0), settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.5)
        await scene.silence(3)
        (busy,) = scene.of(LoadChanged)
        assert busy.level == "busy" and busy.lag_ms == pytest.approx(1500, abs=30)


# the ends of utterances


@virtually
async def test_a_line_that_stands_still_in_a_word_ends_nothing() -> None:
    async with Scene(settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.6)
        await scene.stands_still(1.0)
        assert scene.stt.jobs == []
        await scene.tone(440, 0.6)
        await scene.silence(1.5)
        (job,) = scene.stt.jobs
        assert len(job.audio) > 1.2 * SAMPLE_RATE * 2, "all of the word"
        assert scene.outcomes == [SPOKEN]


@virtually
async def test_packets_that_stop_end_an_utterance_by_the_clock() -> None:
    async with Scene(settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.6)
        await scene.silence(0.2)  # DTX begins with so much of it
        await scene.unsent(0.34)
        assert scene.stt.jobs == []
        await scene.unsent(0.1)
        assert len(scene.stt.jobs) == 1
        await scene.unsent(2)
        assert scene.outcomes == [SPOKEN]


@virtually
async def test_after_a_browsers_silence_an_utterance_begins_at_its_onset() -> None:
    """DTX: the frames just before the onset are seconds old, and no part of the utterance."""
    async with Scene(settings=FINALS_ONLY) as scene:
        await scene.silence(0.5)
        await scene.comfort_noise(12)
        onset = scene.media_ms
        await scene.tone(440, 0.6)
        await scene.silence(2)
        (heard,) = scene.of(Transcribed)
        assert onset - 460 <= heard.start_ms <= onset
        (job,) = scene.stt.jobs
        assert len(job.audio) / 32_000 < 0.46 + 0.6 + 0.5 + 0.05


@virtually
async def test_push_to_talk_ends_an_utterance_at_once() -> None:
    async with Scene(settings=FINALS_ONLY) as scene:
        scene.interpreter.end_utterance()
        await scene.tone(440, 0.6)
        scene.interpreter.end_utterance()
        scene.interpreter.end_utterance()
        await scene.silence(0.1)  # the microphone is closed
        assert scene.finals == ["tone 440"]
        await scene.unsent(2)
        assert scene.outcomes == [SPOKEN]
        assert scene.of(UtteranceEnded)[0].latency.endpoint_ms == pytest.approx(100, abs=1)


@virtually
async def test_a_speech_without_pause_is_cut_and_no_moment_of_it_is_lost() -> None:
    settings = replace(FINALS_ONLY, endpointing=EndpointingOptions(longest_ms=3000, pressed_ms=2000))
    async with Scene(settings=settings) as scene:
        await scene.tone(440, 10)
        await scene.silence(6)
        assert scene.outcomes == [SPOKEN] * len(scene.finals) and len(scene.finals) == 4
        heard = sum(len(job.audio) for job in scene.stt.jobs) / 32_000
        assert heard == pytest.approx(10 + 0.5, abs=0.05)


# the end of a call


@virtually
async def test_finish_lets_what_was_said_be_heard_and_hears_nothing_more() -> None:
    async with Scene(tts=ScriptedSynthesizer(seconds=2.0), settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.6)
        async with asyncio.timeout(5):
            await scene.interpreter.finish()
        assert scene.outcomes == [SPOKEN]
        assert len(scene.ears[0].heard) == 1
        await scene.tone(600, 1)
        await scene.silence(1)
        assert scene.finals == ["tone 440"]


@virtually
async def test_finish_lets_the_speaker_end_the_sentence() -> None:
    async with Scene(settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.6)
        finishing = asyncio.ensure_future(scene.interpreter.finish(patience_s=3))
        await scene.tone(440, 1.0)
        await scene.silence(0.6)
        await scene.tone(600, 1.0)
        await finishing
        (job,) = scene.stt.jobs
        assert len(job.audio) / 32_000 == pytest.approx(0.6 + 1.0 + 0.5, abs=0.05)
        assert scene.finals == ["tone 440"] and scene.outcomes == [SPOKEN]


@virtually
async def test_finish_does_not_wait_for_ever_for_a_speaker() -> None:
    async with Scene(settings=FINALS_ONLY) as scene:
        await scene.tone(440, 0.6)
        finishing = asyncio.ensure_future(scene.interpreter.finish(patience_s=1.5))
        await scene.tone(440, 2.0)
        await scene.silence(1.5)
        assert finishing.done() and scene.outcomes == [SPOKEN]
        (job,) = scene.stt.jobs
        assert len(job.audio) / 32_000 == pytest.approx(0.6 + 1.5, abs=0.05)


@virtually
async def test_finish_with_nothing_said_is_at_once() -> None:
    async with Scene() as scene:
        await scene.silence(1)
        async with asyncio.timeout(0.1):
            await scene.interpreter.finish()


@virtually
async def test_nobody_to_hear_it() -> None:
    async with Scene(ears=[]) as scene:
        await scene.tone(440, 0.6)
        await scene.silence(2)
        assert scene.finals == ["tone 440"] and scene.outcomes == []
        scene.interpreter.hear(Frame(scene.media_ms))


@virtually
async def test_ids_sort_in_speaking_order_whatever_the_clock_says() -> None:
    async with Scene(ears=[]) as scene:
        for at in (9000, 9000, 500, 12_000):
            scene.interpreter.say("x", at)
        await scene.silence(0.2)
        ids = [e.utterance for e in scene.of(UtteranceStarted)]
        assert ids == sorted(set(ids)) and all(name.endswith("-ann") for name in ids)
        assert scene.of(ProcessingEnded) == []
