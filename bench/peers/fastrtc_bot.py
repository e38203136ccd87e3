"""FastRTC's translation bot: `ReplyOnPause` and a reply function. A program for FastRTC's environment.

Settings `defaults` are `ReplyOnPause`'s own. `best`: pauses are looked for every 0.2 s instead of every 0.6 s, with a
voice activity detector that doesn't pad what it finds. (Silero's model comes from a package, not from the hub.)
"""

from __future__ import annotations

import importlib.util
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1")

import numpy as np
import uvicorn
from bot_work import Work
from fastapi import FastAPI
from fastrtc import AlgoOptions, ReplyOnPause, SileroVadOptions, Stream
from fastrtc.pause_detection import silero

OPTIONS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "best": {
        "algo_options": AlgoOptions(audio_chunk_duration=0.2, started_talking_threshold=0.05, speech_threshold=0.05),
        "model_options": SileroVadOptions(
            min_speech_duration_ms=30, min_silence_duration_ms=60, speech_pad_ms=0, window_size_samples=512
        ),
    },
}


def bundled_model() -> str:
    """Silero's model of the version that FastRTC wants, as faster-whisper 1.0.1 carried it."""
    found = importlib.util.find_spec("faster_whisper")
    assert found is not None and found.origin is not None
    return str(Path(found.origin).parent / "assets" / "silero_vad.onnx")


def main() -> None:
    """`POST /webrtc/offer`, until standard input ends."""
    silero.SileroVADModel.download_model = staticmethod(bundled_model)
    work = Work()

    def reply(audio: tuple[int, Any]) -> Any:
        until = time.monotonic()
        rate, samples = audio
        text = work.hear(samples.reshape(-1).astype(np.int16).tobytes())
        translation = work.translate(text) if text else ""
        speech = work.speak(translation) if translation else b""
        if speech:
            work.note(text, translation, until - samples.size / rate, until)
            yield 24_000, np.frombuffer(speech, np.int16).reshape(1, -1)

    handler = ReplyOnPause(reply, input_sample_rate=16_000, output_sample_rate=24_000, **OPTIONS[work.settings])
    stream = Stream(
        handler, modality="audio", mode="send-receive", concurrency_limit=10,
        server_rtc_configuration={"iceServers": []},
    )  # fmt: skip
    app = FastAPI()
    stream.mount(app)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    print(f"ready http://127.0.0.1:{listening.getsockname()[1]}/webrtc/offer", flush=True)
    server.run(sockets=[listening])


def _end_with_stdin() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
