"""Fifteen languages come out of the page whole, on the screen and in each format of its exports."""

from __future__ import annotations

import html
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from media.subtitles.server_messages import ServerMessages
from pipeline.events import Event, Transcribed, Translated
from pipeline.text.segmenter import segment
from tests.kit.chromium import Tab, watched
from tests.kit.sample_sentences import LANGUAGES, said, whole

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

PARTNER = {one: other for one, other in zip(LANGUAGES, LANGUAGES[1:] + LANGUAGES[:1], strict=True)}
"""Pairs of speakers: each language is spoken once, and translated into once."""


def facts(language: str) -> list[Event]:
    """An utterance in this language and its translation, as an interpreter tells them."""
    at, name, target = 1000 * LANGUAGES.index(language), f"u-{language}", PARTNER[language]
    text = whole(language)
    heard = Transcribed(name, "them", 0, text, len(text), True, language, at, at + 1000, 0.9)
    segments = segment(text, language)
    told = [
        Translated(name, "them", ("me",), part, 0, True, words, language, target, 0.0)
        for part, words in zip(segments, said(target), strict=True)
    ]
    return [heard, *told]


def messages() -> list[dict[str, Any]]:
    """Them all, as they are sent: through JSON, and in one order of languages."""
    wire = ServerMessages("123456", "me", now=lambda: 0.0, wall_ms=lambda: 0)
    sent = [json.dumps(wire.write(event), ensure_ascii=False) for tag in LANGUAGES for event in facts(tag)]
    return [json.loads(text.encode()) for text in sent]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(shell: Browser, site_url: str) -> AsyncIterator[Tab]:
    """Return the page with the whole conversation in it: on the screen, and as `files` by format."""
    context = await shell.new_context(service_workers="block", locale="en-US")
    tab = watched(await context.new_page())
    await tab.page.goto(site_url)
    await tab.page.evaluate(
        """async (messages) => {
            const { Conversation } = await import("/pure/conversation.js");
            const { SubtitleView } = await import("/screens/subtitles.js");
            const { FORMATS, lines } = await import("/pure/transcript.js");
            await (await import("/screens/locale.js")).useLocale("en");
            const talk = new Conversation();
            messages.forEach((message) => talk.apply(message));
            const people = (id) => ({ name: id, mine: id === "me" });
            const list = document.getElementById("subtitles");
            document.getElementById("call").hidden = false;
            const view = new SubtitleView(list, document.getElementById("announcer"), people);
            view.clear();
            talk.utterances.forEach((utterance) => view.show(utterance, talk.sentence(utterance)));
            const all = lines(talk.utterances, (id) => id);
            const files = Object.entries(FORMATS).map(([name, { write }]) => [name, write(all)]);
            globalThis.files = Object.fromEntries(files);
        }""",
        messages(),
    )
    yield tab
    await context.close()


async def saved(page: Tab, form: str) -> str:
    """Return a file as it is saved: bytes of UTF-8, read again."""
    numbers: list[int] = await page.page.evaluate(
        "async (form) => [...new Uint8Array(await new Blob([files[form]]).arrayBuffer())]", form
    )
    return bytes(numbers).decode("utf-8")


async def test_on_the_screen(page: Tab) -> None:
    for language in LANGUAGES:
        row = page.page.locator(f"#subtitles [data-utterance=u-{language}]")
        original, translation = row.locator(".original"), row.locator(".translation")
        assert await original.text_content() == whole(language)
        assert (await translation.text_content() or "").rstrip(" ") == whole(PARTNER[language])
        told = [await line.get_attribute("lang") for line in (original, translation)]
        assert told == [language, PARTNER[language]]
        direction = "e => getComputedStyle(e).direction"
        assert await original.evaluate(direction) == ("rtl" if language == "ar" else "ltr")
        assert await translation.evaluate(direction) == ("rtl" if PARTNER[language] == "ar" else "ltr")


async def test_as_json(page: Tab) -> None:
    lines = json.loads(await saved(page, "json"))["lines"]
    found = [(line["language"], line["text"], line["translations"]) for line in lines]
    assert found == [(one, whole(one), [{"language": PARTNER[one], "text": whole(PARTNER[one])}]) for one in LANGUAGES]


async def test_as_plain_text(page: Tab) -> None:
    lines = (await saved(page, "txt")).split("\n")
    assert [line.partition(": ")[2] for line in lines[:-1:2]] == [whole(language) for language in LANGUAGES]
    assert [line.removeprefix("    ") for line in lines[1::2]] == [whole(PARTNER[language]) for language in LANGUAGES]


async def test_as_subrip(page: Tab) -> None:
    cues = (await saved(page, "srt")).strip("\n").split("\n\n")
    for language, cue in zip(LANGUAGES, cues, strict=True):
        _, _, first, second = cue.split("\n")
        assert (first, second) == (f"them: {whole(language)}", whole(PARTNER[language]))


async def test_as_webvtt_and_as_a_player_reads_it(page: Tab) -> None:
    text = await saved(page, "vtt")
    header, *cues = text.strip("\n").split("\n\n")
    assert header == "WEBVTT"
    for language, cue in zip(LANGUAGES, cues, strict=True):
        _, _, first, second = map(html.unescape, cue.split("\n"))
        assert (first, second) == (f"<v them>{whole(language)}", whole(PARTNER[language]))
    played = await page.page.evaluate(
        """async (text) => {
            const video = document.createElement("video");
            const track = document.createElement("track");
            track.src = URL.createObjectURL(new Blob([text], { type: "text/vtt" }));
            video.append(track);
            document.body.append(video);
            track.track.mode = "hidden";
            await new Promise((done, fail) => { track.onload = done; track.onerror = fail; });
            const read = [...track.track.cues].map((cue) => cue.getCueAsHTML().textContent);
            video.remove();
            return read;
        }""",
        text,
    )
    assert played == [f"{whole(language)}\n{whole(PARTNER[language])}" for language in LANGUAGES]
