"""M-lines that a client has no use for, or gave no mid: the others are answered as if these were not there."""

from __future__ import annotations

import random
import re

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given, settings
from hypothesis import strategies as st

from media.events import OfferRefused
from media.webrtc.sdp_answer import AnsweredAudio, write_answer
from media.webrtc.sdp_offer import SdpOffer, parse_offer
from tests.kit.aiortc_peer import Client, Scene, until
from tests.kit.changed_offers import join
from tests.kit.extent import extent
from tests.kit.sdp_dialects import CLIENTS, OUT_OF_USE, offer_of, sections, with_line
from tests.kit.sdp_offers import CANDIDATES, OUR_TRANSPORT, chromium

NOT_READ_BY_AIORTC = {"a fax", "no formats"}


def answer_to(text: str) -> tuple[SdpOffer, str]:
    offer = parse_offer(text)
    audio = {line.mid: AnsweredAudio(100 + n, f"stream-{n}") for n, line in enumerate(offer.audio)}
    return offer, write_answer(offer, OUR_TRANSPORT, audio, "cname-1")


def refusal(text: str) -> str:
    with pytest.raises(OfferRefused) as refused:
        parse_offer(text)
    return refused.value.code


def lines(text: str) -> list[tuple[str, bool, str | None]]:
    """Return the kind of each m-line, True where it is in use, and its mid."""
    found = []
    for part in sections(text)[1:]:
        kind, port = part.split()[:2]
        mid = re.search(r"^a=mid:(.*?)\r?$", part, re.MULTILINE)
        used = bool(port.partition("/")[0].strip("0")) or "a=bundle-only" in part
        found.append((kind.removeprefix("m="), used, mid and mid[1]))
    return found


def check(text: str, answer: str) -> None:
    """An answer has the offer's m-lines in its order, their mids and no others, and a bundle of those in use."""
    offered, answered = lines(text), lines(answer)
    assert [(kind, mid) for kind, _, mid in answered] == [(kind, mid) for kind, _, mid in offered]
    for (_, wanted, _), (_, given_, _) in zip(offered, answered, strict=True):
        assert wanted or not given_, "a line that is out of use stays so"
    bundle = re.search(r"^a=group:BUNDLE ?(.*?)\r?$", answer, re.MULTILINE)
    assert (bundle is None) == ("a=group:BUNDLE" not in text)
    if bundle is not None:
        assert bundle[1].split() == [mid for _, used, mid in answered if used]


# the input of the report: a stock aiortc offer, one line more


@pytest.mark.udp
@pytest.mark.parametrize("dead", ["audio", "video", "with a mid"])
@pytest.mark.parametrize("at", [0, -1])
async def test_a_dead_line_before_or_behind_the_others_costs_nobody_the_call(dead: str, at: int) -> None:
    async with Scene() as scene, Client() as ben:

        def restore(answer: str) -> str:
            parts = sections(answer)
            removed = parts.pop(1 if at == 0 else -1)
            assert " 0 " in removed.splitlines()[0] and ("a=mid" in removed) == (dead == "with a mid")
            return "".join(parts)

        answer = await join(ben, scene.room, "bob", lambda sdp: with_line(sdp, OUT_OF_USE[dead], at), restore)
        assert len(lines(answer)) == 4
        scene.begin()
        ben.send(type="say", text="Hola.", clientId="c1")
        await until(lambda: ben.of("translation"))


@pytest.mark.udp
async def test_the_same_offer_without_it_is_answered() -> None:
    async with Scene() as scene, Client() as ben:
        await join(ben, scene.room, "bob")
        assert scene.connected == ["bob"]


