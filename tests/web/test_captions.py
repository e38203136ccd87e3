"""The captions page: one sentence at a time on a transparent ground, by a viewer's token and nothing else."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.async_api import Browser, Request

from media.subtitles.server_messages import ServerMessages
from pipeline.events import Transcribed, Translated
from pipeline.speech import Segment
from tests.kit.chromium import Tab, watched
from tests.kit.moved_clock import until
from tests.kit.page_server import PAGE
from tests.kit.signaling_server import Client, Front, open_front

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
LOCALES = ["ar", "de", "en", "es", "fr", "pt"]
SHOWN = "document.getElementById('caption').innerText.trim()"


def said(utterance: str, text: str, language: str = "es", *, final: bool = True) -> Transcribed:
    return Transcribed(utterance, "p_ana", 0, text, 0, final, language, 0, 900, 0.9)


def meant(utterance: str, text: str, target: str = "en") -> Translated:
    return Translated(utterance, "p_ana", ("p_bo",), Segment(0, "Hola.", 0, 5), 0, True, text, "es", target, 0.0)


@asynccontextmanager
async def call_with_viewer() -> AsyncIterator[tuple[Front, Client, str]]:
    """Yield a server with the page, somebody in an active call, and the token of a viewer."""

    def writer(session: str) -> Any:
        return ServerMessages(session, "", asyncio.get_running_loop().time, lambda: 1_800_000_000_000).write

    async with open_front(web_root=PAGE, subtitles=writer) as front:
        ana, _ = await front.pair()
        status, viewer = await front.call("POST", f"/sessions/{ana.session}/viewers", None, ana.resume_token)
        assert status == 201
        yield front, ana, viewer["token"]


@asynccontextmanager
async def tab_of(shell: Browser, **context: Any) -> AsyncIterator[Tab]:
    made = await shell.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 720}, **context})
    try:
        yield watched(await made.new_page())
    finally:
        await made.close()


async def violations(tab: Tab) -> list[str]:
    """Return what axe-core objects to."""
    await tab.page.evaluate(AXE)
    found = await tab.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in found["violations"]]


async def alpha_of(tab: Tab) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return how opaque each pixel of the page is: what a scene below it would show is 0."""
    picture = await tab.page.screenshot(omit_background=True)
    with av.open(io.BytesIO(picture)) as opened:
        pixels: np.ndarray[Any, np.dtype[np.uint8]] = next(opened.decode(video=0)).to_ndarray(format="rgba")[:, :, 3]
    return pixels


async def test_one_sentence_stands_on_a_transparent_ground(shell: Browser) -> None:
    requests: list[Request] = []
    async with call_with_viewer() as (front, ana, token), tab_of(shell, color_scheme="dark") as tab:
        tab.page.on("request", lambda request: requests.append(request))
        await tab.page.goto(f"{front.url}/captions#session={ana.session}&token={token}&size=60")
        await until(lambda: front.sessions.viewing.readers == 1)
        await tab.until("document.title.includes('Captions appear')")
        assert not (await alpha_of(tab)).any(), "nothing is shown while nobody speaks"
        front.room.tell(meant("u-1", "Hello there."))
        await tab.until(f"{SHOWN} === 'Hello there.'")
        opaque = await alpha_of(tab)
        box = await tab.page.locator("#caption span").bounding_box()
        assert box is not None
        top, left = round(box["y"]), round(box["x"])
        assert opaque[top + 10 : top + 60, left + 5 : left + 100].min() >= 200, "a ground of its own below the words"
        assert not opaque[: top - 5].any() and not opaque[:, : left - 5].any(), "and none elsewhere"
        assert await tab.page.evaluate("getComputedStyle(document.getElementById('caption')).fontSize") == "60px"
        assert not await violations(tab)
        front.room.tell(meant("u-2", "Where is the hotel?"))
        await tab.until(f"{SHOWN} === 'Where is the hotel?'")
        spoken = await tab.page.locator("#spoken p").all_text_contents()
        assert spoken == ["Hello there.", "Where is the hotel?"], "a screen reader hears each once"
        await ana.call("DELETE", f"/sessions/{ana.session}")
        await tab.until("document.title.includes('has ended')")
        assert await tab.page.evaluate("getComputedStyle(document.getElementById('state')).width") == "1px"
        assert not await violations(tab)
        assert not tab.complaints
    assert not [one.url for one in requests if token in one.url.partition("#")[0]]
    asked = [one for one in requests if one.url.endswith("/subtitles")]
    assert len(asked) == 1 and asked[0].headers["authorization"] == f"Bearer {token}"
    assert {one.resource_type for one in requests} <= {"document", "stylesheet", "script", "fetch", "other", "image"}


