"""Life of a call: join, keep joined, speak when paired, stay until all is interpreted, leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from clients.exit_status import LEFT, Ending, Exit
from clients.leave_condition import may_leave
from clients.media import Media
from clients.microphone import Microphone
from clients.options import Options
from clients.receiver import Receiver
from clients.reconnect import ReconnectingSocket
from clients.report import Journal, say, warn
from clients.signaling import Entry, Message, Refused, Signaling, SocketLost, Unreachable
from clients.subtitles import Subtitles

TICK = 0.05  # s between two looks at the conditions that a call waits for
PARTNER_MEDIA = 5.0  # s that we wait for the partner's media before we start to speak
FAREWELL = 3.0  # s that we wait for the answer to leave_session
OFFER_ERRORS = {"bad_sdp", "no_audio", "bad_request"}


class Call:
    """One participant's call. `run()` returns when it is over; then `ending` says how it went."""

    def __init__(
        self,
        options: Options,
        microphone: Microphone,
        ears: dict[str, Receiver],
        subtitles: Subtitles,
        journal: Journal,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._options = options
        self._microphone = microphone
        self._ears = ears
        self._subtitles = subtitles
        self._journal = journal
        self._paired_at: float | None = None
        self._partner_media = False
        self._last_text = 0.0  # loop time
        self._stopping = False
        self._over = asyncio.Event()
        self._link = ReconnectingSocket(options.language, options.grace, journal, self._joined, self._on_message)
        self.media = Media(
            microphone,
            ears,
            subtitles,
            journal,
            options.lines,
            lambda: self._link.up,
            self._link.send,
            options.grace,
            options.relay,
        )
        self.entry: Entry | None = None
        self.partner: Message | None = None
        self.metrics: Any = None  # of session_ended
        self.ending: Ending | None = None

    def stop(self) -> None:
        """Leave now, properly."""
        self._stopping = True
        self._journal.note("stopped")

    async def run(self) -> None:
        async with Signaling(self._options.server, insecure=self._options.insecure) as signaling:
            try:
                entry = self.entry = await self._enter(signaling)
            except Refused as refusal:
                self._finish(Ending(refusal.code, Exit.REFUSED, refusal.message))
                return
            except Unreachable as problem:
                self._finish(Ending("unreachable", Exit.REFUSED, str(problem)))
                return
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(self._keep_joined(signaling, entry)),
                    tasks.create_task(self._link.keep_beating()),
                    tasks.create_task(self._link.keep_watch()),
                    tasks.create_task(self.media.run(lambda: self._link.ice_servers(signaling))),
                ]
                await self._conduct()
                for task in running:
                    task.cancel()

    # ── getting in, and back in ──────────────────────────────────────────────────────────────────

    async def _enter(self, signaling: Signaling) -> Entry:
        options = self._options
        token = await signaling.guest(options.name)
        if options.code is not None:
            entry = await signaling.join(token, options.code, options.language)
        else:
            entry = await signaling.create(token, options.language)
            if options.code_file and entry.session_code:
                options.code_file.write_text(entry.session_code + "\n", encoding="ascii")
        self._subtitles.identify(entry.participant_id)
        self._journal.note("entered", sessionId=entry.session_id, participantId=entry.participant_id)
        say(sessionCode=entry.session_code, sessionId=entry.session_id, participantId=entry.participant_id)
        return entry

    async def _keep_joined(self, signaling: Signaling, entry: Entry) -> None:
        self._finish(await self._link.run(signaling, entry))

    def _joined(self, joined: Message) -> None:
        self._journal.note("joined", status=joined.get("status"))
        servers = joined.get("iceServers")
        self.media.want(servers if isinstance(servers, list) else [])
        partner = joined.get("partner")
        # While the session is "waiting" the partner has no socket yet: session_paired follows.
        if isinstance(partner, dict) and joined.get("status") != "waiting":
            self._pair(partner, joined.get("startedAt"))

    # ── what the server says ─────────────────────────────────────────────────────────────────────

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
        self._microphone.zero = now
        for ear in self._ears.values():
            ear.pair(now)
        self._journal.note("paired", startedAt=started_at)
        say(event="paired", t0Epoch=round(self._journal.epoch(now), 4), partner=self.partner)

    # ── what we do ───────────────────────────────────────────────────────────────────────────────

    async def _conduct(self) -> None:
        options = self._options
        if not await self._until(lambda: self._paired_at is not None, options.wait):
            if not self._stopping:
                self._finish(Ending("alone", Exit.ALONE, "nobody joined"))
        elif await self._until(lambda: self.media.connected):
            await self._speak()
            await self._until(self._may_leave)
        if self.ending is None or self.ending.status is Exit.ALONE:
            await self._leave()

    async def _until(self, condition: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait for a condition; False when the time or the call is over before."""
        deadline = None if timeout is None else self._loop.time() + timeout
        while not condition():
            self._look_at_media()
            if self.ending or self._stopping or (deadline is not None and self._loop.time() >= deadline):
                return False
            await asyncio.sleep(TICK)
        return self.ending is None and not self._stopping

    def _look_at_media(self) -> None:
        status = Exit.LOST if self.media.was_connected else Exit.REFUSED
        if self.media.refused:
            self._finish(Ending(self.media.refused.code, status, self.media.refused.message))
        elif self.media.failed:
            self._finish(Ending("media_lost", status, self.media.failed))

    async def _speak(self) -> None:
        """Fix the times of the clips; the microphone does the rest."""
        options, script = self._options, self._microphone.script
        assert self._paired_at is not None
        if options.at:
            script.place(list(options.at))
        else:
            await self._until(lambda: self._partner_media, PARTNER_MEDIA)
            script.place_in_turn(self._loop.time() - self._paired_at + options.start_after, options.gap)

    def _may_leave(self) -> bool:
        assert self._paired_at is not None
        voices = [ear.last_voiced_arrival or 0.0 for ear in self._ears.values()]
        return may_leave(
            self._loop.time() - self._paired_at,
            clips=len(self._microphone.script.clips),
            said=self._microphone.script.end,
            stay=self._options.stay,
            linger=self._options.linger,
            last_sign=max(*voices, self._last_text) - self._paired_at,
            settled=self._subtitles.settled,
            mine_ended=self._subtitles.mine_ended,
        )

    def text_came(self) -> None:
        """A subtitle message came: there is still something going on."""
        self._last_text = self._loop.time()

    async def _leave(self) -> None:
        if not self._options.leave:
            self._finish(Ending("vanished", Exit.OK))
            return
        try:
            await self._link.leave()
        except SocketLost as problem:
            self._finish(self._link.ending or Ending("lost", Exit.LOST, str(problem)))
            return
        try:
            async with asyncio.timeout(FAREWELL):
                await self._over.wait()
        except TimeoutError:
            self._journal.error("socket", "no_farewell", "leave_session was not answered by session_ended")
        self._finish(LEFT)

    def _finish(self, ending: Ending) -> None:
        """The first ending counts."""
        if self.ending is None:
            self.ending = ending
            self._over.set()
            self._journal.note("ended", reason=ending.reason)
            if ending.status is not Exit.OK:
                warn(f"{ending.reason}: {ending.message}" if ending.message else ending.reason)
