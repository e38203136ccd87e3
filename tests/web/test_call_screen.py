"""The call screen, with the server played by the test."""

from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio

from tests.kit.chromium import Browsers, Tab
from tests.kit.page_with_fake_server import (
    LANGUAGES,
    PARTNER,
    enter,
    feed,
    let_in,
    meet,
    set_stage,
    spoken,
    utterance,
)

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

STATISTICS = """stage.statistics = Object.entries({
    pair: { type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.042 },
    heard: { type: "inbound-rtp", kind: "audio", jitter: 0.004, packetsReceived: 900, packetsLost: 0,
             jitterBufferDelay: 36, jitterBufferEmittedCount: 800 },
})"""


@pytest_asyncio.fixture(loop_scope="session")
async def tab(browsers: Browsers, site_url: str) -> Tab:
    """Return a page on the stage, in a call with Luis."""
    tab = await browsers.tab()
    await set_stage(tab, site_url)
    await enter(tab)
    await meet(tab)
    return tab


async def sent(tab: Tab, kind: str) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = await tab.page.evaluate("stage.sent")
    return [message for message in messages if message["type"] == kind]


async def test_the_interpreter_is_seen_to_speak_and_how_far_behind(tab: Tab) -> None:
    assert await tab.page.inner_text("#interpreter-state") == "listening"
    messages = utterance(1, "them", "Hola.", "Hello.")
    start, end, over = spoken(1, "them")
    await feed(tab, *messages, start)
    assert await tab.page.inner_text("#interpreter-state") == "speaking to you · 0.5 s behind"
    assert await tab.page.locator(".translation .speaking").count() == 1
    assert await tab.page.evaluate("dragoman.state.mixer.ducking")
    await feed(tab, end, over)
    assert await tab.page.inner_text("#interpreter-state") == "listening"
    mine = utterance(2, "me", "Hello.", "Hola.", language="en", target="es")
    await feed(tab, *mine, spoken(2, "me")[0])
    assert await tab.page.inner_text("#interpreter-state") == "speaking to Luis · 0.5 s behind"
    assert not await tab.page.evaluate("dragoman.state.mixer.ducking"), "it speaks to him, and I hear nothing of it"


async def test_a_conversation_has_times_and_can_be_read_as_one_likes(tab: Tab) -> None:
    await feed(tab, *utterance(1, "them", "Hola.", "Hello.", startMs=83_000), *spoken(1, "them"))
    assert await tab.page.inner_text("#subtitles time") == "1:23"
    assert "94% sure" in await tab.page.inner_text("#subtitles .note")
    await tab.page.uncheck("#show-original")
    assert await tab.page.is_hidden("#subtitles .original")
    await tab.page.uncheck("#show-translation")
    assert await tab.page.is_hidden("#subtitles .translation")
    assert await tab.page.is_visible("#subtitles .original"), "something always can be read"
    size = "parseFloat(getComputedStyle(document.querySelector('#subtitles .original')).fontSize)"
    before = await tab.page.evaluate(size)
    await tab.page.fill("#size", "200")
    assert await tab.page.evaluate(size) == pytest.approx(2 * before)
    skipped = {"type": "speech_audio", "utteranceId": "u1", "segment": 0, "targetUserId": "me", "state": "skipped"}
    await feed(tab, skipped)
    assert "left a part out" in await tab.page.inner_text("#subtitles .note")


async def test_one_sentence_at_a_time_and_it_is_remembered(tab: Tab) -> None:
    await feed(tab, *utterance(1, "them", "Hola.", "Hello."), *utterance(2, "them", "Adiós.", "Goodbye."))
    shown = tab.page.locator("#subtitles .utterance:visible")
    assert await shown.count() == 2
    await tab.page.check("#single")
    assert await shown.count() == 1 and "Goodbye." in await shown.inner_text()
    await tab.page.reload()
    await enter(tab)
    await meet(tab)
    assert await tab.page.is_checked("#single")
    await feed(tab, *utterance(1, "them", "Hola.", "Hello."), *utterance(2, "them", "Adiós.", "Goodbye."))
    assert await shown.count() == 1
    await tab.page.uncheck("#single")
    assert await shown.count() == 2


