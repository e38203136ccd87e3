"""Interpreting while they speak, on a virtual clock: what is settled, spoken and taken back, and when.

The recogniser hears words honestly (`words`): those of the window as it was cut, and none that were not said yet.
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from pipeline.events import (
    LoadChanged,
    Outcome,
    Speculated,
    SpeechPlayed,
    Transcribed,
    Translated,
    UtteranceEnded,
    UtteranceStarted,
)
from pipeline.hearing.endpointer import EndpointingOptions
from pipeline.interpreter import InterpreterOptions
from pipeline.recognition.passes import RecognitionOptions
from pipeline.speech import Transcribe, Transcript, Word
from testing.virtual_clock import virtually
from tests.kit.interpreter_scene import Scene
from tests.kit.speaking_scene import Live
from tests.kit.virtual_listener import Ear
from tests.kit.word_audio import Recogniser, Script, Translating, Voice, plain

SOFT_END = EndpointingOptions().soft_end_ms
LATE = EndpointingOptions().late_ms
HANGOVER = EndpointingOptions().hangover_ms
PATIENT = EndpointingOptions().patient_ms


def uncertain(heard: Transcript, job: Transcribe) -> Transcript:
    return replace(heard, certain=False)


# after a pause of which nobody knows what it was


@virtually
async def test_subtitles_go_on_after_a_pause_of_which_the_engine_is_not_certain() -> None:
    """Perhaps a sentence ended there: until that shows, both parts are heard together, shown and settled."""
    text = "They went home in the rain. Then all of them had some tea. And it was late when they left."
    async with Live(verdict=uncertain) as scene:
        await scene.learn()
        await scene.speak("I am here.")
        await scene.silence(0.16)
        await scene.speak(text)
        shown = scene.latest(Transcribed)
        assert "some tea" in shown[-1].text
        assert "THEY WENT HOME IN THE RAIN." in scene.heard(), "and what is settled is spoken while more is said"
        await scene.caught_up()
        assert scene.finals[-1] == f"I am here. {text}"


@virtually
async def test_what_is_shown_of_a_doubtful_rest_does_not_keep_it_from_being_heard_with_the_sentence_before() -> None:
    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        whole = heard.text.startswith("I am here.")
        if not heard.text.startswith("and"):
            return replace(heard, certain=whole)
        other = tuple(replace(word, text=word.text.replace("we", "he")) for word in heard.words)
        text = heard.text.replace("we", "he")
        return replace(heard, text=text, words=other, certain=False, confidence=0.6)

    async with Live(verdict=verdict) as scene:
        await scene.learn()
        await scene.speak("I am here.")
        await scene.silence(0.4)
        assert scene.translations[1:] == ["I AM HERE."]
        await scene.speak("and there we all had tea.")
        assert any("he all" in event.text for event in scene.latest(Transcribed)), "it is shown meanwhile"
        await scene.caught_up()
        assert scene.finals[-1] == "I am here. and there we all had tea."
        assert plain(scene.heard()) == plain(["I AM HERE.", "AND THERE WE ALL HAD TEA."])


@virtually
async def test_clauses_of_a_doubtful_rest_are_settled_while_the_speaker_goes_on() -> None:
    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        return replace(heard, certain="I am here." in heard.text)

    text = "Then all of them had some tea. And it was late when they left the house."
    async with Live(verdict=verdict) as scene:
        await scene.learn()
        await scene.speak("I am here.")
        await scene.silence(0.4)
        await scene.speak(text)
        assert "THEN ALL OF THEM HAD SOME TEA." in scene.translations
        await scene.caught_up()
        assert scene.finals[-1] == f"I am here. {text}"
        assert plain(scene.heard()) == plain([f"I am here. {text}"])


@virtually
async def test_what_is_not_understood_is_heard_once_more_with_its_pauses_before_it_is_refused() -> None:
    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        return replace(heard, understood=not job.voice)

    async with Live(verdict=verdict) as scene:
        await scene.speak_up("I am here.")
        assert scene.finals == ["I am here."] and scene.outcomes == [("spoken", None)]


# where others need the engine


@virtually
async def test_in_a_crowd_every_second_is_heard_once_and_the_final_comes() -> None:
    async with Live(seconds=lambda audio: 0.4) as scene:
        await scene.learn()
        line = scene._stages.stt

        async def another() -> None:
            while True:
                await line.do(Transcribe(bytes(640), "en"))

        others = [asyncio.ensure_future(another()) for _ in range(6)]
        await scene.silence(0.5)
        before = len(scene.stt.jobs)
        await scene.speak("I am here.")
        await scene.silence(1.4)
        await scene.speak("You are not.")
        await scene.silence(2.1)
        mine = [job for job in scene.stt.jobs[before:] if len(job.audio) > 640]
        assert len(mine) <= 1, "neither interims, nor work in a pause, nor an end after each sentence"
        for other in others:
            other.cancel()
        await scene.caught_up()
        assert scene.finals[1:] == ["I am here. You are not."]
        assert [event.level for event in scene.of(LoadChanged)][:1] == ["busy"]
        await scene.silence(5.0)
        assert scene.of(LoadChanged)[-1].level == "ok"
        await scene.speak("Now we are alone, and all is as it was before.")
        await scene.caught_up()
        assert scene.latest(Transcribed)[-2].final is False, "interims are back"


# the soft end


@virtually
async def test_a_whole_sentence_is_spoken_at_the_soft_end() -> None:
    async with Live() as scene:
        end = await scene.speak("I am here now.")
        await scene.silence(0.3)
        assert scene.heard() == ["I AM HERE NOW."]
        assert scene.since(end) == pytest.approx(SOFT_END, abs=25)
        assert [job.final for job in scene.stt.jobs][-2:] == [True, True], "it came out the same twice"
        assert scene.outcomes == [], "the utterance may still go on"
        await scene.caught_up()
        (over,) = scene.of(UtteranceEnded)
        assert over.outcome is Outcome.SPOKEN
        assert over.latency.endpoint_ms == pytest.approx(SOFT_END, abs=25)
        assert over.latency.first_audio_ms == pytest.approx(SOFT_END, abs=25)
        assert scene.finals == ["I am here now."] and len(scene.ears[0].heard) == 1


@virtually
async def test_two_sentences_are_both_spoken_at_the_soft_end_of_the_second() -> None:
    async with Live() as scene:
        await scene.speak("I am here. You are there.", 200)
        await scene.silence(0.3)
        assert scene.translations == ["I AM HERE.", "YOU ARE THERE."]
        await scene.caught_up()
        assert scene.heard() == ["I AM HERE.", "YOU ARE THERE."] and len(scene.outcomes) == 1


@virtually
async def test_a_sentence_that_comes_out_differently_the_second_time_waits_for_the_end() -> None:
    passes = 0

    def restless(words: list[Word], job: Transcribe) -> list[Word]:
        nonlocal passes
        passes += 1
        return [replace(words[0], text=f" Word{passes}"), *words[1:]] if words else words

    async with Live(noise=restless) as scene:
        end = await scene.speak("I am here now.")
        await scene.caught_up()
        assert len(scene.heard()) == 1 and scene.since(end) >= HANGOVER - 25
        assert len([job for job in scene.stt.jobs if job.final]) == 2, "no third pass: the last one counts"


@virtually
async def test_a_sentence_of_which_the_engine_is_not_certain_is_trusted_later() -> None:
    async with Live(verdict=uncertain) as scene:
        await scene.learn()
        end = await scene.speak("I am here now.")
        await scene.caught_up()
        assert scene.since(end) == pytest.approx(LATE, abs=25)


@virtually
async def test_what_is_no_sentence_waits_for_the_end() -> None:
    """An engine that has marked no sentence's end in three utterances is one that writes no marks."""
    async with Live() as scene:
        for number in range(4):
            end = await scene.speak("I am here now")
            await scene.caught_up()
            waited = HANGOVER if number == 3 else PATIENT
            assert scene.since(end, number) == pytest.approx(waited, abs=25)


