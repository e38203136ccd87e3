"""Pipecat's echo: a pipeline whose one processor turns input audio frames into output audio frames, 16 kHz."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from front import front
from loguru import logger
from pipecat.frames.frames import InputAudioRawFrame, OutputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.transports.base_transport import TransportParams
from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
from pipecat.transports.smallwebrtc.transport import SmallWebRTCTransport

RATE = 16_000


class Echo(FrameProcessor):  # type: ignore[misc]
    """Turn each input frame into the same output frame."""

    async def process_frame(self, frame: Any, direction: Any) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            frame = OutputAudioRawFrame(frame.audio, frame.sample_rate, frame.num_channels)
        await self.push_frame(frame, direction)


async def echo(connection: SmallWebRTCConnection) -> None:
    """One peer that hears itself."""
    transport = SmallWebRTCTransport(
        webrtc_connection=connection,
        params=TransportParams(
            audio_in_enabled=True, audio_out_enabled=True, audio_in_sample_rate=RATE, audio_out_sample_rate=RATE
        ),
    )
    task = PipelineTask(
        Pipeline([transport.input(), Echo(), transport.output()]),
        params=PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE),
        idle_timeout_secs=None,
    )
    await PipelineRunner(handle_sigint=False).run(task)


async def main() -> None:
    """Every offer becomes an echo, until standard input ends."""
    logger.remove()
    logger.add(sys.stderr, level="ERROR")
    running = []

    async def answer(posted: dict[str, Any]) -> str:
        connection = SmallWebRTCConnection(ice_servers=[])
        await connection.initialize(sdp=posted["sdp"], type="offer")
        running.append(asyncio.ensure_future(echo(connection)))
        await asyncio.sleep(0.2)  # the pipeline starts
        return str(connection.get_answer()["sdp"])

    await front(answer)


if __name__ == "__main__":
    asyncio.run(main())
