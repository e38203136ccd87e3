"""The judge of the latency bench is judged: what it says of calls whose every time and word is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench import weights
from bench.latency import figures, judging, received_audio, subtitle_messages
from bench.latency.judging import JudgedTurn
from bench.latency.whole_files import through_opus
from bench.talk import engine_entry_points, sound_script, tone_language
from bench.talk.alignment import Segment
from bench.talk.scripted_engines import Phrasebook, TrueSizeRecogniser, TrueSizeTranslator
from bench.talk.server_process import dealt
from bench.talk.timed_receiver import TimedReceiver
from clients.sound.opus import Encoder
from clients.webrtc.rtp import Packet
from pipeline.engines.voices.espeak import Espeak
from pipeline.speech import SAMPLE_RATE, VOICE_RATE, Synthesize, Transcribe, Translate
from testing import speech_material
from testing.percentiles import percentile
from testing.recordings import Samples
from testing.spoken_turns import RATE, Clause, Turn, hesitating, turn

FIRST, SECOND = "Where is the bank?", "The train leaves at five."
BEGAN = 100.0
INFINITE = float("inf")


def toned(*texts: str) -> Turn:
    """A turn in English whose translation are tone_language."""
    clauses = [Clause(text, tone_language.translation(text)) for text in texts]
    return turn("known", "en", "en-us", clauses, pauses=[250] * (len(texts) - 1))


class Call:
    """Return pieces of speech at known times, as a listener gets them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sound = np.zeros(60 * SAMPLE_RATE, np.int16)
        self._arrivals: list[float] = []

    def say(self, text: str, at: float) -> float:
        """Let the interpreter say this, heard from `at` on; returns when it is over."""
        spoken = np.frombuffer(tone_language.speech(text), np.int16)
        places = np.arange(int(len(spoken) * SAMPLE_RATE / VOICE_RATE)) * VOICE_RATE / SAMPLE_RATE
        pcm = np.interp(places, np.arange(len(spoken)), spoken).astype(np.int16)
        first = round((at - BEGAN) * SAMPLE_RATE)
        self._sound[first : first + len(pcm)] = pcm
        seconds = len(pcm) / SAMPLE_RATE
        self._arrivals += [at + slot * 0.02 for slot in range(int(seconds * 50))]
        return at + seconds

    def judge(self, said: Turn, segments: list[Segment]) -> JudgedTurn:
        file = self._folder / "heard.npy"
        np.save(file, self._sound)
        heard: dict[str, Any] = {"zero": BEGAN, "file": str(file), "arrivals": sorted(self._arrivals)}
        ear = received_audio.ReceivedAudio(heard, "es", tone_language.ToneRecogniser(), espeak=False)
        return judging.judge(said, BEGAN, BEGAN + 50, segments, heard, ear)


def announced(at: float, *texts: str) -> Segment:
    return Segment(at, " ".join(texts), " ".join(tone_language.translation(text) for text in texts))


def test_a_clause_is_as_late_as_its_first_sound_at_the_ear(tmp_path: Path) -> None:
    said, call = toned(FIRST), Call(tmp_path)
    call.say(tone_language.translation(FIRST), BEGAN + said.end + 0.640)
    judged = call.judge(said, [announced(BEGAN + said.end + 0.635, FIRST)])
    assert judged.clauses[0].right and judged.clauses[0].exact
    assert judged.clauses[0].span == pytest.approx(0.640, abs=0.001)
    assert figures.figures([judged])["endToFirstMs"]["p50"] == pytest.approx(640, abs=1)


def test_wrong_words_and_silence_are_infinitely_late(tmp_path: Path) -> None:
    said, call = toned(FIRST), Call(tmp_path)
    call.say(tone_language.translation(SECOND), BEGAN + 2)
    wrong = call.judge(said, [announced(BEGAN + 2, FIRST)])
    assert wrong.clauses[0].span == INFINITE
    assert wrong.clauses[0].any_span < INFINITE
    silent = Call(tmp_path).judge(said, [announced(BEGAN + 2, FIRST)])
    nothing = Call(tmp_path).judge(said, [])
    assert silent.clauses[0].any_span == nothing.clauses[0].any_span == INFINITE
    found = figures.figures([wrong, silent, nothing])["endToFirstMs"]
    assert found == {"p50": None, "p95": None, "p99": None, "count": 3, "infinite": 3}


