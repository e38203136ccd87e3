"""The parts of the page that need no screen: QR codes, transcripts, where the time went, what was heard."""

import html
import json
import re
from typing import Any

import numpy as np
import pytest
import zxingcpp

from tests.kit.chromium import Tab
from tests.kit.page_fixtures import call

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


async def test_a_camera_reads_the_qr_code(modules: Tab) -> None:
    texts = [
        "x", "http://127.0.0.1:8080/#123456", "https://calls.example.org/#000000", "é" * 40, "w" * 100,
        "y" * 121, "z" * 152, "v" * 180, "u" * 213,
    ]  # fmt: skip
    sizes = set()
    for text in texts:
        rows = np.array(await call(modules, "qr", "qrCode", text))
        sizes.add(len(rows))
        light = np.pad(1 - rows.astype(np.uint8), 4, constant_values=1) * 255
        (found,) = zxingcpp.read_barcodes(np.ascontiguousarray(np.kron(light, np.ones((4, 4), np.uint8)), np.uint8))
        assert found.text == text
    assert len(sizes) >= 6
    with pytest.raises(Exception, match="too long"):
        await call(modules, "qr", "qrCode", "x" * 214)


EVIL = "</v><i>{\\an8}A & B --> C\n\nNOTE"
LINES = [
    {"startMs": 3_723_004, "endMs": 3_725_500, "speaker": "Zoë <b>", "participantId": "p", "language": "es",
     "text": EVIL, "translations": [{"language": "ar", "text": "مرحبا & أهلا"}]},
    {"startMs": 3_726_000, "endMs": 3_727_000, "speaker": "", "participantId": "q", "language": "en", "text": "Hi.",
     "translations": []},
]  # fmt: skip


async def test_vtt_escapes_what_would_be_markup(modules: Tab) -> None:
    text = await call(modules, "transcript", "vtt", LINES)
    header, *cues = text.strip().split("\n\n")
    assert header == "WEBVTT"
    assert len(cues) == 2, "a blank line in a text ends no cue"
    number, times, first, second = cues[0].split("\n")
    assert (number, times) == ("1", "01:02:03.004 --> 01:02:05.500")
    voice, said = re.fullmatch(r"<v ([^<>]*)>([^<>]*)", first).groups()  # type: ignore[union-attr]
    assert html.unescape(voice) == "Zoë <b>"
    assert html.unescape(said) == "</v><i>{\\an8}A & B --> C NOTE"
    assert html.unescape(second) == "مرحبا & أهلا"
    parsed = await modules.page.evaluate(
        """async (text) => {
            const video = document.createElementNS("http://www.w3.org/1999/xhtml", "video");
            const track = document.createElementNS("http://www.w3.org/1999/xhtml", "track");
            track.src = URL.createObjectURL(new Blob([text], { type: "text/vtt" }));
            video.append(track);
            document.documentElement.append(video);
            track.track.mode = "hidden";
            await new Promise((done, fail) => { track.onload = done; track.onerror = fail; });
            return [...track.track.cues].map((cue) => [cue.startTime, cue.endTime, cue.getCueAsHTML().textContent]);
        }""",
        text,
    )
    assert parsed[0] == [3723.004, 3725.5, "</v><i>{\\an8}A & B --> C NOTE\nمرحبا & أهلا"]


async def test_srt_has_no_markup_left(modules: Tab) -> None:
    first, second = (await call(modules, "transcript", "srt", LINES)).strip().split("\n\n")
    assert first.split("\n")[:2] == ["1", "01:02:03,004 --> 01:02:05,500"]
    assert not set("<>{}") & set("".join(first.split("\n")[2:]))
    assert "-->" not in "".join(first.split("\n")[2:])
    assert second.split("\n")[2] == ": Hi."


async def test_txt_and_json(modules: Tab) -> None:
    text = await call(modules, "transcript", "txt", LINES)
    assert text.split("\n")[0].startswith("[01:02:03] Zoë <b>: </v>")
    assert text.split("\n")[1] == "    مرحبا & أهلا"
    kept = json.loads(await call(modules, "transcript", "json", LINES, {"startedAt": "2026-01-01T00:00:00Z"}))
    assert kept == {"startedAt": "2026-01-01T00:00:00Z", "lines": LINES}


