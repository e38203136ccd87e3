"""SRTP whose first packets are lost: heard wherever its numbers begin, and whatever else is sent (RFC 3711, 3.3.1)."""

from __future__ import annotations

import random

import pylibsrtp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pylibsrtp import Policy, Session

from media.rtp.packets import build, parse
from media.webrtc.srtp_rollover import MAX_STREAMS, TRIALS_BURST, RolledOverStreams

SSRC = 0xABCDEF01
PROFILES = {
    Policy.SRTP_PROFILE_AES128_CM_SHA1_80: 30,
    Policy.SRTP_PROFILE_AEAD_AES_128_GCM: 28,
    Policy.SRTP_PROFILE_AEAD_AES_256_GCM: 44,
}
"""libsrtp's profiles that DTLS may agree on, with the bytes of their key and salt."""
CM = Policy.SRTP_PROFILE_AES128_CM_SHA1_80


class Ends:
    """A sender, and a receiver as the transport has it."""

    def __init__(self, profile: int = CM) -> None:
        key = random.Random(profile).randbytes(PROFILES[profile])
        policies = []
        for direction in (Policy.SSRC_ANY_OUTBOUND, Policy.SSRC_ANY_INBOUND):
            policy = Policy(key=key, ssrc_type=direction, srtp_profile=profile)
            policy.allow_repeat_tx, policy.window_size = True, 1024
            policies.append(policy)
        self.sender, self.plain = Session(policies[0]), Session(policies[1])
        self.later = RolledOverStreams(key, profile)
        self.received: list[int] = []

    def protect(self, first: int, count: int, ssrc: int = SSRC) -> list[bytes]:
        return [self.sender.protect(build(96, (first + n) & 0xFFFF, n * 960, ssrc, b"%d" % n)) for n in range(count)]

    def receive(self, data: bytes, now: float = 0.0) -> bool:
        """Do as `DtlsTransport._unprotect` does. False where the packet is refused."""
        ssrc = int.from_bytes(data[8:12], "big")
        plain: bytes | None
        try:
            plain = self.later.unprotect(data, ssrc) if ssrc in self.later else self.plain.unprotect(data)
        except pylibsrtp.Error:
            plain = None if ssrc in self.later else self.later.try_first(data, ssrc, now)
        if plain is not None:
            self.received.append(int(parse(plain).payload))
        return plain is not None


@pytest.mark.parametrize(
    ("first", "lost"),
    [(1000, 0), (1000, 10), (65530, 0), (65530, 3), (65530, 10)],
    ids=["control", "control with loss", "wraps", "wraps with loss", "the report"],
)
def test_the_reported_beginnings(first: int, lost: int) -> None:
    ends = Ends()
    for data in ends.protect(first, 158)[lost:]:
        assert ends.receive(data)
    assert ends.received == list(range(lost, 158))


def test_without_help_none_of_it_authenticates() -> None:
    """The fault that was reported: this is what libsrtp alone does."""
    ends = Ends()
    for data in ends.protect(65530, 158)[10:]:
        with pytest.raises(pylibsrtp.Error):
            ends.plain.unprotect(data)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("first", [65535, 65500, 65000, 60000, 40000])
@pytest.mark.parametrize("after", [0, 1, 100, 5_000, 20_000, 32_767, 32_768, 40_000, 60_000])
def test_wherever_it_begins_and_however_late_it_is_received(profile: int, first: int, after: int) -> None:
    """`after` is the first number that is received, in the second round of numbers."""
    ends = Ends(profile)
    lost = 0x10000 - first + after
    for step in range(first, first + lost, 16_000):  # the sender's own counter, without protecting each packet
        ends.sender.protect(build(96, step & 0xFFFF, 0, SSRC, b"0"))
    stream = ends.protect(first + lost, 40)
    assert all(ends.receive(data) for data in stream)
    assert ends.received == list(range(40))


def test_reordered_around_the_wrap() -> None:
    ends = Ends()
    stream = ends.protect(65530, 30)
    order = [8, 7, 4, 6, 5, 9, 10, 12, 11, *range(13, 30)]  # 5 has number 65535, the last of the round before
    assert all(ends.receive(stream[n]) for n in order)
    assert ends.received == order


def test_it_goes_on_into_the_next_round() -> None:
    ends = Ends()
    for data in ends.protect(65530, 65536 + 50)[10:]:
        assert ends.receive(data)
    assert len(ends.received) == 65536 + 40


def test_forged_packets_are_refused_and_trials_are_rationed() -> None:
    ends, chance = Ends(), random.Random(4)
    for n in range(1000):
        forged = build(96, chance.randrange(2**16), 0, chance.choice([SSRC, n]), chance.randbytes(60))
        assert not ends.receive(forged, now=0.0)
    assert len(ends.later) == 0 and not ends.later._trials.consume(1, 0.0) and TRIALS_BURST <= 20
    genuine = ends.protect(65530, 60)[10:]
    assert not ends.receive(genuine[0], now=0.0), "no trial is left"
    assert [ends.receive(data, now=1.0) for data in genuine[1:]] == [True] * 49, "a moment later it is heard"


def test_replayed_packets_are_refused() -> None:
    ends = Ends()
    stream = ends.protect(65530, 40)[10:]
    assert all(ends.receive(data) for data in stream)
    assert not ends.receive(stream[3])


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x80\x60" + bytes(9), b"\x80\x60" + bytes(10), bytes(2000)])
def test_what_is_no_packet_is_refused(data: bytes) -> None:
    assert Ends().later.try_first(data, 1, 0.0) is None


def test_streams_that_rolled_over_are_few() -> None:
    ends = Ends()
    heard = [ends.receive(ends.protect(65530, 20, ssrc)[15], now=float(ssrc)) for ssrc in range(1, 30)]
    assert sum(heard) == MAX_STREAMS == len(ends.later)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 65535), st.integers(0, 400), st.floats(0, 0.5), st.integers(0, 2**32))
def test_any_beginning_with_any_loss_is_heard(first: int, lost: int, loss: float, seed: int) -> None:
    """All that arrives is heard, whichever packets were lost before and in between."""
    chance, ends = random.Random(seed), Ends()
    arrived = [
        (n, data) for n, data in enumerate(ends.protect(first, lost + 200)) if n >= lost and chance.random() >= loss
    ]
    for n, (_, data) in enumerate(arrived):
        ends.receive(data, now=n * 0.02)
    assert ends.received == [n for n, _ in arrived]
