"""FastRTC's echo: a stream handler that gives back what it receives, 16 kHz in, 24 kHz out as its examples do."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from typing import Any

os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1")

import numpy as np
import uvicorn
from fastapi import FastAPI
from fastrtc import AsyncStreamHandler, Stream


class Echo(AsyncStreamHandler):  # type: ignore[misc]
    """One peer that hears itself."""

    def __init__(self) -> None:
        super().__init__(input_sample_rate=16_000, output_sample_rate=24_000)
        self._queue: asyncio.Queue[Any] = asyncio.Queue()

    async def start_up(self) -> None:
        return None

    async def receive(self, frame: Any) -> None:
        samples = frame[1].reshape(-1)
        count = len(samples) * 3 // 2
        louder = np.interp(np.arange(count) * 2 / 3, np.arange(len(samples)), samples)
        self._queue.put_nowait((24_000, louder.astype(np.int16).reshape(1, -1)))

    async def emit(self) -> Any:
        return await self._queue.get()

    def copy(self) -> Echo:
        return Echo()


def main() -> None:
    """`POST /webrtc/offer`, until standard input ends."""
    stream = Stream(
        Echo(),
        modality="audio",
        mode="send-receive",
        concurrency_limit=500,
        server_rtc_configuration={"iceServers": []},
    )
    app = FastAPI()
    stream.mount(app)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    print("ready", listening.getsockname()[1], flush=True)
    server.run(sockets=[listening])


def _end_with_stdin() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
