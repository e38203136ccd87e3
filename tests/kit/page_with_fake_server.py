"""The page on a stage: a real screen, with the server, the socket and the peer connection played by the test."""

from typing import Any

from tests.kit.chromium import Tab
from tests.kit.page_server import STAGE, Answer, stages

LANGUAGES = {
    "languages": [
        {"tag": "ar", "name": "العربية", "hear": True, "speak": True},
        {"tag": "en", "name": "English", "hear": True, "speak": True},
        {"tag": "es", "name": "Español", "hear": True, "speak": True},
        {"tag": "fr", "name": "Français", "hear": False, "speak": True},
        {"tag": "pt-BR", "name": "pt-BR", "hear": True, "speak": False},
        {"tag": "xx", "name": "xx", "hear": False, "speak": True},  # in no pair: of no use in a call
    ],
    "pairs": [["en", "es"], ["es", "en"], ["en", "fr"], ["ar", "es"], ["es", "ar"]],
}
VOICES = {
    "voices": [
        {"id": "en-us", "language": "en-US", "name": "Emma", "licence": "CC0"},
        {"id": "en-gb#2", "language": "en-GB", "name": "Oliver", "licence": "CC0"},
    ]
}
OFFERED = {"accounts": True, "providers": [], "mail": True, "history": True}
GUEST = {"userId": "u", "token": "t", "expiresIn": 900}
CREATED = {"sessionId": "s", "sessionCode": "427193", "participantId": "me", "wsUrl": "ws://played/ws", "expiresAt": 0}
JOINED = {"sessionId": "s", "participantId": "me", "partnerId": "them", "wsUrl": "ws://played/ws"}
PARTNER = {"participantId": "them", "displayName": "Luis", "language": "es", "connected": True}

Answers = dict[str, Answer]

PLAYED = """
(() => {
    const stage = { sent: [], sockets: [], peers: [], answersHeartbeats: true };
    class PlayedSocket extends EventTarget {
        static OPEN = 1;
        readyState = 0;
        constructor() {
            super();
            stage.sockets.push(this);
            setTimeout(() => { this.readyState = 1; this.onopen?.(); });
        }
        send(text) {
            const message = JSON.parse(text);
            if (message.type !== "heartbeat") stage.sent.push(message);
            else if (stage.answersHeartbeats) this.tell({ type: "heartbeat" });
        }
        tell(message) { setTimeout(() => this.onmessage?.({ data: JSON.stringify(message) })); }
        close() { this.readyState = 3; }
    }
    const context = new AudioContext();
    class PlayedPeer {
        connectionState = "new"; lines = [];
        constructor() { stage.peers.push(this); }
        addTransceiver(track, { direction }) {
            const output = context.createMediaStreamDestination();
            const [received] = output.stream.getAudioTracks();
            const sender = { replaceTrack: async (other) => { stage.microphone = line.sent = other; } };
            const line = {
                mid: String(this.lines.length), direction, receiver: { track: received }, sender, output, sent: track,
            };
            this.lines.push(line);
            return line;
        }
        createDataChannel() {
            const send = (text) => stage.sent.push({ channel: true, ...JSON.parse(text) });
            return (this.channel = { readyState: "open", send });
        }
        async createOffer() { return { type: "offer", sdp: "played" }; }
        async setLocalDescription(description) { this.localDescription = description; }
        async setRemoteDescription() {}
        async getStats() { return new Map(stage.statistics ?? []); }
        close() { this.closed = true; }
        become(state) { this.connectionState = state; this.onconnectionstatechange(); }
        sound(line, loud) {
            const tone = new OscillatorNode(context, { frequency: 220 });
            const gain = new GainNode(context, { gain: loud });
            tone.connect(gain).connect(this.lines[line].output);
            tone.start();
            return tone;
        }
    }
    window.WebSocket = PlayedSocket;
    window.RTCPeerConnection = PlayedPeer;
    stage.tell = (message) => stage.sockets.at(-1).tell(message);
    stage.subtitle = (message) => stage.peers.at(-1).channel.onmessage({ data: JSON.stringify(message) });
    stage.connect = async () => {
        const { negotiation } = stage.sent.filter(({ type }) => type === "offer").at(-1);
        stage.tell({ type: "answer", negotiation, sdp: "played" });
        await new Promise((done) => setTimeout(done, 20));
        stage.peers.at(-1).become("connected");
        stage.peers.at(-1).channel.onopen();
    };
    window.stage = stage;
})();
"""


def refusal(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "told to developers"}}