@virtually
async def test_what_is_no_sentence_waits_longer_for_an_engine_that_punctuates() -> None:
    async with Live() as scene:
        await scene.learn()
        end = await scene.speak("I am here")
        await scene.caught_up()
        assert scene.since(end) == pytest.approx(PATIENT, abs=25)
        assert scene.finals[-1] == "I am here"


@virtually
async def test_slow_recognition_delays_the_soft_end_and_nothing_is_lost() -> None:
    async with Live(seconds=lambda audio: 0.3) as scene:
        end = await scene.speak("I am here now. And you?")
        while len(scene.translations) < 2:
            await scene.silence(0.02)
        assert asyncio.get_running_loop().time() - end <= 0.3 + 0.1 + 0.3 + 0.3 + 0.1, "an interim, and two passes"
        await scene.caught_up()
        assert plain(scene.heard()) == plain(["I am here now. And you?"])


# a pause that is reopened


@pytest.mark.parametrize("pause_ms", [120, 200, 300, 400])
@virtually
async def test_a_pause_within_a_sentence_does_not_cut_it(pause_ms: int) -> None:
    async with Live() as scene:
        await scene.speak("When it rains we all stay home.", pauses_ms={2: pause_ms})
        await scene.caught_up()
        assert scene.translations == ["WHEN IT RAINS WE ALL STAY HOME."]
        assert scene.finals == ["When it rains we all stay home."] and len(scene.heard()) == 1


