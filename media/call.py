"""The interpreted call: one interpreter for each speaker, and who is interpreted to whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from media.boundary import Boundary
from media.events import LanguageChanged, RefusalCode, RoomEvent, Seam
from media.own_ear import OwnEar
from media.participant import Participant
from media.rtp.packets import RtpPacket
from media.subtitles.client_messages import ChannelMessage, EndUtterance, Say, SetLanguage, StartOver, Typing
from media.typing_indicator import TypingIndicator
from pipeline.delivery.listener import Listener
from pipeline.events import Event, LanguageDetected, Transcribed
from pipeline.interpreter import Interpreter, InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.speech import Frame
from pipeline.text.language import primary, same


class Call:
    """Forwards each speaker's packets to every partner, and interprets each speaker's words for all listeners."""

    def __init__(
        self,
        people: Sequence[Participant],
        *,
        stages: EngineSet,
        emit: Callable[[RoomEvent], None],
        now: Callable[[], float],
        session_ms: Callable[[float], float],
        options: InterpreterOptions,
        boundary: Boundary | None = None,
    ) -> None:
        """`now` returns loop time in seconds, `session_ms` the session time at a loop time.

        An error in what is done for one of the people stays within `boundary`.
        """
        self._people = list(people)
        self._partners = {one.participant: [other for other in people if other is not one] for one in people}
        self._ears = {
            one.participant: [(other, 1 + self._partners[other.participant].index(one)) for other in self.partners(one)]
            for one in people
        }
        """Those who may hear a speaker's own voice, each with the m-line that it has at theirs, by speaker."""
        self._typing = {one.participant: TypingIndicator() for one in people}
        self._typists: set[Participant] = set()
        """Those whose partners are to be told of it: nobody else costs a slot anything."""
        self._own_ears = {one.participant: (OwnEar(one, one.hears_self_in),) for one in people if one.hears_self_in}
        self._stages = stages
        self._emit = emit
        self._boundary = boundary or Boundary("")
        self._now = now
        self._session_ms = session_ms
        self._barge_in = options.barge_in
        self.interpreters = {
            person.participant: Interpreter(
                person.participant,
                person.language,
                stages=stages,
                audience=partial(self.listeners, person),
                emit=self._pass_on,
                now=now,
                settings=options,
            )
            for person in people
        }
        for person in people:
            interpreter = self.interpreters[person.participant]
            interpreter.origin.others = [self.interpreters[one.participant].origin for one in self.partners(person)]
            person.join(_SpeakerSink(self, person, interpreter.hear, partial(self.forward, person)))
            self.set_detection(person, person.detects_language)

    def detach(self) -> None:
        """Cut the ties between interpreters and participants: the call is over."""
        for interpreter in self.interpreters.values():
            interpreter.detach()
        self._people.clear()
        self._partners.clear()
        self._ears.clear()
        self._own_ears.clear()
        self._typing.clear()
        self._typists.clear()
        self.interpreters.clear()

    def tick(self, now: float) -> None:
        """Let each interpreter see the time, every 20 ms slot, and tell partners who types."""
        if self._typists:
            self._tell_of_typing(now)
        for speaker, interpreter in self.interpreters.items():
            try:
                interpreter.tick(now)
            except Exception as error:  # noqa: BLE001 - `note` logs it
                self._boundary.note(Seam.MICROPHONE, speaker, error)

    def _note_typing(self, writer: Participant, on: bool) -> None:
        self._typing[writer.participant].note(on, self._now())
        self._typists.add(writer)

    def _tell_of_typing(self, now: float) -> None:
        """Tell partners which participant types, and which one does so no longer."""
        for writer in tuple(self._typists):
            indicator = self._typing[writer.participant]
            on = indicator.due(now)
            if on is not None:
                for partner in self.partners(writer):
                    self._boundary.contain(
                        Seam.SUBTITLES, partner.participant, partner.show_typing, writer.participant, on=on
                    )
            if indicator.is_over:
                self._typists.discard(writer)

    def set_language(self, person: Participant, language: str) -> None:
        """Speak and hear `language` from the next utterance on; one that has begun keeps its language."""
        person.language = language
        self.interpreters[person.participant].language = language

    def set_detection(self, person: Participant, on: bool) -> None:
        """Detect the person's language from now on, or no longer.

        Candidates are the languages that can be interpreted to all listeners.
        """
        person.detects_language = on
        self.interpreters[person.participant].detect(partial(self._detectable, person) if on else None)

    def _detectable(self, person: Participant) -> frozenset[str]:
        """Return the languages that can be recognised, and interpreted between the person and all listeners."""
        pairs, theirs = self._stages.pairs(), [primary(other.language) for other in self.listeners(person)]
        return frozenset(
            one
            for one in self._stages.stt.languages
            if all(one == other or {(one, other), (other, one)} & pairs for other in theirs)
        )

    def interprets(self, speaker: Participant, listener: Participant) -> bool:
        """True if the listener hears an interpreter of speech; if not, the speaker's own voice is the call."""
        pair = primary(speaker.language), primary(listener.language)
        recognised = self._stages.hears(speaker.language)
        return not same(*pair) and recognised and pair in self._stages.pairs() and self._stages.ready

    def partners(self, speaker: Participant) -> list[Participant]:
        """Return all participants but the speaker, in order."""
        return self._partners.get(speaker.participant, [])

    def listeners(self, speaker: Participant) -> Sequence[Listener]:
        """Return all who hear the speaker interpreted: the partners, or the speaker's own ear."""
        return self._own_ears.get(speaker.participant) or self.partners(speaker)

    def forward(self, speaker: Participant, packet: RtpPacket, now: float) -> None:
        """Send a packet of the speaker's own voice to each partner who has an m-line for it, at loop time `now`."""
        for listener, m_line in self._ears.get(speaker.participant, ()):
            try:
                connection = listener.connection
                if connection is None:
                    continue
                if len(connection.mids) > 1:
                    listener.play_original(m_line, packet, now)
                elif not self.interprets(speaker, listener) and not listener.spoken_to:
                    listener.play_original(0, packet, now)
            except Exception as error:  # noqa: BLE001 - `note` logs it
                self._boundary.note(Seam.ORIGINAL, listener.participant, error)

    def request(self, person: Participant, message: ChannelMessage) -> None:
        """Do what the person asks for on the subtitles channel, or refuse it there."""
        interpreter = self.interpreters[person.participant]
        match message:
            case EndUtterance():
                interpreter.end_utterance()
            case StartOver():
                interpreter.start_over()
            case Typing(on):
                self._note_typing(person, on)
            case Say(text, client_id):
                self._note_typing(person, False)
                if not interpreter.say(text, round(self._session_ms(self._now())), client_id):
                    person.refuse(RefusalCode.RATE_LIMITED, "Too many texts wait to be translated.")
            case SetLanguage(language, detect):
                self._emit(LanguageChanged(person.participant, language, detect=detect))

    def _pass_on(self, event: Event) -> None:
        """Pass an interpreter's event on: to subtitles first, then to the other interpreters, then to observers."""
        for person in self._people:
            if not self._boundary.contain(Seam.SUBTITLES, person.participant, person.show, event):
                self._boundary.contain(Seam.SUBTITLES, person.participant, person.miss)
        for listener, interpreter in self.interpreters.items():
            self._boundary.contain(Seam.OVERHEARD, listener, interpreter.overhear, event)
        if self._barge_in and isinstance(event, Transcribed) and event.text and event.client_id is None:
            # Words interrupt, not mere voice, and an echo is not transcribed: noise silences nobody's interpreter.
            # Somebody alone in a session goes on speaking while they hear their sentence before.
            for person in self._people:
                if person.participant == event.speaker and person.spoken_to and not person.hears_self_in:
                    self._boundary.contain(Seam.VOICE, person.participant, person.interrupt)
        self._emit(event)
        if isinstance(event, LanguageDetected):
            self._emit(LanguageChanged(event.speaker, event.language, detect=True, detected=True))


@dataclass(frozen=True, slots=True)
class _SpeakerSink:
    """The `SpeakerSink` of one participant."""

    call: Call
    person: Participant
    hear: Callable[[Frame], None]
    forward: Callable[[RtpPacket, float], None]

    def request(self, message: ChannelMessage) -> None:
        self.call.request(self.person, message)