async def test_the_one_sentence_is_the_one_that_changed_last(tab: Tab) -> None:
    """My "mm-hm" begins before the partner's translation comes, and ends after it."""
    said, translated = utterance(1, "them", "Hola.", "Hello.")
    shown = tab.page.locator("#subtitles .utterance:visible")
    await tab.page.check("#single")
    await feed(tab, said, *utterance(2, "me", "Mm-hm.", "Ajá.", language="en", target="es"))
    assert await shown.count() == 1 and "Mm-hm." in await shown.inner_text()
    await feed(tab, translated, *spoken(2, "me"))
    assert await shown.count() == 1 and "Hello." in await shown.inner_text()
    hm = utterance(3, "me", "Hm", None, language="en", final=False)[0]
    await feed(tab, hm)
    assert await shown.count() == 1 and "Hm" in await shown.inner_text()
    nothing = {**spoken(3, "me")[-1], "outcome": "nothing_said"}
    await feed(tab, {**hm, "text": "", "stableLength": 0, "revision": 1, "final": True}, nothing)
    assert await shown.count() == 1 and "Hello." in await shown.inner_text(), "what was not said hides nothing"


async def test_the_balance_is_remembered(tab: Tab) -> None:
    await tab.page.fill("#balance", "20")
    await tab.page.reload()
    await enter(tab)
    assert await tab.page.input_value("#balance") == "20"
    assert await tab.page.evaluate("dragoman.state.mixer.balance") == pytest.approx(0.2)


async def test_the_microphone_is_asked_for_with_echo_and_noise_taken_out(tab: Tab) -> None:
    settings = await tab.page.evaluate("stage.peers.at(-1).lines[0].sent.getSettings()")
    wanted = {"echoCancellation": True, "noiseSuppression": True, "autoGainControl": True, "channelCount": 1}
    assert {name: settings.get(name) for name in wanted} == wanted


async def test_where_the_time_went(tab: Tab) -> None:
    await tab.page.evaluate(STATISTICS)
    await tab.until("document.getElementById('quality').dataset.grade === 'good'", 3)
    assert "42 ms" in await tab.page.inner_text("#connection")
    await feed(tab, *utterance(1, "them", "Hola.", "Hello."), *spoken(1, "them", first_audio=690))
    rows = [" ".join(row.split()) for row in await tab.page.locator("#waterfall .stage").all_inner_texts()]
    assert rows == [
        "Noticing the end 380 ms", "Recognising 140 ms", "Translating 30 ms", "Voicing 60 ms", "Queueing 80 ms",
        "Network 21 ms", "Buffering 45 ms",
    ]  # fmt: skip
    assert await tab.page.inner_text("#waterfall .total b") == "0.8 s"
    edges = await tab.page.evaluate(
        "[...document.querySelectorAll('#waterfall .piece')].map((one) => one.getBoundingClientRect())"
        ".map(({ left, right }) => [left, right])"
    )
    for (_, end), (begin, _) in pairwise(edges):
        assert begin == pytest.approx(end, abs=2.5), "each stage begins where the one before ended"
    stats = await sent(tab, "client_stats")
    assert stats[0] | {"type": "", "channel": True} == {
        "type": "", "channel": True, "rttMs": 42, "jitterMs": 4, "packetsLost": 0, "concealedMs": 0,
        "playoutDelayMs": 45,
    }  # fmt: skip


async def test_what_was_heard_is_measured(tab: Tab) -> None:
    """The partner's tone stops; half a second later the interpreter's begins."""
    await tab.page.evaluate(STATISTICS)
    await tab.page.evaluate(
        """async () => {
            const peer = stage.peers.at(-1), wait = (ms) => new Promise((done) => setTimeout(done, ms));
            const partner = peer.sound(1, 0.1);
            await wait(600);
            globalThis.speaking = document.getElementById("partner").classList.contains("speaking");
            partner.stop();
            await wait(500);
            peer.sound(0, 0.1);
        }"""
    )
    assert await tab.page.evaluate("speaking"), "who speaks is seen"
    await tab.until("dragoman.state.people.heardMs > 0", 3)
    assert 300 < await tab.page.evaluate("dragoman.state.people.heardMs") < 900
    await tab.until("stage.sent.some(({ heardLatencyMs }) => heardLatencyMs > 0)", 8)


