"""A short talk of two headless peers, and what must have come of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testing.hotel_dialogue import GUEST, RECEPTIONIST, Person, Sentence
from testing.words import share_heard
from tests.kit.lab_machines import Peer, World, call, spoken
from tests.kit.network_namespaces import Host

UNDERSTOOD = 0.8  # of the words


@dataclass(eq=False)
class Talk:
    """Ana speaks English on one host, Ben Spanish on another; each says the sentences of that number."""

    world: World
    name: str
    ana: Peer
    ben: Peer
    numbers: tuple[int, ...]

    def finish(self, timeout: float = 90) -> tuple[dict[str, Any], dict[str, Any]]:
        """Both reports, after both have left."""
        return self.ana.finish(timeout), self.ben.finish(timeout)


def begin(
    world: World,
    name: str,
    ana: Host,
    ben: Host,
    *,
    numbers: tuple[int, ...] = (2,),
    for_ana: tuple[str, ...] = (),
    for_ben: tuple[str, ...] = (),
    trust: Path | None = None,
) -> Talk:
    """Start the talk; `for_…` are further arguments of `dragoman call`."""
    folder = world.folder / name
    first = call(
        ana, world.server, folder / "ana", "--create", "--language", "en", *_wavs(folder, GUEST, numbers),
        *for_ana, trust=trust,
    )  # fmt: skip
    second = call(
        ben, world.server, folder / "ben", "--code", first.code, "--language", "es",
        *_wavs(folder, RECEPTIONIST, numbers), *for_ben, trust=trust,
    )  # fmt: skip
    return Talk(world, name, first, second, numbers)


def _wavs(folder: Path, person: Person, numbers: tuple[int, ...]) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    for number in numbers:
        found += ["--wav", str(spoken(folder, person.voice, person.sentences[number].text))]
    return found


def check_understood(
    talk: Talk, reports: tuple[dict[str, Any], dict[str, Any]], *, among: tuple[int, ...] = (), least: int = 0
) -> None:
    """Assert that both left properly, heard the interpreter, and read the other's sentences in their own language: all
    of them, or at least `least` of those `among` these numbers."""
    numbers = among or talk.numbers
    for report, peer, other in zip(reports, (talk.ana, talk.ben), (RECEPTIONIST, GUEST), strict=True):
        assert (report["status"], report["lines"]["interpreter"]["heard"]) == ("ok", True), f"{talk.name}: {peer.told}"
        read = final_translations(peer, report)
        found = [n for n in numbers if any(_alike(other.sentences[n], text) for text in read)]
        assert len(found) >= (least or len(numbers)), f"{talk.name}: {found} of {numbers} in {read}"


def final_translations(peer: Peer, report: dict[str, Any]) -> list[str]:
    """Return the partner's utterances in our language, one text each."""
    utterances: dict[str, list[str]] = {}
    for message in peer.messages:
        if message["type"] == "translation" and message["final"] and message["targetUserId"] == report["participantId"]:
            utterances.setdefault(message["utteranceId"], []).append(message["translatedText"])
    return [" ".join(parts) for parts in utterances.values()]


def _alike(wanted: Sentence, text: str) -> bool:
    return share_heard(wanted.translation, text) >= UNDERSTOOD


def pairs(report: dict[str, Any]) -> list[list[str]]:
    """Types of the local and the remote candidate of each connection that came up."""
    return [connection["candidates"] for connection in report["connections"] if "candidates" in connection]


def events(report: dict[str, Any], kind: str) -> list[float]:
    """Epoch times of what a peer noted."""
    return [event["epoch"] for event in report["events"] if event["event"] == kind]


def check_nothing_lost_or_twice(talk: Talk, reports: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Over all connections each number came once and in order, every utterance ended once for its listener,
    both read the same of it, and nothing was spoken twice."""
    ended: list[dict[str, str]] = []
    for report, peer in zip(reports, (talk.ana, talk.ben), strict=True):
        numbers = [message["seq"] for message in peer.messages if "seq" in message]
        assert numbers == sorted(set(numbers)), f"{talk.name}: numbers came twice or out of order"
        assert report["subtitles"]["holes"] == 0 and report["subtitles"]["unfinished"] == [], talk.name
        assert not any(one["code"] == "gap" for one in report["subtitles"]["errors"]), talk.name
        ends = [message for message in peer.messages if message["type"] == "utterance_end"]
        assert len({one["utteranceId"] for one in ends}) == len(ends), f"{talk.name}: an utterance ended twice"
        ended.append({one["utteranceId"]: one["outcome"] for one in ends})
        began = [
            (one["utteranceId"], one["segment"], one["targetUserId"])
            for one in peer.messages
            if one["type"] == "speech_audio" and one["state"] == "start"
        ]
        assert len(set(began)) == len(began), f"{talk.name}: a segment was spoken twice: {began}"
    assert ended[0] == ended[1], f"{talk.name}: {ended}"


def understood(talk: Talk, reports: tuple[dict[str, Any], dict[str, Any]]) -> int:
    """Return the number of sentences of both that the other read in their own language; each text counts once."""
    count = 0
    for report, peer, other in zip(reports, (talk.ana, talk.ben), (RECEPTIONIST, GUEST), strict=True):
        read = final_translations(peer, report)
        for number in talk.numbers:
            match = next((text for text in read if _alike(other.sentences[number], text)), None)
            if match is not None:
                read.remove(match)
                count += 1
    return count