async def test_lines_of_a_conversation(modules: Tab) -> None:
    lines = await modules.page.evaluate(
        """async () => {
            const { Conversation } = await import("/pure/conversation.js");
            const { lines } = await import("/pure/transcript.js");
            const talk = new Conversation();
            const said = (utteranceId, sourceUserId, text, more) => talk.apply({
                type: "transcription", utteranceId, sourceUserId, text, stableLength: 0, revision: 0, final: true,
                language: "es", ...more });
            said("u2", "them", "segundo", { startMs: 5000, endMs: 6000 });
            said("u1", "me", "primero", { startMs: 1000, endMs: 1200 });
            said("u3", "them", "  ", { startMs: 7000, endMs: 7100 });
            for (const segment of [1, 0]) talk.apply({ type: "translation", utteranceId: "u2", segment, revision: 0,
                sourceUserId: "them", targetUserId: "me", translatedText: ["second,", "again"][segment],
                targetLanguage: "en", final: true, originalText: "" });
            return lines(talk.utterances, (id) => id.toUpperCase());
        }"""
    )
    assert [(line["speaker"], line["text"], line["startMs"], line["endMs"]) for line in lines] == [
        ("ME", "primero", 1000, 2000),
        ("THEM", "segundo", 5000, 6000),
    ]
    assert lines[1]["translations"] == [{"language": "en", "text": "second, again"}]


LATENCY = {"endpointMs": 400, "sttMs": 100, "translationMs": 50, "ttsMs": 50, "firstAudioMs": 700}


async def test_stages_add_up_to_what_was_heard(modules: Tab) -> None:
    told = await call(modules, "latency", "waterfall", LATENCY, {"networkMs": 20, "playoutMs": 60})
    assert told["totalMs"] == 780 == sum(one["ms"] for one in told["stages"])
    assert [one["stage"] for one in told["stages"]] == [
        "endpoint", "stt", "translation", "tts", "queue", "network", "playout",
    ]  # fmt: skip
    assert [one["startMs"] for one in told["stages"]] == [0, 400, 500, 550, 600, 700, 720]


async def test_an_interpreter_that_begins_early_did_its_work_before_the_last_word(modules: Tab) -> None:
    told = await call(modules, "latency", "waterfall", {**LATENCY, "firstAudioMs": 200})
    assert [one["startMs"] for one in told["stages"]] == [-400, 0, 100, 150]
    assert told["totalMs"] == 200
    assert await call(modules, "latency", "waterfall", {**LATENCY, "firstAudioMs": None}) is None


@pytest.mark.parametrize(
    ("levels", "latency"),
    [
        ([(0, -20, -90), (100, -20, -90), (600, -90, -90), (900, -90, -20), (940, -90, -20)], 800),
        ([(0, -20, -90), (20, -20, -20)], None),  # at the same time
        ([(0, -90, -20)], None),  # nobody spoke before
        ([(0, -20, -90), (30_000, -90, -20)], None),  # that was something else
    ],
)
async def test_heard_latency(modules: Tab, levels: list[tuple[float, float, float]], latency: float | None) -> None:
    found = await modules.page.evaluate(
        """async (levels) => {
            const ear = new (await import("/protocol/heard-latency.js")).HeardLatency();
            return levels.map((level) => ear.feed(...level)).filter((one) => one !== null);
        }""",
        levels,
    )
    assert found == ([] if latency is None else [latency])


@pytest.mark.parametrize(
    ("change", "word"),
    [({}, "good"), ({"rttMs": 300}, "fair"), ({"lossPercent": 12}, "poor"), ({"jitterMs": 40}, "fair")],
)
async def test_grades_of_a_connection(modules: Tab, change: dict[str, float], word: str) -> None:
    stats = {"rttMs": 40, "jitterMs": 3, "lossPercent": 0, "playoutDelayMs": 60, **change}
    assert await call(modules, "quality", "grade", stats) == word
    assert await call(modules, "quality", "grade", None) == "unknown"