# the family: what eight kinds of clients write, and every line that may lie dead among it


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("dead", OUT_OF_USE)
def test_any_client_may_have_any_line_out_of_use(client: str, dead: str) -> None:
    whole, _ = answer_to(offer_of(client))
    for at in (0, 1, 2, -1):
        text = with_line(offer_of(client), OUT_OF_USE[dead], at)
        offer, answer = answer_to(text)
        check(text, answer)
        assert [line.mid for line in offer.audio] == [line.mid for line in whole.audio] and len(offer.audio) == 2
        assert offer.data is not None and whole.data is not None and offer.data.mid == whole.data.mid
        assert (offer.ufrag, offer.setup) == (whole.ufrag, whole.setup)
        assert [one.port for one in offer.candidates] == [one.port for one in whole.candidates]
        if dead not in NOT_READ_BY_AIORTC:
            assert len(SessionDescription.parse(answer).media) == len(offer.m_lines)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_line_of_the_bundle_with_port_0_is_out_of_use_too(client: str) -> None:
    first, one, two, data = sections(offer_of(client))
    without_port = re.sub(r"^m=audio \d+", "m=audio 0", two).replace("a=bundle-only\r\n", "")
    text = "".join([first, one, without_port, data])
    offer, answer = answer_to(text)
    check(text, answer)
    assert [line.direction for line in offer.audio] == ["sendrecv"] and offer.data is not None


def test_bundle_only_lines_have_port_0_and_are_in_use() -> None:
    for client in ("firefox", "gstreamer"):
        assert "a=bundle-only" in offer_of(client)
        offer, answer = answer_to(offer_of(client))
        assert len(offer.audio) == 2 and offer.data is not None
        assert all(used for _, used, _ in lines(answer))


@pytest.mark.parametrize("client", CLIENTS)
def test_control_a_mid_may_come_last_and_the_fingerprint_in_the_session(client: str) -> None:
    session, *parts = sections(offer_of(client))
    prints = dict.fromkeys(re.findall(r"a=fingerprint:.*\r\n", offer_of(client)))
    moved = []
    for part in parts:
        (mid,) = re.findall(r"a=mid:.*\r\n", part)
        moved.append(re.sub(r"a=fingerprint:.*\r\n", "", part.replace(mid, "")) + mid)
    text = "".join([re.sub(r"a=fingerprint:.*\r\n", "", session), *prints, *moved])
    offer, answer = answer_to(text)
    check(text, answer)
    assert len(offer.audio) == 2 and offer.data is not None and len(offer.fingerprints) == len(prints)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_live_line_without_a_mid_is_in_no_bundle(client: str) -> None:
    text = offer_of(client)
    first, one, two, data = sections(text)
    text = "".join([first, one, re.sub(r"a=mid:.*\r\n", "", two), data])
    offer, answer = answer_to(text)
    check(text, answer)
    assert len(offer.audio) == 1 and [used for _, used, _ in lines(answer)] == [True, False, True]


@pytest.mark.parametrize("client", CLIENTS)
def test_two_lines_without_a_mid_do_not_have_the_same(client: str) -> None:
    text = with_line(offer_of(client), "m=video 9 RTP/AVP 96\na=inactive\n" * 2, 1)
    _, answer = answer_to(text)
    check(text, answer)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("mid", [True, False])
@pytest.mark.parametrize("dead", ["", OUT_OF_USE["audio"], OUT_OF_USE["video"]])
def test_a_single_line_needs_neither_bundle_nor_mid(client: str, mid: bool, dead: str) -> None:
    text = re.sub(r"a=group:BUNDLE.*\r\n", "", offer_of(client, "A"))
    text = text if mid else re.sub(r"a=mid:.*\r\n", "", text)
    text = with_line(text, dead, 0) if dead else text
    offer, answer = answer_to(text)
    check(text, answer)
    assert len(offer.audio) == 1 and ("sdes:mid" in answer) == (mid and "sdes:mid" in text)


@pytest.mark.udp
async def test_a_single_line_without_a_mid_is_answered_by_a_room() -> None:
    async with Scene() as scene:
        text = re.sub(r"a=(group:BUNDLE|mid:).*\r\n", "", chromium("A"))
        answer = await scene.room.offer("bob", 1, with_line(text, OUT_OF_USE["audio"], 0))
        assert [track.mid for track in answer.tracks] == ["0"]


