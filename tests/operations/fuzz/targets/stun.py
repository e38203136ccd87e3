"""STUN at a media socket: from strangers, from the client, signed with its password or not."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aioice import Candidate
from aioice.stun import Class, Message, Method, message_fingerprint, set_body_length

from media.webrtc.network import MediaSocket, NetworkOptions
from media.webrtc.transports import IceConnection
from tests.operations.fuzz.target import Datagram, Run, Target, datagrams, joined

PROVEN, SIGNED, PRINTED, BEGUN, ANSWER = 1, 2, 4, 8, 16
"""Flags of a datagram: from an address that is proven; signed; with a fingerprint; checks are done; to our check."""
UFRAG, PASSWORD = "ours", "p" * 22
CHECK = bytes(range(12))
"""Transaction of a check of ours."""
INTEGRITY, FINGERPRINT = 8, 0x8028


class Nowhere:
    """A UDP transport without a socket."""

    def sendto(self, data: bytes, addr: object) -> None:
        assert len(data) < 200, "an answer that is longer than any of ours"

    def is_closing(self) -> bool:
        return False


class Check:
    """A check of ours that waits for its answer."""

    def response_received(self, message: Message, addr: object) -> None: ...


def finished(data: bytes, flags: int) -> bytes:
    """Sign a message, and print it, as its flags say."""
    if flags & SIGNED and len(data) >= 20:
        data = set_body_length(data, len(data) - 20 + 24)
        signature = hmac.digest(PASSWORD.encode(), data, "sha1")
        data += INTEGRITY.to_bytes(2, "big") + b"\x00\x14" + signature
    if flags & PRINTED and len(data) >= 20:
        data = set_body_length(data, len(data) - 20 + 8)
        data += FINGERPRINT.to_bytes(2, "big") + b"\x00\x04" + message_fingerprint(data).to_bytes(4, "big")
    return data


async def handle(data: bytes) -> None:
    one: Any = IceConnection(NetworkOptions(["127.0.0.1"]), asyncio.get_running_loop().time)
    one.remote_username, one.remote_password = "theirs", "q" * 22
    one._local_username, one._local_password = UFRAG, PASSWORD
    opened: Any = one._socket()
    assert isinstance(opened, MediaSocket)
    opened.transport = Nowhere()
    opened.local_candidate = Candidate("f", 1, "udp", 99, "127.0.0.1", 4000, "host")
    opened.transactions[CHECK] = Check()
    one._protocols.append(opened)
    one._early_checks_done = bool(data and data[0] & BEGUN)
    opened.prove(("127.0.0.1", 4001))
    count = 0
    for flags, _, datagram in datagrams(data):
        count += 1
        opened.datagram_received(
            finished(datagram, flags), ("127.0.0.1", 4001) if flags & PROVEN else ("192.0.2.9", 4000)
        )
    assert one._queue.qsize() <= count and len(one._check_list) <= count and len(one._early_checks) <= count
    for pair in one._check_list:
        if pair.task is not None:
            pair.task.cancel()


@contextmanager
def opened() -> Iterator[Run]:
    with asyncio.Runner() as runner:
        yield lambda data: runner.run(handle(data))


def check(kind: Class, transaction: bytes = bytes(12), **attributes: object) -> bytes:
    made = Message(message_method=Method.BINDING, message_class=kind, transaction_id=transaction)
    made.attributes.update({name.replace("_", "-"): value for name, value in attributes.items()})
    return bytes(made)


USER = f"{UFRAG}:theirs"
ATTRIBUTES = (1, 6, 8, 9, 0xC, 0x12, 0x13, 0x14, 0x15, 0x16, 0x20, 0x24, 0x25, 0x8022, 0x8028, 0x8029, 0x802A)

TARGET = Target(
    "stun",
    opened,
    (),
    [
        joined(Datagram(SIGNED | PRINTED | BEGUN, 0, check(Class.REQUEST, USERNAME=USER, PRIORITY=1))),
        joined(
            Datagram(SIGNED | BEGUN, 0, check(Class.REQUEST, USERNAME=USER, PRIORITY=1, ICE_CONTROLLED=5)),
            Datagram(SIGNED | PROVEN, 0, check(Class.REQUEST, USERNAME=USER, PRIORITY=1, ICE_CONTROLLING=5)),
        ),
        joined(Datagram(SIGNED, 0, check(Class.RESPONSE, CHECK, XOR_MAPPED_ADDRESS=("192.0.2.1", 4000)))),
        joined(Datagram(PROVEN, 0, check(Class.ERROR, CHECK, ERROR_CODE=(487, "Role Conflict")))),
        joined(Datagram(0, 0, check(Class.INDICATION)), Datagram(PROVEN, 0, b"\x16\xfe\xfd" + bytes(10))),
        joined(Datagram(0, 0, b""), Datagram(PROVEN, 0, b"\x00"), Datagram(PROVEN, 0, bytes(20))),
    ],
    [*(kind.to_bytes(2, "big") + b"\x00\x04" for kind in ATTRIBUTES), b"\x21\x12\xa4\x42", USER.encode(), b"\x01\x01"],
    quick=700,
    longest=1500,
)