async def test_an_address_that_must_be_mended_is_told_in_the_pages_language(shell: Browser) -> None:
    async with call_with_viewer() as (front, ana, token), tab_of(shell) as tab:
        bad = {"address": f"token={token}", "invalid": f"session={ana.session}&token=x.y.z"}
        for locale, key in [*((one, "address") for one in LOCALES), ("ar", "invalid"), ("en", "invalid")]:
            await tab.page.goto("about:blank")  # to another fragment alone, a browser does not go anew
            await tab.page.goto(f"{front.url}/captions?page={locale}#{bad[key]}")
            await tab.until("!document.getElementById('state').classList.contains('unseen')")
            told = await tab.page.inner_text("#state")
            words = (PAGE / "words" / "captions" / f"{locale}.js").read_text("utf-8")
            assert f'"captions.{key}": "{told}"' in words
            page = await tab.page.evaluate("[document.documentElement.lang, document.documentElement.dir]")
            assert page == [locale, "rtl" if locale == "ar" else "ltr"]
            if key == "invalid":  # the others differ by their words alone
                assert not await violations(tab)


async def test_captions_of_one_language_are_what_is_said_or_meant_in_it(shell: Browser) -> None:
    async with call_with_viewer() as (front, ana, token), tab_of(shell) as tab:
        await tab.page.goto(f"{front.url}/captions?size=5000&language=en#session={ana.session}&token={token}")
        await until(lambda: front.sessions.viewing.readers == 1)
        front.room.tell(said("u-1", "Hola.", "es"))
        front.room.tell(said("u-2", "It costs 3.5 euros. Is that", "en", final=False))
        await tab.until(f"{SHOWN} === 'Is that'")
        front.room.tell(meant("u-1", "Hello."))
        await tab.until(f"{SHOWN} === 'Hello.'")
        assert await tab.page.evaluate("getComputedStyle(document.getElementById('caption')).fontSize") == "300px"
        assert not tab.complaints


RUN = """async ([language, messages]) => {
    const { Captions } = await import("/pure/captions.js");
    const captions = new Captions(language);
    return messages.map((message) => {
        captions.take({ sourceUserId: "p", sourceLanguage: "es", targetLanguage: "en", ...message });
        return captions.shown && [captions.shown.text, captions.shown.held];
    });
}"""


def part(utterance: str, segment: int, text: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "translation", "utteranceId": utterance, "segment": segment, "translatedText": text, "final": True,
        **more,
    }  # fmt: skip