async def play_api(tab: Tab, answers: Answers | None = None, languages: dict[str, Any] = LANGUAGES) -> None:
    """Answer `/api/v1` of this page: path → status, body, headers; what is not named succeeds. `answers` may change.

    The server of the page's files does it. A route of Playwright would hold up each of those files, too.
    """
    defaults: Answers = {
        "/languages": (200, languages, {}),
        "/auth/providers": (200, OFFERED, {}),
        "/auth/guest": (201, GUEST, {}),
        "/sessions/create": (201, CREATED, {}),
        "/sessions/join": (200, JOINED, {}),
        "/sessions/s": (200, {"success": True, "metrics": {}}, {}),
        "/sessions/s/viewers": (201, {"viewerId": "v_1", "token": "a.b.c", "expiresAt": 0}, {}),
        "/voices": (200, {"voices": []}, {}),
        "/voices?language=en": (200, VOICES, {}),
    }

    def play(path: str) -> Answer:
        found = {**defaults, **(answers or {})}
        return found.get(path) or found[path.partition("?")[0]]

    name = str(len(stages))
    stages[name] = play
    await tab.page.set_extra_http_headers({STAGE: name})


async def set_stage(tab: Tab, url: str, *, fault: str = "", **languages: Any) -> None:
    """Open the page with everything beyond it played; `stage` in the page is the test's hand.

    `fault`: a script that takes something of the browser from the page before it loads.
    """
    await tab.page.add_init_script(PLAYED)
    if fault:
        await tab.page.add_init_script(fault)
    await play_api(tab, **languages)
    await tab.open(url)


async def enter(tab: Tab, *, code: str | None = None, name: str = "Anna", **joined: Any) -> None:
    """From the start screen into a call: created, or joined by `code`; `joined` are more fields of `session_joined`."""
    await tab.page.fill("#name", name)
    if code is None:
        await tab.page.click("#create-button")
    else:
        await tab.page.fill("#code", code)
        await tab.page.click("#join-button")
    await tab.until("stage.sent.some(({ type }) => type === 'join_session')")
    await let_in(tab, **joined)


async def let_in(tab: Tab, **joined: Any) -> None:
    """The server's `session_joined`, and the media that follows."""
    message = {"type": "session_joined", "sessionId": "s", "participantId": "me", "iceServers": [], "resumeToken": "r"}
    await tab.page.evaluate("message => stage.tell(message)", {**message, "partner": None, **joined})
    await tab.until("stage.sent.some(({ type }) => type === 'offer')")
    await tab.page.evaluate("stage.connect()")
    await tab.until("dragoman.call.state.media === 'connected'")


async def meet(tab: Tab, **partner: Any) -> None:
    """The partner is there, 83 s into the call."""
    who = {**PARTNER, **partner}
    await tab.page.evaluate(
        "partner => stage.tell({ type: 'session_paired', partner, startedAt: Date.now() - 83000 })", who
    )
    await tab.until("dragoman.call.state.partner?.connected")


async def feed(tab: Tab, *messages: dict[str, Any]) -> None:
    """Messages of the subtitles channel."""
    await tab.page.evaluate("messages => messages.forEach((message) => stage.subtitle(message))", list(messages))


def utterance(
    number: int, speaker: str, text: str, translated: str | None, *,
    language: str = "es", target: str = "en", **more: Any,
) -> list[dict[str, Any]]:  # fmt: skip
    """An utterance from its transcript to its end; `more` goes into the transcript."""
    listener = "me" if speaker == "them" else "them"
    base = {"utteranceId": f"u{number}", "sourceUserId": speaker, "targetUserId": listener}
    messages: list[dict[str, Any]] = [
        {
            **base, "type": "transcription", "text": text, "stableLength": len(text), "revision": 0, "final": True,
            "language": language, "startMs": 9000 * number, "endMs": 9000 * number + 2500, "confidence": 0.94, **more,
        },
    ]  # fmt: skip
    if translated is None:
        return messages
    return [
        *messages,
        {
            **base, "type": "translation", "segment": 0, "revision": 0, "final": True, "originalText": text,
            "translatedText": translated, "sourceLanguage": language, "targetLanguage": target, "latency": 520,
        },
    ]  # fmt: skip


def spoken(number: int, speaker: str, *, first_audio: int = 690) -> list[dict[str, Any]]:
    """The interpreter speaks it, and the utterance ends."""
    listener = "me" if speaker == "them" else "them"
    base = {"utteranceId": f"u{number}", "sourceUserId": speaker, "targetUserId": listener}
    latency = {"endpointMs": 380, "sttMs": 140, "translationMs": 30, "ttsMs": 60, "firstAudioMs": first_audio}
    return [
        {**base, "type": "speech_audio", "segment": 0, "state": "start"},
        {**base, "type": "speech_audio", "segment": 0, "state": "end"},
        {**base, "type": "utterance_end", "outcome": "spoken", "latency": latency},
    ]
