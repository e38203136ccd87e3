"""A client's `max-message-size`: honoured by shortening, refused below what our messages need, and told by `gap`."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.events import OfferRefused
from media.subtitles.fitting import ELLIPSIS, TEXTS, fitted, shortened, written
from media.subtitles.outbox import RESUME_WAIT, SubtitlesOutbox
from media.subtitles.server_messages import Message, ServerMessages
from media.webrtc.sdp_offer import LEAST_MESSAGE, parse_offer
from pipeline.engines.scripted import ScriptedSynthesizer
from pipeline.events import (
    EngineFailed,
    EngineStage,
    Event,
    Latency,
    LoadChanged,
    Outcome,
    PlaybackState,
    SkipReason,
    SpeechPlayed,
    Transcribed,
    Translated,
    UtteranceEnded,
)
from pipeline.speech import Segment
from tests.kit.aiortc_peer import Client, Scene, until
from tests.kit.changed_offers import join
from tests.kit.extent import extent
from tests.kit.sdp_dialects import CLIENTS, offer_of
from tests.kit.sdp_offers import chromium
from wire.strict_json import utf16_length

TEXT = ("مرحبا بالعالم " * 45)[:600]
ID = "0123456789abcdef" * 2


def with_size(size: str | None, text: str = "") -> str:
    """Return an offer whose data channel takes messages of that size; None says nothing of it."""
    row = "a=max-message-size:262144\r\n"
    text = text or chromium("Aad")
    assert row in text
    return text.replace(row, "" if size is None else f"a=max-message-size:{size}\r\n")


def resized(size: int) -> Any:
    return lambda sdp: re.sub(r"a=max-message-size:\d+", f"a=max-message-size:{size}", sdp)


def size_of(message: Message) -> int:
    return len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode())


# the input of the report: one client takes short messages, the other says 600 Arabic characters


@pytest.mark.real_time
@pytest.mark.side_by_side
async def test_a_client_that_takes_short_messages_ends_nobodys_call() -> None:
    async with Scene(tts=ScriptedSynthesizer(seconds=0.2, tone_hz=300)) as scene, Client() as ana, Client() as ben:
        await ana.join(scene.room, "ann")
        for size in (512, 200, 1):
            with pytest.raises(OfferRefused) as refused:
                await join(ben, scene.room, "bob", resized(size))
            assert refused.value.code == "bad_sdp" and "max-message-size" in refused.value.message
        await ben.pc.close()
        async with Client() as ben:
            await join(ben, scene.room, "bob", resized(LEAST_MESSAGE), negotiation=2)
            scene.begin()
            for text in (TEXT, "hello there"):
                ana.send(type="say", clientId="c1", text=text)
            await until(lambda: len(ana.of("utterance_end")) == len(ben.of("utterance_end")) == 2)
            for one in (ana, ben):
                assert [m["seq"] for m in one.messages] == list(range(1, len(one.messages) + 1))
                assert not one.of("error") and {m["outcome"] for m in one.of("utterance_end")} == {"spoken"}
            assert [m["type"] for m in ben.messages] == [m["type"] for m in ana.messages]
            assert max(map(size_of, ben.messages)) <= LEAST_MESSAGE < max(map(size_of, ana.messages))
            heard, whole = ben.of("transcription")[0], ana.of("transcription")[0]
            assert whole["text"] == TEXT.strip() and "shortened" not in whole
            assert heard["shortened"] is True and len(heard["text"]) > 300
            assert heard["text"].endswith(ELLIPSIS) and whole["text"].startswith(heard["text"][:-1])
            assert heard["stableLength"] == len(heard["text"]) - 1 and heard["clientId"] == "c1"
            translated = ben.of("translation")[0]
            assert translated["shortened"] and len(translated["translatedText"]) > 100
            assert "shortened" not in ben.of("translation")[-1] and ben.of("translation")[-1]["translatedText"]


@pytest.mark.real_time
@pytest.mark.side_by_side
@pytest.mark.parametrize("size", [None, 0], ids=["as aiortc offers", "no limit"])
async def test_control_a_client_without_such_a_limit_gets_all_of_it(size: int | None) -> None:
    async with Scene(tts=ScriptedSynthesizer(seconds=0.2, tone_hz=300)) as scene, Client() as ana, Client() as ben:
        await ana.join(scene.room, "ann")
        await join(ben, scene.room, "bob", *([] if size is None else [resized(size)]))
        scene.begin()
        ana.send(type="say", clientId="c1", text=TEXT)
        await until(lambda: len(ana.of("utterance_end")) == len(ben.of("utterance_end")) == 1)
        for one in (ana, ben):
            assert [m["seq"] for m in one.messages] == list(range(1, len(one.messages) + 1))
            assert one.of("transcription")[0]["text"] == TEXT.strip()
            assert not [m for m in one.messages if "shortened" in m or m["type"] == "error"]
        assert [m["type"] for m in ben.messages] == [m["type"] for m in ana.messages]
        assert ben.of("utterance_end")[0]["outcome"] == "spoken"


# what an offer may say


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        (None, 65536),
        ("0", 0),
        ("00", 0),
        ("1024", 1024),
        ("1025", 1025),
        (" 2048 ", 2048),
        ("16384", 16384),
        ("65535", 65535),
        ("65536", 65536),
        ("262144", 262144),
        ("1073741823", 1073741823),
        ("2147483647", 2147483647),
        ("4294967295", 4294967295),
        ("9223372036854775807", 0),
        ("18446744073709551615", 0),
        ("9" * 5000, 0),
        ("0" * 5000 + "1024", 1024),
    ],
)
def test_a_size_is_read(said: str | None, limit: int) -> None:
    data = parse_offer(with_size(said)).data
    assert data is not None and data.max_message_size == limit


SENSELESS = ["-1", "-0", "", "abc", "1e6", "64K", "65536.0", "+65536", "0x10000", "65_536", "٦٥٥٣٦", "1 024", "∞", "\0"]


@pytest.mark.parametrize("said", ["1", "2", "200", "512", "1000", "1023", *SENSELESS])
@pytest.mark.parametrize("client", CLIENTS)
def test_a_size_that_can_not_be_honoured_is_refused(said: str, client: str) -> None:
    before, _, row = offer_of(client).partition("a=max-message-size:")
    text = f"{before}a=max-message-size:{said}\r\n{row.partition(chr(10))[2]}"
    with pytest.raises(OfferRefused) as refused:
        parse_offer(text)
    assert refused.value.code == "bad_sdp" and "max-message-size" in refused.value.message


def test_a_size_elsewhere_than_in_the_channels_line_says_nothing() -> None:
    audio = chromium("Aad").replace("a=rtcp-mux\r\n", "a=rtcp-mux\r\na=max-message-size:-1\r\n")
    without_channel = chromium("Aa").replace("a=rtcp-mux\r\n", "a=max-message-size:7\r\na=rtcp-mux\r\n")
    for text in (audio, without_channel, with_size("7").replace("BUNDLE 0 1 2", "BUNDLE 0 1")):
        assert parse_offer(text).audio


# what every message becomes


def messages() -> list[Event]:
    """Return an event for each message that we send, with the longest ids and marks that it can have."""
    segment = Segment(12, "words", 0, 5)
    latency = Latency(123456.7, 123456.7, 123456.7, 123456.7, -123456.7)
    client_id = "\U0001f98a" * 128
    return [
        Transcribed(ID, ID, 999, "words", 5, True, "zh-Hant-TW", 14_400_000, 14_400_000, 0.123, client_id),
        Translated(ID, ID, (ID,), segment, 99, True, "words", "zh-Hant-TW", "sr-Latn-RS", 0.0),
        SpeechPlayed(ID, ID, ID, 12, PlaybackState.SKIPPED, SkipReason.NOTHING_TO_SAY),
        UtteranceEnded(ID, ID, "es", (ID,), Outcome.SUBTITLES_ONLY, latency, "unsupported_pair"),
        EngineFailed(ID, ID, EngineStage.TTS, "detail"),
        LoadChanged(ID, "degraded", 123456.0, "The voice that was chosen can't be had; another one speaks."),
    ]


def message_of(event: Event) -> Message:
    message = ServerMessages(f"s_{ID}", f"p_{ID}", lambda: 90_000.0, lambda: 1_700_000_000_123).write(event)
    assert message is not None
    return {**message, "seq": 9_999_999}


@pytest.mark.parametrize("event", messages(), ids=lambda event: type(event).__name__)
def test_the_least_size_is_enough_for_every_message(event: Event) -> None:
    message = message_of(event)
    if isinstance(event, Translated):
        message |= {"unsure": ["number", "negation", "incomplete"], "held": "too_long_for_its_source"}
    assert size_of(message) <= LEAST_MESSAGE
    long = {name: value * 400 if name in TEXTS else value for name, value in message.items()}
    fit = fitted(written(long), LEAST_MESSAGE)
    assert fit is not None and len(fit.encode()) <= LEAST_MESSAGE
    left = json.loads(fit)
    assert {name: left[name] for name in message if name not in (*TEXTS, "stableLength")} == {
        name: value for name, value in message.items() if name not in (*TEXTS, "stableLength")
    }


SCRIPTS = {
    "arabic": "مرحبا بالعالم ",
    "hebrew": "שלום עולם ",
    "chinese": "你好,世界。",
    "hindi": "नमस्ते दुनिया ",
    "thai": "สวัสดีชาวโลก ",
    "korean": "안녕하세요 ",
    "jamo": "\u1112\u1161\u11ab\u1100\u116e\u11a8 ",
    "decomposed": "e\u0301a\u0300o\u0302 ",
    "families": "👨‍👩‍👧‍👦",
    "flags": "🇪🇸🇫🇷🇩🇪",
    "an english flag": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "skin tones": "👍🏽👋🏿",
    "persian with joiners": "می\u200cخواهم ",
    "quotes": 'he said "no" \\ ',
    "control": "a\tb\x01c\n",
    "gothic": "𐌰𐌱𐌲 ",
    "surrogates": "a\ud800b ",
    "one word": "Donaudampfschifffahrt",
}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("limit", [1024, 1025, 1026, 1027, 1500, 4096])
def test_texts_of_any_script_are_cut_between_graphemes(script: str, limit: int) -> None:
    text = SCRIPTS[script] * (6000 // len(SCRIPTS[script]))
    segment = Segment(0, text, 0, len(text))
    for event in (
        Transcribed(ID, ID, 0, text, len(text) // 2, True, "xx", 0, 0, 1.0, "c1"),
        Translated(ID, ID, (ID,), segment, 0, True, text, "xx", "yy", 0.0),
    ):
        whole = json.loads(written(message_of(event)))
        fit = fitted(written(message_of(event)), limit)
        assert fit is not None and limit - 20 - 8 * len(SCRIPTS[script]) < len(fit.encode()) <= limit
        message = json.loads(fit)
        assert message.pop("shortened") is True
        for name in TEXTS:
            if name in message:
                check_cut(whole.pop(name), message.pop(name), SCRIPTS[script])
        if "stableLength" in message:
            assert message.pop("stableLength") <= whole.pop("stableLength")
        assert message == whole


def check_cut(whole: str, kept: str, unit: str) -> None:
    assert kept.endswith(ELLIPSIS) and whole.startswith(kept[:-1])
    before, after = kept[-2], whole[len(kept) - 1]
    assert before != "\u200d" and after not in "\u200c\u200d" and unicodedata.combining(after) == 0
    assert unicodedata.category(after) not in ("Mn", "Mc", "Me", "Sk")
    if unit == SCRIPTS["flags"]:
        assert len(kept) % 2 == 1, "no flag is cut in half"
    if unit in (SCRIPTS["families"], SCRIPTS["an english flag"]):
        assert (len(kept) - 1) % len(unit) == 0


LONG_TEXTS = st.tuples(st.text(max_size=30), st.integers(0, 300)).map(lambda part: part[0] * part[1])


@settings(max_examples=extent(300, 20_000), deadline=None)
@given(LONG_TEXTS, LONG_TEXTS, st.integers(LEAST_MESSAGE, 9000))
def test_any_translation_fits_or_is_lost(source: str, target: str, limit: int) -> None:
    event = Translated(ID, ID, (ID,), Segment(0, source, 0, len(source)), 0, True, target, "xx", "yy", 0.0)
    text = written(message_of(event))
    fit = fitted(text, limit)
    if len(text.encode()) <= limit:
        assert fit == text
    elif fit is not None:
        assert len(fit.encode()) <= limit
        left, whole = json.loads(fit), json.loads(text)
        for name in ("originalText", "translatedText"):
            same = left[name] == whole[name]
            assert same or (left[name].endswith(ELLIPSIS) and whole[name].startswith(left[name][:-1]))
            assert bool(left[name]) == bool(whole[name]), "an empty text takes a text back"
    else:
        assert any(shortened(json.loads(text)[name], limit // 4) == "" for name in ("originalText", "translatedText"))


@given(st.text(max_size=200), st.integers(-5, 300))
def test_a_text_is_cut_to_its_room(text: str, room: int) -> None:
    text = text.encode(errors="replace").decode()
    kept = shortened(text, room)
    bytes_kept = len(json.dumps(kept, ensure_ascii=False).encode()) - 2
    assert kept == text or bytes_kept <= max(0, room)
    assert kept in ("", text) or text.startswith(kept[:-1])


def test_a_short_text_leaves_its_room_to_the_other() -> None:
    def left(source: str, target: str) -> tuple[int, int]:
        event = Translated(ID, ID, (ID,), Segment(0, source, 0, len(source)), 0, True, target, "xx", "yy", 0.0)
        message = json.loads(fitted(written(message_of(event)), 1500) or "")
        return len(message["originalText"]), len(message["translatedText"])

    assert left("abc", "d" * 2000)[0] == 3 and left("a" * 2000, "def")[1] == 3
    one, other = left("a" * 2000, "d" * 2000)
    assert abs(one - other) <= 1 and one > 300


def test_what_is_stable_counts_no_more_than_what_is_left() -> None:
    event = Transcribed(ID, ID, 0, "🦊" * 500, 500, True, "en", 0, 0, 1.0)
    message = json.loads(fitted(written(message_of(event)), LEAST_MESSAGE) or "")
    assert message["stableLength"] == utf16_length(message["text"]) - 1
    early = replace(event, stable_length=3)
    assert json.loads(fitted(written(message_of(early)), LEAST_MESSAGE) or "")["stableLength"] == 6


# what can't be delivered


class Channel:
    """A data channel that refuses texts with any of `bad` by an error, and all of them while `broken`."""

    def __init__(self, *bad: str) -> None:
        self.bad = bad
        self.broken = False
        self.received: list[Message] = []

    def __call__(self, text: str) -> bool:
        if self.broken or any(one in text for one in self.bad):
            raise ValueError("Cannot send message")
        self.received.append(json.loads(text))
        return True

    @property
    def read(self) -> list[tuple[int, str]]:
        return [(message["seq"], message.get("text", message.get("code"))) for message in self.received]


class Line:
    """An outbox with a clock that the test sets."""

    def __init__(self, channel: Channel, limit: int = 0) -> None:
        self.now = 50.0
        self.errors: list[Exception] = []
        self.subtitles = SubtitlesOutbox(lambda: self.now, self.errors.append)
        self.channel = channel
        self.subtitles.open(channel, limit)
        self.subtitles.resume(0)

    def put(self, *texts: str, final: bool = True) -> None:
        for text in texts:
            self.subtitles.put({"type": "transcription", "text": text, "final": final})

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.02)):
            self.now += 0.02
            self.subtitles.tick()


def test_a_message_that_does_not_fit_even_without_its_text_is_told_by_gap() -> None:
    line = Line(Channel(), 150)
    line.put("one")
    line.subtitles.put({"type": "transcription", "text": "two", "final": True, "clientId": "x" * 200})
    line.put("three")
    assert line.channel.read == [(1, "one"), (2, "gap"), (3, "three")]
    assert not line.errors, "a limit is no error"


def test_a_message_that_its_channel_refuses_is_told_by_gap() -> None:
    line = Line(Channel("two"))
    line.put("one", "two", "three")
    assert line.channel.read == [(1, "one"), (2, "gap"), (3, "three")]
    assert len(line.errors) == 1
    line.wait(5)
    assert len(line.channel.read) == 3


def test_a_text_that_is_not_final_and_is_refused_takes_no_number() -> None:
    line = Line(Channel("two"))
    line.put("one", "two", "three", final=False)
    line.put("four")
    assert line.channel.read == [(1, "one"), (2, "three"), (3, "four")]


def test_a_channel_that_takes_nothing_is_tried_again_and_nothing_is_lost() -> None:
    line = Line(Channel())
    line.put("one")
    line.channel.broken = True
    line.put("two", "three")
    line.put("interim", final=False)
    errors = len(line.errors)
    assert errors == 2, "the message, and the gap"
    line.wait(RESUME_WAIT - 0.1)
    assert len(line.errors) == errors, "not in every slot"
    line.wait(1)
    line.channel.broken = False
    line.wait(RESUME_WAIT)
    line.put("four")
    assert line.channel.read == [(1, "one"), (2, "two"), (3, "three"), (4, "four")]


def test_another_channel_without_the_limit_gets_it_whole() -> None:
    line = Line(Channel(), 300)
    line.put("x" * 400)
    assert len(line.channel.received[0]["text"]) < 400 and line.channel.received[0]["shortened"]
    other = Channel()
    line.subtitles.open(other)
    line.subtitles.resume(0)
    assert other.received == [{"type": "transcription", "text": "x" * 400, "final": True, "seq": 1}]


def test_what_can_not_even_be_written_is_not_numbered() -> None:
    line = Line(Channel())
    line.put("one")
    with pytest.raises(TypeError):
        line.subtitles.put({"type": "status", "message": object()})
    line.subtitles.note_loss()
    line.put("two")
    assert line.channel.read == [(1, "one"), (2, "gap"), (3, "two")]


@settings(max_examples=extent(200, 5_000), deadline=None)
@given(st.lists(st.sampled_from(["put", "put", "bad", "interim", "bad interim", "break", "mend", "tick"]), max_size=60))
def test_whatever_a_channel_refuses_the_rest_comes_once_and_in_order(script: list[str]) -> None:
    line = Line(Channel("refused"))
    expected: list[tuple[int, str]] = []
    for step, action in enumerate([*script, "mend"]):
        match action:
            case "put" | "bad":
                text = f"refused {step}" if action == "bad" else f"text {step}"
                line.put(text)
                expected.append((line.subtitles._seq, "gap" if action == "bad" else text))
            case "interim" | "bad interim":
                line.put("refused" if action == "bad interim" else "interim", final=False)
            case "break" | "mend":
                line.channel.broken = action == "break"
            case "tick":
                line.wait(RESUME_WAIT + 0.1)
    line.wait(2 * RESUME_WAIT)
    assert [one for one in line.channel.read if one[1] != "interim"] == expected
    assert all(a < b for (a, _), (b, _) in pairwise(line.channel.read))