def test_lines_without_a_bundle_are_refused_and_so_is_a_bundle_of_nothing() -> None:
    for client in CLIENTS:
        assert refusal(re.sub(r"a=group:BUNDLE.*\r\n", "", offer_of(client))) == "no_audio"
        assert refusal(re.sub(r"a=group:BUNDLE.*\r\n", "a=group:BUNDLE nobody\r\n", offer_of(client))) == "no_audio"
        assert refusal(re.sub(r"a=mid:.*\r\n", "", offer_of(client))) == "no_audio"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_mid_that_is_there_twice_is_refused(client: str) -> None:
    parsed = parse_offer(offer_of(client))
    assert refusal(with_line(offer_of(client), f"m=video 0 RTP/AVP 96\na=mid:{parsed.audio[0].mid}\n", 0)) == "bad_sdp"


@pytest.mark.parametrize("client", CLIENTS)
def test_what_is_wrong_in_a_line_in_use_is_refused(client: str) -> None:
    for wrong in ("a=rtpmap:x", "a=extmap:y", "a=candidate:z", "a=fingerprint:f", "a=mid:" + "x" * 17):
        first, one, *others = sections(offer_of(client))
        assert refusal("".join([first, f"{one}{wrong}\r\n", *others])) == "bad_sdp"


def test_a_bundle_that_was_gathered_for_a_video_line_has_its_candidates() -> None:
    """With `max-bundle` only the first line has them, and we refuse video."""
    offer, answer = answer_to(chromium("vAad").replace("a=rtcp-mux", CANDIDATES.strip() + "\r\na=rtcp-mux", 1))
    assert [candidate.port for candidate in offer.candidates] == [46243, 44512, 36768]
    assert [used for _, used, _ in lines(answer)] == [False, True, True, True]


def test_the_first_of_several_bundles_counts() -> None:
    text = chromium("Aad").replace("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 2\r\na=group:BUNDLE 1")
    offer, _ = answer_to(text)
    assert [line.mid for line in offer.audio] == ["0"] and offer.data is not None


@settings(max_examples=extent(300, 10_000), deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(CLIENTS), st.integers(0, 6))
def test_lines_out_of_use_anywhere_leave_the_others_alone(chance: random.Random, client: str, count: int) -> None:
    text = offer_of(client)
    usable = [dead for name, dead in OUT_OF_USE.items() if name not in ("with a mid", "a long mid")]
    for _ in range(count):
        text = with_line(text, chance.choice(usable), chance.randrange(-1, 3))
    offer, answer = answer_to(text)
    check(text, answer)
    assert len(offer.audio) == 2 and offer.data is not None


@settings(max_examples=extent(300, 20_000), deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(CLIENTS), st.integers(1, 5))
def test_any_clients_offer_with_rows_lost_doubled_or_moved_is_answered_or_refused(
    chance: random.Random, client: str, times: int
) -> None:
    rows = offer_of(client).removesuffix("\r\n").split("\r\n")
    for _ in range(times):
        at = chance.randrange(1, len(rows))
        match chance.randrange(4):
            case 0:
                del rows[at]
            case 1:
                rows.insert(at, rows[chance.randrange(1, len(rows))])
            case 2:
                rows.insert(at, rows.pop(chance.randrange(1, len(rows))))
            case 3:
                rows[at] = rows[at].replace(" 9 ", " 0 ").replace(" 46243 ", " 0 ")
    text = "\r\n".join(rows) + "\r\n"
    try:
        offer, answer = answer_to(text)
    except OfferRefused:
        assert refusal(text) in ("bad_sdp", "no_audio")
        return
    assert [line.split()[0] for line in sections(answer)[1:]] == [f"m={line.kind}" for line in offer.m_lines]
    answered = lines(answer)
    assert [mid or "" for _, _, mid in answered] == [line.mid for line in offer.m_lines]
    for line, (_, used, _) in zip(offer.m_lines, answered, strict=True):
        assert used == offer.accepts(line)
        assert not (line.rejected and used)