CASES: dict[str, tuple[str | None, list[tuple[dict[str, Any], str | None]]]] = {
    "a revision takes the place of the one before": (
        None,
        [(part("u", 0, "I have", final=False), "I have"), (part("u", 0, "I have two."), "I have two.")],
    ),
    "one sentence at a time": (None, [(part("u", 0, "One."), "One."), (part("u", 1, "Two."), "Two.")]),
    "what goes on stands behind": (
        None,
        [
            (part("u", 0, "I have"), "I have"),
            (part("u", 1, "two bags", continues="u"), "I have two bags"),
            (part("v", 0, "and a dog.", continues="u"), "I have two bags and a dog."),
            (part("v", 1, "Hello."), "Hello."),
        ],
    ),
    "another's words do not go on mine": (
        None,
        [(part("u", 0, "I have"), "I have"), (part("v", 0, "No.", continues="u", sourceUserId="q"), "No.")],
    ),
    "a late revision of what has passed is not shown": (
        None,
        [(part("u", 0, "One"), "One"), (part("u", 1, "Two."), "Two."), (part("u", 0, "One."), "Two.")],
    ),
    "an echo is taken back": (
        None,
        [
            (part("u", 0, "Hola."), "Hola."),
            ({"type": "utterance_end", "utteranceId": "v", "outcome": "nothing_said"}, "Hola."),
            ({"type": "utterance_end", "utteranceId": "u", "outcome": "refused", "reason": "echo"}, None),
            (part("u", 0, "Hola."), None),
        ],
    ),
    "an end keeps what was said": (
        None,
        [(part("u", 0, "One."), "One."), ({"type": "utterance_end", "utteranceId": "u", "outcome": "spoken"}, "One.")],
    ),
    "of other languages nothing is shown": (
        "fr",
        [
            (part("u", 0, "One."), None),
            ({"type": "transcription", "utteranceId": "u", "text": "Uno.", "language": "es"}, None),
        ],
    ),
    "words that nobody said are emptied": (
        "es",
        [
            ({"type": "transcription", "utteranceId": "u", "text": "Uno. Dos", "language": "es-MX"}, "Dos"),
            ({"type": "transcription", "utteranceId": "u", "text": "", "language": "es-MX"}, None),
        ],
    ),
    "a loss is no caption": (None, [(part("u", 0, "One."), "One."), ({"type": "error", "code": "gap"}, "One.")]),
}  # fmt: skip


async def test_which_sentence_is_shown(shell: Browser, site_url: str) -> None:
    async with tab_of(shell) as tab:
        await tab.page.goto(f"{site_url}/icon.svg")
        for name, (language, steps) in CASES.items():
            shown = await tab.page.evaluate(RUN, [language, [message for message, _ in steps]])
            assert [one and one[0] for one in shown] == [text for _, text in steps], name
        (held,) = await tab.page.evaluate(RUN, [None, [part("u", 0, "Hola.", held="empty")]])
        assert held == ["Hola.", True]


async def test_what_an_address_may_say(shell: Browser, site_url: str) -> None:
    usual = {"sessionId": "s_1", "token": "a.b-c_d", "language": None, "size": 48, "page": None}
    cases = [
        ("#session=s_1&token=a.b-c_d", "", usual),
        ("#session=s_1&token=a.b-c_d&size=20&language=pt-BR&page=de", "?size=90", {
            **usual, "size": 20, "language": "pt-BR", "page": "de",
        }),
        ("#session=s_1&token=a.b-c_d", "?size=90&language=es&page=fr", {
            **usual, "size": 90, "language": "es", "page": "fr",
        }),
        ("#session=s_1&token=a.b-c_d&size=1", "", {**usual, "size": 10}),
        ("#session=s_1&token=a.b-c_d&size=1e9", "", {**usual, "size": 300}),
        ("#session=s_1&token=a.b-c_d&size=large", "", usual),
        ("#session=s_1&page=ar", "?token=a.b-c_d", {**usual, "token": None, "page": "ar"}),
        ("#token=a.b-c_d", "?session=s_1", {**usual, "sessionId": None}),
        ("", "", {**usual, "sessionId": None, "token": None}),
    ]  # fmt: skip
    async with tab_of(shell) as tab:
        await tab.page.goto(f"{site_url}/icon.svg")
        read = "async ([f, q]) => (await import('/pure/captions-address.js')).readCaptionsAddress(f, q)"
        for fragment, query, wanted in cases:
            assert await tab.page.evaluate(read, [fragment, query]) == wanted, fragment


def test_the_page_of_the_call_loads_nothing_of_it() -> None:
    sources = [path for path in PAGE.rglob("*") if path.suffix in (".js", ".html") and "captions" not in str(path)]
    of_captions = re.compile(r"captions(-address)?\.(js|css|html)|words/captions|viewer\.js")
    assert sources and not [path for path in sources if of_captions.search(Path(path).read_text("utf-8"))]
    assert all(map(of_captions.search, ("./protocol/viewer.js", "styles/captions.css", "words/captions/en.js")))
