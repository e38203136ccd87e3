"""The page's model and view of the subtitles: what is provisional, what is told to a screen reader, what is text."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.kit.chromium import Tab, watched

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

BASE = {"utteranceId": "u1", "sourceUserId": "them", "targetUserId": "me"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def open_page(shell: Browser, site_url: str) -> AsyncIterator[Tab]:
    """Return the page, once for all tests of this file."""
    context = await shell.new_context(service_workers="block", locale="en-US")
    tab = watched(await context.new_page())
    await tab.page.goto(site_url)
    yield tab
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: Tab) -> Tab:
    """Return a page with an empty conversation of `me` and `them`; `feed` gives it messages of the channel."""
    tab = open_page
    await tab.page.evaluate(
        """async () => {
            const { Conversation } = await import("/pure/conversation.js");
            const { SubtitleView } = await import("/screens/subtitles.js");
            await (await import("/screens/locale.js")).useLocale("en");
            document.getElementById("call").hidden = false;
            const conversation = new Conversation();
            const people = (id) => ({ name: id === "me" ? "You" : "Ana", mine: id === "me" });
            const at = (id) => document.getElementById(id);
            const view = new SubtitleView(at("subtitles"), at("announcer"), people);
            view.clear();
            at("announcer").replaceChildren();
            globalThis.feed = (messages) => messages.forEach((message) => {
                const changed = conversation.apply(message);
                if (changed) view.show(changed, conversation.sentence(changed));
            });
        }"""
    )
    return tab


async def feed(tab: Tab, *messages: dict[str, Any]) -> None:
    await tab.page.evaluate("messages => feed(messages)", [{**BASE, **message} for message in messages])


def transcription(text: str, stable: int, revision: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "transcription", "text": text, "stableLength": stable, "revision": revision, "final": False,
        "language": "es", **more,
    }  # fmt: skip


def translation(text: str, revision: int = 0, segment: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "type": "translation", "translatedText": text, "revision": revision, "segment": segment, "final": False,
        "targetLanguage": "en", "sourceLanguage": "es", "originalText": "", **more,
    }  # fmt: skip


async def texts(tab: Tab, selector: str) -> list[str]:
    return await tab.page.locator(f"#subtitles {selector}").all_text_contents()


async def test_partial_text_is_visibly_provisional_until_it_is_firm(page: Tab) -> None:
    await feed(page, transcription("Buenos dias", 7, 0))
    assert await texts(page, ".original .firm") == ["Buenos "]
    assert await texts(page, ".original .provisional") == ["dias"]
    await feed(page, transcription("Buenos días.", 12, 1, final=True), translation("Good day.", final=False))
    assert await texts(page, ".original .provisional") == []
    assert await texts(page, ".translation .provisional") == ["Good day."]
    await feed(page, translation("Good morning.", revision=1, final=True))
    assert await texts(page, ".translation .firm") == ["Good morning."]
    assert await page.page.locator("#subtitles .translation").get_attribute("lang") == "en"


async def test_an_older_revision_that_is_resent_changes_nothing(page: Tab) -> None:
    await feed(page, translation("Good morning.", revision=2, final=True), translation("Good", revision=0))
    assert await texts(page, ".translation .firm") == ["Good morning."]


async def test_segments_stand_in_their_order_and_are_announced_once(page: Tab) -> None:
    await feed(
        page,
        transcription("Buenos días. ¿Qué hora es?", 26, 0, final=True),
        translation("What time is it?", segment=1, final=True),
        translation("Good morn", segment=0),
        translation("Good morning.", segment=0, revision=1, final=True),
        {"type": "speech_audio", "segment": 0, "state": "start"},
        {"type": "speech_audio", "segment": 0, "state": "end"},
    )
    assert " ".join((await texts(page, ".translation"))[0].split()) == "Good morning. What time is it?"
    said = await page.page.locator("#announcer p").all_text_contents()
    assert sorted(said) == ["Ana: Good morning.", "Ana: What time is it?"]


async def test_my_own_words_are_shown_and_not_read_out_to_me(page: Tab) -> None:
    mine = {"sourceUserId": "me", "targetUserId": "them"}
    await feed(page, transcription("Hello.", 6, 0, final=True, **mine), translation("Hola.", final=True, **mine))
    assert await texts(page, ".mine .translation .firm") == ["Hola."]
    assert await page.page.locator("#announcer p").count() == 0


@pytest.mark.parametrize(
    "end",
    [
        {"outcome": "nothing_said"},
        {"outcome": "refused", "reason": "echo"},
        {"outcome": "refused", "reason": "start_over"},
    ],
    ids=["noise", "the partner's voice", "taken back"],
)
async def test_what_its_speaker_did_not_say_leaves_no_line(page: Tab, end: dict[str, str]) -> None:
    await feed(page, transcription("Eh", 0, 0))
    assert await page.page.locator("#subtitles li").count() == 1
    await feed(page, transcription("", 0, 1, final=True), {"type": "utterance_end", "latency": {}, **end})
    assert await page.page.locator("#subtitles li").count() == 0


@pytest.mark.parametrize(
    ("message", "note"),
    [
        ({"type": "speech_audio", "segment": 0, "state": "skipped"}, "left a part out"),
        ({"type": "utterance_end", "outcome": "refused", "latency": {}}, "Not understood"),
        ({"type": "utterance_end", "outcome": "refused", "reason": "start_over", "latency": {}}, "Taken back"),
        ({"type": "utterance_end", "outcome": "spoken", "latency": {"firstAudioMs": 840}}, "heard after 0.8 s"),
    ],
)
async def test_what_became_of_an_utterance_is_told(page: Tab, message: dict[str, Any], note: str) -> None:
    await feed(page, transcription("Hola.", 5, 0, final=True), translation("Hello.", final=True), message)
    assert note in (await texts(page, ".note"))[0]


async def test_subtitles_are_text_and_never_markup(page: Tab) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\"><b>hola</b>"
    await feed(page, transcription(evil, len(evil), 0, final=True), translation(evil, final=True))
    assert await texts(page, ".original") == [evil]
    assert await page.page.locator("#subtitles img, #subtitles b, #announcer img").count() == 0
    assert await page.page.title() == "Dragoman"


async def test_a_translation_to_doubt_has_a_mark_with_words_for_it(page: Tab) -> None:
    await feed(
        page,
        transcription("No cuesta 15.", 13, 0, final=True),
        translation("It costs 50.", final=True, unsure=["number", "negation", "of a newer server"]),
    )
    assert await texts(page, ".translation .unsure") == ["?"]
    reasons = await page.page.locator("#subtitles .translation .unsure").get_attribute("title")
    assert reasons == "Check the number · Check whether it is yes or no"
    assert reasons in (await texts(page, ".note"))[0]
    said = await page.page.locator("#announcer p").all_text_contents()
    assert said == ["Ana: It costs 50. (Check the number, Check whether it is yes or no)"]


async def test_a_sure_translation_has_no_mark(page: Tab) -> None:
    await feed(page, transcription("Hola.", 5, 0, final=True), translation("Hello.", final=True))
    assert await texts(page, ".translation .unsure") == await texts(page, ".translation .held") == []


async def test_what_could_not_be_translated_is_shown_as_it_was_said(page: Tab) -> None:
    await feed(
        page,
        transcription("Hola a todos.", 13, 0, final=True),
        translation("Hola a todos.", final=True, held="repeats"),
        {"type": "speech_audio", "segment": 0, "state": "skipped", "reason": "held"},
        {"type": "utterance_end", "outcome": "failed", "reason": "held", "latency": {}},
    )
    held = page.page.locator("#subtitles .translation .held")
    assert await held.text_content() == "Hola a todos." and await held.get_attribute("lang") == "es"
    (note,) = await texts(page, ".note")
    assert "Could not be translated" in note and "left a part out" not in note
    said = await page.page.locator("#announcer p").all_text_contents()
    assert said == ["Ana: Hola a todos. (Could not be translated: shown as it was said)"]


async def test_utterances_of_one_sentence_are_one_line(page: Tab) -> None:
    later = {"utteranceId": "u2", "continues": "u1"}
    await feed(
        page,
        transcription("Puede acabar la prueba", 22, 0, final=True, confidence=0.9),
        translation("You may end the test", final=True),
        transcription("colgan", 0, 0, **later),
    )
    assert await page.page.locator("#subtitles li").count() == 1
    assert await texts(page, ".original .firm") == ["Puede acabar la prueba "]
    assert await texts(page, ".original .provisional") == ["colgan"]
    await feed(
        page,
        transcription("colgando.", 9, 1, final=True, confidence=0.7, **later),
        translation("by hanging up.", final=True, **later),
        {"type": "utterance_end", "outcome": "spoken", "latency": {"firstAudioMs": 400}},
        {"type": "utterance_end", "outcome": "spoken", "latency": {"firstAudioMs": 900}, "utteranceId": "u2"},
    )
    assert await texts(page, ".original") == ["Puede acabar la prueba colgando."]
    assert [" ".join(one.split()) for one in await texts(page, ".translation")] == [
        "You may end the test by hanging up."
    ]
    assert "0.4 s" in (await texts(page, ".note"))[0] and "70%" in (await texts(page, ".note"))[0]
    said = await page.page.locator("#announcer p").all_text_contents()
    assert said == ["Ana: You may end the test", "Ana: by hanging up."], "each is told once, as it comes"


async def test_noise_behind_a_sentence_leaves_the_sentence(page: Tab) -> None:
    later = {"utteranceId": "u2", "continues": "u1"}
    await feed(
        page,
        transcription("Puede acabar la prueba", 22, 0, final=True),
        transcription("eh", 0, 0, **later),
        transcription("", 0, 1, final=True, **later),
        {"type": "utterance_end", "outcome": "nothing_said", "latency": {}, "utteranceId": "u2"},
    )
    assert await texts(page, ".original") == ["Puede acabar la prueba"]


async def test_what_was_not_understood_between_two_pieces_parts_them_not(page: Tab) -> None:
    await feed(
        page,
        transcription("Puede acabar la prueba", 22, 0, final=True),
        transcription("", 0, 0, final=True, utteranceId="u2", continues="u1"),
        {"type": "utterance_end", "outcome": "refused", "latency": {}, "utteranceId": "u2"},
        transcription("colgando.", 9, 0, final=True, utteranceId="u3", continues="u1"),
        transcription("", 0, 1, final=True, utteranceId="u2", continues="u1"),
    )
    assert await texts(page, ".original") == ["Puede acabar la prueba colgando."]


async def test_what_goes_on_a_line_that_is_not_here_has_its_own(page: Tab) -> None:
    await feed(
        page,
        transcription("colgando.", 9, 0, final=True, continues="before this page was open"),
        transcription("Eso es todo.", 12, 0, final=True, utteranceId="u2"),
        transcription("y ya.", 5, 0, final=True, utteranceId="u3", continues="u3"),
    )
    assert await texts(page, ".original") == ["colgando.", "Eso es todo.", "y ya."]
