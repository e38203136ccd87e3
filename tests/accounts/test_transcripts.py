"""Transcripts open in other people's parsers: right words, right speaker, right times, whatever the texts are."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import srt
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from accounts.history.entry import Entry, Missing
from accounts.history.transcripts.call import TranscribedCall, cues
from accounts.history.transcripts.formats import FORMATS, file_name
from tests.kit.history_entries import ANA, BO, entry

HOSTILE = [
    "<script>alert(1)</script>",
    "a --> b",
    "00:00:00.000 --> 00:00:09.000",
    "one\n\n2\n00:00:01,000 --> 00:00:02,000\nforged",
    "\r\n\r\nWEBVTT\r\n",
    "NOTE this",
    "STYLE ::cue { color: red }",
    "&amp;&lt;b&gt;",
    "<v Eve>I am Eve",
    "{\\an8}up",
    "\u202egnirts\u202c",
    "\x00\x07bell",
    "نعم\u200cها",
    "👩‍👩‍👧 family",
    "C:\\..\\..\\x",
    "\u2028line\u2029end",
]


def call(*entries: Entry, missing: tuple[Missing, ...] = ()) -> TranscribedCall:
    return TranscribedCall("s_0123456789abcdef0123", 1_700_000_000_000, entries, missing)


BOTH_AT_ONCE = call(
    entry(utterance="u_1", start_ms=1000, end_ms=4000, original="Uno.", translated="One."),
    entry(
        utterance="u_2",
        start_ms=2000,
        end_ms=3000,
        source=BO,
        target=ANA,
        name="Bo",
        original="Two.",
        translated="Dos.",
    ),
    entry(utterance="u_1", segment=1, start_ms=4000, end_ms=5500, original="Tres.", translated="Three."),
)


def parsed_vtt(text: str) -> list[webvtt.Caption]:
    return list(webvtt.from_string(text).captions)


def plain(text: str) -> str:
    """A cue's text as a browser shows it."""
    for escape, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(escape, char)
    return text


def test_vtt_of_two_who_speak_at_once() -> None:
    found = parsed_vtt(FORMATS["vtt"].write(BOTH_AT_ONCE))
    assert [(one.start, one.end) for one in found] == [
        ("00:00:01.000", "00:00:04.000"),
        ("00:00:02.000", "00:00:03.000"),
        ("00:00:04.000", "00:00:05.500"),
    ]
    assert [one.voice for one in found] == ["Ana", "Bo", "Ana"]
    assert [one.text.split("\n") for one in found] == [["Uno.", "One."], ["Two.", "Dos."], ["Tres.", "Three."]]


def test_srt_of_two_who_speak_at_once() -> None:
    found = list(srt.parse(FORMATS["srt"].write(BOTH_AT_ONCE)))
    assert [one.index for one in found] == [1, 2, 3]
    assert [one.start for one in found] == [timedelta(seconds=second) for second in (1, 2, 4)]
    assert [one.end for one in found] == [timedelta(seconds=second) for second in (4, 3, 5.5)]
    assert [one.content for one in found] == ["Ana: Uno.\nOne.", "Bo: Two.\nDos.", "Ana: Tres.\nThree."]


def test_text_and_json_of_two_who_speak_at_once() -> None:
    assert FORMATS["txt"].write(BOTH_AT_ONCE) == (
        "[00:00:01] Ana: Uno.\n    One.\n[00:00:02] Bo: Two.\n    Dos.\n[00:00:04] Ana: Tres.\n    Three.\n"
    )
    data = json.loads(FORMATS["json"].write(BOTH_AT_ONCE))
    assert [one["originalText"] for one in data["translations"]] == ["Uno.", "Two.", "Tres."]
    assert data["participants"] == [
        {"participantId": ANA, "displayName": "Ana"},
        {"participantId": BO, "displayName": "Bo"},
    ]


def test_long_calls_and_typed_words_have_times_that_players_take() -> None:
    typed = call(entry(start_ms=4 * 3_600_000, end_ms=0, translated="Buenos días."))
    (cue,) = parsed_vtt(FORMATS["vtt"].write(typed))
    assert (cue.start, cue.end, cue.text) == ("04:00:00.000", "04:00:00.800", "Buenos días.")  # one language, once
    (line,) = srt.parse(FORMATS["srt"].write(typed))
    assert line.end > line.start