@pytest.mark.parametrize("pause_ms", [600, 900])
@virtually
async def test_nor_does_a_longer_one_once_the_engine_is_known_to_punctuate(pause_ms: int) -> None:
    async with Live() as scene:
        await scene.learn()
        await scene.speak("When it rains we all stay home.", pauses_ms={2: pause_ms})
        await scene.caught_up()
        assert [event.text for event in scene.latest(Translated)] == ["WHEN IT RAINS WE ALL STAY HOME."]
        assert len(scene.latest(UtteranceEnded)) == 1


@pytest.mark.parametrize("pause_ms", [160, 400, 800, 1000])
@virtually
async def test_sentences_of_one_utterance_are_told_in_order_whatever_pause_parts_them(pause_ms: int) -> None:
    async with Live() as scene:
        await scene.learn()
        await scene.speak("We went home early. Then we slept well. It was late.", pauses_ms={3: pause_ms, 7: pause_ms})
        await scene.caught_up()
        assert plain(scene.heard()) == plain(["We went home early. Then we slept well. It was late."])
        assert [event.text for event in scene.latest(Translated)] == [
            "WE WENT HOME EARLY.",
            "THEN WE SLEPT WELL.",
            "IT WAS LATE.",
        ]
        assert scene.finals[-1] == "We went home early. Then we slept well. It was late."


@pytest.mark.parametrize("pause_ms", [300, 600, 1000])
@virtually
async def test_a_stop_that_was_none_costs_a_cut_and_no_word(pause_ms: int) -> None:
    """The engine takes a breath for the end of a sentence: it is spoken, and not taken back."""
    async with Live(stops=[4]) as scene:  # learn's two words, then the third of these
        await scene.learn()
        await scene.speak("We went home with all of them.", pauses_ms={2: pause_ms})
        await scene.caught_up()
        assert plain(scene.heard()) == plain(["We went home with all of them."])
        assert scene.finals[-1] == "We went home. with all of them."


@virtually
async def test_a_stop_of_which_the_engine_is_certain_is_none_if_a_pass_goes_on_over_it() -> None:
    async with Live(stops=[2]) as scene:
        await scene.speak("We went home with all of them.", pauses_ms={2: 160})
        await scene.caught_up()
        assert scene.finals == ["We went home with all of them."]
        assert scene.heard() == ["WE WENT HOME WITH ALL OF THEM."]


@virtually
async def test_a_stop_that_was_none_is_forgotten_if_speech_goes_on_before_the_soft_end() -> None:
    async with Live(stops=[2], verdict=uncertain) as scene:
        await scene.speak("We went home with all of them.", pauses_ms={2: 160})
        await scene.caught_up()
        assert scene.finals == ["We went home with all of them."]
        assert scene.heard() == ["WE WENT HOME WITH ALL OF THEM."]


@virtually
async def test_what_follows_a_settled_sentence_and_is_not_understood_alone_is_heard_with_it() -> None:
    """“We went home” was settled; “all” alone is doubtful, and the whole is not."""

    def alone_doubtful(heard: Transcript, job: Transcribe) -> Transcript:
        few = len(heard.words) < 3
        return replace(heard, certain=not few, confidence=0.3 if few else 0.9, understood=not few or not job.final)

    async with Live(stops=[2], verdict=alone_doubtful) as scene:
        await scene.speak("We went home all alone.", pauses_ms={2: 400})
        await scene.caught_up()
        assert scene.finals == ["We went home. all alone."]
        assert scene.heard() == ["WE WENT HOME.", "ALL ALONE."]


# while the speaker goes on


LONG = (
    "When it rains a lot, we all stay at home and read. Then the sun comes out at last, "
    "and everyone goes down to the river. That is how it has always been here."
)


