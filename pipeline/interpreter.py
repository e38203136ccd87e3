"""One speaker's interpreter: frames in, facts and speech out. Three small loops at sentence rate.

`hear` runs at frame rate, inline, and never waits. The loops transcribe, translate and speak side by side
over bounded queues, so that a slow stage makes the one before it wait, and the transcriber wakes to a longer
snapshot: interims are skipped, finals never.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipeline.endpointer import Endpointing
from pipeline.engines import EngineError
from pipeline.events import (
    EngineFailed,
    Event,
    Latency,
    LoadChanged,
    Outcome,
    ProcessingStarted,
    Transcribed,
    Translated,
    UtteranceStarted,
)
from pipeline.lane import LaneBusy
from pipeline.language import primary, same
from pipeline.listening import Activity, Listening
from pipeline.segmenter import segment
from pipeline.speech import Frame, Hearing, Line, Phrase, Segment, Transcript
from pipeline.stages import Stages
from pipeline.utterance import Flow, Listener, Utterance
from pipeline.vad import VoiceActivity


@dataclass(frozen=True, slots=True)
class Interpreting:
    """Settings of an interpreter; times in seconds unless the name says otherwise."""

    endpointing: Endpointing = field(default_factory=Endpointing)
    least_voice_ms: int = 100
    """An utterance with less voice than this is noise, and no engine sees it."""
    interim_every: float = 0.5
    interim_longest: float = 12.0
    """Beyond this many seconds of audio no interim is recognised: it would only delay the final."""
    stt_timeout: float = 10.0
    mt_timeout: float = 5.0
    tts_timeout: float = 5.0
    hurry_ms: float = 2_000
    """Backlog of an ear from which speech is synthesized faster (up to 1.25 times)."""
    skip_ms: float = 10_000
    """Backlog from which a segment is not spoken at all."""
    busy_lag: float = 1.5
    queue: int = 4
    most_waiting: int = 16
    """Utterances of one speaker that wait for the engines; beyond it speech is given up and typed text refused."""
    activity: Callable[[], Activity] = VoiceActivity


class Interpreter:
    """Listens to one speaker on behalf of all who hear them. `run` must be running."""

    def __init__(
        self,
        speaker: str,
        language: str,
        *,
        stages: Stages,
        audience: Callable[[], Sequence[Listener]],
        tell: Callable[[Event], None],
        now: Callable[[], float],
        activity: Activity | None = None,
        settings: Interpreting | None = None,
    ) -> None:
        self.speaker = speaker
        self._stages = stages
        self._audience = audience
        self._tell = tell
        self._now = now
        self._settings = settings or Interpreting()
        self._listening = Listening(
            speaker,
            language,
            activity=activity or self._settings.activity(),
            endpointing=self._settings.endpointing,
            least_voice_ms=self._settings.least_voice_ms,
            now=now,
            began=self._began,
            ended=self._ended,
        )
        self._pending: deque[Utterance] = deque()
        self._wake = asyncio.Event()
        self._translating: asyncio.Queue[tuple[Flow, Segment]] = asyncio.Queue(self._settings.queue)
        self._speaking: asyncio.Queue[tuple[Flow, Segment, str]] = asyncio.Queue(self._settings.queue)
        self._flows: set[Flow] = set()
        self._progress = asyncio.Event()
        self._recognising = False
        self._level = "ok"
        self._interim_at = 0.0

    # frame rate: plain calls

    @property
    def language(self) -> str:
        """What the speaker speaks; one that is set holds from the next utterance on."""
        return self._listening.language

    @language.setter
    def language(self, language: str) -> None:
        self._listening.language = language

    def hear(self, frame: Frame) -> None:
        """The next frame of the speaker's microphone, in media order."""
        self._listening.hear(frame)
        if self._interim_due(self._now()):
            self._wake.set()

    def tick(self, now: float) -> None:
        """Every 20 ms or so: ends an utterance whose frames have stopped coming."""
        self._listening.tick(now)

    def end_utterance(self) -> None:
        """Push-to-talk was released."""
        self._listening.release()

    def say(self, text: str, at_ms: int, client_id: str | None = None) -> bool:
        """Typed text: an utterance of this speaker without audio. False where too many wait: it is not taken."""
        if len(self._pending) >= self._settings.most_waiting:
            return False
        utterance = self._listening.typed(text, at_ms, client_id)
        self._began(utterance)
        self._ended(utterance)
        return True

    def _began(self, utterance: Utterance) -> None:
        self._pending.append(utterance)
        self._interim_at = self._now() + self._settings.interim_every
        self._tell(UtteranceStarted(utterance.id, self.speaker))

    def _ended(self, utterance: Utterance) -> None:
        if len(self._pending) > self._settings.most_waiting:
            utterance.given_up = True
            utterance.audio.clear()
        self._wake.set()
        self._progress.set()

    def _interim_due(self, now: float) -> bool:
        current = self._listening.current
        return (
            current is not None
            and now >= self._interim_at
            and current.seconds <= self._settings.interim_longest
            and self._pending[0] is current
        )

    # sentence rate: three loops

    async def run(self) -> None:
        """Transcribe, translate and speak until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._transcribe_loop())
            group.create_task(self._translate_loop())
            group.create_task(self._speak_loop())

    def forget(self) -> None:
        """`run` has ended for good: the two halves of an interpreter refer to each other no more."""
        self._listening.forget()

    async def finish(self, patience: float = 0.0) -> None:
        """Hear the sentence that is being said to its end, for `patience` seconds at most, and nothing after
        it; return when all that was said is heard or given up."""
        self._listening.stop()
        try:
            async with asyncio.timeout(patience):
                while self._listening.current is not None:
                    self._progress.clear()
                    await self._progress.wait()
        except TimeoutError:
            self.end_utterance()
        await self.caught_up()

    async def caught_up(self) -> None:
        """Return when all that has ended is heard or given up, and no engine works for this speaker."""
        while self._behind:
            self._progress.clear()
            await self._progress.wait()

    @property
    def _behind(self) -> bool:
        over = bool(self._pending) and self._pending[0].ended_at is not None
        return over or self._wake.is_set() or self._recognising or bool(self._flows)

    async def _transcribe_loop(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._recognising = True
            while self._pending and self._pending[0].ended_at is not None:
                await self._conclude(self._pending[0])
                self._pending.popleft()
            if self._interim_due(self._now()):
                await self._interim(self._pending[0])
            self._recognising = False
            self._progress.set()

    async def _interim(self, utterance: Utterance) -> None:
        """Recognise what has been said so far: a subtitle that may still change."""
        self._interim_at = self._now() + self._settings.interim_every
        try:
            heard = await self._stages.stt.do(
                Hearing(bytes(utterance.audio), utterance.language, final=False),
                timeout=self._settings.stt_timeout,
                urgent=False,
            )
        except (LaneBusy, EngineError):
            return  # an interim is a courtesy; the final will tell of a failure
        if heard.text and heard.understood and utterance.ended_at is None:
            self._transcribed(utterance, heard, final=False)

    async def _conclude(self, utterance: Utterance) -> None:
        """The utterance is over: its final transcript, and a flow into each language that hears it."""
        assert utterance.ended_at is not None
        heard, trouble = await self._recognise(utterance)
        if trouble is None or trouble[0] is not Outcome.FAILED:
            self._watch_lag(self._now() - utterance.ended_at)
        listeners: dict[str, list[Listener]] = {}
        for listener in self._audience():
            listeners.setdefault(listener.language, []).append(listener)
        segments = segment(heard.text) if heard is not None and trouble is None else []
        if segments and heard is not None:
            self._transcribed(utterance, heard, final=True)
        elif utterance.revision:
            self._transcribed(utterance, Transcript("", utterance.language, 0.0), final=True)
        endpoint_ms = (utterance.ended_at - utterance.voiced_at) * 1000
        latency = Latency(endpoint_ms=endpoint_ms, stt_ms=utterance.stt_ms)
        for target, ears in listeners.items():
            flow = Flow(utterance, target, ears, self._tell, self._flow_ended, self._now, segments, latency)
            self._flows.add(flow)
            if trouble is not None:
                flow.end(*trouble)
            elif same(utterance.language, target):
                flow.end(Outcome.NOT_NEEDED)
            elif not self._translates(utterance.language, target):
                flow.end(Outcome.SUBTITLES_ONLY, "unsupported_pair")
            else:
                for part in segments:
                    await self._translating.put((flow, part))

    async def _recognise(self, utterance: Utterance) -> tuple[Transcript | None, tuple[Outcome, str | None] | None]:
        """The final transcript, or the outcome for every language where there is none."""
        if utterance.text is not None:
            return Transcript(utterance.text, utterance.language), None
        if not utterance.heard:
            return None, (Outcome.NOTHING_SAID, None)
        if utterance.given_up:
            return None, (Outcome.FAILED, "behind")
        utterance.processing = True
        self._tell(ProcessingStarted(utterance.id, utterance.speaker))
        began = self._now()
        try:
            heard = await self._stages.stt.do(
                Hearing(bytes(utterance.audio), utterance.language),
                timeout=self._settings.stt_timeout,
                urgent=True,
            )
        except EngineError as error:
            self._failed("stt", utterance, error)
            return None, (Outcome.FAILED, "stt")
        utterance.stt_ms = (self._now() - began) * 1000
        utterance.audio.clear()
        if not heard.text.strip():
            return None, (Outcome.NOTHING_SAID, None)
        if not heard.understood:
            return heard, (Outcome.REFUSED, "not_understood")
        return heard, None

    async def _translate_loop(self) -> None:
        while True:
            flow, part = await self._translating.get()
            phrase = Phrase(part.text.strip(), flow.utterance.language, flow.target)
            began = self._now()
            try:
                translation = await self._stages.mt.do(phrase, timeout=self._settings.mt_timeout, urgent=True)
            except EngineError as error:
                self._failed("mt", flow.utterance, error)
                flow.fail("mt")
                continue
            flow.translated((self._now() - began) * 1000)
            utterance = flow.utterance
            self._tell(
                Translated(
                    utterance.id,
                    utterance.speaker,
                    flow.names,
                    part,
                    0,
                    True,
                    translation.text,
                    utterance.language,
                    flow.target,
                    utterance.voiced_at,
                )
            )
            await self._speaking.put((flow, part, translation.text))

    async def _speak_loop(self) -> None:
        while True:
            flow, part, text = await self._speaking.get()
            await self._speak(flow, part, text)

    async def _speak(self, flow: Flow, part: Segment, text: str) -> None:
        backlog = max((ear.backlog_ms for ear in flow.listeners), default=0.0)
        if not self._stages.speaks(flow.target):
            flow.skipped(part, "no_voice")
            return
        if backlog > self._settings.skip_ms:
            flow.skipped(part, "behind")
            return
        excess = (backlog - self._settings.hurry_ms) / max(1.0, self._settings.skip_ms - self._settings.hurry_ms)
        rate = 1.0 + 0.25 * min(1.0, max(0.0, excess * 2))
        voice = flow.listeners[0].voice if flow.listeners else ""
        began = self._now()
        try:
            speech = await self._stages.tts.do(
                Line(text, flow.target, voice, rate), timeout=self._settings.tts_timeout, urgent=True
            )
        except EngineError as error:
            self._failed("tts", flow.utterance, error)
            flow.skipped(part, "tts")
            return
        if not speech.pcm:
            flow.skipped(part, "nothing_to_say")
            return
        flow.synthesized(part, speech, (self._now() - began) * 1000)

    def _translates(self, source: str, target: str) -> bool:
        return (primary(source), primary(target)) in self._stages.mt.pairs

    # what is told

    def _transcribed(self, utterance: Utterance, heard: Transcript, *, final: bool) -> None:
        self._tell(
            Transcribed(
                utterance.id,
                utterance.speaker,
                utterance.revision,
                heard.text,
                len(heard.text) if final else 0,
                final,
                utterance.language,
                utterance.start_ms,
                utterance.end_ms,
                heard.confidence,
                utterance.client_id,
            )
        )
        utterance.revision += 1

    def _flow_ended(self, flow: Flow) -> None:
        self._flows.discard(flow)
        self._progress.set()

    def _failed(self, stage: str, utterance: Utterance, error: EngineError) -> None:
        self._tell(EngineFailed(utterance.id, self.speaker, stage, str(error)))
        self._set_level("degraded", 0.0, f"{stage} failed")

    def _watch_lag(self, lag: float) -> None:
        self._set_level("busy" if lag > self._settings.busy_lag else "ok", lag * 1000)

    def _set_level(self, level: str, lag_ms: float, message: str | None = None) -> None:
        if level != self._level:
            self._level = level
            self._tell(LoadChanged(self.speaker, level, lag_ms, message))