def test_each_clause_has_its_own_segment(tmp_path: Path) -> None:
    said, call = toned(FIRST, SECOND), Call(tmp_path)
    over = call.say(tone_language.translation(FIRST), BEGAN + 2.0)
    call.say(tone_language.translation(SECOND), over + 0.5)
    judged = call.judge(said, [announced(BEGAN + 1.99, FIRST), announced(over + 0.49, SECOND)])
    assert [one.ear_start for one in judged.clauses] == [pytest.approx(BEGAN + 2.0), pytest.approx(over + 0.5)]
    assert all(one.right for one in judged.clauses)
    assert judged.first_heard == pytest.approx(BEGAN + 2.0)


def test_a_clause_within_a_segment_begins_after_the_words_before_it(tmp_path: Path) -> None:
    said, call = toned(FIRST, SECOND), Call(tmp_path)
    both = f"{tone_language.translation(FIRST)} {tone_language.translation(SECOND)}"
    call.say(both, BEGAN + 5.0)
    judged = call.judge(said, [announced(BEGAN + 5.0, FIRST, SECOND)])
    one_word = tone_language.WORD_S + tone_language.GAP_S
    assert judged.clauses[0].ear_start == pytest.approx(BEGAN + 5.0)
    assert judged.clauses[1].ear_start == pytest.approx(BEGAN + 5.0 + 4 * one_word, abs=0.03)
    assert all(one.right for one in judged.clauses)


def test_a_clause_that_is_left_out_fails_alone(tmp_path: Path) -> None:
    said, call = toned(FIRST, SECOND), Call(tmp_path)
    call.say(tone_language.translation(SECOND), BEGAN + 5.0)
    judged = call.judge(said, [announced(BEGAN + 5.0, SECOND)])
    assert [one.right for one in judged.clauses] == [False, True]


def test_a_segment_that_was_not_understood_is_placed_by_its_time(tmp_path: Path) -> None:
    said, call = toned(FIRST, SECOND), Call(tmp_path)
    call.say("400 425 450 475", BEGAN + 6.0)
    known = Segment(BEGAN + 6.0, "gibberish", "400 425 450 475", since=BEGAN, until=BEGAN + said.end)
    judged = call.judge(said, [known])
    assert judged.clauses[0].any_span == pytest.approx(6.0 - said.said[0].end, abs=0.001)
    assert judged.clauses[1].ear_start is not None and judged.clauses[1].ear_start > BEGAN + 6.2
    assert not any(one.right for one in judged.clauses)


def test_stretches_of_sound_lie_between_silences() -> None:
    sound = np.zeros(2 * SAMPLE_RATE, np.float32)
    for first, last in ((0.2, 0.5), (0.6, 0.9), (1.2, 1.6)):
        sound[round(first * SAMPLE_RATE) : round(last * SAMPLE_RATE)] = 0.1
    found = [edge / SAMPLE_RATE for stretch in received_audio.stretches(sound) for edge in stretch]
    assert found == pytest.approx([0.2, 0.9, 1.2, 1.6])
    assert received_audio.stretches(np.zeros(0, np.float32)) == []


class Deaf:
    def words_in(self, _sound: Samples, _language: str) -> str:
        return ""


