"""`dragoman call`: a headless participant. Its command line is in options.py, its exit status in exit_status.py."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import ExitStack
from typing import Any

from clients.devices import KINDS, Devices
from clients.exit_status import Exit, judge
from clients.options import Options, parse
from clients.report import Journal, say, warn, write_json, write_line
from clients.session import Call
from clients.sound.microphone import Clip, Microphone, Script
from clients.sound.opus import Decoder
from clients.sound.wav import Recording, load
from clients.subtitles import Subtitles
from clients.webrtc.receiver import Receiver


def main(argv: list[str] | None = None) -> int:
    """Run one call. Return the exit status."""
    options = parse(argv)
    try:
        clips = [Clip(str(path), load(path)) for path in options.wavs]
    except ValueError as error:
        warn(str(error))
        return Exit.USAGE
    return asyncio.run(call(options, clips))


async def call(options: Options, clips: list[Clip]) -> Exit:
    """Run one call and write its recordings. The report is written however the call ends."""
    loop = asyncio.get_running_loop()
    journal = Journal(loop.time)
    microphone = Microphone(Script(clips), loop.time, dtx=options.dtx)
    with ExitStack() as files:
        paths = (options.out, options.original_out)
        try:
            recordings = [files.enter_context(Recording(path)) for path in paths]
            lines = options.subtitles and files.enter_context(options.subtitles.open("w", encoding="utf-8"))
        except OSError as error:
            warn(str(error))
            return Exit.USAGE
        receivers = {kind: Receiver(Decoder, one.write) for kind, one in zip(KINDS, recordings, strict=True)}

        def on_message(message: dict[str, Any]) -> None:
            session.note_text()
            if lines:
                write_line(lines, journal.stamp(message))

        devices = Devices(microphone, receivers, Subtitles(on_message), journal)
        session = Call(options, devices)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, session.stop)
        try:
            await session.run()
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
        for receiver, recording in zip(receivers.values(), recordings, strict=True):
            receiver.flush()
            recording.extend(int((loop.time() - (journal.zero or loop.time())) * 48000))
    status = conclude(options, session, devices)
    if options.report:
        write_json(options.report, report(options, session, devices, status))
    say(event="ended", exit=int(status), status=status.name.lower(), reason=_reason(session))
    return status


def _reason(session: Call) -> str | None:
    return session.ending.reason if session.ending else None


def conclude(options: Options, session: Call, devices: Devices) -> Exit:
    """Return the exit status of a call that is over."""
    assert session.ending is not None
    return judge(
        session.ending,
        expect=options.expect,
        spoke=bool(options.wavs),
        voice_expected=devices.subtitles.voice_expected,
        heard_interpreter=devices.receivers["interpreter"].has_voice,
        heard_original=devices.receivers["original"].has_voice,
        received_subtitles=devices.subtitles.any_final,
    )


def report(options: Options, session: Call, devices: Devices, status: Exit) -> dict[str, Any]:
    """Return all measurements. Times are s after the pairing, `…Epoch` are epoch seconds."""
    microphone, journal = devices.microphone, devices.journal
    zero = None if journal.zero is None else round(journal.epoch(journal.zero), 4)
    spoken = [
        {"wav": clip.name, "start": round(start, 4), "end": round(end, 4)}
        | ({"startEpoch": round(zero + start, 4), "endEpoch": round(zero + end, 4)} if zero else {})
        for clip, (start, end) in zip(microphone.script.clips, microphone.script.spans(), strict=False)
    ]
    return {
        "exit": int(status),
        "status": status.name.lower(),
        "reason": _reason(session),
        "language": options.language,
        "sessionId": session.entry and session.entry.session_id,
        "sessionCode": session.entry and session.entry.session_code,
        "participantId": session.entry and session.entry.participant_id,
        "partner": session.partner,
        "t0Epoch": zero,
        "spoken": spoken,
        "microphone": microphone.summary(),
        "lines": {kind: receiver.summary() for kind, receiver in devices.receivers.items()},
        "subtitles": devices.subtitles.summary(),
        "connections": session.media.connections,
        "metrics": session.metrics,
        "events": journal.events,
        "errors": journal.errors,
    }


if __name__ == "__main__":
    sys.exit(main())
