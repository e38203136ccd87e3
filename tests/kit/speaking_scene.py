"""Ann speaks English words, and Bob hears them: the scene of the tests of interpreting while they speak."""

from __future__ import annotations

from typing import Any

from pipeline.interpreter import InterpreterOptions
from tests.kit.interpreter_scene import Scene
from tests.kit.virtual_listener import Ear
from tests.kit.word_audio import Recogniser, Script, Translating, Voice


class Live(Scene):
    """Ann speaks English words; Bob hears them in capitals, which are Spanish. The stages take no time."""

    def __init__(
        self,
        *,
        mt_s: float = 0.0,
        tts_s: float = 0.0,
        word_s: float = 0.2,
        language: str = "en",
        settings: InterpreterOptions | None = None,
        speaker: str = "ann",
        ears: list[Ear] | None = None,
        mt: Any = None,
        **recogniser: Any,
    ) -> None:
        self.script = Script(language)
        self.recogniser = Recogniser(self.script, **recogniser)
        self.translating = Translating(seconds=mt_s)
        self.voice = Voice(seconds=tts_s, word_s=word_s)
        super().__init__(
            stt=self.recogniser,
            mt=mt or self.translating,
            tts=self.voice,
            language=language,
            settings=settings,
            speaker=speaker,
            ears=ears,
        )

    async def speak(self, text: str, each_ms: int = 300, pauses_ms: dict[int, int] | None = None) -> float:
        """Says it; returns when its last voice was heard."""
        words = self.script.write(text, each_ms)
        await self.say(words, pauses_ms)
        return self.said_at[words[-1].number]

    async def speak_up(self, text: str) -> None:
        """Says it, and is silent until all of it is heard."""
        await self.speak(text)
        await self.caught_up()

    def heard(self, ear: int = 0) -> list[str]:
        """Return the chunks that were played to an ear."""
        return [self.voice.read(speech) for speech in self.ears[ear].heard]

    def since(self, moment: float, number: int = 0) -> float:
        """Milliseconds from `moment` to when the ear's chunk of that number started."""
        return (self.ears[0].started_at[number] - moment) * 1000

    async def learn(self) -> None:
        """The engine is seen to punctuate; what it said so is forgotten."""
        await self.speak("Good morning.")
        await self.caught_up()
        self.ears[0].heard.clear()
        self.ears[0].started_at.clear()
        self.learnt = len(self.events)

    def latest(self, kind: type) -> list[Any]:
        """Facts since the scene has `learn`ed."""
        return [event for event in self.events[self.learnt :] if type(event) is kind]
