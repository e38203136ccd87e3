"""A partner's long speech in my microphone is no voice of mine that is not understood; my own in vain is noticed."""

from __future__ import annotations

import asyncio

import pytest

from media.client_faults import LOOK_EVERY_S, VoiceInVain
from pipeline.hearing.voice_activity import VoiceActivity
from pipeline.speech import Transcribe, Transcript
from testing.virtual_clock import virtually
from tests.kit.interpreter_scene import Scene
from tests.kit.two_microphones import Microphone, said
from tests.kit.virtual_listener import Ear

MONOLOGUE = (
    "The train station is behind the beach and the old bridge, then you follow the narrow road along the river until "
    "you see the white church, and after that you turn left at the second corner, where my brother has his shop."
)
ANSWER = "La farmacia está al lado del mercado, pero hoy está cerrada porque es domingo y no hay nadie en el pueblo."
AT_MS, MS = 500, 15_000
PROMISED_S = 5.0


class Recogniser:
    """Understands English, and of Spanish what it is told."""

    languages = frozenset({"en", "es"})
    pairs = frozenset[tuple[str, str]]()

    def __init__(self, spanish: str) -> None:
        self._spanish = spanish

    async def __call__(self, job: Transcribe) -> Transcript:
        text = MONOLOGUE if job.language == "en" else self._spanish
        return Transcript(text, job.language, 0.9, understood=bool(text))


class Desk:
    """Ana and Ben in a call at one desk, and what Ben's client would be shown."""

    def __init__(self, spanish: str) -> None:
        def scene(name: str, language: str, other: str, theirs: str) -> Scene:
            ears = [Ear(other, theirs)]
            return Scene(stt=Recogniser(spanish), language=language, speaker=name, ears=ears, activity=VoiceActivity())

        self.ana, self.ben = scene("ana", "en", "ben", "es"), scene("ben", "es", "ana", "en")
        self.ana.partner, self.ben.partner = self.ben, self.ana
        self.watch = VoiceInVain()
        self.alarms: list[float] = []
        """Seconds from the first voice in Ben's microphone to each alarm."""

    async def talk(self, anas: Microphone, bens: Microphone) -> None:
        loop = asyncio.get_running_loop()
        began_at = loop.time() + AT_MS / 1000
        async with self.ana, self.ben:
            self.ana.interpreter.origin.others = [self.ben.interpreter.origin]
            self.ben.interpreter.origin.others = [self.ana.interpreter.origin]
            self.ben.on_event = lambda event: self.watch.observe(event, loop.time())

            async def look() -> None:
                while True:
                    await asyncio.sleep(LOOK_EVERY_S)
                    if self.watch.look(loop.time(), self.ben.interpreter.hears_a_partner):
                        self.alarms.append(loop.time() - began_at)

            looking = asyncio.ensure_future(look())
            await asyncio.gather(self.ana.sound(anas.pcm), self.ben.sound(bens.pcm))
            await asyncio.gather(self.ana.caught_up(), self.ben.caught_up())
            looking.cancel()


def at_the_desk(db: float, delay_ms: float) -> tuple[Microphone, Microphone]:
    """Return Ana's microphone, into which she says the monologue, and Ben's, which hears it."""
    sound = said(MONOLOGUE, "en-us+m6")
    return Microphone.of(MS).add(sound, AT_MS), Microphone.of(MS, 8, 1).add(sound, AT_MS + delay_ms, db)


@pytest.mark.parametrize("spanish", ["", MONOLOGUE])
@pytest.mark.parametrize(("db", "delay_ms"), [(-12, 15), (-20, 150)])
@virtually
async def test_a_partners_monologue_is_no_voice_in_vain(db: float, delay_ms: float, spanish: str) -> None:
    desk = Desk(spanish)
    await desk.talk(*at_the_desk(db, delay_ms))
    assert desk.alarms == []
    assert {outcome for outcome in desk.ben.outcomes} == {("refused", "echo")}
    assert {outcome for outcome, _ in desk.ana.outcomes} == {"spoken"}


@virtually
async def test_control_a_monologue_of_my_own_in_vain_is_noticed() -> None:
    desk = Desk("")
    await desk.talk(Microphone.of(MS), Microphone.of(MS, 8, 1).add(said(ANSWER, "es+f2"), AT_MS))
    assert len(desk.alarms) == 1 and desk.alarms[0] <= PROMISED_S


@virtually
async def test_control_so_is_one_while_the_partner_speaks_and_is_heard_in_my_microphone() -> None:
    desk = Desk("")
    anas, bens = at_the_desk(-20, 30)
    bens.add(said(ANSWER, "es+f2"), AT_MS)
    await desk.talk(anas, bens)
    assert len(desk.alarms) == 1 and desk.alarms[0] <= PROMISED_S


@virtually
async def test_control_so_is_mine_behind_the_partners() -> None:
    desk = Desk("")
    short = said("The train station is behind the beach.", "en-us+m6")
    anas, bens = Microphone.of(MS).add(short, AT_MS), Microphone.of(MS, 8, 1).add(short, AT_MS + 15, -12)
    own_ms = AT_MS + 3000
    bens.add(said(ANSWER, "es+f2"), own_ms)
    await desk.talk(anas, bens)
    assert len(desk.alarms) == 1 and desk.alarms[0] <= PROMISED_S + 3.0