async def test_the_space_bar_talks(tab: Tab) -> None:
    await tab.page.check("#push-to-talk")
    enabled = "stage.peers.at(-1) && dragoman.call && document.getElementById('talk').classList.contains('held')"
    await tab.page.focus("#conversation")
    await tab.page.keyboard.down(" ")
    assert await tab.page.evaluate(enabled)
    await tab.page.keyboard.up(" ")
    await tab.until("stage.sent.some(({ type }) => type === 'end_utterance')", 2)
    await tab.page.focus("#say")
    await tab.page.keyboard.type("a b")
    assert await tab.page.input_value("#say") == "a b", "there a space is a space"
    assert len(await sent(tab, "end_utterance")) == 1
    await tab.page.check("#open-microphone")
    assert await tab.page.is_visible("#mute")


async def test_starting_over_by_the_button_or_the_key(tab: Tab) -> None:
    await tab.page.click("#start-over")
    assert len(await sent(tab, "start_over")) == 1
    assert "Say it again" in await tab.page.inner_text("#notice")
    await tab.page.focus("#conversation")
    await tab.page.keyboard.press("Backspace")
    assert len(await sent(tab, "start_over")) == 2
    await tab.page.keyboard.press("Control+Backspace")
    await tab.page.fill("#say", "ab")
    await tab.page.keyboard.press("Backspace")
    assert await tab.page.input_value("#say") == "a", "there it deletes a letter"
    assert len(await sent(tab, "start_over")) == 2
    await tab.page.evaluate("stage.peers.at(-1).channel.readyState = 'closed'")
    await tab.page.click("#start-over")
    assert "Not sent" in await tab.page.inner_text("#notice")


async def test_what_holds_in_the_call_is_asked_for_and_shown(tab: Tab) -> None:
    assert await sent(tab, "session_info") == [{"type": "session_info"}]
    assert await tab.page.is_hidden("#this-call")
    parts = {"speech": True, "typed": True, "spoken": True}
    info = {
        "type": "session_info", "expiresAt": 1_790_000_000_000, "viewers": 2,
        "interpretation": [
            {"speaker": "me", "listener": "them", "language": "es", **parts},
            {"speaker": "them", "listener": "me", "language": "en", **parts, "speech": False},
        ],
    }  # fmt: skip
    await tab.page.evaluate("info => stage.tell(info)", info)
    await tab.page.wait_for_selector("#this-call:visible")
    rows = await tab.page.locator("#info > div").all_inner_texts()
    shown = dict(row.split("\n", 1) for row in rows)
    at = await tab.page.evaluate(
        "new Date(1790000000000).toLocaleTimeString('en', { hour: 'numeric', minute: '2-digit' })"
    )
    assert shown == {
        "Your words for Luis": "spoken and written", "Luis’s words for you": "only what is typed",
        "Ends at the latest": at, "Reading along": "2",
    }  # fmt: skip
    await tab.page.evaluate("stage.sockets.at(-1).onclose({ code: 1006, reason: '' })")
    await tab.until("stage.sent.filter(({ type }) => type === 'join_session').length === 2")
    await let_in(tab, partner=PARTNER)
    assert len(await sent(tab, "session_info")) == 2, "a new socket asks anew"
    await tab.page.evaluate("stage.tell({ type: 'session_ended', reason: 'partner_left' })")
    await tab.page.click("#again")
    await tab.page.click("#create-button")
    await tab.page.wait_for_selector("#call:visible")
    assert await tab.page.locator("#this-call:not([hidden]), #info > div").count() == 0, "it held in the call before"


PLACES = "[...document.querySelectorAll('#call .bar, #conversation, #say')].map((one) => one.getBoundingClientRect().y)"


async def test_that_i_type_is_told_and_not_what(tab: Tab) -> None:
    await tab.page.type("#say", "Hello")
    assert await sent(tab, "typing") == [{"channel": True, "type": "typing", "on": True}], "once, for five letters"
    await tab.page.fill("#say", " ")
    assert [one["on"] for one in await sent(tab, "typing")] == [True, False]
    await tab.page.fill("#say", "Hello")
    await tab.page.keyboard.press("Enter")
    await tab.page.type("#say", "And")
    assert [one["on"] for one in await sent(tab, "typing")] == [True, False, True, True], "a text that is sent ends it"