KEPT: list[tuple[Any, dict[str, Any]]] = [
    ({"name": "Ana", "balance": 20, "voices": {"es": "x"}}, {"name": "Ana", "balance": 20, "voices": {"es": "x"}}),
    ({"language": "es", "unknown": 1}, {"language": "es"}),
    ({"name": 7, "balance": "loud", "voices": [], "pushToTalk": "yes", "language": 5}, {}),
    ({"voices": {"es": 1}, "balance": None, "name": None}, {}),
    (None, {}),
    ([1], {}),
    ("text", {}),
    (7, {}),
]


@pytest.mark.parametrize(("kept", "changed"), KEPT)
async def test_kept_preferences_are_believed_by_their_type(modules: Tab, kept: Any, changed: dict[str, Any]) -> None:
    defaults = {"name": "", "language": None, "balance": 65, "pushToTalk": False, "voices": {}}
    assert await call(modules, "kept-preferences", "believed", kept, defaults) == defaults | changed


LOCALES: list[tuple[list[Any], str]] = [
    (["de-AT", "en"], "de"), (["pt_BR"], "pt"), ([None, "AR"], "ar"), (["klingon", "fr"], "fr"), ([], "en"),
    (["constructor", "toString", 7, "", "C"], "en"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "locale"), LOCALES)
async def test_locale_of_the_page(modules: Tab, wanted: list[Any], locale: str) -> None:
    assert await call(modules, "words", "chooseLocale", wanted) == locale


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://x.example/", "https://x.example/#123456"),
        ("https://x.example/index.html?a=1#654321", "https://x.example/#123456"),
        ("https://x.example/call/", "https://x.example/call/#123456"),
        ("http://127.0.0.1:8080/a/b/index.html", "http://127.0.0.1:8080/a/b/#123456"),
    ],
)
async def test_invitation(modules: Tab, address: str, link: str) -> None:
    assert await call(modules, "addresses", "invitation", address, "123456") == link


@pytest.mark.parametrize(
    ("given", "address", "opened"),
    [
        ("ws://x.example/ws", "http://x.example/", "ws://x.example/ws"),
        ("wss://x.example/call/ws", "https://x.example/call/", "wss://x.example/call/ws"),
        ("ws://x.example/ws", "https://x.example/", "wss://x.example/ws"),  # a proxy that the server does not know
        ("ws://x.example:8443/ws", "https://x.example:8443/call/", "wss://x.example:8443/call/ws"),
        ("wss://x.example/ws", "https://x.example/call/index.html", "wss://x.example/call/ws"),
        ("wss://other.example/ws", "https://x.example/call/", "wss://other.example/ws"),  # another node
        ("wss://x.example/node2/ws", "https://x.example/call/", "wss://x.example/node2/ws"),
    ],
)
async def test_address_of_the_socket(modules: Tab, given: str, address: str, opened: str) -> None:
    assert await call(modules, "addresses", "socketAddress", given, address) == opened


RUNNING, STANDING = [("running", 0.5)] * 12, [("running", 0.0)] * 12
CLOCKS: list[tuple[list[tuple[str, float]], int, bool]] = [
    (RUNNING, 500, True),
    (RUNNING[:1] + STANDING[:5], 500, True),  # 2.5 s: it may have hiccups
    (RUNNING[:1] + STANDING[:6], 500, False),
    (RUNNING[:1] + STANDING + RUNNING[:1], 500, True),
    (RUNNING[:3] + STANDING[:2], 5000, True),  # looks that late tell of a page that slept
    ([("suspended", 0.0)], 500, False),
    ([*RUNNING, ("interrupted", 0.5)], 500, False),
    ([*RUNNING, ("closed", 0.5)], 500, False),
    ([*RUNNING, ("sleeping", 0.5)], 500, False),  # a state that nobody knows yet
]


@pytest.mark.parametrize(("looks", "every_ms", "plays"), CLOCKS)
async def test_sound_is_heard_while_its_clock_moves(
    modules: Tab, looks: list[tuple[str, float]], every_ms: int, plays: bool
) -> None:
    found = await modules.page.evaluate(
        """async ([looks, everyMs]) => {
            const clock = new (await import("/pure/sound-clock.js")).SoundClock();
            let timeS = 0;
            return looks.map(([state, onS], index) => clock.plays(index * everyMs, state, (timeS += onS))).at(-1);
        }""",
        [looks, every_ms],
    )
    assert found is plays