@virtually
async def test_clauses_are_settled_and_spoken_while_the_speaker_goes_on() -> None:
    async with Live() as scene:
        words = scene.script.write(LONG, 300)
        await scene.say(words)
        assert len(scene.translations) >= 3, "before the speaker has even paused"
        assert len(scene.ears[0].started_at) >= 2
        await scene.caught_up()
        assert plain(scene.heard()) == plain([LONG]) and scene.finals == [LONG]
        assert len(scene.outcomes) == 1
        clause_end = scene.said_at[[word.text for word in words].index("lot,")]
        assert scene.since(clause_end) <= 3 * 300 + 2 * 300 + 100, "lookahead, and two passes that agree"


@virtually
async def test_subtitles_grow_and_what_is_stable_is_what_was_given_away() -> None:
    async with Live() as scene:
        await scene.speak(LONG)
        await scene.caught_up()
        texts = scene.of(Transcribed)
        assert len(texts) > 20
        stable = [text.text[: text.stable_length] for text in texts]
        assert len(set(stable)) > 3
        assert texts[0].text.startswith("When"), "something is shown soon"


@virtually
async def test_speech_without_marks_is_cut_and_heard() -> None:
    text = " ".join(f"word{n}" for n in range(50))
    async with Live() as scene:
        await scene.speak(text, 300)
        assert scene.ears[0].started_at, "before the end"
        await scene.caught_up()
        assert plain(scene.heard()) == plain([text]) and scene.finals == [text]


@virtually
async def test_a_window_of_speech_without_end_stays_short() -> None:
    async with Live() as scene:
        await scene.speak(" ".join(f"{LONG} " for _ in range(4)))
        longest = max(len(job.audio) for job in scene.stt.jobs) / 32_000
        assert longest <= 14, f"{longest} s"
        await scene.caught_up()
        assert plain(scene.finals) == plain([LONG] * 4)
        assert plain(scene.heard()) == plain([LONG] * 4)


@virtually
async def test_chinese_has_no_spaces_and_is_interpreted_while_it_is_said() -> None:
    text = "如果明天下雨，我们就留在家里看书。然后太阳出来了，大家都去河边散步。这里一直都是这样的。"
    mt = Translating(pairs=[("zh", "es")])
    async with Live(language="zh", mt=mt) as scene:
        await scene.speak(text, 240)
        assert len(scene.translations) >= 2
        await scene.caught_up()
        assert scene.finals == [text] and "".join(scene.translations) == text


@virtually
async def test_noise_in_the_last_words_of_interims_is_never_spoken() -> None:
    passes = 0

    def young_noise(words: list[Word], job: Transcribe) -> list[Word]:
        nonlocal passes
        passes += 1
        young = len(job.audio) / 32 - 700
        if job.final:
            return words
        return [replace(w, text=f" Err{passes}.") if w.end_ms > young else w for w in words]

    async with Live(noise=young_noise) as scene:
        await scene.speak(LONG)
        await scene.caught_up()
        assert scene.finals == [LONG] and plain(scene.heard()) == plain([LONG])
        assert any("Err" in text.text for text in scene.of(Transcribed)), "it was shown, and taken back"


# ahead of time


@virtually
async def test_what_was_made_ready_ahead_is_spoken_sooner_and_the_hit_is_told() -> None:
    async with Live(mt_s=0.15, tts_s=0.1) as scene:
        end = await scene.speak("I am here now.")
        await scene.caught_up()
        assert scene.since(end) == pytest.approx(100 + 150 + 100, abs=40), "it began with the pause"
        assert [event.hit for event in scene.of(Speculated)] == [True]
        assert len(scene.mt.jobs) == len(scene.tts.jobs) == 1, "and nothing was done twice"


@virtually
async def test_a_guess_that_is_quick_is_there_before_it_may_be_spoken() -> None:
    async with Live(mt_s=0.05, tts_s=0.05) as scene:
        end = await scene.speak("I am here now.")
        await scene.caught_up()
        assert scene.since(end) == pytest.approx(SOFT_END, abs=25)


