"""Reads an encoder's offer (WHIP, RFC 9725): of its m-lines the first that sends Opus is answered, to be received."""

from __future__ import annotations

from media.events import OfferRefused, RefusalCode
from media.webrtc.sdp_offer import SdpOffer, parse_offer


def parse_publication(text: str) -> SdpOffer:
    """Read an offer, of which nothing but the microphone is left. Raises OfferRefused: `bad_sdp` or `no_audio`.

    Video, other audio and data channels are answered with port 0. A line that would receive, too, is sent nothing.
    """
    offer = parse_offer(text)
    sent = next((one for one in offer.audio if one.direction in ("sendrecv", "sendonly")), None)
    if sent is None:
        raise OfferRefused(RefusalCode.NO_AUDIO, "the offer sends no audio")
    sent.direction = "sendonly"
    offer.bundled = [sent.mid]
    # The transport is that of the one line which is left (RFC 8843, 7.2): the others' will not be used.
    offer.ufrag, offer.password = sent.ufrag or offer.ufrag, sent.password or offer.password
    offer.fingerprints = sent.fingerprints or offer.fingerprints
    offer.setup = sent.setup or offer.setup
    return offer
