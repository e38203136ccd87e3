"""A monologue, of an hour in its long form, whose translation takes 1.6 times as long to say: the voice keeps up by
haste and by skips that are told, the subtitles are complete, and nothing grows."""

import asyncio
import re
from random import Random

import pytest

from pipeline.events import SpeechPlayed, Transcribed, Translated, UtteranceEnded, UtteranceStarted
from pipeline.speech import Speech
from testing.virtual_clock import virtually
from tests.kit.extent import extent
from tests.kit.interpreter_scene import Scene
from tests.kit.virtual_listener import Ear
from tests.kit.word_audio import Recogniser, Said, Script, Translating, Voice, number_of, plain, plain_word

LENGTH_S = extent(1200.0, 3600.0)
LONGER = 1.6
LAG_S = 5.0


class Forgetful(Ear):
    """An ear that keeps no audio, and notes when each speech began."""

    def __init__(self, participant: str, language: str) -> None:
        super().__init__(participant, language)
        self.sizes: list[int] = []

    def play(self, speech: Speech, told: object) -> None:
        self.sizes.append(len(speech.pcm))
        super().play(speech, told)  # type: ignore[arg-type]
        self.heard.clear()


class Speaker:
    """Sentences of 4 to 24 words with commas, at some 140 words a minute, and a breath now and then."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.script = Script()
        self.spoken_ms = 0

    def sentence(self) -> list[tuple[Said, int]]:
        """Words, and the silence behind each."""
        length = self.random.randint(4, 24)
        words = []
        since_comma = 0
        for place in range(length):
            last, since_comma = place == length - 1, since_comma + 1
            mark = "." if last else ""
            if not last and since_comma > 4 and self.random.random() < 0.2:
                mark, since_comma = ",", 0
            said = self.script.add(f"{plain_word(len(self.script.words))}{mark}", self.random.randrange(200, 440, 20))
            pause = self.random.choice([0, 0, 100, 300, 600, 1200]) if last else 140 if mark else 0
            words.append((said, pause))
            self.spoken_ms += said.ms + pause
        return words


def number(text: str) -> int:
    """The last word of a segment, by its number."""
    return number_of(re.findall(r"v[a-z]{3}", text.casefold())[-1])


class Sizes:
    """The greatest that each of an interpreter's structures has been."""

    def __init__(self) -> None:
        self.most: dict[str, float] = {}

    def look(self, scene: Scene) -> None:
        interpreter = scene.interpreter
        machine, rendering = interpreter.machine, interpreter.delivery
        current = machine.speaking
        sizes = {
            "utterances": len(machine.pending),
            "window s": 0.0 if current is None else current.utterance.seconds,
            "segments of an utterance": 0 if current is None else len(current.text.segments),
            "flows": len(interpreter.audience.flows),
            "computing": len(interpreter.audience.computing),
            "ahead": int(rendering.speculating),
            "translating": rendering._translating.qsize(),
            "speaking": rendering._speaking.qsize(),
            "lines": len(scene.ears[0]._line),
            "tasks": len(asyncio.all_tasks()),
        }
        for name, size in sizes.items():
            self.most[name] = max(self.most.get(name, 0), size)


async def monologue(seconds: float, seed: int) -> tuple[Scene, Speaker, Sizes, dict[int, float]]:
    speaker, sizes = Speaker(seed), Sizes()
    voice = Voice(seconds=0.1, word_s=LONGER * 0.36)
    recogniser = Recogniser(speaker.script, seconds=lambda audio: 0.1 + 0.02 * audio)
    began: dict[int, float] = {}
    ear = Forgetful("bob", "es")
    async with Scene(stt=recogniser, mt=Translating(seconds=0.08), tts=voice, ears=[ear]) as scene:
        scene.frames_at_once = 5
        scene.on_event = lambda event: note(event, began)
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end:
            sentence = speaker.sentence()
            await scene.say([word for word, _ in sentence], {n: pause for n, (_, pause) in enumerate(sentence)})
            sizes.look(scene)
            for lane in (scene.stt, scene.mt, scene.tts):
                lane.jobs.clear()
        await scene.caught_up()
    return scene, speaker, sizes, began


def note(event: object, began: dict[int, float]) -> None:
    if isinstance(event, SpeechPlayed) and event.state == "start":
        began[len(began)] = asyncio.get_running_loop().time()


@pytest.mark.parametrize("seconds", [LENGTH_S])
@virtually
async def test_a_long_monologue(seconds: float) -> None:
    scene, speaker, sizes, began = await monologue(seconds, seed=7)
    translated = scene.of(Translated)

    # Subtitles: every word that was said, and all of it translated.
    assert plain(scene.finals) == plain(word.text for word in speaker.script.words)
    assert plain(event.text for event in translated) == plain(scene.finals)
    assert len(scene.of(UtteranceEnded)) == len(scene.of(UtteranceStarted)) > 0
    assert len([text for text in scene.of(Transcribed) if not text.final]) > seconds, "and they come while it is said"

    # The voice: what is spoken is spoken soon, and what is not is told.
    started = [(e.utterance, e.segment) for e in scene.of(SpeechPlayed) if e.state == "start"]
    skipped = [e for e in scene.of(SpeechPlayed) if e.state == "skipped"]
    assert {e.reason for e in skipped} <= {"behind"}
    assert len(started) + len(skipped) == len(translated)
    texts = {(e.utterance, e.segment.index): e.segment.text for e in translated}
    lags = [began[n] - scene.said_at[number(texts[place])] for n, place in enumerate(started)]
    assert max(lags) <= LAG_S, f"{max(lags):.2f} s"
    words = sum(len(texts[place].split()) for place in started)
    share = words / len(speaker.script.words)
    assert share >= 0.9 / LONGER, f"{share:.0%} of the words were heard: a voice that is always busy says more"

    # Nothing grows with the hour.
    assert sizes.most["utterances"] <= 3 and sizes.most["flows"] <= 6 and sizes.most["computing"] <= 6, sizes.most
    assert sizes.most["window s"] <= 20 and sizes.most["segments of an utterance"] <= 60, sizes.most
    assert sizes.most["tasks"] <= 20 and sizes.most["lines"] <= 8 and sizes.most["ahead"] <= 1, sizes.most
