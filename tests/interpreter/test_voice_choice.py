"""The voice in an interpreter: the listener's own choice, and what is told when another one has to speak."""

from typing import Any

from pipeline.engines.scripted import ScriptedSynthesizer, in_loop
from pipeline.events import EngineFailed, LoadChanged, Outcome, UtteranceEnded
from pipeline.lanes.fallback import FallbackLane
from pipeline.lanes.in_loop import InLoopLane
from pipeline.lanes.speech_cache import SpeechCache
from pipeline.speech import Speech, Synthesize
from testing.virtual_clock import virtually
from tests.kit.interpreter_scene import Scene
from tests.kit.virtual_listener import Ear


class Fickle:
    """A voice that fails for as long as `broken`."""

    languages = frozenset({"en", "es"})

    def __init__(self) -> None:
        self.broken = False
        self._run = in_loop(ScriptedSynthesizer(shift_hz=2000))

    async def __call__(self, line: Synthesize) -> Any:
        if self.broken:
            raise RuntimeError("out of voice")
        return await self._run(line)


def levels(scene: Scene) -> list[tuple[str, str | None]]:
    return [(event.level, event.message) for event in scene.events if isinstance(event, LoadChanged)]


@virtually
async def test_each_sentence_is_said_in_the_voice_that_is_chosen_then() -> None:
    ear = Ear("bob", "es")
    async with Scene(ears=[ear]) as scene:
        for voice in ("", "ana", "es+f3"):
            ear.voice = voice
            await scene.tone(440, 1.0)
            await scene.caught_up()
        assert [job.voice for job in scene.tts.jobs] == ["", "ana", "es+f3"]


@virtually
async def test_another_voice_speaks_and_it_is_told_until_the_usual_one_is_back() -> None:
    fickle = Fickle()
    plain = InLoopLane[Synthesize, Speech](in_loop(ScriptedSynthesizer()), languages=fickle.languages)
    scene = Scene()
    scene._stages.tts = FallbackLane(
        [InLoopLane[Synthesize, Speech](fickle, languages=fickle.languages), plain],
        rest=5.0,
        cache=SpeechCache(longest_text=0),
    )
    async with scene:
        await scene._stages.wait_ready()
        await scene.tone(440, 1.0)
        await scene.caught_up()
        assert levels(scene) == []
        fickle.broken = True
        for _ in range(3):
            await scene.tone(440, 1.0)
            await scene.caught_up()
        assert levels(scene) == [("degraded", "the usual voice fails, another one speaks")]
        fickle.broken = False
        await scene.silence(30)
        assert levels(scene)[1:] == [("ok", None)]
        await scene.tone(440, 1.0)
        await scene.caught_up()
        ends = [event.outcome for event in scene.events if isinstance(event, UtteranceEnded)]
        assert ends == [Outcome.SPOKEN] * 5, "nobody's words were lost"
        assert not any(isinstance(event, EngineFailed) for event in scene.events)
