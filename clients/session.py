"""The call's life: join, keep joined, speak when paired, stay until all is interpreted, leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from clients.backoff import Backoff
from clients.ear import Ear
from clients.media import Media
from clients.microphone import Microphone
from clients.options import Options
from clients.peer import IceSettings
from clients.report import Journal, say, warn
from clients.signaling import Entry, Message, Refused, Signaling, Socket, SocketLost, Unreachable
from clients.subtitles import Subtitles
from clients.verdict import Ending, Exit, ended_by_server

TICK = 0.05  # s between two looks at the conditions that a call waits for
QUIET = 2.5  # s without voice or text before we believe that nothing more will come
PARTNER_MEDIA = 5.0  # s that we wait for the partner's media before we start to speak
FAREWELL = 3.0  # s that we wait for the answer to leave_session
HEARTBEAT = 10.0  # s
# errors and close codes after which another attempt may succeed; after any other, none can
PASSING_ERRORS = {"rate_limited", "at_capacity", "internal", "engine_failed"}
FINAL_CLOSES = {
    1000: "session_ended",
    1009: "too_large",
    4001: "taken_over",
    4400: "bad_request",
    4401: "unauthorized",
}
OFFER_ERRORS = {"bad_sdp", "no_audio", "bad_request"}


class Call:
    """One participant's call. `run()` returns when it is over; then `ending` says how it went."""

    def __init__(
        self,
        options: Options,
        microphone: Microphone,
        ears: dict[str, Ear],
        subtitles: Subtitles,
        journal: Journal,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._options = options
        self._microphone = microphone
        self._ears = ears
        self._subtitles = subtitles
        self._journal = journal
        self._socket: Socket | None = None
        self._paired_at: float | None = None
        self._partner_media = False
        self._last_text = 0.0  # loop time
        self._stopping = False
        self._was_joined = False
        self._over = asyncio.Event()
        self.media = Media(
            microphone,
            ears,
            subtitles,
            journal,
            options.lines,
            lambda: self._socket is not None,
            self._send,
            options.grace,
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
                    tasks.create_task(self._keep_beating()),
                    tasks.create_task(self.media.run()),
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
        """One socket after another, until the call is over."""
        backoff = Backoff(self._options.grace)
        token = entry.token
        while self.ending is None:
            try:
                async with await signaling.connect(entry.ws_url) as socket:
                    joined = await socket.join(entry.session_id, token, self._options.language)
                    token = str(joined.get("resumeToken") or token)
                    backoff.succeeded()
                    self._joined(joined, socket)
                    async for message in socket.messages():
                        self._on_message(message)
            except Refused as refusal:
                self._journal.error("socket", refusal.code, refusal.message)
                if self._paired_at is None and not self.media.was_connected:
                    self._finish(Ending(refusal.code, Exit.REFUSED, refusal.message))
                elif refusal.code not in PASSING_ERRORS:
                    self._finish(Ending(refusal.code, Exit.LOST, refusal.message))
            except (SocketLost, Unreachable) as problem:
                self._socket_lost(problem)
            finally:
                self._socket = None
            if self.ending is None:
                wait = backoff.next(self._loop.time())
                if wait is None:
                    self._finish(Ending("lost", Exit.LOST, f"no way back within {self._options.grace:.0f} s"))
                else:
                    await asyncio.sleep(wait)

    def _socket_lost(self, problem: SocketLost | Unreachable) -> None:
        code = problem.code if isinstance(problem, SocketLost) else None
        if self.ending is None:
            self._journal.error("socket", FINAL_CLOSES.get(code or 0, "socket_lost"), str(problem))
        if not self._was_joined:
            self._finish(Ending("unreachable", Exit.REFUSED, str(problem)))
        elif code in FINAL_CLOSES:
            self._finish(Ending(FINAL_CLOSES[code], Exit.LOST, str(problem)))

    def _joined(self, joined: Message, socket: Socket) -> None:
        self._socket = socket
        self._was_joined = True
        self._journal.note("joined", status=joined.get("status"))
        servers = joined.get("iceServers")
        self.media.want(IceSettings(servers if isinstance(servers, list) else [], self._options.relay))
        partner = joined.get("partner")
        # While the session is "waiting" the partner has no socket yet: session_paired follows.
        if isinstance(partner, dict) and joined.get("status") != "waiting":
            self._pair(partner, joined.get("startedAt"))

    async def _send(self, message: Message) -> None:
        if self._socket is None:
            raise SocketLost(None, "no socket")
        await self._socket.send(message)

    async def _keep_beating(self) -> None:
        number = 0
        while True:
            await asyncio.sleep(HEARTBEAT)
            number += 1
            try:
                await self._send({"type": "heartbeat", "id": number})
            except SocketLost:
                continue  # the reader sees it too, and comes back

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
            self._finish(ended_by_server(str(message.get("reason"))))
        elif kind == "error":
            self._on_error(message)
        elif kind not in ("heartbeat", "session_joined"):
            self._journal.note(str(kind), **{key: message[key] for key in message if key != "type"})

    def _on_error(self, message: Message) -> None:
        code, text = str(message.get("code")), str(message.get("message", ""))
        self._journal.error("socket", code, text)
        if code in OFFER_ERRORS:
            self.media.refuse(Refused(code, text))
        if message.get("fatal") and code not in PASSING_ERRORS:
            self._finish(Ending(code, Exit.LOST, text))

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
        """Whether all that we said is interpreted and nothing has come for a while, or the time is over."""
        script = self._microphone.script
        assert self._paired_at is not None
        now = self._loop.time() - self._paired_at
        if now < self._options.stay or script.end is None or now < script.end:
            return False
        if not script.clips and not self._options.stay:
            return False  # a mere listener stays until the partner leaves
        last = max(script.end, self._options.stay)
        if now > last + self._options.linger:
            return True
        voices = [ear.last_voiced_arrival or 0.0 for ear in self._ears.values()]
        silent = self._loop.time() - max(*voices, self._last_text, self._paired_at + script.end)
        all_said = self._subtitles.settled and self._subtitles.mine_ended >= len(script.clips)
        return all_said and silent > QUIET

    def text_came(self) -> None:
        """A subtitle message came: there is still something going on."""
        self._last_text = self._loop.time()

    async def _leave(self) -> None:
        if not self._options.leave:
            self._finish(Ending("vanished", Exit.OK))
            return
        try:
            await self._send({"type": "leave_session"})
        except SocketLost as problem:
            self._finish(Ending("lost", Exit.LOST, str(problem)))
            return
        try:
            async with asyncio.timeout(FAREWELL):
                await self._over.wait()
        except TimeoutError:
            self._journal.error("socket", "no_farewell", "leave_session was not answered by session_ended")
        self._finish(Ending("left", Exit.OK))

    def _finish(self, ending: Ending) -> None:
        """The first ending counts."""
        if self.ending is None:
            self.ending = ending
            self._over.set()
            self._journal.note("ended", reason=ending.reason)
            if ending.status is not Exit.OK:
                warn(f"{ending.reason}: {ending.message}" if ending.message else ending.reason)