def test_a_voice_too_fast_for_the_recogniser_is_known_by_its_sound(tmp_path: Path) -> None:
    text = "El tren sale a las cinco."
    spoken_at = np.frombuffer(Espeak().synthesize([Synthesize(text, "es", rate=1.31)])[0].pcm, np.int16)
    at = np.arange(int(len(spoken_at) * SAMPLE_RATE / VOICE_RATE)) * VOICE_RATE / SAMPLE_RATE
    fast = np.interp(at, np.arange(len(spoken_at)), spoken_at)
    file = tmp_path / "heard.npy"
    np.save(file, np.concatenate([np.zeros(SAMPLE_RATE), fast, np.zeros(SAMPLE_RATE)]).astype(np.int16))
    ear = received_audio.ReceivedAudio({"zero": 10.0, "file": str(file)}, "es", Deaf())
    end = 11.0 + len(fast) / SAMPLE_RATE
    assert ear.says(text, 11.0, end)
    assert not ear.says("El tren sale a las nueve.", 11.0, end)
    assert not ear.says(text, 11.0, end - 0.6), "it was broken off"


def test_percentiles_are_of_the_nearest_rank_and_know_infinity() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99)] == [50, 95, 99]
    assert percentile([1.0, INFINITE, INFINITE], 0.5) == INFINITE
    assert percentile([], 0.5) is None
    assert figures.spread([0.1, 0.2, None])["p50"] == 200
    assert figures.spread([0.1, 0.2, None])["p95"] is None


def test_stream_laal_of_an_interpreter_who_is_always_a_second_late_is_a_second() -> None:
    assert figures.stream_laal([1, 2, 3, 4], 4.0, 4) == pytest.approx(1.0)
    assert figures.stream_laal([4, 4, 4, 4], 4.0, 4) == pytest.approx(4.0), "all after the end: only the first counts"
    assert figures.stream_laal([0, 1, 2, 3], 4.0, 4) == pytest.approx(0.0)
    # Twice as many words as the reference don't make it look faster: the ideal one says them twice as fast.
    assert figures.stream_laal([1, 1.5, 2, 2.5, 3, 3.5], 3.0, 3) == pytest.approx(1.0)
    assert figures.stream_laal([], 4.0, 4) is None


def message(kind: str, at: float, utterance: str = "u1", **more: Any) -> dict[str, Any]:
    return {"type": kind, "arrived": at, "utteranceId": utterance, "sourceUserId": "ana", "final": False, **more}


def test_segments_are_what_was_announced_as_spoken_with_their_last_texts() -> None:
    told = [
        message("transcription", 1.0, text="Where"),
        message("translation", 1.1, segment=0, originalText="Where", translatedText="Dónde"),
        message("translation", 1.2, segment=0, originalText="Where is it?", translatedText="¿Dónde está?", final=True),
        message("translation", 1.3, segment=1, originalText=" Here.", translatedText="Aquí.", final=True),
        message("speech_audio", 1.4, segment=0, state="start"),
        message("speech_audio", 1.9, segment=0, state="end"),
        message("speech_audio", 2.0, segment=1, state="skipped"),
        message("transcription", 2.1, text="Where is it? Here.", final=True),
        message("utterance_end", 2.2, outcome="spoken", latency={}),
        message("utterance_end", 2.3, "u2", outcome="nothing_said", latency={}),
    ]
    assert [(one.announced, one.source, one.translation) for one in subtitle_messages.segments(told)] == [
        (1.4, "Where is it?", "¿Dónde está?")
    ]
    assert subtitle_messages.first_partial(told) == 1.0
    assert subtitle_messages.transcript(told) == "Where is it? Here."
    assert subtitle_messages.utterances(told) == 1, "noise is no utterance"


def test_an_utterance_belongs_to_the_turn_in_which_it_was_first_heard_of() -> None:
    told = [
        message("processing_start", 1.0, "u1"),
        message("processing_start", 5.0, "u2"),
        message("utterance_end", 5.1, "u1", outcome="spoken"),
        message("utterance_end", 7.0, "u2", outcome="spoken"),
        message("utterance_end", 7.1, "u3", outcome="spoken") | {"sourceUserId": "ben"},
    ]
    assert [one["arrived"] for one in subtitle_messages.of_turn(told, "ana", 0.5, 4.5)] == [1.0, 5.1]
    assert [one["arrived"] for one in subtitle_messages.of_turn(told, "ana", 4.5, INFINITE)] == [5.0, 7.0]


