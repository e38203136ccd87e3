"""Reads the SDP offer, and refuses one that can't be served (RFC 8829, RFC 8843, RFC 8839, RFC 8841).

Strict about what a call needs, deaf to the rest. Pure; every parser here faces the network.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from aioice import Candidate

from media.events import OfferRefused, RefusalCode
from media.webrtc.sdp_values import fingerprint, ice_text, most_bitrate, token

MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"
LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
MAX_LINES = 16
MAX_CANDIDATES = 64
MAX_MID = 16
"""Characters of a mid that fit into an RTP header extension of one byte (RFC 8285)."""
LEAST_MESSAGE = 1024
"""Bytes that a client must take in a message of its data channel: our longest without its texts, and some room."""
MAX_DIGITS = 12
MAX_SSRCS = 16
_DIRECTIONS = {"sendrecv", "sendonly", "recvonly", "inactive"}


@dataclass(slots=True)
class MediaLine:
    """One m-line of an offer. `mid` is empty where the client gave none."""

    kind: str
    protocol: str
    formats: list[str]
    port: str
    mid: str = ""
    direction: str = "sendrecv"
    opus: int | None = None
    opus_types: set[int] = field(default_factory=set)
    """All payload types that name Opus; `opus` is the one that is answered."""
    most_bitrates: dict[str, int] = field(default_factory=dict)
    """Bit/s that the client wants to receive at most, by payload type, as its `fmtp` says: it may precede `rtpmap`."""
    signals: set[int] = field(default_factory=set)
    """Payload types of comfort noise and telephone events, which hold no voice."""
    ssrcs: set[int] = field(default_factory=set)
    """Synchronisation sources that the client declares (RFC 5576): a hint."""
    mid_id: int | None = None
    level_id: int | None = None
    ufrag: str = ""
    password: str = ""
    fingerprints: list[tuple[str, str]] = field(default_factory=list)
    setup: str = ""
    candidates: list[Candidate] = field(default_factory=list)
    candidates_end: bool = False
    rtcp_mux: bool = False
    sctp_port: int = 5000
    max_message_size: int = 65536
    """Bytes; 0 is any number, and 65536 where the client says nothing (RFC 8841, 6.1)."""
    bundle_only: bool = False
    problem: str = ""
    """The first attribute of it that can't be read, in words."""

    @property
    def most_bitrate(self) -> int | None:
        """Bit/s of Opus that the client wants to receive at most; None where it says nothing."""
        return self.most_bitrates.get(str(self.opus))

    @property
    def rejected(self) -> bool:
        """True if the client itself does not use it: its port is 0, and it is not `bundle-only` (RFC 8843, 6)."""
        return not self.port.partition("/")[0].strip("0") and not self.bundle_only

    @property
    def matters(self) -> bool:
        """True if a call could use it."""
        return self.kind in ("audio", "application") and not self.rejected


@dataclass(slots=True)
class SdpOffer:
    """A peer's proposal: its m-lines, and the one transport (BUNDLE) under them."""

    m_lines: list[MediaLine]
    bundled: list[str]
    ufrag: str
    password: str
    fingerprints: list[tuple[str, str]]
    setup: str
    candidates: list[Candidate]
    candidates_end: bool
    grouped: bool = True
    """False where the client offers no bundle, as for a single m-line."""

    def accepts(self, m_line: MediaLine) -> bool:
        """True if we answer this m-line with media (else with port 0)."""
        if not m_line.matters or m_line.mid not in self.bundled:
            return False
        if m_line.kind == "audio":
            return m_line.opus is not None
        return m_line.kind == "application" and "webrtc-datachannel" in m_line.formats

    @property
    def audio(self) -> list[MediaLine]:
        return [m_line for m_line in self.m_lines if m_line.kind == "audio" and self.accepts(m_line)]

    @property
    def data(self) -> MediaLine | None:
        return next((m_line for m_line in self.m_lines if m_line.kind == "application" and self.accepts(m_line)), None)