async def test_a_partner_who_types_is_shown_and_nothing_moves(tab: Tab) -> None:
    await tab.page.focus("#say")
    before = await tab.page.evaluate(PLACES)
    await feed(tab, {"type": "typing", "sourceUserId": "them", "on": True})
    assert await tab.page.inner_text("#partner") == "L\nLuis\ntyping…"
    assert await tab.page.get_attribute("#typing", "role") == "status", "a screen reader says it when it can"
    assert await tab.page.is_hidden("#partner-state")
    assert await tab.page.evaluate(PLACES) == before
    assert await tab.page.evaluate("document.activeElement.id") == "say"
    assert await tab.page.locator("#subtitles .utterance").count() == 0
    await feed(tab, {"type": "typing", "sourceUserId": "them", "on": False})
    assert await tab.page.inner_text("#typing") == "" and await tab.page.is_visible("#partner-state")
    assert await tab.page.evaluate("document.activeElement.id") == "say"


async def test_alone_there_is_nothing_to_start_over(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await set_stage(tab, site_url)
    await enter(tab)
    assert await tab.page.is_hidden("#start-over")
    await tab.page.focus("#hang-up")
    await tab.page.keyboard.press("Backspace")
    assert not await sent(tab, "start_over")


async def test_the_language_follows_what_is_spoken_if_one_wants(tab: Tab) -> None:
    assert not (await sent(tab, "join_session"))[-1]["detect"]
    await tab.page.check("#detect")
    asked = [(one["language"], one["detect"]) for one in await sent(tab, "set_language")]
    assert asked == [("en", True)]
    await tab.page.evaluate("stage.tell({ type: 'language_detected', language: 'es' })")
    await tab.until("document.getElementById('call-language').value === 'es'")
    assert await tab.page.inner_text("#notice") == "You speak Español now: it was changed for you."
    assert len(await sent(tab, "set_language")) == 1, "the server knows"
    await tab.page.evaluate("stage.sockets.at(-1).onclose({ code: 1006, reason: '' })")
    await tab.until("stage.sent.filter(({ type }) => type === 'join_session').length === 2")
    again = (await sent(tab, "join_session"))[-1]
    assert (again["language"], again["detect"]) == ("es", True)
    await tab.page.select_option("#call-language", "ar")
    await tab.page.reload()
    await enter(tab)
    assert (await sent(tab, "join_session"))[-1]["detect"], "it is remembered for the next call"
    await tab.page.uncheck("#detect")
    assert not (await sent(tab, "set_language"))[-1]["detect"]


async def test_language_and_microphone_change_in_mid_call(tab: Tab) -> None:
    await tab.page.select_option("#call-language", "ar")
    assert [one["language"] for one in await sent(tab, "set_language")] == ["ar"]
    await tab.until("document.querySelectorAll('#call-microphone option').length > 1")
    other = await tab.page.locator("#call-microphone option").nth(1).get_attribute("value")
    await tab.page.select_option("#call-microphone", other)
    await tab.until("stage.microphone?.readyState === 'live'")
    assert await tab.page.evaluate("stage.microphone.getSettings().deviceId") == other
    assert len(await sent(tab, "offer")) == 1, "another microphone needs no new offer"


async def test_the_voice_of_the_interpreter_is_chosen_and_remembered(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await set_stage(tab, site_url)
    await enter(tab)
    await meet(tab)
    await tab.until("document.getElementById('call-voice').options.length === 3")
    names = await tab.page.locator("#call-voice option").all_inner_texts()
    assert names == ["The server’s choice", "Emma", "Oliver"]
    assert await sent(tab, "set_voice") == [], "who never chose says nothing"
    await tab.page.select_option("#call-voice", "en-gb#2")
    assert await sent(tab, "set_voice") == [{"type": "set_voice", "voice": "en-gb#2"}]
    await tab.page.select_option("#call-language", "ar")
    await tab.until("document.getElementById('call-voice').hidden")
    await tab.page.select_option("#call-language", "en")
    await tab.until("stage.sent.filter(({ type }) => type === 'set_voice').length === 2")
    assert (await sent(tab, "set_voice"))[1]["voice"] == "en-gb#2"
    assert await tab.page.input_value("#call-voice") == "en-gb#2"


async def test_another_voice_than_usual_is_not_called_overload(tab: Tab) -> None:
    await feed(tab, {"type": "status", "level": "degraded", "lagMs": 0, "message": "the usual voice fails"})
    assert "may sound different" in await tab.page.inner_text("#notice")
    for level, lag in (("ok", 0), ("degraded", 7000)):
        await feed(tab, {"type": "status", "level": level, "lagMs": lag})
    assert "overloaded" in await tab.page.inner_text("#notice")


async def test_why_nobody_hears_me_is_shown_until_it_is_over(tab: Tab) -> None:
    shown = {"type": "status", "level": "degraded", "lagMs": 0, "reason": "media_not_authenticated", "message": "x"}
    await feed(tab, shown)
    assert "can’t decrypt your sound" in await tab.page.inner_text("#notice")
    await feed(tab, {"type": "status", "level": "ok", "lagMs": 0})
    assert "can’t decrypt" in await tab.page.inner_text("#notice"), "load is another matter"
    await tab.page.evaluate("message => stage.tell(message)", shown | {"reason": "no_subtitles_channel"})
    assert "Subtitles can’t reach you" in await tab.page.inner_text("#notice"), "the socket says it, too"
    for reason in ("no_subtitles_channel", "media_not_authenticated"):
        await feed(tab, shown | {"level": "ok", "reason": reason})
    assert "works again" in await tab.page.inner_text("#notice")
    await feed(tab, shown | {"reason": "of_tomorrow"})
    assert "of_tomorrow" in await tab.page.inner_text("#notice")
    await tab.page.evaluate("stage.sent.length = 0; stage.sockets.at(-1).onclose({ code: 1006, reason: '' })")
    await tab.until("stage.sent.some(({ type }) => type === 'join_session')")
    await let_in(tab, partner=PARTNER)
    notice = await tab.page.inner_text("#notice")
    assert notice == "The connection is back." and await tab.page.evaluate("dragoman.call.state.reasons") == []


async def test_that_others_read_along_is_told(tab: Tab) -> None:
    await tab.page.evaluate("stage.tell({ type: 'viewers', count: 2 })")
    await tab.until("document.getElementById('notice').innerText.includes('read the subtitles of this call (2)')")


async def test_a_busy_server_is_told(tab: Tab) -> None:
    await feed(tab, {"type": "status", "level": "busy", "lagMs": 2300})
    assert "later than usual" in await tab.page.inner_text("#notice")
    assert "2.3 s late" in await tab.page.inner_text("#connection")


async def test_a_partner_who_vanishes_and_leaves(tab: Tab) -> None:
    await tab.page.evaluate("stage.tell({ type: 'partner_disconnected', participantId: 'them' })")
    await tab.until("document.getElementById('partner-state').textContent.includes('lost the connection')")
    metrics = {"durationMs": 83000, "utterances": 4, "spoken": 3, "failed": 1, "firstAudioMs": {"p50": 690}}
    ended = {"type": "session_ended", "reason": "partner_lost", "metrics": metrics}
    await tab.page.evaluate("message => stage.tell(message)", ended)
    await tab.page.wait_for_selector("#ended:visible")
    assert "did not come back" in await tab.page.inner_text("#ended-reason")
    tiles = await tab.page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#summary div')]"
        ".map((one) => [one.querySelector('dt').textContent, one.querySelector('dd').textContent]))"
    )
    assert tiles == {
        "Duration": "1:23", "Sentences": "4", "Interpreted aloud": "3", "Failed": "1", "Typically heard after": "0.7 s",
    }  # fmt: skip
    await tab.page.click("#again")
    assert await tab.page.is_visible("#start")


async def test_an_unplugged_microphone_is_replaced(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await tab.page.add_init_script(
        """
        globalThis.streams = [];
        const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => {
            streams.push(await open(wanted));
            return streams.at(-1);
        };
        """
    )
    await set_stage(tab, site_url)
    await enter(tab)
    await tab.page.evaluate("streams[0].getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    await tab.until("streams.length === 2 && stage.microphone === streams[1].getAudioTracks()[0]")
    assert "Another one is in use now" in await tab.page.inner_text("#notice")


async def test_the_transcript_is_copied_and_saved(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab(permissions=["microphone", "clipboard-read", "clipboard-write"])
    await set_stage(tab, site_url)
    await enter(tab)
    await meet(tab)
    await feed(tab, *utterance(1, "them", "¿Qué tal, señor?", "مرحبا <&>"), *spoken(1, "them"))
    await tab.page.evaluate("stage.tell({ type: 'session_ended', reason: 'partner_left' })")
    await tab.page.wait_for_selector("#transcript:visible")
    for kind, beginning in {"vtt": "WEBVTT", "srt": "1\n00:00:09,000", "txt": "[00:00:09] Luis:", "json": "{"}.items():
        async with tab.page.expect_download() as download:
            await tab.page.click(f"[data-format={kind}]")
        file = await download.value
        assert file.suggested_filename.endswith(f".{kind}")
        text = (await file.path()).read_bytes().decode("utf-8")
        assert text.startswith(beginning)
        assert "¿Qué tal, señor?" in text
        assert "مرحبا" in text
    await tab.page.click("#copy-transcript")
    await tab.until("document.getElementById('transcript-copied').textContent !== ''")
    assert "¿Qué tal, señor?" in await tab.page.evaluate("navigator.clipboard.readText()")


WAKING = {
    "a frozen tab goes on": "document.dispatchEvent(new Event('resume'))",
    "the tab is looked at again": "document.dispatchEvent(new Event('visibilitychange'))",
    "the network is another one": "dispatchEvent(new Event('online'))",
    "the lid was closed": "{ const now = Date.now; Date.now = () => now() + 60000; }",
}


async def test_waking_up_looks_whether_the_line_is_still_there(tab: Tab) -> None:
    partner = {"participantId": "them", "displayName": "Luis", "language": "es", "connected": True}
    for number, (name, event) in enumerate(WAKING.items(), 2):
        await tab.page.evaluate("stage.answersHeartbeats = false")
        await tab.page.evaluate(f"(() => {{ {event} }})()")
        await tab.until(f"stage.sockets.length === {number}", 6)  # each soon after another waits a little longer
        assert await tab.page.inner_text("#connection-state") == "Connection lost. Reconnecting…", name
        await tab.page.evaluate("stage.answersHeartbeats = true")
        await tab.page.evaluate("stage.sent.length = 0")
        await let_in(tab, partner=partner)
        assert await tab.page.inner_text("#connection-state") == "Connected", name
        assert "The connection is back" in await tab.page.inner_text("#notice")


async def test_what_others_write_is_text(browsers: Browsers, site_url: str) -> None:
    """A partner's name, both texts of an utterance, an error's message, who asks to be let in."""
    evil = "<img src=x onerror=\"document.title='owned'\"><b>hola</b>"
    tab = await browsers.tab()
    await set_stage(tab, site_url)
    await enter(tab)
    await tab.page.evaluate(
        "displayName => stage.tell({ type: 'join_request', participantId: 'x', displayName })", evil
    )
    await tab.page.wait_for_selector("#knock[open]")
    assert evil in await tab.page.inner_text("#knock-title")
    await tab.page.click("#let-in")
    await meet(tab, displayName=evil)
    await feed(tab, *utterance(1, "them", evil, evil), *spoken(1, "them"))
    await feed(tab, {"type": "error", "code": evil, "message": evil})
    await tab.page.fill("#say", evil)
    await tab.page.press("#say", "Enter")
    assert (await sent(tab, "say"))[0]["text"] == evil
    await tab.page.evaluate("stage.tell({ type: 'session_ended', reason: 'partner_left' })")
    await tab.page.wait_for_selector("#ended:visible")
    assert evil in await tab.page.inner_text("#transcript-lines")
    made = "#call img, #call b b, #subtitles b, #ended img, #ended b, #knock img, #knock b"
    assert await tab.page.locator(made).count() == 0
    assert await tab.page.title() == "Dragoman"
    assert not tab.complaints


async def test_who_is_not_recognised_is_shown_as_such_on_both_sides(tab: Tab) -> None:
    shown = {"type": "status", "level": "degraded", "lagMs": 0, "reason": "not_interpreted", "message": "x"}
    await feed(tab, shown)
    assert "what you say is not interpreted" in await tab.page.inner_text("#notice")
    assert await tab.page.inner_text("#partner .language") == "Español"
    change = {"type": "partner_language", "participantId": "them", "language": "fr"}
    await tab.page.evaluate("message => stage.tell(message)", change)
    await tab.until("document.querySelector('#partner .language').innerText.includes('not understood')")
    assert await tab.page.inner_text("#partner .language") == "Français (typed, not understood)"


async def test_a_rough_translation_is_said_to_be_rough(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await set_stage(tab, site_url, languages=LANGUAGES | {"gist": [["ar", "es"], ["es", "en"]]})
    assert "Only roughly: Español." in await tab.page.inner_text("#abilities")
    await enter(tab)
    await meet(tab)
    await tab.until("document.getElementById('notice').innerText.includes('languages is rough')")
