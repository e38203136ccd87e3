"""Publishes a recording by FFmpeg's WHIP muxer, in real time, until the input ends:  main.py URL TOKEN FILE CERT KEY

FILE holds samples of 48 kHz, mono, 16 bits. Silence follows them. CERT and KEY are PEM files, for DTLS.
FFmpeg's warnings go to the standard error.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import av
import numpy as np

RATE, FRAME = 48_000, 960


def publish(
    url: str, options: dict[str, str], samples: np.ndarray[tuple[int], np.dtype[np.int16]], over: threading.Event
) -> None:
    """Send samples, and silence behind them, until it is over. Raises av.FFmpegError where nothing can be sent."""
    with av.open(url, "w", format="whip", options=options) as container:
        stream = container.add_stream("libopus", rate=RATE, layout="stereo", options={"application": "voip"})
        stream.bit_rate = 64_000
        container.start_encoding()
        print("connected", flush=True)
        began, place = time.monotonic(), 0
        while not over.is_set():
            heard = samples[place : place + FRAME]
            both = np.zeros((1, 2 * FRAME), np.int16)
            both[0, : 2 * len(heard)] = np.repeat(heard, 2)
            frame = av.AudioFrame.from_ndarray(both, format="s16", layout="stereo")
            frame.sample_rate, frame.pts = RATE, place
            container.mux(stream.encode(frame))
            place += FRAME
            time.sleep(max(0.0, began + place / RATE - time.monotonic()))


def main() -> None:
    url, token, file, certificate, key = sys.argv[1:]
    av.logging.set_level(av.logging.WARNING)
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    options = {"authorization": token, "cert_file": certificate, "key_file": key}
    publish(url, options, np.fromfile(Path(file), np.int16), over)


if __name__ == "__main__":
    main()
