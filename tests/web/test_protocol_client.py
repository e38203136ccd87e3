"""The protocol client on its own: a Call between a played socket and a played RTCPeerConnection, no screen."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.kit.chromium import Tab, watched

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

PLAYED = """async () => {
    const { Call } = await import("/protocol/call.js");
    const peers = [], sent = [], subtitles = [];
    class Signaling extends EventTarget {
        joined = false; language = "en"; token = "resume";
        open() { this.joined = true; this.tell("joined", { participantId: "me", iceServers: [], partner: null }); }
        send(message) { sent.push(message); return true; }
        setLanguage(language) { this.language = language; return true; }
        close() { this.joined = false; }
        tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
    }
    class PeerConnection {
        connectionState = "new"; lines = []; closed = false;
        constructor() { peers.push(this); }
        addTransceiver(what, { direction }) {
            const mid = String(this.lines.length);
            const line = { mid, direction, receiver: { track: `track ${mid}` }, sender: {} };
            this.lines.push(line);
            return line;
        }
        createDataChannel(label, options) {
            const send = (text) => sent.push({ channel: label, ...JSON.parse(text) });
            return (this.channel = { label, ...options, readyState: "open", send });
        }
        async createOffer() { return { type: "offer", sdp: `offer ${peers.length}` }; }
        async setLocalDescription(description) { this.localDescription = description; }
        async setRemoteDescription({ sdp }) { this.answer = sdp; }
        async getStats() { return new Map(); }
        close() { this.closed = true; }
        become(state) { this.connectionState = state; this.onconnectionstatechange(); }
    }
    const signaling = new Signaling();
    const call = new Call({ signaling, microphone: "microphone", RTCPeerConnection: PeerConnection });
    call.addEventListener("subtitle", ({ detail }) => subtitles.push(detail.seq));
    call.addEventListener("tracks", ({ detail }) => (globalThis.tracks = detail));
    const offers = () => sent.filter(({ type }) => type === "offer");
    Object.assign(globalThis, { call, signaling, peers, sent, subtitles, offers });
    globalThis.connect = async () => {
        const peer = peers.at(-1), { negotiation } = offers().at(-1);
        signaling.tell("message", { type: "answer", negotiation, sdp: "answer" });
        await new Promise((done) => setTimeout(done));
        peer.become("connected");
        peer.channel.onopen();
    };
    call.start();
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tab(shell: Browser) -> AsyncIterator[Tab]:
    """Return a tab for all tests of this file."""
    tab = watched(await shell.new_page())
    yield tab
    await tab.page.close()


@pytest_asyncio.fixture(loop_scope="session")
async def client(tab: Tab, site_url: str) -> Tab:
    """Return a new document in which a Call has just made its first offer; `peers`, `sent` … are its played world."""
    await tab.page.goto(f"{site_url}/icon.svg")
    await tab.page.evaluate(PLAYED)
    await tab.until("offers().length === 1")
    return tab


async def sent(tab: Tab, kind: str) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = await tab.page.evaluate("sent")
    return [message for message in messages if message["type"] == kind]


async def test_offer_has_two_lines_and_the_channel(client: Tab) -> None:
    assert await client.page.evaluate("peers[0].lines.map((line) => line.direction)") == ["sendrecv", "recvonly"]
    channel = await client.page.evaluate("({ label: peers[0].channel.label, ordered: peers[0].channel.ordered })")
    assert channel == {"label": "subtitles", "ordered": True}


async def test_candidates_carry_their_negotiation_and_null_ends_them(client: Tab) -> None:
    await client.page.evaluate(
        """() => {
            const candidate = { candidate: "candidate:1", sdpMid: "0", sdpMLineIndex: 0, foreign: 1 };
            peers[0].onicecandidate({ candidate });
            peers[0].onicecandidate({ candidate: null });
        }"""
    )
    (offer,) = await sent(client, "offer")
    first, last = await sent(client, "candidate")
    assert first["candidate"] == {"candidate": "candidate:1", "sdpMid": "0", "sdpMLineIndex": 0}
    assert last["candidate"] is None
    assert {first["negotiation"], last["negotiation"]} == {offer["negotiation"]}


async def test_a_second_of_disconnected_brings_a_new_peer_and_resume_tells_where_we_were(client: Tab) -> None:
    await client.page.evaluate("connect()")
    assert await sent(client, "resume") == [{"channel": "subtitles", "type": "resume", "lastSeq": 0}]
    await client.page.evaluate("[1, 2].forEach((seq) => peers[0].channel.onmessage({ data: JSON.stringify({ seq }) }))")
    await client.page.evaluate("peers[0].become('disconnected')")
    await client.page.wait_for_timeout(500)
    assert len(await sent(client, "offer")) == 1, "it may come back by itself"
    await client.until("offers().length === 2", 2)
    assert await client.page.evaluate("call.state.media") == "lost"
    before, after = await sent(client, "offer")
    assert after["negotiation"] > before["negotiation"]
    assert not await client.page.evaluate("peers[0].closed"), "the old one stays until the new one is there"
    await client.page.evaluate("connect()")
    assert await client.page.evaluate("peers[0].closed")
    assert await client.page.evaluate("call.state.media") == "connected"
    assert (await sent(client, "resume"))[-1]["lastSeq"] == 2
    await client.page.evaluate("[2, 3].forEach((seq) => peers[1].channel.onmessage({ data: JSON.stringify({ seq }) }))")
    assert await client.page.evaluate("subtitles") == [1, 2, 3], "what is resent is shown once"


async def test_what_a_server_said_of_this_client_is_forgotten_once_it_joins_again(client: Tab) -> None:
    """The server may have been started anew, and would take nothing back; what still holds it tells anew."""
    await client.page.evaluate("connect()")
    statuses = [{"level": "degraded", "lagMs": 0, "reason": "nothing_understood"}, {"level": "busy", "lagMs": 1700}]
    for status in statuses:
        await client.page.evaluate(
            "(status) => peers[0].channel.onmessage({ data: JSON.stringify(status) })", {"type": "status", **status}
        )
    await client.page.evaluate("signaling.tell('message', { type: 'viewers', count: 2 })")
    shown = "[call.state.reasons, call.state.level, call.state.lagMs, call.state.viewers]"
    assert await client.page.evaluate(shown) == [["nothing_understood"], "busy", 1700, 2]
    await client.page.evaluate("signaling.tell('joined', { participantId: 'me', iceServers: [] })")
    assert await client.page.evaluate(shown) == [[], "ok", 0, 0]


async def test_a_disconnected_that_heals_brings_no_offer(client: Tab) -> None:
    await client.page.evaluate("connect()")
    await client.page.evaluate("peers[0].become('disconnected')")
    await client.page.evaluate("peers[0].become('connected')")
    await client.page.wait_for_timeout(1500)
    assert len(await sent(client, "offer")) == 1


async def test_an_answer_to_an_older_offer_is_ignored(client: Tab) -> None:
    (old,) = await sent(client, "offer")
    await client.page.evaluate("signaling.tell('joined', { participantId: 'me' })")  # the socket came back
    await client.until("offers().length === 2")
    await client.page.evaluate("message => signaling.tell('message', message)", {**old, "type": "answer", "sdp": "old"})
    assert await client.page.evaluate("peers.map((peer) => peer.answer ?? null)") == [None, None]
    assert await client.page.evaluate("peers[0].closed"), "never connected, and superseded"


async def test_tracks_are_told_by_mid(client: Tab) -> None:
    await client.page.evaluate("connect()")
    assert await client.page.evaluate("tracks") == {"interpreter": "track 0", "original": "track 1"}
    swapped = [{"mid": "1", "kind": "interpreter"}, {"mid": "0", "kind": "original"}]
    await client.page.evaluate("tracks => signaling.tell('message', { type: 'tracks', tracks })", swapped)
    assert await client.page.evaluate("tracks") == {"interpreter": "track 1", "original": "track 0"}


async def test_an_offer_that_is_never_answered_is_made_again(client: Tab) -> None:
    await client.until("offers().length === 2", 6)


async def test_a_refused_language_is_taken_back(client: Tab) -> None:
    await client.page.evaluate("call.setLanguage('xx')")
    assert await client.page.evaluate("call.state.language") == "xx"
    await client.page.evaluate("signaling.tell('message', { type: 'error', code: 'unsupported_language' })")
    assert await client.page.evaluate("[call.state.language, signaling.language]") == ["en", "en"]


async def test_the_end_closes_everything(client: Tab) -> None:
    await client.page.evaluate("connect()")
    metrics = {"durationMs": 1000}
    ended = {"type": "session_ended", "reason": "partner_left", "metrics": metrics}
    await client.page.evaluate("message => signaling.tell('message', message)", ended)
    assert await client.page.evaluate("call.state.ended") == {"reason": "partner_left", "metrics": metrics}
    assert await client.page.evaluate("peers[0].closed && !signaling.joined")
