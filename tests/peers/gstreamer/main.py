"""The media of one participant by GStreamer's webrtcbin, told what to do by lines of JSON, as ../libwebrtc/main.js is.

    /usr/bin/python3 main.py FOLDER

It runs by the system's Python, where Debian installs GStreamer's bindings. The offer is complete (nothing trickles);
HTTP and WebSocket are its caller's affair. The sound of each line is written to FOLDER/KIND.pcm, 48 kHz mono.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

import gi

for name in ("Gst", "GstApp", "GstSdp", "GstWebRTC"):
    gi.require_version(name, "1.0")
from gi.repository import GLib, Gst, GstApp, GstSdp, GstWebRTC  # noqa: E402, F401  (GstApp brings appsrc's methods)

RATE = 48_000
BLOCK = RATE // 100  # samples
SILENCE = bytes(2 * BLOCK)
OPUS = "application/x-rtp,media=audio,encoding-name=OPUS,payload=96,clock-rate=48000,encoding-params=(string)2"
RAW = f"audio/x-raw,format=S16LE,rate={RATE},channels=1,layout=interleaved"
SEND = f"""
    webrtcbin name=rtc bundle-policy=max-bundle latency=60
    appsrc name=microphone is-live=true format=time do-timestamp=true caps={RAW}
        ! queue ! opusenc ! rtpopuspay pt=96 ! {OPUS} ! rtc.
"""
RECEIVE = f"queue ! rtpopusdepay ! opusdec ! audioconvert ! audioresample ! {RAW} ! appsink name=ear sync=false"
KINDS = ("interpreter", "original")  # by m-line
ALIGNED = RATE // 25
"""Samples by which a buffer's time may be off before it is a gap: what GStreamer's own audio sinks allow."""

_speaking = threading.Lock()


def tell(**line: Any) -> None:
    """One line to whoever drives us; signals come on several threads."""
    with _speaking:
        print(json.dumps(line), flush=True)


class Peer:
    """A webrtcbin with a microphone, two lines and the `subtitles` channel."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._blocks: deque[bytes] = deque()
        self._pushed = 0
        self._offered: int | None = None
        self.ears: dict[str, dict[str, Any]] = {}
        self._pipeline = Gst.parse_launch(SEND)
        self._rtc = self._pipeline.get_by_name("rtc")
        self._microphone = self._pipeline.get_by_name("microphone")
        self._rtc.connect("pad-added", self._line)
        self._rtc.connect("notify::ice-gathering-state", self._gathered)
        self._rtc.connect("notify::connection-state", self._state)
        self._pipeline.set_state(Gst.State.READY)  # a data channel can't be made before
        recvonly = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
        self._rtc.emit("add-transceiver", recvonly, Gst.Caps.from_string(OPUS))
        self._channel = self._rtc.emit("create-data-channel", "subtitles", None)
        self._channel.connect("on-message-string", self._read)
        self._channel.connect("on-open", lambda _: tell(event="open", at=now()))
        self._pipeline.set_state(Gst.State.PLAYING)
        self._began = time.monotonic()
        GLib.timeout_add(5, self._keep_up)

    def _keep_up(self) -> bool:
        """10 ms of samples every 10 ms, as a sound card would."""
        while self._pushed < (time.monotonic() - self._began) * 100:
            block = self._blocks.popleft() if self._blocks else SILENCE
            self._microphone.emit("push-buffer", Gst.Buffer.new_wrapped(block))
            self._pushed += 1
        return True

    # Steps; `offer` is answered once all candidates are known.

    def offer(self, number: int) -> None:
        """Make the offer; `_gathered` answers the step with its SDP."""
        self._offered = number
        self._rtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self._described))

    def _described(self, promise: Gst.Promise) -> None:
        reply = promise.get_reply()  # holds the offer, so it has to stay
        self._rtc.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def _gathered(self, *_: Any) -> None:
        done = self._rtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE
        if done and self._offered is not None:
            tell(id=self._offered, value=self._rtc.get_property("local-description").sdp.as_text())
            self._offered = None

    def answer(self, sdp: str) -> None:
        """Apply the server's answer."""
        _, message = GstSdp.SDPMessage.new_from_text(sdp)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self._rtc.emit("set-remote-description", answer, Gst.Promise.new())

    def send(self, type_: str, fields: dict[str, Any]) -> None:
        """One message on the channel."""
        self._channel.emit("send-string", json.dumps({"type": type_, **fields}))

    def speak(self, path: str) -> None:
        """Put the samples of a file behind what is still to be said."""
        samples = Path(path).read_bytes()
        blocks = (samples[at : at + 2 * BLOCK] for at in range(0, len(samples), 2 * BLOCK))
        self._blocks.extend(block.ljust(2 * BLOCK, b"\0") for block in blocks)

    def close(self) -> None:
        self._pipeline.set_state(Gst.State.NULL)

    # Signals

    @staticmethod
    def _read(_: Any, text: str) -> None:
        tell(event="channel", at=now(), message=json.loads(text))

    def _state(self, *_: Any) -> None:
        tell(event="state", at=now(), state=self._rtc.get_property("connection-state").value_nick)

    def _line(self, _: Any, pad: Gst.Pad) -> None:
        """A line has begun to bring packets: decode it, and write it down."""
        if pad.direction != Gst.PadDirection.SRC:
            return
        kind = KINDS[pad.get_property("transceiver").get_property("mlineindex")]
        receive = Gst.parse_bin_from_description(RECEIVE, True)
        ear = receive.get_by_name("ear")
        ear.set_property("emit-signals", True)
        file = (self._folder / f"{kind}.pcm").open("wb")
        self.ears[kind] = {"path": file.name, "began": now(), "first": None}
        ear.connect("new-sample", self._hear, self.ears[kind], file)
        self._pipeline.add(receive)
        receive.sync_state_with_parent()
        pad.link(receive.get_static_pad("sink"))

    @staticmethod
    def _hear(sink: Gst.Element, ear: dict[str, Any], file: Any) -> Gst.FlowReturn:
        """Samples go where their time is: what was not sent stays silent in the file. Times waver as the jitter
        buffer learns the sender's clock, so a buffer follows the one before it unless it is far from there."""
        buffer = sink.emit("pull-sample").get_buffer()
        if ear["first"] is None:
            ear["first"], ear["began"] = buffer.pts, now()
        place = round((buffer.pts - ear["first"]) * RATE / Gst.SECOND)
        if abs(place - file.tell() // 2) > ALIGNED:
            file.seek(2 * place)
        file.write(buffer.extract_dup(0, buffer.get_size()))
        file.flush()
        return Gst.FlowReturn.OK


def now() -> int:
    """ms since 1970."""
    return time.time_ns() // 1_000_000


def main() -> None:
    """Until standard input ends."""
    Gst.init(None)
    loop = GLib.MainLoop()
    peer = Peer(Path(sys.argv[1]))

    def obey(line: str) -> bool:
        told = json.loads(line)
        number, step, given = told["id"], told["do"], told["with"]
        if step == "offer":
            peer.offer(number)
        elif step == "ears":
            tell(id=number, value=peer.ears)
        else:
            getattr(peer, step)(*given)
            tell(id=number, value=None)
        return False

    def listen() -> None:
        for line in sys.stdin:
            GLib.idle_add(obey, line)
        GLib.idle_add(loop.quit)

    threading.Thread(target=listen, daemon=True).start()
    loop.run()
    peer.close()


if __name__ == "__main__":
    main()