def parse_offer(text: str) -> SdpOffer:
    """Read an offer. Raises OfferRefused: `bad_sdp`, or `no_audio` where no m-line could carry a voice."""
    try:
        session, m_lines = _parse(text)
    except (ValueError, IndexError) as error:
        raise _bad(f"the offer can't be read: {error}") from None
    if not m_lines:
        raise _bad("the offer has no media lines")
    used = [m_line for m_line in m_lines if not m_line.rejected]
    alone = [used[0].mid] if len(used) == 1 else []
    bundled = alone if session.bundled is None else session.bundled
    offer = SdpOffer(m_lines, bundled, "", "", [], "", [], False, grouped=session.bundled is not None)
    accepted = [m_line for m_line in m_lines if offer.accepts(m_line)]
    problem = next((m_line.problem for m_line in m_lines if m_line.problem and m_line.matters), None)
    if problem is not None:
        raise _bad(f"the offer can't be read: {problem}")
    if not offer.audio:
        raise OfferRefused(RefusalCode.NO_AUDIO, "the offer has no bundled audio line with Opus")
    # BUNDLE's transport is that of the group's first m-line (RFC 8843, 7.2); the others' will not be used.
    tagged = min(accepted, key=lambda m_line: bundled.index(m_line.mid))
    for m_line in [tagged, *accepted]:
        offer.ufrag = offer.ufrag or m_line.ufrag or session.ufrag
        offer.password = offer.password or m_line.password or session.password
        offer.fingerprints = offer.fingerprints or m_line.fingerprints or session.fingerprints
        offer.setup = offer.setup or m_line.setup or session.setup
    # A bundle that was gathered for a line which we refuse, such as video, has them there.
    same = [one for one in m_lines if one.mid in bundled and (one.ufrag or session.ufrag) == offer.ufrag]
    source = next((one for one in [tagged, *same] if one.candidates), tagged)
    offer.candidates = source.candidates
    offer.candidates_end = source.candidates_end or session.candidates_end
    if not offer.ufrag or not offer.password:
        raise _bad("the offer has no ICE credentials")
    if not offer.fingerprints:
        raise _bad("the offer has no DTLS fingerprint")
    if offer.setup not in ("actpass", "active", "passive"):
        raise _bad("the offer's setup attribute must be actpass, active or passive")
    mids = [m_line.mid for m_line in m_lines if m_line.mid]
    if len(set(mids)) != len(mids):
        raise _bad("two media lines have the same mid")
    if offer.data is not None and 0 < offer.data.max_message_size < LEAST_MESSAGE:
        raise _bad(f"max-message-size must be 0, or at least {LEAST_MESSAGE}")
    return offer


def _bad(why: str) -> OfferRefused:
    return OfferRefused(RefusalCode.BAD_SDP, why)


@dataclass(slots=True)
class _Session:
    bundled: list[str] | None = None
    ufrag: str = ""
    password: str = ""
    fingerprints: list[tuple[str, str]] = field(default_factory=list)
    setup: str = ""
    candidates_end: bool = False


def _parse(text: str) -> tuple[_Session, list[MediaLine]]:
    rows = text.replace("\r\n", "\n").split("\n")
    if not rows or rows[0] != "v=0":
        raise ValueError("it does not begin with v=0")
    session, m_lines = _Session(), list[MediaLine]()
    for row in rows[1:]:
        if row.startswith("m="):
            if not row.isprintable():  # the answer repeats it, also where it is refused
                raise ValueError("a media line holds control characters")
            if len(m_lines) == MAX_LINES:
                raise ValueError(f"more than {MAX_LINES} media lines")
            kind, port, protocol, *formats = row[2:].split()
            if not port.partition("/")[0].isdecimal():
                raise ValueError("a media line's port is not a number")
            m_lines.append(MediaLine(kind, protocol, formats, port))
        elif row.startswith("a="):
            name, _, value = row[2:].partition(":")
            if m_lines:
                try:
                    _line_attribute(m_lines[-1], name, value)
                except (ValueError, IndexError) as error:
                    m_lines[-1].problem = m_lines[-1].problem or str(error)
            else:
                _session_attribute(session, name, value)
        elif row and row[1:2] != "=":
            raise ValueError("a row is not of the form x=value")
    return session, m_lines