@virtually
async def test_a_guess_that_missed_is_told_and_never_heard() -> None:
    async with Live(stops=[2], verdict=uncertain) as scene:
        await scene.speak("We went home with all of them.", pauses_ms={2: 200})
        await scene.caught_up()
        assert "WE WENT HOME." in scene.voice.texts, "it was made ready in the pause"
        assert scene.heard() == ["WE WENT HOME WITH ALL OF THEM."]
        assert scene.translations == ["WE WENT HOME WITH ALL OF THEM."]
        assert not next(event.hit for event in scene.of(Speculated))


@virtually
async def test_a_guess_of_nothing_is_told_to_have_missed() -> None:
    """The pause's words are not understood in the end: what was made ready for them is heard by nobody."""

    def second_thoughts(heard: Transcript, job: Transcribe) -> Transcript:
        later = len(scene.stt.jobs) > 1 and job.final and sum(j.final for j in scene.stt.jobs) > 1
        return replace(heard, understood=False) if later else heard

    async with Live(verdict=second_thoughts) as scene:
        await scene.speak("I am here now.")
        await scene.caught_up()
        assert scene.heard() == [] and scene.translations == []
        assert scene.outcomes == [("refused", "not_understood")]
        assert [event.hit for event in scene.of(Speculated)] == [False]


# push-to-talk


@virtually
async def test_push_to_talk_ends_it_at_once() -> None:
    async with Live() as scene:
        end = await scene.speak("I am here")
        scene.interpreter.end_utterance()
        await scene.silence(1.0)
        assert scene.heard() == ["I AM HERE"] and scene.since(end) <= 125
        await scene.silence(1.0)
        assert scene.outcomes == [("spoken", None)]


@virtually
async def test_push_to_talk_after_the_soft_end_adds_nothing() -> None:
    async with Live() as scene:
        await scene.speak("I am here now.")
        await scene.silence(0.4)
        scene.interpreter.end_utterance()
        await scene.unsent(2.0)
        assert scene.heard() == ["I AM HERE NOW."] and scene.outcomes == [("spoken", None)]
        assert scene.finals == ["I am here now."]


@virtually
async def test_what_is_said_after_push_to_talk_is_another_utterance() -> None:
    async with Live() as scene:
        await scene.speak("I am here.")
        scene.interpreter.end_utterance()
        await scene.silence(0.12)  # the button is pressed again
        await scene.speak("You are there.")
        await scene.caught_up()
        assert len(scene.of(UtteranceStarted)) == len(scene.outcomes) == 2
        assert plain(scene.heard()) == plain(["I am here. You are there."])


# both at once


def duet(**bobs: Any) -> tuple[Live, Live]:
    ann = Live()
    bob = Live(speaker="bob", language="es", ears=[Ear("ann", "en")], **bobs)
    ann.partner, bob.partner = bob, ann
    return ann, bob


@virtually
async def test_both_speak_at_once_and_both_are_interpreted() -> None:
    one, other = duet()
    async with one as ann, other as bob:
        async with asyncio.TaskGroup() as group:
            group.create_task(ann.speak_up(LONG))
            await asyncio.sleep(0.5)
            await bob.speak("Espera un poco por favor. No te oigo bien, habla más alto.")
            await bob.caught_up()
        assert plain(ann.heard()) == plain([LONG])
        assert plain(bob.heard()) == plain(["Espera un poco por favor. No te oigo bien, habla más alto."])
        assert {outcome for outcome, _ in ann.outcomes + bob.outcomes} == {"spoken"}


@virtually
async def test_an_interpreter_does_not_interpret_itself() -> None:
    """Bob has a loudspeaker: what he is played comes back through his microphone, 0.3 s later."""
    one, other = duet()
    async with one as ann, other as bob:
        async with asyncio.TaskGroup() as group:
            words = "We meet tomorrow at eight in the station."
            group.create_task(ann.speak_up(words))
            while not ann.ears[0].started_at:
                await bob.silence(0.02)
            await bob.silence(0.3)
            await bob.speak(words.upper(), 300)
            await bob.caught_up()
        assert bob.outcomes == [("refused", "echo")]
        assert bob.heard() == [] and bob.translations == [] and bob.finals in ([], [""])
        assert ann.outcomes == [("spoken", None)]


@virtually
async def test_a_partner_who_repeats_it_later_is_interpreted() -> None:
    one, other = duet()
    async with one as ann, other as bob:
        words = "We meet tomorrow at eight in the station."
        await ann.speak(words)
        await ann.caught_up()
        await bob.silence(3.0)
        await bob.speak(words)
        await bob.caught_up()
        assert bob.outcomes == [("spoken", None)] and bob.heard() == [words.upper()]