def test_normalised_erasure_counts_the_words_that_were_taken_back() -> None:
    texts = ["I", "I want", "I went to", "I went to the bank"]
    told = [message("transcription", number, text=text) for number, text in enumerate(texts)]
    assert subtitle_messages.revisions(told, "transcription") == (1, 5)
    assert subtitle_messages.revisions(told, "translation") == (0, 0)


def test_pauses_and_mouth_times_are_exact() -> None:
    said = toned(FIRST, SECOND)
    assert said.said[1].start - said.said[0].end == pytest.approx(0.25)
    pause = said.audio[round(said.said[0].end * RATE) : round(said.said[1].start * RATE)]
    assert np.abs(pause).max() < 60 < 327 <= abs(int(said.audio[round(said.said[0].end * RATE) - 1])) + 60
    assert said.words[0].end < said.words[3].end == pytest.approx(said.said[0].end)
    halting = hesitating("h", "en", "en-us", Clause(FIRST, "x"), after=2, pause_ms=700, lead_ms=80)
    assert halting.said[0].start == pytest.approx(0.08)
    assert halting.words[2].start - halting.words[1].end == pytest.approx(0.7)


def test_the_material_is_what_it_says() -> None:
    for language in speech_material.LANGUAGES:
        assert len(speech_material.phrases(language)) >= 100
    turns = speech_material.long_turns(4)
    assert [one.language for one in turns] == ["en", "en", "es", "es"]
    assert all(10 <= one.end <= 32 and 4 <= len(one.said) <= 8 for one in turns)
    assert all(120 <= pause <= 350 for one in turns for pause in one.pauses)
    halting = speech_material.hesitations(20)
    assert all(150 <= one.pauses[0] <= 900 and 0 <= one.said[0].start <= 0.3 for one in halting)
    hands = dealt(turns, 4)
    assert len(hands) == 4 and all(len({one.language for one in hand}) == 1 for hand in hands)


def heard_by_server(said: Turn) -> bytes:
    pcm: bytes = (np.clip(through_opus(said), -1, 1) * 32767).astype(np.int16).tobytes()
    return pcm


def test_the_script_knows_the_words_that_have_been_said_and_no_others(tmp_path: Path) -> None:
    turns = [toned(FIRST, SECOND), replace(toned("I need a towel, please."), name="other")]
    sound_script.write(tmp_path, turns)
    known = sound_script.Script(tmp_path, "en")
    audio = heard_by_server(turns[0])
    for until in (0.7, 1.0, turns[0].end + 0.05, len(audio) / 2 / SAMPLE_RATE):
        cut = audio[: round(until * SAMPLE_RATE) * 2]
        expected = [one.text for one in turns[0].words if one.end <= until]
        got = [one.text for one in known.words(cut)]
        assert abs(len(got) - len(expected)) <= 1 and got == [one.text for one in turns[0].words][: len(got)]
    since = turns[0].said[1].start - 0.1
    later = known.words(audio[round(since * SAMPLE_RATE) * 2 :])
    assert " ".join(one.text for one in later) == SECOND
    assert later[0].start_ms == pytest.approx(100, abs=15)
    assert [one.text for one in known.words(heard_by_server(turns[1]))] == ["I", "need", "a", "towel,", "please."]


def test_the_script_tells_turns_apart_that_share_a_sentence(tmp_path: Path) -> None:
    turns = [toned(FIRST, SECOND), replace(toned(FIRST, "I need a towel, please."), name="other")]
    sound_script.write(tmp_path, turns)
    known = sound_script.Script(tmp_path, "en")
    one, other = map(heard_by_server, turns)
    for sound, text in ((one, SECOND), (other, "I need a towel, please."), (one, SECOND)):
        shared = sound[: round(turns[0].said[0].end * SAMPLE_RATE) * 2]
        assert " ".join(word.text for word in known.words(shared)) == FIRST
        assert " ".join(word.text for word in known.words(sound)) == f"{FIRST} {text}"
    both = known.words(one + bytes(3 * SAMPLE_RATE) + other)
    assert " ".join(word.text for word in both) == f"{FIRST} {SECOND} {FIRST} I need a towel, please."
    assert [word.start_ms for word in both] == sorted(word.start_ms for word in both)