def _session_attribute(session: _Session, name: str, value: str) -> None:
    match name:
        case "group" if value.startswith("BUNDLE") and session.bundled is None:
            session.bundled = value.split()[1:]
        case "ice-ufrag":
            session.ufrag = ice_text(value)
        case "ice-pwd":
            session.password = ice_text(value)
        case "fingerprint":
            session.fingerprints.append(fingerprint(value))
        case "setup":
            session.setup = value.strip()
        case "end-of-candidates":
            session.candidates_end = True


def _line_attribute(m_line: MediaLine, name: str, value: str) -> None:
    match name:
        case "mid":
            m_line.mid = token(value)
            if len(m_line.mid) > MAX_MID:
                raise ValueError(f"a mid must have at most {MAX_MID} characters")
        case "rtpmap":
            number, codec = value.split(maxsplit=1)
            _payload_type(m_line, number, codec.strip().lower())
        case "fmtp":
            number, _, parameters = value.partition(" ")
            if (bitrate := most_bitrate(parameters)) is not None:
                m_line.most_bitrates[number] = bitrate
        case "ssrc":
            source = value.split(maxsplit=1)[0] if value.strip() else ""
            if source.isdecimal() and len(source) <= 10 and len(m_line.ssrcs) < MAX_SSRCS:
                m_line.ssrcs.add(int(source))
        case "extmap":
            number, uri = value.split()[:2]
            identifier = int(number.partition("/")[0])
            if 1 <= identifier <= 14:
                if uri == MID_URI:
                    m_line.mid_id = identifier
                elif uri == LEVEL_URI:
                    m_line.level_id = identifier
        case "ice-ufrag":
            m_line.ufrag = ice_text(value)
        case "ice-pwd":
            m_line.password = ice_text(value)
        case "fingerprint":
            m_line.fingerprints.append(fingerprint(value))
        case "setup":
            m_line.setup = value.strip()
        case "candidate":
            if len(m_line.candidates) < MAX_CANDIDATES and (candidate := parse_candidate(value)) is not None:
                m_line.candidates.append(candidate)
        case "end-of-candidates":
            m_line.candidates_end = True
        case "rtcp-mux":
            m_line.rtcp_mux = True
        case "sctp-port":
            m_line.sctp_port = int(value)
            if not 1 <= m_line.sctp_port <= 65535:
                raise ValueError("sctp-port out of range")
        case "max-message-size" if m_line.kind == "application":
            m_line.max_message_size = _message_size(value)
        case "bundle-only":
            m_line.bundle_only = True
        case _ if name in _DIRECTIONS:
            m_line.direction = name


def _payload_type(m_line: MediaLine, number: str, codec: str) -> None:
    """Note what a payload type of an m-line means."""
    if codec == "opus/48000/2" and 0 <= int(number) <= 127:
        m_line.opus_types.add(int(number))
        if m_line.opus is None:
            m_line.opus = int(number)
    elif number.isdecimal() and codec.startswith(("cn/", "telephone-event/")):
        m_line.signals.add(int(number))


def parse_candidate(value: str) -> Candidate | None:
    """Read a candidate-attribute's value (RFC 8839). None for one that can never be used here: TCP, component 2.

    Raises ValueError where it is not a candidate at all.
    """
    value = value.strip().removeprefix("candidate:")
    if len(value) > 512:
        raise ValueError("a candidate is too long")
    try:
        candidate = Candidate.from_sdp(value)
    except (ValueError, IndexError, AssertionError, TypeError) as error:
        raise ValueError(f"not a candidate: {error}") from None
    usable = candidate.component == 1 and candidate.transport.lower() == "udp" and 0 < candidate.port < 65536
    return candidate if usable else None


def _message_size(value: str) -> int:
    digits = value.strip()
    if not (digits.isascii() and digits.isdecimal()):
        raise ValueError("max-message-size is not a number")
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) <= MAX_DIGITS else 0  # of more digits than any memory: no limit