PIECES = call(
    entry(utterance="u_1", start_ms=0, end_ms=2000, original="If you are lost,", translated="Si se pierde,"),
    entry(utterance="u_2", start_ms=1500, end_ms=1900, source=BO, target=ANA, original="Sí.", translated="Yes."),
    entry(
        utterance="u_1", segment=1, continues="u_1", start_ms=2000, end_ms=4000, original=" call", translated="llame"
    ),
    entry(utterance="u_3", continues="u_1", start_ms=4500, end_ms=7500, original="me.", translated="me."),
    entry(utterance="u_4", start_ms=8000, end_ms=9000, original="Bye.", translated="Adiós."),
)


def test_pieces_of_a_sentence_are_one_cue_and_one_line() -> None:
    assert [(one.start_ms, one.end_ms, one.lines) for one in cues(PIECES)] == [
        (0, 4000, ("If you are lost, call", "Si se pierde, llame")),
        (1500, 2300, ("Sí.", "Yes.")),
        (4500, 7500, ("me.",)),  # a cue of more than seven seconds is hard to follow
        (8000, 9000, ("Bye.", "Adiós.")),
    ]
    assert FORMATS["txt"].write(PIECES).splitlines()[:2] == [
        "[00:00:00] Ana: If you are lost, call me.",
        "    Si se pierde, llame me.",
    ]
    carried = [one.get("continues") for one in json.loads(FORMATS["json"].write(PIECES))["translations"]]
    assert carried == [None, None, "u_1", "u_1", None]


def test_pieces_of_a_script_without_spaces_are_joined_without_one() -> None:
    pieces = call(
        entry(original="如果你迷路了", translated="If you are lost,"),
        entry(segment=1, continues="u_1", original="给我打电话。", translated="call me."),
    )
    assert cues(pieces)[0].lines == ("如果你迷路了给我打电话。", "If you are lost, call me.")


def test_a_piece_whose_sentence_is_not_kept_begins_a_cue() -> None:
    assert [one.lines[0] for one in cues(call(entry(utterance="u_9", continues="u_8")))] == ["Buenos días."]


def test_what_is_missing_stands_in_its_place() -> None:
    holed = call(entry(start_ms=0), entry(utterance="u_2", start_ms=9000), missing=(Missing(3000, 5000, 4),))
    assert [one.lines[0] for one in cues(holed)] == ["Buenos días.", "[4 not kept]", "Buenos días."]
    assert json.loads(FORMATS["json"].write(holed))["missing"] == [{"startMs": 3000, "endMs": 5000, "entries": 4}]


def test_an_empty_history_is_a_file_all_the_same() -> None:
    assert parsed_vtt(FORMATS["vtt"].write(call())) == []
    assert list(srt.parse(FORMATS["srt"].write(call()))) == []
    assert FORMATS["txt"].write(call()) == ""


def visible(text: str) -> str:
    """Letters, digits and signs of a text, without blanks and without what formats must change."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u200b-\u200f\u2060-\u206f\ufeff<>{}‹›❴❵]", "", text)


def check(text: str, name: str) -> None:
    """Exactly one cue, with this text and this name, at its time; nothing of it is markup."""
    one = call(entry(original=text, translated=f"ok {text}", name=name, start_ms=61_001, end_ms=62_002))
    written = FORMATS["vtt"].write(one)
    (cue,) = parsed_vtt(written)
    assert (cue.start, cue.end) == ("00:01:01.001", "00:01:02.002")
    assert re.findall(r"<[^>]*>", written) in ([f"<v {cue.voice}>"], [])  # no tag but the speaker's
    assert visible(plain(cue.raw_text)).endswith(visible("ok" + text))
    (line,) = srt.parse(FORMATS["srt"].write(one))
    assert (line.start, line.end) == (timedelta(seconds=61.001), timedelta(seconds=62.002))
    assert visible(line.content).endswith(visible("ok" + text)) and not re.search(r"[<>{}]", line.content)
    lines = FORMATS["txt"].write(one).splitlines()
    assert len(lines) in (1, 2) and lines[0].startswith("[00:01:01] ") and lines[-1][:1] in "[ "
    assert json.loads(FORMATS["json"].write(one))["translations"][0]["originalText"] == text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_and_names_are_only_text(text: str) -> None:
    check(text, "Ana")
    check("hello", text)


@given(st.text(st.characters(exclude_categories=["Cs", "Cf", "Cc", "Zl", "Zp", "Zs"]), min_size=1, max_size=30))
def test_any_text_is_one_cue(text: str) -> None:
    check(text, "Ana")


def test_the_file_name_is_ours() -> None:
    name = file_name("s_0123456789abcdef0123", 1_700_000_000_000, "vtt")
    assert name == "dragoman-2023-11-14-s_0123456789abcd.vtt"
    assert "/" not in file_name("../../etc/passwd\r\n", 0, "txt") and "\n" not in file_name("a\nb", 0, "txt")
