"""Pipecat's translation bot: its VAD, a segmented recogniser, a translator, a voice. For Pipecat's environment.

Settings `defaults`: a user's turn ends when Pipecat's default strategy says so (Smart Turn v3), then it is translated,
and a new turn interrupts the voice, as in any of its bots. `best`: every segment that its VAD cuts (after 0.2 s of
silence, its own default) is translated at once, and nothing is interrupted.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator
from typing import Any

from bot_work import Work
from front import front
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import (
    Frame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.audio.vad_processor import VADProcessor
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.settings import STTSettings, TTSSettings
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.services.tts_service import TTSService
from pipecat.transports.base_transport import TransportParams
from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
from pipecat.transports.smallwebrtc.transport import SmallWebRTCTransport
from pipecat.turns.user_turn_processor import UserTurnProcessor
from pipecat.utils.time import time_now_iso8601

IN_RATE, OUT_RATE = 16_000, 24_000
CHUNK = OUT_RATE // 50 * 2


class Recogniser(SegmentedSTTService):  # type: ignore[misc]
    """Our recogniser."""

    def __init__(self, work: Work) -> None:
        super().__init__(
            sample_rate=IN_RATE, ttfs_p99_latency=0.3, settings=STTSettings(model="starter", language=work.source)
        )
        self._work = work
        self.until = self.since = 0.0

    @property
    def wants_wav_segments(self) -> bool:
        return False

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame, None]:
        self.until = time.monotonic()
        self.since = self.until - len(audio) / 2 / IN_RATE
        text = await asyncio.to_thread(self._work.hear, audio)
        if text:
            yield TranscriptionFrame(text, "", time_now_iso8601())


class Translator(FrameProcessor):  # type: ignore[misc]
    """Our translator: of each segment, or of all segments of a turn when it is over."""

    def __init__(self, work: Work, recogniser: Recogniser, whole_turns: bool) -> None:
        super().__init__()
        self._work = work
        self._recogniser = recogniser
        self._whole_turns = whole_turns
        self._open = False
        self._waiting: list[str] = []
        self._since = 0.0

    async def process_frame(self, frame: Any, direction: Any) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, UserStartedSpeakingFrame):
            self._open = True
        elif isinstance(frame, UserStoppedSpeakingFrame):
            self._open = False
            await self._translate()
        elif isinstance(frame, TranscriptionFrame):
            self._since = self._since if self._waiting else self._recogniser.since
            self._waiting.append(frame.text)
            if not (self._whole_turns and self._open):
                await self._translate()
        await self.push_frame(frame, direction)

    async def _translate(self) -> None:
        text, self._waiting = " ".join(self._waiting), []
        if text:
            translation = await asyncio.to_thread(self._work.translate, text)
            self._work.note(text, translation, self._since, self._recogniser.until)
            await self.push_frame(TTSSpeakFrame(translation))


class Voice(TTSService):  # type: ignore[misc]
    """Our synthesizer."""

    def __init__(self, work: Work) -> None:
        super().__init__(
            sample_rate=OUT_RATE, push_start_frame=True, push_stop_frames=True,
            settings=TTSSettings(model="espeak-ng", voice=work.target, language=work.target),
        )  # fmt: skip
        self._work = work

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame, None]:
        speech = await asyncio.to_thread(self._work.speak, text)
        for start in range(0, len(speech), CHUNK):
            yield TTSAudioRawFrame(speech[start : start + CHUNK], OUT_RATE, 1, context_id=context_id)


async def bot(connection: SmallWebRTCConnection, work: Work) -> None:
    """One call."""
    transport = SmallWebRTCTransport(
        webrtc_connection=connection,
        params=TransportParams(
            audio_in_enabled=True,
            audio_out_enabled=True,
            audio_in_sample_rate=IN_RATE,
            audio_out_sample_rate=OUT_RATE,
        ),
    )
    recogniser, whole_turns = Recogniser(work), work.settings == "defaults"
    stages: list[Any] = [transport.input(), VADProcessor(vad_analyzer=SileroVADAnalyzer()), recogniser]
    stages += [UserTurnProcessor()] if whole_turns else []
    stages += [Translator(work, recogniser, whole_turns), Voice(work), transport.output()]
    task = PipelineTask(
        Pipeline(stages),
        params=PipelineParams(audio_in_sample_rate=IN_RATE, audio_out_sample_rate=OUT_RATE),
        idle_timeout_secs=None,
    )
    await PipelineRunner(handle_sigint=False).run(task)


async def main() -> None:
    """Every offer becomes a call, until standard input ends."""
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    work = Work()
    running = []

    async def answer(posted: dict[str, Any]) -> str:
        connection = SmallWebRTCConnection(ice_servers=[])
        await connection.initialize(sdp=posted["sdp"], type="offer")
        running.append(asyncio.ensure_future(bot(connection, work)))
        await asyncio.sleep(0.5)  # the pipeline starts
        return str(connection.get_answer()["sdp"])

    await front(answer)


if __name__ == "__main__":
    asyncio.run(main())
