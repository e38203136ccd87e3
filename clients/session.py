"""The course of a call: join, stay joined, speak when paired, wait for the interpretation, leave."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from clients.devices import Devices
from clients.exit_status import LEFT, Ending, Exit
from clients.leave_condition import may_leave
from clients.media import Media, MediaOptions
from clients.options import Options
from clients.report import say, warn
from clients.signaling.api import Api, Entry
from clients.signaling.connection import Message, Refused, SocketLost, Unreachable
from clients.signaling.reconnect import ReconnectingSocket

POLL_INTERVAL_S = 0.05
"""Between two checks of a condition that the call waits for."""
PARTNER_MEDIA_TIMEOUT_S = 5.0
"""Longest wait for the partner's media before we speak."""
FAREWELL_TIMEOUT_S = 3.0
"""Longest wait for session_ended after leave_session."""
OFFER_ERRORS = {"bad_sdp", "no_audio", "bad_request"}


class Call:
    """One participant's call. `run()` returns when the call is over, and `ending` holds the reason."""

    def __init__(self, options: Options, devices: Devices) -> None:
        self._loop = asyncio.get_running_loop()
        self._options = options
        self._devices = devices
        self._journal = devices.journal
        self._paired_at: float | None = None  # loop time, s
        self._partner_media = False
        self._text_received_at = 0.0  # loop time, s
        self._stopping = False
        self._over = asyncio.Event()
        self._socket = ReconnectingSocket(
            options.language, options.grace, devices.journal, self._on_joined, self._on_message
        )
        self.media = Media(devices, MediaOptions(options.m_lines, options.grace, options.relay), self._socket)
        self.entry: Entry | None = None
        self.partner: Message | None = None
        self.metrics: Any = None  # those of session_ended
        self.ending: Ending | None = None

    def stop(self) -> None:
        """Leave the call now."""
        self._stopping = True
        self._journal.note("stopped")

    async def run(self) -> None:
        """Take part in the call until it is over."""
        async with Api(self._options.server, insecure=self._options.insecure) as api:
            try:
                entry = self.entry = await self._enter(api)
            except Refused as refusal:
                self._finish(Ending(refusal.code, Exit.REFUSED, refusal.message))
                return
            except Unreachable as problem:
                self._finish(Ending("unreachable", Exit.REFUSED, str(problem)))
                return
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(self._keep_joined(api, entry)),
                    tasks.create_task(self._socket.send_heartbeats()),
                    tasks.create_task(self._socket.watch_network()),
                    tasks.create_task(self.media.run(api)),
                ]
                await self._conduct()
                for task in running:
                    task.cancel()

    # ── joining ─────────────────────────────────────────────────────────────────────────────────

    async def _enter(self, api: Api) -> Entry:
        options = self._options
        token = await api.guest(options.name)
        if options.code is not None:
            entry = await api.join(token, options.code, options.language)
        else:
            solo = None if options.solo is None else {"language": options.solo}
            entry = await api.create(token, options.language, solo)
            if solo and entry.session_code:
                raise Refused("unsupported", "this server has no sessions for one: it is older than this client")
            if options.code_file and entry.session_code:
                options.code_file.write_text(entry.session_code + "\n", encoding="ascii")
        self._devices.subtitles.identify(entry.participant_id)
        self._journal.note("entered", sessionId=entry.session_id, participantId=entry.participant_id)
        self._say(sessionCode=entry.session_code, sessionId=entry.session_id, participantId=entry.participant_id)
        return entry

    async def _keep_joined(self, api: Api, entry: Entry) -> None:
        self._finish(await self._socket.run(api, entry))

    def _on_joined(self, joined: Message) -> None:
        self._journal.note("joined", status=joined.get("status"))
        servers = joined.get("iceServers")
        self.media.restart(servers if isinstance(servers, list) else [])
        partner = joined.get("partner")
        # While the session is "waiting" the partner has no socket yet: session_paired follows. One alone has none.
        if joined.get("status") != "waiting" and (isinstance(partner, dict) or self._options.solo is not None):
            self._pair(partner, joined.get("startedAt"))

    # ── messages of the server ───────────────────────────────────────────────────────────────────

    def _on_message(self, message: Message) -> None:
        kind = message.get("type")
        if kind == "answer":
            self.media.answer(message)
        elif kind == "tracks":
            self.media.assign(message.get("tracks"))
        elif kind == "session_paired":
            self._pair(message.get("partner"), message.get("startedAt"))
        elif kind in ("partner_connected", "partner_disconnected"):
            self._partner_media = kind == "partner_connected"
            self._journal.note(kind, reason=message.get("reason"))
        elif kind == "session_ended":
            self.metrics = message.get("metrics")
        elif kind == "error":
            self._on_error(message)
        elif kind not in ("heartbeat", "session_joined"):
            self._journal.note(str(kind), message=message)

    def _on_error(self, message: Message) -> None:
        code, text = str(message.get("code")), str(message.get("message", ""))
        self._journal.error("socket", code, text)
        if code in OFFER_ERRORS:
            self.media.refuse(Refused(code, text))

    def _pair(self, partner: Any, started_at: Any) -> None:
        if isinstance(partner, dict):
            self.partner = partner
            self._partner_media = self._partner_media or bool(partner.get("connected"))
        if self._paired_at is not None:
            return
        now = self._loop.time()
        self._paired_at = now
        self._journal.pair(now)
        self._devices.microphone.zero = now
        for receiver in self._devices.receivers.values():
            receiver.pair(now)
        self._journal.note("paired", startedAt=started_at)
        self._say(event="paired", t0Epoch=round(self._journal.epoch(now), 4), partner=self.partner)

    # ── speaking and leaving ─────────────────────────────────────────────────────────────────────

    async def _conduct(self) -> None:
        options = self._options
        if not await self._until(lambda: self._paired_at is not None, options.wait):
            if not self._stopping:
                outside = None if self._socket.was_joined.is_set() else self._socket.failure
                self._finish(outside or Ending("alone", Exit.ALONE, "nobody joined"))
        elif await self._until(lambda: self.media.connected):
            await self._speak()
            await self._until(self._may_leave)
        if self.ending is None or self.ending.status is Exit.ALONE:
            await self._leave()

    async def _until(self, condition: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait for a condition. Return False when the timeout or the end of the call comes first."""
        deadline = None if timeout is None else self._loop.time() + timeout
        while not condition():
            self._check_media()
            if self.ending or self._stopping or (deadline is not None and self._loop.time() >= deadline):
                return False
            await asyncio.sleep(POLL_INTERVAL_S)
        return self.ending is None and not self._stopping

    def _check_media(self) -> None:
        status = Exit.LOST if self.media.was_connected else Exit.REFUSED
        if self.media.refused:
            self._finish(Ending(self.media.refused.code, status, self.media.refused.message))
        elif self.media.failed:
            self._finish(Ending("media_lost", status, self.media.failed))

    async def _speak(self) -> None:
        """Set the times of the clips; the microphone plays them."""
        options, script = self._options, self._devices.microphone.script
        assert self._paired_at is not None
        if options.at:
            script.place(list(options.at))
        else:
            await self._until(lambda: self._partner_media, PARTNER_MEDIA_TIMEOUT_S)
            script.place_in_turn(self._loop.time() - self._paired_at + options.start_after, options.gap)

    def _may_leave(self) -> bool:
        assert self._paired_at is not None
        script, subtitles = self._devices.microphone.script, self._devices.subtitles
        voices = [receiver.last_voiced_arrival or 0.0 for receiver in self._devices.receivers.values()]
        return may_leave(
            self._loop.time() - self._paired_at,
            clips=len(script.clips),
            clips_end=script.end,
            stay=self._options.stay,
            linger=self._options.linger,
            last_activity=max(*voices, self._text_received_at) - self._paired_at,
            all_ended=subtitles.all_ended,
            mine_ended=subtitles.mine_ended,
        )

    def note_text(self) -> None:
        """Note that a subtitle message came: the conversation goes on."""
        self._text_received_at = self._loop.time()

    def _say(self, **facts: Any) -> None:
        """Print a line on standard output. Leave the call where nobody reads it any more."""
        if not say(**facts):
            self.stop()

    async def _leave(self) -> None:
        if not self._options.leave:
            self._finish(Ending("vanished", Exit.OK))
            return
        await self._first_joining()
        try:
            await self._socket.leave()
        except SocketLost as problem:
            self._finish(self._socket.ending or Ending("lost", Exit.LOST, str(problem)))
            return
        try:
            async with asyncio.timeout(FAREWELL_TIMEOUT_S):
                await self._over.wait()
        except TimeoutError:
            self._journal.error("socket", "no_farewell", "leave_session was not answered by session_ended")
        self._finish(LEFT)

    async def _first_joining(self) -> None:
        """Wait a moment for a socket that has never joined: without it nobody learns that we leave."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_TIMEOUT_S):
                await self._socket.was_joined.wait()

    def _finish(self, ending: Ending) -> None:
        """End the call. Only the first ending counts."""
        if self.ending is None:
            self.ending = ending
            self._over.set()
            self._journal.note("ended", reason=ending.reason)
            if ending.status is not Exit.OK:
                warn(f"{ending.reason}: {ending.message}" if ending.message else ending.reason)