def test_the_script_knows_no_words_in_noise_and_in_what_it_does_not_hold(tmp_path: Path) -> None:
    sound_script.write(tmp_path, [toned(FIRST)])
    known = sound_script.Script(tmp_path, "en")
    assert known.words(np.random.default_rng(1).normal(0, 20, 32_000).astype(np.int16).tobytes()) == []
    assert known.words(np.random.default_rng(1).normal(0, 3000, 32_000).astype(np.int16).tobytes()) == []
    assert known.words(heard_by_server(toned("Someone stole my credit card."))) == []


def test_parts_of_a_sentence_become_parts_of_its_translation() -> None:
    book = Phrasebook([(FIRST, "¿Dónde está el banco?"), (SECOND, "El tren sale a las cinco.")])
    assert book.translation(f"{FIRST} {SECOND}") == "¿Dónde está el banco? El tren sale a las cinco."
    assert f"{book.translation('The train')} {book.translation('leaves at five.')}" == "El tren sale a las cinco."
    assert book.translation("unheard of") == ""


def test_the_ear_for_tones_understands_its_own_language() -> None:
    text = tone_language.translation("The hotel is next to the bank.")
    spoken_at = np.frombuffer(tone_language.speech(text), np.int16).astype(np.float32) / 32768
    at_rate = np.interp(np.arange(0, len(spoken_at), VOICE_RATE / SAMPLE_RATE), np.arange(len(spoken_at)), spoken_at)
    assert tone_language.ToneRecogniser().words_in(at_rate.astype(np.float32), "es") == text


def test_the_ear_keeps_arrivals_and_places_what_is_off_the_clock(tmp_path: Path) -> None:
    encoder, ear = Encoder(), TimedReceiver()
    tone = (np.sin(2 * np.pi * 440 * np.arange(960) / 48_000) * 8000).astype(np.int16)
    arrivals = [10 + number * 0.02 for number in range(20)] + [14 + number * 0.02 for number in range(20)]
    for number, arrival in enumerate(arrivals):  # the second run's timestamps go on as if no time had passed
        ear.receive(Packet(7, number, number * 960, False, encoder.encode(tone)), arrival)
    kept = ear.save(tmp_path / "heard.npy")
    assert kept["arrivals"][0] == pytest.approx(10.0, abs=0.021) and len(kept["arrivals"]) >= 38
    sound = np.abs(np.load(tmp_path / "heard.npy").astype(np.int32))
    assert sound[: SAMPLE_RATE // 5].max() > 4000 and sound[4 * SAMPLE_RATE + 800 :].max() > 4000
    assert sound[SAMPLE_RATE // 2 : 4 * SAMPLE_RATE - 800].max() == 0


def test_engines_of_true_size_compute_and_say_the_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_entry_points, "FOLDER", tmp_path)
    said = turn("known", "en", "en-us", [Clause(FIRST, "¿Dónde está el banco?")], pauses=[])
    folder = str(engine_entry_points.write("script", [said]))
    ear = TrueSizeRecogniser(folder, str(weights.whisper("base", tmp_path / "whisper", tiny=True)))
    ear.warm_up()
    (heard,) = ear.transcribe([Transcribe(heard_by_server(said), "en")])
    assert heard.text == FIRST
    translator = TrueSizeTranslator(folder, str(weights.opus(tmp_path / "opus", tiny=True)))
    translator.warm_up()
    (told,) = translator.translate([Translate(heard.text, "en", "es")])
    assert told.text == "¿Dónde está el banco?"
