"""Who is interpreted to whom: one interpreter for each speaker, from the moment that a session is paired."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from media.events import LanguageChanged, RoomFact, TrackMapping
from media.participant import INTERPRETER, ORIGINAL, Connection, Participant, ParticipantEar
from media.rtp.packets import RtpPacket
from media.subtitles.client_messages import ChannelMessage, EndUtterance, Say, SetLanguage
from pipeline.events import Event, LanguageDetected, Transcribed
from pipeline.interpreter import Interpreter, InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.text.language import primary, same


class Call:
    """The fan-out: each speaker's packets to every other's ears, each speaker's words to every other's tongue."""

    def __init__(
        self,
        people: Sequence[Participant],
        *,
        stages: EngineSet,
        tell: Callable[[RoomFact], None],
        now: Callable[[], float],
        session_ms: Callable[[float], float],
        settings: InterpreterOptions,
    ) -> None:
        self._people = list(people)
        self._stages = stages
        self._tell = tell
        self._now = now
        self._session_ms = session_ms
        self._barge_in = settings.barge_in
        self.interpreters = {
            person.participant: Interpreter(
                person.participant,
                person.language,
                stages=stages,
                audience=partial(self._others, person),
                tell=self._happened,
                now=now,
                settings=settings,
            )
            for person in people
        }
        for person in people:
            person.reactions = ParticipantEar(
                hear=self.interpreters[person.participant].hear,
                packet=partial(self._forward, person),
                asked=partial(self._asked, person),
            )
            self.set_detection(person, person.detects_language)

    def release(self) -> None:
        """The call is over: nobody refers to anybody."""
        for person in self._people:
            person.reactions = None
        for interpreter in self.interpreters.values():
            interpreter.forget()
        self._people.clear()
        self.interpreters.clear()

    def tick(self, now: float) -> None:
        for interpreter in self.interpreters.values():
            interpreter.tick(now)

    def set_language(self, person: Participant, language: str) -> None:
        """From the next utterance on; one that has begun keeps its language."""
        person.language = language
        self.interpreters[person.participant].language = language

    def set_detection(self, person: Participant, on: bool) -> None:
        """Whether what they speak is detected from now on, among what can be interpreted to all others."""
        person.detects_language = on
        self.interpreters[person.participant].detect(partial(self._detectable, person) if on else None)

    def _detectable(self, person: Participant) -> frozenset[str]:
        """Languages that this speaker may turn out to speak: heard here, and of use to those who listen."""
        pairs, theirs = self._stages.pairs(), [primary(other.language) for other in self._others(person)]
        return frozenset(
            one
            for one in self._stages.stt.languages
            if all(one == other or {(one, other), (other, one)} & pairs for other in theirs)
        )

    def interprets(self, speaker: Participant, listener: Participant) -> bool:
        """Whether the listener hears an interpreter; if not, the speaker's own voice is the call."""
        pair = primary(speaker.language), primary(listener.language)
        return not same(*pair) and pair in self._stages.pairs() and self._stages.ready

    def _others(self, speaker: Participant) -> list[Participant]:
        return [person for person in self._people if person is not speaker]

    def _forward(self, speaker: Participant, packet: RtpPacket, now: float) -> None:
        for listener in self._others(speaker):
            connection = listener.connection
            if connection is None:
                continue
            if len(connection.mids) > 1:
                line = 1 + self._others(listener).index(speaker)
            elif not self.interprets(speaker, listener):
                line = 0
            else:
                continue
            listener.hear_original(line, packet, now)

    def tracks(self, listener: Participant, connection: Connection) -> tuple[TrackMapping, ...]:
        """Who stands behind each line of a listener's connection now."""
        return track_lines(connection.mids, listener, self._others(listener), self.interprets)

    def _asked(self, person: Participant, message: ChannelMessage) -> None:
        interpreter = self.interpreters[person.participant]
        match message:
            case EndUtterance():
                interpreter.end_utterance()
            case Say(text, client_id):
                if not interpreter.say(text, round(self._session_ms(self._now())), client_id):
                    person.refuse("rate_limited", "Too many lines wait to be translated.")
            case SetLanguage(language, detect):
                self._tell(LanguageChanged(person.participant, language, detect=detect))

    def _happened(self, event: Event) -> None:
        for person in self._people:
            person.tell(event)
        for interpreter in self.interpreters.values():
            interpreter.overhear(event)
        if self._barge_in and isinstance(event, Transcribed) and event.text and event.client_id is None:
            # Words, not mere voice, and no echo (they would not be told): noise hushes nobody.
            for person in self._people:
                if person.participant == event.speaker and person.spoken_to:
                    person.interrupt()
        self._tell(event)
        if isinstance(event, LanguageDetected):
            self._tell(LanguageChanged(event.speaker, event.language, detect=True, detected=True))


def track_lines(
    mids: Sequence[str],
    listener: Participant,
    others: Sequence[Participant],
    interprets: Callable[[Participant, Participant], bool],
) -> tuple[TrackMapping, ...]:
    """The first line is the interpreter's, the others are the partners' own voices in order.

    A client with a single line gets the original on it whenever nothing is interpreted.
    """
    lines = []
    for index, mid in enumerate(mids):
        partner = others[max(0, index - 1)] if max(0, index - 1) < len(others) else None
        alone = index == 0 and len(mids) == 1 and partner is not None and not interprets(partner, listener)
        kind = ORIGINAL if index > 0 or alone else INTERPRETER
        lines.append(TrackMapping(mid, kind, None if partner is None else partner.participant))
    return tuple(lines)
