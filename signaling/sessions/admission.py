"""Admission of people who join by code: the creator is asked, and lets them in or turns them away."""

from __future__ import annotations

from media.events import CallMetrics
from signaling.refusal import ENDED, Code, Refusal
from signaling.sessions.participants import Participants
from signaling.sessions.registry import SessionRegistry
from signaling.websocket import server_messages


class Admission:
    """Admission to one session."""

    def __init__(self, session: str, participants: Participants, registry: SessionRegistry) -> None:
        self._session = session
        self._participants = participants
        self._registry = registry

    def request(self, participant: str) -> None:
        """Ask the creator at once, before the participant opens a socket; not for one who is let in already."""
        person = self._participants.person(participant)
        if not person.admitted:
            self._participants.send(self._participants.creator, server_messages.join_request(person))

    def repeat_requests(self) -> None:
        """Ask the creator, who has just joined or returned, about everyone who waits."""
        for one in self._participants.record.participants:
            self.request(one.id)

    def answer(self, by: str, participant: str, accept: bool) -> bool:
        """Carry out the creator's answer. True if the participant is let in now and was not before.

        Raises Refusal `forbidden` where `by` is not the creator, `not_found` where nobody asks under that id.
        """
        if by != self._participants.creator:
            raise Refusal(Code.FORBIDDEN, "only the creator of the session may let somebody in")
        person = self._participants.record.participant(participant)
        if person is None or participant == by:
            raise Refusal(Code.NOT_FOUND, "nobody with that participantId asks to be let in")
        if person.admitted:
            return False
        if accept:
            self._registry.update(self._session, participant, admitted=True)
            return True
        self._registry.turn_away(self._session, participant)
        connection = self._participants.remove(participant)
        if connection is not None:
            connection.refuse(Refusal(Code.NOT_ADMITTED, "the other person did not let you in"))
        return False

    def withdraw(self, participant: str) -> None:
        """Remove a participant who leaves, or vanishes, before the creator's answer."""
        self._registry.withdraw(self._session, participant)
        connection = self._participants.remove(participant)
        if connection is not None:
            connection.send(server_messages.session_ended("left", server_messages.metrics(CallMetrics())))
            connection.close(ENDED)