@virtually
async def test_who_speaks_into_the_playing_is_interpreted_and_it_plays_on() -> None:
    one, other = duet()
    async with one as ann, other as bob:
        async with asyncio.TaskGroup() as group:
            group.create_task(ann.speak_up("We meet tomorrow at eight in the station."))
            while not ann.ears[0].started_at:
                await bob.silence(0.02)
            await bob.silence(0.4)
            await bob.speak("No puedo mañana por la tarde.")
            await bob.caught_up()
        assert bob.heard() == ["NO PUEDO MAÑANA POR LA TARDE."]
        assert ann.outcomes == bob.outcomes == [("spoken", None)]
        assert all(event.state != "skipped" for event in ann.of(SpeechPlayed))


# many ears, and other ends


@virtually
async def test_every_language_ends_once_however_many_clauses_it_had() -> None:
    ears = [Ear("bob", "es"), Ear("cy", "fr"), Ear("dee", "es"), Ear("eve", "en-GB")]
    async with Live(ears=ears, mt=Translating(pairs=[("en", "es"), ("en", "fr")])) as scene:
        await scene.speak(LONG)
        await scene.caught_up()
        ends = {end.target: (end.outcome, end.reason) for end in scene.of(UtteranceEnded)}
        assert ends == {
            "es": (Outcome.SPOKEN, None),
            "fr": (Outcome.SUBTITLES_ONLY, "no_voice"),
            "en-GB": (Outcome.NOT_NEEDED, None),
        }
        assert len(scene.of(UtteranceEnded)) == 3
        assert scene.heard(0) == scene.heard(2) and scene.heard(1) == scene.heard(3) == []


@virtually
async def test_typed_lines_wait_for_the_sentence_that_is_being_said() -> None:
    async with Live() as scene:
        await scene.speak("I am here.")
        scene.interpreter.say("Typed line.", scene.media_ms)
        await scene.speak("And so are you.")
        await scene.caught_up()
        assert len(scene.outcomes) == 2 and scene.heard()[-1] == "TYPED LINE."


@virtually
async def test_passes_that_fail_while_they_speak_cost_nothing() -> None:
    class Interims(Recogniser):
        async def __call__(self, job: Transcribe) -> Transcript:
            if not job.final:
                raise RuntimeError("no interims today")
            return await super().__call__(job)

    script = Script()
    voice = Voice()
    async with Scene(stt=Interims(script), mt=Translating(), tts=voice) as scene:
        words = script.write("I am here now. And you are there.")
        await scene.say(words)
        await scene.caught_up()
        assert [voice.read(speech) for speech in scene.ears[0].heard] == ["I AM HERE NOW.", "AND YOU ARE THERE."]


@virtually
async def test_an_engine_that_fails_in_the_pause_is_told_once_at_the_end() -> None:
    broken = True

    def break_(heard: Transcript, job: Transcribe) -> Transcript:
        if broken and job.final:
            raise RuntimeError("out of order")
        return heard

    async with Live(verdict=break_) as scene:
        await scene.speak("I am here now.")
        await scene.caught_up()
        assert scene.outcomes == [("failed", "stt")]
        broken = False
        await scene.speak("You are there now.")
        await scene.caught_up()
        assert scene.outcomes[-1] == ("spoken", None) and scene.heard() == ["YOU ARE THERE NOW."]


@virtually
async def test_what_was_spoken_before_an_engine_fails_stays() -> None:
    def break_(heard: Transcript, job: Transcribe) -> Transcript:
        if "fail" in heard.text:
            raise RuntimeError("out of order")
        return heard

    async with Live(verdict=break_) as scene:
        await scene.speak("I am here now. And", pauses_ms={3: 400})
        await scene.speak("fail fail fail.")
        await scene.caught_up()
        assert scene.heard() == ["I AM HERE NOW."]
        (over,) = scene.of(UtteranceEnded)
        assert over.outcome is Outcome.SPOKEN and scene.finals == ["I am here now."]


@virtually
async def test_without_work_ahead_the_end_does_it_all() -> None:
    settings = InterpreterOptions(passes=RecognitionOptions(ahead=False))
    async with Live(settings=settings) as scene:
        end = await scene.speak("I am here now.")
        await scene.caught_up()
        assert scene.since(end) == pytest.approx(HANGOVER, abs=25)
        assert all(event.hit for event in scene.of(Speculated))
